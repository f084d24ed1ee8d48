//! Free space of the disk: below the reserve produce is refused, and it resumes by itself.
//!
//! Kept true: full is a refusal, never a fault; nothing is admitted whose destage would eat the
//! reserve, as far as the last look at the disk tells.

use std::cell::Cell;

/// What is known of the disk's free space.
#[derive(Debug)]
pub(crate) struct Space {
    free: Cell<u64>,
    reserve: u64,
    /// An allocation found no room; only a look at the disk ends it.
    denied: Cell<bool>,
}

impl Space {
    pub(crate) fn new(free: u64, reserve: u64) -> Space {
        Space { free: Cell::new(free), reserve, denied: Cell::new(false) }
    }

    /// Whether `dirty` bytes that are not in segments, and `bytes` more, leave the reserve.
    pub(crate) fn admits(&self, dirty: u64, bytes: u64) -> bool {
        !self.denied.get() && self.free.get() >= self.reserve.saturating_add(dirty + bytes)
    }

    /// Whether produce is refused.
    pub(crate) fn is_full(&self) -> bool {
        self.denied.get() || self.free.get() < self.reserve
    }

    /// An allocation found no room.
    pub(crate) fn on_denied(&self) {
        self.denied.set(true);
    }

    /// `bytes` were taken from the disk since the last look.
    pub(crate) fn on_taken(&self, bytes: u64) {
        self.free.set(self.free.get().saturating_sub(bytes));
    }

    /// The disk was looked at; says whether that ended a refusal.
    pub(crate) fn on_look(&self, free: u64) -> bool {
        let was_full = self.is_full();
        self.free.set(free);
        if free >= self.reserve {
            self.denied.set(false);
        }
        was_full && !self.is_full()
    }
}
