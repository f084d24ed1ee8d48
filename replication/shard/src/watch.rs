//! Waiting until a partition has something new: how a long poll sleeps.
//!
//! Kept true: a watch is woken by events and told which of its partitions moved, each once; nothing
//! polls, and what did not move costs nothing. One that is dropped leaves nothing behind, neither
//! here nor in the replicas it watched.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use engine_base::Offset;

use crate::partition::Partition;
use crate::shard::Shard;

/// Names a watch; never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WatchKey {
    slot: u32,
    generation: u32,
}

/// What a replica remembers of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interest {
    pub(crate) key: WatchKey,
    /// Which of its partitions this is to the watch.
    pub(crate) at: u32,
    /// The high watermark that the reader has seen.
    pub(crate) seen: Offset,
}

struct Entry {
    generation: u32,
    /// The partitions that moved and were not taken.
    moved: Vec<u32>,
    waker: Option<Waker>,
}

impl Entry {
    fn of(generation: u32) -> Entry {
        Entry { generation, moved: Vec::new(), waker: None }
    }
}

#[derive(Default)]
struct Slab {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

/// All watches of a node.
#[derive(Clone, Default)]
pub(crate) struct Watches(Rc<RefCell<Slab>>);

impl Watches {
    fn open(&self) -> WatchKey {
        let mut slab = self.0.borrow_mut();
        let slot = slab.free.pop().unwrap_or_else(|| {
            slab.entries.push(Entry::of(0));
            u32::try_from(slab.entries.len() - 1).expect("because memory bounds their number")
        });
        WatchKey { slot, generation: slab.entries[slot as usize].generation }
    }

    /// One of its partitions moved: wakes the watch, if it was not woken before.
    pub(crate) fn fire(&self, Interest { key, at, .. }: Interest) {
        let mut slab = self.0.borrow_mut();
        let entry = &mut slab.entries[key.slot as usize];
        assert_eq!(entry.generation, key.generation, "a watch outlives the interest in it");
        entry.moved.push(at);
        if let Some(waker) = entry.waker.take() {
            waker.wake();
        }
    }

    fn close(&self, key: WatchKey) {
        let mut slab = self.0.borrow_mut();
        let entry = &mut slab.entries[key.slot as usize];
        assert_eq!(entry.generation, key.generation, "a watch is closed once");
        *entry = Entry::of(entry.generation.wrapping_add(1));
        slab.free.push(key.slot);
    }

    /// How many watches are open.
    #[cfg(test)]
    pub(crate) fn open_count(&self) -> usize {
        let slab = self.0.borrow();
        slab.entries.len() - slab.free.len()
    }
}

/// Resolves once any watched partition moved past the high watermark that was seen, was deleted or
/// stopped. [`Watch::take_moved`] says which; it is done until one of them is watched again.
#[must_use = "a watch does nothing unless it is awaited"]
pub struct Watch {
    watches: Watches,
    key: WatchKey,
    watched: Vec<Option<Watched>>,
}

/// A partition of a watch.
struct Watched {
    shard: Shard,
    partition: Partition,
    /// From where its replica remembers the interest; `None` once it moved.
    seen: Option<Offset>,
}

impl Watch {
    /// Watches each of `seen`. What moved already wakes it at once.
    pub(crate) fn new(
        watches: &Watches,
        seen: impl Iterator<Item = (Shard, Partition, Offset)>,
    ) -> Watch {
        let key = watches.open();
        let mut watch = Watch { watches: watches.clone(), key, watched: Vec::new() };
        for (at, (shard, partition, seen)) in seen.enumerate() {
            watch.put(at, shard, partition, seen);
        }
        watch
    }

    /// Watches a partition at this position, in place of the one that is there.
    pub(crate) fn put(&mut self, at: usize, shard: Shard, partition: Partition, seen: Offset) {
        if self.watched.len() <= at {
            self.watched.resize_with(at + 1, || None);
        }
        if let Some(watched) = &self.watched[at]
            && watched.partition == partition
            && watched.seen == Some(seen)
        {
            return;
        }
        self.forget(at);
        self.watched[at] = Some(Watched { shard, partition, seen: None });
        self.again(at, seen);
    }

    /// Watches nothing at this position any more. Nor is a move of it told that was not taken.
    pub fn forget(&mut self, at: usize) {
        let Some(watched) = self.watched.get_mut(at).and_then(Option::take) else { return };
        let position = position(at);
        if watched.seen.is_some() {
            watched.shard.unwatch(watched.partition, self.key, position);
            let mut slab = self.watches.0.borrow_mut();
            slab.entries[self.key.slot as usize].moved.retain(|moved| *moved != position);
        }
    }

    /// Takes the positions of what moved, in the order in which the partitions were given. Each is
    /// told once, and no more until it is watched [`again`](Watch::again).
    pub fn take_moved(&mut self) -> Vec<usize> {
        let mut slab = self.watches.0.borrow_mut();
        let mut moved = std::mem::take(&mut slab.entries[self.key.slot as usize].moved);
        moved.sort_unstable();
        for at in &moved {
            if let Some(watched) = &mut self.watched[*at as usize] {
                watched.seen = None;
            }
        }
        moved.into_iter().map(|at| at as usize).collect()
    }

    /// Watches a partition again that has moved, from the high watermark that was seen of it since.
    pub fn again(&mut self, at: usize, seen: Offset) {
        let watched = self.watched[at].as_mut().expect("because it was given");
        let interest = Interest { key: self.key, at: position(at), seen };
        watched.seen = Some(seen);
        if !watched.shard.watch(watched.partition, interest) {
            self.watches.fire(interest);
        }
    }
}

fn position(at: usize) -> u32 {
    u32::try_from(at).expect("because a request names fewer partitions")
}

impl Future for Watch {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut slab = self.watches.0.borrow_mut();
        let entry = &mut slab.entries[self.key.slot as usize];
        if !entry.moved.is_empty() {
            return Poll::Ready(());
        }
        match &entry.waker {
            Some(known) if known.will_wake(context.waker()) => {}
            _ => entry.waker = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for (at, watched) in self.watched.iter().enumerate() {
            if let Some(watched) = watched.as_ref().filter(|watched| watched.seen.is_some()) {
                watched.shard.unwatch(watched.partition, self.key, position(at));
            }
        }
        self.watches.close(self.key);
    }
}
