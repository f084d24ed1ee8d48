//! Reading batches: by reference from the tail, from segment files through their checksums.
//!
//! Kept true:
//! - Only whole batches are returned, in order, the first of them holding the asked offset; where
//!   compaction left a hole, the first one behind it.
//! - A file read never touches a block at or past the destaged mark.
//! - Bytes from a file are returned only if the checksum of their whole run holds; rot is told with
//!   its place, unless the log changed meanwhile so that the bytes no longer count.

use std::rc::Rc;

use engine_base::{Fault, FaultKind, Offset, Refusal};
use engine_record::{BatchHeader, HEADER_BYTES, Rope};
use engine_rt::{Class, Slice, Task};

use crate::fields::{as_u64, as_usize};
use crate::log::ReadError;
use crate::log_state::LogState;
use crate::segment::{OpenError, Segment, SegmentKey};
use crate::shard::{LogCell, Shard, add};
use crate::sidecar::SideEntry;

/// Runs that lie together are read with one operation up to this size, in bytes.
const READ_BYTES_MAX: u64 = 128 << 10;
/// What one read of files takes into memory at most beside its first batch, in bytes.
const AHEAD_BYTES_MAX: u64 = 1 << 20;

/// What a reader asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) from: Offset,
    pub(crate) limit: Offset,
    pub(crate) bytes_max: usize,
    pub(crate) at_least_one: bool,
}

/// Where the first batch is.
enum Plan {
    /// All of it in memory.
    Memory(Vec<Slice>),
    /// Its begin is in the file up to `file_end`, the rest in memory.
    Straddles { file: FileRange, position: u64, rest: Vec<Slice> },
    /// All of it in the file.
    File(FileRange),
}

/// A segment's file as far as it may be read.
struct FileRange {
    key: SegmentKey,
    side_bytes: u64,
    end: u64,
}

impl FileRange {
    /// Whether compaction wrote it.
    fn has_holes(&self) -> bool {
        self.key.1.revision > 0
    }
}

/// See [`crate::Log::read`].
pub(crate) async fn read(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    wanted: Wanted,
) -> Result<Vec<Slice>, ReadError> {
    loop {
        let (plan, generation, limit) = {
            let mut log = cell.state.borrow_mut();
            check_range(shard, &log, wanted.from)?;
            let limit = wanted.limit.min(log.end());
            if wanted.from >= limit {
                return Ok(Vec::new());
            }
            let wanted = Wanted { limit, ..wanted };
            (plan(&mut log, &wanted)?, log.generation, limit)
        };
        let wanted = Wanted { limit, ..wanted };
        let read = match plan {
            Plan::Memory(slices) => return Ok(slices),
            Plan::File(file) => {
                let ahead = as_u64(wanted.bytes_max).min(AHEAD_BYTES_MAX);
                match from_file(shard, &file, &wanted, ahead).await {
                    // What was read ahead must not keep back what is sound before it.
                    Err(ReadError::Fault(_)) if ahead > 0 => {
                        from_file(shard, &file, &wanted, 0).await
                    }
                    read => read,
                }
            }
            Plan::Straddles { file, position, rest } => {
                straddling(shard, file, position, rest).await
            }
        };
        let log = cell.state.borrow();
        if read.is_err() && log.generation != generation {
            continue;
        }
        check_range(shard, &log, wanted.from)?;
        return read;
    }
}

fn check_range(shard: &Shard, log: &LogState, from: Offset) -> Result<(), Refusal> {
    if log.deleted {
        return Err(Refusal::UnknownTopicOrPartition);
    }
    let (start, end) = (log.visible_start(shard.progress()), log.end());
    if from < start || from > end {
        return Err(Refusal::OffsetOutOfRange { start, end });
    }
    Ok(())
}

