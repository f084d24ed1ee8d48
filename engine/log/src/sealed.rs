//! What is known of a segment that is whole: in checkpoints and in the entry of a compaction.
//!
//! Kept true: `base..end` is what it stands for, also where compaction left holes.

use engine_base::Offset;

use crate::fields::Fields;
use crate::names::SegmentName;

/// A segment that is written whole and closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// Its first offset and its name.
    pub(crate) base: Offset,
    /// One past its last offset.
    pub(crate) end: Offset,
    /// The file's bytes.
    pub(crate) bytes: u64,
    /// The sidecar's bytes.
    pub(crate) side_bytes: u64,
    /// The largest timestamp in it, -1 for none.
    pub(crate) max_timestamp: i64,
    /// The wall clock at its last append, in ms.
    pub(crate) wall_ms: i64,
    /// The wall clock at its first append, in ms; 0: not known.
    pub(crate) first_wall_ms: i64,
    /// 0 for one that appends made, else that of the compaction that did.
    pub(crate) revision: u64,
}

impl Sealed {
    /// Its name.
    pub(crate) fn name(&self) -> SegmentName {
        SegmentName { base: self.base, revision: self.revision }
    }

    /// Bytes of one in a checkpoint or an entry.
    pub(crate) const BYTES: usize = 64;

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.base.to_le_bytes());
        out.extend(self.end.to_le_bytes());
        out.extend(self.bytes.to_le_bytes());
        out.extend(self.side_bytes.to_le_bytes());
        out.extend(self.max_timestamp.to_le_bytes());
        out.extend(self.wall_ms.to_le_bytes());
        out.extend(self.first_wall_ms.to_le_bytes());
        out.extend(self.revision.to_le_bytes());
    }

    pub(crate) fn decode(fields: &mut Fields<'_>) -> Option<Sealed> {
        Some(Sealed {
            base: fields.i64()?,
            end: fields.i64()?,
            bytes: fields.u64()?,
            side_bytes: fields.u64()?,
            max_timestamp: fields.i64()?,
            wall_ms: fields.i64()?,
            first_wall_ms: fields.i64()?,
            revision: fields.u64()?,
        })
    }
}
