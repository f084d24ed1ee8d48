//! A batch with only some of its records: what compaction leaves of it.
//!
//! The format is Kafka's, so that its readers read it (message format version 2; KIP-534 for the
//! delete horizon): a batch keeps its first and last offset, its producer, epoch, sequence and
//! leader epoch whatever goes out of it; records keep offset, timestamp, key, value and headers;
//! the codec stays.
//!
//! Kept true: a batch that loses nothing stays byte for byte; a batch that keeps tombstones and was
//! given no delete horizon gets one, in the place of its base timestamp, and then keeps it; what a
//! client claims is none.

use crate::batch::{BatchHeader, BatchView, CODEC_BITS, DELETE_HORIZON_BIT, HEADER_BYTES};
use crate::build::{begin_record, pack, put_length, put_span};
use crate::codec::Codec;
use crate::read::{BadRecords, Record, RecordReader};
use engine_base::settings::TimestampType;

/// What is left of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retained {
    /// All of it, as it stands.
    Whole,
    /// This batch in its place.
    Rebuilt(Vec<u8>),
    /// No record. Where its offsets or its sequence must stay known, [`empty_batch`] stands for it.
    Nothing,
}

/// The delete horizon of a batch with tombstones: a time of the wall clock, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// The batch keeps the one that it was given when it was first rewritten; if it has none, this
    /// one.
    Given(i64),
    /// It was never rewritten, so what it says of a horizon was said by a client, and means
    /// nothing: this one.
    New(i64),
}

impl Horizon {
    /// The one that the batch has, if it was given here.
    pub fn of(self, header: &BatchHeader) -> Option<i64> {
        match self {
            Horizon::Given(_) => header.delete_horizon(),
            Horizon::New(_) => None,
        }
    }

    fn of_new(self) -> i64 {
        match self {
            Horizon::Given(new) | Horizon::New(new) => new,
        }
    }
}

/// Leaves out the records that `keep` does not want. If tombstones stay and the batch has no delete
/// horizon yet, it gets one.
///
/// # Errors
/// If the records cannot be read, unpack to more than `bytes_max`, or their offsets do not ascend
/// within the batch's.
pub fn retain(
    batch: BatchView<'_>,
    bytes_max: usize,
    horizon: Horizon,
    mut keep: impl FnMut(&Record<'_>) -> bool,
) -> Result<Retained, BadRecords> {
    let header = *batch.header();
    let codec = header.codec().ok_or(BadRecords::UnknownCodec)?;
    let mut kept = Vec::new();
    let mut tombstones = false;
    let mut reader = RecordReader::new(batch, bytes_max)?.in_order();
    while let Some(record) = reader.next_record() {
        let record = record?;
        let stays = keep(&record);
        tombstones |= stays && record.value.is_none();
        kept.push(stays);
    }
    if !kept.contains(&true) {
        return Ok(Retained::Nothing);
    }
    let given = horizon.of(&header);
    let is_new = tombstones && given.is_none() && !header.is_control();
    if !is_new && !kept.contains(&false) {
        return Ok(Retained::Whole);
    }
    let horizon = if is_new { Some(horizon.of_new()) } else { given };
    let mut rebuilt = Rebuilt::new(&header, horizon);
    let mut reader = RecordReader::new(batch, bytes_max)?;
    let mut wanted = kept.iter();
    while let Some(record) = reader.next_record() {
        let record = record?;
        if wanted.next() == Some(&true) {
            rebuilt.push(&record);
        }
    }
    Ok(Retained::Rebuilt(rebuilt.finish(codec)))
}

/// A batch without records that stands for this one's offsets, producer and sequence.
pub fn empty_batch(header: &BatchHeader) -> Vec<u8> {
    let attributes = header.attributes & !(CODEC_BITS | DELETE_HORIZON_BIT);
    let empty = BatchHeader { attributes, base_timestamp: -1, record_count: 0, ..*header };
    let bytes = pack(empty, &[], Codec::None);
    assert_eq!(bytes.len(), HEADER_BYTES, "an empty batch is its header");
    bytes
}

/// A batch in the making that takes another's place.
struct Rebuilt {
    header: BatchHeader,
    records: Vec<u8>,
    body: Vec<u8>,
}

impl Rebuilt {
    fn new(of: &BatchHeader, horizon: Option<i64>) -> Rebuilt {
        let mut header = BatchHeader { record_count: 0, ..*of };
        header.attributes &= !DELETE_HORIZON_BIT;
        if let Some(horizon) = horizon {
            header.attributes |= DELETE_HORIZON_BIT;
            header.base_timestamp = horizon;
        }
        Rebuilt { header, records: Vec::new(), body: Vec::new() }
    }

    fn push(&mut self, record: &Record<'_>) {
        let header = &mut self.header;
        if header.record_count == 0 && !header.has_delete_horizon() {
            header.base_timestamp = record.timestamp;
        }
        if header.timestamp_type() == TimestampType::CreateTime {
            let newest =
                if header.record_count == 0 { record.timestamp } else { header.max_timestamp };
            header.max_timestamp = newest.max(record.timestamp);
        }
        header.record_count += 1;
        let offset_delta = i32::try_from(record.offset.wrapping_sub(header.base_offset));
        let offset_delta = offset_delta.expect("because it was read as 32 bits");
        let body = &mut self.body;
        begin_record(record.timestamp.wrapping_sub(header.base_timestamp), offset_delta, body);
        put_span(record.key, body);
        put_span(record.value, body);
        put_length(record.header_count, body);
        body.extend_from_slice(record.header_bytes());
        put_length(self.body.len(), &mut self.records);
        self.records.extend_from_slice(&self.body);
    }

    fn finish(self, codec: Codec) -> Vec<u8> {
        pack(self.header, &self.records, codec)
    }
}

#[cfg(test)]
#[path = "retain_test.rs"]
mod retain_test;
