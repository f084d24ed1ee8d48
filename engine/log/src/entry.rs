//! The journal's entries: what a block says happened, in order. `docs/formats/journal.md`.
//!
//! Kept true: decoding borrows, never goes past the block and refuses what it does not know in
//! words; an entry means the same when it is applied live and when it is replayed (`apply.rs`).

use engine_base::{Epoch, LogId, NodeId, Offset};

use crate::HardState;
use crate::fields::{Fields, put};
use crate::sealed::Sealed;

/// Length u32 (of the whole entry), kind u8, zeros [3], log id u64.
pub(crate) const ENTRY_HEAD_BYTES: usize = 16;
/// Base offset i64, leader epoch i32, zeros [4]: what stands before an append's batch.
pub(crate) const APPEND_HEAD_BYTES: usize = 16;
/// First offset, last offset, max timestamp, length u32, skip u32.
pub(crate) const CARRIED_HEAD_BYTES: usize = 32;
/// To i64, segment base i64, position u64: what stands before a truncation's carried bytes.
pub(crate) const TRUNCATE_HEAD_BYTES: usize = 24;

/// Bytes that an append entry costs beside its batch.
pub(crate) const APPEND_OVERHEAD_BYTES: usize = ENTRY_HEAD_BYTES + APPEND_HEAD_BYTES;

const APPEND: u8 = 1;
const REMAINDER: u8 = 2;
const TRUNCATE: u8 = 3;
const START: u8 = 4;
const HARD_STATE: u8 = 5;
const CREATE: u8 = 6;
const DELETE: u8 = 7;
const REPLACE: u8 = 8;

/// Where a run of a log's bytes begins: usually inside a batch, since segments end at whole device
/// blocks. Names the batch by its offsets, never by a position, so that a replay may lay out its
/// segments otherwise than the life that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Base offset of the batch that holds the first byte; the log's end if there is no byte.
    pub(crate) first: Offset,
    /// That batch's last offset.
    pub(crate) last: Offset,
    /// That batch's largest timestamp.
    pub(crate) max_timestamp: i64,
    /// That batch's bytes.
    pub(crate) length: u32,
    /// Bytes of that batch that stand before the run. If 0, only `first` counts.
    pub(crate) skip: u32,
}

impl Cut {
    /// A run that begins with a whole batch, or is empty, at this offset.
    pub(crate) fn whole(first: Offset) -> Cut {
        Cut { first, last: first - 1, max_timestamp: -1, length: 0, skip: 0 }
    }

