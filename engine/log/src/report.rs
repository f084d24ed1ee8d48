//! What a store tells about itself: after a start, while it runs, and when it is checked offline.

use std::time::Duration;

use engine_base::{Fault, LogId, Offset, Uuid};

use crate::HardState;

/// One log as recovery found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveredLog {
    /// Its id.
    pub id: LogId,
    /// Its hard state.
    pub hard_state: HardState,
    /// The first offset that can be read.
    pub start: Offset,
    /// One past the last offset.
    pub end: Offset,
}

/// What a start found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The shard's name.
    pub shard: Uuid,
    /// Every log that is there, ascending by id.
    pub logs: Vec<RecoveredLog>,
    /// How the start went.
    pub report: RecoveryReport,
}

/// What a small durable write took when it was measured: medians, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlushTimes {
    /// With `RWF_DSYNC`.
    pub dsync_ns: u64,
    /// By a write and an fdatasync.
    pub fdatasync_ns: u64,
}

/// How a start went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Journal blocks replayed.
    pub blocks: u64,
    /// Journal bytes replayed.
    pub bytes: u64,
    /// Whether the journal ended in a torn block, which was cut.
    pub torn: bool,
    /// The generation that this start took.
    pub generation: u64,
    /// What was found wrong without stopping the start: rotten or missing files, by name.
    pub faults: Vec<Fault>,
    /// How long it took until the first append could be admitted.
    pub took: Duration,
    /// Journal blocks are flushed with `RWF_DSYNC`; otherwise by a write and an fdatasync.
    pub dsync: bool,
    /// What was measured in an earlier life.
    pub flush_times: Option<FlushTimes>,
}

/// Counters and gauges of a running store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Logs that exist.
    pub logs: u64,
    /// Journal blocks submitted in this life.
    pub blocks: u64,
    /// Journal bytes submitted in this life, padding included.
    pub journal_bytes: u64,
    /// Bytes appended to logs in this life.
    pub appended_bytes: u64,
    /// Bytes written to segments in this life.
    pub destaged_bytes: u64,
    /// Bytes of tails that are not in segments yet.
    pub dirty_bytes: u64,
    /// Bytes of memory that tails hold.
    pub memory_bytes: u64,
    /// Checkpoints written in this life.
    pub checkpoints: u64,
    /// Remainders carried forward in this life.
    pub carried: u64,
    /// Bytes read from segment files.
    pub read_bytes: u64,
    /// Logs that are being compacted now.
    pub compacting: u64,
    /// Rounds of compaction that came to their end in this life.
    pub compactions: u64,
    /// Bytes of the segments that compaction replaced.
    pub compacted_bytes: u64,
    /// Bytes of the segments that it wrote in their place.
    pub compacted_to_bytes: u64,
    /// Rounds that met rot or a failed read: their logs are left alone until the next start.
    pub compaction_faults: u64,
    /// Whether produce is refused for want of disk space.
    pub storage_full: bool,
    /// Journal blocks are flushed with `RWF_DSYNC`; otherwise by a write and an fdatasync.
    pub dsync: bool,
    /// What was measured; `None` if the operator chose, or if it is still to be measured.
    pub flush_times: Option<FlushTimes>,
}

/// What an offline check of a shard found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Logs checked.
    pub logs: u64,
    /// Segment files checked.
    pub segments: u64,
    /// Bytes whose checksums were checked, in segments and journal.
    pub bytes: u64,
    /// Batches whose framing, CRC, offsets and epochs were checked.
    pub batches: u64,
    /// Everything that is wrong, each with its file and position; empty means sound.
    pub faults: Vec<Fault>,
}
