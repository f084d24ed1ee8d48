//! The words every room shares. Nothing here does anything: values, their units and their bounds.
//!
//! Kept true: this crate depends on nothing of ours, reads no clock, opens nothing and allocates
//! only what a value itself holds.

pub mod fault;
pub mod ids;
pub mod limits;
pub mod map;
pub mod refusal;
pub mod settings;
pub mod time;

pub use fault::{Fault, FaultKind};
pub use ids::{LogId, NodeId, ShardIndex, TopicPartition, Uuid};
pub use map::{IntMap, IntSet};
pub use refusal::Refusal;
pub use time::{Mono, WallMs};

/// A record's place in its partition, dense from 0. Kafka's offset and Raft's index are the same
/// number.
pub type Offset = i64;

/// A leader epoch. Kafka's leader epoch and Raft's term are the same number.
pub type Epoch = i32;
