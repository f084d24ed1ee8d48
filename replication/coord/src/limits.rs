//! The bounds that a broker's configuration sets to its groups.
//!
//! Kept true: they are looked at when deciding, never when applying, so that a changed
//! configuration changes no state.

use std::time::Duration;

/// Bounds and times of all groups. The defaults are those of Kafka 4.3.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLimits {
    /// `group.min.session.timeout.ms`.
    pub session_ms_min: i32,
    /// `group.max.session.timeout.ms`.
    pub session_ms_max: i32,
    /// `group.initial.rebalance.delay.ms`.
    pub initial_delay: Duration,
    /// `group.max.size`.
    pub members_max: usize,
    /// `offset.metadata.max.bytes`.
    pub metadata_bytes_max: usize,
    /// `offsets.retention.minutes`, in milliseconds.
    pub retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub retention_check: Duration,
}

impl Default for GroupLimits {
    fn default() -> GroupLimits {
        GroupLimits {
            session_ms_min: 6_000,
            session_ms_max: 1_800_000,
            initial_delay: Duration::from_secs(3),
            members_max: i32::MAX as usize,
            metadata_bytes_max: 4_096,
            retention_ms: 7 * 24 * 60 * 60 * 1_000,
            retention_check: Duration::from_secs(600),
        }
    }
}
