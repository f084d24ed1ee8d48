//! The part of a segment that is in memory: chunks laid out exactly as the file is, and a mark for
//! each batch in them.
//!
//! Kept true (asserted in [`Part::check`]):
//! - `memory start <= destaged <= len`: whatever is not in the file is in memory.
//! - Chunks are contiguous, begin and end at whole device blocks, and the last one is filled to
//!   `len`.
//! - Marks are contiguous and ascending in offset, position and sequence; they reach to `len`.
//! - Bytes that were lent are never written again: a cut below them moves to new memory.

use std::collections::VecDeque;

use engine_base::Offset;
use engine_record::BatchHeader;
use engine_rt::Slice;

use crate::chunk::{Chunk, ChunkSource};
use crate::entry::Cut;
use crate::fields::{as_u64, as_usize};
use crate::names::SegmentName;
use crate::sidecar::SideEntry;

/// More than this many of the smallest chunks are not made of a larger one: each is written alone.
const FIT_CHUNKS_MAX: usize = 8;

/// A batch of the tail. It ends where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) base: Offset,
    /// Where it begins in the segment file; perhaps below the memory's start.
    pub(crate) position: u64,
    /// The journal block that holds its bytes; 0 if a checkpoint does.
    pub(crate) sequence: u64,
    pub(crate) max_timestamp: i64,
}

/// A segment's bytes in memory, and how much of it is in its file.
#[derive(Debug)]
pub(crate) struct Part {
    /// The segment's first offset.
    pub(crate) base: Offset,
    /// One past its last offset.
    pub(crate) end: Offset,
    /// Its bytes.
    pub(crate) len: u64,
    /// How many of them are in the file, with their sidecar entries: whole device blocks, or all.
    pub(crate) destaged: u64,
    /// Bytes of its sidecar.
    pub(crate) side_bytes: u64,
    /// Of all its batches; -1 for none.
    pub(crate) max_timestamp: i64,
    /// The wall clock at the first and the last append, in ms; 0 for none.
    pub(crate) first_wall_ms: i64,
    pub(crate) last_wall_ms: i64,
    /// Nothing more is appended.
    pub(crate) closed: bool,
    /// Its file is whole and closed: what is in memory is a cache.
    pub(crate) sealed: bool,
    /// How large the next chunk is.
    level: usize,
    chunks: VecDeque<Chunk>,
    marks: VecDeque<Mark>,
    /// A replay begins inside this batch: its first bytes are in the file, the journal has it
    /// whole.
    pending: Option<Cut>,
}

impl Part {
    /// An empty segment that begins at `base`.
    pub(crate) fn new(base: Offset) -> Part {
        Part::at(base, 0, 0, Cut::whole(base))
    }

    /// A segment of which `position` bytes are in the file; the rest begins with `cut`.
    pub(crate) fn at(base: Offset, position: u64, side_bytes: u64, cut: Cut) -> Part {
        Part {
            base,
            end: cut.first,
            len: position,
            destaged: position,
            side_bytes,
            max_timestamp: -1,
            first_wall_ms: 0,
            last_wall_ms: 0,
            closed: false,
            sealed: false,
            level: 0,
            chunks: VecDeque::new(),
            marks: VecDeque::new(),
            pending: (cut.skip > 0).then_some(cut),
        }
    }

    /// The segment's name: what is in memory was appended.
    pub(crate) fn name(&self) -> SegmentName {
        SegmentName::appended(self.base)
    }

    /// The batch that a replay must still bring whole.
    pub(crate) fn pending(&self) -> Option<&Cut> {
        self.pending.as_ref()
    }

    /// The first position that is in memory.
    pub(crate) fn memory_start(&self) -> u64 {
        self.chunks.front().map_or(self.len, |chunk| chunk.position)
    }

    /// Bytes that are not in the file.
    pub(crate) fn dirty(&self) -> u64 {
        self.len - self.destaged
    }

