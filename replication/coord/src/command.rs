//! What can be asked of a coordinator: one struct per API, without what only the wire needs.
//!
//! Kept true: a command carries everything that its decision may not find out itself: random ids,
//! the client's host. Strings are bounded by the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_base::{Offset, Uuid};

/// Topics that were deleted: the ids they had, by name. What was committed for a topic of the same
/// name and another id stays.
pub type DeletedTopics = BTreeMap<Rc<str>, BTreeSet<Uuid>>;

/// A command to one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupCommand {
    /// JoinGroup.
    Join(Join),
    /// SyncGroup.
    Sync(Sync),
    /// Heartbeat.
    Heartbeat(Heartbeat),
    /// LeaveGroup.
    Leave(Leave),
    /// ConsumerGroupHeartbeat.
    ConsumerHeartbeat(ConsumerHeartbeat),
    /// OffsetCommit.
    CommitOffsets(CommitOffsets),
    /// OffsetDelete.
    DeleteOffsets(DeleteOffsets),
    /// DeleteGroups, for one group.
    DeleteGroup {
        /// The group.
        group: Rc<str>,
    },
    /// Topics were deleted: their offsets go too.
    ForgetTopics {
        /// The group.
        group: Rc<str>,
        /// The deleted topics, of which the group may have nothing.
        topics: Rc<DeletedTopics>,
    },
}

impl GroupCommand {
    /// The group it is for.
    pub fn group(&self) -> &Rc<str> {
        match self {
            GroupCommand::Join(join) => &join.group,
            GroupCommand::Sync(sync) => &sync.group,
            GroupCommand::Heartbeat(heartbeat) => &heartbeat.group,
            GroupCommand::Leave(leave) => &leave.group,
            GroupCommand::ConsumerHeartbeat(beat) => &beat.group,
            GroupCommand::CommitOffsets(commit) => &commit.group,
            GroupCommand::DeleteOffsets(delete) => &delete.group,
            GroupCommand::DeleteGroup { group } | GroupCommand::ForgetTopics { group, .. } => group,
        }
    }
}

/// JoinGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The group.
    pub group: Rc<str>,
    /// Empty for a member that has no id yet.
    pub member_id: String,
    /// Random: becomes part of the id of a member that has none.
    pub fresh_id: Uuid,
    /// A static member's name.
    pub instance_id: Option<String>,
    /// From the request's header.
    pub client_id: String,
    /// As Kafka prints it: `/127.0.0.1`.
    pub client_host: String,
    /// `consumer`, `connect`, `sr` and others.
    pub protocol_type: String,
    /// Names in the member's order of preference, and what each says of the member.
    pub protocols: Vec<(String, Vec<u8>)>,
    /// Milliseconds without a heartbeat after which the member is dead.
    pub session_ms: i32,
    /// Milliseconds a rebalance waits for the member; before v1 the session's.
    pub rebalance_ms: i32,
    /// v4 and later: a member without an id is first told one ([`engine_base::Refusal`]'s
    /// `MemberIdRequired`).
    pub requires_known_member: bool,
    /// v9 and later: a returning static leader may be told to leave the assignment as it is.
    pub skips_assignment: bool,
    /// Why it joins, for people.
    pub reason: Option<String>,
}

/// SyncGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// The group.
    pub group: Rc<str>,
    /// The member.
    pub member_id: String,
    /// A static member's name.
    pub instance_id: Option<String>,
    /// The generation that the member's join gave it.
    pub generation: i32,
    /// v5 and later: must be the group's.
    pub protocol_type: Option<String>,
    /// v5 and later: must be the group's.
    pub protocol_name: Option<String>,
    /// From the leader: each member's id and its assignment.
    pub assignments: Vec<(String, Vec<u8>)>,
}

/// Heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The group.
    pub group: Rc<str>,
    /// The member.
    pub member_id: String,
    /// A static member's name.
    pub instance_id: Option<String>,
    /// The member's generation.
    pub generation: i32,
}

/// LeaveGroup; versions before 3 name one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// The group.
    pub group: Rc<str>,
    /// Who leaves.
    pub members: Vec<LeavingMember>,
}

/// One of those who leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeavingMember {
    /// Its id; empty where a static member is named by its instance id alone.
    pub member_id: String,
    /// A static member's name.
    pub instance_id: Option<String>,
    /// Why, for people.
    pub reason: Option<String>,
}

/// ConsumerGroupHeartbeat: a member of the consumer protocol joins, stays in or leaves. What is
/// `None` is as the member said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerHeartbeat {
    /// The group.
    pub group: Rc<str>,
    /// The member's own id; may be empty in v0 when it joins.
    pub member_id: String,
    /// Random: the id of a member that joins without one.
    pub fresh_id: Uuid,
    /// Its epoch; 0 joins, -1 leaves, -2 leaves for a while (static members).
    pub member_epoch: i32,
    /// A static member's name.
    pub instance_id: Option<String>,
    /// Where it runs.
    pub rack_id: Option<String>,
    /// Milliseconds it may take to give up partitions; -1: as it said before.
    pub rebalance_ms: i32,
    /// The topics that it reads.
    pub topics: Option<Vec<String>>,
    /// v1: the pattern of further topics that it reads; empty takes the last one away.
    pub regex: Option<String>,
    /// The assignor that it prefers.
    pub assignor: Option<String>,
    /// The partitions that it owns, by topic.
    pub owned: Option<Vec<(Uuid, Vec<i32>)>>,
    /// From the request's header.
    pub client_id: String,
    /// As Kafka prints it: `/127.0.0.1`.
    pub client_host: String,
    /// v1 and later: the member brings its own id.
    pub brings_id: bool,
}

/// OffsetCommit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitOffsets {
    /// The group.
    pub group: Rc<str>,
    /// Empty without membership.
    pub member_id: String,
    /// A static member's name.
    pub instance_id: Option<String>,
    /// -1 without membership.
    pub generation_or_epoch: i32,
    /// v2 to v4: milliseconds that these offsets stay; `None` or -1 for the broker's own rule.
    pub retention_ms: Option<i64>,
    /// v9 and later: a member of an unknown group is told `GroupIdNotFound`, not
    /// `IllegalGeneration`.
    pub names_unknown_group: bool,
    /// What to commit. The shell has refused unknown topics already.
    pub offsets: Vec<NewOffset>,
}

/// An offset to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffset {
    /// The topic.
    pub topic: Rc<str>,
    /// Its id; zero if it is not known.
    pub topic_id: Uuid,
    /// The partition.
    pub partition: i32,
    /// The next offset to read.
    pub offset: Offset,
    /// The epoch of the last record read; -1 if the client does not say.
    pub leader_epoch: i32,
    /// The client's own words.
    pub metadata: String,
}

/// OffsetDelete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteOffsets {
    /// The group.
    pub group: Rc<str>,
    /// Topics and partitions.
    pub partitions: Vec<(String, i32)>,
}
