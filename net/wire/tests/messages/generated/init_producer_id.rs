//! Random InitProducerId messages, and their JSON.
//!
//! Generated from `net/wire/messages/init_producer_id.txt`.

use net_wire::messages::init_producer_id as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::InitProducerIdRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_id = dice.nullable("transactional_id", true, v);
        it.transaction_timeout_ms = dice.field("transaction_timeout_ms", v);
        if v >= 3 {
            it.producer_id = dice.field("producer_id", v);
        }
        if v >= 3 {
            it.producer_epoch = dice.field("producer_epoch", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("transactionTimeoutMs".to_owned(), self.transaction_timeout_ms.json(v));
        if v >= 3 {
            it.insert("producerId".to_owned(), self.producer_id.json(v));
        }
        if v >= 3 {
            it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::InitProducerIdResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.producer_id = dice.field("producer_id", v);
        it.producer_epoch = dice.field("producer_epoch", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        Value::Object(it)
    }
}
