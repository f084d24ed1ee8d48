//! Random ListOffsets messages, and their JSON.
//!
//! Generated from `net/wire/messages/list_offsets.txt`.

use net_wire::messages::list_offsets as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ListOffsetsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.replica_id = dice.field("replica_id", v);
        if v >= 2 {
            it.isolation_level = dice.field("isolation_level", v);
        }
        it.topics = dice.field("topics", v);
        if v >= 10 {
            it.timeout_ms = dice.field("timeout_ms", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("replicaId".to_owned(), self.replica_id.json(v));
        if v >= 2 {
            it.insert("isolationLevel".to_owned(), self.isolation_level.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        if v >= 10 {
            it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ListOffsetsTopic {
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

impl Sample for m::ListOffsetsPartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        if v >= 4 {
            it.current_leader_epoch = dice.field("current_leader_epoch", v);
        }
        it.timestamp = dice.field("timestamp", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        if v >= 4 {
            it.insert("currentLeaderEpoch".to_owned(), self.current_leader_epoch.json(v));
        }
        it.insert("timestamp".to_owned(), self.timestamp.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ListOffsetsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 2 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 2 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ListOffsetsTopicResponse {
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

impl Sample for m::ListOffsetsPartitionResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.error_code = dice.field("error_code", v);
        it.timestamp = dice.field("timestamp", v);
        it.offset = dice.field("offset", v);
        if v >= 4 {
            it.leader_epoch = dice.field("leader_epoch", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("timestamp".to_owned(), self.timestamp.json(v));
        it.insert("offset".to_owned(), self.offset.json(v));
        if v >= 4 {
            it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        }
        Value::Object(it)
    }
}
