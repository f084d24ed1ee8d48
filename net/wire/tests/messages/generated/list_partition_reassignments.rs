//! Random ListPartitionReassignments messages, and their JSON.
//!
//! Generated from `net/wire/messages/list_partition_reassignments.txt`.

use net_wire::messages::list_partition_reassignments as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ListPartitionReassignmentsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.timeout_ms = dice.field("timeout_ms", v);
        it.topics = dice.nullable("topics", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ListPartitionReassignmentsTopics {
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

impl Sample for m::ListPartitionReassignmentsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.topics = dice.field("topics", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        Value::Object(it)
    }
}

impl Sample for m::OngoingTopicReassignment {
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

impl Sample for m::OngoingPartitionReassignment {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.partition_index = dice.field("partition_index", v);
        it.replicas = dice.field("replicas", v);
        it.adding_replicas = dice.field("adding_replicas", v);
        it.removing_replicas = dice.field("removing_replicas", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("replicas".to_owned(), self.replicas.json(v));
        it.insert("addingReplicas".to_owned(), self.adding_replicas.json(v));
        it.insert("removingReplicas".to_owned(), self.removing_replicas.json(v));
        Value::Object(it)
    }
}
