//! The sidecar of a segment: a checksum and a sparse index in one, an entry for each run of blocks
//! that was written. `docs/formats/sidecar.md`.
//!
//! Kept true: entries are only appended; an entry supersedes every earlier one at or behind its
//! position; an entry's CRC is bound to its log, segment and place in the sidecar, and the checksum
//! it carries to the log, segment and position of the bytes, so that misplaced and stale blocks are
//! found too.

use engine_base::{LogId, Offset};

use crate::fields::{Fields, put};
use crate::names::SegmentName;

/// An entry's size; it divides every sector, so an entry is never torn.
pub(crate) const SIDE_ENTRY_BYTES: usize = 64;
const CHUNK: u8 = 1;
const SEAL: u8 = 2;
const VERSION: u8 = 1;

/// One run of a segment's blocks.
///
/// | at | field |
/// |---|---|
/// | 0 | CRC32C of log id, segment base, this entry's index (u64 each), then bytes 4..64 |
/// | 4 | kind u8 (1 run, 2 seal), version u8, zero u16 |
/// | 8 | position u64 |
/// | 16 | length u32 |
/// | 20 | checksum u32: CRC32C of log id, segment base, position (u64 each), then the bytes |
/// | 24 | first offset i64: of the first batch that begins here, -1 for none |
/// | 32 | next offset i64: one past the last batch that begins here or before |
/// | 40 | max timestamp i64: of the batches that begin here, -1 for none |
/// | 48 | wall clock i64: when it was written, ms |
/// | 56 | first position u32: of the first batch that begins here, from `position` |
/// | 60 | zero u32 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SideEntry {
    pub(crate) position: u64,
    pub(crate) length: u32,
    pub(crate) checksum: u32,
    pub(crate) first: Offset,
    pub(crate) next: Offset,
    pub(crate) max_timestamp: i64,
    pub(crate) wall_ms: i64,
    pub(crate) first_position: u32,
}

impl SideEntry {
    /// One past the last byte it covers.
    pub(crate) fn end(&self) -> u64 {
        self.position + u64::from(self.length)
    }
}

/// The last entry of a sealed segment: `position` is the file's length, `next` its end offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SideRecord {
    Run(SideEntry),
    Seal { bytes: u64, end: Offset, max_timestamp: i64, wall_ms: i64 },
}

/// Which bytes a checksum is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SideKey {
    pub(crate) log: LogId,
    pub(crate) name: SegmentName,
}

impl SideKey {
    pub(crate) fn of((log, name): (LogId, SegmentName)) -> SideKey {
        SideKey { log, name }
    }

    /// Log id, base offset and place; behind them the revision, if there is one.
    fn seed(self, place: u64) -> u32 {
        let SegmentName { base, revision } = self.name;
        let mut bytes = [0; 32];
        put(&mut bytes, 0, self.log.0.to_le_bytes());
        put(&mut bytes, 8, base.to_le_bytes());
        put(&mut bytes, 16, place.to_le_bytes());
        put(&mut bytes, 24, revision.to_le_bytes());
        crc32c::crc32c(if revision == 0 { &bytes[..24] } else { &bytes })
    }

