//! What a shard knows of one log, and what each entry does to it: one function per entry, for the
//! live path and for replay, so that both mean the same by it.
//!
//! Kept true:
//! - `start <= end`; sealed segments, then the parts, cover the log without gaps.
//! - The last part is open; parts before it are closed; sealed parts come first and are only
//!   caches.
//! - Epochs ascend strictly, and so do their first offsets.

use std::collections::VecDeque;

use engine_base::{Epoch, Fault, LogId, Offset};
use engine_record::{BatchHeader, BatchView, Rope};

use crate::carried::carried_batches;
use crate::chunk::ChunkSource;
use crate::entry::Cut;
use crate::fields::as_u64;
use crate::names::SegmentName;
use crate::producers::Producers;
use crate::sealed::Sealed;
use crate::snapshot::Findable;
use crate::tail::Part;
use crate::{HardState, LogOptions};

/// One log.
#[derive(Debug)]
pub(crate) struct LogState {
    pub(crate) id: LogId,
    pub(crate) options: LogOptions,
    pub(crate) hard_state: HardState,
    pub(crate) start: Offset,
    /// The journal block that moved the start last in this life; 0 if none did.
    pub(crate) start_sequence: u64,
    /// Moves of the start that were not durable when last looked at: the block of each, and where
    /// the log started before it.
    pub(crate) earlier_starts: VecDeque<(u64, Offset)>,
    /// The journal block that moved the end last in this life; 0 if none did.
    pub(crate) end_sequence: u64,
    pub(crate) epochs: Vec<(Epoch, Offset)>,
    /// Who numbered its batches.
    pub(crate) producers: Producers,
    /// In a replay: what entries up to this sequence say of producers is known already.
    pub(crate) producers_as_of: u64,
    /// Compaction has been over everything below: nothing there is superseded by anything else
    /// there.
    pub(crate) cleaned: Offset,
    /// Compaction reads and writes its files: they are not moved or removed as a whole.
    pub(crate) cleaning: bool,
    /// It is about to be set aside or deleted: no compaction begins or goes on.
    pub(crate) leaving: bool,
    /// What compaction could not read when it came here last.
    pub(crate) compaction_fault: Option<Fault>,
    /// The wall clock at the end of the last round of compaction in this life, in ms; 0 for none.
    pub(crate) compacted_ms: i64,
    /// Checkpoints by number, each with the end of the last segment that it has as sealed.
    pub(crate) imaged: VecDeque<(u64, Offset)>,
    /// Segments that are written whole, ascending.
    pub(crate) sealed: VecDeque<Sealed>,
    /// Sealed ones that are cached, then those being written, then the open one.
    pub(crate) parts: VecDeque<Part>,
    /// Rises with every truncation: what was in flight before it does not count.
    pub(crate) generation: u64,
    /// How often its end was cut in this life.
    pub(crate) cuts: u64,
    /// A destage of this log is under way.
    pub(crate) destaging: bool,
    /// It waits for a destage.
    pub(crate) queued: bool,
    /// A truncation waits or is under way: no destage begins.
    pub(crate) truncating: bool,
    /// Under which sequence it stands in the list of ages.
    pub(crate) age: Option<u64>,
    /// Retention stays below this offset.
    pub(crate) retain_from: Offset,
    /// Its directory was made in this life.
    pub(crate) has_dir: bool,
    /// How often housekeeping looked since something was appended.
    pub(crate) looks: u8,
    /// Retention is due, or did not get to its end.
    pub(crate) retention_due: bool,
    /// A snapshot of it is being written.
    pub(crate) saving: bool,
    /// Snapshots of it that a start may find, the one that is being written included.
    pub(crate) snapshots: Vec<Findable>,
    /// One past the last tombstone that compaction decided to take in this life.
    pub(crate) tombstones_taken_upto: Offset,
    /// It was deleted: handles that are left refuse.
    pub(crate) deleted: bool,
}

/// What a replayed entry contradicts: rot, or a defect of ours; never guessed at.
pub(crate) type Contradiction = String;

impl LogState {
    /// A new, empty log.
    pub(crate) fn new(id: LogId, start: Offset, options: LogOptions) -> LogState {
        LogState {
            id,
            options,
            hard_state: HardState::default(),
            start,
            start_sequence: 0,
            earlier_starts: VecDeque::new(),
            end_sequence: 0,
            epochs: Vec::new(),
            producers: Producers::new(start),
            producers_as_of: 0,
            cleaned: start,
            cleaning: false,
            leaving: false,
            compaction_fault: None,
            compacted_ms: 0,
            imaged: VecDeque::new(),
            sealed: VecDeque::new(),
            parts: VecDeque::from([Part::new(start)]),
            generation: 0,
            cuts: 0,
            destaging: false,
            queued: false,
            truncating: false,
            age: None,
            retain_from: Offset::MAX,
            has_dir: false,
            looks: 0,
            retention_due: false,
            saving: false,
            snapshots: Vec::new(),
            tombstones_taken_upto: 0,
            deleted: false,
        }
    }

