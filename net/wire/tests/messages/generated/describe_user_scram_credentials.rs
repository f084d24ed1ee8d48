//! Random DescribeUserScramCredentials messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_user_scram_credentials.txt`.

use net_wire::messages::describe_user_scram_credentials as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeUserScramCredentialsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.users = dice.nullable("users", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("users".to_owned(), self.users.json(v));
        Value::Object(it)
    }
}

impl Sample for m::UserName {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeUserScramCredentialsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.results = dice.field("results", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("results".to_owned(), self.results.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeUserScramCredentialsResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.user = dice.field("user", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.credential_infos = dice.field("credential_infos", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("user".to_owned(), self.user.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("credentialInfos".to_owned(), self.credential_infos.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CredentialInfo {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.mechanism = dice.field("mechanism", v);
        it.iterations = dice.field("iterations", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("mechanism".to_owned(), self.mechanism.json(v));
        it.insert("iterations".to_owned(), self.iterations.json(v));
        Value::Object(it)
    }
}
