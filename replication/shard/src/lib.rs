//! What a shard owns and does: the one async shell around the pure parts.
//!
//! Kept true: a partition is touched by one shard only; decisions are made by plain functions
//! (`replica/consensus.rs`, the machines) and only this crate turns them into I/O; a session sees
//! [`Node`] and [`Partition`], never a shard, a log or a journal.

pub mod command;
pub mod coordinators;
mod directory;
mod directory_meta;
mod disk;
mod flights;
mod follow;
mod host;
mod host_snapshot;
mod inbox;
mod inspection;
mod metadata;
pub mod node;
mod open;
pub mod options;
pub mod partition;
pub mod produced;
mod producer_ids;
mod replica;
pub mod report;
mod seats;
mod shard;
mod start;
mod take;
pub mod watch;

pub use command::{
    Acks, BatchBytes, Isolation, ListOffsetAnswer, ListOffsetCommand, Position, ProduceAnswer,
    ProduceCommand, ReadAnswer, ReadCommand,
};
pub use coordinators::Coordinator;
pub use directory::is_formatted;
pub use disk::DiskChange;
pub use engine_base::settings::{BrokerConfig, ConfigChange, TopicSettings};
pub use engine_log::{Producer, StoreOptions};
pub use inspection::Inspection;
pub use node::{LogDir, Node};
pub use options::{Format, NodeOptions};
pub use partition::Partition;
pub use produced::Produced;
pub use replication_control::topic_name::refuse_name;
pub use replication_control::{
    ConfigChanges, ConfigResource, ConfigTarget, CreatedTopic, DeletedTopic, Endpoint, Image,
    MorePartitions, NewTopic, NodeFacts, PartitionFacts, QuotaChange, QuotaEntity, QuotaKey,
    QuotaName, Quotas, TopicFacts, TopicRef,
};
/// What can be asked of groups and what is answered.
pub use replication_coord as groups;
pub use report::{ShardReport, StartReport};
pub use watch::Watch;

/// Tests of a whole node in the simulated world.
#[cfg(test)]
mod whole {
    mod crash_test;
    mod directory_test;
    mod fault_test;
    mod groups_compacted_test;
    mod groups_large_test;
    mod groups_test;
    mod idempotence_test;
    mod offsets_test;
    mod producer_ids_test;
    mod skeleton_test;
    mod watch_test;
    mod world_test;
}
