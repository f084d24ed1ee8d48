//! One partition's log as its owner sees it.

use engine_base::{Epoch, Fault, LogId, Offset, Refusal};
use engine_rt::Slice;

use crate::{HardState, LogOptions, Seq};

/// One partition's log. A handle: clones are the same log.
#[derive(Clone, Debug)]
pub struct Log {}

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

impl Log {
    /// Appends one whole batch, given as a list of slices, and stamps its base offset and leader epoch.
    /// The caller has checked the batch and its CRC. It can be read at once: the caller bounds readers
    /// by what is visible.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] if there is no room (see [`crate::Store::room`]), [`Refusal::StorageFull`]
    /// below the disk reserve, [`Refusal::MessageTooLarge`] for a batch that no journal block could
    /// hold, [`Refusal::StorageStopped`] after a fault, [`Refusal::CorruptBatch`] for wrong framing.
    ///
    /// # Panics
    /// If `base_offset` is not [`Log::end`].
    pub fn append(
        &self,
        _batch: &[&[u8]],
        _base_offset: Offset,
        _epoch: Epoch,
    ) -> Result<Seq, Refusal> {
        unreachable!("not built yet")
    }

    /// Its id.
    pub fn id(&self) -> LogId {
        unreachable!("not built yet")
    }

    /// The first offset that can be read.
    pub fn start(&self) -> Offset {
        unreachable!("not built yet")
    }

    /// One past the last offset.
    pub fn end(&self) -> Offset {
        unreachable!("not built yet")
    }

    /// The leader epoch of the last batch, -1 for an empty log.
    pub fn epoch_at_end(&self) -> Epoch {
        unreachable!("not built yet")
    }

    /// The journal sequence that holds `offset`, while it is in the tail; a later sequence once the tail
    /// was carried forward. `None` below the tail: such an offset is durable.
    pub fn append_seq_of(&self, _offset: Offset) -> Option<Seq> {
        unreachable!("not built yet")
    }

    /// Reads whole batches from the one that holds `from` on, at most up to the exclusive `limit`, at
    /// most `bytes_max` bytes but with `at_least_one` never fewer than one batch. The slices in order
    /// are the batches; the first may begin before `from`. What comes from files was verified.
    ///
    /// # Errors
    /// [`Refusal::OffsetOutOfRange`] outside `start..=end`; a fault for rot, never wrong bytes.
    pub async fn read(
        &self,
        _from: Offset,
        _limit: Offset,
        _bytes_max: usize,
        _at_least_one: bool,
    ) -> Result<Vec<Slice>, ReadError> {
        unreachable!("not built yet")
    }

    /// The first record below `limit` whose timestamp is at least `timestamp`.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub async fn offset_for_time(
        &self,
        _timestamp: i64,
        _limit: Offset,
    ) -> Result<Option<TimedOffset>, ReadError> {
        unreachable!("not built yet")
    }

    /// The first of the records below `limit` with the largest timestamp.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub async fn max_timestamp(&self, _limit: Offset) -> Result<Option<TimedOffset>, ReadError> {
        unreachable!("not built yet")
    }

    /// Cuts every batch that reaches `to` or beyond; `end` is then at most `to`. Waits for destages in
    /// flight; nothing may be appended to this log meanwhile.
    ///
    /// # Errors
    /// A fault if the bytes to keep cannot be read.
    pub async fn truncate(&self, _to: Offset) -> Result<Seq, ReadError> {
        unreachable!("not built yet")
    }

    /// Moves the first readable offset forward. Segments wholly below are removed once the returned
    /// sequence is durable. A `to` at or below the start changes nothing.
    ///
    /// # Errors
    /// [`Refusal::OffsetOutOfRange`] beyond the end; [`Refusal::Overloaded`], [`Refusal::StorageStopped`].
    pub fn set_start(&self, _to: Offset) -> Result<Seq, Refusal> {
        unreachable!("not built yet")
    }

    /// What this replica must not forget.
    pub fn hard_state(&self) -> HardState {
        unreachable!("not built yet")
    }

    /// Changes it; durable with the returned sequence.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`], [`Refusal::StorageStopped`].
    pub fn set_hard_state(&self, _hard_state: HardState) -> Result<Seq, Refusal> {
        unreachable!("not built yet")
    }

    /// Every leader epoch of the log with its first offset, ascending.
    pub fn epochs(&self) -> Vec<(Epoch, Offset)> {
        unreachable!("not built yet")
    }

    /// The largest epoch not above `epoch` and where it ends, as Kafka's OffsetForLeaderEpoch answers;
    /// (-1, -1) if there is none.
    pub fn end_offset_for_epoch(&self, _epoch: Epoch) -> (Epoch, Offset) {
        unreachable!("not built yet")
    }

    /// Follows a change of the topic's configuration.
    pub fn set_options(&self, _options: LogOptions) {
        unreachable!("not built yet")
    }

    /// Retention never passes this offset: what readers may not see yet is not old.
    pub fn set_retain_from(&self, _offset: Offset) {
        unreachable!("not built yet")
    }

    /// Bytes of all segments, the tail included.
    pub fn size_bytes(&self) -> u64 {
        unreachable!("not built yet")
    }

    /// The segments, ascending.
    pub fn segments(&self) -> Vec<SegmentInfo> {
        unreachable!("not built yet")
    }
}
