//! Random DescribeQuorum messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_quorum.txt`.

use net_wire::messages::describe_quorum as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeQuorumRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topics = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::RequestTopicData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_name = Sample::random(dice, v);
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicName".to_owned(), self.topic_name.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::RequestPartitionData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeQuorumResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = Sample::random(dice, v);
        if v >= 2 {
            it.error_message = dice.nullable(true, v);
        }
        it.topics = Sample::random(dice, v);
        if v >= 2 {
            it.nodes = Sample::random(dice, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        if v >= 2 {
            it.insert("errorMessage".to_owned(), self.error_message.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        if v >= 2 {
            it.insert("nodes".to_owned(), self.nodes.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ResponseTopicData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_name = Sample::random(dice, v);
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicName".to_owned(), self.topic_name.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ResponsePartitionData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = Sample::random(dice, v);
        it.error_code = Sample::random(dice, v);
        if v >= 2 {
            it.error_message = dice.nullable(true, v);
        }
        it.leader_id = Sample::random(dice, v);
        it.leader_epoch = Sample::random(dice, v);
        it.high_watermark = Sample::random(dice, v);
        it.current_voters = Sample::random(dice, v);
        it.observers = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        if v >= 2 {
            it.insert("errorMessage".to_owned(), self.error_message.json(v));
        }
        it.insert("leaderId".to_owned(), self.leader_id.json(v));
        it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        it.insert("highWatermark".to_owned(), self.high_watermark.json(v));
        it.insert("currentVoters".to_owned(), self.current_voters.json(v));
        it.insert("observers".to_owned(), self.observers.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ReplicaState {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.replica_id = Sample::random(dice, v);
        if v >= 2 {
            it.replica_directory_id = Sample::random(dice, v);
        }
        it.log_end_offset = Sample::random(dice, v);
        if v >= 1 {
            it.last_fetch_timestamp = Sample::random(dice, v);
        }
        if v >= 1 {
            it.last_caught_up_timestamp = Sample::random(dice, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("replicaId".to_owned(), self.replica_id.json(v));
        if v >= 2 {
            it.insert("replicaDirectoryId".to_owned(), self.replica_directory_id.json(v));
        }
        it.insert("logEndOffset".to_owned(), self.log_end_offset.json(v));
        if v >= 1 {
            it.insert("lastFetchTimestamp".to_owned(), self.last_fetch_timestamp.json(v));
        }
        if v >= 1 {
            it.insert("lastCaughtUpTimestamp".to_owned(), self.last_caught_up_timestamp.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::Node {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.node_id = Sample::random(dice, v);
        it.listeners = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("nodeId".to_owned(), self.node_id.json(v));
        it.insert("listeners".to_owned(), self.listeners.json(v));
        Value::Object(it)
    }
}

impl Sample for m::Listener {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = Sample::random(dice, v);
        it.host = Sample::random(dice, v);
        it.port = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("port".to_owned(), self.port.json(v));
        Value::Object(it)
    }
}
