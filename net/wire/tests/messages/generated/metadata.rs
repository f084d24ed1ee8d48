//! Random Metadata messages, and their JSON.
//!
//! Generated from `net/wire/messages/metadata.txt`.

use net_wire::messages::metadata as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::MetadataRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.topics = dice.nullable("topics", v >= 1, v);
        if v >= 4 {
            it.allow_auto_topic_creation = dice.field("allow_auto_topic_creation", v);
        }
        if (8..=10).contains(&v) {
            it.include_cluster_authorized_operations =
                dice.field("include_cluster_authorized_operations", v);
        }
        if v >= 8 {
            it.include_topic_authorized_operations =
                dice.field("include_topic_authorized_operations", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("topics".to_owned(), self.topics.json(v));
        if v >= 4 {
            it.insert("allowAutoTopicCreation".to_owned(), self.allow_auto_topic_creation.json(v));
        }
        if (8..=10).contains(&v) {
            it.insert(
                "includeClusterAuthorizedOperations".to_owned(),
                self.include_cluster_authorized_operations.json(v),
            );
        }
        if v >= 8 {
            it.insert(
                "includeTopicAuthorizedOperations".to_owned(),
                self.include_topic_authorized_operations.json(v),
            );
        }
        Value::Object(it)
    }
}

impl Sample for m::MetadataRequestTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 10 {
            it.topic_id = dice.field("topic_id", v);
        }
        it.name = dice.nullable("name", v >= 10, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 10 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        it.insert("name".to_owned(), self.name.json(v));
        Value::Object(it)
    }
}

impl Sample for m::MetadataResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 3 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.brokers = dice.field("brokers", v);
        if v >= 2 {
            it.cluster_id = dice.nullable("cluster_id", true, v);
        }
        if v >= 1 {
            it.controller_id = dice.field("controller_id", v);
        }
        it.topics = dice.field("topics", v);
        if (8..=10).contains(&v) {
            it.cluster_authorized_operations = dice.field("cluster_authorized_operations", v);
        }
        if v >= 13 {
            it.error_code = dice.field("error_code", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 3 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("brokers".to_owned(), self.brokers.json(v));
        if v >= 2 {
            it.insert("clusterId".to_owned(), self.cluster_id.json(v));
        }
        if v >= 1 {
            it.insert("controllerId".to_owned(), self.controller_id.json(v));
        }
        it.insert("topics".to_owned(), self.topics.json(v));
        if (8..=10).contains(&v) {
            it.insert(
                "clusterAuthorizedOperations".to_owned(),
                self.cluster_authorized_operations.json(v),
            );
        }
        if v >= 13 {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::MetadataResponseBroker {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.node_id = dice.field("node_id", v);
        it.host = dice.field("host", v);
        it.port = dice.field("port", v);
        if v >= 1 {
            it.rack = dice.nullable("rack", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("nodeId".to_owned(), self.node_id.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("port".to_owned(), self.port.json(v));
        if v >= 1 {
            it.insert("rack".to_owned(), self.rack.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::MetadataResponseTopic {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.name = dice.nullable("name", v >= 12, v);
        if v >= 10 {
            it.topic_id = dice.field("topic_id", v);
        }
        if v >= 1 {
            it.is_internal = dice.field("is_internal", v);
        }
        it.partitions = dice.field("partitions", v);
        if v >= 8 {
            it.topic_authorized_operations = dice.field("topic_authorized_operations", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("name".to_owned(), self.name.json(v));
        if v >= 10 {
            it.insert("topicId".to_owned(), self.topic_id.json(v));
        }
        if v >= 1 {
            it.insert("isInternal".to_owned(), self.is_internal.json(v));
        }
        it.insert("partitions".to_owned(), self.partitions.json(v));
        if v >= 8 {
            it.insert(
                "topicAuthorizedOperations".to_owned(),
                self.topic_authorized_operations.json(v),
            );
        }
        Value::Object(it)
    }
}

impl Sample for m::MetadataResponsePartition {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.partition_index = dice.field("partition_index", v);
        it.leader_id = dice.field("leader_id", v);
        if v >= 7 {
            it.leader_epoch = dice.field("leader_epoch", v);
        }
        it.replica_nodes = dice.field("replica_nodes", v);
        it.isr_nodes = dice.field("isr_nodes", v);
        if v >= 5 {
            it.offline_replicas = dice.field("offline_replicas", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("partitionIndex".to_owned(), self.partition_index.json(v));
        it.insert("leaderId".to_owned(), self.leader_id.json(v));
        if v >= 7 {
            it.insert("leaderEpoch".to_owned(), self.leader_epoch.json(v));
        }
        it.insert("replicaNodes".to_owned(), self.replica_nodes.json(v));
        it.insert("isrNodes".to_owned(), self.isr_nodes.json(v));
        if v >= 5 {
            it.insert("offlineReplicas".to_owned(), self.offline_replicas.json(v));
        }
        Value::Object(it)
    }
}
