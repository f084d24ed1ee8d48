//! What a replica must not forget, whatever its log says: it goes through the same journal as the
//! bytes, so it can never outrun those before it.

use engine_base::{Epoch, NodeId};

/// Term, vote, log term and replica set of one log (30-replication.md).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HardState {
    /// The newest leader epoch this replica has seen.
    pub term: Epoch,
    /// Whom it voted for in that term, or [`NodeId::NONE`].
    pub vote: NodeId,
    /// The term of the last leader whose log this replica is known to hold.
    pub log_term: Epoch,
    /// The replica set.
    pub members: Vec<NodeId>,
    /// The replica set's version within its term.
    pub config_version: i32,
    /// The term in which the replica set was chosen.
    pub config_term: Epoch,
}

impl Default for HardState {
    fn default() -> HardState {
        HardState {
            term: -1,
            vote: NodeId::NONE,
            log_term: -1,
            members: Vec::new(),
            config_version: 0,
            config_term: -1,
        }
    }
}
