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
        it.deletions = Sample::random(dice, v);
        it.upsertions = Sample::random(dice, v);
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
        it.name = Sample::random(dice, v);
        it.mechanism = Sample::random(dice, v);
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
        it.name = Sample::random(dice, v);
        it.mechanism = Sample::random(dice, v);
        it.iterations = Sample::random(dice, v);
        it.salt = Sample::random(dice, v);
        it.salted_password = Sample::random(dice, v);
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
        it.throttle_time_ms = Sample::random(dice, v);
        it.results = Sample::random(dice, v);
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
        it.user = Sample::random(dice, v);
        it.error_code = Sample::random(dice, v);
        it.error_message = dice.nullable(true, v);
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