fn plan(log: &mut LogState, wanted: &Wanted) -> Result<Plan, ReadError> {
    let id = log.id;
    let from = wanted.from;
    let part = log.parts.iter_mut().rev().find(|part| part.base <= from && from < part.end);
    let Some(part) = part else {
        let i = log.sealed.partition_point(|sealed| sealed.end <= from);
        let sealed = log.sealed.get(i).filter(|sealed| sealed.base <= from);
        let sealed = sealed.expect("sealed segments and parts cover the log");
        let (key, end) = ((id, sealed.name()), sealed.bytes);
        return Ok(Plan::File(FileRange { key, side_bytes: sealed.side_bytes, end }));
    };
    let (key, side_bytes) = ((id, part.name()), part.side_bytes);
    let Some(first) = part.find(from) else {
        let end = part.destaged;
        return Ok(Plan::File(FileRange { key, side_bytes, end }));
    };
    let (mark, cut) = part.batch(first);
    let whole = mark.position + u64::from(cut.length);
    if mark.position < part.memory_start() {
        if cut.last >= wanted.limit {
            return Ok(Plan::Memory(Vec::new()));
        }
        let file_end = part.memory_start().min(whole);
        let mut rest = Vec::new();
        if file_end < whole {
            part.lend(file_end, whole, &mut rest);
        }
        if !wanted.at_least_one && as_usize(whole - mark.position) > wanted.bytes_max {
            return Ok(Plan::Memory(Vec::new()));
        }
        let file = FileRange { key, side_bytes, end: file_end };
        return Ok(Plan::Straddles { file, position: mark.position, rest });
    }
    let mut end = mark.position;
    for i in first..part.batches() {
        let (here, cut) = part.batch(i);
        let upto = here.position + u64::from(cut.length);
        let fits = upto - mark.position <= as_u64(wanted.bytes_max);
        let forced = i == first && wanted.at_least_one;
        if cut.last >= wanted.limit || !(fits || forced) {
            break;
        }
        end = upto;
    }
    let mut slices = Vec::new();
    part.lend(mark.position, end, &mut slices);
    Ok(Plan::Memory(slices))
}

async fn open(shard: &Rc<Shard>, file: &FileRange) -> Result<Rc<Segment>, ReadError> {
    let opened = shard.segments.open(file.key, file.side_bytes, false).await;
    Ok(opened.map_err(OpenError::reading)?)
}

/// One batch of which the begin is in the file and the rest in memory.
async fn straddling(
    shard: &Rc<Shard>,
    file: FileRange,
    position: u64,
    rest: Vec<Slice>,
) -> Result<Vec<Slice>, ReadError> {
    let segment = open(shard, &file).await?;
    let runs = {
        let index = segment.index.borrow();
        let i = index.at_position(position);
        let i = i.ok_or_else(|| rot(&segment, position, "no sidecar entry covers these bytes"))?;
        let runs = usable_runs(&index.runs()[i..], file.end);
        if runs.last().is_none_or(|run| run.end() < file.end) {
            return Err(hole(&segment).into());
        }
        runs
    };
    let start = runs[0].position;
    let read = read_runs(shard, &segment, &runs).await?;
    let mut slices = part_of(&read, as_usize(position - start), as_usize(file.end - start));
    slices.extend(rest);
    Ok(slices)
}

/// Batches that lie in the file whole: the first, and what `ahead` bytes hold behind it.
async fn from_file(
    shard: &Rc<Shard>,
    file: &FileRange,
    wanted: &Wanted,
    ahead: u64,
) -> Result<Vec<Slice>, ReadError> {
    let segment = open(shard, file).await?;
    let (mut runs, first) = {
        let index = segment.index.borrow();
        let all = index.runs();
        let i = index.at_offset(wanted.from);
        let i = i.filter(|i| begins(all, *i, wanted.from, file.has_holes()));
        let i = i.ok_or_else(|| hole(&segment))?;
        (usable_runs(&all[i..], file.end), all[i])
    };
    let mut slices: Vec<Slice> = Vec::new();
    let mut have = 0;
    let mut found = Found::Need(as_u64(first.first_position as usize + HEADER_BYTES));
    loop {
        let need = match found {
            Found::Range(start, end) => return Ok(part_of(&slices, start, end)),
            Found::Need(need) => need,
            Found::Broken(at) => {
                let why = "no batch where the index says that one begins";
                return Err(rot(&segment, first.position + as_u64(at), why).into());
            }
        };
        let target = need.max(u64::from(first.first_position) + ahead);
        let take = runs_for(&runs, target - as_u64(have));
        if take == 0 {
            // What is missing lies in a hole of the sidecar.
            return Err(hole(&segment).into());
        }
        let batch: Vec<SideEntry> = runs.drain(..take).collect();
        for slice in read_runs(shard, &segment, &batch).await? {
            have += slice.len();
            slices.push(slice);
        }
        found = find(&slices, &first, wanted, file.has_holes(), runs.is_empty());
    }
}

