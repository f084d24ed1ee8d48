//! What a session asks of a shard, and what it gets: plain values, the same when a mesh lies
//! between.

use engine_base::{Epoch, Offset};
use engine_rt::Slice;

use crate::partition::Partition;

/// The bytes of one record batch, still in the buffers that the socket filled.
#[derive(Clone, Debug)]
pub enum BatchBytes {
    /// The usual case: the batch lies in one piece.
    One(Slice),
    /// It spans receive buffers.
    Many(Vec<Slice>),
}

impl From<Slice> for BatchBytes {
    fn from(slice: Slice) -> BatchBytes {
        BatchBytes::One(slice)
    }
}

impl From<Vec<Slice>> for BatchBytes {
    fn from(mut slices: Vec<Slice>) -> BatchBytes {
        match slices.len() {
            1 => BatchBytes::One(slices.swap_remove(0)),
            _ => BatchBytes::Many(slices),
        }
    }
}

impl BatchBytes {
    /// The pieces, in order.
    pub fn slices(&self) -> &[Slice] {
        match self {
            BatchBytes::One(slice) => std::slice::from_ref(slice),
            BatchBytes::Many(slices) => slices,
        }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.slices().iter().map(|slice| slice.len()).sum()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// When a produce is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// `acks=0`: the command's future ends once the batch was admitted; nobody is told of its fate.
    None,
    /// `acks=1`: once the leader has it, as the topic's durability class says.
    Leader,
    /// `acks=all`: once it is committed.
    All,
}

/// Append one batch to one partition.
#[derive(Clone, Debug)]
pub struct ProduceCommand {
    /// Where to.
    pub partition: Partition,
    /// The batch: exactly one, as the producer sent it. Two in one command are refused.
    pub batch: BatchBytes,
    /// When it is answered. The numbers on the wire are checked by the session
    /// ([`Refusal::InvalidRequiredAcks`](engine_base::Refusal)).
    pub acks: Acks,
    /// zstd may be used (Produce 7 and later).
    pub zstd_allowed: bool,
    /// The request names a transactional id; the batch may be an ordinary one all the same.
    pub has_transactional_id: bool,
}

/// What an acknowledged produce is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProduceAnswer {
    /// The offset of the batch's first record.
    pub base_offset: Offset,
    /// The append's wall clock in `LogAppendTime` topics, else -1.
    pub log_append_time: i64,
    /// The first offset that the partition still has.
    pub log_start: Offset,
}

/// Which records a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Everything below the high watermark.
    ReadUncommitted,
    /// Everything below the last stable offset.
    ReadCommitted,
}

/// Read from one partition.
#[derive(Clone, Copy, Debug)]
pub struct ReadCommand {
    /// Where from.
    pub partition: Partition,
    /// The leader epoch that the client knows; -1 does not ask.
    pub current_leader_epoch: Epoch,
    /// The first offset wanted; the first batch may begin before it.
    pub offset: Offset,
    /// How many bytes may be answered.
    pub bytes_max: usize,
    /// Answer the first batch even if it is larger than `bytes_max`.
    pub at_least_one: bool,
    /// Which records may be seen.
    pub isolation: Isolation,
}

/// What a read found. An empty `slices` means that there is nothing yet at this offset.
#[derive(Clone, Debug)]
pub struct ReadAnswer {
    /// Whole batches, in order; lent from the tail or from verified reads, never copied.
    pub slices: Vec<Slice>,
    /// One past the last visible offset.
    pub high_watermark: Offset,
    /// One past the last offset that a read_committed reader may see.
    pub last_stable: Offset,
    /// The first offset that the partition still has.
    pub log_start: Offset,
}

impl ReadAnswer {
    /// How many bytes of batches were found.
    pub fn bytes(&self) -> usize {
        self.slices.iter().map(|slice| slice.len()).sum()
    }
}

/// Ask a partition for the offset that belongs to a moment.
#[derive(Clone, Copy, Debug)]
pub struct ListOffsetCommand {
    /// Which partition.
    pub partition: Partition,
    /// The leader epoch that the client knows; -1 does not ask.
    pub current_leader_epoch: Epoch,
    /// Milliseconds since 1970, or one of Kafka's special values -1 to -6 (see
    /// `replica/offsets.rs`).
    pub timestamp: i64,
    /// Decides what "latest" is.
    pub isolation: Isolation,
}

/// The offset that belongs to a moment. A moment after the end is offset -1, without error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOffsetAnswer {
    /// The timestamp of the record found, else -1.
    pub timestamp: i64,
    /// The offset found, else -1.
    pub offset: Offset,
    /// The leader epoch of the record found, else -1.
    pub leader_epoch: Epoch,
}

/// Where a partition stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The epoch that this node leads it with.
    pub leader_epoch: Epoch,
    /// The first offset that it still has.
    pub log_start: Offset,
    /// One past the last visible offset.
    pub high_watermark: Offset,
    /// One past the last offset that a read_committed reader may see.
    pub last_stable: Offset,
}
