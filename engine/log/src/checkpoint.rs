//! A checkpoint: everything about every log except the bytes of its segments, each log as of a
//! journal sequence of its own. `docs/formats/checkpoint.md`.
//!
//! Kept true: the CRC covers the whole file; a checkpoint names where replay starts, and no journal
//! byte before that place is needed once it is durable; what it says of a log holds together with
//! the log's entries above `as_of`; a log that it does not know was deleted by `sequence` or
//! created above `began`.

use engine_base::{Epoch, Fault, FaultKind, LogId, Offset, Uuid};

use crate::HardState;
use crate::entry::{Cut, decode_hard_state, encode_hard_state};
use crate::fields::{Fields, as_u64, as_usize, put};
use crate::producers::Producers;
use crate::sealed::Sealed;

pub(crate) const CHECKPOINT_HEADER_BYTES: usize = 96;
const MAGIC: [u8; 4] = *b"BBCP";
const VERSION: u16 = 4;
/// A body is kept and written in pieces of about this size, in bytes.
const PIECE_BYTES: usize = 256 << 10;

/// Where in the ring the next block of a chain is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which file of the ring.
    pub(crate) file: u32,
    /// The byte in it.
    pub(crate) offset: u64,
}

/// The segment that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenSegment {
    /// Its first offset and its name.
    pub(crate) base: Offset,
    /// Bytes of it that are written and flushed: whole device blocks.
    pub(crate) position: u64,
    /// Bytes of its sidecar that are written and flushed.
    pub(crate) side_bytes: u64,
    /// The largest timestamp of the batches that begin below `position`, -1 for none.
    pub(crate) max_timestamp: i64,
    /// The wall clock at its first append, in ms; 0 if nothing was appended.
    pub(crate) first_wall_ms: i64,
    /// The batch at `position`.
    pub(crate) cut: Cut,
}

/// One log in a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogImage {
    pub(crate) id: LogId,
    /// The first readable offset.
    pub(crate) start: Offset,
    /// Entries of this log up to this sequence are reflected by what stands here; later ones are
    /// replayed.
    pub(crate) as_of: u64,
    pub(crate) hard_state: HardState,
    pub(crate) epochs: Vec<(Epoch, Offset)>,
    pub(crate) producers: Producers,
    /// Entries of this log up to this sequence, at which it was taken, are reflected by
    /// `producers`: not below `as_of`.
    pub(crate) producers_as_of: u64,
    /// Compaction has been over everything below.
    pub(crate) cleaned: Offset,
    pub(crate) sealed: Vec<Sealed>,
    pub(crate) open: OpenSegment,
    /// Bytes from `open.position` on whose only home is this checkpoint.
    pub(crate) tail: Vec<u8>,
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Counts checkpoints; the newest valid one counts.
    pub(crate) number: u64,
    /// The life that wrote it.
    pub(crate) generation: u64,
    /// The last journal sequence when the first log was taken: who is not here and was created
    /// later is found by replay.
    pub(crate) began: u64,
    /// The last one when the last log was taken; durable up to here before the checkpoint was.
    pub(crate) sequence: u64,
    /// Where replay starts.
    pub(crate) replay: Place,
    /// The sequence before the first block to replay, 0 for none.
    pub(crate) after: u64,
    /// The CRC of that block, 0 for none.
    pub(crate) previous_crc: u32,
    /// The logs, ascending by id.
    pub(crate) logs: Vec<LogImage>,
}

/// The logs of a checkpoint as they are taken, some at a time: bytes, and their checksum so far.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pieces: Vec<Vec<u8>>,
    logs: u32,
    bytes: u64,
    crc: u32,
}

impl Body {
    /// Takes the next log; ids ascend.
    pub(crate) fn push(&mut self, log: &LogImage) {
        if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE_BYTES) {
            self.pieces.push(Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8));
        }
        let piece = self.pieces.last_mut().expect("one was just added");
        let from = piece.len();
        log.encode(piece);
        self.crc = crc32c::crc32c_append(self.crc, &piece[from..]);
        self.bytes += as_u64(piece.len() - from);
        self.logs = self.logs.checked_add(1).expect("logs are counted by a u32");
    }

    /// Its bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bytes, in order.
    pub(crate) fn into_pieces(self) -> Vec<Vec<u8>> {
        self.pieces
    }
}

impl Checkpoint {
    /// The file's head; the body's pieces follow it. Little-endian: magic `BBCP`, CRC32C of bytes 8
    /// to the end, version u16, zero u16, log count u32, shard uuid, number u64, generation u64,
    /// sequence u64, replay file u32, CRC of the block before u32, replay offset u64, after u64,
    /// body length u64, began u64. `self.logs` does not matter.
    pub(crate) fn encode_head(&self, shard: Uuid, body: &Body) -> [u8; CHECKPOINT_HEADER_BYTES] {
        let mut out = [0; CHECKPOINT_HEADER_BYTES];
        put(&mut out, 0, MAGIC);
        put(&mut out, 8, VERSION.to_le_bytes());
        put(&mut out, 12, body.logs.to_le_bytes());
        put(&mut out, 16, shard.0);
        put(&mut out, 32, self.number.to_le_bytes());
        put(&mut out, 40, self.generation.to_le_bytes());
        put(&mut out, 48, self.sequence.to_le_bytes());
        put(&mut out, 56, self.replay.file.to_le_bytes());
        put(&mut out, 60, self.previous_crc.to_le_bytes());
        put(&mut out, 64, self.replay.offset.to_le_bytes());
        put(&mut out, 72, self.after.to_le_bytes());
        put(&mut out, 80, body.bytes.to_le_bytes());
        put(&mut out, 88, self.began.to_le_bytes());
        let head = crc32c::crc32c(&out[8..]);
        let crc = crc32c::crc32c_combine(head, body.crc, as_usize(body.bytes));
        put(&mut out, 4, crc.to_le_bytes());
        out
    }

