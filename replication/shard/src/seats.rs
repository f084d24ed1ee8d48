//! Every shard of this node, and which of them keeps a partition.
//!
//! Kept true: a handle is given out for a replica that is there; a shard that never opened answers
//! for what was placed on it.

use engine_base::{NodeId, Refusal};
use replication_control::TopicFacts;

use crate::partition::Partition;
use crate::shard::Shard;
use crate::start::Seat;

/// The places for shards, by index.
pub(crate) struct Seats {
    node: NodeId,
    seats: Vec<Seat>,
}

impl Seats {
    pub(crate) fn new(node: NodeId, seats: Vec<Seat>) -> Seats {
        Seats { node, seats }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Seat> {
        self.seats.iter()
    }

    /// Every shard that opened.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Shard> {
        self.seats.iter().filter_map(Seat::shard)
    }

    /// The shard of a handle.
    pub(crate) fn shard(&self, partition: Partition) -> &Shard {
        let seat = &self.seats[usize::from(partition.shard.0)];
        seat.shard().expect("because only open shards give handles out")
    }

    /// The handle of a topic's partition: one that the topic has not is
    /// [`Refusal::UnknownTopicOrPartition`], one kept elsewhere [`Refusal::NotLeader`].
    pub(crate) fn partition_of(
        &self,
        topic: &TopicFacts,
        index: i32,
    ) -> Result<Partition, Refusal> {
        let facts = topic.partition(index).ok_or(Refusal::UnknownTopicOrPartition)?;
        let shard = facts.shard_on(self.node).ok_or(Refusal::NotLeader)?;
        match self.seats.get(usize::from(shard.0)) {
            Some(Seat::Open(shard)) => {
                shard.partition(facts.log).ok_or_else(|| shard.why_not_served(facts.log))
            }
            Some(Seat::Stopped(_)) | None => Err(Refusal::StorageStopped),
        }
    }
}
