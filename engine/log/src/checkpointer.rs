//! Taking a checkpoint of a running store.
//!
//! Kept true:
//! - Logs are taken some at a time, and others go on between: each as of a sequence of its own, at
//!   which its block was sealed, none before the sequence at which the first was taken.
//! - A checkpoint says only what completed destages wrote, and counts only once those are flushed,
//!   the journal is durable up to the sequence that it reflects, and its own name is durable.
//! - Two are kept; the ring is freed up to the replay start of the **older** one, which never moves
//!   back.
//! - The checkpoint of a start carries every tail, so that nothing of an earlier life is needed for
//!   it. Without space there is none: the chain goes on in the earlier life's blocks.

use std::collections::VecDeque;
use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId};

use crate::checkpoint::{Body, Checkpoint, Place};
use crate::checkpoint_file::{self, NotWritten};
use crate::names;
use crate::recovery::Taken;
use crate::segment::Unflushed;
use crate::shard::{Shard, add};

/// A durable checkpoint, as far as the ring cares.
#[derive(Clone, Copy, Debug)]
struct Kept {
    number: u64,
    replay: Place,
    after: u64,
}

/// The checkpoints that are durable, oldest first, and the last number used.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    kept: VecDeque<Kept>,
    number: u64,
    /// The journal sequence that the newest reflects.
    pub(crate) newest_sequence: u64,
}

impl Checkpoints {
    /// The number of the older of the two that a start may begin from.
    pub(crate) fn oldest(&self) -> u64 {
        self.kept.front().map_or(0, |kept| kept.number)
    }
}

/// More changed directories than this are flushed with the whole file system.
const DIRS_ONE_BY_ONE_MAX: usize = 16;

/// What a checkpoint needs flushed before it counts.
struct Captured {
    checkpoint: Checkpoint,
    body: Body,
    unflushed: Unflushed,
}

/// No turn takes more logs once they make this many bytes: a start's may have long tails.
const TURN_BYTES: u64 = 256 << 10;

/// Writes the checkpoint of a start; after it every tail has its home there. Without space for it
/// the life goes on from the checkpoint that it was recovered from, with the chain behind that:
/// what is in the journal stays there until a later checkpoint finds space; produce is refused.
///
/// # Errors
/// A failed flush or write.
pub(crate) async fn at_start(shard: &Rc<Shard>, taken: &Taken) -> Result<(), Fault> {
    {
        let mut checkpoints = shard.checkpoints.borrow_mut();
        for from in taken.older.iter().chain([&taken.checkpoint]) {
            let Checkpoint { number, replay, after, .. } = *from;
            checkpoints.kept.push_back(Kept { number, replay, after });
        }
        checkpoints.number = taken.newest_number;
    }
    let captured = capture(shard, true).await;
    if !write(shard, captured).await? {
        return Ok(());
    }
    for cell in shard.all_logs() {
        let mut log = cell.state.borrow_mut();
        let dirty = log.dirty();
        log.open_mut().carried_to(0);
        shard.settle(&mut log, dirty);
    }
    Ok(())
}

/// Takes a checkpoint of what is there now. False: there was no space for it.
///
/// # Errors
/// A failed flush or write: the store must stop.
pub(crate) async fn take(shard: &Rc<Shard>) -> Result<bool, Fault> {
    while shard.checkpointing.get() {
        shard.checkpointed.notified().await;
    }
    shard.checkpointing.set(true);
    let captured = capture(shard, false).await;
    let written = write(shard, captured).await;
    shard.checkpointing.set(false);
    shard.checkpointed.notify_all();
    written
}

/// Everything about every log. The core has other turns in between: at 10,000 logs one turn would
/// hold it for tens of milliseconds.
async fn capture(shard: &Rc<Shard>, whole: bool) -> Captured {
    let (began, _) = seal(shard);
    let mut body = Body::default();
    // Replay begins with the first block that a log's entries are taken from, and never behind the
    // creation of a log that this walk does not meet.
    let mut from = began;
    let mut at = LogId(0);
    while let Some(next) = capture_some(shard, whole, at, &mut from, &mut body) {
        at = next;
        shard.core.yield_now().await;
    }
    // In the turn of the last log: what is flushed and waited for covers every one of them.
    let (last, last_crc) = seal(shard);
    let journal = shard.journal.borrow();
    let (replay, after, previous_crc) = match journal.ring.first_from(from + 1) {
        Some(mark) => (mark.place, mark.after, mark.previous_crc),
        None => (journal.ring.head(), last, last_crc),
    };
    let generation = journal.generation();
    drop(journal);
    let mut checkpoints = shard.checkpoints.borrow_mut();
    let newest = checkpoints.kept.back().expect("a start begins from one");
    assert!(after >= newest.after, "a replay start never moves back");
    checkpoints.number += 1;
    let number = checkpoints.number;
    let unflushed = shard.segments.take_unflushed();
    let (sequence, logs) = (last, Vec::new());
    let checkpoint =
        Checkpoint { number, generation, began, sequence, replay, after, previous_crc, logs };
    Captured { checkpoint, body, unflushed }
}

