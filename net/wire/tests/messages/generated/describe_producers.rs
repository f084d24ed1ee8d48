//! Random DescribeProducers messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_producers.txt`.

use net_wire::messages::describe_producers as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeProducersRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TopicRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.partition_indexes = dice.field("partition_indexes", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("partitionIndexes".to_owned(), self.partition_indexes.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeProducersResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TopicResponse {
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

impl Sample for m::PartitionResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.active_producers = dice.field("active_producers", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("activeProducers".to_owned(), self.active_producers.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ProducerState {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.producer_id = dice.field("producer_id", v);
        it.producer_epoch = dice.field("producer_epoch", v);
        it.last_sequence = dice.field("last_sequence", v);
        it.last_timestamp = dice.field("last_timestamp", v);
        it.coordinator_epoch = dice.field("coordinator_epoch", v);
        it.current_txn_start_offset = dice.field("current_txn_start_offset", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        it.insert("lastSequence".to_owned(), self.last_sequence.json(v));
        it.insert("lastTimestamp".to_owned(), self.last_timestamp.json(v));
        it.insert("coordinatorEpoch".to_owned(), self.coordinator_epoch.json(v));
        it.insert("currentTxnStartOffset".to_owned(), self.current_txn_start_offset.json(v));
        Value::Object(it)
    }
}
