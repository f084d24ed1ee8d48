//! One round of compaction over one log: the keys of what is dirty are noted, then every segment
//! from the log's first on is rewritten without the records that a later one supersedes.
//!
//! Kept true:
//! - A record goes only if a later one of its key lies below the round's end, in a sealed segment;
//!   or if it is a tombstone whose delete horizon has passed and which lies below the end of every
//!   snapshot that a start may go on from; or if it has no key. A horizon counts only where the
//!   log was compacted before: a client may send a batch that claims one.
//! - Segments are replaced in order: a tombstone gets its horizon only after everything before it
//!   was rewritten, so no deleted key comes back, also if the round ends early.
//! - Offsets never move: a batch keeps its first and last offset; the last batch of a segment and
//!   the last one of a producer stay, if need be without records.
//! - What cannot be read is never dropped: rot ends the round, records that make no sense stay.

use std::rc::Rc;

use engine_base::{Fault, Offset, Refusal};
use engine_record::{
    BatchHeader, BatchView, Horizon, Judging, Left, Record, RecordReader, empty_batch,
};
use engine_record::{HEADER_BYTES, Rope};

use crate::cleanable::Cleanable;
use crate::entry::Entry;
use crate::fields::as_u64;
use crate::journal::Level;
use crate::key_table::KeyTable;
use crate::log::ReadError;
use crate::names::SegmentName;
use crate::pace::{Pace, SLICE_BYTES};
use crate::sealed::Sealed;
use crate::segment_walk::SegmentWalk;
use crate::segment_writer::{NotWritten, SegmentWriter};
use crate::shard::{LogCell, Shard, add};

/// Records that are looked at between two turns of others, in bytes.
const STEP_BYTES: usize = 64 << 10;
/// How much longer it takes to pack records than to read them.
const PACKING: usize = 4;

/// Why a round ends early. What it replaced stays replaced.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The log went or was cut, its policy changed, or the store closes.
    Needless,
    /// There is no space for new segments now.
    Full,
    /// These bytes cannot be read: the log stays as it is.
    Unreadable(Fault),
    /// The store must stop.
    Fault(Fault),
}

impl From<NotWritten> for Ended {
    fn from(why: NotWritten) -> Ended {
        match why {
            NotWritten::Full => Ended::Full,
            NotWritten::Fault(fault) => Ended::Fault(fault),
        }
    }
}

/// What a round is about.
#[derive(Clone, Copy)]
pub(crate) struct Going<'a> {
    shard: &'a Rc<Shard>,
    cell: &'a Rc<LogCell>,
    /// How often the log had been cut when this was planned: what was sealed then may be another
    /// segment of the same offsets now.
    cuts: u64,
}

impl Going<'_> {
    /// Whether there is still something to do here.
    pub(crate) fn check(&self) -> Result<(), Ended> {
        let log = self.cell.state.borrow();
        let goes_on = self.shard.check_running().is_ok()
            && !log.deleted
            && !log.truncating
            && log.cuts == self.cuts
            && !log.leaving
            && log.options.compact;
        if goes_on { Ok(()) } else { Err(Ended::Needless) }
    }
}

/// A round.
pub(crate) struct Round<'a> {
    shard: &'a Rc<Shard>,
    cell: &'a Rc<LogCell>,
    going: Going<'a>,
    pace: Pace,
    keys: KeyTable,
    /// What the records of one batch may unpack to, in bytes.
    unpacked_bytes_max: usize,
    /// Records from here on are not known to be superseded, and stay.
    upto: Offset,
    /// The wall clock when it began, in ms.
    wall: i64,
    /// What tombstones get that have no horizon yet.
    horizon: i64,
    /// Batches below this offset were rewritten before; a horizon behind it is a client's.
    cleaned: Offset,
}

/// Does one round over a log, of which nobody else compacts anything meanwhile.
pub(crate) async fn round(
    shard: &Rc<Shard>,
    cell: &Rc<LogCell>,
    what: &Cleanable,
    secret: [u8; 16],
) -> Result<(), Ended> {
    let wall = shard.core.wall().0;
    let (retention, unpacked_bytes_max) = {
        let options = &cell.state.borrow().options;
        (options.delete_retention_ms, options.unpacked_bytes_max)
    };
    let expected = u64::try_from(what.upto - what.dirty_from).unwrap_or(0);
    let mut round = Round {
        shard,
        cell,
        going: Going { shard, cell, cuts: what.cuts },
        pace: Pace::new(shard),
        keys: KeyTable::new(secret, expected, shard.live.get().compaction_key_bytes),
        unpacked_bytes_max,
        upto: what.dirty_from,
        wall,
        horizon: wall.saturating_add(retention),
        cleaned: cell.state.borrow().cleaned,
    };
    let done = round.run(what).await;
    while round.keys.shed() {
        shard.core.yield_now().await;
    }
    done
}

