//! What the cluster knows about itself, as values: nodes, topics, partitions and where they live.
//!
//! Kept true: nothing here changes once built; a change makes a new value in a new image.

use std::collections::BTreeMap;

use engine_base::settings::TopicSettings;
use engine_base::{LogId, NodeId, ShardIndex, Uuid};

/// Where clients reach a node, per listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name, as in `advertised.listeners` (`PLAINTEXT`).
    pub listener: String,
    /// The name or address that clients resolve.
    pub host: String,
    /// The port that clients connect to.
    pub port: u16,
}

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFacts {
    /// Kafka's broker id.
    pub id: NodeId,
    /// Changes when the node's data directory is wiped and formatted again.
    pub incarnation: Uuid,
    /// Where clients reach it.
    pub endpoints: Vec<Endpoint>,
    /// `broker.rack`, where one is configured.
    pub rack: Option<String>,
    /// How many shards it has; placement counts them from 0.
    pub shards: u16,
}

/// One replica of a partition: the node and the shard of that node that keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement {
    /// The node.
    pub node: NodeId,
    /// The shard of that node.
    pub shard: ShardIndex,
}

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionFacts {
    /// The log that keeps it on every replica; never used twice in the life of the cluster.
    pub log: LogId,
    /// Its replicas; the first is the preferred leader.
    pub replicas: Vec<Placement>,
}

impl PartitionFacts {
    /// The node that leads the partition while no election says otherwise.
    pub fn preferred_leader(&self) -> NodeId {
        self.replicas.first().map_or(NodeId::NONE, |replica| replica.node)
    }

    /// The shard of `node` that keeps a replica of this partition.
    pub fn shard_on(&self, node: NodeId) -> Option<ShardIndex> {
        self.replicas.iter().find(|replica| replica.node == node).map(|replica| replica.shard)
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicFacts {
    /// Never used twice: a topic created again under its old name has a new id.
    pub id: Uuid,
    /// The name, unique among the topics that exist.
    pub name: String,
    /// Its partitions; the place in the list is Kafka's partition number.
    pub partitions: Vec<PartitionFacts>,
    /// How many of them it was created with. What is spread over a topic for good, such as groups
    /// over `__consumer_offsets`, counts these.
    pub partitions_at_first: usize,
    /// The configs set on the topic itself, as they were given.
    pub configs: BTreeMap<String, String>,
    /// What follows from them and from the node's defaults.
    pub settings: TopicSettings,
}

impl TopicFacts {
    /// Whether Kafka keeps its own state in it: clients may read it, not produce to it.
    pub fn is_internal(&self) -> bool {
        matches!(self.name.as_str(), "__consumer_offsets" | "__transaction_state")
    }

    /// The partition that this log keeps. Log ids are given out in order, so they ascend.
    pub fn partition_of(&self, log: LogId) -> Option<&PartitionFacts> {
        let at = self.partitions.binary_search_by_key(&log, |partition| partition.log).ok()?;
        self.partitions.get(at)
    }

    /// The partition with this number.
    pub fn partition(&self, index: i32) -> Option<&PartitionFacts> {
        usize::try_from(index).ok().and_then(|index| self.partitions.get(index))
    }
}
