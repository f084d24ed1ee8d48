//! Destage: what is durable in the journal is written to the segments, off the latency path.
//!
//! Kept true:
//! - Only durable bytes are written, in order, in whole device blocks, each block once.
//! - One destage of a log at a time: writes to overlapping ranges are never in flight together.
//! - The destaged mark moves when the bytes **and** their sidecar entries are written.
//! - No space is not a fault: the bytes stay where they are, in the journal and in memory.

use std::cell::RefCell;
use std::rc::Rc;

use engine_base::{Fault, FaultKind};
use engine_rt::{Class, Slice, Sync};

use crate::fields::{as_u64, round_down, round_up};
use crate::log_state::LogState;
use crate::names;
use crate::sealed::Sealed;
use crate::segment::{Segment, SegmentKey, allocation, is_full};
use crate::shard::{LogCell, Shard, add};
use crate::sidecar::{SIDE_ENTRY_BYTES, SideEntry, SideRecord};

/// What one pass may write, in bytes; what waits behind it waits no longer than that.
const PASS_BYTES_MAX: u64 = 1 << 20;

/// How a pass over a log ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// It wrote something.
    Wrote,
    /// Nothing can be written until more is durable or comes.
    Nothing,
    /// Another pass or a truncation has the log.
    Busy,
    /// The disk has no space.
    Full,
}

/// What a pass writes.
struct Plan {
    key: SegmentKey,
    create: bool,
    side_bytes: u64,
    runs: Vec<(Slice, SideEntry)>,
    /// The mark before it is written.
    from: u64,
    /// The mark once it is written.
    to: u64,
    /// Its file is then whole.
    seal: Option<Sealed>,
}

/// Takes due logs, one after the other. Several of these run.
pub(crate) async fn worker(shard: Rc<Shard>) {
    loop {
        let work = shard.due_work.notified();
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        let Some(cell) = shard.due.borrow_mut().pop_front() else {
            work.await;
            continue;
        };
        cell.state.borrow_mut().queued = false;
        if let Err(fault) = run(&shard, &cell).await {
            shard.fail(fault);
            return;
        }
        // Also who waits for a log that had nothing to write.
        shard.destage_done.notify_all();
    }
}

/// Writes all of a log that can be written.
async fn run(shard: &Rc<Shard>, cell: &Rc<LogCell>) -> Result<(), Fault> {
    loop {
        let moved = shard.moved.notified();
        match pass(shard, cell).await? {
            Pass::Wrote if shard.has_failed() || shard.closing.get() => return Ok(()),
            Pass::Wrote => shard.core.yield_now().await,
            Pass::Busy | Pass::Full => return Ok(()),
            Pass::Nothing => {
                let due = {
                    let log = cell.state.borrow();
                    let rolled = log.first_unsealed() + 1 < log.parts.len();
                    !log.deleted && (rolled || log.dirty() >= shard.options.destage_bytes)
                };
                if !due || shard.has_failed() || shard.closing.get() {
                    return Ok(());
                }
                moved.await;
            }
        }
    }
}

