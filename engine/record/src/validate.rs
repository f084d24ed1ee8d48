//! What a client's batch must keep before it is appended, and how deep it is looked at.

use crate::batch::{BatchHeader, HEADER_BYTES};
use crate::rope::Rope;
use engine_base::settings::{Depth, TimestampType};
use engine_base::{Refusal, WallMs};

/// What a topic, a request and a moment ask of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How deep to look: `record.validation`.
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
    /// Kafka's defaults for a topic, for an ordinary producer of the latest version, at time 0.
    fn default() -> Rules {
        Rules {
            depth: Depth::Records,
            max_message_bytes: 1_048_588,
            segment_bytes: 1 << 30,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX,
            timestamp_after_max_ms: 3_600_000,
            now: WallMs(0),
            compacted: false,
            zstd_allowed: true,
            has_transactional_id: false,
            unpacked_bytes_max: 32 << 20,
        }
    }
}

/// A batch that may be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The header as it is to be stored, but for base offset and leader epoch.
    pub header: BatchHeader,
    /// Where the header must change (the time of appending, a largest timestamp that was not that of the
    /// records): the bytes to store in place of the batch's first 61, checksum and all.
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
    records: Rope<'a>,
}

impl<'a> Validation<'a> {
    /// Checks header and checksum; the records wait for [`Validation::step`].
    pub fn begin(records: Rope<'a>, rules: &Rules) -> Result<Validation<'a>, Refusal> {
        let _ = rules;
        Ok(Validation { records })
    }

    /// Whether the records must be unpacked: more work than belongs into a produce turn.
    pub fn opens(&self) -> bool {
        false
    }

    /// Walks records for about `bytes` bytes of them; `None` when there is more to do.
    pub fn step(&mut self, bytes: usize) -> Result<Option<Validated>, Refusal> {
        let _ = (bytes, self.records);
        unreachable!("not built yet")
    }
}
