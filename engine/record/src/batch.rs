//! A batch's framing: the 61-byte header, the checksum over what follows it, and the two stamps.
//!
//! The layout is Kafka's message format version 2 (Kafka protocol guide, "Record Batch"), in
//! docs/formats/batch.md. All integers are big-endian.
//!
//! Kept true: the checksum covers the bytes from the attributes (21) to the end, so the base offset
//! and the leader epoch are stamped without a new one; everything else needs one.

use crate::Rope;
use crate::codec::Codec;
use engine_base::settings::TimestampType;
use engine_base::{Epoch, Offset};
use std::fmt;

/// The fixed header of a batch, in bytes.
pub const HEADER_BYTES: usize = engine_base::limits::BATCH_HEADER_BYTES;

/// The base offset and the length field: what is not counted by the length.
pub const LENGTH_BYTES: usize = 12;

/// The first byte the checksum covers: the attributes.
pub const CHECKED_FROM: usize = 21;

/// The one format served.
pub const MAGIC: i8 = 2;

pub(crate) const CODEC_BITS: i16 = 0x07;
pub(crate) const LOG_APPEND_TIME_BIT: i16 = 0x08;
pub(crate) const TRANSACTIONAL_BIT: i16 = 0x10;
pub(crate) const CONTROL_BIT: i16 = 0x20;
pub(crate) const DELETE_HORIZON_BIT: i16 = 0x40;

/// A batch's header, field by field as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record.
    pub base_offset: Offset,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Leader epoch under which the batch was appended; -1 from a client.
    pub leader_epoch: Epoch,
    /// Format: 2.
    pub magic: i8,
    /// CRC32C from the attributes to the end.
    pub crc: u32,
    /// Codec and flags.
    pub attributes: i16,
    /// Offset of the last record less the base offset.
    pub last_offset_delta: i32,
    /// Timestamp of the first record, or the delete horizon; ms since 1970.
    pub base_timestamp: i64,
    /// The largest timestamp of the records, or the time of appending; ms since 1970.
    pub max_timestamp: i64,
    /// Idempotent producer's id; -1 for none.
    pub producer_id: i64,
    /// Idempotent producer's epoch; -1 for none.
    pub producer_epoch: i16,
    /// Sequence number of the first record; -1 for none.
    pub base_sequence: i32,
    /// Number of records.
    pub record_count: i32,
}

impl BatchHeader {
    /// Reads a header's fields without judging them.
    pub fn read(bytes: &[u8; HEADER_BYTES]) -> BatchHeader {
        fn at<const N: usize>(bytes: &[u8; HEADER_BYTES], from: usize) -> [u8; N] {
            let mut field = [0; N];
            field.copy_from_slice(&bytes[from..from + N]);
            field
        }
        BatchHeader {
            base_offset: i64::from_be_bytes(at(bytes, 0)),
            batch_length: i32::from_be_bytes(at(bytes, 8)),
            leader_epoch: i32::from_be_bytes(at(bytes, 12)),
            magic: i8::from_be_bytes(at(bytes, 16)),
            crc: u32::from_be_bytes(at(bytes, 17)),
            attributes: i16::from_be_bytes(at(bytes, 21)),
            last_offset_delta: i32::from_be_bytes(at(bytes, 23)),
            base_timestamp: i64::from_be_bytes(at(bytes, 27)),
            max_timestamp: i64::from_be_bytes(at(bytes, 35)),
            producer_id: i64::from_be_bytes(at(bytes, 43)),
            producer_epoch: i16::from_be_bytes(at(bytes, 51)),
            base_sequence: i32::from_be_bytes(at(bytes, 53)),
            record_count: i32::from_be_bytes(at(bytes, 57)),
        }
    }

    /// The header as bytes.
    pub fn write(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..8].copy_from_slice(&self.base_offset.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.batch_length.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.leader_epoch.to_be_bytes());
        bytes[16..17].copy_from_slice(&self.magic.to_be_bytes());
        bytes[17..21].copy_from_slice(&self.crc.to_be_bytes());
        bytes[21..23].copy_from_slice(&self.attributes.to_be_bytes());
        bytes[23..27].copy_from_slice(&self.last_offset_delta.to_be_bytes());
        bytes[27..35].copy_from_slice(&self.base_timestamp.to_be_bytes());
        bytes[35..43].copy_from_slice(&self.max_timestamp.to_be_bytes());
        bytes[43..51].copy_from_slice(&self.producer_id.to_be_bytes());
        bytes[51..53].copy_from_slice(&self.producer_epoch.to_be_bytes());
        bytes[53..57].copy_from_slice(&self.base_sequence.to_be_bytes());
        bytes[57..61].copy_from_slice(&self.record_count.to_be_bytes());
        bytes
    }

    /// The codec of the records; none for the ids that mean nothing (5, 6, 7).
    pub fn codec(&self) -> Option<Codec> {
        Codec::from_id((self.attributes & CODEC_BITS) as u8)
    }

    /// Whether timestamps are the client's or the time of appending.
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & LOG_APPEND_TIME_BIT == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the batch belongs to a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL_BIT != 0
    }

    /// Whether the batch holds markers, not a client's records.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL_BIT != 0
    }

    /// Whether `base_timestamp` is the time after which compaction may drop tombstones.
    pub fn has_delete_horizon(&self) -> bool {
        self.attributes & DELETE_HORIZON_BIT != 0
    }

    /// The wall clock from which on compaction may drop the batch's tombstones, in ms; none before
    /// it was compacted with them for the first time.
    pub fn delete_horizon(&self) -> Option<i64> {
        self.has_delete_horizon().then_some(self.base_timestamp)
    }

    /// Whether the batch comes from an idempotent producer.
    pub fn has_producer(&self) -> bool {
        self.producer_id >= 0
    }

    /// Offset of the last record.
    pub fn last_offset(&self) -> Offset {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    /// The batch's size with its header, in bytes; 0 for a length below zero.
    pub fn total_bytes(&self) -> usize {
        usize::try_from(self.batch_length).map_or(0, |length| length + LENGTH_BYTES)
    }
}

