//! Writes the protocol's values into a frame, and leaves gaps where record bytes go.
//!
//! Kept true: no piece of memory is larger than [`REQUEST_ALLOC_BYTES_MAX`]; what cannot be encoded
//! is remembered and told once, by [`Writer::finish`], and no half-true frame comes out.

use std::ops::Range;

use engine_base::Uuid;
use engine_base::limits::{FRAME_BYTES_MAX, REQUEST_ALLOC_BYTES_MAX, WIRE_STRING_BYTES_MAX};

use super::{Bytes, FrameRange, List, WireError};

const FIRST_CHUNK_BYTES: usize = 256;

/// Collects the bytes of one frame.
#[derive(Debug, Default)]
pub struct Writer {
    /// Chunks that are done.
    done: Vec<Vec<u8>>,
    /// The chunk that is being written.
    now: Vec<u8>,
    /// Bytes in `done`.
    done_bytes: usize,
    gaps: List<Gap>,
    gap_bytes: usize,
    /// Whether the first four bytes are to be the frame's length.
    framed: bool,
    /// The first thing that could not be encoded.
    fault: Option<WireError>,
}

/// Where bytes are to be put in: after `at` bytes of the writer's own.
#[derive(Clone, Copy, Debug)]
struct Gap {
    at: usize,
    len: usize,
}

impl Writer {
    /// Writes a message alone.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// Writes a frame: its length goes before it, in four bytes.
    pub fn framed() -> Writer {
        let mut writer = Writer { framed: true, ..Writer::default() };
        writer.int32(0);
        writer
    }

    /// Writes a frame into memory that was used before, so that a small one allocates nothing.
    pub fn framed_in(mut memory: Vec<u8>) -> Writer {
        memory.clear();
        let mut writer = Writer { framed: true, now: memory, ..Writer::default() };
        writer.int32(0);
        writer
    }

    fn written(&self) -> usize {
        self.done_bytes + self.now.len()
    }

    /// Makes room for `bytes`, which are few, in one chunk.
    #[inline]
    fn room(&mut self, bytes: usize) {
        if self.now.capacity() - self.now.len() < bytes {
            self.grow(bytes);
        }
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        let wish = (self.now.capacity() * 2).max(FIRST_CHUNK_BYTES).max(self.now.len() + bytes);
        if wish <= REQUEST_ALLOC_BYTES_MAX {
            self.now.reserve_exact(wish - self.now.len());
        } else {
            let full =
                std::mem::replace(&mut self.now, Vec::with_capacity(REQUEST_ALLOC_BYTES_MAX));
            self.done_bytes += full.len();
            self.done.push(full);
        }
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, bytes: [u8; N]) {
        self.room(N);
        self.now.extend_from_slice(&bytes);
    }

