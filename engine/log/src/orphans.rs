//! After a replay the directory is made to match what was replayed.
//!
//! Kept true: only files that no replayed log knows are removed; a file that is missing is a fault
//! of its log, told after replay, because replay may have made it needless.

use std::collections::BTreeMap;
use std::path::Path;

use engine_base::{Fault, FaultKind, LogId, Offset};
use engine_rt::Core;

use crate::log_state::LogState;
use crate::names;
use crate::tail::ChunkSource;

/// Removes the files of logs that are gone, and segments that no log has; reports those that are
/// missing.
///
/// # Errors
/// A failed listing or removal.
pub(crate) async fn settle_files(
    core: &Core,
    dir: &Path,
    source: &ChunkSource<'_>,
    logs: &mut BTreeMap<LogId, LogState>,
    faults: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let all = dir.join(names::LOGS);
    let failed = |path: &Path, e: std::io::Error| {
        Fault::new(FaultKind::ReadFailed, path.display().to_string(), e.to_string())
    };
    let mut listed: BTreeMap<LogId, Vec<(Offset, bool)>> = BTreeMap::new();
    for entry in core.list_dir(&all).await.map_err(|e| failed(&all, e))? {
        let Some(id) = names::log_of(&entry.name).filter(|_| entry.is_dir) else { continue };
        if logs.contains_key(&id) {
            let path = names::log_dir(dir, id);
            let files = core.list_dir(&path).await.map_err(|e| failed(&path, e))?;
            listed.insert(id, files.iter().filter_map(|f| names::segment_of(&f.name)).collect());
        } else {
            remove_log_dir(core, dir, id).await?;
        }
    }
    for (id, log) in logs.iter_mut() {
        log.rebase_if_dead(source);
        log.take_dead_segments();
        let files = listed.remove(id).unwrap_or_default();
        let known = log.segment_files();
        log.has_dir = !files.is_empty();
        for (base, side) in &files {
            if !known.contains(base) {
                let path = file_path(dir, *id, *base, *side);
                core.remove_file(&path).await.map_err(|e| failed(&path, e))?;
            }
        }
        for base in known {
            for side in [false, true] {
                if !files.contains(&(base, side)) {
                    let place = file_path(dir, *id, base, side).display().to_string();
                    faults.push(Fault::new(FaultKind::Missing, place, "the file is not there"));
                }
            }
        }
    }
    Ok(())
}

fn file_path(dir: &Path, id: LogId, base: Offset, side: bool) -> std::path::PathBuf {
    if side { names::sidecar(dir, id, base) } else { names::segment(dir, id, base) }
}

/// Removes what is left of a deleted log.
async fn remove_log_dir(core: &Core, dir: &Path, id: LogId) -> Result<(), Fault> {
    let path = names::log_dir(dir, id);
    let failed = |e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    for entry in core.list_dir(&path).await.map_err(failed)? {
        core.remove_file(&path.join(&entry.name)).await.map_err(failed)?;
    }
    core.remove_dir(&path).await.map_err(failed)
}
