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
        it.transactional_ids = Sample::random(dice, v);
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
        it.throttle_time_ms = Sample::random(dice, v);
        it.transaction_states = Sample::random(dice, v);
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
        it.error_code = Sample::random(dice, v);
        it.transactional_id = Sample::random(dice, v);
        it.transaction_state = Sample::random(dice, v);
        it.transaction_timeout_ms = Sample::random(dice, v);
        it.transaction_start_time_ms = Sample::random(dice, v);
        it.producer_id = Sample::random(dice, v);
        it.producer_epoch = Sample::random(dice, v);
        it.topics = Sample::random(dice, v);
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
        it.topic = Sample::random(dice, v);
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topic".to_owned(), self.topic.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}
