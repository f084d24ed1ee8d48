//! One request's bytes, lent from the buffers that the socket filled.
//!
//! Kept true: cutting a frame copies nothing; a frame that crosses buffers is a list of slices in
//! order, none of them empty.

use engine_rt::Slice;
use net_wire::{FrameRange, Reader};
use replication_shard::BatchBytes;

/// The bytes of one request, without the length before them.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    first: Slice,
    /// Empty for all but the frames that cross receive buffers.
    rest: Vec<Slice>,
    len: usize,
}

impl Frame {
    /// A frame of these pieces.
    pub(crate) fn of(first: Slice, rest: Vec<Slice>) -> Frame {
        let len = first.len() + rest.iter().map(|piece| piece.len()).sum::<usize>();
        assert!(rest.iter().all(|piece| !piece.is_empty()), "no empty pieces");
        Frame { first, rest, len }
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Reads it from its first byte.
    pub(crate) fn read<T>(&self, read: impl FnOnce(Reader<'_>) -> T) -> T {
        if self.rest.is_empty() {
            return read(Reader::new(&[&self.first]));
        }
        let pieces: Vec<&[u8]> = self.pieces().map(|piece| &**piece).collect();
        read(Reader::new(&pieces))
    }

    /// The pieces in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Slice> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// The bytes of a range that the decoder found, by reference.
    pub(crate) fn range(&self, range: FrameRange) -> BatchBytes {
        let (start, end) = (range.start, range.start + range.len);
        assert!(end <= self.len, "the decoder finds ranges within the frame");
        if self.rest.is_empty() {
            return BatchBytes::One(self.first.slice(start..end));
        }
        let mut found = Vec::new();
        let mut at = 0;
        for piece in self.pieces() {
            let (from, to) = (start.max(at), end.min(at + piece.len()));
            if from < to {
                found.push(piece.slice(from - at..to - at));
            }
            at += piece.len();
        }
        BatchBytes::from(found)
    }
}
