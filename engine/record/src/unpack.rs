//! Compressed records as a stream of bytes, decoder by decoder, in bounded memory.
//!
//! Kept true: no more than the caller's bound comes out; beside the compressed bytes, which are
//! borrowed, a decoder holds at most its format's window and blocks: 64 KiB for gzip, 12 MiB for
//! lz4, `window_max` for zstd, `block_max` for snappy and a copy of a packed block that lies in
//! pieces.

use crate::codec::{Codec, XERIAL_HEAD};
use crate::read::BadRecords;
use crate::rope::{Cursor, Rope};
use crate::walk::{BadBytes, Bytes};
use std::io::{self, Read};

/// Bytes taken from a decoder at once.
const BUFFER_BYTES: usize = 16 * 1024;

/// The most that raw snappy can unpack to: 64 bytes from an element of three.
const SNAPPY_RATIO_MAX: usize = 22;

/// What an lz4 frame begins with. The decoder would also read the old "legacy" frames, which need
/// more memory and which Kafka never had.
const LZ4_MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];

/// What a zstd frame begins with.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Zstd's own limit for windows that are not asked for by hand, as a power of two: 128 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// How much may come out and how much memory may be held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes that may come out in all.
    pub(crate) bytes_max: usize,
    /// Bytes of a zstd window. A frame that asks for a larger one is unpacked only so far: nothing
    /// beyond what came out is touched of it.
    pub(crate) window_max: usize,
    /// Bytes of one raw snappy block, which must be held whole.
    pub(crate) block_max: usize,
}

/// The records of a batch, unpacked as they are asked for.
pub(crate) struct Unpacked<'a> {
    stream: Stream<'a>,
    buffer: Vec<u8>,
    /// What of the buffer has not been taken yet.
    at: usize,
    /// Bytes that may still come out of the stream.
    left: usize,
    bytes_max: usize,
}

enum Stream<'a> {
    Gzip(Box<flate2::bufread::MultiGzDecoder<Cursor<'a>>>),
    Snappy(Snappy<'a>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Cursor<'a>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Cursor<'a>>>),
}

impl<'a> Unpacked<'a> {
    /// A stream of what `packed` holds. `codec` is one that compresses.
    pub(crate) fn new(
        codec: Codec,
        packed: Rope<'a>,
        bounds: Bounds,
    ) -> Result<Unpacked<'a>, BadRecords> {
        let bad = |why: &str| Err(BadRecords::Decompress(why.to_owned()));
        let mut bytes_max = bounds.bytes_max;
        let mut magic = [0; 4];
        let has_magic = packed.copy_to(0, &mut magic);
        let stream = match codec {
            Codec::None => unreachable!("plain records are walked where they lie"),
            Codec::Gzip => {
                Stream::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(packed.cursor())))
            }
            Codec::Snappy => Stream::Snappy(Snappy::new(packed, bounds)),
            Codec::Lz4 => {
                if !has_magic || magic != LZ4_MAGIC {
                    return bad("no lz4 frame");
                }
                Stream::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(packed.cursor())))
            }
            Codec::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(packed.cursor());
                let mut decoder = decoder.map_err(|no| BadRecords::Decompress(no.to_string()))?;
                let mut log_max = bounds.window_max.max(1024).ilog2().min(ZSTD_WINDOW_LOG_MAX);
                if has_magic && zstd_window(packed) > 1 << log_max {
                    bytes_max = bytes_max.min(bounds.window_max);
                    log_max = ZSTD_WINDOW_LOG_MAX;
                }
                let set = decoder.window_log_max(log_max);
                set.map_err(|no| BadRecords::Decompress(no.to_string()))?;
                Stream::Zstd(Box::new(decoder))
            }
        };
        Ok(Unpacked { stream, buffer: Vec::new(), at: 0, left: bytes_max, bytes_max })
    }

    /// Fills the empty buffer; leaves it empty at the end of the stream.
    fn fill(&mut self) -> Result<(), BadBytes> {
        debug_assert_eq!(self.at, self.buffer.len());
        self.at = 0;
        // One byte more than is allowed tells "too much" from "all of it".
        let room = BUFFER_BYTES.min(self.left.saturating_add(1));
        self.buffer.resize(room, 0);
        let read = self.stream.read(&mut self.buffer);
        self.buffer.truncate(*read.as_ref().unwrap_or(&0));
        match read {
            Ok(n) if n > self.left => Err(BadBytes::TooLarge(self.bytes_max)),
            Ok(n) => {
                self.left -= n;
                Ok(())
            }
            Err(no) => Err(BadBytes::Stream(no.to_string())),
        }
    }
}

impl Bytes for Unpacked<'_> {
    fn chunk(&mut self) -> Result<&[u8], BadBytes> {
        if self.at == self.buffer.len() {
            self.fill()?;
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, n: usize) {
        self.at += n;
    }

    fn finish(&mut self) -> Result<bool, BadBytes> {
        if !self.chunk()?.is_empty() {
            return Ok(false);
        }
        // An lz4 decoder stops behind a frame; the others go on to the last byte by themselves.
        match &self.stream {
            Stream::Lz4(lz4) if lz4.get_ref().left() > 0 => {
                Err(BadBytes::Stream("bytes behind the lz4 frame".to_owned()))
            }
            Stream::Gzip(_) | Stream::Snappy(_) | Stream::Lz4(_) | Stream::Zstd(_) => Ok(true),
        }
    }
}

