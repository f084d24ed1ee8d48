//! A tail's memory: aligned chunks, each a mirror of a piece of the segment file, counted as long
//! as they live.

use std::cell::Cell;
use std::rc::Rc;

use engine_rt::{Buf, Core};

use crate::fields::as_u64;

/// Bytes of memory that the tails of a shard hold.
pub(crate) type MemoryGauge = Rc<Cell<u64>>;

/// A piece of memory that mirrors `position..position + bytes` of the file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) position: u64,
    /// How much it mirrors; the buffer may be larger.
    pub(crate) bytes: usize,
    pub(crate) buf: Buf,
    gauge: MemoryGauge,
}

impl Chunk {
    pub(crate) fn new(core: &Core, gauge: &MemoryGauge, position: u64, bytes: usize) -> Chunk {
        gauge.set(gauge.get() + as_u64(bytes));
        Chunk { position, bytes, buf: core.buf(bytes), gauge: Rc::clone(gauge) }
    }

    pub(crate) fn end(&self) -> u64 {
        self.position + as_u64(self.bytes)
    }

    pub(crate) fn room(&self) -> usize {
        self.bytes - self.buf.len()
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.gauge.set(self.gauge.get() - as_u64(self.bytes));
    }
}

/// How memory for a tail is taken.
#[derive(Clone, Copy)]
pub(crate) struct ChunkSource<'a> {
    pub(crate) core: &'a Core,
    pub(crate) gauge: &'a MemoryGauge,
    /// Sizes as a tail grows.
    pub(crate) bytes: [usize; 3],
    /// No chunk is larger than this unless it is the smallest: keeps many small tails small.
    pub(crate) bytes_max: usize,
}
