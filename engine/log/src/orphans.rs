//! After a replay the directory is made to match what was replayed.
//!
//! Kept true: only files that no replayed log knows are removed, by the remover, in its steps and
//! beside the start; a file that is missing is a fault of its log alone, told after replay, because
//! replay may have made it needless. What is still to be written behind its missing bytes finds a
//! file to go to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine_base::{Fault, FaultKind, LogId, Uuid};
use engine_rt::{Core, Create, Open};

use crate::chunk::ChunkSource;
use crate::log_state::LogState;
use crate::names::{self, SegmentName};
use crate::progress::Seq;
use crate::segment::SegmentKey;
use crate::shard::Shard;
use crate::snapshot;

/// What a start found that nobody knows.
#[derive(Debug, Default)]
pub(crate) struct Orphans {
    /// Logs that are gone and have left a directory or a snapshot.
    logs: Vec<LogId>,
    /// Segments of logs that go on without them.
    segments: BTreeSet<SegmentKey>,
}

impl Orphans {
    /// Leaves them to the remover: until a segment is gone, nobody uses its name.
    pub(crate) fn remove(self, shard: &Shard) {
        self.logs.into_iter().for_each(|id| shard.remove_remains(id));
        self.segments.into_iter().for_each(|key| shard.remove_segment(key, Seq(0)));
    }
}

/// Finds the files of logs that are gone, and segments that no log has; reports those that are
/// missing.
///
/// # Errors
/// A failed listing.
pub(crate) async fn settle_files(
    core: &Core,
    dir: &Path,
    shard: Uuid,
    source: &ChunkSource<'_>,
    logs: &mut BTreeMap<LogId, LogState>,
    faults: &mut Vec<Fault>,
) -> Result<Orphans, Fault> {
    let mut orphans = Orphans::default();
    let all = dir.join(names::LOGS);
    let failed = |path: &Path, e: std::io::Error| {
        Fault::new(FaultKind::ReadFailed, path.display().to_string(), e.to_string())
    };
    let mut listed: BTreeMap<LogId, Vec<(SegmentName, bool)>> = BTreeMap::new();
    for entry in core.list_dir(&all).await.map_err(|e| failed(&all, e))? {
        let Some(id) = names::log_of(&entry.name).filter(|_| entry.is_dir) else { continue };
        if logs.contains_key(&id) {
            let path = names::log_dir(dir, id);
            let files = core.list_dir(&path).await.map_err(|e| failed(&path, e))?;
            listed.insert(id, files.iter().filter_map(|f| names::segment_of(&f.name)).collect());
        } else {
            orphans.logs.push(id);
        }
    }
    for id in snapshot::listed(core, dir).await.map_err(|e| failed(dir, e))? {
        match logs.get_mut(&id) {
            Some(log) => {
                log.snapshots.extend(snapshot::findable(core, dir, shard, log).await);
            }
            None => orphans.logs.push(id),
        }
    }
    for (id, log) in logs.iter_mut() {
        log.rebase_if_dead(source);
        log.take_dead_segments();
        let files = listed.remove(id).unwrap_or_default();
        let known = log.segment_files();
        log.has_dir = !files.is_empty();
        let names = files.iter().map(|(name, _)| *name);
        orphans.segments.extend(names.filter(|name| !known.contains(name)).map(|name| (*id, name)));
        for name in known {
            for side in [false, true] {
                if !files.contains(&(name, side)) {
                    let place = file_path(dir, *id, name, side).display().to_string();
                    faults.push(Fault::new(FaultKind::Missing, place, "the file is not there"));
                    if name == log.open().name() {
                        make_anew(core, dir, *id, &file_path(dir, *id, name, side)).await?;
                    }
                }
            }
        }
    }
    Ok(orphans)
}

/// Makes an empty file for an open segment's: its bytes are reported, what follows them goes on.
async fn make_anew(core: &Core, dir: &Path, id: LogId, path: &Path) -> Result<(), Fault> {
    let failed = |e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    let log = names::log_dir(dir, id);
    core.create_dir_all(&log).await.map_err(failed)?;
    let how = Open { write: true, create: Create::Yes, direct: false };
    core.open(path, how).await.map_err(failed)?;
    for named in [log, dir.join(names::LOGS)] {
        core.sync_dir(&named).await.map_err(failed)?;
    }
    Ok(())
}

fn file_path(dir: &Path, id: LogId, name: SegmentName, side: bool) -> std::path::PathBuf {
    if side { names::sidecar(dir, id, name) } else { names::segment(dir, id, name) }
}