    /// Memory that an append of `bytes` may take at most.
    pub(crate) fn memory_for(&self, source: &ChunkSource<'_>, bytes: usize) -> u64 {
        let room = self.chunks.back().map_or(0, Chunk::room);
        if bytes <= room { 0 } else { as_u64(bytes - room + source.bytes[2]) }
    }

    /// Appends a whole batch of `length` bytes. Of a batch that is pending only what is not in the
    /// file is taken.
    pub(crate) fn push_batch<'b>(
        &mut self,
        source: &ChunkSource<'_>,
        header: &BatchHeader,
        length: usize,
        pieces: impl IntoIterator<Item = &'b [u8]>,
        sequence: u64,
    ) {
        let cut = Cut {
            first: self.end,
            last: self.end + i64::from(header.last_offset_delta),
            max_timestamp: header.max_timestamp,
            length: u32::try_from(length).expect("batches are below 4 GiB"),
            skip: 0,
        };
        self.push(source, cut, pieces, sequence);
    }

    /// Appends the batch that `cut` describes; `pieces` hold its bytes from `cut.skip` on.
    pub(crate) fn push<'b>(
        &mut self,
        source: &ChunkSource<'_>,
        cut: Cut,
        pieces: impl IntoIterator<Item = &'b [u8]>,
        sequence: u64,
    ) {
        assert!(!self.closed && cut.first == self.end, "batches are dense in their segment");
        assert!(cut.last >= cut.first, "a batch has an offset at least");
        let pending = self.pending.take();
        let before = pending.map_or(0, |p| u64::from(p.skip));
        assert!(u64::from(cut.skip) <= before, "the bytes before the cut are in the file");
        let position = self.len - before;
        let mut drop = as_usize(before - u64::from(cut.skip));
        for piece in pieces {
            let here = drop.min(piece.len());
            self.copy_in(source, &piece[here..]);
            drop -= here;
        }
        assert_eq!(self.len, position + u64::from(cut.length), "a batch is as long as it says");
        assert!(self.marks.back().is_none_or(|m| m.sequence <= sequence), "sequences ascend");
        let max_timestamp = cut.max_timestamp;
        self.marks.push_back(Mark { base: cut.first, position, sequence, max_timestamp });
        self.end = cut.last + 1;
        self.max_timestamp = self.max_timestamp.max(max_timestamp);
    }

    fn copy_in(&mut self, source: &ChunkSource<'_>, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.chunks.back().is_none_or(|chunk| chunk.room() == 0) {
                self.grow(source);
            }
            let chunk = self.chunks.back_mut().expect("a chunk was just added");
            let n = bytes.len().min(chunk.room());
            chunk.buf.append(&bytes[..n]);
            bytes = &bytes[n..];
            self.len += as_u64(n);
        }
    }

    fn grow(&mut self, source: &ChunkSource<'_>) {
        let mut level = self.level;
        while level > 0 && source.bytes[level] > source.bytes_max {
            level -= 1;
        }
        self.level = (self.level + 1).min(2);
        let chunk = Chunk::new(source.core, source.gauge, self.len, source.bytes[level]);
        self.chunks.push_back(chunk);
    }

    /// Something was appended at this time of the wall clock.
    pub(crate) fn note_wall(&mut self, wall_ms: i64) {
        if self.first_wall_ms == 0 {
            self.first_wall_ms = wall_ms;
        }
        self.last_wall_ms = self.last_wall_ms.max(wall_ms);
    }

    /// The tail was quiet: the next chunk is a small one again.
    pub(crate) fn calm(&mut self) {
        self.level = 0;
    }

    /// The place in `marks` of the batch that holds `offset`, if the batch or its end is in memory.
    pub(crate) fn find(&self, offset: Offset) -> Option<usize> {
        let i = self.marks.partition_point(|mark| mark.base <= offset);
        (i > 0 && offset < self.end).then(|| i - 1)
    }

    /// Batches that have a mark.
    pub(crate) fn batches(&self) -> usize {
        self.marks.len()
    }

    /// The batch at `i` as a cut that skips nothing.
    pub(crate) fn batch(&self, i: usize) -> (Mark, Cut) {
        let mark = self.marks[i];
        let (end, next) =
            self.marks.get(i + 1).map_or((self.len, self.end), |m| (m.position, m.base));
        let length = u32::try_from(end - mark.position).expect("batches are below 4 GiB");
        let (first, max_timestamp) = (mark.base, mark.max_timestamp);
        (mark, Cut { first, last: next - 1, max_timestamp, length, skip: 0 })
    }

    /// The place of the batch that holds the byte at `position`.
    fn batch_at(&self, position: u64) -> Option<usize> {
        let i = self.marks.partition_point(|mark| mark.position <= position);
        (i > 0 && position < self.len).then(|| i - 1)
    }

    /// Where the bytes that are not in the file begin, as the journal names it.
    pub(crate) fn cut(&self) -> Cut {
        assert!(self.pending.is_none(), "replay brought what was pending");
        match self.batch_at(self.destaged) {
            None => Cut::whole(self.end),
            Some(i) => {
                let (mark, cut) = self.batch(i);
                let skip = self.destaged - mark.position;
                let skip = u32::try_from(skip).expect("batches are below 4 GiB");
                Cut { skip, ..cut }
            }
        }
    }

    /// The oldest journal block that holds a byte that is not in the file.
    pub(crate) fn oldest_sequence(&self) -> Option<u64> {
        self.oldest_after(self.destaged)
    }

    /// The oldest journal block that holds a byte at `position` or behind.
    pub(crate) fn oldest_after(&self, position: u64) -> Option<u64> {
        self.batch_at(position).map(|i| self.marks[i].sequence)
    }

    /// The journal block that holds the batch of `offset`.
    pub(crate) fn sequence_of(&self, offset: Offset) -> Option<u64> {
        self.find(offset).map(|i| self.marks[i].sequence)
    }

    /// Up to where every batch lies in blocks up to `sequence`; never below `destaged`.
    pub(crate) fn position_upto(&self, sequence: u64) -> u64 {
        let i = self.marks.partition_point(|mark| mark.sequence <= sequence);
        self.marks.get(i).map_or(self.len, |mark| mark.position).max(self.destaged)
    }

    /// Bytes that are not in the file and whose batch only a checkpoint holds.
    pub(crate) fn homeless_end(&self) -> u64 {
        let i = self.marks.partition_point(|mark| mark.sequence == 0);
        self.marks.get(i).map_or(self.len, |mark| mark.position).max(self.destaged)
    }

    /// Every byte that is not in the file now lies in the block `sequence` (0: in a checkpoint).
    pub(crate) fn carried_to(&mut self, sequence: u64) {
        let from = self.batch_at(self.destaged).unwrap_or(self.marks.len());
        for mark in self.marks.range_mut(from..) {
            mark.sequence = sequence;
        }
        if sequence == 0 {
            // Marks ascend: what lies below is in the file, its home no longer matters.
            self.marks.iter_mut().for_each(|mark| mark.sequence = 0);
        }
    }

    /// The batch of `first` lies in block `sequence` now, if it is here.
    pub(crate) fn rehome(&mut self, first: Offset, sequence: u64) {
        if let Some(i) = self.find(first) {
            self.marks[i].sequence = sequence;
        }
    }

    /// Lends the bytes of `from..to`, which are in memory.
    pub(crate) fn lend(&mut self, from: u64, to: u64, out: &mut Vec<Slice>) {
        assert!(self.memory_start() <= from && to <= self.len, "only what is in memory is lent");
        let mut at = from;
        let i = self.chunks.partition_point(|chunk| chunk.end() <= from);
        for chunk in self.chunks.range_mut(i..) {
            if at >= to {
                break;
            }
            let start = as_usize(at - chunk.position);
            let end = as_usize(to.min(chunk.end()) - chunk.position);
            out.push(chunk.buf.share(start..end));
            at = chunk.position + as_u64(end);
        }
        assert_eq!(at, to.max(from), "chunks are contiguous");
    }

    /// Copies the bytes of `from..to`, which are in memory.
    pub(crate) fn copy_out(&self, from: u64, to: u64, mut put: impl FnMut(&[u8])) {
        assert!(self.memory_start() <= from && to <= self.len, "only what is in memory is copied");
        let i = self.chunks.partition_point(|chunk| chunk.end() <= from);
        for chunk in self.chunks.range(i..) {
            if chunk.position >= to {
                break;
            }
            let start = as_usize(from.max(chunk.position) - chunk.position);
            let end = as_usize(to.min(chunk.end()) - chunk.position);
            put(&chunk.buf.filled()[start..end]);
        }
    }

    /// The next run to write to the file: from `at` to the end of its chunk or to `to`, with its
    /// index entry still without a checksum. At the end of a closed segment the slice is padded to
    /// `device_block`, the entry counts real bytes.
    pub(crate) fn run(&mut self, at: u64, to: u64, device_block: usize) -> (Slice, SideEntry) {
        assert!(at < to && to <= self.len);
        let i = self.chunks.partition_point(|chunk| chunk.end() <= at);
        let chunk = &mut self.chunks[i];
        let end = to.min(chunk.end());
        let (start, stop) = (as_usize(at - chunk.position), as_usize(end - chunk.position));
        let padded = stop.next_multiple_of(device_block);
        if padded > chunk.buf.len() {
            assert!(end == self.len && self.closed, "only the last block is padded");
            chunk.buf.fill_zeros(padded - chunk.buf.len());
        }
        let slice = chunk.buf.share(start..padded);
        let (from, upto) = (
            self.marks.partition_point(|mark| mark.position < at),
            self.marks.partition_point(|mark| mark.position < end),
        );
        let begins = self.marks.range(from..upto);
        let max_timestamp = begins.map(|mark| mark.max_timestamp).max().unwrap_or(-1);
        let first = (from < upto).then(|| self.marks[from]);
        let entry = SideEntry {
            position: at,
            length: u32::try_from(end - at).expect("a chunk is small"),
            checksum: 0,
            first: first.map_or(-1, |mark| mark.base),
            next: self.marks.get(upto).map_or(self.end, |mark| mark.base),
            max_timestamp,
            wall_ms: self.last_wall_ms,
            first_position: first
                .map_or(0, |mark| u32::try_from(mark.position - at).expect("a chunk is small")),
        };
        (slice, entry)
    }

    /// Whether all of the oldest chunk is in the file.
    pub(crate) fn is_evictable(&self) -> bool {
        self.chunks.front().is_some_and(|chunk| {
            chunk.end() <= self.destaged || self.sealed && self.destaged == self.len
        })
    }

    /// Drops the oldest chunk if all of it is in the file; says whether it did.
    pub(crate) fn evict(&mut self) -> bool {
        if !self.is_evictable() {
            return false;
        }
        self.chunks.pop_front();
        self.forget_marks();
        true
    }

    /// Drops the marks of batches that end below the memory's start.
    fn forget_marks(&mut self) {
        let start = self.memory_start();
        while !self.marks.is_empty() {
            let (mark, cut) = self.batch(0);
            if mark.position + u64::from(cut.length) > start {
                break;
            }
            self.marks.pop_front();
        }
    }

    /// Whether nothing of it is in memory.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Moves the little that is not in the file out of a large chunk into small ones.
    pub(crate) fn shrink(&mut self, source: &ChunkSource<'_>, device_block: usize) {
        if self.chunks.len() == 1 {
            self.fit(source, device_block);
        }
    }

    /// Moves what is not in the file into small chunks, if it is little and that frees memory.
    pub(crate) fn fit(&mut self, source: &ChunkSource<'_>, device_block: usize) {
        let Some(first) = self.chunks.front() else { return };
        let from = self.destaged.max(first.position) / as_u64(device_block) * as_u64(device_block);
        let small = source.bytes[0];
        let needed = as_usize(self.len - from).div_ceil(small);
        let held: usize = self.chunks.iter().map(|chunk| chunk.bytes).sum();
        if self.closed || needed > FIT_CHUNKS_MAX || needed * small >= held {
            return;
        }
        let mut fitted = VecDeque::with_capacity(needed);
        let mut at = from;
        while at < self.len {
            let mut chunk = Chunk::new(source.core, source.gauge, at, small);
            let to = self.len.min(chunk.end());
            self.copy_out(at, to, |bytes| {
                chunk.buf.append(bytes);
            });
            fitted.push_back(chunk);
            at = to;
        }
        self.chunks = fitted;
        self.level = 0;
        self.forget_marks();
        self.marks.shrink_to_fit();
    }

    /// Cuts the tail so that it ends with the batch before `i`, none of whose bytes is in the file.
    pub(crate) fn cut_at(&mut self, source: &ChunkSource<'_>, i: usize) {
        let mark = self.marks[i];
        assert!(mark.position >= self.destaged, "what is in the file is cut another way");
        self.marks.truncate(i);
        (self.end, self.len) = (mark.base, mark.position);
        while self.chunks.back().is_some_and(|chunk| chunk.position >= self.len) {
            self.chunks.pop_back();
        }
        let Some(chunk) = self.chunks.back_mut() else { return };
        let keep = as_usize(self.len - chunk.position);
        if keep >= chunk.buf.shared() {
            chunk.buf.truncate(keep);
        } else {
            // Readers still have the cut bytes: they keep the old memory, we go on in new memory.
            let mut fresh = Chunk::new(source.core, source.gauge, chunk.position, chunk.bytes);
            fresh.buf.append(&chunk.buf.filled()[..keep]);
            *chunk = fresh;
        }
    }

    /// Becomes a segment of its own that begins with the first batch that reaches `start`, in
    /// memory whole, as if what lies before had never been in a file of this name.
    pub(crate) fn rebase(&mut self, source: &ChunkSource<'_>, start: Offset) {
        let i = self.marks.partition_point(|mark| mark.base < start);
        // The batch that begins before the start but reaches it counts too.
        let i = if i > 0 && self.batch(i - 1).1.last >= start { i - 1 } else { i };
        let base = self.marks.get(i).map_or(self.end, |mark| mark.base);
        let mut fresh = Part::new(base);
        fresh.first_wall_ms = self.first_wall_ms;
        fresh.last_wall_ms = self.last_wall_ms;
        for i in i..self.marks.len() {
            let (mark, cut) = self.batch(i);
            let mut bytes = Vec::with_capacity(cut.length as usize);
            let end = mark.position + u64::from(cut.length);
            self.copy_out(mark.position, end, |piece| bytes.extend_from_slice(piece));
            fresh.push(source, cut, [bytes.as_slice()], mark.sequence);
        }
        *self = fresh;
    }

    /// Asserts what the file's head says. Costs a walk over chunks and marks: for recovery and
    /// tests.
    pub(crate) fn check(&self) {
        assert!(self.memory_start() <= self.destaged && self.destaged <= self.len);
        let mut at = self.memory_start();
        for chunk in &self.chunks {
            assert_eq!(chunk.position, at, "chunks are contiguous");
            at = chunk.end();
        }
        assert!(at >= self.len && at - self.len <= as_u64(128 << 10));
        for i in 1..self.marks.len() {
            let (a, b) = (self.marks[i - 1], self.marks[i]);
            assert!(a.base < b.base && a.position < b.position && a.sequence <= b.sequence);
        }
        assert!(self.marks.back().is_none_or(|m| m.base < self.end && m.position < self.len));
        let start = self.memory_start();
        assert!(
            self.pending.is_some()
                || self.marks.front().is_none_or(|m| m.position <= start)
                || start == 0
                || self.marks.is_empty()
        );
    }
}

#[cfg(test)]
#[path = "tail_test.rs"]
mod tail_test;
