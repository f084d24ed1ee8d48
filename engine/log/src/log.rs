//! One partition's log as its owner sees it.

use std::rc::Rc;

use engine_base::{Epoch, Fault, LogId, Offset, Refusal};
use engine_record::{BatchHeader, BatchView, Rope, stamp};
use engine_rt::Slice;

use crate::cleanable::Cleanable;
use crate::entry::{APPEND_OVERHEAD_BYTES, Entry, append_head};
use crate::fields::as_u64;
use crate::journal::Level;
use crate::reader::Wanted;
use crate::shard::{LogCell, Shard, add};
use crate::{
    HardState, LogOptions, Producer, Seq, Snapshot, housekeeping, reader, snapshot, times, truncate,
};

/// One partition's log. A handle: clones are the same log.
#[derive(Clone)]
pub struct Log {
    shard: Rc<Shard>,
    cell: Rc<LogCell>,
}

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Owed to the reader.
    Refusal(Refusal),
    /// Rot or a failed read, with its place: these bytes are not served; the log is not cut.
    Fault(Fault),
}

impl From<Refusal> for ReadError {
    fn from(refusal: Refusal) -> ReadError {
        ReadError::Refusal(refusal)
    }
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> ReadError {
        ReadError::Fault(fault)
    }
}

/// A record found by its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOffset {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp, in milliseconds.
    pub timestamp: i64,
    /// The leader epoch of its batch.
    pub epoch: Epoch,
}

/// A segment, for tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    /// The offset of its first batch, and its file's name.
    pub base: Offset,
    /// One past its last offset.
    pub end: Offset,
    /// Its size in bytes, the part in memory included.
    pub bytes: u64,
    /// The largest timestamp in it, -1 for none.
    pub max_timestamp: i64,
    /// Whether nothing more is appended to it.
    pub sealed: bool,
}

/// Bytes at the begin of a batch that hold its base offset and its leader epoch.
const STAMP_BYTES: usize = 16;

impl Log {
    pub(crate) fn new(shard: &Rc<Shard>, cell: Rc<LogCell>) -> Log {
        Log { shard: Rc::clone(shard), cell }
    }

    /// Appends one whole batch, given as a list of slices, and stamps its base offset and leader
    /// epoch. The caller has checked the batch and its CRC. It can be read at once: the caller
    /// bounds readers by what is visible.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] if there is no room (see [`crate::Store::room`]),
    /// [`Refusal::StorageFull`] below the disk reserve, [`Refusal::MessageTooLarge`] for a batch
    /// that no journal block could hold, [`Refusal::StorageStopped`] after a fault,
    /// [`Refusal::CorruptBatch`] for wrong framing.
    ///
    /// # Panics
    /// If `base_offset` is not [`Log::end`].
    pub fn append(
        &self,
        batch: &[&[u8]],
        base_offset: Offset,
        epoch: Epoch,
    ) -> Result<Seq, Refusal> {
        let shard = &self.shard;
        shard.check_running()?;
        let rope = Rope::new(batch);
        let header = whole_batch(rope)?;
        let bytes = header.total_bytes();
        let mut log = self.cell.state.borrow_mut();
        if log.deleted {
            return Err(Refusal::UnknownTopicOrPartition);
        }
        assert_eq!(base_offset, log.end(), "offsets are dense");
        assert!(epoch >= log.epoch_at_end() && !log.truncating, "epochs never go back");
        // The metadata goes on without space: the ring keeps room for it, which bounds its memory.
        let below_reserve = log.options.below_reserve;
        if !below_reserve && !shard.space.admits(shard.dirty.get(), as_u64(bytes)) {
            return Err(Refusal::StorageFull);
        }
        let source = shard.chunks();
        let memory = log.open().memory_for(&source, bytes);
        if memory > 0 {
            shard.look_at_memory();
        }
        if !shard.make_memory(memory, Some(&mut log)) {
            shard.press_memory();
            if !below_reserve {
                return Err(Refusal::Overloaded);
            }
        }

        let mut first = [0; STAMP_BYTES];
        rope.copy_to(0, &mut first);
        stamp(&mut first, base_offset, epoch);
        let rest = rope.slice(STAMP_BYTES..bytes);
        let head = append_head(log.id, base_offset, epoch, bytes);
        let parts = [&head[..], &first].into_iter().chain(rest.pieces());
        let sequence =
            shard.journal_append(bytes + APPEND_OVERHEAD_BYTES, level(below_reserve), parts)?;

        let wall = shard.core.wall().0;
        if log.must_roll(bytes, wall) {
            log.roll();
            shard.make_due(&self.cell, &mut log);
        }
        let pieces = std::iter::once(first.as_slice()).chain(rest.pieces());
        shard.known_by(&mut log, |log| {
            log.apply_append(&source, &header, epoch, pieces, sequence, wall);
        });
        log.open_mut().note_wall(wall);
        shard.dirty.set(shard.dirty.get() + as_u64(bytes));
        if log.age.is_none() {
            let dirty = log.dirty();
            shard.settle(&mut log, dirty);
        }
        if log.open().dirty() >= shard.options.destage_bytes {
            shard.make_due(&self.cell, &mut log);
        }
        add(&shard.counters.appended_bytes, as_u64(bytes));
        shard.journal_work.notify_all();
        Ok(Seq(sequence))
    }

