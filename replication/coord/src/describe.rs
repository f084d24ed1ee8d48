//! What readers see of groups between decisions: applied state, and how a rebalance stands.
//!
//! Kept true: nothing here changes anything; an offset is shown once its record is applied.

use std::rc::Rc;

use engine_base::Uuid;

/// A classic group's state. Its name is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupState {
    /// No members.
    Empty,
    /// Waits for its members to join.
    PreparingRebalance,
    /// Waits for its leader's assignment.
    CompletingRebalance,
    /// Every member has its assignment.
    Stable,
    /// No such group.
    Dead,
}

impl GroupState {
    /// As ListGroups and DescribeGroups say it.
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
            GroupState::Dead => "Dead",
        }
    }
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    /// Its id.
    pub group: Rc<str>,
    /// Empty for a group of plain commits.
    pub protocol_type: Rc<str>,
    /// Its state.
    pub state: GroupState,
}

/// A group as DescribeGroups tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedGroup {
    /// Its state.
    pub state: GroupState,
    /// Its type.
    pub protocol_type: Rc<str>,
    /// The chosen protocol; empty unless it is stable.
    pub protocol_name: Rc<str>,
    /// Its members.
    pub members: Vec<DescribedMember>,
}

/// A member of a described group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedMember {
    /// Its id.
    pub member_id: Rc<str>,
    /// A static member's name.
    pub instance_id: Option<Rc<str>>,
    /// Its client's id.
    pub client_id: Rc<str>,
    /// Its client's host.
    pub client_host: Rc<str>,
    /// What it said of itself under the chosen protocol; empty unless the group is stable.
    pub metadata: Rc<[u8]>,
    /// Its assignment; empty unless the group is stable.
    pub assignment: Rc<[u8]>,
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to read.
    pub offset: i64,
    /// The epoch of the last record read, -1 if it is not known.
    pub leader_epoch: i32,
    /// The client's own words.
    pub metadata: Rc<str>,
    /// When it was committed, in milliseconds since 1970.
    pub committed_ms: i64,
    /// When it goes, where the client said so (commits of v2 to v4).
    pub expires_ms: Option<i64>,
    /// The topic's id at that time; zero if it was not known.
    pub topic_id: Uuid,
}
