//! Reads the protocol's values from a frame that lies in several slices.
//!
//! Kept true: nothing is allocated for a length before the bytes that it counts are known to be
//! there; what is allocated in all stays within the reader's budget.

use std::borrow::Cow;

use engine_base::Uuid;
use engine_base::limits::{
    DECODE_EXPANSION_MAX, DECODE_SLACK_BYTES, TAGGED_FIELDS_MAX, WIRE_STRING_BYTES_MAX,
};

use super::{Bytes, List, WireError};

/// Bytes by their place: in a decoded message counted from the first byte the reader was given;
/// in a message to be encoded only `len` counts, and leaves a gap of that many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameRange {
    /// The first byte.
    pub start: usize,
    /// How many bytes.
    pub len: usize,
}

impl FrameRange {
    /// For a message to be encoded: bytes that will be put in later.
    pub fn gap(len: usize) -> FrameRange {
        FrameRange { start: 0, len }
    }

    /// One past the last byte.
    pub fn end(self) -> usize {
        self.start + self.len
    }
}

/// A tagged field whose value comes next.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// Which field.
    pub number: u32,
    /// Bytes that remain behind its value.
    behind: usize,
}

/// A place in a frame. A copy reads on from the same place, with its own budget.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// The unread rest of the slice that is being read.
    now: &'a [u8],
    /// The slices after it.
    later: &'a [&'a [u8]],
    /// Unread bytes, in `now` and `later`.
    remaining: usize,
    /// Bytes there were at first.
    total: usize,
    /// Bytes that may still be allocated.
    budget: usize,
    /// Unknown tagged fields met so far.
    unknown_tags: usize,
}

type Read<T> = Result<T, WireError>;