/// Whether the batch that holds `from`, or the first one behind it where compaction left a hole,
/// begins in the run at `i`, the first that reaches beyond `from`.
fn begins(runs: &[SideEntry], i: usize, from: Offset, holes: bool) -> bool {
    let run = &runs[i];
    let follows = run.position == i.checked_sub(1).map_or(0, |before| runs[before].end());
    run.first >= 0 && (run.first <= from || holes && follows)
}

/// Whether a batch may stand where offset `next` is due: exactly there, or behind it in what
/// compaction wrote.
pub(crate) fn follows(header: &BatchHeader, next: Offset, holes: bool) -> bool {
    header.base_offset == next || holes && header.base_offset > next
}

/// The leading runs that follow one another and end at or below `end`.
fn usable_runs(runs: &[SideEntry], end: u64) -> Vec<SideEntry> {
    let mut next = runs[0].position;
    let follow = |run: &&SideEntry| {
        let follows = run.position == next && run.end() <= end;
        next = run.end();
        follows
    };
    runs.iter().take_while(follow).copied().collect()
}

/// How many runs hold `bytes`.
fn runs_for(runs: &[SideEntry], bytes: u64) -> usize {
    let mut sum = 0;
    for (i, run) in runs.iter().enumerate() {
        sum += u64::from(run.length);
        if sum >= bytes {
            return i + 1;
        }
    }
    runs.len()
}

/// What was found in the bytes read so far.
enum Found {
    /// The wanted batches, as a range of the bytes.
    Range(usize, usize),
    /// So many bytes from the first run's begin on are needed.
    Need(u64),
    /// There is no batch at this place.
    Broken(usize),
}

/// Walks the headers from the first batch of the first run on.
fn find(slices: &[Slice], first: &SideEntry, wanted: &Wanted, holes: bool, is_all: bool) -> Found {
    let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
    let have: usize = slices.iter().map(|slice| slice.len()).sum();
    let mut at = first.first_position as usize;
    let mut next = first.first;
    let mut start = None;
    loop {
        if at + HEADER_BYTES > have {
            return match start {
                Some(start) => Found::Range(start, at),
                None if is_all => Found::Broken(at),
                None => Found::Need(as_u64(at + HEADER_BYTES)),
            };
        }
        let header = header_at(&pieces, at).filter(|header| follows(header, next, holes));
        let Some(header) = header else { return Found::Broken(at) };
        let end = at + header.total_bytes();
        if header.last_offset() < wanted.from {
            at = end;
            next = header.last_offset() + 1;
            continue;
        }
        let begin = start.unwrap_or(at);
        let fits = end - begin <= wanted.bytes_max || start.is_none() && wanted.at_least_one;
        if header.last_offset() >= wanted.limit || !fits {
            return Found::Range(begin, at);
        }
        if end > have {
            return match start {
                Some(start) => Found::Range(start, at),
                None if is_all => Found::Broken(at),
                None => Found::Need(as_u64(end)),
            };
        }
        start = Some(begin);
        at = end;
        next = header.last_offset() + 1;
    }
}

/// The batch header at `at`, if that many bytes are there and it can be one.
pub(crate) fn header_at(pieces: &[&[u8]], at: usize) -> Option<BatchHeader> {
    let mut bytes = [0; HEADER_BYTES];
    if !Rope::new(pieces).copy_to(at, &mut bytes) {
        return None;
    }
    let header = BatchHeader::read(&bytes);
    let sound = header.total_bytes() >= HEADER_BYTES && header.last_offset_delta >= 0;
    sound.then_some(header)
}

