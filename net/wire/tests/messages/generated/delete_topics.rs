//! Random DeleteTopics messages, and their JSON.
//!
//! Generated from `net/wire/messages/delete_topics.txt`.

use net_wire::messages::delete_topics as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DeleteTopicsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 6 {
            it.topics = dice.field("topics", v);
        }
        if v <= 5 {
            it.topic_names = dice.field("topic_names", v);
        }
        it.timeout_ms = dice.field("timeout_ms", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 6 {
            it.insert("topics".to_owned(), self.topics.json(v));
        }
        if v <= 5 {
            it.insert("topicNames".to_owned(), self.topic_names.json(v));
        }
        it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DeleteTopicState {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.nullable("name", true, v);
        it.topic_id = dice.field("topic_id", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("topicId".to_owned(), self.topic_id.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DeleteTopicsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.responses = dice.field("responses", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("responses".to_owned(), self.responses.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DeletableTopicResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.nullable("name", v >= 6, v);
        if v >= 6 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.error_code = dice.field("error_code", v);
        if v >= 5 {
            it.error_message = dice.nullable("error_message", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        if v >= 6 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        if v >= 5 {
            it.insert("errorMessage".to_owned(), self.error_message.json(v));
        }
        Value::Object(it)
    }
}
