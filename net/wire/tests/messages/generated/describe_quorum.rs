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
        it.topics = dice.field("topics", v);
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
        it.topic_name = dice.field("topic_name", v);
        it.partitions = dice.field("partitions", v);
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
        it.partition_index = dice.field("partition_index", v);
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
        it.error_code = dice.field("error_code", v);
        if v >= 2 {
            it.error_message = dice.nullable("error_message", true, v);
        }
        it.topics = dice.field("topics", v);
        if v >= 2 {
            it.nodes = dice.field("nodes", v);
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
        it.topic_name = dice.field("topic_name", v);
        it.partitions = dice.field("partitions", v);
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
        it.partition_index = dice.field("partition_index", v);
        it.error_code = dice.field("error_code", v);
        if v >= 2 {
            it.error_message = dice.nullable("error_message", true, v);
        }
        it.leader_id = dice.field("leader_id", v);
        it.leader_epoch = dice.field("leader_epoch", v);
        it.high_watermark = dice.field("high_watermark", v);
        it.current_voters = dice.field("current_voters", v);
        it.observers = dice.field("observers", v);
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
        it.replica_id = dice.field("replica_id", v);
        if v >= 2 {
            it.replica_directory_id = dice.field("replica_directory_id", v);
        }
        it.log_end_offset = dice.field("log_end_offset", v);
        if v >= 1 {
            it.last_fetch_timestamp = dice.field("last_fetch_timestamp", v);
        }
        if v >= 1 {
            it.last_caught_up_timestamp = dice.field("last_caught_up_timestamp", v);
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
        it.node_id = dice.field("node_id", v);
        it.listeners = dice.field("listeners", v);
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
        it.name = dice.field("name", v);
        it.host = dice.field("host", v);
        it.port = dice.field("port", v);
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
