//! The ring of journal files as arithmetic: where the next block goes, and what is left for whom.
//!
//! Kept true:
//! - A block never crosses a file; one that does not fit opens the next file of the ring.
//! - No block enters the file in which the **older** of the two checkpoints starts its replay.
//! - A client's entry never takes the reserve: room for one carry-forward and one start is left.
//! - No block is placed where zeros were not written first.

use std::collections::VecDeque;

use crate::checkpoint::Place;

/// A block of the chain that is still in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockMark {
    pub(crate) sequence: u64,
    pub(crate) place: Place,
    /// CRC and sequence of the block before it in the chain.
    pub(crate) previous_crc: u32,
    pub(crate) after: u64,
}

/// The ring's geometry and where its head stands.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    file_bytes: u64,
    device_block: u64,
    head: Place,
    /// The file in which the older checkpoint's replay starts.
    hold: u32,
    /// Per file: how far zeros were written, so that a write there changes no metadata.
    zeroed: Vec<u64>,
    /// The chain's blocks from the held file on.
    marks: VecDeque<BlockMark>,
}

impl Ring {
    /// A ring whose next block goes to `head`; `zeroed` has an entry for each file.
    pub(crate) fn new(
        zeroed: Vec<u64>,
        file_bytes: u64,
        device_block: usize,
        head: Place,
        hold: u32,
    ) -> Ring {
        let files = zeroed.len();
        assert!(files >= 4 && (head.file as usize) < files && (hold as usize) < files);
        assert!(head.offset <= file_bytes);
        let marks = VecDeque::new();
        Ring { file_bytes, device_block: device_block as u64, head, hold, zeroed, marks }
    }

    fn files(&self) -> u32 {
        u32::try_from(self.zeroed.len()).expect("a ring's files are counted by a u32")
    }

    /// The file after this one.
    pub(crate) fn next(&self, file: u32) -> u32 {
        (file + 1) % self.files()
    }

    /// The file `back` files before the head's.
    pub(crate) fn behind_head(&self, back: u32) -> u32 {
        (self.head.file + self.files() - back % self.files()) % self.files()
    }

    pub(crate) fn head(&self) -> Place {
        self.head
    }

    /// Files ahead of the head that may be written.
    pub(crate) fn free_files(&self) -> u32 {
        (self.hold + self.files() - self.head.file - 1) % self.files()
    }

    /// Files that hold blocks that a checkpoint may need, the head's included.
    pub(crate) fn used_files(&self) -> u32 {
        self.files() - self.free_files()
    }

    /// Where a block of `bytes` would go, if at least `reserve` bytes are left for others behind
    /// it.
    pub(crate) fn place(&self, bytes: u64, reserve: u64) -> Option<Place> {
        let mut free = u64::from(self.free_files());
        let mut place = self.head;
        if place.offset + bytes > self.file_bytes {
            free = free.checked_sub(1)?;
            place = Place { file: self.next(self.head.file), offset: 0 };
        }
        let end = place.offset + bytes;
        if end > self.file_bytes || end > self.zeroed[place.file as usize] {
            return None;
        }
        // What is carried forward lies in small entries: a file's end wastes at most two blocks.
        let waste = 2 * self.device_block;
        let usable = |bytes: u64| bytes.saturating_sub(waste);
        let left = usable(self.file_bytes - end) + free * usable(self.file_bytes);
        (reserve == 0 || left >= reserve).then_some(place)
    }

    /// Bytes left in the head's file.
    pub(crate) fn rest_of_file(&self) -> u64 {
        self.file_bytes - self.head.offset
    }

    /// Moves the head behind a block that goes to `place`.
    pub(crate) fn take(&mut self, bytes: u64, mark: BlockMark) {
        let place = mark.place;
        assert_eq!(self.place(bytes, 0), Some(place), "a block goes where it was placed");
        self.head = Place { file: place.file, offset: place.offset + bytes };
        self.remember(mark);
    }

    /// Remembers a block of the chain that recovery found.
    pub(crate) fn remember(&mut self, mark: BlockMark) {
        let ascending = self.marks.back().is_none_or(|last| last.sequence < mark.sequence);
        assert!(ascending, "sequences rise along the chain");
        self.marks.push_back(mark);
    }

    /// The first block of the chain at or above this sequence, or `None` if the head is next.
    pub(crate) fn first_from(&self, sequence: u64) -> Option<&BlockMark> {
        let i = self.marks.partition_point(|mark| mark.sequence < sequence);
        self.marks.get(i)
    }

    /// The first sequence that lies in `file` or later; `None` if no block does.
    pub(crate) fn first_in(&self, file: u32) -> Option<u64> {
        let age = |f: u32| (self.head.file + self.files() - f) % self.files();
        let i = self.marks.partition_point(|mark| age(mark.place.file) > age(file));
        self.marks.get(i).map(|mark| mark.sequence)
    }

    /// The older checkpoint now starts its replay at `place`, behind the block `after`.
    pub(crate) fn release(&mut self, place: Place, after: u64) {
        self.hold = place.file;
        while self.marks.front().is_some_and(|mark| mark.sequence <= after) {
            self.marks.pop_front();
        }
    }

    /// Zeros were written to `file` up to `bytes`.
    pub(crate) fn set_zeroed(&mut self, file: u32, bytes: u64) {
        let mark = &mut self.zeroed[file as usize];
        assert!(*mark <= bytes, "zeros are never taken back");
        *mark = bytes;
    }

    /// Whether zeros were written to all of `file`.
    pub(crate) fn is_zeroed(&self, file: u32) -> bool {
        self.zeroed[file as usize] >= self.file_bytes
    }

    /// The first file, from the head on, that is not zeroed whole, and how far it is.
    pub(crate) fn to_zero(&self) -> Option<Place> {
        (0..self.files())
            .map(|i| (self.head.file + i) % self.files())
            .map(|file| Place { file, offset: self.zeroed[file as usize] })
            .find(|place| place.offset < self.file_bytes)
    }
}

#[cfg(test)]
#[path = "ring_test.rs"]
mod ring_test;
