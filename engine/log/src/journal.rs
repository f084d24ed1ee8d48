//! Group commit as a plain structure: the block that fills, those that wait, those in flight.
//! `writer.rs` does the I/O.
//!
//! Kept true:
//! - Entries get sequences in call order; a block's sequence is fixed when its first entry comes.
//! - Blocks are sealed, placed and started in sequence order, each chained to its predecessor.
//! - `durable` is the highest sequence such that it and all before it are flushed; a block carries
//!   the `durable` of the moment it is sealed.
//! - The block that fills can always be placed: an entry that would break this is refused.

use std::collections::VecDeque;

use engine_base::Refusal;
use engine_rt::{Buf, Core, Slice};

use crate::block::{BLOCK_HEADER_BYTES, BlockHeader, JournalKey, padded};
use crate::checkpoint::Place;
use crate::fields::as_u64;
use crate::progress::{Progress, Seq};
use crate::ring::{BlockMark, Ring};

/// Who asks for room in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Clients: leave room for all others.
    Client,
    /// The metadata, logs that it makes, starts moved over whole segments: what goes on below the
    /// disk's reserve. Leave room for a carry-forward and a start.
    Control,
    /// Hard states, truncations, deletes: what each log needs a bounded number of times until there
    /// is space. Leave room for a carry-forward.
    Start,
    /// Carry-forwards and closing blocks: leave nothing.
    Keeper,
}

/// What is left for whom, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reserve {
    pub(crate) carry: u64,
    pub(crate) start: u64,
    pub(crate) control: u64,
}

impl Reserve {
    fn for_level(self, level: Level) -> u64 {
        match level {
            Level::Client => self.carry + self.start + self.control,
            Level::Control => self.carry + self.start,
            Level::Start => self.carry,
            Level::Keeper => 0,
        }
    }
}

/// A block that is ready to be written.
#[derive(Debug)]
pub(crate) struct SealedBlock {
    pub(crate) sequence: u64,
    pub(crate) place: Place,
    pub(crate) bytes: Slice,
}

#[derive(Debug)]
struct InFlight {
    sequence: u64,
    flushed: bool,
}

/// What a new life of a journal begins with.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) key: JournalKey,
    pub(crate) generation: u64,
    /// The first sequence of this life.
    pub(crate) next: u64,
    /// The end of the recovered chain: its last sequence and CRC.
    pub(crate) last: u64,
    pub(crate) last_crc: u32,
}

/// A shard's journal.
#[derive(Debug)]
pub(crate) struct Journal {
    key: JournalKey,
    generation: u64,
    device_block: usize,
    block_bytes_max: usize,
    entry_bytes_max: usize,
    ready_max: usize,
    pub(crate) ring: Ring,
    open: Option<Buf>,
    open_entries: u32,
    next: u64,
    last: u64,
    last_crc: u32,
    ready: VecDeque<SealedBlock>,
    in_flight: VecDeque<InFlight>,
    submitted: u64,
    durable: u64,
    last_is_empty: bool,
    /// Bytes sealed in this life.
    pub(crate) written_bytes: u64,
    /// Blocks sealed in this life.
    pub(crate) blocks: u64,
}

impl Journal {
    pub(crate) fn new(
        beginning: &Beginning,
        ring: Ring,
        device_block: usize,
        block_bytes_max: usize,
        entry_bytes_max: usize,
    ) -> Journal {
        assert!(beginning.next > beginning.last);
        Journal {
            key: beginning.key,
            generation: beginning.generation,
            device_block,
            block_bytes_max,
            entry_bytes_max,
            ready_max: 4,
            ring,
            open: None,
            open_entries: 0,
            next: beginning.next,
            last: beginning.last,
            last_crc: beginning.last_crc,
            ready: VecDeque::new(),
            in_flight: VecDeque::new(),
            submitted: beginning.last,
            durable: beginning.last,
            last_is_empty: false,
            written_bytes: 0,
            blocks: 0,
        }
    }

