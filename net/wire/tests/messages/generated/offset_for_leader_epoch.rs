//! Random OffsetForLeaderEpoch messages, and their JSON.
//!
//! Generated from `net/wire/messages/offset_for_leader_epoch.txt`.

use net_wire::messages::offset_for_leader_epoch as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::OffsetForLeaderEpochRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 3 {
            it.replica_id = Sample::random(dice, v);
        }
        it.topics = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 3 {
            it.insert("replicaId".to_owned(), self.replica_id.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetForLeaderTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic = Sample::random(dice, v);
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topic".to_owned(), self.topic.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetForLeaderPartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition = Sample::random(dice, v);
        it.current_leader_epoch = Sample::random(dice, v);
        it.leader_epoch = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partition".to_owned(), self.partition.json(v));
        it.insert("currentLeaderEpoch".to_owned(), self.current_leader_epoch.json(v));
        it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetForLeaderEpochResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = Sample::random(dice, v);
        it.topics = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetForLeaderTopicResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic = Sample::random(dice, v);
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topic".to_owned(), self.topic.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::EpochEndOffset {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = Sample::random(dice, v);
        it.partition = Sample::random(dice, v);
        it.leader_epoch = Sample::random(dice, v);
        it.end_offset = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("partition".to_owned(), self.partition.json(v));
        it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        it.insert("endOffset".to_owned(), self.end_offset.json(v));
        Value::Object(it)
    }
}
