//! Random DescribeTransactions messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_transactions.txt`.

use net_wire::messages::describe_transactions as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeTransactionsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_ids = dice.field("transactional_ids", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalIds".to_owned(), self.transactional_ids.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeTransactionsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.transaction_states = dice.field("transaction_states", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("transactionStates".to_owned(), self.transaction_states.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TransactionState {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.transactional_id = dice.field("transactional_id", v);
        it.transaction_state = dice.field("transaction_state", v);
        it.transaction_timeout_ms = dice.field("transaction_timeout_ms", v);
        it.transaction_start_time_ms = dice.field("transaction_start_time_ms", v);
        it.producer_id = dice.field("producer_id", v);
        it.producer_epoch = dice.field("producer_epoch", v);
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("transactionState".to_owned(), self.transaction_state.json(v));
        it.insert("transactionTimeoutMs".to_owned(), self.transaction_timeout_ms.json(v));
        it.insert("transactionStartTimeMs".to_owned(), self.transaction_start_time_ms.json(v));
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TopicData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic = dice.field("topic", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topic".to_owned(), self.topic.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}
