//! Who compacts: one task of a shard looks from time to time which log is the dirtiest of those
//! that are due, and does a round over it.
//!
//! Kept true: one log at a time; what is rotten or missing is left alone for the rest of this life;
//! what goes wrong for want of space ends the look, and a read that failed ends the log's round:
//! both are tried again at the next look.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Fault, FaultKind, LogId, Offset};
use engine_rt::sync::race;

use crate::checkpointer;
use crate::cleanable::Cleanable;
use crate::compaction::{Ended, round};
use crate::shard::{LogCell, Shard, add};

/// Runs until the store closes or fails.
pub(crate) async fn run(shard: Rc<Shard>) {
    // Logs that could not be read.
    let mut unreadable = BTreeSet::new();
    loop {
        let pause = Duration::from_millis(shard.live.get().compaction_pause_ms);
        let asked = shard.compaction_work.notified();
        race(shard.core.sleep(pause), asked).await;
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        if let Err(fault) = look(&shard, &mut unreadable).await {
            shard.fail(fault);
            return;
        }
    }
}

/// Compacts what is due, the dirtiest first.
async fn look(shard: &Rc<Shard>, unreadable: &mut BTreeSet<LogId>) -> Result<(), Fault> {
    for cell in due(shard, unreadable).await {
        match compact(shard, &cell).await {
            Ok(()) => cell.state.borrow_mut().compaction_fault = None,
            Err(Ended::Needless) => {}
            // There is none for the others either.
            Err(Ended::Full) => return Ok(()),
            Err(Ended::Unreadable(fault)) => {
                if matches!(fault.kind, FaultKind::Rot | FaultKind::Missing) {
                    unreadable.insert(cell.id);
                }
                cell.state.borrow_mut().compaction_fault = Some(fault);
                add(&shard.counters.compaction_faults, 1);
            }
            Err(Ended::Fault(fault)) => return Err(fault),
        }
        if shard.has_failed() || shard.closing.get() {
            return Ok(());
        }
    }
    Ok(())
}

/// The logs that are due, the dirtiest first.
async fn due(shard: &Rc<Shard>, unreadable: &BTreeSet<LogId>) -> Vec<Rc<LogCell>> {
    let wall = shard.core.wall().0;
    let mut all: Vec<(u64, Rc<LogCell>)> = Vec::new();
    for (i, cell) in shard.all_logs().into_iter().enumerate() {
        if i % 64 == 63 {
            shard.core.yield_now().await;
        }
        let log = cell.state.borrow();
        let taken = log.deleted || log.is_taken() || log.leaving;
        if !log.options.compact || taken || unreadable.contains(&cell.id) {
            continue;
        }
        let what = Cleanable::of(&log, Offset::MAX, wall);
        let is_due = what.is_due(&log.options, wall);
        drop(log);
        if is_due {
            all.push((what.dirty_millionths(), cell));
        }
    }
    all.sort_by_key(|(dirty, _)| std::cmp::Reverse(*dirty));
    all.into_iter().map(|(_, cell)| cell).collect()
}

/// One round over a log.
async fn compact(shard: &Rc<Shard>, cell: &Rc<LogCell>) -> Result<(), Ended> {
    let wall = shard.core.wall().0;
    let known = || {
        let oldest = shard.checkpoints.borrow().oldest();
        cell.state.borrow().sealed_since(oldest)
    };
    let upto = Cleanable::of(&cell.state.borrow(), Offset::MAX, wall).upto;
    // Twice: both that are kept must know what is replaced.
    for _ in 0..2 {
        if known() >= upto || shard.closing.get() {
            break;
        }
        if !checkpointer::take(shard).await.map_err(Ended::Fault)? {
            return Err(Ended::Full);
        }
    }
    let what = {
        let mut log = cell.state.borrow_mut();
        let oldest = shard.checkpoints.borrow().oldest();
        let what = Cleanable::of(&log, log.sealed_since(oldest), wall);
        if !what.is_due(&log.options, wall) || log.deleted || log.is_taken() || log.leaving {
            return Err(Ended::Needless);
        }
        log.cleaning = true;
        shard.counters.compacting.set(1);
        what
    };
    // Drawn anew: whoever learned of one round's collisions knows nothing of the next.
    let secret = shard.core.secret();
    let done = match secret {
        Ok(secret) => round(shard, cell, &what, secret).await,
        Err(error) => {
            let place = shard.dir.display().to_string();
            let kind = FaultKind::ReadFailed;
            Err(Ended::Unreadable(Fault::new(kind, place, error.to_string())))
        }
    };
    let mut log = cell.state.borrow_mut();
    log.cleaning = false;
    shard.counters.compacting.set(0);
    if done.is_ok() {
        log.compacted_ms = shard.core.wall().0;
    }
    drop(log);
    shard.destage_done.notify_all();
    done
}
