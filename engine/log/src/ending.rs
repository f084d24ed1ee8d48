//! How a store ends in order, and how a log that nobody knows leaves it.
//!
//! Kept true: a store that was closed has its last data covered by a block that says so, and by a
//! checkpoint, and keeps no segment from who comes after it; a log that is set aside keeps every
//! byte, in files of its own, before the journal forgets it.

use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId, Refusal};

use crate::entry::Entry;
use crate::journal::Level;
use crate::log_state::LogState;
use crate::shard::{LogCell, Shard};
use crate::{checkpointer, names};

/// See [`crate::Store::close`].
pub(crate) async fn close(shard: &Rc<Shard>) -> Result<(), Fault> {
    shard.closing.set(true);
    shard.wake_all();
    let ended = end(shard).await;
    shard.ended.set(true);
    shard.wake_all();
    let tasks = std::mem::take(&mut *shard.tasks.borrow_mut());
    for task in tasks {
        task.await;
    }
    shard.segments.release();
    ended
}

async fn end(shard: &Rc<Shard>) -> Result<(), Fault> {
    quiet(shard).await?;
    for cell in shard.all_logs() {
        wait_unlocked(shard, &cell).await?;
    }
    let reserve = shard.reserve();
    let closed = shard.journal.borrow().is_closed();
    if !closed && shard.journal.borrow_mut().begin_empty(&shard.core, Level::Start, reserve) {
        shard.journal_work.notify_all();
        quiet(shard).await?;
    }
    checkpointer::take(shard).await?;
    Ok(())
}

/// Waits until everything in the journal is durable.
async fn quiet(shard: &Shard) -> Result<(), Fault> {
    loop {
        let moved = shard.moved.notified();
        if let Some(fault) = shard.failed() {
            return Err(fault);
        }
        if shard.journal.borrow().is_quiet() {
            return Ok(());
        }
        moved.await;
    }
}

async fn wait_unlocked(shard: &Shard, cell: &Rc<LogCell>) -> Result<(), Fault> {
    loop {
        let done = shard.destage_done.notified();
        if let Some(fault) = shard.failed() {
            return Err(fault);
        }
        if !cell.state.borrow().is_taken() {
            return Ok(());
        }
        done.await;
    }
}

/// See [`crate::Store::set_aside`].
pub(crate) async fn set_aside(shard: &Rc<Shard>, id: LogId) -> Result<bool, Fault> {
    let Some(cell) = shard.log(id) else { return Ok(true) };
    cell.state.borrow_mut().leaving = true;
    let left = leave(shard, id, &cell).await;
    if !matches!(left, Ok(true)) {
        cell.state.borrow_mut().leaving = false;
    }
    left
}

async fn leave(shard: &Rc<Shard>, id: LogId, cell: &Rc<LogCell>) -> Result<bool, Fault> {
    // The checkpoint flushes what was written.
    if !write_whole(shard, cell).await? || !checkpointer::take(shard).await? {
        return Ok(false);
    }
    if !wait_removed(shard, id, cell).await? {
        return Ok(false);
    }
    shard.known_by(&mut cell.state.borrow_mut(), LogState::delete);
    let failed = |path: &std::path::Path, e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    let from = names::log_dir(&shard.dir, id);
    let aside = shard.dir.join(names::ASIDE);
    if shard.core.exists(&from).await.map_err(|e| failed(&from, e))? {
        shard.core.create_dir_all(&aside).await.map_err(|e| failed(&aside, e))?;
        // It is there for good before anything is only in it.
        shard.core.sync_dir(&shard.dir).await.map_err(|e| failed(&shard.dir, e))?;
        let generation = shard.journal.borrow().generation();
        let to = aside.join(format!("{id}-{generation:08}"));
        shard.core.rename(&from, &to).await.map_err(|e| failed(&to, e))?;
        for dir in [&aside, &shard.dir.join(names::LOGS), &shard.dir] {
            shard.core.sync_dir(dir).await.map_err(|e| failed(dir, e))?;
        }
    }
    let sequence = loop {
        let admitted = shard.admitted.notified();
        match shard.journal_entry(id, &Entry::Delete, Level::Start) {
            Ok(sequence) => break sequence,
            Err(Refusal::Overloaded) => admitted.await,
            Err(other) => {
                let place = shard.dir.display().to_string();
                return Err(Fault::new(FaultKind::WriteFailed, place, format!("{other:?}")));
            }
        }
    };
    shard.logs.borrow_mut().remove(&id);
    if let Some(age) = cell.state.borrow_mut().age.take() {
        shard.ages.borrow_mut().remove(&(age, id));
    }
    shard.remove_log(Rc::clone(cell), sequence);
    Ok(true)
}

/// Gets every byte of a log into whole, closed segment files. False: not now, the disk is full or
/// the store is closing.
async fn write_whole(shard: &Rc<Shard>, cell: &Rc<LogCell>) -> Result<bool, Fault> {
    {
        let mut log = cell.state.borrow_mut();
        if log.open().len > 0 && !log.open().closed {
            log.roll();
        }
    }
    loop {
        let done = shard.destage_done.notified();
        let moved = shard.moved.notified();
        if let Some(fault) = shard.failed() {
            return Err(fault);
        }
        {
            let mut log = cell.state.borrow_mut();
            if log.deleted || log.parts.iter().all(|part| part.sealed || part.len == 0) {
                return Ok(true);
            }
            if shard.space.is_full() || shard.closing.get() {
                return Ok(false);
            }
            shard.make_due(cell, &mut log);
        }
        engine_rt::sync::race(done, moved).await;
    }
}

/// Waits until the files that a cut, a start or compaction made needless are gone, and nobody
/// compacts: what moves aside is the log
/// and nothing else. False: the store is closing.
async fn wait_removed(shard: &Shard, id: LogId, cell: &LogCell) -> Result<bool, Fault> {
    loop {
        let done = shard.destage_done.notified();
        if let Some(fault) = shard.failed() {
            return Err(fault);
        }
        if !shard.is_removing(id) && !cell.state.borrow().cleaning {
            return Ok(true);
        }
        if shard.closing.get() {
            return Ok(false);
        }
        done.await;
    }
}
