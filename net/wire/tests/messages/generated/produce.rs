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
        it.transactional_id = dice.nullable(true, v);
        it.acks = Sample::random(dice, v);
        it.timeout_ms = Sample::random(dice, v);
        it.topic_data = Sample::random(dice, v);
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
            it.name = Sample::random(dice, v);
        }
        if v >= 13 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partition_data = Sample::random(dice, v);
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
        it.index = Sample::random(dice, v);
        it.records = dice.nullable(true, v);
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
        it.responses = Sample::random(dice, v);
        it.throttle_time_ms = Sample::random(dice, v);
        if v >= 10 {
            it.node_endpoints = Sample::random(dice, v);
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
            it.name = Sample::random(dice, v);
        }
        if v >= 13 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partition_responses = Sample::random(dice, v);
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
        it.index = Sample::random(dice, v);
        it.error_code = Sample::random(dice, v);
        it.base_offset = Sample::random(dice, v);
        it.log_append_time_ms = Sample::random(dice, v);
        if v >= 5 {
            it.log_start_offset = Sample::random(dice, v);
        }
        if v >= 8 {
            it.record_errors = Sample::random(dice, v);
        }
        if v >= 8 {
            it.error_message = dice.nullable(true, v);
        }
        if v >= 10 {
            it.current_leader = Sample::random(dice, v);
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
        it.batch_index = Sample::random(dice, v);
        it.batch_index_error_message = dice.nullable(true, v);
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
        it.leader_id = Sample::random(dice, v);
        it.leader_epoch = Sample::random(dice, v);
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
        it.node_id = Sample::random(dice, v);
        it.host = Sample::random(dice, v);
        it.port = Sample::random(dice, v);
        it.rack = dice.nullable(true, v);
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
