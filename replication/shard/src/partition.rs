//! The routing handle of a partition: which shard keeps its replica, and where in that shard.
//!
//! Kept true: a handle costs nothing to copy and never keeps a replica alive. A handle of a deleted
//! partition answers [`Refusal::UnknownTopicOrPartition`](engine_base::Refusal), also when its
//! place was given to another: log ids are never used twice.

use engine_base::{LogId, ShardIndex};

/// Names one replica of this node. Made by [`Node::partition`](crate::Node::partition); may be kept
/// for as long as the session likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    pub(crate) shard: ShardIndex,
    pub(crate) slot: u32,
    pub(crate) log: LogId,
}

impl Partition {
    /// The log that keeps it: unique in the life of the cluster, so it tells partitions apart.
    pub fn log(&self) -> LogId {
        self.log
    }
}
