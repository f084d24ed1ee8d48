//! Random ElectLeaders messages, and their JSON.
//!
//! Generated from `net/wire/messages/elect_leaders.txt`.

use net_wire::messages::elect_leaders as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ElectLeadersRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.election_type = dice.field("election_type", v);
        }
        it.topic_partitions = dice.nullable("topic_partitions", true, v);
        it.timeout_ms = dice.field("timeout_ms", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("electionType".to_owned(), self.election_type.json(v));
        }
        it.insert("topicPartitions".to_owned(), self.topic_partitions.json(v));
        it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TopicPartitions {
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

impl Sample for m::ElectLeadersResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        if v >= 1 {
            it.error_code = dice.field("error_code", v);
        }
        it.replica_election_results = dice.field("replica_election_results", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        if v >= 1 {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        it.insert("replicaElectionResults".to_owned(), self.replica_election_results.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ReplicaElectionResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic = dice.field("topic", v);
        it.partition_result = dice.field("partition_result", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topic".to_owned(), self.topic.json(v));
        it.insert("partitionResult".to_owned(), self.partition_result.json(v));
        Value::Object(it)
    }
}

impl Sample for m::PartitionResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_id = dice.field("partition_id", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionId".to_owned(), self.partition_id.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        Value::Object(it)
    }
}