    pub(crate) fn encode(&self) -> [u8; CARRIED_HEAD_BYTES] {
        let mut bytes = [0; CARRIED_HEAD_BYTES];
        put(&mut bytes, 0, self.first.to_le_bytes());
        put(&mut bytes, 8, self.last.to_le_bytes());
        put(&mut bytes, 16, self.max_timestamp.to_le_bytes());
        put(&mut bytes, 24, self.length.to_le_bytes());
        put(&mut bytes, 28, self.skip.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(fields: &mut Fields<'_>) -> Option<Cut> {
        let (first, last, max_timestamp) = (fields.i64()?, fields.i64()?, fields.i64()?);
        let (length, skip) = (fields.u32()?, fields.u32()?);
        let inside = skip == 0 || skip < length && last >= first;
        (first >= 0 && inside).then_some(Cut { first, last, max_timestamp, length, skip })
    }
}

/// One entry, its bytes lent by the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// A batch was appended at the end.
    Append { base: Offset, epoch: Epoch, batch: &'a [u8] },
    /// The whole undestaged tail, carried forward so that an old journal file can go.
    Remainder { cut: Cut, bytes: &'a [u8] },
    /// Batches from `to` on were cut. If the cut went into a segment, `carried` says where.
    Truncate { to: Offset, carried: Option<CutSegment<'a>> },
    /// The first readable offset moved.
    Start { to: Offset },
    /// The hard state changed.
    HardState(HardState),
    /// The log was created, empty, at this offset.
    Create { start: Offset },
    /// The log was deleted.
    Delete,
    /// Compaction wrote this segment in the place of those that cover its offsets.
    Replace(Sealed),
}

/// A truncation that cut into a segment file: its bytes from a chunk's boundary on are in the
/// entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CutSegment<'a> {
    /// The segment it landed in.
    pub(crate) base: Offset,
    /// The position in that segment from which it will be written again.
    pub(crate) position: u64,
    /// The batch at that position.
    pub(crate) cut: Cut,
    /// The bytes from `position` to the new end.
    pub(crate) bytes: &'a [u8],
}

/// The first bytes of an entry whose payload has `payload` bytes.
fn head(log: LogId, kind: u8, payload: usize) -> [u8; ENTRY_HEAD_BYTES] {
    let length = u32::try_from(ENTRY_HEAD_BYTES + payload).expect("entries fit into a block");
    let mut bytes = [0; ENTRY_HEAD_BYTES];
    put(&mut bytes, 0, length.to_le_bytes());
    bytes[4] = kind;
    put(&mut bytes, 8, log.0.to_le_bytes());
    bytes
}

/// What stands before the batch of an append entry.
pub(crate) fn append_head(
    log: LogId,
    base: Offset,
    epoch: Epoch,
    batch_bytes: usize,
) -> [u8; APPEND_OVERHEAD_BYTES] {
    let mut bytes = [0; APPEND_OVERHEAD_BYTES];
    put(&mut bytes, 0, head(log, APPEND, APPEND_HEAD_BYTES + batch_bytes));
    put(&mut bytes, 16, base.to_le_bytes());
    put(&mut bytes, 24, epoch.to_le_bytes());
    bytes
}

/// What stands before the bytes of a remainder entry.
pub(crate) fn remainder_head(log: LogId, cut: &Cut, tail_bytes: usize) -> [u8; 48] {
    let mut bytes = [0; ENTRY_HEAD_BYTES + CARRIED_HEAD_BYTES];
    put(&mut bytes, 0, head(log, REMAINDER, CARRIED_HEAD_BYTES + tail_bytes));
    put(&mut bytes, 16, cut.encode());
    bytes
}

impl Entry<'_> {
    /// Appends the whole entry to `out`: for the rare kinds, and for tests.
    pub(crate) fn encode(&self, log: LogId, out: &mut Vec<u8>) {
        match self {
            Entry::Append { base, epoch, batch } => {
                out.extend(append_head(log, *base, *epoch, batch.len()));
                out.extend_from_slice(batch);
            }
            Entry::Remainder { cut, bytes } => {
                out.extend(remainder_head(log, cut, bytes.len()));
                out.extend_from_slice(bytes);
            }
            Entry::Truncate { to, carried } => encode_truncate(log, *to, carried.as_ref(), out),
            Entry::Start { to } => {
                out.extend(head(log, START, 8));
                out.extend(to.to_le_bytes());
            }
            Entry::HardState(state) => {
                out.extend(head(log, HARD_STATE, hard_state_bytes(state)));
                encode_hard_state(state, out);
            }
            Entry::Create { start } => {
                out.extend(head(log, CREATE, 8));
                out.extend(start.to_le_bytes());
            }
            Entry::Delete => out.extend(head(log, DELETE, 0)),
            Entry::Replace(by) => {
                out.extend(head(log, REPLACE, Sealed::BYTES));
                by.encode(out);
            }
        }
    }
}

fn encode_truncate(log: LogId, to: Offset, carried: Option<&CutSegment<'_>>, out: &mut Vec<u8>) {
    let Some(CutSegment { base, position, cut, bytes }) = carried else {
        out.extend(head(log, TRUNCATE, 8));
        out.extend(to.to_le_bytes());
        return;
    };
    out.extend(head(log, TRUNCATE, TRUNCATE_HEAD_BYTES + CARRIED_HEAD_BYTES + bytes.len()));
    out.extend(to.to_le_bytes());
    out.extend(base.to_le_bytes());
    out.extend(position.to_le_bytes());
    out.extend(cut.encode());
    out.extend_from_slice(bytes);
}

/// Bytes of an encoded hard state.
pub(crate) fn hard_state_bytes(state: &HardState) -> usize {
    24 + 4 * state.members.len()
}

/// Term, vote, log term, config version, config term: i32 each; member count u32, members i32 each.
pub(crate) fn encode_hard_state(state: &HardState, out: &mut Vec<u8>) {
    out.extend(state.term.to_le_bytes());
    out.extend(state.vote.0.to_le_bytes());
    out.extend(state.log_term.to_le_bytes());
    out.extend(state.config_version.to_le_bytes());
    out.extend(state.config_term.to_le_bytes());
    let members = u32::try_from(state.members.len()).expect("a replica set is small");
    out.extend(members.to_le_bytes());
    for member in &state.members {
        out.extend(member.0.to_le_bytes());
    }
}

pub(crate) fn decode_hard_state(fields: &mut Fields<'_>) -> Option<HardState> {
    let (term, vote, log_term) = (fields.i32()?, NodeId(fields.i32()?), fields.i32()?);
    let (config_version, config_term) = (fields.i32()?, fields.i32()?);
    let members = (0..fields.count(4)?).map(|_| fields.i32().map(NodeId)).collect::<Option<_>>()?;
    Some(HardState { term, vote, log_term, members, config_version, config_term })
}

/// Walks the entries of a block's bytes behind its header.
pub(crate) struct Entries<'a> {
    fields: Fields<'a>,
    left: u32,
}

impl<'a> Entries<'a> {
    /// The `count` entries of `bytes`.
    pub(crate) fn new(bytes: &'a [u8], count: u32) -> Entries<'a> {
        Entries { fields: Fields::new(bytes), left: count }
    }

    fn decode_next(&mut self) -> Option<(LogId, Entry<'a>)> {
        let length = self.fields.u32()? as usize;
        let kind = self.fields.u8()?;
        self.fields.bytes(3)?;
        let log = LogId(self.fields.u64()?);
        let payload = self.fields.bytes(length.checked_sub(ENTRY_HEAD_BYTES)?)?;
        Some((log, decode(kind, Fields::new(payload))?))
    }
}

impl<'a> Iterator for Entries<'a> {
    /// An entry, or why the block's content makes no sense although its CRC holds.
    type Item = Result<(LogId, Entry<'a>), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            let rest = self.fields.is_empty();
            self.fields.rest();
            return (!rest).then_some(Err("bytes behind the last entry"));
        }
        self.left -= 1;
        let entry = self.decode_next();
        if entry.is_none() {
            self.left = 0;
            self.fields.rest();
        }
        Some(entry.ok_or("an entry that no version of this format has"))
    }
}

fn decode(kind: u8, mut fields: Fields<'_>) -> Option<Entry<'_>> {
    let entry = match kind {
        APPEND => {
            let (base, epoch) = (fields.i64()?, fields.i32()?);
            fields.u32()?;
            Entry::Append { base, epoch, batch: fields.rest() }
        }
        REMAINDER => Entry::Remainder { cut: Cut::decode(&mut fields)?, bytes: fields.rest() },
        TRUNCATE => {
            let to = fields.i64()?;
            let carried = if fields.is_empty() {
                None
            } else {
                let (base, position) = (fields.i64()?, fields.u64()?);
                let cut = Cut::decode(&mut fields)?;
                Some(CutSegment { base, position, cut, bytes: fields.rest() })
            };
            Entry::Truncate { to, carried }
        }
        START => Entry::Start { to: fields.i64()? },
        HARD_STATE => Entry::HardState(decode_hard_state(&mut fields)?),
        CREATE => Entry::Create { start: fields.i64()? },
        DELETE => Entry::Delete,
        REPLACE => {
            let by = Sealed::decode(&mut fields)?;
            Entry::Replace((by.base < by.end && by.revision > 0).then_some(by)?)
        }
        _ => return None,
    };
    fields.is_empty().then_some(entry)
}

#[cfg(test)]
#[path = "entry_test.rs"]
mod entry_test;
