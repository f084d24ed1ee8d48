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
        it.topics = dice.field("topics", v);
        it.response_partition_limit = dice.field("response_partition_limit", v);
        it.cursor = dice.nullable("cursor", true, v);
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
        it.name = dice.field("name", v);
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
        it.topic_name = dice.field("topic_name", v);
        it.partition_index = dice.field("partition_index", v);
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
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.topics = dice.field("topics", v);
        it.next_cursor = dice.nullable("next_cursor", true, v);
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
        it.error_code = dice.field("error_code", v);
        it.name = dice.nullable("name", true, v);
        it.topic_id = dice.field("topic_id", v);
        it.is_internal = dice.field("is_internal", v);
        it.partitions = dice.field("partitions", v);
        it.topic_authorized_operations = dice.field("topic_authorized_operations", v);
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
        it.error_code = dice.field("error_code", v);
        it.partition_index = dice.field("partition_index", v);
        it.leader_id = dice.field("leader_id", v);
        it.leader_epoch = dice.field("leader_epoch", v);
        it.replica_nodes = dice.field("replica_nodes", v);
        it.isr_nodes = dice.field("isr_nodes", v);
        it.eligible_leader_replicas = dice.nullable("eligible_leader_replicas", true, v);
        it.last_known_elr = dice.nullable("last_known_elr", true, v);
        it.offline_replicas = dice.field("offline_replicas", v);
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
        it.topic_name = dice.field("topic_name", v);
        it.partition_index = dice.field("partition_index", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topicName".to_owned(), self.topic_name.json(v));
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        Value::Object(it)
    }
}
