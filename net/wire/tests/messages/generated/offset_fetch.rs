//! Random OffsetFetch messages, and their JSON.
//!
//! Generated from `net/wire/messages/offset_fetch.txt`.

use net_wire::messages::offset_fetch as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::OffsetFetchRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 7 {
            it.group_id = dice.field("group_id", v);
        }
        if v <= 7 {
            it.topics = dice.nullable("topics", v >= 2, v);
        }
        if v >= 8 {
            it.groups = dice.field("groups", v);
        }
        if v >= 7 {
            it.require_stable = dice.field("require_stable", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 7 {
            it.insert("groupId".to_owned(), self.group_id.json(v));
        }
        if v <= 7 {
            it.insert("topics".to_owned(), self.topics.json(v));
        }
        if v >= 8 {
            it.insert("groups".to_owned(), self.groups.json(v));
        }
        if v >= 7 {
            it.insert("requireStable".to_owned(), self.require_stable.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchRequestTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.partition_indexes = dice.field("partition_indexes", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("partitionIndexes".to_owned(), self.partition_indexes.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchRequestGroup {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        if v >= 9 {
            it.member_id = dice.nullable("member_id", true, v);
        }
        if v >= 9 {
            it.member_epoch = dice.field("member_epoch", v);
        }
        it.topics = dice.nullable("topics", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        if v >= 9 {
            it.insert("memberId".to_owned(), self.member_id.json(v));
        }
        if v >= 9 {
            it.insert("memberEpoch".to_owned(), self.member_epoch.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchRequestTopics {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 9 {
            it.name = dice.field("name", v);
        }
        if v >= 10 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.partition_indexes = dice.field("partition_indexes", v);
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
        it.insert("partitionIndexes".to_owned(), self.partition_indexes.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 3 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        if v <= 7 {
            it.topics = dice.field("topics", v);
        }
        if (2..=7).contains(&v) {
            it.error_code = dice.field("error_code", v);
        }
        if v >= 8 {
            it.groups = dice.field("groups", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 3 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        if v <= 7 {
            it.insert("topics".to_owned(), self.topics.json(v));
        }
        if (2..=7).contains(&v) {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        if v >= 8 {
            it.insert("groups".to_owned(), self.groups.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchResponseTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.partitions = dice.field("partitions", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchResponsePartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.committed_offset = dice.field("committed_offset", v);
        if v >= 5 {
            it.committed_leader_epoch = dice.field("committed_leader_epoch", v);
        }
        it.metadata = dice.nullable("metadata", true, v);
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("committedOffset".to_owned(), self.committed_offset.json(v));
        if v >= 5 {
            it.insert("committedLeaderEpoch".to_owned(), self.committed_leader_epoch.json(v));
        }
        it.insert("metadata".to_owned(), self.metadata.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchResponseGroup {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        it.topics = dice.field("topics", v);
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OffsetFetchResponseTopics {
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

impl Sample for m::OffsetFetchResponsePartitions {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.committed_offset = dice.field("committed_offset", v);
        it.committed_leader_epoch = dice.field("committed_leader_epoch", v);
        it.metadata = dice.nullable("metadata", true, v);
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("committedOffset".to_owned(), self.committed_offset.json(v));
        it.insert("committedLeaderEpoch".to_owned(), self.committed_leader_epoch.json(v));
        it.insert("metadata".to_owned(), self.metadata.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}
