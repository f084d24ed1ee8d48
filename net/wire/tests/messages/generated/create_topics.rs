//! Random CreateTopics messages, and their JSON.
//!
//! Generated from `net/wire/messages/create_topics.txt`.

use net_wire::messages::create_topics as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::CreateTopicsRequest {
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

impl Sample for m::CreatableTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.num_partitions = dice.field("num_partitions", v);
        it.replication_factor = dice.field("replication_factor", v);
        it.assignments = dice.field("assignments", v);
        it.configs = dice.field("configs", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("numPartitions".to_owned(), self.num_partitions.json(v));
        it.insert("replicationFactor".to_owned(), self.replication_factor.json(v));
        it.insert("assignments".to_owned(), self.assignments.json(v));
        it.insert("configs".to_owned(), self.configs.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreatableReplicaAssignment {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.broker_ids = dice.field("broker_ids", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("brokerIds".to_owned(), self.broker_ids.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreatableTopicConfig {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.value = dice.nullable("value", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreateTopicsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreatableTopicResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        if v >= 7 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        if v >= 5 {
            it.topic_config_error_code = dice.field("topic_config_error_code", v);
        }
        if v >= 5 {
            it.num_partitions = dice.field("num_partitions", v);
        }
        if v >= 5 {
            it.replication_factor = dice.field("replication_factor", v);
        }
        if v >= 5 {
            it.configs = dice.nullable("configs", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        if v >= 7 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        if v >= 5 && self.topic_config_error_code != 0 {
            it.insert("topicConfigErrorCode".to_owned(), self.topic_config_error_code.json(v));
        }
        if v >= 5 {
            it.insert("numPartitions".to_owned(), self.num_partitions.json(v));
        }
        if v >= 5 {
            it.insert("replicationFactor".to_owned(), self.replication_factor.json(v));
        }
        if v >= 5 {
            it.insert("configs".to_owned(), self.configs.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::CreatableTopicConfigs {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.value = dice.nullable("value", true, v);
        it.read_only = dice.field("read_only", v);
        it.config_source = dice.field("config_source", v);
        it.is_sensitive = dice.field("is_sensitive", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        it.insert("readOnly".to_owned(), self.read_only.json(v));
        it.insert("configSource".to_owned(), self.config_source.json(v));
        it.insert("isSensitive".to_owned(), self.is_sensitive.json(v));
        Value::Object(it)
    }
}
