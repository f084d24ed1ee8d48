//! Random ListTransactions messages, and their JSON.
//!
//! Generated from `net/wire/messages/list_transactions.txt`.

use net_wire::messages::list_transactions as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ListTransactionsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.state_filters = dice.field("state_filters", v);
        it.producer_id_filters = dice.field("producer_id_filters", v);
        if v >= 1 {
            it.duration_filter = dice.field("duration_filter", v);
        }
        if v >= 2 {
            it.transactional_id_pattern = dice.nullable("transactional_id_pattern", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("stateFilters".to_owned(), self.state_filters.json(v));
        it.insert("producerIdFilters".to_owned(), self.producer_id_filters.json(v));
        if v >= 1 {
            it.insert("durationFilter".to_owned(), self.duration_filter.json(v));
        }
        if v >= 2 {
            it.insert("transactionalIdPattern".to_owned(), self.transactional_id_pattern.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ListTransactionsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.unknown_state_filters = dice.field("unknown_state_filters", v);
        it.transaction_states = dice.field("transaction_states", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("unknownStateFilters".to_owned(), self.unknown_state_filters.json(v));
        it.insert("transactionStates".to_owned(), self.transaction_states.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TransactionState {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_id = dice.field("transactional_id", v);
        it.producer_id = dice.field("producer_id", v);
        it.transaction_state = dice.field("transaction_state", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("transactionState".to_owned(), self.transaction_state.json(v));
        Value::Object(it)
    }
}
