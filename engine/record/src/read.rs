//! Records read one by one, from plain and compressed batches alike.
//!
//! Kept true: at most one record is held at a time, and no more memory is taken than bytes were there.

use crate::BatchView;
use engine_base::Offset;
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
    /// More bytes or records than the header says.
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
    /// The headers' bytes, already checked.
    headers: &'r [u8],
}

impl<'r> Record<'r> {
    /// The headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = Header<'r>> + use<'r> {
        let _ = self.headers;
        std::iter::empty()
    }
}

/// Reads the records of one batch.
pub struct RecordReader<'a> {
    batch: BatchView<'a>,
}

impl<'a> RecordReader<'a> {
    /// A reader of the batch's records that stops once they unpack to more than `bytes_max`.
    pub fn new(batch: BatchView<'a>, bytes_max: usize) -> Result<RecordReader<'a>, BadRecords> {
        let _ = bytes_max;
        Ok(RecordReader { batch })
    }

    /// The next record, lent until the next call; none after the last. After an error there is
    /// nothing more to read.
    pub fn next_record(&mut self) -> Option<Result<Record<'_>, BadRecords>> {
        let _ = self.batch;
        unreachable!("not built yet")
    }
}
