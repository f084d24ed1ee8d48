//! Random SaslHandshake messages, and their JSON.
//!
//! Generated from `net/wire/messages/sasl_handshake.txt`.

use net_wire::messages::sasl_handshake as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::SaslHandshakeRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.mechanism = dice.field("mechanism", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("mechanism".to_owned(), self.mechanism.json(v));
        Value::Object(it)
    }
}

impl Sample for m::SaslHandshakeResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.mechanisms = dice.field("mechanisms", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("mechanisms".to_owned(), self.mechanisms.json(v));
        Value::Object(it)
    }
}
