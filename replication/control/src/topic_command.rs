//! What can be asked of the cluster's facts, and what is answered.

use std::collections::BTreeMap;

use engine_base::{NodeId, Uuid};

/// A topic that a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// The name asked for; validated by the machine.
    pub name: String,
    /// How many partitions; -1 asks for the default.
    pub partitions: i32,
    /// How many replicas; -1 asks for the default.
    pub replication_factor: i16,
    /// Partition number and its replicas, first the preferred leader; empty lets the cluster place
    /// them.
    pub assignments: Vec<(i32, Vec<NodeId>)>,
    /// Configs of the topic itself. `None` is a null on the wire.
    pub configs: Vec<(String, Option<String>)>,
}

impl NewTopic {
    /// A topic with every default.
    pub fn named(name: impl Into<String>) -> NewTopic {
        NewTopic {
            name: name.into(),
            partitions: -1,
            replication_factor: -1,
            assignments: Vec::new(),
            configs: Vec::new(),
        }
    }
}

/// More partitions for a topic, as a client asks for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MorePartitions {
    /// Which topic.
    pub name: String,
    /// How many partitions it is to have then.
    pub count: i32,
    /// The nodes of each new partition, first the preferred leader; `None` lets the cluster place
    /// them.
    pub assignments: Option<Vec<Vec<NodeId>>>,
}

/// A topic that was created, or would have been (`validate_only`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id; as with Kafka, also when it was only validated.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: i32,
    /// How many replicas each has.
    pub replication_factor: i16,
    /// The configs set on the topic itself.
    pub configs: BTreeMap<String, String>,
}

/// A topic as a client names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicRef {
    /// By its name.
    Name(String),
    /// By its id.
    Id(Uuid),
}

/// A topic that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedTopic {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}
