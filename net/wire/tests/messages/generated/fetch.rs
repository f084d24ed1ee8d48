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
            it.cluster_id = dice.nullable(true, v);
        }
        if v <= 14 {
            it.replica_id = Sample::random(dice, v);
        }
        if v >= 15 {
            it.replica_state = Sample::random(dice, v);
        }
        it.max_wait_ms = Sample::random(dice, v);
        it.min_bytes = Sample::random(dice, v);
        it.max_bytes = Sample::random(dice, v);
        it.isolation_level = Sample::random(dice, v);
        if v >= 7 {
            it.session_id = Sample::random(dice, v);
        }
        if v >= 7 {
            it.session_epoch = Sample::random(dice, v);
        }
        it.topics = Sample::random(dice, v);
        if v >= 7 {
            it.forgotten_topics_data = Sample::random(dice, v);
        }
        if v >= 11 {
            it.rack_id = Sample::random(dice, v);
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
        it.replica_id = Sample::random(dice, v);
        it.replica_epoch = Sample::random(dice, v);
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
            it.topic = Sample::random(dice, v);
        }
        if v >= 13 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partitions = Sample::random(dice, v);
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
        it.partition = Sample::random(dice, v);
        if v >= 9 {
            it.current_leader_epoch = Sample::random(dice, v);
        }
        it.fetch_offset = Sample::random(dice, v);
        if v >= 12 {
            it.last_fetched_epoch = Sample::random(dice, v);
        }
        if v >= 5 {
            it.log_start_offset = Sample::random(dice, v);
        }
        it.partition_max_bytes = Sample::random(dice, v);
        if v >= 17 {
            it.replica_directory_id = Sample::random(dice, v);
        }
        if v >= 18 {
            it.high_watermark = Sample::random(dice, v);
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
            it.topic = Sample::random(dice, v);
        }
        if v >= 13 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partitions = Sample::random(dice, v);
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
        it.throttle_time_ms = Sample::random(dice, v);
        if v >= 7 {
            it.error_code = Sample::random(dice, v);
        }
        if v >= 7 {
            it.session_id = Sample::random(dice, v);
        }
        it.responses = Sample::random(dice, v);
        if v >= 16 {
            it.node_endpoints = Sample::random(dice, v);
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
            it.topic = Sample::random(dice, v);
        }
        if v >= 13 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partitions = Sample::random(dice, v);
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
        it.partition_index = Sample::random(dice, v);
        it.error_code = Sample::random(dice, v);
        it.high_watermark = Sample::random(dice, v);
        it.last_stable_offset = Sample::random(dice, v);
        if v >= 5 {
            it.log_start_offset = Sample::random(dice, v);
        }
        if v >= 12 {
            it.diverging_epoch = Sample::random(dice, v);
        }
        if v >= 12 {
            it.current_leader = Sample::random(dice, v);
        }
        if v >= 12 {
            it.snapshot_id = Sample::random(dice, v);
        }
        it.aborted_transactions = dice.nullable(true, v);
        if v >= 11 {
            it.preferred_read_replica = Sample::random(dice, v);
        }
        it.records = dice.nullable(true, v);
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
        it.epoch = Sample::random(dice, v);
        it.end_offset = Sample::random(dice, v);
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

impl Sample for m::SnapshotId {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.end_offset = Sample::random(dice, v);
        it.epoch = Sample::random(dice, v);
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
        it.producer_id = Sample::random(dice, v);
        it.first_offset = Sample::random(dice, v);
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
