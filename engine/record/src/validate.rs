//! What a client's batch must keep before it is appended, and how deep it is looked at.
//!
//! Reactions are those of Kafka 4.3.1 but where it stores what nobody can read: garbage in a
//! compressed batch, unknown codecs, deltas that do not count up, bytes behind a batch, lengths
//! below -1. Those are refused.
//!
//! Kept true: what was accepted has a right checksum, one batch's framing and as many offsets as it
//! says records; at depth `records` an uncompressed batch can be read to its end, at depth `full`
//! every batch.

use crate::batch::{
    BadBatch, BatchHeader, BatchView, CHECKED_FROM, HEADER_BYTES, LOG_APPEND_TIME_BIT,
};
use crate::codec::Codec;
use crate::read::{BadRecords, Source, TOO_FEW, TOO_MANY};
use crate::rope::Rope;
use crate::unpack::Bounds;
use crate::walk::{self, Bytes, Shape};
use engine_base::limits::{
    RECORD_REFUSALS_MAX, UNPACK_BLOCK_BYTES_MAX, UNPACK_WINDOW_BYTES_MAX, UNPACKED_BYTES_MIN,
    UNPACKED_RATIO_MAX,
};
use engine_base::refusal::RecordRefusal;
use engine_base::settings::{Depth, TimestampType, TopicSettings};
use engine_base::{Refusal, WallMs};

/// A record without a time: Kafka lets it pass every bound.
const NO_TIMESTAMP: i64 = -1;

/// What the records of a compressed batch may unpack to, wherever they are opened, on a topic with
/// this `max.message.bytes`.
pub fn unpacked_bytes_max(max_message_bytes: usize) -> usize {
    max_message_bytes.saturating_mul(UNPACKED_RATIO_MAX).max(UNPACKED_BYTES_MIN)
}

/// What a topic, a request and a moment ask of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How deep to look: `record.validation`. A compacted topic is looked into at every depth.
    pub depth: Depth,
    /// `max.message.bytes`.
    pub max_message_bytes: usize,
    /// `segment.bytes`.
    pub segment_bytes: usize,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_max_ms: i64,
    /// The moment of appending.
    pub now: WallMs,
    /// Whether `cleanup.policy` has `compact`: each record needs a key.
    pub compacted: bool,
    /// Whether the request's version may carry zstd (Produce 7 and later).
    pub zstd_allowed: bool,
    /// Whether the request names a transactional id.
    pub has_transactional_id: bool,
    /// The most that the records of a compressed batch may unpack to, where they are opened.
    pub unpacked_bytes_max: usize,
}

impl Default for Rules {
    /// A topic's defaults, for an ordinary producer of the latest version, at time 0.
    fn default() -> Rules {
        Rules::of_topic(&TopicSettings::default(), WallMs(0))
    }
}

impl Rules {
    /// What a topic asks at this moment of an ordinary producer of the latest version.
    pub fn of_topic(topic: &TopicSettings, now: WallMs) -> Rules {
        Rules {
            depth: topic.record_validation,
            max_message_bytes: topic.max_message_bytes,
            segment_bytes: topic.segment_bytes,
            timestamp_type: topic.timestamp_type,
            timestamp_before_max_ms: topic.timestamp_before_max_ms,
            timestamp_after_max_ms: topic.timestamp_after_max_ms,
            now,
            compacted: topic.cleanup.compact,
            zstd_allowed: true,
            has_transactional_id: false,
            unpacked_bytes_max: unpacked_bytes_max(topic.max_message_bytes),
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            bytes_max: self.unpacked_bytes_max,
            window_max: UNPACK_WINDOW_BYTES_MAX,
            block_max: UNPACK_BLOCK_BYTES_MAX.max(self.max_message_bytes),
        }
    }

    fn is_out_of_bounds(&self, timestamp: i64) -> bool {
        let (ahead, behind) =
            (timestamp.saturating_sub(self.now.0), self.now.0.saturating_sub(timestamp));
        timestamp != NO_TIMESTAMP
            && (ahead > self.timestamp_after_max_ms || behind > self.timestamp_before_max_ms)
    }