    /// Its id.
    pub fn id(&self) -> LogId {
        self.cell.id
    }

    /// Where the log starts for its owner, from the moment on at which the start was moved.
    pub fn start(&self) -> Offset {
        self.cell.state.borrow().start
    }

    /// The first offset that can be read, and where the log starts for everybody else: a start
    /// counts once its entry is durable, with `write_caching` once it is submitted.
    pub fn visible_start(&self) -> Offset {
        self.cell.state.borrow().visible_start(self.shard.progress())
    }

    /// One past the last offset.
    pub fn end(&self) -> Offset {
        self.cell.state.borrow().end()
    }

    /// The leader epoch of the last batch, -1 for an empty log.
    pub fn epoch_at_end(&self) -> Epoch {
        self.cell.state.borrow().epoch_at_end()
    }

    /// The journal sequence that holds `offset`, while it is in the tail; a later sequence once the
    /// tail was carried forward. `None` below the tail: such an offset is durable.
    pub fn append_seq_of(&self, offset: Offset) -> Option<Seq> {
        self.cell.state.borrow().append_seq_of(offset).map(Seq)
    }

    /// Keeps what the records below `snapshot.end` built, in place of what was kept before, once
    /// all of them are durable. It is a cache: it may be gone at the next start. False: not now.
    /// Below its end the log must never be cut ([`Log::truncate`]).
    ///
    /// # Errors
    /// A failed write; the log and what was kept before are as they were.
    ///
    /// # Panics
    /// If `snapshot.end` is beyond [`Log::end`].
    pub async fn save_snapshot(&self, snapshot: Snapshot) -> Result<bool, Fault> {
        snapshot::save(&self.shard, &self.cell, snapshot).await
    }

    /// What [`Log::save_snapshot`] kept of this log's records, `None` if there is nothing, or
    /// nothing that fits the log as it is.
    ///
    /// # Errors
    /// What is there cannot be read or is broken: the log's records say the same.
    pub async fn load_snapshot(&self) -> Result<Option<Snapshot>, Fault> {
        snapshot::load(&self.shard, &self.cell).await
    }