    /// How far it has come.
    pub(crate) fn progress(&self) -> Progress {
        Progress { submitted: Seq(self.submitted), durable: Seq(self.durable) }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The end of the chain: the last sealed block's sequence and CRC.
    pub(crate) fn chain_end(&self) -> (u64, u32) {
        (self.last, self.last_crc)
    }

    /// Whether the last block says that all before it is durable, and nothing is under way.
    pub(crate) fn is_closed(&self) -> bool {
        self.open.is_none()
            && self.ready.is_empty()
            && self.in_flight.is_empty()
            && self.last_is_empty
    }

    /// Whether nothing fills, waits or is in flight.
    pub(crate) fn is_quiet(&self) -> bool {
        self.open.is_none() && self.ready.is_empty() && self.in_flight.is_empty()
    }

    fn open_len(&self) -> usize {
        self.open.as_ref().map_or(BLOCK_HEADER_BYTES, Buf::len)
    }

    /// Whether an entry of `bytes` fits behind what fills now.
    fn fits_open(&self, bytes: usize) -> bool {
        let Some(open) = &self.open else { return true };
        let with = open.len() + bytes;
        let rest = self.ring.rest_of_file();
        let spills = as_u64(padded(with, self.device_block)) > rest
            && as_u64(padded(open.len(), self.device_block)) <= rest;
        with <= self.block_bytes_max && with <= open.capacity() && !spills
    }

    /// Whether an entry of `bytes` would be admitted now.
    pub(crate) fn admits(&self, bytes: usize, level: Level, reserve: Reserve) -> bool {
        let fits = self.fits_open(bytes);
        let before = if fits { self.open_len() - BLOCK_HEADER_BYTES } else { self.open_len() };
        // If it does not fit, the present block goes first: count both as one, a little too large.
        let length = padded(BLOCK_HEADER_BYTES + before + bytes, self.device_block);
        let crowded = level == Level::Client && !fits && self.ready.len() >= self.ready_max;
        let both = if fits { length } else { length + self.device_block };
        !crowded && self.ring.place(as_u64(both), reserve.for_level(level)).is_some()
    }

    /// Whether a client's entry of `bytes` finds no place because the ring is used up, not because
    /// too many blocks wait.
    pub(crate) fn is_ring_short(&self, bytes: usize, reserve: Reserve) -> bool {
        let both = as_u64(padded(self.open_len() + bytes, self.device_block) + self.device_block);
        self.ring.place(both, reserve.for_level(Level::Client)).is_none()
    }

    /// Makes room for an entry of `bytes` in the block that fills.
    ///
    /// # Errors
    /// [`Refusal::MessageTooLarge`] for what no block holds, [`Refusal::Overloaded`] if the ring
    /// has no room now.
    pub(crate) fn begin(
        &mut self,
        core: &Core,
        bytes: usize,
        level: Level,
        reserve: Reserve,
    ) -> Result<(), Refusal> {
        if bytes > self.entry_bytes_max {
            return Err(Refusal::MessageTooLarge);
        }
        if !self.fits_open(bytes) {
            if level == Level::Client && self.ready.len() >= self.ready_max {
                return Err(Refusal::Overloaded);
            }
            self.seal();
        }
        let length = as_u64(padded(self.open_len() + bytes, self.device_block));
        if self.ring.place(length, reserve.for_level(level)).is_none() {
            return Err(Refusal::Overloaded);
        }
        if self.open.is_none() {
            self.open = Some(self.new_block(core, bytes));
        }
        Ok(())
    }

    fn new_block(&self, core: &Core, bytes: usize) -> Buf {
        let needed = padded(BLOCK_HEADER_BYTES + bytes, self.device_block);
        let mut buf = core.buf(needed.max(self.block_bytes_max));
        buf.fill_zeros(BLOCK_HEADER_BYTES);
        buf
    }

    /// Copies a piece of an entry into the block; room was made with [`Journal::begin`].
    pub(crate) fn put(&mut self, piece: &[u8]) {
        self.open.as_mut().expect("begin made a block").append(piece);
    }

    /// The entry is whole; says which sequence holds it.
    pub(crate) fn finish(&mut self) -> u64 {
        assert!(self.open.is_some(), "begin made a block");
        self.open_entries += 1;
        self.next
    }

    /// Begins a block without entries, unless one fills already. False if there is no room for it.
    pub(crate) fn begin_empty(&mut self, core: &Core, level: Level, reserve: Reserve) -> bool {
        let length = as_u64(padded(BLOCK_HEADER_BYTES, self.device_block));
        let placeable = self.ring.place(length, reserve.for_level(level)).is_some();
        if self.open.is_none() && placeable {
            self.open = Some(self.new_block(core, 0));
        }
        placeable
    }

    /// Closes the block that fills: header, CRC, place.
    fn seal(&mut self) {
        let Some(mut buf) = self.open.take() else { return };
        let length = buf.len();
        let whole = padded(length, self.device_block);
        buf.fill_zeros(whole - length);
        let place = self.ring.place(as_u64(whole), 0);
        let place = place.expect("the block that fills can always be placed");
        let header = BlockHeader {
            generation: self.generation,
            sequence: self.next,
            durable: self.durable,
            previous_crc: self.last_crc,
            length: u32::try_from(length).expect("a block is below 4 GiB"),
            entries: self.open_entries,
        };
        let crc = header.seal(self.key, buf.bytes_mut(0..whole));
        let mark =
            BlockMark { sequence: self.next, place, previous_crc: self.last_crc, after: self.last };
        self.ring.take(as_u64(whole), mark);
        self.last_is_empty = self.open_entries == 0;
        (self.last, self.last_crc) = (self.next, crc);
        self.next += 1;
        self.open_entries = 0;
        self.blocks += 1;
        self.written_bytes += as_u64(whole);
        let bytes = buf.share(0..whole);
        self.ready.push_back(SealedBlock { sequence: self.last, place, bytes });
    }

    /// Closes the block that fills, so that everything said so far has a place.
    pub(crate) fn seal_open(&mut self) {
        self.seal();
    }

    /// The next block to write, if any and fewer than `in_flight_max` are under way.
    pub(crate) fn take_block(&mut self, in_flight_max: usize) -> Option<SealedBlock> {
        if self.in_flight.len() >= in_flight_max {
            return None;
        }
        if self.ready.is_empty() {
            self.seal();
        }
        let block = self.ready.pop_front()?;
        self.in_flight.push_back(InFlight { sequence: block.sequence, flushed: false });
        Some(block)
    }

    /// The kernel has this block and all before it.
    pub(crate) fn on_submitted(&mut self, sequence: u64) {
        self.submitted = self.submitted.max(sequence);
    }

    /// This block is flushed; `durable` moves over all that are flushed without a gap.
    pub(crate) fn on_flushed(&mut self, sequence: u64) {
        let found = self.in_flight.iter_mut().find(|block| block.sequence == sequence);
        found.expect("only what is in flight completes").flushed = true;
        while self.in_flight.front().is_some_and(|block| block.flushed) {
            let block = self.in_flight.pop_front().expect("there was one");
            assert!(block.sequence > self.durable, "durable moves forward");
            self.durable = block.sequence;
        }
        self.submitted = self.submitted.max(self.durable);
    }
}

#[cfg(test)]
#[path = "journal_test.rs"]
mod journal_test;
