//! Random DescribeTopicPartitions messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_topic_partitions.txt`.

use net_wire::messages::describe_topic_partitions as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeTopicPartitionsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topics = Sample::random(dice, v);
        it.response_partition_limit = Sample::random(dice, v);
        it.cursor = dice.nullable(true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topics".to_owned(), self.topics.json(v));
        it.insert("responsePartitionLimit".to_owned(), self.response_partition_limit.json(v));
        it.insert("cursor".to_owned(), self.cursor.json(v));
        Value::Object(it)
    }
}

impl Sample for m::TopicRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        Value::Object(it)
    }
}

impl Sample for m::RequestCursor {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_name = Sample::random(dice, v);
        it.partition_index = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicName".to_owned(), self.topic_name.json(v));
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeTopicPartitionsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = Sample::random(dice, v);
        it.topics = Sample::random(dice, v);
        it.next_cursor = dice.nullable(true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("topics".to_owned(), self.topics.json(v));
        it.insert("nextCursor".to_owned(), self.next_cursor.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeTopicPartitionsResponseTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = Sample::random(dice, v);
        it.name = dice.nullable(true, v);
        it.topic_id = Sample::random(dice, v);
        it.is_internal = Sample::random(dice, v);
        it.partitions = Sample::random(dice, v);
        it.topic_authorized_operations = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("topicId".to_owned(), self.topic_id.json(v));
        it.insert("isInternal".to_owned(), self.is_internal.json(v));
        it.insert("partitions".to_owned(), self.partitions.json(v));
        it.insert("topicAuthorizedOperations".to_owned(), self.topic_authorized_operations.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeTopicPartitionsResponsePartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = Sample::random(dice, v);
        it.partition_index = Sample::random(dice, v);
        it.leader_id = Sample::random(dice, v);
        it.leader_epoch = Sample::random(dice, v);
        it.replica_nodes = Sample::random(dice, v);
        it.isr_nodes = Sample::random(dice, v);
        it.eligible_leader_replicas = dice.nullable(true, v);
        it.last_known_elr = dice.nullable(true, v);
        it.offline_replicas = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("leaderId".to_owned(), self.leader_id.json(v));
        it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        it.insert("replicaNodes".to_owned(), self.replica_nodes.json(v));
        it.insert("isrNodes".to_owned(), self.isr_nodes.json(v));
        it.insert("eligibleLeaderReplicas".to_owned(), self.eligible_leader_replicas.json(v));
        it.insert("lastKnownElr".to_owned(), self.last_known_elr.json(v));
        it.insert("offlineReplicas".to_owned(), self.offline_replicas.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ResponseCursor {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topic_name = Sample::random(dice, v);
        it.partition_index = Sample::random(dice, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicName".to_owned(), self.topic_name.json(v));
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        Value::Object(it)
    }
}
