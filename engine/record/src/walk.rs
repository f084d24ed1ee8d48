//! The records of a batch, walked field by field wherever their bytes come from.
//!
//! A record (Kafka protocol guide, "Record"): its length, attributes, timestamp delta, offset
//! delta, key, value and headers; lengths and deltas are zigzag varints, a length of -1 is null.
//! Padded varints are read as Kafka reads them: at most 5 bytes for 32 bits, 10 for 64.
//!
//! Kept true: nothing is allocated and no length is believed before its bytes were there.

use crate::rope::Cursor;
use std::ops::Range;

/// Bytes that come in chunks: a rope's, or those of a decoder.
pub(crate) trait Bytes {
    /// Bytes that lie together here; empty only at the end.
    fn chunk(&mut self) -> Result<&[u8], BadBytes>;

    /// Moves on over `n` bytes of the chunk.
    fn consume(&mut self, n: usize);

    /// Whether this is the end, with all that must stand there.
    fn finish(&mut self) -> Result<bool, BadBytes> {
        Ok(self.chunk()?.is_empty())
    }

    /// The next byte.
    fn byte(&mut self) -> Result<u8, BadBytes> {
        let byte = *self.chunk()?.first().ok_or(BadBytes::End)?;
        self.consume(1);
        Ok(byte)
    }

    /// Moves on over `n` bytes.
    fn skip(&mut self, n: usize) -> Result<(), BadBytes> {
        let mut n = n;
        while n > 0 {
            let here = self.chunk()?.len().min(n);
            if here == 0 {
                return Err(BadBytes::End);
            }
            self.consume(here);
            n -= here;
        }
        Ok(())
    }
}

/// Why bytes do not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadBytes {
    /// There are no more.
    End,
    /// They cannot be unpacked.
    Stream(String),
    /// More came out than is allowed, in bytes.
    TooLarge(usize),
    /// A record breaks the format.
    Format(&'static str),
}

impl Bytes for Cursor<'_> {
    fn chunk(&mut self) -> Result<&[u8], BadBytes> {
        Ok(Cursor::chunk(self))
    }

    fn consume(&mut self, n: usize) {
        std::io::BufRead::consume(self, n);
    }

    fn byte(&mut self) -> Result<u8, BadBytes> {
        Cursor::byte(self).ok_or(BadBytes::End)
    }

    fn skip(&mut self, n: usize) -> Result<(), BadBytes> {
        if Cursor::skip(self, n) { Ok(()) } else { Err(BadBytes::End) }
    }
}

impl Bytes for &[u8] {
    fn chunk(&mut self) -> Result<&[u8], BadBytes> {
        Ok(self)
    }

    fn consume(&mut self, n: usize) {
        *self = &self[n..];
    }
}

/// The fewest bytes a record takes: its length, attributes, two deltas, two null lengths and its
/// number of headers.
pub(crate) const RECORD_BYTES_MIN: usize = 7;

/// What a record is made of; places are counted from the first byte after its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) timestamp_delta: i64,
    pub(crate) offset_delta: i32,
    pub(crate) key: Option<Range<usize>>,
    pub(crate) value: Option<Range<usize>>,
    pub(crate) header_count: usize,
    /// Where the headers begin: behind their number.
    pub(crate) headers_at: usize,
}

/// The length of the next record, which is not negative.
pub(crate) fn record_length(bytes: &mut impl Bytes) -> Result<usize, BadBytes> {
    let mut field = Fields { bytes, at: 0, length: usize::MAX };
    let length = field.varint()?;
    usize::try_from(length).map_err(|_| BadBytes::Format("its length is negative"))
}

/// Walks over one record of this length. Its bytes are consumed to the last.
pub(crate) fn record(bytes: &mut impl Bytes, length: usize) -> Result<Shape, BadBytes> {
    // Nearly all records lie in one piece, where fields are found twice as fast.
    if let Some(mut whole) = bytes.chunk()?.get(..length) {
        let shape = fields(&mut whole, length)?;
        bytes.consume(length);
        return Ok(shape);
    }
    fields(bytes, length)
}

fn fields(bytes: &mut impl Bytes, length: usize) -> Result<Shape, BadBytes> {
    let mut fields = Fields { bytes, at: 0, length };
    fields.byte()?; // Attributes: no bit has a meaning, and Kafka takes all.
    let timestamp_delta = fields.varlong()?;
    let offset_delta = fields.varint()?;
    let key = fields.span()?;
    let value = fields.span()?;
    let header_count = fields.varint()?;
    let header_count = usize::try_from(header_count)
        .map_err(|_| BadBytes::Format("its number of headers is negative"))?;
    let headers_at = fields.at;
    for _ in 0..header_count {
        fields.header()?;
    }
    if fields.at != length {
        return Err(BadBytes::Format("its fields end before its length"));
    }
    Ok(Shape { timestamp_delta, offset_delta, key, value, header_count, headers_at })
}

/// The next of headers that were walked once: its key and its value.
pub(crate) fn header(bytes: &mut &[u8]) -> Result<(Range<usize>, Option<Range<usize>>), BadBytes> {
    let length = bytes.len();
    Fields { bytes, at: 0, length }.header()
}

/// The fields of one record, which end within its length.
struct Fields<'b, B: Bytes> {
    bytes: &'b mut B,
    at: usize,
    length: usize,
}

const BEYOND: BadBytes = BadBytes::Format("a field goes beyond its length");

impl<B: Bytes> Fields<'_, B> {
    fn byte(&mut self) -> Result<u8, BadBytes> {
        if self.at == self.length {
            return Err(BEYOND);
        }
        self.at += 1;
        self.bytes.byte()
    }

    fn varint(&mut self) -> Result<i32, BadBytes> {
        let mut bits: u32 = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            bits |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed());
            }
        }
        Err(BadBytes::Format("a number has more than five bytes"))
    }

    fn varlong(&mut self) -> Result<i64, BadBytes> {
        let mut bits: u64 = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            bits |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed());
            }
        }
        Err(BadBytes::Format("a number has more than ten bytes"))
    }

    /// A length, and as many bytes; none for null.
    fn span(&mut self) -> Result<Option<Range<usize>>, BadBytes> {
        let length = self.varint()?;
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length)
            .map_err(|_| BadBytes::Format("the length of a field is negative"))?;
        if length > self.length - self.at {
            return Err(BEYOND);
        }
        self.bytes.skip(length)?;
        self.at += length;
        Ok(Some(self.at - length..self.at))
    }

    fn header(&mut self) -> Result<(Range<usize>, Option<Range<usize>>), BadBytes> {
        let key = self.span()?.ok_or(BadBytes::Format("the key of a header is null"))?;
        Ok((key, self.span()?))
    }
}

/// Appends a zigzag varint.
pub(crate) fn put_varlong(n: i64, out: &mut Vec<u8>) {
    let mut bits = ((n << 1) ^ (n >> 63)).cast_unsigned();
    while bits > 0x7f {
        out.push(bits.to_le_bytes()[0] | 0x80);
        bits >>= 7;
    }
    out.push(bits.to_le_bytes()[0]);
}