    /// Whether the records must be walked, and if they are compressed, unpacked for it.
    fn walks(&self, header: &BatchHeader) -> bool {
        let is_plain = header.codec() == Some(Codec::None);
        // A header tells the latest time, which may be a lie that only the records bring out, but
        // not the earliest. Under the log's own time no record's is looked at.
        let is_time_in_doubt = self.timestamp_type == TimestampType::CreateTime
            && (self.timestamp_before_max_ms != i64::MAX
                || self.is_out_of_bounds(header.base_timestamp)
                || self.is_out_of_bounds(header.max_timestamp));
        match self.depth {
            Depth::Full => true,
            Depth::Records => is_plain || self.compacted || is_time_in_doubt,
            Depth::Header => self.compacted,
        }
    }
}

/// A batch that may be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The header as it is to be stored, but for base offset and leader epoch.
    pub header: BatchHeader,
    /// Where the header must change (the time of appending, a largest timestamp that was not that
    /// of the records): the bytes to store in place of the batch's first 61, checksum and all.
    pub header_bytes: Option<[u8; HEADER_BYTES]>,
    /// The time of appending, where the log stamps it: what the Produce response carries.
    pub log_append_time: Option<i64>,
}

/// Checks one partition's records of a Produce request: exactly one whole batch that keeps `rules`.
pub fn validate(records: Rope<'_>, rules: &Rules) -> Result<Validated, Refusal> {
    let mut validation = Validation::begin(records, rules)?;
    loop {
        if let Some(validated) = validation.step(usize::MAX)? {
            return Ok(validated);
        }
    }
}

/// A check that can be taken in steps, for batches that must be opened off the produce turn.
pub struct Validation<'a> {
    batch: BatchView<'a>,
    rules: Rules,
    /// The records, where they are walked.
    source: Option<Source<'a>>,
    /// The place in the batch of the next record.
    next: i32,
    /// The largest timestamp of the records so far.
    max_timestamp: i64,
    refused: Refused,
}

/// Records that are refused, each by itself.
#[derive(Default)]
struct Refused {
    named: Vec<RecordRefusal>,
    count: usize,
    /// Whether one of them is refused for its time.
    for_time: bool,
}

