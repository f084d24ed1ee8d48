//! A batch with only some of its records: what compaction leaves of it.
//!
//! The format is Kafka's, so that its readers read it (message format version 2; KIP-534 for the
//! delete horizon): a batch keeps its first and last offset, its producer, epoch, sequence and
//! leader epoch whatever goes out of it; records keep offset, timestamp, key, value and headers;
//! the codec stays.
//!
//! Kept true: a batch that loses nothing stays byte for byte; a batch that keeps tombstones and was
//! given no delete horizon gets one, in the place of its base timestamp, and then keeps it; what a
//! client claims is none. No step does more than its share of the work.

use crate::batch::{BatchHeader, BatchView, CODEC_BITS, DELETE_HORIZON_BIT, HEADER_BYTES};
use crate::build::{begin_record, pack, put_length, put_span, seal};
use crate::codec::{Codec, Packer};
use crate::read::{BadRecords, Record, RecordReader};
use engine_base::settings::TimestampType;

/// What is left of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// All of it, as it stands.
    Whole,
    /// Another batch in its place: see [`Judging::rebuild`].
    Some,
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

/// Looks which records of a batch stay, some at a time. Nothing is built for it.
pub struct Judging<'a> {
    batch: BatchView<'a>,
    bytes_max: usize,
    horizon: Horizon,
    reader: RecordReader<'a>,
    kept: Vec<bool>,
    tombstones: bool,
}

impl<'a> Judging<'a> {
    /// If tombstones stay and the batch has no delete horizon yet, it gets one.
    ///
    /// # Errors
    /// If the records cannot be unpacked.
    pub fn begin(
        batch: BatchView<'a>,
        bytes_max: usize,
        horizon: Horizon,
    ) -> Result<Judging<'a>, BadRecords> {
        let reader = RecordReader::new(batch, bytes_max)?.in_order();
        Ok(Judging { batch, bytes_max, horizon, reader, kept: Vec::new(), tombstones: false })
    }

    /// Asks `keep` of records until about `bytes` bytes of them are behind; `None` when there are
    /// more. One record is always looked at whole.
    ///
    /// # Errors
    /// If the records cannot be read, unpack to more than `bytes_max`, or their offsets do not
    /// ascend within the batch's.
    pub fn step(
        &mut self,
        bytes: usize,
        mut keep: impl FnMut(&Record<'_>) -> bool,
    ) -> Result<Option<Left>, BadRecords> {
        let mut walked = 0;
        while walked < bytes {
            let Some(record) = self.reader.next_record() else { return Ok(Some(self.left())) };
            let record = record?;
            walked += record.bytes();
            let stays = keep(&record);
            self.tombstones |= stays && record.value.is_none();
            self.kept.push(stays);
        }
        Ok(None)
    }

    fn left(&self) -> Left {
        match self.kept.contains(&true) {
            false => Left::Nothing,
            true if !self.gets_horizon() && !self.kept.contains(&false) => Left::Whole,
            true => Left::Some,
        }
    }

    fn gets_horizon(&self) -> bool {
        let header = self.batch.header();
        self.tombstones && self.horizon.of(header).is_none() && !header.is_control()
    }

    /// The batch of those that stay, once all were looked at.
    ///
    /// # Errors
    /// None: they were read before.
    pub fn rebuild(self) -> Result<Rebuilding<'a>, BadRecords> {
        let header = self.batch.header();
        let codec = header.codec().ok_or(BadRecords::UnknownCodec)?;
        let given = self.horizon.of(header);
        let horizon = if self.gets_horizon() { Some(self.horizon.of_new()) } else { given };
        let rebuilt = Rebuilt::new(header, horizon, codec);
        let reader = RecordReader::new(self.batch, self.bytes_max)?;
        Ok(Rebuilding { reader, kept: self.kept.into_iter(), rebuilt })
    }
}

/// Makes a batch of another's records, some at a time.
pub struct Rebuilding<'a> {
    reader: RecordReader<'a>,
    kept: std::vec::IntoIter<bool>,
    rebuilt: Rebuilt,
}

impl Rebuilding<'_> {
    /// Takes records until about `bytes` bytes of them are behind; whether that was all.
    ///
    /// # Errors
    /// None: they were read before.
    pub fn step(&mut self, bytes: usize) -> Result<bool, BadRecords> {
        let mut walked = 0;
        while walked < bytes {
            let Some(record) = self.reader.next_record() else { return Ok(true) };
            let record = record?;
            walked += record.bytes();
            if self.kept.next() == Some(true) {
                self.rebuilt.push(&record);
            }
        }
        self.rebuilt.pack();
        Ok(false)
    }

    /// The batch, after the last step.
    pub fn finish(self) -> Vec<u8> {
        self.rebuilt.finish()
    }
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
    packer: Packer,
    /// Records that are not packed yet.
    records: Vec<u8>,
    body: Vec<u8>,
}

impl Rebuilt {
    fn new(of: &BatchHeader, horizon: Option<i64>, codec: Codec) -> Rebuilt {
        let mut header = BatchHeader { record_count: 0, ..*of };
        header.attributes &= !DELETE_HORIZON_BIT;
        if let Some(horizon) = horizon {
            header.attributes |= DELETE_HORIZON_BIT;
            header.base_timestamp = horizon;
        }
        let packer = Packer::new(codec, vec![0; HEADER_BYTES], None);
        Rebuilt { header, packer, records: Vec::new(), body: Vec::new() }
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

    fn pack(&mut self) {
        self.packer.write(&self.records);
        self.records.clear();
    }

    fn finish(mut self) -> Vec<u8> {
        self.pack();
        seal(self.header, self.packer.finish())
    }
}

#[cfg(test)]
#[path = "retain_test.rs"]
mod retain_test;
