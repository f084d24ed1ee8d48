//! Random TxnOffsetCommit messages, and their JSON.
//!
//! Generated from `net/wire/messages/txn_offset_commit.txt`.

use net_wire::messages::txn_offset_commit as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::TxnOffsetCommitRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.transactional_id = dice.field("transactional_id", v);
        it.group_id = dice.field("group_id", v);
        it.producer_id = dice.field("producer_id", v);
        it.producer_epoch = dice.field("producer_epoch", v);
        if v >= 3 {
            it.generation_id = dice.field("generation_id", v);
        }
        if v >= 3 {
            it.member_id = dice.field("member_id", v);
        }
        if v >= 3 {
            it.group_instance_id = dice.nullable("group_instance_id", true, v);
        }
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("transactionalId".to_owned(), self.transactional_id.json(v));
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("producerId".to_owned(), self.producer_id.json(v));
        it.insert("producerEpoch".to_owned(), self.producer_epoch.json(v));
        if v >= 3 {
            it.insert("generationId".to_owned(), self.generation_id.json(v));
        }
        if v >= 3 {
            it.insert("memberId".to_owned(), self.member_id.json(v));
        }
        if v >= 3 {
            it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TxnOffsetCommitRequestTopic {
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

impl Sample for m::TxnOffsetCommitRequestPartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.committed_offset = dice.field("committed_offset", v);
        if v >= 2 {
            it.committed_leader_epoch = dice.field("committed_leader_epoch", v);
        }
        it.committed_metadata = dice.nullable("committed_metadata", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("committedOffset".to_owned(), self.committed_offset.json(v));
        if v >= 2 {
            it.insert("committedLeaderEpoch".to_owned(), self.committed_leader_epoch.json(v));
        }
        it.insert("committedMetadata".to_owned(), self.committed_metadata.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TxnOffsetCommitResponse {
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

impl Sample for m::TxnOffsetCommitResponseTopic {
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

impl Sample for m::TxnOffsetCommitResponsePartition {
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
