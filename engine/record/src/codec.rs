//! The five codecs of a batch: their numbers, their names, and how records are packed by them.
//!
//! Kept true: what is packed here is what Java's client reads, lz4 blocks independent of each other
//! and snappy in the Xerial framing with it.

use std::io::Write;

/// How the records of a batch are compressed. The numbers are the low three bits of the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// Not at all.
    None = 0,
    /// RFC 1952.
    Gzip = 1,
    /// Snappy, raw or in the framing of the Xerial library.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// RFC 8878.
    Zstd = 4,
}

/// What a stream in the Xerial framing begins with: its magic, its version and the oldest version
/// that reads it. Then follow blocks, each a big-endian length and raw snappy (snappy-java,
/// `SnappyOutputStream`).
pub(crate) const XERIAL_HEAD: [u8; 16] =
    [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

/// How many bytes go into one snappy block: snappy-java's default.
const XERIAL_BLOCK_BYTES: usize = 32 * 1024;

/// Zstd's own default, and Kafka's.
const ZSTD_LEVEL: i32 = 3;

impl Codec {
    /// All of them, by number.
    pub const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    /// The codec with this number.
    pub fn from_id(id: u8) -> Option<Codec> {
        Codec::ALL.get(usize::from(id)).copied()
    }

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Snappy => "snappy",
            Codec::Lz4 => "lz4",
            Codec::Zstd => "zstd",
        }
    }

    /// The codec with this name.
    pub fn from_name(name: &str) -> Option<Codec> {
        Codec::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// Appends `records` to `out`, packed.
    pub(crate) fn pack(self, records: &[u8], out: &mut Vec<u8>) {
        const MEMORY: &str = "writing to memory does not fail";
        match self {
            Codec::None => out.extend_from_slice(records),
            Codec::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(out, flate2::Compression::default());
                gzip.write_all(records).expect(MEMORY);
                gzip.finish().expect(MEMORY);
            }
            Codec::Snappy => {
                let mut snappy = snap::raw::Encoder::new();
                out.extend_from_slice(&XERIAL_HEAD);
                for block in records.chunks(XERIAL_BLOCK_BYTES) {
                    let packed = snappy.compress_vec(block).expect("a block is below 4 GiB");
                    let length = u32::try_from(packed.len()).expect("a block is below 4 GiB");
                    out.extend_from_slice(&length.to_be_bytes());
                    out.extend_from_slice(&packed);
                }
            }
            Codec::Lz4 => {
                let frame = lz4_flex::frame::FrameInfo::new()
                    .block_mode(lz4_flex::frame::BlockMode::Independent)
                    .block_size(lz4_flex::frame::BlockSize::Max64KB);
                let mut lz4 = lz4_flex::frame::FrameEncoder::with_frame_info(frame, out);
                lz4.write_all(records).expect(MEMORY);
                lz4.finish().expect(MEMORY);
            }
            Codec::Zstd => {
                let packed = zstd::bulk::compress(records, ZSTD_LEVEL).expect(MEMORY);
                out.extend_from_slice(&packed);
            }
        }
    }
}