    /// Reads whole batches from the one that holds `from` on, at most up to the exclusive `limit`,
    /// at most `bytes_max` bytes but with `at_least_one` never fewer than one batch. The slices in
    /// order are the batches; the first may begin before `from`. What comes from files was
    /// verified.
    ///
    /// # Errors
    /// [`Refusal::OffsetOutOfRange`] outside `visible_start..=end`; a fault for rot, never wrong
    /// bytes.
    pub async fn read(
        &self,
        from: Offset,
        limit: Offset,
        bytes_max: usize,
        at_least_one: bool,
    ) -> Result<Vec<Slice>, ReadError> {
        let wanted = Wanted { from, limit, bytes_max, at_least_one };
        reader::read(&self.shard, &self.cell, wanted).await
    }

    /// The first record below `limit` whose timestamp is at least `timestamp`.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub async fn offset_for_time(
        &self,
        timestamp: i64,
        limit: Offset,
    ) -> Result<Option<TimedOffset>, ReadError> {
        times::offset_for_time(&self.shard, &self.cell, timestamp, limit).await
    }

    /// The first of the records below `limit` with the largest timestamp.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub async fn max_timestamp(&self, limit: Offset) -> Result<Option<TimedOffset>, ReadError> {
        times::max_timestamp(&self.shard, &self.cell, limit).await
    }

    /// Cuts every batch that reaches `to` or beyond; `end` is then at most `to`. Waits for destages
    /// in flight; nothing may be appended to this log meanwhile. That the log ends there is durable
    /// with the returned sequence, also if there was nothing to cut.
    ///
    /// # Errors
    /// [`Refusal::OffsetOutOfRange`] if `to`, or the batch that holds it, begins below the start or
    /// below what compaction wrote: that is bounded by [`Log::set_retain_from`]; a fault if the
    /// bytes to keep cannot be read.
    pub async fn truncate(&self, to: Offset) -> Result<Seq, ReadError> {
        truncate::truncate(&self.shard, &self.cell, to).await
    }

    /// Moves the first readable offset forward. Segments wholly below are removed once the returned
    /// sequence is durable. A `to` at or below the start changes nothing;
    /// the sequence is then the one that moved the start there.
    ///
    /// # Errors
    /// [`Refusal::OffsetOutOfRange`] beyond the end; [`Refusal::Overloaded`],
    /// [`Refusal::StorageStopped`].
    pub fn set_start(&self, to: Offset) -> Result<Seq, Refusal> {
        self.shard.check_running()?;
        let mut log = self.cell.state.borrow_mut();
        if log.deleted {
            return Err(Refusal::UnknownTopicOrPartition);
        }
        if to > log.end() {
            return Err(Refusal::OffsetOutOfRange { start: log.start, end: log.end() });
        }
        if to <= log.start {
            // Whoever asked for the same before may still wait for it.
            return Ok(Seq(log.start_sequence));
        }
        housekeeping::set_start(&self.shard, &self.cell, &mut log, to)
    }

    /// Applies retention now, as housekeeping does from time to time. Says with which sequence, if
    /// the start moved.
    ///
    /// # Errors
    /// As [`Log::set_start`].
    pub fn enforce_retention(&self) -> Result<Option<Seq>, Refusal> {
        self.shard.check_running()?;
        if self.cell.state.borrow().deleted {
            return Err(Refusal::UnknownTopicOrPartition);
        }
        housekeeping::retain(&self.shard, &self.cell, self.shard.core.wall().0)
    }

    /// What this replica must not forget.
    pub fn hard_state(&self) -> HardState {
        self.cell.state.borrow().hard_state.clone()
    }

    /// Changes it; durable with the returned sequence.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`], [`Refusal::StorageStopped`].
    pub fn set_hard_state(&self, hard_state: HardState) -> Result<Seq, Refusal> {
        self.shard.check_running()?;
        let mut log = self.cell.state.borrow_mut();
        if log.deleted {
            return Err(Refusal::UnknownTopicOrPartition);
        }
        let entry = Entry::HardState(hard_state.clone());
        let sequence = self.shard.journal_entry(log.id, &entry, Level::Start)?;
        log.hard_state = hard_state;
        Ok(sequence)
    }

    /// Every leader epoch of the log with its first offset, ascending.
    pub fn epochs(&self) -> Vec<(Epoch, Offset)> {
        self.cell.state.borrow().epochs.clone()
    }

    /// The largest epoch not above `epoch` and where it ends, as Kafka's OffsetForLeaderEpoch
    /// answers; (-1, -1) if there is none.
    pub fn end_offset_for_epoch(&self, epoch: Epoch) -> (Epoch, Offset) {
        self.cell.state.borrow().end_offset_for_epoch(epoch)
    }

    /// What is known of a producer, for the check of its next batch.
    pub fn with_producer<T>(&self, id: i64, look: impl FnOnce(Option<&Producer>) -> T) -> T {
        look(self.cell.state.borrow().producers.get(id))
    }

    /// Every producer that is known, ascending by id.
    pub fn producers(&self) -> Vec<(i64, Producer)> {
        let log = self.cell.state.borrow();
        log.producers.iter().map(|(id, producer)| (id, producer.clone())).collect()
    }

    /// How many producers are known.
    pub fn producer_count(&self) -> usize {
        self.cell.state.borrow().producers.len()
    }

    /// What compaction could not read when it came to the log last: it is left as it is.
    pub fn compaction_fault(&self) -> Option<Fault> {
        self.cell.state.borrow().compaction_fault.clone()
    }

    /// The wall clock at the end of the last round of compaction in this life, in ms, and the share
    /// of its closed segments' bytes that no round was over yet, in millionths.
    pub fn compaction(&self) -> (Option<i64>, u64) {
        let log = self.cell.state.borrow();
        let what = Cleanable::of(&log, Offset::MAX, self.shard.core.wall().0);
        (Some(log.compacted_ms).filter(|ms| *ms > 0), what.dirty_millionths())
    }

    /// Follows a change of the topic's configuration.
    /// Retention heeds them at the next look, without waiting for its interval, and compaction
    /// looks at once.
    pub fn set_options(&self, options: LogOptions) {
        let mut log = self.cell.state.borrow_mut();
        let before = std::mem::replace(&mut log.options, options);
        let changed = before != log.options && before != LogOptions::not_told_yet();
        log.retention_due |= changed;
        if changed && log.options.compact {
            self.shard.compaction_work.notify_all();
        }
    }

    /// Retention never passes this offset: what readers may not see yet is not old.
    pub fn set_retain_from(&self, offset: Offset) {
        self.cell.state.borrow_mut().retain_from = offset;
    }

    /// Bytes of all segments, the tail included.
    pub fn size_bytes(&self) -> u64 {
        self.cell.state.borrow().size_bytes()
    }

    /// The segments, ascending.
    pub fn segments(&self) -> Vec<SegmentInfo> {
        let log = self.cell.state.borrow();
        let sealed = log.live_sealed().map(|s| SegmentInfo {
            base: s.base,
            end: s.end,
            bytes: s.bytes,
            max_timestamp: s.max_timestamp,
            sealed: true,
        });
        let parts = log.parts.iter().filter(|part| !part.sealed).map(|part| SegmentInfo {
            base: part.base,
            end: part.end,
            bytes: part.len,
            max_timestamp: part.max_timestamp,
            sealed: part.closed,
        });
        sealed.chain(parts).collect()
    }
}

/// The header of the one whole batch that this is.
fn whole_batch(bytes: Rope<'_>) -> Result<BatchHeader, Refusal> {
    let view = BatchView::parse(bytes, 0);
    let view = view.map_err(|_| Refusal::CorruptBatch("a batch whose framing does not hold"))?;
    let header = *view.header();
    if header.total_bytes() != bytes.len() || header.last_offset_delta < 0 {
        return Err(Refusal::CorruptBatch("one whole batch was due"));
    }
    Ok(header)
}

fn level(below_reserve: bool) -> Level {
    if below_reserve { Level::Control } else { Level::Client }
}