    /// See [`crate::Log::append_seq_of`].
    pub(crate) fn append_seq_of(&self, offset: Offset) -> Option<u64> {
        let unsealed = self.parts.iter().filter(|part| !part.sealed);
        unsealed.filter_map(|part| part.sequence_of(offset)).find(|sequence| *sequence > 0)
    }

    /// Whether a destage or a truncation has it.
    pub(crate) fn is_taken(&self) -> bool {
        self.destaging || self.truncating
    }

    /// Whether no start needs the tombstone at `offset` any more: one that goes on from a snapshot
    /// reads what follows its end, and one of another start is not gone on from.
    pub(crate) fn may_take_tombstone(&self, offset: Offset) -> bool {
        let found = self.snapshots.iter().filter(|found| found.start == self.start);
        found.map(|found| found.end).all(|end| offset < end)
    }

    /// The part that is appended to.
    pub(crate) fn open(&self) -> &Part {
        self.parts.back().expect("a log has an open segment")
    }

    pub(crate) fn open_mut(&mut self) -> &mut Part {
        self.parts.back_mut().expect("a log has an open segment")
    }

    /// The first part whose file is not whole.
    pub(crate) fn first_unsealed(&self) -> usize {
        self.parts.iter().position(|part| !part.sealed).expect("the open segment is not sealed")
    }

    /// One past the last offset.
    pub(crate) fn end(&self) -> Offset {
        self.open().end
    }

    /// Bytes that are not in segments.
    pub(crate) fn dirty(&self) -> u64 {
        self.parts.iter().filter(|part| !part.sealed).map(Part::dirty).sum()
    }

    /// Bytes of all segments that are not wholly below the start.
    pub(crate) fn size_bytes(&self) -> u64 {
        let sealed: u64 = self.live_sealed().map(|sealed| sealed.bytes).sum();
        sealed + self.parts.iter().filter(|part| !part.sealed).map(|part| part.len).sum::<u64>()
    }

