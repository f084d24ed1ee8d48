//! A topic's configs in the form that the hot path reads: resolved, typed, with their units.

use engine_base::settings::{Depth, TimestampType};

/// What follows from a topic's configs and the node's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    /// `write.caching`: acknowledged when handed to the kernel instead of when flushed.
    pub write_caching: bool,
    /// `record.validation`: how deep a produced batch is looked at.
    pub depth: Depth,
    /// `max.message.bytes`: the largest batch, in bytes, Kafka's 12 bytes of log overhead included.
    pub message_bytes_max: usize,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_ms_max: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_ms_max: i64,
    /// `cleanup.policy` names `compact`: records without a key are refused.
    pub compact: bool,
    /// `cleanup.policy` names `delete`: the start may be moved by retention and DeleteRecords.
    pub delete: bool,
    /// `segment.bytes`.
    pub segment_bytes: u64,
    /// `segment.ms`.
    pub segment_ms: i64,
    /// `retention.ms`; -1 is for ever.
    pub retention_ms: i64,
    /// `retention.bytes`; -1 is without bound.
    pub retention_bytes: i64,
    /// `min.insync.replicas`.
    pub insync_replicas_min: i32,
}
