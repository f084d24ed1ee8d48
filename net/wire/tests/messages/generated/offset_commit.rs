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
        it.group_id = dice.field("group_id", v);
        it.generation_id_or_member_epoch = dice.field("generation_id_or_member_epoch", v);
        it.member_id = dice.field("member_id", v);
        if v >= 7 {
            it.group_instance_id = dice.nullable("group_instance_id", true, v);
        }
        if v <= 4 {
            it.retention_time_ms = dice.field("retention_time_ms", v);
        }
        it.topics = dice.field("topics", v);
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
            it.name = dice.field("name", v);
        }
        if v >= 10 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partitions = dice.field("partitions", v);
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
        it.partition_index = dice.field("partition_index", v);
        it.committed_offset = dice.field("committed_offset", v);
        if v >= 6 {
            it.committed_leader_epoch = dice.field("committed_leader_epoch", v);
        }
        it.committed_metadata = dice.nullable("committed_metadata", true, v);
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
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.topics = dice.field("topics", v);
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
            it.name = dice.field("name", v);
        }
        if v >= 10 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partitions = dice.field("partitions", v);
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
        it.partition_index = dice.field("partition_index", v);
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}
