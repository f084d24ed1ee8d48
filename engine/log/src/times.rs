//! Finding records by timestamp: by segment, by run of the sidecar or batch of the tail, then
//! exactly.
//!
//! Kept true: an answer is a record that is there, at or behind the log's start and in a batch
//! below the limit; the index only says where not to look. A segment that compaction, a cut or a
//! start that moved took away meanwhile is looked for again. Of a batch that nobody looked into
//! before it was stored, what cannot be read is passed over; others have their turns between.

use std::rc::Rc;

use engine_base::{Fault, FaultKind, Offset};
use engine_record::{BatchView, Glance, RecordReader, Rope};
use engine_rt::Slice;

use crate::log::{ReadError, TimedOffset};
use crate::log_state::LogState;
use crate::reader::{self, Wanted};
use crate::segment::{OpenError, SegmentKey};
use crate::shard::{LogCell, Shard};

/// One read while batches are walked, in bytes.
const WALK_BYTES: usize = 128 << 10;
/// Records walked between two turns of others, in bytes.
const TURN_BYTES: usize = 64 << 10;

/// Offsets in which a record may be found, and the largest timestamp there.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Offset,
    upto: Offset,
    max_timestamp: i64,
}

/// A segment as a place to look.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: SegmentKey,
    side_bytes: u64,
    stretch: Stretch,
}

/// See [`crate::Log::offset_for_time`].
pub(crate) async fn offset_for_time(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    timestamp: i64,
    limit: Offset,
) -> Result<Option<TimedOffset>, ReadError> {
    loop {
        let before = as_of(cell);
        let found = first_from(shard, cell, timestamp, limit).await;
        if found.is_ok() || as_of(cell) == before {
            return found;
        }
    }
}

/// See [`crate::Log::max_timestamp`].
pub(crate) async fn max_timestamp(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    limit: Offset,
) -> Result<Option<TimedOffset>, ReadError> {
    loop {
        let before = as_of(cell);
        let found = newest(shard, cell, limit).await;
        if found.is_ok() || as_of(cell) == before {
            return found;
        }
    }
}

/// What tells whether segments went meanwhile.
fn as_of(cell: &LogCell) -> (u64, Offset) {
    let log = cell.state.borrow();
    (log.generation, log.start)
}