    /// Reads a checkpoint's file. Bytes behind its end are padding.
    ///
    /// # Errors
    /// Rot, unless every checksum and bound holds.
    pub(crate) fn decode(shard: Uuid, bytes: &[u8], place: &str) -> Result<Checkpoint, Fault> {
        let rot = |why: &str| Fault::new(FaultKind::Rot, place, why);
        let mut fields = Fields::new(bytes);
        if fields.array() != Some(MAGIC) {
            return Err(rot("this is no checkpoint"));
        }
        let crc = fields.u32().ok_or_else(|| rot("a checkpoint cut short"))?;
        let (mut checkpoint, count, uuid, body) =
            Self::decode_header(&mut fields).ok_or_else(|| rot("a header that is none"))?;
        let end = usize::try_from(body).ok().and_then(|b| b.checked_add(CHECKPOINT_HEADER_BYTES));
        let whole = end.and_then(|end| bytes.get(8..end)).ok_or_else(|| rot("cut short"))?;
        if crc32c::crc32c(whole) != crc {
            return Err(rot("the checkpoint's checksum does not hold"));
        }
        if uuid != shard {
            return Err(Fault::new(FaultKind::Refused, place, "a checkpoint of another shard"));
        }
        let mut body = Fields::new(&whole[CHECKPOINT_HEADER_BYTES - 8..]);
        for _ in 0..count {
            let log = LogImage::decode(&mut body).ok_or_else(|| rot("a log that is none"))?;
            checkpoint.logs.push(log);
        }
        let ascending = checkpoint.logs.is_sorted_by(|a, b| a.id < b.id);
        if !body.is_empty() || !ascending {
            return Err(rot("logs that are not what the header says"));
        }
        Ok(checkpoint)
    }

    fn decode_header(fields: &mut Fields<'_>) -> Option<(Checkpoint, u32, Uuid, u64)> {
        if fields.u16()? != VERSION {
            return None;
        }
        fields.u16()?;
        let count = fields.u32()?;
        let uuid = Uuid(fields.array()?);
        let (number, generation, sequence) = (fields.u64()?, fields.u64()?, fields.u64()?);
        let (file, previous_crc) = (fields.u32()?, fields.u32()?);
        let (offset, after, body) = (fields.u64()?, fields.u64()?, fields.u64()?);
        let began = fields.u64()?;
        let replay = Place { file, offset };
        let logs = Vec::new();
        let checkpoint =
            Checkpoint { number, generation, began, sequence, replay, after, previous_crc, logs };
        Some((checkpoint, count, uuid, body))
    }
}

impl LogImage {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.id.0.to_le_bytes());
        out.extend(self.start.to_le_bytes());
        out.extend(self.as_of.to_le_bytes());
        encode_hard_state(&self.hard_state, out);
        out.extend(count(self.epochs.len()));
        for (epoch, offset) in &self.epochs {
            out.extend(epoch.to_le_bytes());
            out.extend(offset.to_le_bytes());
        }
        out.extend(self.producers_as_of.to_le_bytes());
        self.producers.encode(out);
        out.extend(self.cleaned.to_le_bytes());
        out.extend(count(self.sealed.len()));
        self.sealed.iter().for_each(|sealed| sealed.encode(out));
        let open = &self.open;
        out.extend(open.base.to_le_bytes());
        out.extend(open.position.to_le_bytes());
        out.extend(open.side_bytes.to_le_bytes());
        out.extend(open.max_timestamp.to_le_bytes());
        out.extend(open.first_wall_ms.to_le_bytes());
        out.extend(open.cut.encode());
        out.extend(count(self.tail.len()));
        out.extend_from_slice(&self.tail);
    }

    fn decode(fields: &mut Fields<'_>) -> Option<LogImage> {
        let (id, start, as_of) = (LogId(fields.u64()?), fields.i64()?, fields.u64()?);
        let hard_state = decode_hard_state(fields)?;
        let epochs = (0..fields.count(12)?)
            .map(|_| Some((fields.i32()?, fields.i64()?)))
            .collect::<Option<_>>()?;
        let producers_as_of = fields.u64()?;
        let producers = Producers::decode(fields)?;
        let cleaned = fields.i64()?;
        let sealed = (0..fields.count(Sealed::BYTES)?)
            .map(|_| Sealed::decode(fields))
            .collect::<Option<_>>()?;
        let open = OpenSegment {
            base: fields.i64()?,
            position: fields.u64()?,
            side_bytes: fields.u64()?,
            max_timestamp: fields.i64()?,
            first_wall_ms: fields.i64()?,
            cut: Cut::decode(fields)?,
        };
        let tail = fields.count(1)?;
        let tail = fields.bytes(tail)?.to_vec();
        Some(LogImage {
            id,
            start,
            as_of,
            hard_state,
            epochs,
            producers,
            producers_as_of,
            cleaned,
            sealed,
            open,
            tail,
        })
    }
}

fn count(n: usize) -> [u8; 4] {
    u32::try_from(n).expect("a checkpoint's lists are counted by a u32").to_le_bytes()
}

#[cfg(test)]
#[path = "checkpoint_test.rs"]
mod checkpoint_test;
