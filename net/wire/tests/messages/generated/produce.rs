//! Random Produce messages, and their JSON.
//!
//! Generated from `net/wire/messages/produce.txt`.

use net_wire::messages::produce as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ProduceRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_id = dice.nullable("transactional_id", true, v);
        it.acks = dice.field("acks", v);
        it.timeout_ms = dice.field("timeout_ms", v);
        it.topic_data = dice.field("topic_data", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("acks".to_owned(), self.acks.json(v));
        it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        it.insert("topicData".to_owned(), self.topic_data.json(v));
        Value::Object(it)
    }

    fn records(&self, found: &mut Vec<net_wire::FrameRange>) {
        self.topic_data.records(found);
    }
}

impl Sample for m::TopicProduceData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 12 {
            it.name = dice.field("name", v);
        }
        if v >= 13 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partition_data = dice.field("partition_data", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 12 {
            it.insert("name".to_owned(), self.name.json(v));
        }
        if v >= 13 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitionData".to_owned(), self.partition_data.json(v));
        Value::Object(it)
    }

    fn records(&self, found: &mut Vec<net_wire::FrameRange>) {
        self.partition_data.records(found);
    }
}

impl Sample for m::PartitionProduceData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.index = dice.field("index", v);
        it.records = dice.nullable("records", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("index".to_owned(), self.index.json(v));
        let key = if self.records.is_some() {
            "recordsSizeInBytes".to_owned()
        } else {
            "records".to_owned()
        };
        it.insert(key, self.records.json(v));
        Value::Object(it)
    }

    fn records(&self, found: &mut Vec<net_wire::FrameRange>) {
        self.records.records(found);
    }
}

impl Sample for m::ProduceResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.responses = dice.field("responses", v);
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        if v >= 10 {
            it.node_endpoints = dice.field("node_endpoints", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("responses".to_owned(), self.responses.json(v));
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        if v >= 10 && !self.node_endpoints.is_empty() {
            it.insert("nodeEndpoints".to_owned(), self.node_endpoints.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::TopicProduceResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 12 {
            it.name = dice.field("name", v);
        }
        if v >= 13 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partition_responses = dice.field("partition_responses", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 12 {
            it.insert("name".to_owned(), self.name.json(v));
        }
        if v >= 13 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitionResponses".to_owned(), self.partition_responses.json(v));
        Value::Object(it)
    }
}

impl Sample for m::PartitionProduceResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.index = dice.field("index", v);
        it.error_code = dice.field("error_code", v);
        it.base_offset = dice.field("base_offset", v);
        it.log_append_time_ms = dice.field("log_append_time_ms", v);
        if v >= 5 {
            it.log_start_offset = dice.field("log_start_offset", v);
        }
        if v >= 8 {
            it.record_errors = dice.field("record_errors", v);
        }
        if v >= 8 {
            it.error_message = dice.nullable("error_message", true, v);
        }
        if v >= 10 {
            it.current_leader = dice.field("current_leader", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("index".to_owned(), self.index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("baseOffset".to_owned(), self.base_offset.json(v));
        it.insert("logAppendTimeMs".to_owned(), self.log_append_time_ms.json(v));
        if v >= 5 {
            it.insert("logStartOffset".to_owned(), self.log_start_offset.json(v));
        }
        if v >= 8 {
            it.insert("recordErrors".to_owned(), self.record_errors.json(v));
        }
        if v >= 8 {
            it.insert("errorMessage".to_owned(), self.error_message.json(v));
        }
        if v >= 10 && self.current_leader != m::LeaderIdAndEpoch::default() {
            it.insert("currentLeader".to_owned(), self.current_leader.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::BatchIndexAndErrorMessage {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.batch_index = dice.field("batch_index", v);
        it.batch_index_error_message = dice.nullable("batch_index_error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("batchIndex".to_owned(), self.batch_index.json(v));
        it.insert("batchIndexErrorMessage".to_owned(), self.batch_index_error_message.json(v));
        Value::Object(it)
    }
}

impl Sample for m::LeaderIdAndEpoch {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.leader_id = dice.field("leader_id", v);
        it.leader_epoch = dice.field("leader_epoch", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("leaderId".to_owned(), self.leader_id.json(v));
        it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        Value::Object(it)
    }
}

impl Sample for m::NodeEndpoint {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.node_id = dice.field("node_id", v);
        it.host = dice.field("host", v);
        it.port = dice.field("port", v);
        it.rack = dice.nullable("rack", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("nodeId".to_owned(), self.node_id.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("port".to_owned(), self.port.json(v));
        it.insert("rack".to_owned(), self.rack.json(v));
        Value::Object(it)
    }
}