    /// Sealed segments that are not wholly below the start.
    pub(crate) fn live_sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.sealed.iter().skip_while(|sealed| sealed.end <= self.start)
    }

    /// The oldest journal block that still holds a byte that is not in segments (0: a checkpoint).
    pub(crate) fn oldest_sequence(&self) -> Option<u64> {
        let from = self.first_unsealed();
        self.parts.range(from..).find_map(Part::oldest_sequence)
    }

    /// The epoch of the last batch, -1 for none.
    pub(crate) fn epoch_at_end(&self) -> Epoch {
        self.epochs.last().map_or(-1, |(epoch, _)| *epoch)
    }

    /// Whether a batch of `bytes` belongs into a new segment.
    pub(crate) fn must_roll(&self, bytes: usize, wall_ms: i64) -> bool {
        let open = self.open();
        let age = wall_ms.saturating_sub(open.first_wall_ms);
        let old = open.first_wall_ms > 0 && age >= self.options.roll_ms();
        open.len > 0 && (open.len + as_u64(bytes) > self.options.segment_bytes || old)
    }

    /// Closes the open segment; the next begins at the end.
    pub(crate) fn roll(&mut self) {
        let end = self.end();
        let open = self.open_mut();
        assert!(open.len > 0 && !open.closed, "an empty segment is not rolled");
        open.closed = true;
        self.parts.push_back(Part::new(end));
    }

    pub(crate) fn note_epoch(&mut self, epoch: Epoch, base: Offset) {
        if self.epochs.last().is_none_or(|(last, _)| *last < epoch) {
            self.epochs.push((epoch, base));
        }
    }

    /// Appends a batch at the end.
    pub(crate) fn apply_append<'b>(
        &mut self,
        source: &ChunkSource<'_>,
        header: &BatchHeader,
        epoch: Epoch,
        pieces: impl IntoIterator<Item = &'b [u8]>,
        sequence: u64,
        wall_ms: i64,
    ) {
        let base = self.end();
        if sequence > self.producers_as_of {
            self.producers.note(header, base, wall_ms);
        }
        self.open_mut().push_batch(source, header, header.total_bytes(), pieces, sequence);
        self.note_epoch(epoch, base);
        self.end_sequence = sequence;
        self.looks = 0;
    }

    /// An append as replay finds it: what is known already is passed over.
    pub(crate) fn replay_append(
        &mut self,
        source: &ChunkSource<'_>,
        base: Offset,
        epoch: Epoch,
        batch: &[u8],
        sequence: u64,
    ) -> Result<(), Contradiction> {
        let end = self.end();
        if base > end {
            return Err(format!("log {} ends at {end}, an append begins at {base}", self.id));
        }
        if base < end {
            self.note_epoch(epoch, base);
            return Ok(());
        }
        let pieces = [batch];
        let view = BatchView::parse(Rope::new(&pieces), 0).map_err(|why| format!("{why}"))?;
        let header = view.header();
        if header.base_offset != base || header.total_bytes() != batch.len() {
            return Err(format!("log {}: an append at {base} holds another batch", self.id));
        }
        if sequence > self.producers_as_of && self.producers.upto() != base {
            let upto = self.producers.upto();
            return Err(format!("log {}: an append at {base}, producers at {upto}", self.id));
        }
        self.apply_append(source, header, epoch, pieces, sequence, 0);
        Ok(())
    }

    /// A carried tail as replay finds it: batches that are known move to its block, others are
    /// taken.
    pub(crate) fn replay_carried(
        &mut self,
        source: &ChunkSource<'_>,
        cut: &Cut,
        bytes: &[u8],
        sequence: u64,
    ) -> Result<(), Contradiction> {
        for item in carried_batches(cut, bytes) {
            let (cut, epoch, bytes) = item.map_err(|why| format!("log {}: {why}", self.id))?;
            let end = self.end();
            if cut.first > end {
                let first = cut.first;
                return Err(format!("log {} ends at {end}, a remainder has {first}", self.id));
            }
            if cut.first < end {
                self.open_mut().rehome(cut.first, sequence);
                continue;
            }
            let open = self.open_mut();
            let in_file = open.pending().map_or(0, |pending| pending.skip);
            if cut.skip > in_file {
                return Err(format!(
                    "log {}: the begin of batch {} is nowhere",
                    self.id, cut.first
                ));
            }
            open.push(source, cut, [bytes], sequence);
            if let Some(epoch) = epoch {
                self.note_epoch(epoch, cut.first);
            }
        }
        Ok(())
    }

    /// The log is gone: handles that are left refuse, its memory goes.
    pub(crate) fn delete(&mut self) {
        self.deleted = true;
        self.generation += 1;
        self.sealed.clear();
        self.epochs.clear();
        self.producers = Producers::new(self.start);
        self.parts = VecDeque::from([Part::new(self.start)]);
    }

    /// Frees the oldest chunk that is only a cache.
    pub(crate) fn evict(&mut self) {
        for part in &mut self.parts {
            if part.evict() {
                break;
            }
            if !part.sealed {
                break;
            }
        }
        while self.parts.len() > 1 && self.parts[0].sealed && self.parts[0].is_out_of_memory() {
            self.parts.pop_front();
        }
    }

    /// Whether memory of it only caches what is in files.
    pub(crate) fn is_evictable(&self) -> bool {
        self.parts.front().is_some_and(Part::is_evictable)
    }

    /// Nobody appended for a while: frees every chunk that is only a cache and what is spare of the
    /// others.
    pub(crate) fn rest(&mut self, source: &ChunkSource<'_>, device_block: usize) {
        while self.is_evictable() {
            self.evict();
        }
        self.open_mut().fit(source, device_block);
        self.parts.shrink_to_fit();
    }

    /// The segments that must have files.
    pub(crate) fn segment_files(&self) -> Vec<SegmentName> {
        let sealed = self.sealed.iter().map(Sealed::name);
        let parts = self.parts.iter().filter(|part| !part.sealed && part.destaged > 0);
        sealed.chain(parts.map(Part::name)).collect()
    }

    /// The largest epoch not above `epoch` and one past its last offset; (-1, -1) if there is none.
    pub(crate) fn end_offset_for_epoch(&self, epoch: Epoch) -> (Epoch, Offset) {
        let i = self.epochs.partition_point(|(e, _)| *e <= epoch);
        let Some(found) = i.checked_sub(1) else { return (-1, -1) };
        let end = self.epochs.get(i).map_or(self.end(), |(_, first)| *first);
        (self.epochs[found].0, end)
    }
}

#[cfg(test)]
#[path = "log_state_test.rs"]
pub(crate) mod log_state_test;
