//! A run of bytes that lies in pieces: what came off the wire or out of a tail, without copying.
//!
//! Kept true: a rope borrows; its length is the sum of its pieces, and slicing it costs at most a
//! walk over its pieces.

use std::ops::Range;

/// A run of bytes in pieces. Cheap to copy: it borrows the list of pieces and the pieces.
#[derive(Clone, Copy, Debug)]
pub struct Rope<'a> {
    /// The first piece holds the byte at `skip`, unless the rope is empty.
    pieces: &'a [&'a [u8]],
    skip: usize,
    len: usize,
}

impl<'a> Rope<'a> {
    /// All bytes of `pieces`, in order. Pieces may be empty.
    pub fn new(pieces: &'a [&'a [u8]]) -> Rope<'a> {
        let len = pieces.iter().map(|piece| piece.len()).sum();
        Rope { pieces, skip: 0, len }
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of `range`, as a rope over the same memory.
    ///
    /// Panics if the range ends beyond the rope, as slicing does.
    pub fn slice(&self, range: Range<usize>) -> Rope<'a> {
        assert!(range.start <= range.end && range.end <= self.len, "a range inside the rope");
        let mut pieces = self.pieces;
        let mut skip = self.skip + range.start;
        while let Some((first, rest)) = pieces.split_first()
            && skip >= first.len()
        {
            skip -= first.len();
            pieces = rest;
        }
        Rope { pieces, skip, len: range.end - range.start }
    }

    /// The pieces, cut to this rope; none is empty.
    pub fn pieces(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut skip = self.skip;
        let mut left = self.len;
        self.pieces
            .iter()
            .map_while(move |piece| {
                if left == 0 {
                    return None;
                }
                let here = piece.get(skip..).unwrap_or(&[]);
                skip = skip.saturating_sub(piece.len());
                let here = &here[..here.len().min(left)];
                left -= here.len();
                Some(here)
            })
            .filter(|piece| !piece.is_empty())
    }

    /// Copies the bytes from `at` on into all of `out`; false, and nothing said about `out`, if
    /// there are not so many.
    pub fn copy_to(&self, at: usize, out: &mut [u8]) -> bool {
        if at.checked_add(out.len()).is_none_or(|end| end > self.len) {
            return false;
        }
        let mut done = 0;
        for piece in self.slice(at..at + out.len()).pieces() {
            out[done..done + piece.len()].copy_from_slice(piece);
            done += piece.len();
        }
        debug_assert_eq!(done, out.len());
        true
    }

    /// All bytes in one vector: for tests and tools.
    pub fn to_vec(&self) -> Vec<u8> {
        self.pieces().fold(Vec::with_capacity(self.len), |mut all, piece| {
            all.extend_from_slice(piece);
            all
        })
    }

    /// The CRC32C of the bytes so far (`crc`, 0 to begin with) and then these.
    pub fn crc32c(&self, crc: u32) -> u32 {
        self.pieces().fold(crc, crc32c::crc32c_append)
    }

    /// A place in the rope that moves forward.
    pub fn cursor(&self) -> Cursor<'a> {
        Cursor { here: &[], rest: *self }
    }
}

/// A place in a rope that moves forward.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    /// What is left of the current piece.
    here: &'a [u8],
    /// What comes after it.
    rest: Rope<'a>,
}

impl<'a> Cursor<'a> {
    /// Bytes left.
    pub fn left(&self) -> usize {
        self.here.len() + self.rest.len
    }

    /// The bytes that lie together here: empty only at the end.
    pub fn chunk(&mut self) -> &'a [u8] {
        while self.here.is_empty() && self.rest.len > 0 {
            let piece = &self.rest.pieces[0][self.rest.skip..];
            self.here = &piece[..piece.len().min(self.rest.len)];
            self.rest.len -= self.here.len();
            self.rest.skip = 0;
            self.rest.pieces = &self.rest.pieces[1..];
        }
        self.here
    }

    /// Moves `n` bytes on; false, and at the end, if there are not so many.
    pub fn skip(&mut self, n: usize) -> bool {
        let mut n = n;
        loop {
            let chunk = self.chunk();
            if n <= chunk.len() {
                self.here = &chunk[n..];
                return true;
            }
            if chunk.is_empty() {
                return false;
            }
            n -= chunk.len();
            self.here = &[];
        }
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = match self.here.split_first() {
            Some(split) => split,
            None => self.chunk().split_first()?,
        };
        self.here = rest;
        Some(byte)
    }
}

impl std::io::Read for Cursor<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let chunk = self.chunk();
        let n = chunk.len().min(out.len());
        out[..n].copy_from_slice(&chunk[..n]);
        self.here = &chunk[n..];
        Ok(n)
    }
}

impl std::io::BufRead for Cursor<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Ok(self.chunk())
    }
    fn consume(&mut self, n: usize) {
        self.here = &self.here[n..];
    }
}

#[cfg(test)]
#[path = "rope_test.rs"]
mod rope_test;
