//! Cutting a log's end, also where its bytes are in segment files already.
//!
//! Kept true: a cut waits for the destage in flight, and none begins before it is applied; the
//! entry of a cut into files holds the bytes from a run's boundary to the new end, so the run may
//! be written again; what is to be removed goes only once the entry is durable.

use std::rc::Rc;

use engine_base::{Offset, Refusal};
use engine_record::BatchHeader;
use engine_rt::Slice;

use crate::entry::{Cut, CutSegment, Entry};
use crate::fields::as_u64;
use crate::journal::Level;
use crate::log::ReadError;
use crate::log_state::LogState;
use crate::names::SegmentName;
use crate::progress::Seq;
use crate::reader::{header_at, read_run, rot};
use crate::segment::Segment;
use crate::shard::{LogCell, Shard};
use crate::sidecar::SideEntry;

/// Lets destages begin again, whatever way the cut ends.
struct Cutting<'a> {
    shard: &'a Shard,
    cell: &'a LogCell,
}

impl Drop for Cutting<'_> {
    fn drop(&mut self) {
        self.cell.state.borrow_mut().truncating = false;
        self.shard.destage_done.notify_all();
    }
}

/// See [`crate::Log::truncate`].
pub(crate) async fn truncate(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    to: Offset,
) -> Result<Seq, ReadError> {
    loop {
        let done = shard.destage_done.notified();
        shard.check_running()?;
        if !cell.state.borrow().is_taken() {
            cell.state.borrow_mut().truncating = true;
            break;
        }
        done.await;
    }
    let _cutting = Cutting { shard, cell };
    let (to, in_files) = {
        let log = cell.state.borrow();
        check(&log, to)?;
        if to == log.end() {
            // What brought the end here may still be on its way: an append, or the same cut before.
            return Ok(Seq(log.end_sequence));
        }
        let to = batch_base(&log, to);
        check(&log, to)?;
        (to, log.cut_reaches_files(to))
    };
    if !in_files {
        let entry = Entry::Truncate { to, carried: None };
        return Ok(apply(shard, cell, to, &entry)?);
    }
    let (base, side_bytes) = segment_of(&cell.state.borrow(), to);
    let segment =
        shard.segments.open((cell.id, SegmentName::appended(base)), side_bytes, false).await;
    let segment = segment.map_err(crate::segment::OpenError::reading)?;
    let found = find_cut(shard, &segment, to).await?;
    check(&cell.state.borrow(), found.to)?;
    let carried =
        CutSegment { base, position: found.position, cut: found.cut, bytes: &found.bytes };
    let entry = Entry::Truncate { to: found.to, carried: Some(carried) };
    let sequence = apply(shard, cell, found.to, &entry)?;
    segment.index.borrow_mut().cut(found.position);
    Ok(sequence)
}

fn check(log: &LogState, to: Offset) -> Result<(), Refusal> {
    if log.deleted {
        return Err(Refusal::UnknownTopicOrPartition);
    }
    // What compaction wrote is never cut: it takes only what readers may see.
    let is_compacted = log.sealed.iter().rev().any(|sealed| sealed.end > to && sealed.revision > 0);
    if to < log.start || to > log.end() || is_compacted {
        return Err(Refusal::OffsetOutOfRange { start: log.start, end: log.end() });
    }
    Ok(())
}

/// The base of the batch that holds `to`, if it is in memory; else `to`.
fn batch_base(log: &LogState, to: Offset) -> Offset {
    let unsealed = log.parts.iter().filter(|part| !part.sealed);
    let found = unsealed.filter_map(|part| part.find(to).map(|i| part.batch(i).0.base)).next();
    found.unwrap_or(to)
}

/// The segment in whose file `to` lies, and its sidecar's bytes.
fn segment_of(log: &LogState, to: Offset) -> (Offset, u64) {
    let i = log.sealed.partition_point(|sealed| sealed.end <= to);
    if let Some(sealed) = log.sealed.get(i) {
        return (sealed.base, sealed.side_bytes);
    }
    let part = &log.parts[log.first_unsealed()];
    (part.base, part.side_bytes)
}

