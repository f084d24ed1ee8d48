//! Consumer groups and their committed offsets as a machine: all groups of one partition of
//! `__consumer_offsets`, whose records are Kafka's own.
//!
//! Kept true: no clock, no chance, no I/O and nothing async; what survives a restart is exactly
//! what the records say, and who waits for whom is volatile.

pub mod answer;
mod bytes;
pub mod cluster;
pub mod command;
mod commit;
mod consumer;
pub mod describe;
mod dispatch;
mod expire;
mod group;
pub mod groups;
mod join;
mod leave;
pub mod limits;
mod live;
mod pending;
mod rebalance;
mod records;
mod room;
mod sync;
mod turn;

pub use answer::{
    ConsumerBeat, GroupAnswer, JoinRefused, Joined, JoinedMember, LeftMember, Synced,
};
pub use cluster::{Cluster, GroupConfig, TopicSize};
pub use command::{
    CommitOffsets, ConsumerHeartbeat, DeleteOffsets, DeletedTopics, GroupCommand, Heartbeat, Join,
    Leave, LeavingMember, NewOffset, Sync,
};
pub use consumer::check_pattern;
pub use describe::{
    CommittedOffset, ConsumerState, DescribedConsumer, DescribedConsumerGroup, DescribedGroup,
    DescribedMember, DescribedTopic, GroupKind, GroupState, ListedGroup,
};
pub use groups::Groups;
pub use limits::{ConsumerLimits, GroupLimits, Migration};
