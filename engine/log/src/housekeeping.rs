//! What nobody waits for: retention, the age of segments, the disk's free space, idle memory.
//!
//! Kept true: retention removes whole sealed segments only, oldest first, never past what readers
//! may see; a timestamp from the future cannot keep a segment, because the time of its last append
//! counts too; files go only once the start that passed them is durable; how busy a log is makes no
//! difference to what it keeps.

use std::rc::Rc;
use std::time::Duration;

use engine_base::{Offset, Refusal};
use engine_rt::sync::race;

use crate::entry::Entry;
use crate::journal::Level;
use crate::log_state::LogState;
use crate::progress::Seq;
use crate::rest;
use crate::shard::{LogCell, Shard};

/// A start looks at retention after so many milliseconds, or after its interval if that is shorter:
/// Kafka's thirty seconds.
const FIRST_RETENTION_MS: u64 = 30_000;

/// Runs until the store closes or fails.
pub(crate) async fn run(shard: Rc<Shard>) {
    let pause = Duration::from_millis(shard.options.housekeeping_ms);
    let interval = shard.options.retention_check_ms;
    let mut retention = shard.core.now() + Duration::from_millis(interval.min(FIRST_RETENTION_MS));
    let mut looks = 0;
    loop {
        let freed = shard.space_work.notified();
        race(shard.core.sleep(pause), freed).await;
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        look_at_space(&shard).await;
        looks += 1;
        rest::settle(&shard, looks);
        let now = shard.core.now();
        let retains = now >= retention;
        if retains {
            retention = now + Duration::from_millis(interval);
        }
        // A full disk does not wait for the interval.
        let retains = retains || shard.space.is_full();
        let wall = shard.core.wall().0;
        for (i, cell) in shard.all_logs().iter().enumerate() {
            look_at_log(&shard, cell, wall, retains);
            if i % 64 == 63 {
                shard.core.yield_now().await;
            }
        }
    }
}

async fn look_at_space(shard: &Shard) {
    if let Ok(space) = shard.core.disk_space(&shard.dir).await
        && shard.space.on_look(space.free)
    {
        shard.admitted.notify_all();
        shard.keeper_work.notify_all();
    }
}

fn look_at_log(shard: &Shard, cell: &Rc<LogCell>, wall: i64, retains: bool) {
    let mut log = cell.state.borrow_mut();
    if log.deleted || log.truncating {
        return;
    }
    log.clamp_walls(wall);
    log.retention_due |= retains;
    if log.must_roll(0, wall) || (log.retention_due && active_is_expired(&log, wall)) {
        log.roll();
    }
    let rolled = log.first_unsealed() + 1 < log.parts.len();
    if rolled || log.dirty() >= shard.options.destage_bytes {
        // Also what waited for space.
        shard.make_due(cell, &mut log);
    }
    if log.producers.len() > 0 {
        let before = wall.saturating_sub(shard.live.get().producer_expiration_ms);
        shard.known_by(&mut log, |log| log.producers.expire(before));
    }
    log.looks = log.looks.saturating_add(1);
    if log.looks > 1 {
        log.open_mut().calm();
        rest::look(shard, &mut log);
    }
    let due = log.retention_due;
    drop(log);
    if due {
        match retain(shard, cell, wall) {
            // What has been rolled counts once it is whole.
            Ok(_) => cell.state.borrow_mut().retention_due = rolled,
            // Without room in the journal it is tried again at the next look.
            Err(Refusal::Overloaded) => {}
            Err(other) => unreachable!("retention stays inside the log: {other:?}"),
        }
    }
    let log = cell.state.borrow();
    let after = Seq(log.start_sequence);
    let dead = log.sealed.front().is_some_and(|sealed| sealed.end <= log.start);
    if dead && after <= shard.progress().durable {
        // It became whole only after the start had passed it.
        shard.remove_dead(Rc::clone(cell), after);
        shard.moved.notify_all();
    }
}

/// Whether every record of the open segment is older than the log keeps.
fn active_is_expired(log: &LogState, wall: i64) -> bool {
    let open = log.open();
    let keep = log.options.retention_ms;
    let age = wall.saturating_sub(newest(open.max_timestamp, open.last_wall_ms));
    open.len > 0 && open.last_wall_ms > 0 && log.options.delete && keep >= 0 && age > keep
}

/// Moves the start of a log over what is too old or too much; says so if it did.
///
/// # Errors
/// As [`crate::Log::set_start`].
pub(crate) fn retain(shard: &Shard, cell: &Rc<LogCell>, wall: i64) -> Result<Option<Seq>, Refusal> {
    let mut log = cell.state.borrow_mut();
    match retained_from(&log, wall) {
        Some(to) => set_start(shard, cell, &mut log, to).map(Some),
        None => Ok(None),
    }
}

/// Where the log should start, if not where it does.
fn retained_from(log: &LogState, wall: i64) -> Option<Offset> {
    if !log.options.delete {
        return None;
    }
    let mut size = log.size_bytes();
    let mut to = log.start;
    for sealed in log.live_sealed() {
        let too_old = log.options.retention_ms >= 0 && {
            wall.saturating_sub(newest(sealed.max_timestamp, sealed.wall_ms))
                > log.options.retention_ms
        };
        let too_much = log.options.retention_bytes >= 0
            && size - sealed.bytes >= log.options.retention_bytes.cast_unsigned();
        if !(too_old || too_much) || sealed.end > log.retain_from {
            break;
        }
        size -= sealed.bytes;
        to = to.max(sealed.end);
    }
    (to > log.start).then_some(to)
}

/// When the newest record of a segment was written: its timestamp, but not later than the last
/// append.
pub(crate) fn newest(max_timestamp: i64, wall_ms: i64) -> i64 {
    if max_timestamp < 0 || wall_ms == 0 {
        return max_timestamp.max(wall_ms);
    }
    max_timestamp.min(wall_ms)
}

/// Moves the start; segments wholly below it are removed once that is durable.
pub(crate) fn set_start(
    shard: &Shard,
    cell: &Rc<LogCell>,
    log: &mut LogState,
    to: Offset,
) -> Result<Seq, Refusal> {
    // What frees space goes on without any.
    let frees = log.live_sealed().next().is_some_and(|oldest| oldest.end <= to);
    let level = if frees { Level::Control } else { Level::Client };
    let sequence = shard.journal_entry(log.id, &Entry::Start { to }, level)?;
    log.move_start(to, sequence.0, shard.progress().durable.0);
    shard.remove_dead(Rc::clone(cell), sequence);
    Ok(sequence)
}