async fn first_from(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    timestamp: i64,
    limit: Offset,
) -> Result<Option<TimedOffset>, ReadError> {
    let places = places(&cell.state.borrow());
    for place in places.iter().filter(|p| p.stretch.max_timestamp >= timestamp) {
        for stretch in stretches(shard, cell, place).await? {
            if stretch.max_timestamp < timestamp || stretch.from >= limit {
                continue;
            }
            let found = scan(shard, cell, &stretch, limit, |best, record: &TimedOffset| {
                best.is_none() && record.timestamp >= timestamp
            });
            if let Some(found) = found.await? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

async fn newest(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    limit: Offset,
) -> Result<Option<TimedOffset>, ReadError> {
    let mut places = places(&cell.state.borrow());
    places.sort_by_key(|place| std::cmp::Reverse(place.stretch.max_timestamp));
    let mut best: Option<TimedOffset> = None;
    for place in places {
        if beaten(&best, &place.stretch) {
            break;
        }
        let mut stretches = stretches(shard, cell, &place).await?;
        stretches.sort_by_key(|stretch| std::cmp::Reverse(stretch.max_timestamp));
        for stretch in stretches.iter().filter(|stretch| stretch.from < limit) {
            if beaten(&best, stretch) {
                break;
            }
            let found = scan(shard, cell, stretch, limit, |best, record: &TimedOffset| {
                best.is_none_or(|best| record.timestamp > best.timestamp)
            });
            let found = found.await?;
            let better = match (best, found) {
                (Some(a), Some(b)) => (b.timestamp, -b.offset) > (a.timestamp, -a.offset),
                (_, found) => found.is_some(),
            };
            if better {
                best = found;
            }
        }
    }
    Ok(best)
}

fn beaten(best: &Option<TimedOffset>, stretch: &Stretch) -> bool {
    best.is_some_and(|best| best.timestamp > stretch.max_timestamp)
}

/// Every segment, ascending.
fn places(log: &LogState) -> Vec<Place> {
    let sealed = log.sealed.iter().map(|sealed| Place {
        key: (log.id, sealed.name()),
        side_bytes: sealed.side_bytes,
        stretch: Stretch {
            from: sealed.base,
            upto: sealed.end,
            max_timestamp: sealed.max_timestamp,
        },
    });
    let parts = log.parts.iter().filter(|part| !part.sealed).map(|part| Place {
        key: (log.id, part.name()),
        side_bytes: part.side_bytes,
        stretch: Stretch { from: part.base, upto: part.end, max_timestamp: part.max_timestamp },
    });
    sealed.chain(parts).filter(|place| place.stretch.upto > log.start).collect()
}

/// The stretches of a segment, ascending: batches in memory, runs below them.
async fn stretches(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    place: &Place,
) -> Result<Vec<Stretch>, ReadError> {
    let (in_memory, start, from_file) = {
        let log = cell.state.borrow();
        let part = log.parts.iter().find(|part| part.name() == place.key.1);
        let in_memory: Vec<Stretch> = part.map_or(Vec::new(), |part| {
            let batch = |i| {
                let (mark, cut) = part.batch(i);
                let max_timestamp = mark.max_timestamp;
                Stretch { from: mark.base, upto: cut.last + 1, max_timestamp }
            };
            (0..part.batches()).map(batch).collect()
        });
        let end = part.map_or(place.stretch.upto, |part| part.end);
        let first = in_memory.first().map_or(end, |stretch| stretch.from);
        (in_memory, log.start, first)
    };
    let mut all = Vec::new();
    if from_file > place.key.1.base {
        let segment = shard.segments.open(place.key, place.side_bytes, false).await;
        let segment = segment.map_err(OpenError::reading)?;
        let index = segment.index.borrow();
        let runs = index.runs().iter().filter(|run| run.first >= 0 && run.first < from_file);
        all.extend(runs.map(|run| Stretch {
            from: run.first,
            upto: run.next.min(from_file),
            max_timestamp: run.max_timestamp,
        }));
    }
    all.extend(in_memory);
    all.retain(|stretch| stretch.upto > start);
    Ok(all)
}

/// Walks the records of a stretch; `better` says whether a record takes the place of the best so
/// far.
async fn scan(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    stretch: &Stretch,
    limit: Offset,
    better: impl Fn(&Option<TimedOffset>, &TimedOffset) -> bool,
) -> Result<Option<TimedOffset>, ReadError> {
    let (start, unpacked_bytes_max) = {
        let log = cell.state.borrow();
        (log.start, log.options.unpacked_bytes_max)
    };
    let (mut at, upto) = (stretch.from.max(start), stretch.upto.min(limit));
    let mut best = None;
    while at < upto {
        let wanted = Wanted { from: at, limit: upto, bytes_max: WALK_BYTES, at_least_one: true };
        let slices = reader::read(shard, cell, wanted).await?;
        let walked = walk(shard, &slices, start, unpacked_bytes_max, &mut best, &better).await;
        match walked {
            Ok(next) if next > at => at = next,
            // The limit cuts the batch that holds `at`: it is not to be seen.
            Ok(_) => break,
            Err(why) => {
                let place = format!("log {}", cell.id);
                return Err(Fault::new(FaultKind::Rot, place, why).into());
            }
        }
    }
    Ok(best)
}

/// Walks whole batches; returns one past the last offset.
async fn walk(
    shard: &Shard,
    slices: &[Slice],
    start: Offset,
    unpacked_bytes_max: usize,
    best: &mut Option<TimedOffset>,
    better: &impl Fn(&Option<TimedOffset>, &TimedOffset) -> bool,
) -> Result<Offset, String> {
    let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
    let rope = Rope::new(&pieces);
    let (mut at, mut next, mut walked) = (0, -1, 0);
    while at < rope.len() {
        let view = BatchView::parse(rope, at).map_err(|why| why.to_string())?;
        let header = *view.header();
        (at, next) = (at + header.total_bytes(), header.last_offset() + 1);
        let epoch = header.leader_epoch;
        let (offset, timestamp) = (header.last_offset(), header.max_timestamp);
        let whole = TimedOffset { offset, timestamp, epoch };
        if header.is_control() {
            continue;
        }
        let mut records = RecordReader::new(view, unpacked_bytes_max).map(RecordReader::in_order);
        while better(best, &whole) {
            let glance = match &mut records {
                Ok(records) => records.next_glance(),
                Err(bad) => Some(Err(bad.clone())),
            };
            let Some(Ok(Glance { offset, timestamp, bytes })) = glance else {
                if glance.is_some() {
                    // What a client wrote so stays so; all else is rot.
                    view.verify_crc().map_err(|why| why.to_string())?;
                }
                break;
            };
            let found = TimedOffset { offset, timestamp, epoch };
            if offset >= start && better(best, &found) {
                *best = Some(found);
            }
            walked += bytes;
            if walked >= TURN_BYTES {
                walked = 0;
                shard.core.yield_now().await;
            }
        }
    }
    Ok(next)
}

#[cfg(test)]
#[path = "times_test.rs"]
mod times_test;
