//! Random AlterUserScramCredentials messages, and their JSON.
//!
//! Generated from `net/wire/messages/alter_user_scram_credentials.txt`.

use net_wire::messages::alter_user_scram_credentials as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::AlterUserScramCredentialsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.deletions = dice.field("deletions", v);
        it.upsertions = dice.field("upsertions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("deletions".to_owned(), self.deletions.json(v));
        it.insert("upsertions".to_owned(), self.upsertions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ScramCredentialDeletion {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.mechanism = dice.field("mechanism", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("mechanism".to_owned(), self.mechanism.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ScramCredentialUpsertion {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.mechanism = dice.field("mechanism", v);
        it.iterations = dice.field("iterations", v);
        it.salt = dice.field("salt", v);
        it.salted_password = dice.field("salted_password", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("mechanism".to_owned(), self.mechanism.json(v));
        it.insert("iterations".to_owned(), self.iterations.json(v));
        it.insert("salt".to_owned(), self.salt.json(v));
        it.insert("saltedPassword".to_owned(), self.salted_password.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AlterUserScramCredentialsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.results = dice.field("results", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("results".to_owned(), self.results.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AlterUserScramCredentialsResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.user = dice.field("user", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("user".to_owned(), self.user.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        Value::Object(it)
    }
}