impl Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Gzip(gzip) => gzip.read(out),
            Stream::Snappy(snappy) => snappy.read(out),
            Stream::Lz4(lz4) => lz4.read(out),
            Stream::Zstd(zstd) => zstd.read(out),
        }
    }
}

/// The window that the first zstd frame asks for, in bytes; 0 if it is no frame (RFC 8878,
/// 3.1.1.1).
fn zstd_window(packed: Rope<'_>) -> u64 {
    let mut head = [0; 14];
    let n = head.len().min(packed.len());
    packed.copy_to(0, &mut head[..n]);
    if head[..4] != ZSTD_MAGIC {
        return 0;
    }
    let descriptor = head[4];
    let single_segment = descriptor & 0x20 != 0;
    if !single_segment {
        let (exponent, mantissa) = (head[5] >> 3, u64::from(head[5] & 7));
        let base = 1u64 << (10 + exponent);
        return base + base / 8 * mantissa;
    }
    // The window is the content, whose size stands behind the dictionary's id.
    let at = 5 + [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size =
        |n: usize| head[at..at + n].iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte));
    match descriptor >> 6 {
        0 => size(1),
        1 => size(2) + 256,
        2 => size(4),
        _ => u64::from_le_bytes(std::array::from_fn(|i| *head.get(at + i).unwrap_or(&0xff))),
    }
}

/// Snappy block by block: one raw block, or those of the Xerial framing.
struct Snappy<'a> {
    packed: Cursor<'a>,
    xerial: bool,
    begun: bool,
    bounds: Bounds,
    /// A block in one piece, where it did not lie so.
    scratch: Vec<u8>,
    block: Vec<u8>,
    at: usize,
}

impl<'a> Snappy<'a> {
    fn new(packed: Rope<'a>, bounds: Bounds) -> Snappy<'a> {
        let mut head = [0; XERIAL_HEAD.len()];
        // Versions are not looked at: there has been one in all those years.
        let xerial = packed.copy_to(0, &mut head) && head[..8] == XERIAL_HEAD[..8];
        let (scratch, block) = (Vec::new(), Vec::new());
        let packed = packed.cursor();
        Snappy { packed, xerial, begun: false, bounds, scratch, block, at: 0 }
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.block.len() {
            match self.next_block_bytes()? {
                Some(length) => self.unpack(length)?,
                None => return Ok(0),
            }
        }
        let n = out.len().min(self.block.len() - self.at);
        out[..n].copy_from_slice(&self.block[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }

    /// The packed length of the next block; none at the end.
    fn next_block_bytes(&mut self) -> io::Result<Option<usize>> {
        let left = self.packed.left();
        if !self.xerial {
            let is_first = !self.begun;
            self.begun = true;
            return Ok(is_first.then_some(left));
        }
        if !self.begun {
            self.packed.skip(XERIAL_HEAD.len());
            self.begun = true;
        }
        loop {
            if self.packed.left() == 0 {
                return Ok(None);
            }
            let mut length = [0; 4];
            self.packed.read_exact(&mut length)?;
            if length == XERIAL_HEAD[..4] {
                // Streams may be joined, each with its own head.
                if !self.packed.skip(XERIAL_HEAD.len() - length.len()) {
                    return Err(snappy_error("a head that is cut"));
                }
                continue;
            }
            let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(usize::MAX);
            if length > self.packed.left() {
                return Err(snappy_error("a block beyond the end"));
            }
            return Ok(Some(length));
        }
    }

    fn unpack(&mut self, length: usize) -> io::Result<()> {
        let chunk = self.packed.chunk();
        let packed = if chunk.len() >= length {
            self.packed.skip(length);
            &chunk[..length]
        } else {
            self.scratch.resize(length, 0);
            self.packed.read_exact(&mut self.scratch)?;
            &self.scratch
        };
        let size = snap::raw::decompress_len(packed).map_err(snappy_error)?;
        if size > length.saturating_mul(SNAPPY_RATIO_MAX).saturating_add(64) {
            return Err(snappy_error("a block that claims more than it can hold"));
        }
        if size > self.bounds.block_max.min(self.bounds.bytes_max) {
            return Err(snappy_error("a block that is too large"));
        }
        self.block.clear();
        self.block.resize(size, 0);
        self.at = 0;
        let unpacked = snap::raw::Decoder::new().decompress(packed, &mut self.block);
        let unpacked = unpacked.map_err(snappy_error)?;
        debug_assert_eq!(unpacked, size);
        Ok(())
    }
}

fn snappy_error(why: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("snappy: {why}"))
}

#[cfg(test)]
#[path = "unpack_test.rs"]
mod unpack_test;