    fn raw(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.room(bytes.len().min(REQUEST_ALLOC_BYTES_MAX / 4));
            let fit = bytes.len().min(self.now.capacity() - self.now.len());
            let (now, later) = bytes.split_at(fit);
            self.now.extend_from_slice(now);
            bytes = later;
        }
    }

    /// A flag.
    pub fn bool(&mut self, value: bool) {
        self.fixed([u8::from(value)]);
    }

    /// One byte, signed.
    pub fn int8(&mut self, value: i8) {
        self.fixed(value.to_be_bytes());
    }

    /// Two bytes, signed.
    pub fn int16(&mut self, value: i16) {
        self.fixed(value.to_be_bytes());
    }

    /// Two bytes, unsigned.
    pub fn uint16(&mut self, value: u16) {
        self.fixed(value.to_be_bytes());
    }

    /// Four bytes, signed.
    pub fn int32(&mut self, value: i32) {
        self.fixed(value.to_be_bytes());
    }

    /// Eight bytes, signed.
    pub fn int64(&mut self, value: i64) {
        self.fixed(value.to_be_bytes());
    }

    /// Eight bytes, IEEE 754.
    pub fn float64(&mut self, value: f64) {
        self.fixed(value.to_be_bytes());
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self, value: Uuid) {
        self.fixed(value.0);
    }

    /// An unsigned number in as few seven-bit groups as it takes, the lowest first.
    pub fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.fixed([value as u8 | 0x80]);
            value >>= 7;
        }
        self.fixed([value as u8]);
    }

    /// The length of bytes, records or an array; `None` for null.
    pub(crate) fn length(&mut self, flex: bool, length: Option<usize>) {
        // Beyond the longest frame it cannot be sent; `finish` then says so.
        let length = length.map(|length| length.min(FRAME_BYTES_MAX + 1) as u32);
        match (flex, length) {
            (true, length) => self.unsigned_varint(length.map_or(0, |length| length + 1)),
            (false, length) => self.int32(length.map_or(-1, u32::cast_signed)),
        }
    }

    /// A string.
    pub fn string(&mut self, flex: bool, text: &str) {
        self.string_or_null(flex, false, Some(text));
    }

    /// A string that may be null where `null`, and else is written as empty.
    pub fn string_or_null(&mut self, flex: bool, null: bool, text: Option<&str>) {
        let mut text = if null { text } else { Some(text.unwrap_or_default()) };
        if text.is_some_and(|text| text.len() > WIRE_STRING_BYTES_MAX) {
            self.fault.get_or_insert(WireError::StringTooLong);
            text = None;
        }
        let length = text.map(str::len);
        match flex {
            true => self.length(true, length),
            // Fits: it has been compared with the longest.
            false => self.int16(length.map_or(-1, |length| length as i16)),
        }
        self.raw(text.unwrap_or_default().as_bytes());
    }

    /// Opaque bytes.
    pub fn bytes(&mut self, flex: bool, bytes: &Bytes) {
        self.bytes_or_null(flex, false, Some(bytes));
    }

    /// Opaque bytes that may be null where `null`, and else are written as empty.
    pub fn bytes_or_null(&mut self, flex: bool, null: bool, bytes: Option<&Bytes>) {
        match bytes {
            None => self.length(flex, if null { None } else { Some(0) }),
            Some(bytes) => {
                self.length(flex, Some(bytes.len()));
                for chunk in bytes.chunks() {
                    self.raw(chunk);
                }
            }
        }
    }

    /// A gap for record bytes.
    pub fn records(&mut self, flex: bool, records: FrameRange) {
        self.records_or_null(flex, false, Some(records));
    }

    /// A gap for record bytes, or null where `null`, and else an empty gap.
    pub fn records_or_null(&mut self, flex: bool, null: bool, records: Option<FrameRange>) {
        let Some(records) = records else {
            return self.length(flex, if null { None } else { Some(0) });
        };
        self.length(flex, Some(records.len));
        if records.len > 0 {
            self.gaps.push(Gap { at: self.written(), len: records.len });
            self.gap_bytes += records.len;
        }
    }

    /// An array.
    pub fn array<T>(
        &mut self,
        flex: bool,
        list: &List<T>,
        version: i16,
        write: fn(&T, &mut Writer, i16),
    ) {
        self.array_or_null(flex, false, Some(list), version, write);
    }

    /// An array that may be null where `null`, and else is written as empty.
    pub fn array_or_null<T>(
        &mut self,
        flex: bool,
        null: bool,
        list: Option<&List<T>>,
        version: i16,
        write: fn(&T, &mut Writer, i16),
    ) {
        let Some(list) = list else {
            return self.length(flex, if null { None } else { Some(0) });
        };
        self.length(flex, Some(list.len()));
        for element in list {
            write(element, self, version);
        }
    }

    /// A struct, or null. Where null is not allowed the struct's default is written.
    pub fn struct_or_null<T: Default>(
        &mut self,
        null: bool,
        value: Option<&T>,
        version: i16,
        write: fn(&T, &mut Writer, i16),
    ) {
        match value {
            None if null => self.int8(-1),
            None => {
                self.int8(1);
                write(&T::default(), self, version);
            }
            Some(value) => {
                self.int8(1);
                write(value, self, version);
            }
        }
    }

    /// An empty section of tagged fields.
    pub fn no_tags(&mut self) {
        self.fixed([0]);
    }

    /// A section of tagged fields.
    pub fn tags(&mut self, tags: Tags) {
        self.unsigned_varint(tags.count);
        self.absorb(tags.body);
    }

    fn absorb(&mut self, other: Writer) {
        assert!(other.gaps.is_empty(), "records never stand in a tagged field");
        for chunk in other.done.iter().chain([&other.now]) {
            self.raw(chunk);
        }
        if let Some(fault) = other.fault {
            self.fault.get_or_insert(fault);
        }
    }

    /// The frame in one piece of memory, for small ones without record bytes, or why it cannot be
    /// sent. Panics where there are record bytes to be put in.
    pub fn finish_small(self) -> Result<Vec<u8>, WireError> {
        assert!(self.gaps.is_empty(), "no gaps in a frame of one piece");
        if !self.done.is_empty() || self.fault.is_some() {
            return Ok(self.finish()?.join(&[]));
        }
        let mut frame = self.now;
        if self.framed {
            let after = frame.len() - 4;
            frame[..4].copy_from_slice(&(after as u32).to_be_bytes());
        }
        Ok(frame)
    }

    /// The frame, or why it cannot be sent.
    pub fn finish(mut self) -> Result<Encoded, WireError> {
        let len = self.written() + self.gap_bytes;
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if len > FRAME_BYTES_MAX {
            return Err(WireError::FrameTooLong);
        }
        self.done.push(self.now);
        if self.framed {
            let after = len - 4;
            self.done[0][..4].copy_from_slice(&(after as u32).to_be_bytes());
        }
        Ok(Encoded { chunks: self.done, gaps: self.gaps, len })
    }
}

