//! Random OffsetCommit messages, and their JSON.
//!
//! Generated from `net/wire/messages/offset_commit.txt`.

use net_wire::messages::offset_commit as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::OffsetCommitRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = Sample::random(dice, v);
        it.generation_id_or_member_epoch = Sample::random(dice, v);
        it.member_id = Sample::random(dice, v);
        if v >= 7 {
            it.group_instance_id = dice.nullable(true, v);
        }
        if v <= 4 {
            it.retention_time_ms = Sample::random(dice, v);
        }
        it.topics = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert(
            "generationIdOrMemberEpoch".to_owned(),
            self.generation_id_or_member_epoch.json(v),
        );
        it.insert("memberId".to_owned(), self.member_id.json(v));
        if v >= 7 {
            it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        }
        if v <= 4 {
            it.insert("retentionTimeMs".to_owned(), self.retention_time_ms.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetCommitRequestTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 9 {
            it.name = Sample::random(dice, v);
        }
        if v >= 10 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 9 {
            it.insert("name".to_owned(), self.name.json(v));
        }
        if v >= 10 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetCommitRequestPartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = Sample::random(dice, v);
        it.committed_offset = Sample::random(dice, v);
        if v >= 6 {
            it.committed_leader_epoch = Sample::random(dice, v);
        }
        it.committed_metadata = dice.nullable(true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("committedOffset".to_owned(), self.committed_offset.json(v));
        if v >= 6 {
            it.insert("committedLeaderEpoch".to_owned(), self.committed_leader_epoch.json(v));
        }
        it.insert("committedMetadata".to_owned(), self.committed_metadata.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetCommitResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 3 {
            it.throttle_time_ms = Sample::random(dice, v);
        }
        it.topics = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 3 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetCommitResponseTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 9 {
            it.name = Sample::random(dice, v);
        }
        if v >= 10 {
            it.topic_id = Sample::random(dice, v);
        }
        it.partitions = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 9 {
            it.insert("name".to_owned(), self.name.json(v));
        }
        if v >= 10 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetCommitResponsePartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = Sample::random(dice, v);
        it.error_code = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}
