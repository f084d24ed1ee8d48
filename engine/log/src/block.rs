//! The journal's block: the unit of a device write, of durability and of replay.
//! `docs/formats/journal.md`.
//!
//! Kept true: a block is valid only if its magic, key and CRC hold, and the CRC covers every
//! other byte that is written, padding included; so a torn block, a block of another shard and rot
//! are all found. Blocks are chained: each names the CRC of its predecessor.

use std::fmt;

use crate::fields::{Fields, put, round_up};

pub(crate) const BLOCK_HEADER_BYTES: usize = 64;
const MAGIC: [u8; 4] = *b"BBJB";
const VERSION: u16 = 1;
/// No shard ever counts so far: a number above it is none of ours, and adding to one below it never
/// overflows.
const NUMBER_MAX: u64 = 1 << 62;

/// What makes a block one of this shard's: drawn when the shard is formatted, and told to nobody.
/// Blocks hold what clients send, and a torn one may be searched from its middle on; whoever knows
/// a shard's name still cannot send bytes that pass for a block of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct JournalKey(pub(crate) [u8; 16]);

impl fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JournalKey")
    }
}

/// The header of a journal block. Layout (little-endian):
///
/// | at | field |
/// |---|---|
/// | 0 | magic `BBJB` |
/// | 4 | CRC32C of bytes 8 to the end of the padding |
/// | 8 | format version u16, zero u16 |
/// | 12 | CRC of the previous block of the chain u32 |
/// | 16 | journal key |
/// | 32 | generation u64 |
/// | 40 | sequence u64 |
/// | 48 | durable u64 |
/// | 56 | length u32: header and entries, without padding |
/// | 60 | number of entries u32 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockHeader {
    /// The life (start) of the shard that wrote it.
    pub(crate) generation: u64,
    /// Rises with every block over all lives; not dense across a start.
    pub(crate) sequence: u64,
    /// This sequence and all before it were flushed when this block was built.
    pub(crate) durable: u64,
    /// The CRC of the block before it in the chain.
    pub(crate) previous_crc: u32,
    /// Bytes of header and entries.
    pub(crate) length: u32,
    /// Entries in it; 0 closes an idle journal.
    pub(crate) entries: u32,
}

/// What a written block occupies: its length and the padding to whole device blocks.
pub(crate) fn padded(length: usize, device_block: usize) -> usize {
    let padded = round_up(length as u64, device_block as u64);
    usize::try_from(padded).expect("a block's size is counted by a usize")
}

impl BlockHeader {
    /// Writes the header over the first bytes of `block`, which holds header space, entries and
    /// padding, and returns the block's CRC.
    pub(crate) fn seal(&self, key: JournalKey, block: &mut [u8]) -> u32 {
        assert!(BLOCK_HEADER_BYTES <= self.length as usize && self.length as usize <= block.len());
        assert!(self.durable < self.sequence, "a block is not durable before it is built");
        put(block, 0, MAGIC);
        put(block, 8, VERSION.to_le_bytes());
        put(block, 10, [0; 2]);
        put(block, 12, self.previous_crc.to_le_bytes());
        put(block, 16, key.0);
        put(block, 32, self.generation.to_le_bytes());
        put(block, 40, self.sequence.to_le_bytes());
        put(block, 48, self.durable.to_le_bytes());
        put(block, 56, self.length.to_le_bytes());
        put(block, 60, self.entries.to_le_bytes());
        let crc = crc32c::crc32c(&block[8..]);
        put(block, 4, crc.to_le_bytes());
        crc
    }

    /// Reads a header without judging the block behind it: `None` unless magic, version, shard and
    /// the length's bounds hold. Its CRC is returned beside it.
    pub(crate) fn peek(key: JournalKey, bytes: &[u8]) -> Option<(BlockHeader, u32)> {
        let mut fields = Fields::new(bytes);
        if fields.array() != Some(MAGIC) {
            return None;
        }
        let crc = fields.u32()?;
        if fields.u16()? != VERSION {
            return None;
        }
        fields.u16()?;
        let previous_crc = fields.u32()?;
        if fields.array() != Some(key.0) {
            return None;
        }
        let (generation, sequence, durable) = (fields.u64()?, fields.u64()?, fields.u64()?);
        let (length, entries) = (fields.u32()?, fields.u32()?);
        let sound = length as usize >= BLOCK_HEADER_BYTES && durable < sequence;
        let sound = sound && sequence < NUMBER_MAX && generation < NUMBER_MAX;
        let header = BlockHeader { generation, sequence, durable, previous_crc, length, entries };
        sound.then_some((header, crc))
    }

    /// Whether `block`, all its bytes with padding, is what was sealed with this CRC.
    pub(crate) fn holds(crc: u32, block: &[u8]) -> bool {
        block.len() >= BLOCK_HEADER_BYTES && crc32c::crc32c(&block[8..]) == crc
    }
}

#[cfg(test)]
#[path = "block_test.rs"]
mod block_test;