impl<'a> Validation<'a> {
    /// Checks header and checksum; the records wait for [`Validation::step`].
    pub fn begin(records: Rope<'a>, rules: &Rules) -> Result<Validation<'a>, Refusal> {
        let batch = frame(records)?;
        let header = batch.header();
        if header.codec() == Some(Codec::Zstd) && !rules.zstd_allowed {
            return Err(Refusal::UnsupportedCompression(
                "Produce requests before version 7 cannot carry zstd",
            ));
        }
        if batch.bytes().len() != records.len() {
            return Err(Refusal::NotOneBatch(
                "Produce requests carry exactly one record batch per partition",
            ));
        }
        if header.is_transactional() && !rules.has_transactional_id {
            return Err(Refusal::TransactionalIdMissing);
        }
        check_offsets_begin(header)?;
        if records.len() > rules.max_message_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        if batch.verify_crc().is_err() {
            return Err(Refusal::CorruptBatch("the checksum is wrong"));
        }
        check_header(header)?;
        if records.len() > rules.segment_bytes {
            return Err(Refusal::RecordListTooLarge);
        }
        check_count(&batch, rules)?;
        check_timestamp_type(header, rules)?;
        let source = if rules.walks(header) {
            Some(Source::new(&batch, rules.bounds()).map_err(|bad| refusal(&bad))?)
        } else {
            check_header_times(header, rules)?;
            None
        };
        let refused = Refused::default();
        let rules = *rules;
        Ok(Validation { batch, rules, source, next: 0, max_timestamp: NO_TIMESTAMP, refused })
    }

    /// Whether the records must be unpacked: more work than belongs into a produce turn.
    pub fn opens(&self) -> bool {
        matches!(self.source, Some(Source::Packed(_)))
    }

    /// Walks records until about `bytes` bytes of them are behind; `None` when there is more to do.
    /// One record is always walked whole.
    pub fn step(&mut self, bytes: usize) -> Result<Option<Validated>, Refusal> {
        let Some(mut source) = self.source.take() else {
            let header = *self.batch.header();
            return Ok(Some(self.accept(header.max_timestamp)));
        };
        let mut walked: usize = 0;
        while self.next < self.batch.header().record_count {
            if walked >= bytes {
                self.source = Some(source);
                return Ok(None);
            }
            let record = walk::record_length(&mut source)
                .and_then(|length| Ok((walk::record(&mut source, length)?, length)));
            let (shape, length) = record.map_err(|bad| refusal(&BadRecords::at(self.next, bad)))?;
            walked = walked.saturating_add(length);
            self.check_record(&shape);
            self.next += 1;
        }
        match source.finish() {
            Ok(true) => {}
            Ok(false) => return Err(refusal(&TOO_MANY)),
            Err(bad) => return Err(refusal(&BadRecords::at(self.next, bad))),
        }
        if self.refused.count > 0 {
            return Err(std::mem::take(&mut self.refused).into_refusal());
        }
        Ok(Some(self.accept(self.max_timestamp)))
    }

    fn check_record(&mut self, shape: &Shape) {
        let (index, header, rules) = (self.next, self.batch.header(), &self.rules);
        if rules.compacted && shape.key.is_none() {
            self.refused.add(index, false, || {
                "Compacted topic cannot accept message without key".to_owned()
            });
            return;
        }
        let timestamp = match header.timestamp_type() {
            TimestampType::CreateTime => header.base_timestamp.checked_add(shape.timestamp_delta),
            TimestampType::LogAppendTime => Some(header.max_timestamp),
        };
        let is_create_time = rules.timestamp_type == TimestampType::CreateTime;
        match timestamp {
            Some(time) if !(is_create_time && rules.is_out_of_bounds(time)) => {
                self.max_timestamp = self.max_timestamp.max(time);
            }
            Some(time) => {
                let now = rules.now.0;
                let low = now.saturating_sub(rules.timestamp_before_max_ms);
                let high = now.saturating_add(rules.timestamp_after_max_ms);
                self.refused.add(index, true, || {
                    format!(
                        "Timestamp {time} of message with offset {index} is out of range. The \
                         timestamp should be within [{low}, {high}]"
                    )
                });
                return;
            }
            None => {
                self.refused.add(index, true, || "Timestamp overflows 64 bits".to_owned());
                return;
            }
        }
        if shape.offset_delta != index {
            self.refused.add(index, false, || {
                format!("Record {index} of the batch has the offset delta {}", shape.offset_delta)
            });
        }
    }

    /// The batch as it is to be stored.
    fn accept(&self, max_timestamp: i64) -> Validated {
        let given = self.batch.header();
        let mut header = *given;
        let log_append_time = match self.rules.timestamp_type {
            TimestampType::CreateTime => {
                header.attributes &= !LOG_APPEND_TIME_BIT;
                header.max_timestamp = max_timestamp;
                None
            }
            TimestampType::LogAppendTime => {
                header.attributes |= LOG_APPEND_TIME_BIT;
                header.max_timestamp = self.rules.now.0;
                Some(self.rules.now.0)
            }
        };
        let mut header_bytes = None;
        if header != *given {
            let crc = crc32c::crc32c(&header.write()[CHECKED_FROM..]);
            header.crc = self.batch.records().crc32c(crc);
            header_bytes = Some(header.write());
        }
        Validated { header, header_bytes, log_append_time }
    }
}

impl Refused {
    fn add(&mut self, index: i32, for_time: bool, reason: impl FnOnce() -> String) {
        self.count += 1;
        self.for_time |= for_time;
        if self.named.len() < RECORD_REFUSALS_MAX {
            self.named.push(RecordRefusal { index, reason: reason() });
        }
    }

