//! Random SaslAuthenticate messages, and their JSON.
//!
//! Generated from `net/wire/messages/sasl_authenticate.txt`.

use net_wire::messages::sasl_authenticate as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::SaslAuthenticateRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.auth_bytes = dice.field("auth_bytes", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("authBytes".to_owned(), self.auth_bytes.json(v));
        Value::Object(it)
    }
}

impl Sample for m::SaslAuthenticateResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.auth_bytes = dice.field("auth_bytes", v);
        if v >= 1 {
            it.session_lifetime_ms = dice.field("session_lifetime_ms", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("authBytes".to_owned(), self.auth_bytes.json(v));
        if v >= 1 {
            it.insert("sessionLifetimeMs".to_owned(), self.session_lifetime_ms.json(v));
        }
        Value::Object(it)
    }
}