/// At a start: writes all that recovery found, but for remainders, so that the checkpoint of the
/// start is small. Without space it stops early: the checkpoint carries what is left.
///
/// # Errors
/// A failed write.
pub(crate) async fn all(shard: &Rc<Shard>) -> Result<(), Fault> {
    let block = as_u64(shard.options.device_block);
    let mut cells = shard.all_logs();
    cells.retain(|cell| cell.state.borrow().dirty() >= block);
    let cells = Rc::new(RefCell::new(cells));
    let tasks: Vec<_> = (0..shard.options.destage_depth.max(8))
        .map(|_| {
            let (shard, cells) = (Rc::clone(shard), Rc::clone(&cells));
            let core = shard.core.clone();
            core.spawn(Class::Housekeeping, "destage at start", async move {
                loop {
                    let Some(cell) = cells.borrow_mut().pop() else { return Ok(()) };
                    while pass(&shard, &cell).await? == Pass::Wrote {}
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}

/// One pass over a log.
///
/// # Errors
/// A failed write: the store must stop.
pub(crate) async fn pass(shard: &Rc<Shard>, cell: &Rc<LogCell>) -> Result<Pass, Fault> {
    let plan = {
        let mut log = cell.state.borrow_mut();
        if log.deleted || log.truncating || log.destaging {
            return Ok(if log.deleted { Pass::Nothing } else { Pass::Busy });
        }
        let Some(plan) = plan(shard, &mut log) else { return Ok(Pass::Nothing) };
        log.destaging = true;
        plan
    };
    let written = write(shard, cell, &plan).await;
    let mut log = cell.state.borrow_mut();
    log.destaging = false;
    let pass = match written {
        Ok(Some(segment)) => {
            if !log.deleted {
                finish(shard, &mut log, plan, &segment);
            }
            Ok(Pass::Wrote)
        }
        Ok(None) => {
            shard.space.on_denied();
            Ok(Pass::Full)
        }
        Err(fault) => Err(fault),
    };
    drop(log);
    shard.destage_done.notify_all();
    shard.admitted.notify_all();
    pass
}

/// What can be written of the first segment that is not whole.
fn plan(shard: &Shard, log: &mut LogState) -> Option<Plan> {
    let block = as_u64(shard.options.device_block);
    let durable = shard.progress().durable.0;
    let (id, end_wall) = (log.id, log.open().last_wall_ms);
    let i = log.first_unsealed();
    let part = &mut log.parts[i];
    let safe = part.position_upto(durable);
    let whole = part.closed && safe == part.len;
    let upto = if whole { part.len } else { round_down(safe, block) };
    if upto <= part.destaged && !whole {
        return None;
    }
    let to = upto.min(part.destaged + PASS_BYTES_MAX);
    let mut runs = Vec::new();
    let mut at = part.destaged;
    while at < to {
        let (slice, entry) = part.run(at, to, shard.options.device_block);
        at = entry.end();
        runs.push((slice, entry));
    }
    let records = runs.len() + 1;
    let seal = (part.closed && to == part.len).then(|| Sealed {
        base: part.base,
        end: part.end,
        bytes: part.len,
        side_bytes: part.side_bytes + as_u64(records * SIDE_ENTRY_BYTES),
        max_timestamp: part.max_timestamp,
        first_wall_ms: part.first_wall_ms,
        revision: 0,
        wall_ms: if part.last_wall_ms > 0 { part.last_wall_ms } else { end_wall },
    });
    let (from, side_bytes) = (part.destaged, part.side_bytes);
    let create = from == 0 && side_bytes == 0;
    Some(Plan { key: (id, part.name()), create, side_bytes, runs, from, to, seal })
}

/// Writes a plan; `None` if there is no space.
async fn write(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    plan: &Plan,
) -> Result<Option<Rc<Segment>>, Fault> {
    loop {
        let done = shard.destage_done.notified();
        if !shard.removing.borrow().contains(&plan.key) {
            break;
        }
        if shard.has_failed() || shard.closing.get() {
            // Nobody removes files any more: what is not written stays in the journal.
            return Ok(None);
        }
        done.await;
    }
    if plan.create && !cell.state.borrow().has_dir {
        let dir = names::log_dir(&shard.dir, plan.key.0);
        match shard.core.create_dir_all(&dir).await {
            Ok(()) => cell.state.borrow_mut().has_dir = true,
            Err(e) if is_full(&e) => return Ok(None),
            Err(e) => return Err(failed(dir.display().to_string(), 0, &e)),
        }
    }
    let segment = match shard.segments.open(plan.key, plan.side_bytes, plan.create).await {
        Ok(segment) => segment,
        Err(error) if error.is_full() => return Ok(None),
        Err(error) => return Err(error.writing()),
    };
    let side_name = || segment.side.path().display().to_string();
    segment.make_writable(&shard.core, plan.from, plan.side_bytes).await?;
    let side = side_entries(shard, &segment, plan);
    if !allocate(shard, &segment, plan, as_u64(side.len())).await? {
        return Ok(None);
    }
    let mut writes = Vec::with_capacity(plan.runs.len());
    for (slice, entry) in &plan.runs {
        writes
            .push((entry.position, segment.log.write_at(slice.clone(), entry.position, Sync::No)));
    }
    let side_write = segment.side.write_at(side, plan.side_bytes, Sync::No);
    for (position, write) in writes {
        write.await.map_err(|e| failed(segment.log.path().display().to_string(), position, &e))?;
    }
    side_write.await.map_err(|e| failed(side_name(), plan.side_bytes, &e))?;
    if let Some(sealed) = &plan.seal {
        let name = || segment.log.path().display().to_string();
        segment.log.set_len(sealed.bytes).await.map_err(|e| failed(name(), sealed.bytes, &e))?;
        let cut = segment.side.set_len(sealed.side_bytes).await;
        cut.map_err(|e| failed(side_name(), sealed.side_bytes, &e))?;
        segment.allocated.set(round_down(sealed.bytes, as_u64(shard.options.device_block)));
        segment.side_allocated.set(sealed.side_bytes);
    }
    Ok(Some(segment))
}

/// The sidecar's new entries, with their checksums.
fn side_entries(shard: &Shard, segment: &Segment, plan: &Plan) -> Slice {
    let key = segment.side_key();
    let mut index = plan.side_bytes / as_u64(SIDE_ENTRY_BYTES);
    let mut buf = shard.core.buf((plan.runs.len() + 1) * SIDE_ENTRY_BYTES);
    for (slice, entry) in &plan.runs {
        let bytes = &slice[..entry.length as usize];
        let entry = SideEntry { checksum: key.checksum(entry.position, [bytes]), ..*entry };
        buf.append(&key.encode(index, &SideRecord::Run(entry)));
        index += 1;
    }
    if let Some(sealed) = &plan.seal {
        let record = SideRecord::Seal {
            bytes: sealed.bytes,
            end: sealed.end,
            max_timestamp: sealed.max_timestamp,
            wall_ms: sealed.wall_ms,
        };
        buf.append(&key.encode(index, &record));
    }
    let len = buf.len();
    buf.share(0..len)
}

/// Finds space for what a plan writes; false if there is none.
async fn allocate(shard: &Shard, segment: &Segment, plan: &Plan, side: u64) -> Result<bool, Fault> {
    let block = as_u64(shard.options.device_block);
    let (had, need) = (segment.allocated.get(), round_up(plan.to, block));
    if need > had {
        let to = allocation(had, need, shard.options.allocate_bytes, block);
        match segment.log.allocate(had, to - had).await {
            Ok(()) => {
                segment.allocated.set(to);
                shard.space.on_taken(to - had);
            }
            Err(e) if is_full(&e) => return Ok(false),
            Err(e) => return Err(failed(segment.log.path().display().to_string(), had, &e)),
        }
    }
    let (had, need) = (segment.side_allocated.get(), plan.side_bytes + side);
    if need > had {
        let to = round_up(need, 4096);
        match segment.side.allocate(had, to - had).await {
            Ok(()) => segment.side_allocated.set(to),
            Err(e) if is_full(&e) => return Ok(false),
            Err(e) => return Err(failed(segment.side.path().display().to_string(), had, &e)),
        }
    }
    Ok(true)
}

/// What a plan wrote counts now.
fn finish(shard: &Shard, log: &mut LogState, plan: Plan, segment: &Rc<Segment>) {
    let dirty_before = log.dirty();
    let i = log.first_unsealed();
    let part = &mut log.parts[i];
    assert_eq!((log.id, part.name()), plan.key, "a truncation waits for the destage in flight");
    let durable = part.position_upto(shard.progress().durable.0);
    assert!(plan.to <= durable, "only durable bytes go into segments");
    let key = segment.side_key();
    let mut index = segment.index.borrow_mut();
    for (slice, entry) in &plan.runs {
        let bytes = &slice[..entry.length as usize];
        let entry = SideEntry { checksum: key.checksum(entry.position, [bytes]), ..*entry };
        let holes = !segment.holes.borrow().is_empty();
        let pushed = index.push(entry, holes);
        pushed.expect("destage writes a segment in order");
        add(&shard.counters.destaged_bytes, u64::from(entry.length));
        shard.evictable.borrow_mut().push_back(log.id);
    }
    part.destaged = plan.to;
    part.side_bytes += as_u64(plan.runs.len() * SIDE_ENTRY_BYTES);
    if let Some(sealed) = plan.seal {
        part.side_bytes = sealed.side_bytes;
        part.sealed = true;
        log.sealed.push_back(sealed);
        shard.evictable.borrow_mut().push_back(log.id);
    }
    shard.segments.note_written(segment);
    if plan.create {
        shard.segments.note_dir(log.id);
    }
    shard.settle(log, dirty_before);
    set_share(shard);
}

/// Destage gets more of the core as dirty bytes pass half of the ring.
fn set_share(shard: &Shard) {
    let half = shard.options.ring_bytes() / 2;
    let share = if shard.dirty.get() > half { 16 } else { 2 };
    if shard.housekeeping_share.replace(share) != share {
        shard.core.set_share(Class::Housekeeping, share);
    }
}

fn failed(place: String, position: u64, error: &std::io::Error) -> Fault {
    Fault::at(FaultKind::WriteFailed, place, position, error.to_string())
}
