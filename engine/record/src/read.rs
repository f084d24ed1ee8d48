//! Records read one by one, from plain and compressed batches alike.
//!
//! Kept true: at most one record is held at a time, and no more memory is taken than bytes were
//! there; a record that lies in one piece is lent where it lies.

use crate::batch::{BatchHeader, BatchView};
use crate::codec::Codec;
use crate::rope::Cursor;
use crate::unpack::{Bounds, Unpacked};
use crate::walk::{self, BadBytes, Bytes, Shape};
use engine_base::Offset;
use engine_base::settings::TimestampType;
use std::fmt;

/// Why the records of a batch cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRecords {
    /// The codec's number means nothing.
    UnknownCodec,
    /// The compressed stream is broken.
    Decompress(String),
    /// The records unpack to more than the caller allows, in bytes.
    TooLarge(usize),
    /// A record breaks the format.
    Record {
        /// Its place in the batch, from 0.
        index: i32,
        /// How.
        reason: &'static str,
    },
    /// More bytes or records than the header says, or fewer.
    Count(&'static str),
}

impl fmt::Display for BadRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadRecords::UnknownCodec => write!(f, "unknown compression type"),
            BadRecords::Decompress(why) => write!(f, "the compressed records are broken: {why}"),
            BadRecords::TooLarge(max) => write!(f, "the records unpack to more than {max} bytes"),
            BadRecords::Record { index, reason } => write!(f, "record {index}: {reason}"),
            BadRecords::Count(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for BadRecords {}

pub(crate) const TOO_FEW: BadRecords = BadRecords::Count("there are fewer records than declared");
pub(crate) const TOO_MANY: BadRecords =
    BadRecords::Count("there are bytes behind the declared records");

impl BadRecords {
    /// Why the record at `index` could not be walked.
    pub(crate) fn at(index: i32, bad: BadBytes) -> BadRecords {
        match bad {
            BadBytes::End => TOO_FEW,
            BadBytes::Stream(why) => BadRecords::Decompress(why),
            BadBytes::TooLarge(max) => BadRecords::TooLarge(max),
            BadBytes::Format(reason) => BadRecords::Record { index, reason },
        }
    }
}

/// The bytes of a batch's records.
pub(crate) enum Source<'a> {
    Plain(Cursor<'a>),
    Packed(Box<Unpacked<'a>>),
}

impl<'a> Source<'a> {
    pub(crate) fn new(batch: &BatchView<'a>, bounds: Bounds) -> Result<Source<'a>, BadRecords> {
        match batch.header().codec().ok_or(BadRecords::UnknownCodec)? {
            Codec::None => Ok(Source::Plain(batch.records().cursor())),
            codec => {
                let unpacked = Unpacked::new(codec, batch.records(), bounds)?;
                Ok(Source::Packed(Box::new(unpacked)))
            }
        }
    }

    /// The next `length` bytes in one piece: where they lie, or copied into `scratch`.
    fn take<'s>(&mut self, length: usize, scratch: &'s mut Vec<u8>) -> Result<&'s [u8], BadBytes>
    where
        'a: 's,
    {
        if let Source::Plain(cursor) = self {
            let chunk = cursor.chunk();
            if let Some(whole) = chunk.get(..length) {
                cursor.skip(length);
                return Ok(whole);
            }
            if cursor.left() < length {
                return Err(BadBytes::End);
            }
        }
        scratch.clear();
        while scratch.len() < length {
            let chunk = self.chunk()?;
            let n = chunk.len().min(length - scratch.len());
            if n == 0 {
                return Err(BadBytes::End);
            }
            scratch.extend_from_slice(&chunk[..n]);
            self.consume(n);
        }
        Ok(scratch)
    }
}

impl Bytes for Source<'_> {
    fn chunk(&mut self) -> Result<&[u8], BadBytes> {
        match self {
            Source::Plain(cursor) => Bytes::chunk(cursor),
            Source::Packed(unpacked) => unpacked.chunk(),
        }
    }

    fn consume(&mut self, n: usize) {
        match self {
            Source::Plain(cursor) => Bytes::consume(cursor, n),
            Source::Packed(unpacked) => unpacked.consume(n),
        }
    }

    fn finish(&mut self) -> Result<bool, BadBytes> {
        match self {
            Source::Plain(cursor) => Bytes::finish(cursor),
            Source::Packed(unpacked) => unpacked.finish(),
        }
    }
}

/// A record's header: a name and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'r> {
    /// UTF-8 by convention; not checked.
    pub key: &'r [u8],
    /// May be null.
    pub value: Option<&'r [u8]>,
}

/// One record, lent until the next is read.
#[derive(Clone, Debug)]
pub struct Record<'r> {
    /// Its place in the partition.
    pub offset: Offset,
    /// Milliseconds since 1970; the batch's, where the log stamps the time of appending.
    pub timestamp: i64,
    /// May be null.
    pub key: Option<&'r [u8]>,
    /// Null is a tombstone.
    pub value: Option<&'r [u8]>,
    /// Number of headers.
    pub header_count: usize,
    /// The headers' bytes, already walked.
    headers: &'r [u8],
}