    /// The checksum of the bytes at `position` of this segment.
    pub(crate) fn checksum<'a>(
        self,
        position: u64,
        bytes: impl IntoIterator<Item = &'a [u8]>,
    ) -> u32 {
        bytes.into_iter().fold(self.seed(position), crc32c::crc32c_append)
    }

    /// The entry at `index` of this segment's sidecar, as bytes.
    pub(crate) fn encode(self, index: u64, record: &SideRecord) -> [u8; SIDE_ENTRY_BYTES] {
        let mut bytes = [0; SIDE_ENTRY_BYTES];
        bytes[5] = VERSION;
        match record {
            SideRecord::Run(e) => {
                bytes[4] = CHUNK;
                put(&mut bytes, 8, e.position.to_le_bytes());
                put(&mut bytes, 16, e.length.to_le_bytes());
                put(&mut bytes, 20, e.checksum.to_le_bytes());
                put(&mut bytes, 24, e.first.to_le_bytes());
                put(&mut bytes, 32, e.next.to_le_bytes());
                put(&mut bytes, 40, e.max_timestamp.to_le_bytes());
                put(&mut bytes, 48, e.wall_ms.to_le_bytes());
                put(&mut bytes, 56, e.first_position.to_le_bytes());
            }
            SideRecord::Seal { bytes: length, end, max_timestamp, wall_ms } => {
                bytes[4] = SEAL;
                put(&mut bytes, 8, length.to_le_bytes());
                put(&mut bytes, 32, end.to_le_bytes());
                put(&mut bytes, 40, max_timestamp.to_le_bytes());
                put(&mut bytes, 48, wall_ms.to_le_bytes());
            }
        }
        let crc = crc32c::crc32c_append(self.seed(index), &bytes[4..]);
        put(&mut bytes, 0, crc.to_le_bytes());
        bytes
    }

    /// Reads the entry at `index`; `None` if it is not one of this segment at this place.
    pub(crate) fn decode(self, index: u64, bytes: &[u8]) -> Option<SideRecord> {
        let whole = bytes.get(..SIDE_ENTRY_BYTES)?;
        let mut fields = Fields::new(whole);
        if fields.u32()? != crc32c::crc32c_append(self.seed(index), &whole[4..]) {
            return None;
        }
        let (kind, version) = (fields.u8()?, fields.u8()?);
        fields.u16()?;
        let (position, length, checksum) = (fields.u64()?, fields.u32()?, fields.u32()?);
        let (first, next) = (fields.i64()?, fields.i64()?);
        let (max_timestamp, wall_ms) = (fields.i64()?, fields.i64()?);
        let first_position = fields.u32()?;
        match (kind, version) {
            (CHUNK, VERSION) => Some(SideRecord::Run(SideEntry {
                position,
                length,
                checksum,
                first,
                next,
                max_timestamp,
                wall_ms,
                first_position,
            })),
            (SEAL, VERSION) => {
                Some(SideRecord::Seal { bytes: position, end: next, max_timestamp, wall_ms })
            }
            _ => None,
        }
    }
}

/// The valid runs of a segment, ascending and without gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideIndex {
    runs: Vec<SideEntry>,
}

impl SideIndex {
    /// Adds a run; what stands at or behind its position is superseded. `hole`: an entry before it
    /// does not hold, so bytes before it may be uncovered.
    ///
    /// # Errors
    /// If there would be a gap, a run cut in two, or offsets that go back.
    pub(crate) fn push(&mut self, run: SideEntry, hole: bool) -> Result<(), &'static str> {
        self.cut(run.position);
        if self.end() != run.position && !(hole && self.end() < run.position) {
            return Err("a run that does not follow its predecessor");
        }
        if run.length == 0 || run.first >= 0 && run.first_position >= run.length {
            return Err("a run that contradicts itself");
        }
        if self.runs.last().is_some_and(|before| before.next > run.next) {
            return Err("a run whose offsets go back");
        }
        self.runs.push(run);
        Ok(())
    }

    /// Forgets every run that begins at or behind `position`.
    pub(crate) fn cut(&mut self, position: u64) {
        let keep = self.runs.partition_point(|run| run.position < position);
        self.runs.truncate(keep);
    }

    /// One past the last byte covered.
    pub(crate) fn end(&self) -> u64 {
        self.runs.last().map_or(0, SideEntry::end)
    }

    pub(crate) fn runs(&self) -> &[SideEntry] {
        &self.runs
    }

    /// The place of the run that holds the byte at `position`.
    pub(crate) fn at_position(&self, position: u64) -> Option<usize> {
        let i = self.runs.partition_point(|run| run.end() <= position);
        self.runs.get(i).is_some_and(|run| run.position <= position).then_some(i)
    }

    /// The place of the run in which the batch that holds `offset` begins; `None` behind the index.
    /// If that run is in a hole, it is the one behind the hole.
    pub(crate) fn at_offset(&self, offset: Offset) -> Option<usize> {
        let i = self.runs.partition_point(|run| run.next <= offset);
        (i < self.runs.len()).then_some(i)
    }
}

#[cfg(test)]
#[path = "sidecar_test.rs"]
mod sidecar_test;
