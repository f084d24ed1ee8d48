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
            it.replica_id = dice.field("replica_id", v);
        }
        it.topics = dice.field("topics", v);
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
        it.topic = dice.field("topic", v);
        it.partitions = dice.field("partitions", v);
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
        it.partition = dice.field("partition", v);
        it.current_leader_epoch = dice.field("current_leader_epoch", v);
        it.leader_epoch = dice.field("leader_epoch", v);
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

impl Sample for m::OffsetForLeaderTopicResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic = dice.field("topic", v);
        it.partitions = dice.field("partitions", v);
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
        it.error_code = dice.field("error_code", v);
        it.partition = dice.field("partition", v);
        it.leader_epoch = dice.field("leader_epoch", v);
        it.end_offset = dice.field("end_offset", v);
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
