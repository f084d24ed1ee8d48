//! Random CreatePartitions messages, and their JSON.
//!
//! Generated from `net/wire/messages/create_partitions.txt`.

use net_wire::messages::create_partitions as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::CreatePartitionsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topics = dice.field("topics", v);
        it.timeout_ms = dice.field("timeout_ms", v);
        it.validate_only = dice.field("validate_only", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topics".to_owned(), self.topics.json(v));
        it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        it.insert("validateOnly".to_owned(), self.validate_only.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreatePartitionsTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.count = dice.field("count", v);
        it.assignments = dice.nullable("assignments", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("count".to_owned(), self.count.json(v));
        it.insert("assignments".to_owned(), self.assignments.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreatePartitionsAssignment {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.broker_ids = dice.field("broker_ids", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("brokerIds".to_owned(), self.broker_ids.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreatePartitionsResponse {
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

impl Sample for m::CreatePartitionsTopicResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        Value::Object(it)
    }
}
