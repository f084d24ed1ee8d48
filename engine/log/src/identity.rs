//! Who a shard's directory is: written once when it is formatted, then only read.
//!
//! Layout (64 bytes, little-endian): magic `BBSH`, CRC32C of bytes 8..64, format version u16, zero
//! u16, journal files u32, journal file bytes u64, device block u32, zero u32, shard uuid 16,
//! journal key 16.

use engine_base::{Fault, FaultKind, Uuid};

use crate::StoreOptions;
use crate::block::JournalKey;
use crate::fields::{Fields, put};

pub(crate) const IDENTITY_BYTES: usize = 64;
const MAGIC: [u8; 4] = *b"BBSH";
const VERSION: u16 = 1;

/// What was decided when the shard was formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) shard: Uuid,
    pub(crate) journal_files: u32,
    pub(crate) journal_file_bytes: u64,
    pub(crate) device_block: u32,
    /// Zeros in a shard that was formatted before there were keys.
    key: JournalKey,
}

impl Identity {
    pub(crate) fn new(shard: Uuid, key: JournalKey, options: &StoreOptions) -> Identity {
        Identity {
            shard,
            journal_files: options.journal_files,
            journal_file_bytes: options.journal_file_bytes,
            device_block: u32::try_from(options.device_block).expect("checked to be a small block"),
            key,
        }
    }

    /// What the journal's blocks are known by: before there were keys, the shard's name.
    pub(crate) fn journal_key(&self) -> JournalKey {
        if self.key.0 == [0; 16] { JournalKey(self.shard.0) } else { self.key }
    }

    pub(crate) fn encode(&self) -> [u8; IDENTITY_BYTES] {
        let mut bytes = [0; IDENTITY_BYTES];
        put(&mut bytes, 0, MAGIC);
        put(&mut bytes, 8, VERSION.to_le_bytes());
        put(&mut bytes, 12, self.journal_files.to_le_bytes());
        put(&mut bytes, 16, self.journal_file_bytes.to_le_bytes());
        put(&mut bytes, 24, self.device_block.to_le_bytes());
        put(&mut bytes, 32, self.shard.0);
        put(&mut bytes, 48, self.key.0);
        let crc = crc32c::crc32c(&bytes[8..]);
        put(&mut bytes, 4, crc.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8], place: &str) -> Result<Identity, Fault> {
        let wrong = |kind, why: &str| Fault::new(kind, place, why);
        let whole = bytes.get(..IDENTITY_BYTES);
        let whole = whole.ok_or_else(|| wrong(FaultKind::Rot, "shorter than an identity"))?;
        let mut fields = Fields::new(whole);
        if fields.array() != Some(MAGIC) {
            return Err(wrong(FaultKind::Refused, "this is no shard of Bobbin"));
        }
        if fields.u32() != Some(crc32c::crc32c(&whole[8..])) {
            return Err(wrong(FaultKind::Rot, "the identity's checksum does not hold"));
        }
        let read = |mut f: Fields<'_>| {
            let version = f.u16()?;
            f.u16()?;
            let (journal_files, journal_file_bytes) = (f.u32()?, f.u64()?);
            let device_block = f.u32()?;
            f.u32()?;
            let shard = Uuid(f.array()?);
            let key = JournalKey(f.array()?);
            Some((
                version,
                Identity { shard, journal_files, journal_file_bytes, device_block, key },
            ))
        };
        match read(fields) {
            Some((VERSION, identity)) => Ok(identity),
            Some((version, _)) => {
                let why = format!("format version {version} is not served, only {VERSION}");
                Err(Fault::new(FaultKind::Refused, place, why))
            }
            None => Err(wrong(FaultKind::Rot, "shorter than an identity")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_reads_back_and_any_flipped_byte_is_found() {
        let identity = Identity::new(Uuid([7; 16]), JournalKey([3; 16]), &StoreOptions::default());
        let bytes = identity.encode();
        assert_eq!(Identity::decode(&bytes, "shard"), Ok(identity));
        for i in 0..bytes.len() {
            let mut rotten = bytes;
            rotten[i] ^= 0x10;
            assert!(Identity::decode(&rotten, "shard").is_err(), "byte {i}");
        }
        assert!(Identity::decode(&bytes[..63], "shard").is_err());
    }
}
