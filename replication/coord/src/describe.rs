//! What readers see of groups between decisions: applied state, and how a rebalance stands.
//!
//! Kept true: nothing here changes anything; an offset is shown once its record is applied.

use std::rc::Rc;

use engine_base::Uuid;

/// Which protocol a group speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// JoinGroup and SyncGroup; or plain commits.
    Classic,
    /// ConsumerGroupHeartbeat, with classic members among the others maybe.
    Consumer,
}

impl GroupKind {
    /// As ListGroups says it.
    pub fn name(self) -> &'static str {
        match self {
            GroupKind::Classic => "classic",
            GroupKind::Consumer => "consumer",
        }
    }
}

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

/// A consumer group's state. Its name is Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    /// No members.
    Empty,
    /// The newest epoch has no assignment yet.
    Assigning,
    /// Some members are not at their assignment yet.
    Reconciling,
    /// Every member is at its assignment.
    Stable,
}

impl ConsumerState {
    /// As ListGroups and ConsumerGroupDescribe say it.
    pub fn name(self) -> &'static str {
        match self {
            ConsumerState::Empty => "Empty",
            ConsumerState::Assigning => "Assigning",
            ConsumerState::Reconciling => "Reconciling",
            ConsumerState::Stable => "Stable",
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
    /// Its protocol.
    pub kind: GroupKind,
    /// Its state's name.
    pub state: &'static str,
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
    /// Its assignment; the last one while the group rebalances.
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

/// A group as ConsumerGroupDescribe tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedConsumerGroup {
    /// Its state.
    pub state: ConsumerState,
    /// Grows with every change of members, subscriptions or topics.
    pub group_epoch: i32,
    /// The group epoch that the target assignment is for.
    pub assignment_epoch: i32,
    /// The assignor that most members prefer.
    pub assignor: Rc<str>,
    /// Its members, by id.
    pub members: Vec<DescribedConsumer>,
}

/// A member of a described consumer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedConsumer {
    /// Its id.
    pub member_id: Rc<str>,
    /// A static member's name.
    pub instance_id: Option<Rc<str>>,
    /// Where it runs.
    pub rack_id: Option<Rc<str>>,
    /// Its epoch.
    pub member_epoch: i32,
    /// Its client's id.
    pub client_id: Rc<str>,
    /// Its client's host.
    pub client_host: Rc<str>,
    /// The topics that it named.
    pub topics: Vec<Rc<str>>,
    /// Its pattern.
    pub regex: Option<Rc<str>>,
    /// What it has. Topics that are no more are left out.
    pub assignment: Vec<DescribedTopic>,
    /// What it is to have.
    pub target: Vec<DescribedTopic>,
    /// It speaks the classic protocol.
    pub classic: bool,
}

/// Partitions of a topic in an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedTopic {
    /// The topic's id.
    pub topic_id: Uuid,
    /// Its name.
    pub topic: Rc<str>,
    /// The partitions, in order.
    pub partitions: Vec<i32>,
}
