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
        let mut packer = Packer::new(self, std::mem::take(out), Some(records.len()));
        packer.write(records);
        *out = packer.finish();
    }
}

const MEMORY: &str = "writing to memory does not fail";

/// Packs records as they come.
pub(crate) enum Packer {
    Plain(Vec<u8>),
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    /// What is packed, and what is not a whole block yet.
    Snappy(Vec<u8>, Vec<u8>),
    Lz4(Box<lz4_flex::frame::FrameEncoder<Vec<u8>>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Packer {
    /// Appends to `out`; `whole` is how many bytes will come, if that is known.
    pub(crate) fn new(codec: Codec, mut out: Vec<u8>, whole: Option<usize>) -> Packer {
        match codec {
            Codec::None => Packer::Plain(out),
            Codec::Gzip => {
                let level = flate2::Compression::default();
                Packer::Gzip(flate2::write::GzEncoder::new(out, level))
            }
            Codec::Snappy => {
                out.extend_from_slice(&XERIAL_HEAD);
                Packer::Snappy(out, Vec::new())
            }
            Codec::Lz4 => {
                let frame = lz4_flex::frame::FrameInfo::new()
                    .block_mode(lz4_flex::frame::BlockMode::Independent)
                    .block_size(lz4_flex::frame::BlockSize::Max64KB);
                let lz4 = lz4_flex::frame::FrameEncoder::with_frame_info(frame, out);
                Packer::Lz4(Box::new(lz4))
            }
            Codec::Zstd => {
                let mut zstd =
                    zstd::stream::write::Encoder::new(out, ZSTD_LEVEL).expect("a level it has");
                let whole = whole.and_then(|bytes| u64::try_from(bytes).ok());
                zstd.set_pledged_src_size(whole).expect("nothing was written yet");
                Packer::Zstd(zstd)
            }
        }
    }

    pub(crate) fn write(&mut self, records: &[u8]) {
        match self {
            Packer::Plain(out) => out.extend_from_slice(records),
            Packer::Gzip(gzip) => gzip.write_all(records).expect(MEMORY),
            Packer::Snappy(out, block) => {
                block.extend_from_slice(records);
                let whole = block.len() / XERIAL_BLOCK_BYTES * XERIAL_BLOCK_BYTES;
                pack_snappy(&block[..whole], out);
                block.drain(..whole);
            }
            Packer::Lz4(lz4) => lz4.write_all(records).expect(MEMORY),
            Packer::Zstd(zstd) => zstd.write_all(records).expect(MEMORY),
        }
    }

    /// What was given, with all that came behind it.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Packer::Plain(out) => out,
            Packer::Gzip(gzip) => gzip.finish().expect(MEMORY),
            Packer::Snappy(mut out, block) => {
                pack_snappy(&block, &mut out);
                out
            }
            Packer::Lz4(lz4) => lz4.finish().expect(MEMORY),
            Packer::Zstd(zstd) => zstd.finish().expect(MEMORY),
        }
    }
}

fn pack_snappy(records: &[u8], out: &mut Vec<u8>) {
    let mut snappy = snap::raw::Encoder::new();
    for block in records.chunks(XERIAL_BLOCK_BYTES) {
        let packed = snappy.compress_vec(block).expect("a block is below 4 GiB");
        let length = u32::try_from(packed.len()).expect("a block is below 4 GiB");
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&packed);
    }
}