impl<'r> Record<'r> {
    /// What its key, value and headers take, and the least that a record takes, in bytes.
    pub fn bytes(&self) -> usize {
        let spans = self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len);
        walk::RECORD_BYTES_MIN + spans + self.headers.len()
    }

    /// The headers' bytes, behind their number.
    pub(crate) fn header_bytes(&self) -> &'r [u8] {
        self.headers
    }

    /// The headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = Header<'r>> + use<'r> {
        let mut bytes = self.headers;
        (0..self.header_count).map(move |_| {
            let here = bytes;
            let walked = walk::header(&mut bytes);
            let (key, value) = walked.expect("the headers were walked with their record");
            Header { key: &here[key], value: value.map(|value| &here[value]) }
        })
    }
}

/// Where a record stands, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Its place in the partition.
    pub offset: Offset,
    /// As [`Record::timestamp`].
    pub timestamp: i64,
    /// Its length in bytes.
    pub bytes: usize,
}

/// Reads the records of one batch.
pub struct RecordReader<'a> {
    batch: BatchView<'a>,
    source: Source<'a>,
    scratch: Vec<u8>,
    passed: Passed,
}

/// How far a reader has come.
#[derive(Default)]
struct Passed {
    /// The place in the batch of the next record.
    next: i32,
    over: bool,
    /// The least offset that the next record may have, where that is asked.
    least: Option<Offset>,
}

impl Passed {
    /// A record was read whole: its offset and its timestamp.
    fn by(&mut self, header: &BatchHeader, shape: &Shape) -> Result<(Offset, i64), BadRecords> {
        let timestamp = match header.timestamp_type() {
            TimestampType::CreateTime => header.base_timestamp.wrapping_add(shape.timestamp_delta),
            TimestampType::LogAppendTime => header.max_timestamp,
        };
        let offset = header.base_offset.wrapping_add(i64::from(shape.offset_delta));
        if let Some(least) = &mut self.least {
            if offset < *least || offset > header.last_offset() {
                let reason = "its offset is not between the one before and the batch's last";
                return Err(BadRecords::Record { index: self.next, reason });
            }
            *least = offset.saturating_add(1);
        }
        self.over = false;
        self.next += 1;
        Ok((offset, timestamp))
    }
}

impl<'a> RecordReader<'a> {
    /// A reader of the batch's records that stops once they unpack to more than `bytes_max`, which
    /// also bounds its memory. The checksum is the caller's to verify.
    pub fn new(batch: BatchView<'a>, bytes_max: usize) -> Result<RecordReader<'a>, BadRecords> {
        let bounds = Bounds { bytes_max, window_max: bytes_max, block_max: bytes_max };
        let source = Source::new(&batch, bounds)?;
        Ok(RecordReader { batch, source, scratch: Vec::new(), passed: Passed::default() })
    }

    /// The same, but records whose offsets do not ascend within the batch's are an error: where no
    /// depth of validation looked into a batch, a client may have said anything there.
    pub fn in_order(self) -> RecordReader<'a> {
        let least = Some(self.batch.header().base_offset);
        RecordReader { passed: Passed { least, ..self.passed }, ..self }
    }

    /// The next record, lent until the next call; none after the last. After an error there is
    /// nothing more to read.
    pub fn next_record(&mut self) -> Option<Result<Record<'_>, BadRecords>> {
        match self.is_over() {
            Ok(true) => return None,
            Ok(false) => {}
            Err(bad) => return Some(Err(bad)),
        }
        let read = walk::record_length(&mut self.source).and_then(|length| {
            let body = self.source.take(length, &mut self.scratch)?;
            let mut rest = body;
            Ok((walk::record(&mut rest, length)?, body))
        });
        let (shape, body) = match read {
            Ok(read) => read,
            Err(bad) => return Some(Err(BadRecords::at(self.passed.next, bad))),
        };
        let (offset, timestamp) = match self.passed.by(self.batch.header(), &shape) {
            Ok(passed) => passed,
            Err(bad) => return Some(Err(bad)),
        };
        let Shape { key, value, header_count, headers_at, .. } = shape;
        Some(Ok(Record {
            offset,
            timestamp,
            key: key.map(|key| &body[key]),
            value: value.map(|value| &body[value]),
            header_count,
            headers: &body[headers_at..],
        }))
    }

    /// The same, of which nothing is held but where it stands.
    pub fn next_glance(&mut self) -> Option<Result<Glance, BadRecords>> {
        match self.is_over() {
            Ok(true) => return None,
            Ok(false) => {}
            Err(bad) => return Some(Err(bad)),
        }
        let read = walk::record_length(&mut self.source)
            .and_then(|length| Ok((walk::record(&mut self.source, length)?, length)));
        let passed = match read {
            Ok((shape, bytes)) => self.passed.by(self.batch.header(), &shape).map(|at| (at, bytes)),
            Err(bad) => Err(BadRecords::at(self.passed.next, bad)),
        };
        Some(passed.map(|((offset, timestamp), bytes)| Glance { offset, timestamp, bytes }))
    }

    /// Whether there is no further record. If there is one, that is over too until it was read
    /// whole, so that an error is the end.
    fn is_over(&mut self) -> Result<bool, BadRecords> {
        if std::mem::replace(&mut self.passed.over, true) {
            return Ok(true);
        }
        if self.passed.next < self.batch.header().record_count {
            return Ok(false);
        }
        match self.source.finish() {
            Ok(true) => Ok(true),
            Ok(false) => Err(TOO_MANY),
            Err(bad) => Err(BadRecords::at(self.passed.next, bad)),
        }
    }
}

#[cfg(test)]
#[path = "read_test.rs"]
mod read_test;
