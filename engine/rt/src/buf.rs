//! Memory with one writer and many readers: [`Buf`] writes, [`Slice`]s read.
//!
//! Kept true: bytes below a buffer's `shared` mark are frozen for ever, the rest is the writer's
//! alone, so a reader and the writer never touch the same byte. The memory goes home with its last
//! owner. Neither type is `Send`: memory belongs to its core.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::ptr::NonNull;
use std::rc::Rc;

use crate::core::Core;
use crate::pool::{Block, Pool, release};

/// The unique writer of a block of memory, aligned to 4096 bytes.
///
/// `0..len` is filled, `len..capacity` is room. Bytes that were shared cannot be written any more.
pub struct Buf {
    block: NonNull<Block>,
    len: usize,
    not_send: PhantomData<Rc<()>>,
}

impl Buf {
    pub(crate) fn of_pool(pool: &Rc<Pool>, capacity: usize) -> Buf {
        Buf { block: pool.take(capacity), len: 0, not_send: PhantomData }
    }

    fn block(&self) -> &Block {
        // SAFETY: we own the block once, so it lives as long as `self`.
        unsafe { self.block.as_ref() }
    }

    /// Bytes that fit in all; at least what was asked for, rounded up to a size class.
    pub fn capacity(&self) -> usize {
        self.block().capacity()
    }

    /// Bytes filled so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was filled yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that still fit.
    pub fn room(&self) -> usize {
        self.capacity() - self.len
    }

    /// Bytes below this position are frozen, because they were shared.
    pub fn shared(&self) -> usize {
        self.block().shared.get()
    }

    /// Whether no slice of this memory is alive.
    pub fn is_sole_owner(&self) -> bool {
        self.block().owners() == 1
    }

    /// All filled bytes.
    pub fn filled(&self) -> &[u8] {
        // SAFETY: `len <= capacity`, the memory is initialised, and writing needs `&mut self` (or
        // the buffer moved into an operation), so nobody writes below `len` while this borrow
        // lives.
        unsafe { std::slice::from_raw_parts(self.block().memory().as_ptr(), self.len) }
    }

    /// Copies `bytes` behind what is filled and says where they are.
    ///
    /// Panics if they do not fit: check [`Buf::room`].
    pub fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.len;
        self.spare_mut()[..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        start..self.len
    }

    /// Fills the next `n` bytes with zeros. Panics if they do not fit.
    pub fn fill_zeros(&mut self, n: usize) -> Range<usize> {
        let start = self.len;
        self.spare_mut()[..n].fill(0);
        self.len += n;
        start..self.len
    }

    /// Filled bytes that were not shared yet, to be written in place.
    ///
    /// Panics if the range begins below the shared mark or ends beyond what is filled.
    pub fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        assert!(range.start <= range.end && range.end <= self.len, "only filled bytes");
        assert!(range.start >= self.shared(), "shared bytes are frozen");
        // SAFETY: inside the memory; above the shared mark no slice exists, and `&mut self` keeps
        // out every other borrow through the buffer.
        unsafe {
            let start = self.block().memory().as_ptr().add(range.start);
            std::slice::from_raw_parts_mut(start, range.end - range.start)
        }
    }

    /// The room behind what is filled (old bytes may show through); [`Buf::advance`] claims it.
    pub fn spare_mut(&mut self) -> &mut [u8] {
        assert!(self.shared() <= self.len, "only filled bytes are shared");
        // SAFETY: inside the memory, initialised, above the shared mark, and borrowed from `&mut
        // self`.
        unsafe {
            let start = self.block().memory().as_ptr().add(self.len);
            std::slice::from_raw_parts_mut(start, self.room())
        }
    }

    /// Counts the next `n` bytes of room as filled. Panics if there is less room.
    pub fn advance(&mut self, n: usize) {
        assert!(n <= self.room(), "advance within the capacity");
        self.len += n;
    }

    /// Forgets what was filled from `len` on. Panics if that cuts into shared bytes.
    pub fn truncate(&mut self, len: usize) {
        assert!(len <= self.len && len >= self.shared(), "truncate above the shared mark");
        self.len = len;
    }

    /// Empties the buffer for reuse. Panics if a slice of it is still alive.
    pub fn clear(&mut self) {
        assert!(self.is_sole_owner(), "slices of this buffer are still alive");
        self.block().shared.set(0);
        self.len = 0;
    }

    /// A shared view of filled bytes; everything below its end is frozen from now on.
    pub fn share(&mut self, range: Range<usize>) -> Slice {
        assert!(range.start <= range.end && range.end <= self.len, "only filled bytes are shared");
        let block = self.block();
        block.shared.set(block.shared.get().max(range.end));
        block.add_owner();
        // SAFETY: `range.start <= capacity`, so the pointer stays within the allocation.
        let start = unsafe { block.memory().add(range.start) };
        Slice {
            block: Some(self.block),
            start,
            len: range.end - range.start,
            not_send: PhantomData,
        }
    }

    /// Where the room begins, for the driver; stable for as long as the buffer lives.
    pub(crate) fn spare_pointer(&mut self) -> *mut u8 {
        self.spare_mut().as_mut_ptr()
    }
}

