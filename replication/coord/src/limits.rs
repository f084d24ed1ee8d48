//! The bounds that a broker's configuration sets to its groups.
//!
//! Kept true: they are looked at when deciding, never when applying, so that a changed
//! configuration changes no state.

use std::time::Duration;

use crate::cluster::GroupConfig;

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
    /// Bytes of records that one decision may have: what the log takes in one batch. A member that
    /// a group has no room for is refused.
    pub decision_bytes_max: usize,
    /// Of groups of the consumer protocol.
    pub consumer: ConsumerLimits,
}

/// Which online conversions between the protocols are allowed: `group.consumer.migration.policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// A classic group becomes a consumer group when such a member joins.
    pub upgrade: bool,
    /// A consumer group becomes a classic one when its last such member leaves.
    pub downgrade: bool,
}

/// Bounds and times of consumer groups, in milliseconds. Groups may set their own between the
/// bounds ([`crate::GroupConfig`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerLimits {
    /// `group.coordinator.rebalance.protocols` names `consumer`.
    pub served: bool,
    /// `group.consumer.session.timeout.ms`.
    pub session_ms: i32,
    /// `group.consumer.min.session.timeout.ms` and `group.consumer.max.session.timeout.ms`.
    pub session_ms_bounds: (i32, i32),
    /// `group.consumer.heartbeat.interval.ms`.
    pub heartbeat_ms: i32,
    /// `group.consumer.min.heartbeat.interval.ms` and `group.consumer.max.heartbeat.interval.ms`.
    pub heartbeat_ms_bounds: (i32, i32),
    /// `group.consumer.assignment.interval.ms`: the least time between two assignments.
    pub assignment_ms: i32,
    /// `group.consumer.min.assignment.interval.ms`, `group.consumer.max.assignment.interval.ms`.
    pub assignment_ms_bounds: (i32, i32),
    /// `group.consumer.max.size`.
    pub members_max: usize,
    /// `group.consumer.assignors`: of `uniform` and `range`, the default first.
    pub assignors: Vec<String>,
    /// `group.consumer.migration.policy`.
    pub migration: Migration,
    /// How old a resolved pattern may be at least before it is looked at without new topics.
    pub regex_refresh_ms: i64,
}

impl ConsumerLimits {
    /// Milliseconds of a session in a group that is configured so.
    pub(crate) fn session_of(&self, group: GroupConfig) -> i32 {
        bounded(group.session_ms, self.session_ms, self.session_ms_bounds)
    }

    /// Milliseconds between two heartbeats.
    pub(crate) fn heartbeat_of(&self, group: GroupConfig) -> i32 {
        bounded(group.heartbeat_ms, self.heartbeat_ms, self.heartbeat_ms_bounds)
    }

    /// Milliseconds between two assignments at least.
    pub(crate) fn assignment_of(&self, group: GroupConfig) -> i32 {
        bounded(group.assignment_ms, self.assignment_ms, self.assignment_ms_bounds)
    }
}

/// The group's own number within the broker's bounds; or else the broker's.
fn bounded(own: Option<i32>, default: i32, (least, most): (i32, i32)) -> i32 {
    own.map_or(default, |own| own.max(least).min(most))
}

impl Default for ConsumerLimits {
    fn default() -> ConsumerLimits {
        ConsumerLimits {
            served: true,
            session_ms: 45_000,
            session_ms_bounds: (45_000, 60_000),
            heartbeat_ms: 5_000,
            heartbeat_ms_bounds: (5_000, 15_000),
            assignment_ms: 1_000,
            assignment_ms_bounds: (0, 15_000),
            members_max: i32::MAX as usize,
            assignors: vec!["uniform".into(), "range".into()],
            migration: Migration { upgrade: true, downgrade: true },
            regex_refresh_ms: 600_000,
        }
    }
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
            decision_bytes_max: 12 << 20,
            consumer: ConsumerLimits::default(),
        }
    }
}