    /// Kafka's words, without its list of the first three: the records are named one by one.
    fn into_refusal(self) -> Refusal {
        let records = self.named;
        if self.for_time {
            let reason = "One or more records have been rejected due to invalid timestamp";
            return Refusal::InvalidTimestamp { reason: reason.to_owned(), records };
        }
        let count = self.count;
        let reason =
            format!("One or more records have been rejected due to {count} record errors in total");
        Refusal::InvalidRecord { reason, records }
    }
}

/// The batch at the beginning of `records`; more may stand behind it.
fn frame(records: Rope<'_>) -> Result<BatchView<'_>, Refusal> {
    BatchView::parse(records, 0).map_err(|bad| match bad {
        BadBatch::Cut { .. } => {
            Refusal::NotOneBatch("Produce requests carry one whole record batch per partition")
        }
        BadBatch::Length(_) => Refusal::CorruptBatch("the length is below that of any batch"),
        BadBatch::Magic(_) => {
            Refusal::NotOneBatch("Produce requests carry record batches with magic version 2")
        }
        BadBatch::Checksum { .. } => Refusal::CorruptBatch("the checksum is wrong"),
    })
}

fn check_offsets_begin(header: &BatchHeader) -> Result<(), Refusal> {
    if header.base_offset == 0 {
        return Ok(());
    }
    let base = header.base_offset;
    Err(Refusal::invalid_record(format!("The base offset of the batch is {base} and not 0")))
}

/// What a header must keep once its checksum is right.
fn check_header(header: &BatchHeader) -> Result<(), Refusal> {
    let (count, last) = (header.record_count, header.last_offset_delta);
    if count <= 0 || last < 0 || i64::from(last) + 1 != i64::from(count) {
        return Err(Refusal::invalid_record(format!(
            "A batch of {count} records cannot have the last offset delta {last}"
        )));
    }
    if header.is_control() {
        return Err(Refusal::invalid_record("Clients are not allowed to write control records"));
    }
    if header.has_producer() && header.base_sequence < 0 {
        return Err(Refusal::invalid_record(format!(
            "Invalid sequence number {} in a batch of producer {}",
            header.base_sequence, header.producer_id
        )));
    }
    if header.codec().is_none() {
        return Err(Refusal::UnknownCodec);
    }
    Ok(())
}

/// A header that is not looked behind may still not claim more records than there can be.
fn check_count(batch: &BatchView<'_>, rules: &Rules) -> Result<(), Refusal> {
    let bytes = match batch.header().codec() {
        Some(Codec::None) => batch.records().len(),
        _ => rules.unpacked_bytes_max,
    };
    let fits = usize::try_from(batch.header().record_count)
        .is_ok_and(|count| count <= bytes / walk::RECORD_BYTES_MIN);
    if fits { Ok(()) } else { Err(refusal(&TOO_FEW)) }
}

/// Where no record is looked at, the header's own times must lie within the bounds.
fn check_header_times(header: &BatchHeader, rules: &Rules) -> Result<(), Refusal> {
    let is_out = |time| rules.is_out_of_bounds(time);
    if rules.timestamp_type == TimestampType::CreateTime
        && (is_out(header.base_timestamp) || is_out(header.max_timestamp))
    {
        let reason = "The batch has been rejected due to invalid timestamp".to_owned();
        return Err(Refusal::InvalidTimestamp { reason, records: Vec::new() });
    }
    Ok(())
}

/// Only the log may say that it is the log's time. On a topic with the clients' own time Kafka
/// takes such a batch and clears the mark.
fn check_timestamp_type(header: &BatchHeader, rules: &Rules) -> Result<(), Refusal> {
    if rules.timestamp_type == TimestampType::CreateTime
        || header.timestamp_type() == TimestampType::CreateTime
    {
        return Ok(());
    }
    let mut refused = Refused::default();
    for index in (0..header.record_count).take(RECORD_REFUSALS_MAX) {
        refused.add(index, true, || {
            "Producer should not set timestamp type to LogAppendTime.".to_owned()
        });
    }
    Err(refused.into_refusal())
}

fn refusal(bad: &BadRecords) -> Refusal {
    Refusal::invalid_record(bad.to_string())
}

#[cfg(test)]
#[path = "validate_test.rs"]
mod validate_test;
