//! The names of a shard's files. Nobody else knows them.
//!
//! ```text
//! shard                                   who this directory is, and the ring's geometry
//! journal/00000000 ...                    the ring
//! checkpoint-<number, 16 hex>             the last two checkpoints
//! checkpoint.new                          one in the making
//! flush                                   which way of flushing is the faster one
//! flush.new, flush.scratch                while that is measured
//! logs/<log id, 16 hex>/<base offset, 20 digits>.log    a segment: plain record batches
//! logs/<log id, 16 hex>/<base offset, 20 digits>.side   its sidecar
//! logs/.../<base offset>-<revision, 16 hex>.log, .side  the same, written by compaction
//! snapshots/<log id, 16 hex>              what a log's records built: a cache
//! snapshots/<log id>-<generation>.new     one in the making
//! aside/<log id, 16 hex>-<generation>     a log that the metadata did not know
//! ```

use std::path::{Path, PathBuf};

use engine_base::{LogId, Offset};

/// What tells a segment from the others of its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentName {
    /// Its first offset.
    pub(crate) base: Offset,
    /// 0 for one that appends made; that of a compaction is above those of what it read, and never
    /// used twice.
    pub(crate) revision: u64,
}

impl SegmentName {
    /// One that appends make.
    pub(crate) fn appended(base: Offset) -> SegmentName {
        SegmentName { base, revision: 0 }
    }

    fn stem(self) -> String {
        let SegmentName { base, revision } = self;
        if revision == 0 { format!("{base:020}") } else { format!("{base:020}-{revision:016x}") }
    }

    fn of_stem(stem: &str) -> Option<SegmentName> {
        let (digits, revision) = match stem.split_once('-') {
            None => (stem, 0),
            Some((digits, hex)) => {
                let revision = u64::from_str_radix(hex, 16).ok();
                (digits, revision.filter(|revision| hex.len() == 16 && *revision > 0)?)
            }
        };
        let base = (digits.len() == 20).then(|| digits.parse().ok())??;
        Some(SegmentName { base, revision })
    }
}

pub(crate) const IDENTITY: &str = "shard";
pub(crate) const IDENTITY_NEW: &str = "shard.new";
pub(crate) const JOURNAL: &str = "journal";
pub(crate) const LOGS: &str = "logs";
pub(crate) const SNAPSHOTS: &str = "snapshots";
/// How the names of snapshots in the making end.
pub(crate) const NEW: &str = ".new";
pub(crate) const ASIDE: &str = "aside";
pub(crate) const CHECKPOINT_NEW: &str = "checkpoint.new";

pub(crate) fn identity(dir: &Path) -> PathBuf {
    dir.join(IDENTITY)
}

pub(crate) fn calibration(dir: &Path) -> PathBuf {
    dir.join("flush")
}

pub(crate) fn calibration_new(dir: &Path) -> PathBuf {
    dir.join("flush.new")
}

pub(crate) fn calibration_scratch(dir: &Path) -> PathBuf {
    dir.join("flush.scratch")
}

pub(crate) fn journal_file(dir: &Path, index: u32) -> PathBuf {
    dir.join(JOURNAL).join(format!("{index:08}"))
}

pub(crate) fn checkpoint(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("checkpoint-{number:016x}"))
}

/// The number of a checkpoint's file name.
pub(crate) fn checkpoint_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("checkpoint-")?;
    (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok())?
}

pub(crate) fn log_dir(dir: &Path, log: LogId) -> PathBuf {
    dir.join(LOGS).join(log.to_string())
}

/// The log of a directory's name, or of a snapshot's.
pub(crate) fn log_of(name: &str) -> Option<LogId> {
    (name.len() == 16).then(|| u64::from_str_radix(name, 16).ok().map(LogId))?
}

pub(crate) fn segment(dir: &Path, log: LogId, name: SegmentName) -> PathBuf {
    log_dir(dir, log).join(format!("{}.log", name.stem()))
}

pub(crate) fn sidecar(dir: &Path, log: LogId, name: SegmentName) -> PathBuf {
    log_dir(dir, log).join(format!("{}.side", name.stem()))
}

pub(crate) fn snapshot(dir: &Path, log: LogId) -> PathBuf {
    dir.join(SNAPSHOTS).join(log.to_string())
}

pub(crate) fn snapshot_new(dir: &Path, log: LogId, generation: u64) -> PathBuf {
    dir.join(SNAPSHOTS).join(format!("{log}-{generation:016x}{NEW}"))
}

/// Which segment a file's name says, and whether it is the sidecar.
pub(crate) fn segment_of(name: &str) -> Option<(SegmentName, bool)> {
    let (stem, side) = match name.strip_suffix(".log") {
        Some(stem) => (stem, false),
        None => (name.strip_suffix(".side")?, true),
    };
    SegmentName::of_stem(stem).map(|name| (name, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_what_they_name() {
        let dir = Path::new("d");
        assert_eq!(
            segment(dir, LogId(255), SegmentName::appended(7)).to_str(),
            Some("d/logs/00000000000000ff/00000000000000000007.log")
        );
        let seven = SegmentName::appended(7);
        assert_eq!(segment_of("00000000000000000007.log"), Some((seven, false)));
        assert_eq!(segment_of("00000000000000000007.side"), Some((seven, true)));
        assert_eq!(segment_of("7.side"), None);
        let compacted = SegmentName { base: 7, revision: 0x2a };
        let side = sidecar(dir, LogId(255), compacted);
        let name = side.file_name().and_then(|name| name.to_str()).unwrap();
        assert_eq!(name, "00000000000000000007-000000000000002a.side");
        assert_eq!(segment_of(name), Some((compacted, true)));
        assert_eq!(segment_of("00000000000000000007-0000000000000000.log"), None);
        assert_eq!(segment_of("00000000000000000007-2a.log"), None);
        assert_eq!(log_of("00000000000000ff"), Some(LogId(255)));
        assert_eq!(log_of("ff"), None);
        assert_eq!(checkpoint_number("checkpoint-000000000000001f"), Some(31));
        assert_eq!(checkpoint_number(CHECKPOINT_NEW), None);
    }
}
