//! Random AddPartitionsToTxn messages, and their JSON.
//!
//! Generated from `net/wire/messages/add_partitions_to_txn.txt`.

use net_wire::messages::add_partitions_to_txn as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::AddPartitionsToTxnRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 4 {
            it.transactions = dice.field("transactions", v);
        }
        if v <= 3 {
            it.v3_and_below_transactional_id = dice.field("v3_and_below_transactional_id", v);
        }
        if v <= 3 {
            it.v3_and_below_producer_id = dice.field("v3_and_below_producer_id", v);
        }
        if v <= 3 {
            it.v3_and_below_producer_epoch = dice.field("v3_and_below_producer_epoch", v);
        }
        if v <= 3 {
            it.v3_and_below_topics = dice.field("v3_and_below_topics", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 4 {
            it.insert("transactions".to_owned(), self.transactions.json(v));
        }
        if v <= 3 {
            it.insert(
                "v3AndBelowTransactionalId".to_owned(),
                self.v3_and_below_transactional_id.json(v),
            );
        }
        if v <= 3 {
            it.insert("v3AndBelowProducerId".to_owned(), self.v3_and_below_producer_id.json(v));
        }
        if v <= 3 {
            it.insert(
                "v3AndBelowProducerEpoch".to_owned(),
                self.v3_and_below_producer_epoch.json(v),
            );
        }
        if v <= 3 {
            it.insert("v3AndBelowTopics".to_owned(), self.v3_and_below_topics.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::AddPartitionsToTxnTransaction {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_id = dice.field("transactional_id", v);
        it.producer_id = dice.field("producer_id", v);
        it.producer_epoch = dice.field("producer_epoch", v);
        it.verify_only = dice.field("verify_only", v);
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        it.insert("verifyOnly".to_owned(), self.verify_only.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AddPartitionsToTxnTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AddPartitionsToTxnResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        if v >= 4 {
            it.error_code = dice.field("error_code", v);
        }
        if v >= 4 {
            it.results_by_transaction = dice.field("results_by_transaction", v);
        }
        if v <= 3 {
            it.results_by_topic_v3_and_below = dice.field("results_by_topic_v3_and_below", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        if v >= 4 {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        if v >= 4 {
            it.insert("resultsByTransaction".to_owned(), self.results_by_transaction.json(v));
        }
        if v <= 3 {
            it.insert(
                "resultsByTopicV3AndBelow".to_owned(),
                self.results_by_topic_v3_and_below.json(v),
            );
        }
        Value::Object(it)
    }
}

impl Sample for m::AddPartitionsToTxnResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_id = dice.field("transactional_id", v);
        it.topic_results = dice.field("topic_results", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("topicResults".to_owned(), self.topic_results.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AddPartitionsToTxnTopicResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.results_by_partition = dice.field("results_by_partition", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("resultsByPartition".to_owned(), self.results_by_partition.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AddPartitionsToTxnPartitionResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.partition_error_code = dice.field("partition_error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("partitionErrorCode".to_owned(), self.partition_error_code.json(v));
        Value::Object(it)
    }
}
