//! Reading batches: by reference from the tail, from segment files through their checksums.
//!
//! Kept true:
//! - Only whole batches are returned, in order, the first of them holding the asked offset.
//! - A file read never touches a block at or past the destaged mark.
//! - Bytes from a file are returned only if the checksum of their whole run holds.

use std::rc::Rc;

use engine_base::{Offset, Refusal};
use engine_rt::Slice;

use crate::log::ReadError;
use crate::log_state::LogState;
use crate::shard::{LogCell, Shard};

/// See [`crate::Log::read`].
pub(crate) async fn read(
    _shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    from: Offset,
    limit: Offset,
    bytes_max: usize,
    at_least_one: bool,
) -> Result<Vec<Slice>, ReadError> {
    let mut log = cell.state.borrow_mut();
    check_range(&log, from)?;
    let limit = limit.min(log.end());
    if from >= limit {
        return Ok(Vec::new());
    }
    let Some(slices) = from_memory(&mut log, from, limit, bytes_max, at_least_one) else {
        unreachable!("not built yet")
    };
    Ok(slices)
}

fn check_range(log: &LogState, from: Offset) -> Result<(), Refusal> {
    if log.deleted {
        return Err(Refusal::UnknownTopicOrPartition);
    }
    if from < log.start || from > log.end() {
        return Err(Refusal::OffsetOutOfRange { start: log.start, end: log.end() });
    }
    Ok(())
}

/// The batches from `from` on that lie in one part and wholly in memory; `None` if the first does not.
fn from_memory(
    log: &mut LogState,
    from: Offset,
    limit: Offset,
    bytes_max: usize,
    at_least_one: bool,
) -> Option<Vec<Slice>> {
    let part = log.parts.iter_mut().rev().find(|part| part.base <= from && from < part.end)?;
    let first = part.find(from)?;
    let (mark, _) = part.batch(first);
    if mark.position < part.memory_start() {
        return None;
    }
    let mut end = mark.position;
    for i in first..part.batches() {
        let (mark, cut) = part.batch(i);
        let upto = mark.position + u64::from(cut.length);
        let fits = upto - part.batch(first).0.position <= bytes_max as u64;
        if cut.last >= limit || !fits && !(i == first && at_least_one) {
            break;
        }
        end = upto;
    }
    let mut slices = Vec::new();
    part.lend(mark.position, end, &mut slices);
    Some(slices)
}