/// The bytes `from..to` of slices that follow one another.
pub(crate) fn part_of(slices: &[Slice], from: usize, to: usize) -> Vec<Slice> {
    let mut out = Vec::new();
    let mut at = 0;
    for slice in slices {
        let (start, end) = (from.max(at), to.min(at + slice.len()));
        if start < end {
            out.push(slice.slice(start - at..end - at));
        }
        at += slice.len();
    }
    out
}

/// Reads runs that follow one another, several at a time, and checks each. One slice per run.
pub(crate) async fn read_runs(
    shard: &Rc<Shard>,
    segment: &Rc<Segment>,
    runs: &[SideEntry],
) -> Result<Vec<Slice>, ReadError> {
    let mut groups: Vec<Vec<SideEntry>> = Vec::new();
    for run in runs {
        match groups.last_mut() {
            Some(group) if run.end() - group[0].position <= READ_BYTES_MAX => group.push(*run),
            _ => groups.push(vec![*run]),
        }
    }
    if let [group] = groups.as_slice() {
        return read_group(shard, segment, group).await;
    }
    let tasks: Vec<Task<Result<Vec<Slice>, ReadError>>> = groups
        .into_iter()
        .map(|group| {
            let (shard, segment) = (Rc::clone(shard), Rc::clone(segment));
            let core = shard.core.clone();
            core.spawn(Class::Fetch, "segment read", async move {
                read_group(&shard, &segment, &group).await
            })
        })
        .collect();
    let mut slices = Vec::new();
    for task in tasks {
        slices.extend(task.await?);
    }
    Ok(slices)
}

/// Reads one run and checks it.
pub(crate) async fn read_run(
    shard: &Rc<Shard>,
    segment: &Rc<Segment>,
    run: &SideEntry,
) -> Result<Slice, ReadError> {
    let mut slices = read_group(shard, segment, std::slice::from_ref(run)).await?;
    Ok(slices.pop().expect("one run, one slice"))
}

async fn read_group(
    shard: &Rc<Shard>,
    segment: &Rc<Segment>,
    group: &[SideEntry],
) -> Result<Vec<Slice>, ReadError> {
    let start = group[0].position;
    let len = as_usize(group.last().expect("no empty group").end() - start);
    let want = len.next_multiple_of(shard.options.device_block);
    let (read, mut buf) = segment.log.read_at(shard.core.buf(want), start, want).await;
    let read = read.map_err(|error| {
        let place = segment.log.path().display().to_string();
        Fault::at(FaultKind::ReadFailed, place, start, error.to_string())
    })?;
    add(&shard.counters.read_bytes, as_u64(read));
    let mut slices = Vec::with_capacity(group.len());
    for run in group {
        let (from, to) = (as_usize(run.position - start), as_usize(run.end() - start));
        if to > read {
            return Err(rot(segment, run.position, "the file is shorter than its index").into());
        }
        let slice = buf.share(from..to);
        if segment.side_key().checksum(run.position, [&slice[..]]) != run.checksum {
            return Err(
                rot(segment, run.position, "the bytes are not those that were written").into()
            );
        }
        slices.push(slice);
    }
    Ok(slices)
}

/// Rot in a segment file, with its place.
pub(crate) fn rot(segment: &Segment, position: u64, why: &str) -> Fault {
    Fault::at(FaultKind::Rot, segment.log.path().display().to_string(), position, why)
}

/// Bytes that no valid sidecar entry covers: the rot is in the sidecar.
fn hole(segment: &Segment) -> Fault {
    let position = segment.holes.borrow().first().copied();
    let place = segment.side.path().display().to_string();
    match position {
        Some(position) => Fault::at(FaultKind::Rot, place, position, "an entry does not hold"),
        None => Fault::new(FaultKind::Rot, place, "no entry covers the offset"),
    }
}