impl Drop for Buf {
    fn drop(&mut self) {
        // SAFETY: we own the block once and never touch it again.
        unsafe { release(self.block) }
    }
}

impl fmt::Debug for Buf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buf({} of {}, {} shared)", self.len, self.capacity(), self.shared())
    }
}

/// A shared, immutable view of some bytes; cloning counts, it does not copy.
pub struct Slice {
    block: Option<NonNull<Block>>,
    start: NonNull<u8>,
    len: usize,
    not_send: PhantomData<Rc<()>>,
}

impl Slice {
    /// No bytes, no memory.
    pub fn empty() -> Slice {
        Slice { block: None, start: NonNull::dangling(), len: 0, not_send: PhantomData }
    }

    /// A copy of `bytes` in memory of the core's pool (at least 4 KiB: not for crumbs).
    pub fn copy_of(core: &Core, bytes: &[u8]) -> Slice {
        let mut buf = core.buf(bytes.len());
        let range = buf.append(bytes);
        buf.share(range)
    }

    /// A vector's own memory, not copied.
    pub fn of_vec(bytes: Vec<u8>) -> Slice {
        let len = bytes.len();
        let block = Block::of_vector(bytes);
        // SAFETY: `of_vector` gave us the first ownership of a living block.
        let start = unsafe { block.as_ref() }.memory();
        Slice { block: Some(block), start, len, not_send: PhantomData }
    }

    /// A part of this view over the same memory. Panics if the range is not inside.
    pub fn slice(&self, range: Range<usize>) -> Slice {
        assert!(range.start <= range.end && range.end <= self.len, "a part lies inside");
        if let Some(block) = self.block {
            // SAFETY: our own ownership keeps the block alive.
            unsafe { block.as_ref() }.add_owner();
        }
        // SAFETY: `range.start <= len`, so the pointer stays within (or at the end of) the bytes.
        let start = unsafe { self.start.add(range.start) };
        Slice { block: self.block, start, len: range.end - range.start, not_send: PhantomData }
    }

    /// Whether both show the same bytes of the same memory.
    pub fn ptr_eq(&self, other: &Slice) -> bool {
        self.start == other.start && self.len == other.len
    }

    /// Bytes of the whole allocation that this view keeps alive.
    pub fn held_bytes(&self) -> usize {
        // SAFETY: our own ownership keeps the block alive.
        self.block.map_or(0, |block| unsafe { block.as_ref() }.capacity())
    }
}

impl Deref for Slice {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        // SAFETY: the bytes lie below the shared mark of a block that we own once: initialised,
        // alive and never written again. An empty slice is dangling but of length 0.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Clone for Slice {
    fn clone(&self) -> Slice {
        self.slice(0..self.len)
    }
}

impl Default for Slice {
    fn default() -> Slice {
        Slice::empty()
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        if let Some(block) = self.block {
            // SAFETY: we own the block once and never touch it again.
            unsafe { release(block) }
        }
    }
}

impl fmt::Debug for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slice({} bytes)", self.len)
    }
}

#[cfg(test)]
#[path = "buf_test.rs"]
mod buf_test;