/// Journals the cut and does it.
fn apply(shard: &Shard, cell: &Rc<LogCell>, to: Offset, entry: &Entry<'_>) -> Result<Seq, Refusal> {
    let mut log = cell.state.borrow_mut();
    // A cut has a block to itself: a log's as-of sequence names whole blocks, so neither what was
    // cut nor what came in its place may share one with it.
    shard.journal.borrow_mut().seal_open();
    let sequence = shard.journal_entry(log.id, entry, Level::Start)?;
    shard.journal.borrow_mut().seal_open();
    let Entry::Truncate { carried, .. } = entry else { unreachable!("only cuts come here") };
    let dirty = log.dirty();
    let files = log.segment_files();
    let source = shard.chunks();
    let cut = shard
        .known_by(&mut log, |log| log.apply_truncate(&source, to, carried.as_ref(), sequence.0));
    cut.expect("a cut of what is there contradicts nothing");
    // A segment that is cut to nothing begins anew, if it does: its file goes too.
    let kept = carried.as_ref().map_or(Offset::MAX, |carried| {
        if carried.position == 0 { carried.base - 1 } else { carried.base }
    });
    for name in files.into_iter().filter(|name| name.base > kept) {
        shard.remove_segment((log.id, name), sequence);
    }
    shard.settle(&mut log, dirty);
    shard.admitted.notify_all();
    Ok(sequence)
}

/// A cut into a file.
struct FoundCut {
    to: Offset,
    position: u64,
    cut: Cut,
    bytes: Vec<u8>,
}

/// Finds where in the segment the batch that holds `to` begins, and what stands between the begin
/// of its run and it.
async fn find_cut(
    shard: &Rc<Shard>,
    segment: &Rc<Segment>,
    to: Offset,
) -> Result<FoundCut, ReadError> {
    let (i, run, before) = {
        let index = segment.index.borrow();
        let runs = index.runs();
        let i = index.at_offset(to).filter(|i| runs[*i].first >= 0 && runs[*i].first <= to);
        let i = i.ok_or_else(|| rot(segment, 0, "no sidecar entry covers the offset"))?;
        let before = match runs[i].first_position {
            0 => None,
            _ => index.at_offset(runs[i].first - 1),
        };
        (i, runs[i], before)
    };
    let pieces = two_runs(shard, segment, i).await?;
    let (base, at, _) = walk(segment, &run, &pieces, to)?;
    let cut = match before {
        None if run.first_position == 0 => Cut::whole(run.first),
        None => return Err(rot(segment, run.position, "a batch without a begin").into()),
        Some(j) => {
            let before = segment.index.borrow().runs()[j];
            let pieces = two_runs(shard, segment, j).await?;
            let (_, at, header) = walk(segment, &before, &pieces, run.first - 1)?;
            let header =
                header.ok_or_else(|| rot(segment, before.position, "a batch without a header"))?;
            let position = before.position + as_u64(at);
            Cut {
                first: header.base_offset,
                last: header.last_offset(),
                max_timestamp: header.max_timestamp,
                length: u32::try_from(header.total_bytes()).expect("batches are below 4 GiB"),
                skip: u32::try_from(run.position - position).expect("batches are below 4 GiB"),
            }
        }
    };
    let bytes = pieces[0][..at].to_vec();
    Ok(FoundCut { to: base, position: run.position, cut, bytes })
}

/// The run at `i` and the one behind it, into which a header may reach.
async fn two_runs(
    shard: &Rc<Shard>,
    segment: &Rc<Segment>,
    i: usize,
) -> Result<Vec<Slice>, ReadError> {
    let runs: Vec<SideEntry> =
        segment.index.borrow().runs().iter().skip(i).take(2).copied().collect();
    let mut pieces = Vec::new();
    for run in &runs {
        pieces.push(read_run(shard, segment, run).await?);
    }
    Ok(pieces)
}

/// Where the batch that holds `offset` and begins in this run stands: its base, its place in the
/// run and, if it was needed to know, its header.
fn walk(
    segment: &Segment,
    run: &SideEntry,
    pieces: &[Slice],
    offset: Offset,
) -> Result<(Offset, usize, Option<BatchHeader>), ReadError> {
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| &piece[..]).collect();
    let mut at = run.first_position as usize;
    let mut base = run.first;
    loop {
        let header = header_at(&pieces, at);
        if header.is_none() && base == offset {
            // Its header ends in memory: that it begins here is enough.
            return Ok((base, at, None));
        }
        let header = header.filter(|header| header.base_offset == base);
        let header = header.ok_or_else(|| rot(segment, run.position, "no batch where one was"))?;
        if header.last_offset() >= offset {
            return Ok((base, at, Some(header)));
        }
        at += header.total_bytes();
        base = header.last_offset() + 1;
    }
}
