//! Who leads what this node does not, so that a client need not ask again (KIP-951).
//!
//! Kept true: a node is told once however many partitions it leads, with the address of the
//! listener that the client came by.

use std::collections::BTreeSet;

use engine_base::{NodeId, Refusal};
use replication_shard::{Endpoint, NodeFacts, TopicFacts};

use crate::handle::endpoint;
use crate::serve::Server;

/// The leaders that an answer names.
#[derive(Default)]
pub(crate) struct Leaders {
    nodes: BTreeSet<NodeId>,
}

impl Leaders {
    /// Whether a client that is refused so looks for the leader elsewhere.
    pub(crate) fn are_looked_for(refusal: &Refusal) -> bool {
        matches!(refusal, Refusal::NotLeader | Refusal::FencedLeaderEpoch)
    }

    /// The leader of a partition and its epoch, -1 where this node cannot know it.
    pub(crate) fn of(&mut self, server: &Server, topic: &TopicFacts, index: i32) -> (i32, i32) {
        let leader = topic.partition(index).map_or(NodeId::NONE, |facts| facts.preferred_leader());
        let node = &server.node;
        let here = node.partition_of(topic, index).and_then(|place| node.position(place));
        self.nodes.insert(leader);
        (leader.0, here.map_or(-1, |position| position.leader_epoch))
    }

    /// Where clients find them.
    pub(crate) fn endpoints<E>(
        &self,
        server: &Server,
        endpoint_of: impl Fn(&NodeFacts, &Endpoint) -> E,
    ) -> Vec<E> {
        let image = server.node.image();
        let nodes = self.nodes.iter().filter_map(|id| image.nodes.get(id));
        let listener = &server.options.listener;
        nodes.filter_map(|node| Some(endpoint_of(node, endpoint(node, listener)?))).collect()
    }
}
