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
//! aside/<log id, 16 hex>-<generation>     a log that the metadata did not know
//! ```

use std::path::{Path, PathBuf};

use engine_base::{LogId, Offset};

pub(crate) const IDENTITY: &str = "shard";
pub(crate) const IDENTITY_NEW: &str = "shard.new";
pub(crate) const JOURNAL: &str = "journal";
pub(crate) const LOGS: &str = "logs";
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

/// The log of a directory's name.
pub(crate) fn log_of(name: &str) -> Option<LogId> {
    (name.len() == 16).then(|| u64::from_str_radix(name, 16).ok().map(LogId))?
}

pub(crate) fn segment(dir: &Path, log: LogId, base: Offset) -> PathBuf {
    log_dir(dir, log).join(format!("{base:020}.log"))
}

pub(crate) fn sidecar(dir: &Path, log: LogId, base: Offset) -> PathBuf {
    log_dir(dir, log).join(format!("{base:020}.side"))
}

/// The base offset in a segment's or sidecar's name, and whether it is the sidecar.
pub(crate) fn segment_of(name: &str) -> Option<(Offset, bool)> {
    let (digits, side) = match name.strip_suffix(".log") {
        Some(digits) => (digits, false),
        None => (name.strip_suffix(".side")?, true),
    };
    (digits.len() == 20).then(|| digits.parse().ok().map(|base| (base, side)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_what_they_name() {
        let dir = Path::new("d");
        assert_eq!(
            segment(dir, LogId(255), 7).to_str(),
            Some("d/logs/00000000000000ff/00000000000000000007.log")
        );
        assert_eq!(segment_of("00000000000000000007.log"), Some((7, false)));
        assert_eq!(segment_of("00000000000000000007.side"), Some((7, true)));
        assert_eq!(segment_of("7.side"), None);
        assert_eq!(log_of("00000000000000ff"), Some(LogId(255)));
        assert_eq!(log_of("ff"), None);
        assert_eq!(checkpoint_number("checkpoint-000000000000001f"), Some(31));
        assert_eq!(checkpoint_number(CHECKPOINT_NEW), None);
    }
}
