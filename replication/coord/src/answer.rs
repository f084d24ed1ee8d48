//! What a group's coordinator answers: one variant per command.
//!
//! Kept true: lists answer in the order of what was asked; whatever is long is shared, since one
//! sync answers many tickets.

use std::rc::Rc;

use engine_base::{Refusal, Uuid};

/// The answer to a [`crate::GroupCommand`] of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupAnswer {
    /// JoinGroup.
    Join(Result<Joined, JoinRefused>),
    /// SyncGroup.
    Sync(Result<Synced, Refusal>),
    /// Heartbeat.
    Heartbeat(Result<(), Refusal>),
    /// LeaveGroup: one for each member, or one refusal for all.
    Leave(Result<Vec<LeftMember>, Refusal>),
    /// ConsumerGroupHeartbeat.
    ConsumerHeartbeat(Result<ConsumerBeat, Refusal>),
    /// OffsetCommit: one for each offset, or one refusal for all.
    CommitOffsets(Result<Vec<Result<(), Refusal>>, Refusal>),
    /// OffsetDelete: one for each partition, or one refusal for all.
    DeleteOffsets(Result<Vec<Result<(), Refusal>>, Refusal>),
    /// DeleteGroups.
    DeleteGroup(Result<(), Refusal>),
    /// The offsets of deleted topics are gone.
    ForgetTopics,
}

/// A join that was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRefused {
    /// Why.
    pub why: Refusal,
    /// The id that the member has, or must come back with after `MemberIdRequired`.
    pub member_id: String,
}

/// A member of a new generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The generation.
    pub generation: i32,
    /// The group's type; null before v7.
    pub protocol_type: Option<Rc<str>>,
    /// The protocol that all members support.
    pub protocol_name: Option<Rc<str>>,
    /// The leader's member id.
    pub leader: Rc<str>,
    /// The leader must not assign anew (v9).
    pub skip_assignment: bool,
    /// This member's id.
    pub member_id: Rc<str>,
    /// For the leader: every member. Empty for others.
    pub members: Vec<JoinedMember>,
}

/// A member as its leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedMember {
    /// Its id.
    pub member_id: Rc<str>,
    /// A static member's name.
    pub instance_id: Option<Rc<str>>,
    /// What it said of itself under the chosen protocol.
    pub metadata: Rc<[u8]>,
}

/// A member's share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// The group's type.
    pub protocol_type: Option<Rc<str>>,
    /// The chosen protocol.
    pub protocol_name: Option<Rc<str>>,
    /// The leader's words for this member.
    pub assignment: Rc<[u8]>,
}

/// One of those who left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftMember {
    /// Its id as asked.
    pub member_id: String,
    /// Its instance id as asked.
    pub instance_id: Option<String>,
    /// Whether it left.
    pub left: Result<(), Refusal>,
}

/// What a member of the consumer protocol is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerBeat {
    /// Its id.
    pub member_id: Rc<str>,
    /// Its epoch from now on; what it said itself if it left.
    pub member_epoch: i32,
    /// Milliseconds to its next heartbeat; 0 if it left.
    pub heartbeat_ms: i32,
    /// Its partitions by topic, where they changed or it asked in full.
    pub assignment: Option<Vec<(Uuid, Vec<i32>)>>,
}