impl<'a> Reader<'a> {
    /// Reads from the first byte of `slices`, with the budget of a stranger's frame.
    pub fn new(slices: &'a [&'a [u8]]) -> Reader<'a> {
        let total = slices.iter().map(|slice| slice.len()).sum();
        let (now, later) =
            slices.split_first().map_or((&[][..], slices), |(now, later)| (*now, later));
        let budget = DECODE_EXPANSION_MAX * total + DECODE_SLACK_BYTES;
        Reader { now, later, remaining: total, total, budget, unknown_tags: 0 }
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.remaining
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.total - self.remaining
    }

    /// Counts `bytes` that are about to be allocated.
    fn charge(&mut self, bytes: usize) -> Read<()> {
        self.budget = self.budget.checked_sub(bytes).ok_or(WireError::ExpandsTooMuch)?;
        Ok(())
    }

    /// Refuses to go on where fewer than `bytes` remain.
    fn need(&self, bytes: usize) -> Read<()> {
        if bytes <= self.remaining { Ok(()) } else { Err(WireError::Truncated) }
    }

    /// The longest next piece that lies in one slice, up to `most` bytes. `most` must remain.
    fn piece(&mut self, most: usize) -> &'a [u8] {
        while self.now.is_empty() {
            let Some((now, later)) = self.later.split_first() else { return &[] };
            (self.now, self.later) = (now, later);
        }
        let (piece, rest) = self.now.split_at(most.min(self.now.len()));
        self.now = rest;
        self.remaining -= piece.len();
        piece
    }

    #[inline]
    fn fixed<const N: usize>(&mut self) -> Read<[u8; N]> {
        if let Some((bytes, rest)) = self.now.split_first_chunk::<N>() {
            self.now = rest;
            self.remaining -= N;
            return Ok(*bytes);
        }
        self.fixed_across()
    }

    #[cold]
    fn fixed_across<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.need(N)?;
        let mut bytes = [0; N];
        let mut have = 0;
        while have < N {
            let piece = self.piece(N - have);
            bytes[have..have + piece.len()].copy_from_slice(piece);
            have += piece.len();
        }
        Ok(bytes)
    }

    /// Passes over `bytes`.
    #[inline]
    pub fn skip(&mut self, bytes: usize) -> Read<()> {
        if let Some(rest) = self.now.get(bytes..) {
            self.now = rest;
            self.remaining -= bytes;
            return Ok(());
        }
        self.skip_across(bytes)
    }

    #[cold]
    fn skip_across(&mut self, mut bytes: usize) -> Read<()> {
        self.need(bytes)?;
        while bytes > 0 {
            bytes -= self.piece(bytes).len();
        }
        Ok(())
    }

    /// A flag: every byte but 0 is true, as for Kafka.
    pub fn bool(&mut self) -> Read<bool> {
        Ok(self.fixed::<1>()? != [0])
    }

    /// One byte, signed.
    pub fn int8(&mut self) -> Read<i8> {
        Ok(i8::from_be_bytes(self.fixed()?))
    }

    /// Two bytes, signed.
    pub fn int16(&mut self) -> Read<i16> {
        Ok(i16::from_be_bytes(self.fixed()?))
    }

    /// Two bytes, unsigned.
    pub fn uint16(&mut self) -> Read<u16> {
        Ok(u16::from_be_bytes(self.fixed()?))
    }

    /// Four bytes, signed.
    pub fn int32(&mut self) -> Read<i32> {
        Ok(i32::from_be_bytes(self.fixed()?))
    }

    /// Eight bytes, signed.
    pub fn int64(&mut self) -> Read<i64> {
        Ok(i64::from_be_bytes(self.fixed()?))
    }

    /// Eight bytes, IEEE 754.
    pub fn float64(&mut self) -> Read<f64> {
        Ok(f64::from_be_bytes(self.fixed()?))
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self) -> Read<Uuid> {
        Ok(Uuid(self.fixed()?))
    }

    /// An unsigned number in seven-bit groups, the lowest first. Padding is accepted within five
    /// bytes, and what the fifth holds beyond 32 bits is dropped, as Kafka does.
    #[inline]
    pub fn unsigned_varint(&mut self) -> Read<u32> {
        if let Some((byte @ 0..0x80, rest)) = self.now.split_first() {
            self.now = rest;
            self.remaining -= 1;
            return Ok(u32::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Read<u32> {
        let mut value = 0;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.fixed()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WireError::NumberTooLong)
    }

    /// A compact length: one more than it counts, 0 for null.
    fn compact_length(&mut self) -> Read<Option<usize>> {
        Ok(self.unsigned_varint()?.checked_sub(1).map(|length| length as usize))
    }

    fn classic_length(length: i32) -> Read<Option<usize>> {
        match length {
            -1 => Ok(None),
            _ => usize::try_from(length).map(Some).map_err(|_| WireError::NegativeLength),
        }
    }

    /// The length of a string; `None` for null.
    fn string_length(&mut self, flex: bool) -> Read<Option<usize>> {
        let length = match flex {
            true => self.compact_length()?,
            false => Self::classic_length(i32::from(self.int16()?))?,
        };
        match length {
            Some(length) if length > WIRE_STRING_BYTES_MAX => Err(WireError::StringTooLong),
            _ => Ok(length),
        }
    }

    /// The length of bytes, records or an array; `None` for null.
    #[inline]
    pub(crate) fn length(&mut self, flex: bool) -> Read<Option<usize>> {
        match flex {
            true => self.compact_length(),
            false => Self::classic_length(self.int32()?),
        }
    }

    /// A string, borrowed where it lies in one slice. Bytes that are not UTF-8 become replacement
    /// characters, as in Java: no name that holds one is valid.
    pub(crate) fn text_or_null(&mut self, flex: bool) -> Read<Option<Cow<'a, str>>> {
        let Some(length) = self.string_length(flex)? else { return Ok(None) };
        self.need(length)?;
        if length <= self.now.len() {
            return Ok(Some(self.owned_if_broken(length)?));
        }
        self.charge(length)?;
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            bytes.extend_from_slice(self.piece(length - bytes.len()));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Cow::Owned(text))),
            Err(error) => Ok(Some(Cow::Owned(self.replaced(error.as_bytes())?))),
        }
    }

    /// The next `length` bytes, which lie in one slice, as text.
    fn owned_if_broken(&mut self, length: usize) -> Read<Cow<'a, str>> {
        let bytes = self.piece(length);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(_) => Ok(Cow::Owned(self.replaced(bytes)?)),
        }
    }

    /// `bytes` with replacement characters, in exactly the memory that it takes.
    #[cold]
    fn replaced(&mut self, bytes: &[u8]) -> Read<String> {
        let mark = char::REPLACEMENT_CHARACTER;
        let long = |chunk: std::str::Utf8Chunk<'_>| {
            chunk.valid().len() + if chunk.invalid().is_empty() { 0 } else { mark.len_utf8() }
        };
        let length = bytes.utf8_chunks().map(long).sum();
        self.charge(length)?;
        let mut text = String::with_capacity(length);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(mark);
            }
        }
        Ok(text)
    }

    /// A string.
    pub fn string(&mut self, flex: bool) -> Read<String> {
        self.string_or_null(flex, true)?.ok_or(WireError::Null)
    }

    /// A string that may be null where `null`.
    pub fn string_or_null(&mut self, flex: bool, null: bool) -> Read<Option<String>> {
        match self.text_or_null(flex)? {
            None if null => Ok(None),
            None => Err(WireError::Null),
            Some(Cow::Owned(text)) => Ok(Some(text)),
            Some(Cow::Borrowed(text)) => {
                self.charge(text.len())?;
                Ok(Some(text.to_owned()))
            }
        }
    }

    /// Opaque bytes.
    pub fn bytes(&mut self, flex: bool) -> Read<Bytes> {
        self.bytes_or_null(flex, true)?.ok_or(WireError::Null)
    }

    /// Opaque bytes that may be null where `null`.
    pub fn bytes_or_null(&mut self, flex: bool, null: bool) -> Read<Option<Bytes>> {
        let Some(length) = self.length(flex)? else {
            return if null { Ok(None) } else { Err(WireError::Null) };
        };
        self.need(length)?;
        self.charge(length)?;
        let mut bytes = Bytes::new();
        let mut left = length;
        while left > 0 {
            if bytes.is_full() {
                let step = bytes.next_step(left);
                bytes.add_chunk(step);
            }
            let piece = self.piece(left);
            bytes.extend_from_slice(piece);
            left -= piece.len();
        }
        Ok(Some(bytes))
    }

    /// Record bytes: passed over, and named by their place.
    pub fn records(&mut self, flex: bool) -> Read<FrameRange> {
        self.records_or_null(flex, true)?.ok_or(WireError::Null)
    }

    /// Record bytes that may be null where `null`.
    #[inline]
    pub fn records_or_null(&mut self, flex: bool, null: bool) -> Read<Option<FrameRange>> {
        let Some(len) = self.length(flex)? else {
            return if null { Ok(None) } else { Err(WireError::Null) };
        };
        let start = self.position();
        self.skip(len)?;
        Ok(Some(FrameRange { start, len }))
    }

    /// An array whose elements take at least `least` bytes each.
    pub fn array<T>(
        &mut self,
        flex: bool,
        least: usize,
        version: i16,
        read: fn(&mut Reader<'a>, i16) -> Read<T>,
    ) -> Read<List<T>> {
        self.array_or_null(flex, true, least, version, read)?.ok_or(WireError::Null)
    }

    /// An array that may be null where `null`.
    pub fn array_or_null<T>(
        &mut self,
        flex: bool,
        null: bool,
        least: usize,
        version: i16,
        read: fn(&mut Reader<'a>, i16) -> Read<T>,
    ) -> Read<Option<List<T>>> {
        let Some(count) = self.count(flex, least)? else {
            return if null { Ok(None) } else { Err(WireError::Null) };
        };
        let mut list = List::new();
        for done in 0..count {
            if list.is_full() {
                let step = list.next_step(count - done);
                self.charge(step * size_of::<T>())?;
                list.add_chunk(step);
            }
            list.push(read(self, version)?);
        }
        Ok(Some(list))
    }

    /// The count of an array, which what remains can hold; `None` for null.
    pub(crate) fn count(&mut self, flex: bool, least: usize) -> Read<Option<usize>> {
        let count = self.length(flex)?;
        match count {
            Some(count) if count > self.remaining / least => Err(WireError::Truncated),
            _ => Ok(count),
        }
    }

    /// A struct that may be null where `null`: a byte, negative for null, goes before it.
    pub fn struct_or_null<T>(
        &mut self,
        null: bool,
        version: i16,
        read: fn(&mut Reader<'a>, i16) -> Read<T>,
    ) -> Read<Option<T>> {
        if self.int8()? >= 0 {
            read(self, version).map(Some)
        } else if null {
            Ok(None)
        } else {
            Err(WireError::Null)
        }
    }

    /// How many tagged fields follow.
    #[inline]
    pub fn tag_count(&mut self) -> Read<u32> {
        let count = self.unsigned_varint()?;
        // Each has at least a number and a length.
        self.need(2usize.saturating_mul(count as usize))?;
        Ok(count)
    }

    /// The number and length of a tagged field. Any order is accepted, and any repetition.
    pub fn tag(&mut self) -> Read<Tag> {
        let number = self.unsigned_varint()?;
        let length = self.unsigned_varint()? as usize;
        self.need(length)?;
        Ok(Tag { number, behind: self.remaining - length })
    }

    /// Counts a tagged field that nobody here knows.
    pub fn unknown_tag(&mut self) -> Read<()> {
        self.unknown_tags += 1;
        if self.unknown_tags <= TAGGED_FIELDS_MAX { Ok(()) } else { Err(WireError::TooManyTags) }
    }

    /// Goes to the end of `tag`, over whatever of it has not been read.
    pub fn end_tag(&mut self, tag: Tag) -> Read<()> {
        let left = self.remaining.checked_sub(tag.behind).ok_or(WireError::TagTooLong)?;
        self.skip(left)
    }

    /// Passes over tagged fields none of which is known here.
    #[inline]
    pub fn skip_tags(&mut self) -> Read<()> {
        match self.tag_count()? {
            0 => Ok(()),
            count => self.skip_some_tags(count),
        }
    }

    #[cold]
    fn skip_some_tags(&mut self, count: u32) -> Read<()> {
        for _ in 0..count {
            let tag = self.tag()?;
            self.unknown_tag()?;
            self.end_tag(tag)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "reader_test.rs"]
mod reader_test;