impl Round<'_> {
    async fn run(&mut self, what: &Cleanable) -> Result<(), Ended> {
        for sealed in what.segments.iter().filter(|sealed| sealed.end > what.dirty_from) {
            if !self.note_keys(sealed, what.dirty_from).await? {
                break;
            }
        }
        let segment_bytes = self.cell.state.borrow().options.segment_bytes;
        for group in what.groups(self.upto, segment_bytes) {
            self.compact(&group).await?;
        }
        let mut log = self.cell.state.borrow_mut();
        log.cleaned = log.cleaned.max(self.upto);
        add(&self.shard.counters.compactions, 1);
        Ok(())
    }

    /// Whether there is still something to do here.
    fn check(&self) -> Result<(), Ended> {
        self.going.check()
    }

    /// What a failed read means: files may have gone with their log or its start.
    fn unreadable(&self, sealed: &Sealed, why: ReadError) -> Ended {
        let there = self.cell.state.borrow().sealed.contains(sealed);
        match why {
            ReadError::Fault(fault) if there && self.check().is_ok() => Ended::Unreadable(fault),
            ReadError::Fault(_) | ReadError::Refusal(_) => Ended::Needless,
        }
    }

    async fn walk(&mut self, sealed: &Sealed, from: Offset) -> Result<SegmentWalk, Ended> {
        self.check()?;
        let key = (self.cell.id, sealed.name());
        let begun = SegmentWalk::begin(self.shard, key, sealed, from).await;
        begun.map_err(|why| self.unreadable(sealed, why))
    }

    /// Takes note of the keys in a segment from offset `from` on; false once the table is full.
    async fn note_keys(&mut self, sealed: &Sealed, from: Offset) -> Result<bool, Ended> {
        let mut walk = self.walk(sealed, from).await?;
        loop {
            self.check()?;
            let read = walk.read().await.map_err(|why| self.unreadable(sealed, why))?;
            if read == 0 {
                self.upto = sealed.end;
                return Ok(true);
            }
            self.pace.moved(read, self.going).await?;
            loop {
                let held = walk.next().map_err(|why| self.unreadable(sealed, why))?;
                let Some(held) = held else { break };
                let pieces = held.pieces();
                if let Some(offset) = self.note_batch(&held.batch(&pieces), from).await {
                    self.upto = offset;
                    return Ok(false);
                }
            }
        }
    }

    /// Rewrites neighbours into one segment; one that loses nothing is left as it is.
    async fn compact(&mut self, group: &[Sealed]) -> Result<(), Ended> {
        if let [alone] = group
            && !self.loses(alone).await?
        {
            return Ok(());
        }
        self.check()?;
        let bytes = group.iter().map(|sealed| sealed.bytes).sum();
        if !self.shard.space.admits(self.shard.dirty.get(), bytes) {
            return Err(Ended::Full);
        }
        let wanted = self.name_of(group);
        let key = (self.cell.id, wanted.name());
        let written = self.rewrite(group, wanted).await;
        let replaced = match written {
            Ok(by) => self.replace(&by, bytes).await,
            Err(ended) => Err(ended),
        };
        if replaced.is_err() && !self.shard.has_failed() {
            // Nobody knows of it.
            self.shard.segments.forget(key);
            let removed = crate::remover::remove_files(self.shard, key).await;
            removed.map_err(Ended::Fault)?;
        }
        replaced
    }

    /// What the new segment is called and stands for.
    fn name_of(&self, group: &[Sealed]) -> Sealed {
        let newest = group.iter().map(|sealed| sealed.revision).max().unwrap_or(0);
        let (last, _) = self.shard.journal.borrow().chain_end();
        let mut by = Sealed {
            end: group[group.len() - 1].end,
            wall_ms: group.iter().map(|sealed| sealed.wall_ms).max().unwrap_or(0),
            revision: last.max(newest) + 1,
            ..group[0]
        };
        // What an earlier life left under this name may still have to go.
        while self.shard.removing.borrow().contains(&(self.cell.id, by.name())) {
            by.revision += 1;
        }
        by
    }

    /// Whether a segment has a batch that changes.
    async fn loses(&mut self, sealed: &Sealed) -> Result<bool, Ended> {
        let mut walk = self.walk(sealed, sealed.base).await?;
        loop {
            self.check()?;
            let read = walk.read().await.map_err(|why| self.unreadable(sealed, why))?;
            if read == 0 {
                return Ok(false);
            }
            self.pace.moved(read, self.going).await?;
            loop {
                let held = walk.next().map_err(|why| self.unreadable(sealed, why))?;
                let Some(held) = held else { break };
                let pieces = held.pieces();
                if !matches!(self.judge(&held.batch(&pieces), sealed.end).await, Judged::Stays) {
                    return Ok(true);
                }
            }
        }
    }

    async fn rewrite(&mut self, group: &[Sealed], wanted: Sealed) -> Result<Sealed, Ended> {
        let key = (self.cell.id, wanted.name());
        let mut writer = SegmentWriter::create(self.shard, key, wanted).await?;
        for sealed in group {
            let mut walk = self.walk(sealed, sealed.base).await?;
            loop {
                self.check()?;
                let read = walk.read().await.map_err(|why| self.unreadable(sealed, why))?;
                if read == 0 {
                    break;
                }
                self.pace.moved(read, self.going).await?;
                loop {
                    let held = walk.next().map_err(|why| self.unreadable(sealed, why))?;
                    let Some(held) = held else { break };
                    let pieces = held.pieces();
                    let batch = held.batch(&pieces);
                    let judged = self.judge(&batch, wanted.end).await;
                    self.put(&mut writer, &batch, judged).await;
                }
                let written = writer.write().await?;
                self.pace.moved(written, self.going).await?;
            }
        }
        self.check()?;
        Ok(writer.finish().await?)
    }

    /// Puts a segment that is flushed in the place of those that it was made of.
    async fn replace(&self, by: &Sealed, bytes: u64) -> Result<(), Ended> {
        loop {
            let admitted = self.shard.admitted.notified();
            if self.try_replace(by)? {
                add(&self.shard.counters.compacted_bytes, bytes);
                add(&self.shard.counters.compacted_to_bytes, by.bytes);
                return Ok(());
            }
            admitted.await;
        }
    }

    /// The same; false if the journal has no room now.
    fn try_replace(&self, by: &Sealed) -> Result<bool, Ended> {
        self.check()?;
        let (id, shard) = (self.cell.id, self.shard);
        let mut log = self.cell.state.borrow_mut();
        if !log.is_replaceable(by) {
            return Err(Ended::Needless);
        }
        let sequence = match shard.journal_entry(id, &Entry::Replace(*by), Level::Control) {
            Ok(sequence) => sequence,
            Err(Refusal::Overloaded) => return Ok(false),
            Err(_) => return Err(Ended::Needless),
        };
        let old: Vec<SegmentName> = log.apply_replace(by);
        old.into_iter().for_each(|name| shard.remove_segment((id, name), sequence));
        Ok(true)
    }

    /// What becomes of a batch of the segment that ends at `end`.
    async fn judge<'b>(&mut self, batch: &BatchView<'b>, end: Offset) -> Judged<'b> {
        let header = *batch.header();
        if header.is_control() || header.base_offset >= self.upto {
            return Judged::Stays;
        }
        let horizon = match header.last_offset() < self.cleaned {
            true => Horizon::Given(self.horizon),
            false => Horizon::New(self.horizon),
        };
        let given = horizon.of(&header);
        if header.last_offset() >= self.upto && given.is_none() {
            // Not everything before its last records was rewritten: no horizon for them yet.
            return Judged::Stays;
        }
        let over = given.is_some_and(|horizon| self.wall >= horizon);
        let Ok(mut judging) = Judging::begin(*batch, self.unpacked_bytes_max, horizon) else {
            return Judged::Stays;
        };
        let left = loop {
            match judging.step(STEP_BYTES, |record| self.keeps(over, record)) {
                Ok(Some(left)) => break left,
                Ok(None) => self.pace.worked(SLICE_BYTES).await,
                Err(_) => return Judged::Stays,
            }
        };
        self.pace.worked(work(batch)).await;
        match left {
            Left::Whole => Judged::Stays,
            Left::Some => Judged::Shrinks(Box::new(judging)),
            Left::Nothing if !self.must_stay(&header, end) => Judged::Goes,
            Left::Nothing if header.record_count == 0 => Judged::Stays,
            Left::Nothing => Judged::Empties,
        }
    }

    /// Writes what a batch becomes.
    async fn put(&mut self, writer: &mut SegmentWriter, batch: &BatchView<'_>, judged: Judged<'_>) {
        let becomes = match judged {
            Judged::Stays => return writer.push(batch.header(), batch.bytes()),
            Judged::Goes => return,
            Judged::Empties => empty_batch(batch.header()),
            Judged::Shrinks(judging) => {
                let read = "because the same bytes were read to be judged";
                let mut rebuilding = judging.rebuild().expect(read);
                while !rebuilding.step(STEP_BYTES / PACKING).expect(read) {
                    self.pace.worked(SLICE_BYTES).await;
                }
                self.pace.worked(work(batch)).await;
                rebuilding.finish()
            }
        };
        let mut head = [0; HEADER_BYTES];
        head.copy_from_slice(&becomes[..HEADER_BYTES]);
        writer.push(&BatchHeader::read(&head), Rope::new(&[&becomes]));
    }

    /// Takes note of a batch's keys from offset `from` on; the offset of the record for which there
    /// was no room.
    async fn note_batch(&mut self, batch: &BatchView<'_>, from: Offset) -> Option<Offset> {
        if batch.header().is_control() {
            return None;
        }
        // Records that make no sense supersede nothing, and those beside them neither.
        let most = self.unpacked_bytes_max;
        let read = || Some(RecordReader::new(*batch, most).ok()?.in_order());
        let (mut reader, mut walked) = (read()?, 0);
        while let Some(glance) = reader.next_glance() {
            walked += glance.ok()?.bytes;
            if walked >= STEP_BYTES {
                walked = 0;
                self.pace.worked(SLICE_BYTES).await;
            }
        }
        let mut reader = read()?;
        while let Some(Ok(record)) = reader.next_record() {
            walked += record.bytes();
            if let Some(key) = record.key.filter(|_| record.offset >= from)
                && !self.keys.note(key, record.offset)
            {
                return Some(record.offset);
            }
            if walked >= STEP_BYTES {
                walked = 0;
                self.pace.worked(SLICE_BYTES).await;
            }
        }
        self.pace.worked(work(batch)).await;
        None
    }

    /// Whether a record stays; `over`: the delete horizon of its batch has passed.
    fn keeps(&self, over: bool, record: &Record<'_>) -> bool {
        if record.offset >= self.upto {
            return true;
        }
        let Some(key) = record.key else { return false };
        let is_last = self.keys.last(key).is_none_or(|last| record.offset >= last);
        is_last && !(record.value.is_none() && over && self.takes(record.offset))
    }

    /// Whether nobody needs this overdue tombstone any more. It is taken then.
    fn takes(&self, tombstone: Offset) -> bool {
        let mut log = self.cell.state.borrow_mut();
        let may = log.may_take_tombstone(tombstone);
        if may {
            log.tombstones_taken_upto = log.tombstones_taken_upto.max(tombstone + 1);
        }
        may
    }

    /// Whether its offsets or its sequence must stay known.
    fn must_stay(&self, header: &BatchHeader, end: Offset) -> bool {
        let log = self.cell.state.borrow();
        let producer = log.producers.get(header.producer_id).filter(|_| header.has_producer());
        let is_last = producer
            .and_then(|producer| producer.batches.back())
            .is_some_and(|last| last.base == header.base_offset);
        is_last || header.last_offset() + 1 == end
    }
}

/// What becomes of a batch.
enum Judged<'b> {
    Stays,
    Shrinks(Box<Judging<'b>>),
    /// Only its offsets and its sequence stay known.
    Empties,
    Goes,
}

/// What a batch costs beside its full steps, as bytes of plain records.
fn work(batch: &BatchView<'_>) -> u64 {
    let packed = u64::from(batch.header().codec() != Some(engine_record::Codec::None));
    (as_u64(batch.header().total_bytes()) * (1 + 7 * packed)).min(SLICE_BYTES)
}

#[cfg(test)]
#[path = "compaction_test.rs"]
mod compaction_test;