/// Why bytes are not a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBatch {
    /// The bytes end before the batch does.
    Cut {
        /// Bytes the batch needs, as far as is known.
        need: usize,
        /// Bytes there are.
        have: usize,
    },
    /// The length field is smaller than any batch.
    Length(i32),
    /// Another format than version 2.
    Magic(i8),
    /// The checksum is not that of the bytes.
    Checksum {
        /// What the header says.
        stored: u32,
        /// What the bytes say.
        computed: u32,
    },
}

impl fmt::Display for BadBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadBatch::Cut { need, have } => {
                write!(f, "the batch needs {need} bytes and only {have} are there")
            }
            BadBatch::Length(length) => write!(f, "a batch cannot have the length {length}"),
            BadBatch::Magic(magic) => write!(f, "format version {magic} is not 2"),
            BadBatch::Checksum { stored, computed } => {
                write!(f, "the checksum is {stored:08x}, the bytes say {computed:08x}")
            }
        }
    }
}

impl std::error::Error for BadBatch {}

/// One batch in a rope: its header copied out, its framing checked, its bytes where they lie.
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a> {
    header: BatchHeader,
    bytes: Rope<'a>,
}

impl<'a> BatchView<'a> {
    /// The batch that begins at byte `at` of `rope`, which may hold more behind it. Checks format
    /// and framing only; see [`BatchView::verify_crc`].
    pub fn parse(rope: Rope<'a>, at: usize) -> Result<BatchView<'a>, BadBatch> {
        let have = rope.len().saturating_sub(at);
        let mut bytes = [0; HEADER_BYTES];
        // The length and the format stand in the same place in every format Kafka ever had.
        if !rope.copy_to(at, &mut bytes[..CHECKED_FROM]) {
            return Err(BadBatch::Cut { need: HEADER_BYTES, have });
        }
        let length = BatchHeader::read(&bytes).batch_length;
        let magic = bytes[16].cast_signed();
        if magic != MAGIC {
            return Err(BadBatch::Magic(magic));
        }
        if length < (HEADER_BYTES - LENGTH_BYTES) as i32 {
            return Err(BadBatch::Length(length));
        }
        if !rope.copy_to(at, &mut bytes) {
            return Err(BadBatch::Cut { need: HEADER_BYTES, have });
        }
        let header = BatchHeader::read(&bytes);
        let need = header.total_bytes();
        if need > have {
            return Err(BadBatch::Cut { need, have });
        }
        Ok(BatchView { header, bytes: rope.slice(at..at + need) })
    }

    /// The header.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch, header and all.
    pub fn bytes(&self) -> Rope<'a> {
        self.bytes
    }

    /// The records, compressed or not: what follows the header.
    pub fn records(&self) -> Rope<'a> {
        self.bytes.slice(HEADER_BYTES..self.bytes.len())
    }

    /// Checks the checksum against the bytes.
    pub fn verify_crc(&self) -> Result<(), BadBatch> {
        let computed = self.bytes.slice(CHECKED_FROM..self.bytes.len()).crc32c(0);
        if computed == self.header.crc {
            Ok(())
        } else {
            Err(BadBatch::Checksum { stored: self.header.crc, computed })
        }
    }
}

/// Stamps where a batch stands, in the first bytes of it. The checksum does not cover them.
///
/// Panics if `batch` holds fewer than 16 bytes.
pub fn stamp(batch: &mut [u8], base_offset: Offset, leader_epoch: Epoch) {
    batch[0..8].copy_from_slice(&base_offset.to_be_bytes());
    batch[12..16].copy_from_slice(&leader_epoch.to_be_bytes());
}

/// Stamps the time of appending on a whole batch that lies in one piece, with a new checksum.
/// For batches in pieces see [`crate::Validated::header_bytes`].
///
/// Panics if `batch` is shorter than a header.
pub fn stamp_log_append_time(batch: &mut [u8], now_ms: i64) {
    let attributes = i16::from_be_bytes([batch[21], batch[22]]) | LOG_APPEND_TIME_BIT;
    batch[21..23].copy_from_slice(&attributes.to_be_bytes());
    batch[35..43].copy_from_slice(&now_ms.to_be_bytes());
    let crc = crc32c::crc32c(&batch[CHECKED_FROM..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
}
