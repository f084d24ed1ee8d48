//! Removing files: deleted logs, segments below the start, segments behind a cut, and what a start
//! finds of all these.
//!
//! Kept true: a file goes only once the entry that made it needless is durable and nobody writes or
//! reads it; large files are cut in steps, so that no single removal holds the device; a segment's
//! name is not used again before its file is gone.

use std::rc::Rc;
use std::time::Duration;

use engine_base::{Fault, FaultKind, LogId};
use engine_rt::{Create, Open};

use crate::progress::Seq;
use crate::segment::SegmentKey;
use crate::shard::{LogCell, Shard};
use crate::{names, snapshot};

/// A file is cut by this much at a time, in bytes.
const STEP_BYTES: u64 = 64 << 20;
const PAUSE: Duration = Duration::from_millis(1);

/// Something to remove once `after` is durable.
pub(crate) struct Removal {
    pub(crate) after: Seq,
    pub(crate) what: Remove,
}

pub(crate) enum Remove {
    Segment(SegmentKey),
    /// Segments of a log wholly below a start that is durable.
    Dead(Rc<LogCell>),
    Log(Rc<LogCell>),
    /// What is left of a log that this life never had.
    Remains(LogId),
}

impl Shard {
    /// Removes a segment's files once `after` is durable.
    pub(crate) fn remove_segment(&self, key: SegmentKey, after: Seq) {
        self.removing.borrow_mut().insert(key);
        self.removals.borrow_mut().push_back(Removal { after, what: Remove::Segment(key) });
    }

    /// Whether segments of this log, needless or orphaned, still have files to be removed.
    pub(crate) fn is_removing(&self, id: LogId) -> bool {
        self.removing.borrow().iter().any(|(log, _)| *log == id)
    }

    /// Removes the segments that a moved start leaves behind, once `after` is durable.
    pub(crate) fn remove_dead(&self, cell: Rc<LogCell>, after: Seq) {
        self.removals.borrow_mut().push_back(Removal { after, what: Remove::Dead(cell) });
    }

    /// Removes all files of a deleted log once `after` is durable.
    pub(crate) fn remove_log(&self, cell: Rc<LogCell>, after: Seq) {
        self.removals.borrow_mut().push_back(Removal { after, what: Remove::Log(cell) });
    }

    /// Removes what a start found of a log that is gone: its id is never used again.
    pub(crate) fn remove_remains(&self, id: LogId) {
        let removal = Removal { after: Seq(0), what: Remove::Remains(id) };
        self.removals.borrow_mut().push_back(removal);
    }
}

/// Runs until the store closes or fails.
pub(crate) async fn run(shard: Rc<Shard>) {
    loop {
        let moved = shard.moved.notified();
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        let durable = shard.progress().durable;
        let next = {
            let mut removals = shard.removals.borrow_mut();
            // Sequences ascend along the queue.
            let ready = removals.front().is_some_and(|removal| removal.after <= durable);
            if ready { removals.pop_front() } else { None }
        };
        let Some(removal) = next else {
            moved.await;
            continue;
        };
        let removed = match removal.what {
            Remove::Segment(key) => remove_segment(&shard, key).await,
            Remove::Dead(cell) => remove_dead(&shard, &cell, durable).await,
            Remove::Log(cell) => remove_log(&shard, &cell).await,
            Remove::Remains(id) => remove_whole(&shard, id).await,
        };
        if let Err(fault) = removed {
            shard.fail(fault);
            return;
        }
        shard.space_work.notify_all();
    }
}

async fn remove_segment(shard: &Shard, key: SegmentKey) -> Result<(), Fault> {
    // Nobody writes it: a start passes only sealed segments, and a cut waits for the destage in
    // flight. A destage of a new segment of this name waits for us.
    shard.segments.forget(key);
    remove_files(shard, key).await?;
    shard.removing.borrow_mut().remove(&key);
    shard.destage_done.notify_all();
    Ok(())
}

/// Removes the files of a segment that nobody uses.
///
/// # Errors
/// A failed removal.
pub(crate) async fn remove_files(shard: &Shard, key: SegmentKey) -> Result<(), Fault> {
    for path in [names::segment(&shard.dir, key.0, key.1), names::sidecar(&shard.dir, key.0, key.1)]
    {
        remove_file(shard, &path).await?;
    }
    shard.segments.note_dir(key.0);
    Ok(())
}

async fn remove_dead(shard: &Shard, cell: &Rc<LogCell>, durable: Seq) -> Result<(), Fault> {
    let dead = {
        let mut log = cell.state.borrow_mut();
        let start = log.start_upto(durable.0);
        log.take_segments_below(start)
    };
    for sealed in dead {
        remove_segment(shard, (cell.id, sealed.name())).await?;
    }
    Ok(())
}

async fn remove_log(shard: &Shard, cell: &Rc<LogCell>) -> Result<(), Fault> {
    wait_destaged(shard, cell).await;
    remove_whole(shard, cell.id).await
}

/// Removes everything of a log.
async fn remove_whole(shard: &Shard, id: LogId) -> Result<(), Fault> {
    remove_dir(shard, id).await?;
    snapshot::remove(&shard.core, &shard.dir, id).await.map_err(|e| {
        let place = names::snapshot(&shard.dir, id).display().to_string();
        Fault::new(FaultKind::WriteFailed, place, e.to_string())
    })
}

/// Removes a log's directory with all its files.
async fn remove_dir(shard: &Shard, id: LogId) -> Result<(), Fault> {
    let dir = names::log_dir(&shard.dir, id);
    let failed = |e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, dir.display().to_string(), e.to_string())
    };
    let entries = match shard.core.list_dir(&dir).await {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(failed(e)),
    };
    for entry in entries {
        if let Some((name, _)) = names::segment_of(&entry.name) {
            shard.segments.forget((id, name));
        }
        remove_file(shard, &dir.join(&entry.name)).await?;
    }
    shard.core.remove_dir(&dir).await.map_err(failed)
}

async fn wait_destaged(shard: &Shard, cell: &Rc<LogCell>) {
    loop {
        let done = shard.destage_done.notified();
        let is_used = {
            let log = cell.state.borrow();
            log.destaging || log.cleaning
        };
        if !is_used || shard.has_failed() {
            return;
        }
        done.await;
    }
}

/// Cuts a file in steps, then removes its name. A reader that still has it open finds it shorter
/// and looks again where its log starts.
async fn remove_file(shard: &Shard, path: &std::path::Path) -> Result<(), Fault> {
    let failed = |e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    let how = Open { write: true, create: Create::No, direct: false };
    let file = match shard.core.open(path, how).await {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(failed(e)),
    };
    let mut len = file.len().await.map_err(failed)?;
    while len > STEP_BYTES {
        len -= STEP_BYTES;
        file.set_len(len).await.map_err(failed)?;
        shard.core.sleep(PAUSE).await;
    }
    match shard.core.remove_file(path).await {
        // Its log was set aside meanwhile, and its directory moved.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(failed),
    }
}