/// The tagged fields of one struct, collected before they can be counted. Give them in order.
#[derive(Debug, Default)]
pub struct Tags {
    count: u32,
    body: Writer,
}

impl Tags {
    /// None yet; takes no memory.
    pub fn none() -> Tags {
        Tags::default()
    }

    /// Adds the field `number` with what `write` writes.
    pub fn field(&mut self, number: u32, write: impl FnOnce(&mut Writer)) {
        let mut value = Writer::new();
        write(&mut value);
        self.count += 1;
        self.body.unsigned_varint(number);
        // Fits: a longer one is refused by `finish`.
        self.body.unsigned_varint(value.written() as u32);
        self.body.absorb(value);
    }
}

/// A frame whose record bytes are still to be put in.
#[derive(Debug)]
pub struct Encoded {
    chunks: Vec<Vec<u8>>,
    gaps: List<Gap>,
    len: usize,
}

/// What follows next in an encoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This part of that chunk.
    Written {
        /// Which of [`Encoded::chunks`].
        chunk: usize,
        /// Its bytes.
        bytes: Range<usize>,
    },
    /// As many record bytes: of the next non-empty records field, in the order of encoding.
    Gap {
        /// How many bytes.
        len: usize,
    },
}

impl Encoded {
    /// The bytes that were written, in pieces of at most 128 KiB, gaps left out.
    pub fn chunks(&self) -> &[Vec<u8>] {
        &self.chunks
    }

    /// Bytes in all, gaps included, and the length before them if it is a frame.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether record bytes are to be put in.
    pub fn has_gaps(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// The written parts and the gaps, in the order in which they go to the wire.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> {
        let mut gaps = self.gaps.iter().peekable();
        let mut chunk = 0;
        let mut from = 0;
        let mut before = 0;
        std::iter::from_fn(move || {
            loop {
                let here = self.chunks.get(chunk)?.len();
                let gap = gaps.peek().filter(|gap| gap.at <= before + here);
                let until = gap.map_or(here, |gap| gap.at - before);
                if from < until {
                    let bytes = from..until;
                    from = until;
                    return Some(Piece::Written { chunk, bytes });
                }
                if let Some(len) = gap.map(|gap| gap.len) {
                    gaps.next();
                    return Some(Piece::Gap { len });
                }
                before += here;
                chunk += 1;
                from = 0;
            }
        })
    }

    /// All bytes in one piece, the gaps filled with `records` in their order: for clients, tools
    /// and tests, not for the request path. Panics where the lengths do not agree.
    pub fn join(&self, records: &[&[u8]]) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len);
        let mut records = records.iter().filter(|records| !records.is_empty());
        for piece in self.pieces() {
            match piece {
                Piece::Written { chunk, bytes } => {
                    all.extend_from_slice(&self.chunks[chunk][bytes])
                }
                Piece::Gap { len } => {
                    let fill = records.next().expect("because every gap has its records");
                    assert_eq!(fill.len(), len, "a gap has the length of its records");
                    all.extend_from_slice(fill);
                }
            }
        }
        assert!(records.next().is_none(), "more records than gaps");
        all
    }
}

#[cfg(test)]
#[path = "writer_test.rs"]
mod writer_test;
