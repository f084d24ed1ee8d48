//! The ring's keeper: sees to it that the next file is free before the head gets there, by
//! destaging what is old, carrying forward what is less than a block, and taking checkpoints.
//!
//! Kept true: only what is less than a block is carried, whole, in one entry, and never while the
//! log is being destaged, so the ring's reserve suffices for one carry of all logs; the keeper
//! waits for nothing that only the ring's head could bring.

use std::ops::Bound;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Fault, LogId};
use engine_rt::sync::race;

use crate::checkpointer;
use crate::entry::remainder_head;
use crate::fields::{as_u64, as_usize};
use crate::journal::{Level, Reserve};
use crate::shard::{LogCell, Shard, add};

/// Between two rounds that somebody asked for who found no room.
const PRESSED_PAUSE: Duration = Duration::from_millis(1);

/// A round that found no space for a checkpoint is repeated after pauses between these, or when
/// files went.
const SPACE_PAUSE_MIN: Duration = Duration::from_millis(20);
const SPACE_PAUSE_MAX: Duration = Duration::from_secs(1);

/// Logs that are pushed forward, or pressed for memory, together.
const GROUP: usize = 256;
/// Times that logs are pushed forward before a checkpoint is taken of what there is.
const TRIES: usize = 64;

/// Runs until the store closes or fails.
pub(crate) async fn run(shard: Rc<Shard>) {
    let mut seen = shard.journal.borrow().ring.head().file;
    // How long a round that found no space waits to be repeated.
    let mut owed = None;
    loop {
        let work = shard.keeper_work.notified();
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        let head = shard.journal.borrow().ring.head().file;
        if head == seen && !shard.pressed.get() && owed.is_none() {
            work.await;
            continue;
        }
        seen = head;
        let pressed = shard.pressed.replace(false) || owed.is_some();
        let freed = shard.space_work.notified();
        match round(&shard, pressed).await {
            Ok(true) => owed = None,
            Ok(false) => {
                // Deletes and retention make space, or whoever else uses the disk: nobody may tell.
                let pause = owed.map_or(SPACE_PAUSE_MIN, |pause| SPACE_PAUSE_MAX.min(pause * 2));
                owed = Some(pause);
                race(freed, shard.core.sleep(pause)).await;
            }
            Err(fault) => {
                shard.fail(fault);
                return;
            }
        }
        if pressed {
            // Whoever found no room looks again; if there is none still, it presses again.
            shard.admitted.notify_all();
            let full = shard.space.is_full();
            shard.core.sleep(if full { SPACE_PAUSE_MIN } else { PRESSED_PAUSE }).await;
        }
    }
}

/// Files of the ring, counted back from the head, whose bytes may still be only in the journal.
fn files_kept(shard: &Shard) -> u32 {
    (shard.options.journal_files / 2).saturating_sub(1).max(1)
}

/// One round: destage, carry, checkpoint. False: there is no space for a checkpoint.
async fn round(shard: &Rc<Shard>, pressed: bool) -> Result<bool, Fault> {
    let keep = if pressed { 1 } else { files_kept(shard) };
    let boundary = {
        let journal = shard.journal.borrow();
        let ring = &journal.ring;
        let keep = keep.min(ring.used_files() - 1);
        // Nothing lies in the file yet that the head has only reached: all before the head is old.
        ring.first_in(ring.behind_head(keep.saturating_sub(1))).unwrap_or(journal.chain_end().0 + 1)
    };
    thin_out(shard);
    push_forward(shard, boundary).await;
    if !checkpointer::take(shard).await? {
        return Ok(false);
    }
    let again = shard.journal.borrow().ring.free_files() < 1 || pressed;
    if again && !shard.has_failed() {
        // The ring is freed by the older of two checkpoints.
        return checkpointer::take(shard).await;
    }
    Ok(true)
}

/// Gets every log's bytes out of blocks below `boundary`, some logs at a time.
async fn push_forward(shard: &Rc<Shard>, boundary: u64) {
    for _ in 0..TRIES {
        let mut left = false;
        let mut looked_at = None;
        loop {
            let group = older_than(shard, &mut looked_at, boundary);
            if group.is_empty() {
                break;
            }
            for cell in &group {
                let mut log = cell.state.borrow_mut();
                shard.make_due(cell, &mut log);
            }
            shard.core.yield_now().await;
            wait_idle(shard, &group).await;
            if shard.has_failed() || shard.closing.get() {
                return;
            }
            // A remainder stands before every other entry of its log in its block: an as-of
            // sequence names whole blocks, so nothing that the remainder replaces may share one
            // with it.
            shard.journal.borrow_mut().seal_open();
            for cell in &group {
                left |= !carry(shard, cell, boundary);
            }
        }
        if !left || shard.space.is_full() {
            // What cannot be destaged for want of space holds the ring: produce is refused
            // meanwhile.
            return;
        }
        // Whole blocks that are not durable yet: once they are, they can be destaged.
        race(shard.moved.notified(), shard.core.sleep(PRESSED_PAUSE)).await;
    }
}

