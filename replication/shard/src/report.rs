//! What a start found, for the banner, the log and `debug verify`.

use std::time::Duration;

use engine_base::{Fault, LogId, ShardIndex, Uuid};
use engine_log::RecoveryReport;

/// What a start found.
#[derive(Clone, Debug)]
pub struct StartReport {
    /// The cluster's id.
    pub cluster: Uuid,
    /// This node's incarnation: changes when its directory is wiped and formatted again.
    pub incarnation: Uuid,
    /// Whether this start formatted the directories.
    pub formatted: bool,
    /// Per shard, in the order of indexes.
    pub shards: Vec<ShardReport>,
    /// From the call to readiness.
    pub took: Duration,
}

/// What one shard found at its start.
#[derive(Clone, Debug)]
pub struct ShardReport {
    /// Which shard.
    pub shard: ShardIndex,
    /// Its directory, as a path to print; empty if no directory that was given has it.
    pub place: String,
    /// How many replicas it serves.
    pub logs: usize,
    /// Logs on disk that the metadata does not know: kept aside, not served.
    pub set_aside: Vec<LogId>,
    /// What was replayed; `None` if it could not be opened.
    pub recovery: Option<RecoveryReport>,
    /// The fault that keeps it from serving; the node serves the others.
    pub fault: Option<Fault>,
}

impl ShardReport {
    /// What was found, in a line without the place.
    pub fn in_words(&self) -> String {
        let Some(recovery) = &self.recovery else { return "not opened".into() };
        let mut line = format!(
            "{} replicas, {} journal blocks ({} bytes) replayed in {} ms",
            self.logs,
            recovery.blocks,
            recovery.bytes,
            recovery.took.as_millis()
        );
        line.push_str(match recovery.dsync {
            true => ", flushed by RWF_DSYNC",
            false => ", flushed by fdatasync",
        });
        if let Some(times) = &recovery.flush_times {
            let (dsync, fdatasync) = (times.dsync_ns / 1000, times.fdatasync_ns / 1000);
            line.push_str(&format!(" (measured {dsync} us, by fdatasync {fdatasync} us)"));
        }
        if recovery.torn {
            line.push_str(", a torn end was cut");
        }
        if !recovery.faults.is_empty() {
            line.push_str(&format!(", {} faults found", recovery.faults.len()));
        }
        if !self.set_aside.is_empty() {
            line.push_str(&format!(", {} unknown logs set aside", self.set_aside.len()));
        }
        line
    }
}
