//! Random Fetch messages, and their JSON.
//!
//! Generated from `net/wire/messages/fetch.txt`.

use net_wire::messages::fetch as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::FetchRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 12 {
            it.cluster_id = dice.nullable("cluster_id", true, v);
        }
        if v <= 14 {
            it.replica_id = dice.field("replica_id", v);
        }
        if v >= 15 {
            it.replica_state = dice.field("replica_state", v);
        }
        it.max_wait_ms = dice.field("max_wait_ms", v);
        it.min_bytes = dice.field("min_bytes", v);
        it.max_bytes = dice.field("max_bytes", v);
        it.isolation_level = dice.field("isolation_level", v);
        if v >= 7 {
            it.session_id = dice.field("session_id", v);
        }
        if v >= 7 {
            it.session_epoch = dice.field("session_epoch", v);
        }
        it.topics = dice.field("topics", v);
        if v >= 7 {
            it.forgotten_topics_data = dice.field("forgotten_topics_data", v);
        }
        if v >= 11 {
            it.rack_id = dice.field("rack_id", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 12 && self.cluster_id.is_some() {
            it.insert("clusterId".to_owned(), self.cluster_id.json(v));
        }
        if v <= 14 {
            it.insert("replicaId".to_owned(), self.replica_id.json(v));
        }
        if v >= 15 && self.replica_state != m::ReplicaState::default() {
            it.insert("replicaState".to_owned(), self.replica_state.json(v));
        }
        it.insert("maxWaitMs".to_owned(), self.max_wait_ms.json(v));
        it.insert("minBytes".to_owned(), self.min_bytes.json(v));
        it.insert("maxBytes".to_owned(), self.max_bytes.json(v));
        it.insert("isolationLevel".to_owned(), self.isolation_level.json(v));
        if v >= 7 {
            it.insert("sessionId".to_owned(), self.session_id.json(v));
        }
        if v >= 7 {
            it.insert("sessionEpoch".to_owned(), self.session_epoch.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        if v >= 7 {
            it.insert("forgottenTopicsData".to_owned(), self.forgotten_topics_data.json(v));
        }
        if v >= 11 {
            it.insert("rackId".to_owned(), self.rack_id.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ReplicaState {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.replica_id = dice.field("replica_id", v);
        it.replica_epoch = dice.field("replica_epoch", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("replicaId".to_owned(), self.replica_id.json(v));
        it.insert("replicaEpoch".to_owned(), self.replica_epoch.json(v));
        Value::Object(it)
    }
}

impl Sample for m::FetchTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 12 {
            it.topic = dice.field("topic", v);
        }
        if v >= 13 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 12 {
            it.insert("topic".to_owned(), self.topic.json(v));
        }
        if v >= 13 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::FetchPartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition = dice.field("partition", v);
        if v >= 9 {
            it.current_leader_epoch = dice.field("current_leader_epoch", v);
        }
        it.fetch_offset = dice.field("fetch_offset", v);
        if v >= 12 {
            it.last_fetched_epoch = dice.field("last_fetched_epoch", v);
        }
        if v >= 5 {
            it.log_start_offset = dice.field("log_start_offset", v);
        }
        it.partition_max_bytes = dice.field("partition_max_bytes", v);
        if v >= 17 {
            it.replica_directory_id = dice.field("replica_directory_id", v);
        }
        if v >= 18 {
            it.high_watermark = dice.field("high_watermark", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partition".to_owned(), self.partition.json(v));
        if v >= 9 {
            it.insert("currentLeaderEpoch".to_owned(), self.current_leader_epoch.json(v));
        }
        it.insert("fetchOffset".to_owned(), self.fetch_offset.json(v));
        if v >= 12 {
            it.insert("lastFetchedEpoch".to_owned(), self.last_fetched_epoch.json(v));
        }
        if v >= 5 {
            it.insert("logStartOffset".to_owned(), self.log_start_offset.json(v));
        }
        it.insert("partitionMaxBytes".to_owned(), self.partition_max_bytes.json(v));
        if v >= 17 && !self.replica_directory_id.is_zero() {
            it.insert("replicaDirectoryId".to_owned(), self.replica_directory_id.json(v));
        }
        if v >= 18 && self.high_watermark != i64::MAX {
            it.insert("highWatermark".to_owned(), self.high_watermark.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ForgottenTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 12 {
            it.topic = dice.field("topic", v);
        }
        if v >= 13 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 12 {
            it.insert("topic".to_owned(), self.topic.json(v));
        }
        if v >= 13 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::FetchResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        if v >= 7 {
            it.error_code = dice.field("error_code", v);
        }
        if v >= 7 {
            it.session_id = dice.field("session_id", v);
        }
        it.responses = dice.field("responses", v);
        if v >= 16 {
            it.node_endpoints = dice.field("node_endpoints", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        if v >= 7 {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        if v >= 7 {
            it.insert("sessionId".to_owned(), self.session_id.json(v));
        }
        it.insert("responses".to_owned(), self.responses.json(v));
        if v >= 16 && !self.node_endpoints.is_empty() {
            it.insert("nodeEndpoints".to_owned(), self.node_endpoints.json(v));
        }
        Value::Object(it)
    }

    fn records(&self, found: &mut Vec<net_wire::FrameRange>) {
        self.responses.records(found);
    }
}

impl Sample for m::FetchableTopicResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 12 {
            it.topic = dice.field("topic", v);
        }
        if v >= 13 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 12 {
            it.insert("topic".to_owned(), self.topic.json(v));
        }
        if v >= 13 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }

    fn records(&self, found: &mut Vec<net_wire::FrameRange>) {
        self.partitions.records(found);
    }
}

impl Sample for m::PartitionData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.error_code = dice.field("error_code", v);
        it.high_watermark = dice.field("high_watermark", v);
        it.last_stable_offset = dice.field("last_stable_offset", v);
        if v >= 5 {
            it.log_start_offset = dice.field("log_start_offset", v);
        }
        if v >= 12 {
            it.diverging_epoch = dice.field("diverging_epoch", v);
        }
        if v >= 12 {
            it.current_leader = dice.field("current_leader", v);
        }
        if v >= 12 {
            it.snapshot_id = dice.field("snapshot_id", v);
        }
        it.aborted_transactions = dice.nullable("aborted_transactions", true, v);
        if v >= 11 {
            it.preferred_read_replica = dice.field("preferred_read_replica", v);
        }
        it.records = dice.nullable("records", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("highWatermark".to_owned(), self.high_watermark.json(v));
        it.insert("lastStableOffset".to_owned(), self.last_stable_offset.json(v));
        if v >= 5 {
            it.insert("logStartOffset".to_owned(), self.log_start_offset.json(v));
        }
        if v >= 12 && self.diverging_epoch != m::EpochEndOffset::default() {
            it.insert("divergingEpoch".to_owned(), self.diverging_epoch.json(v));
        }
        if v >= 12 && self.current_leader != m::LeaderIdAndEpoch::default() {
            it.insert("currentLeader".to_owned(), self.current_leader.json(v));
        }
        if v >= 12 && self.snapshot_id != m::SnapshotId::default() {
            it.insert("snapshotId".to_owned(), self.snapshot_id.json(v));
        }
        it.insert("abortedTransactions".to_owned(), self.aborted_transactions.json(v));
        if v >= 11 {
            it.insert("preferredReadReplica".to_owned(), self.preferred_read_replica.json(v));
        }
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

impl Sample for m::EpochEndOffset {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.epoch = dice.field("epoch", v);
        it.end_offset = dice.field("end_offset", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("epoch".to_owned(), self.epoch.json(v));
        it.insert("endOffset".to_owned(), self.end_offset.json(v));
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

impl Sample for m::SnapshotId {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.end_offset = dice.field("end_offset", v);
        it.epoch = dice.field("epoch", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("endOffset".to_owned(), self.end_offset.json(v));
        it.insert("epoch".to_owned(), self.epoch.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AbortedTransaction {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.producer_id = dice.field("producer_id", v);
        it.first_offset = dice.field("first_offset", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("firstOffset".to_owned(), self.first_offset.json(v));
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