/// Closes the block that fills, so that what was said so far lies in whole blocks; the last one and
/// its CRC.
fn seal(shard: &Shard) -> (u64, u32) {
    let mut journal = shard.journal.borrow_mut();
    journal.seal_open();
    shard.journal_work.notify_all();
    journal.chain_end()
}

/// Takes the logs from `at` on, as many as a turn may; says where to go on.
fn capture_some(
    shard: &Shard,
    whole: bool,
    at: LogId,
    from: &mut u64,
    body: &mut Body,
) -> Option<LogId> {
    let (last, _) = seal(shard);
    let number = shard.checkpoints.borrow().number + 1;
    let enough = body.bytes() + TURN_BYTES;
    let logs = shard.logs.borrow();
    for (taken, (id, cell)) in logs.range(at..).enumerate() {
        if taken == shard.options.checkpoint_turn_logs || body.bytes() >= enough {
            return Some(*id);
        }
        let mut log = cell.state.borrow_mut();
        log.note_imaged(number);
        let image = log.image(last, whole);
        *from = (*from).min(image.as_of);
        body.push(&image);
    }
    None
}

async fn write(shard: &Rc<Shard>, captured: Captured) -> Result<bool, Fault> {
    flush(shard, &captured.unflushed).await?;
    let Captured { checkpoint, body, .. } = captured;
    loop {
        if let Some(fault) = shard.failed() {
            return Err(fault);
        }
        let moved = shard.moved.notified();
        if shard.progress().durable.0 >= checkpoint.sequence {
            break;
        }
        moved.await;
    }
    match checkpoint_file::write(&shard.core, &shard.dir, shard.uuid, &checkpoint, body).await {
        Ok(()) => {}
        Err(NotWritten::Full) => {
            shard.space.on_denied();
            return Ok(false);
        }
        Err(NotWritten::Fault(fault)) => return Err(fault),
    }
    let oldest = on_durable(shard, &checkpoint);
    let removed = checkpoint_file::remove_below(&shard.core, &shard.dir, oldest).await;
    removed.map_err(|e| write_failed(shard.dir.display().to_string(), &e))?;
    Ok(true)
}

/// A checkpoint is durable: the ring is freed up to the older of the two.
fn on_durable(shard: &Shard, checkpoint: &Checkpoint) -> u64 {
    let mut checkpoints = shard.checkpoints.borrow_mut();
    let Checkpoint { number, replay, after, .. } = *checkpoint;
    checkpoints.kept.push_back(Kept { number, replay, after });
    checkpoints.newest_sequence = checkpoint.sequence;
    while checkpoints.kept.len() > 2 {
        checkpoints.kept.pop_front();
    }
    let older = checkpoints.kept[0];
    shard.journal.borrow_mut().ring.release(older.replay, older.after);
    add(&shard.counters.checkpoints, 1);
    shard.admitted.notify_all();
    shard.checkpointed.notify_all();
    older.number
}

/// Flushes what destages wrote, and the directories of new files.
async fn flush(shard: &Shard, unflushed: &Unflushed) -> Result<(), Fault> {
    let Unflushed { segments, dirs, everything } = unflushed;
    if *everything || dirs.len() > DIRS_ONE_BY_ONE_MAX {
        let flushed = shard.witness.sync_file_system().await;
        return flushed.map_err(|e| write_failed(shard.dir.display().to_string(), &e));
    }
    for segment in segments.values() {
        for file in [&segment.log, &segment.side] {
            let flushed = file.sync_data().await;
            flushed.map_err(|e| write_failed(file.path().display().to_string(), &e))?;
        }
    }
    for log in dirs {
        let dir = names::log_dir(&shard.dir, *log);
        match shard.core.sync_dir(&dir).await {
            // The log was deleted meanwhile, and its directory with it.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            flushed => flushed.map_err(|e| write_failed(dir.display().to_string(), &e))?,
        }
    }
    if !dirs.is_empty() {
        let dir = shard.dir.join(names::LOGS);
        let flushed = shard.core.sync_dir(&dir).await;
        flushed.map_err(|e| write_failed(dir.display().to_string(), &e))?;
    }
    Ok(())
}

fn write_failed(place: String, error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::WriteFailed, place, error.to_string())
}
