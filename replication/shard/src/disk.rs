//! What an operator must know of a shard's disk: when produce is refused for want of room, and when
//! it no longer is.
//!
//! Kept true: each crossing of the reserve is told once, however many requests met it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use engine_rt::sync::Notify;

use crate::shard::Shard;

/// A shard's disk passed the reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskChange {
    /// The shard's directory.
    pub place: PathBuf,
    /// Whether produce is refused from now on, or accepted again.
    pub is_full: bool,
    /// Free bytes when it was looked at.
    pub free_bytes: u64,
    /// The bytes that are kept free.
    pub reserve_bytes: u64,
}

impl fmt::Display for DiskChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DiskChange { place, is_full, free_bytes, reserve_bytes } = self;
        let place = place.display();
        match is_full {
            true => write!(
                f,
                "{place}: disk full, produce is refused: {free_bytes} bytes free, the reserve is \
                 {reserve_bytes}; delete topics or records, or give it room"
            ),
            false => write!(
                f,
                "{place}: room on disk again, produce is accepted: {free_bytes} bytes free, the \
                 reserve is {reserve_bytes}"
            ),
        }
    }
}

/// Changes that nobody was told of yet.
#[derive(Default)]
pub(crate) struct DiskChanges {
    queue: RefCell<VecDeque<DiskChange>>,
    came: Notify,
}

/// Changes that wait for somebody to tell them; older ones go.
const UNTOLD_MAX: usize = 64;

impl DiskChanges {
    fn push(&self, change: DiskChange) {
        let mut queue = self.queue.borrow_mut();
        if queue.len() >= UNTOLD_MAX {
            queue.pop_front();
        }
        queue.push_back(change);
        drop(queue);
        self.came.notify_all();
    }

    /// The next change; each is given to one asker only.
    pub(crate) async fn next(&self) -> DiskChange {
        loop {
            let came = self.came.notified();
            if let Some(change) = self.queue.borrow_mut().pop_front() {
                return change;
            }
            came.await;
        }
    }
}

impl Shard {
    /// Looks as often as the store does at its disk, until the store ends.
    pub(crate) async fn watch_disk(&self) {
        let pause = Duration::from_millis(self.disk.housekeeping_ms);
        let mut was_full = false;
        while !self.is_stopped() {
            let is_full = self.store.stats().storage_full;
            if is_full != was_full
                && let Ok(space) = self.core.disk_space(&self.disk.place).await
            {
                was_full = is_full;
                self.audience.disks.push(DiskChange {
                    place: self.disk.place.clone(),
                    is_full,
                    free_bytes: space.free,
                    reserve_bytes: self.disk.reserve_bytes,
                });
            }
            self.core.sleep(pause).await;
        }
    }
}

/// What a shard knows of its disk.
#[derive(Clone, Debug)]
pub(crate) struct DiskPlace {
    pub(crate) place: PathBuf,
    pub(crate) reserve_bytes: u64,
    pub(crate) housekeeping_ms: u64,
}