/// So many logs have less than a block each that what the ring keeps for carrying them leaves
/// little for anybody else: the oldest of them close their segments, whose last blocks are then
/// written.
fn thin_out(shard: &Shard) {
    if shard.reserve().carry <= shard.options.ring_bytes() / 4 {
        return;
    }
    let oldest: Vec<LogId> = shard.ages.borrow().iter().map(|(_, id)| *id).take(GROUP).collect();
    for cell in oldest.into_iter().filter_map(|id| shard.log(id)) {
        let mut log = cell.state.borrow_mut();
        let small = log.dirty() < as_u64(shard.options.device_block);
        if small && !log.is_taken() && !log.deleted && log.open().dirty() > 0 {
            log.roll();
            shard.make_due(&cell, &mut log);
        }
    }
}

/// The next logs behind `looked_at` whose oldest byte outside of segments lies below `boundary`.
fn older_than(
    shard: &Shard,
    looked_at: &mut Option<(u64, LogId)>,
    boundary: u64,
) -> Vec<Rc<LogCell>> {
    let ages = shard.ages.borrow();
    let from = looked_at.map_or(Bound::Unbounded, Bound::Excluded);
    let old = ages.range((from, Bound::Excluded((boundary, LogId(0))))).take(GROUP);
    let seen = old.inspect(|age| *looked_at = Some(**age));
    seen.filter_map(|(_, id)| shard.log(*id)).collect()
}

/// Waits until none of these logs is queued or being destaged.
async fn wait_idle(shard: &Shard, cells: &[Rc<LogCell>]) {
    for cell in cells {
        loop {
            let done = shard.destage_done.notified();
            let busy = {
                let log = cell.state.borrow();
                (log.queued || log.destaging || log.truncating) && !log.deleted
            };
            if !busy || shard.has_failed() || shard.closing.get() {
                break;
            }
            done.await;
        }
    }
}

/// Carries a log's whole undestaged tail into the current block, if it is old and small enough.
/// True if nothing of it lies below `boundary` any more.
fn carry(shard: &Shard, cell: &Rc<LogCell>, boundary: u64) -> bool {
    let mut log = cell.state.borrow_mut();
    if log.deleted || log.oldest_sequence().is_none_or(|oldest| oldest >= boundary) {
        return true;
    }
    if log.destaging || log.truncating {
        return false;
    }
    let bytes = as_usize(log.dirty());
    if bytes >= shard.options.device_block {
        // Only remainders are carried: that is what the ring's reserve is for.
        return false;
    }
    let mut journal = shard.journal.borrow_mut();
    let entry = bytes + remainder_head(log.id, &log.parts[log.first_unsealed()].cut(), 0).len();
    if journal.begin(&shard.core, entry, Level::Keeper, Reserve::default()).is_err() {
        return false;
    }
    let from = log.first_unsealed();
    journal.put(&remainder_head(log.id, &log.parts[from].cut(), bytes));
    for part in log.parts.range(from..) {
        part.copy_out(part.destaged, part.len, |piece| journal.put(piece));
    }
    let sequence = journal.finish();
    drop(journal);
    for part in log.parts.range_mut(from..) {
        part.carried_to(sequence);
    }
    let dirty = log.dirty();
    shard.settle(&mut log, dirty);
    add(&shard.counters.carried, 1);
    shard.journal_work.notify_all();
    true
}

/// Sees to it that memory can be evicted before it is needed: destages the oldest logs that fill a
/// block, and lets large chunks with little in them shrink.
pub(crate) async fn make_memory(shard: Rc<Shard>) {
    let mut at = LogId(0);
    loop {
        let work = shard.memory_work.notified();
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        if !shard.memory_pressed.replace(false) {
            work.await;
            continue;
        }
        let oldest: Vec<LogId> =
            shard.ages.borrow().iter().map(|(_, id)| *id).take(GROUP).collect();
        // Logs with nothing to write have no age, and those with little are not the oldest for
        // ever.
        let others: Vec<LogId> =
            shard.logs.borrow().range(at..).map(|(id, _)| *id).take(GROUP).collect();
        at = if others.len() < GROUP { LogId(0) } else { others[GROUP - 1] };
        for id in oldest.into_iter().chain(others) {
            if let Some(cell) = shard.log(id) {
                press(&shard, &cell);
            }
        }
        shard.admitted.notify_all();
        shard.core.sleep(PRESSED_PAUSE).await;
    }
}

fn press(shard: &Shard, cell: &Rc<LogCell>) {
    let mut log = cell.state.borrow_mut();
    if log.is_taken() {
        return;
    }
    if log.dirty() >= shard.options.device_block as u64 {
        shard.make_due(cell, &mut log);
    } else if log.parts.len() == 1 {
        let source = shard.chunks();
        log.open_mut().shrink(&source, shard.options.device_block);
    }
}

/// Closes an idle journal with one empty block, so that some block says that the last data is
/// durable.
pub(crate) async fn close_idle(shard: Rc<Shard>) {
    let pause = Duration::from_millis(shard.options.idle_close_ms);
    loop {
        let moved = shard.moved.notified();
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        let (quiet, end) = {
            let journal = shard.journal.borrow();
            (journal.is_quiet() && !journal.is_closed(), journal.chain_end().0)
        };
        if !quiet {
            moved.await;
            continue;
        }
        shard.core.sleep(pause).await;
        let reserve = shard.reserve();
        let mut journal = shard.journal.borrow_mut();
        let still = journal.is_quiet() && journal.chain_end().0 == end;
        if still && journal.begin_empty(&shard.core, Level::Client, reserve) {
            drop(journal);
            shard.journal_work.notify_all();
        }
    }
}
