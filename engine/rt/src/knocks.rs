//! How other threads reach a core: a queue for what they bring, and a doorbell for when it sleeps.
//!
//! Kept true: nothing that was brought is lost, and the bell rings only for a core that sleeps or
//! is about to. A sleeper first says `sleeping`, then looks for knocks; who knocks first says so,
//! then looks at `sleeping`. Both words are only ever swapped, and of two swaps the second sees
//! everything that stood before the first: so one of the two sees the other. `knocks_loom` tries
//! the orders of these steps.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::threads::{AtomicBool, Mutex};

/// What other threads have brought, and whether the core must be woken for it.
pub(crate) struct Knocks<T> {
    brought: Mutex<Vec<T>>,
    knocked: AtomicBool,
    sleeping: AtomicBool,
}

impl<T> Knocks<T> {
    pub(crate) fn new() -> Knocks<T> {
        Knocks {
            brought: Mutex::new(Vec::new()),
            knocked: AtomicBool::new(false),
            sleeping: AtomicBool::new(false),
        }
    }

    /// Leaves something for the core. True: it sleeps, ring its bell.
    #[must_use]
    pub(crate) fn bring(&self, what: T) -> bool {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        self.knock()
    }

    /// Says that there is something for the core to look at. True: it sleeps, ring its bell.
    #[must_use]
    pub(crate) fn knock(&self) -> bool {
        self.knocked.swap(true, Ordering::SeqCst);
        self.sleeping.swap(false, Ordering::SeqCst)
    }

    /// Takes what was brought. True if anybody knocked.
    pub(crate) fn answer(&self, mut take: impl FnMut(T)) -> bool {
        if !self.knocked.swap(false, Ordering::SeqCst) {
            return false;
        }
        let mut brought = self.brought.lock().unwrap_or_else(PoisonError::into_inner);
        brought.drain(..).for_each(&mut take);
        true
    }

    /// Before sleeping: true if the core may sleep, and knocks will ring the bell from now on.
    pub(crate) fn fall_asleep(&self) -> bool {
        self.sleeping.swap(true, Ordering::SeqCst);
        if self.knocked.load(Ordering::SeqCst) {
            self.sleeping.swap(false, Ordering::SeqCst);
            return false;
        }
        true
    }

    pub(crate) fn wake_up(&self) {
        self.sleeping.swap(false, Ordering::SeqCst);
    }
}

/// Whether a task is in a ready queue, or on its way there: it is queued at most once.
pub(crate) struct Queued(AtomicBool);

impl Queued {
    pub(crate) fn new() -> Queued {
        Queued(AtomicBool::new(false))
    }

    /// True if it was not, and the caller has to queue it.
    #[must_use]
    pub(crate) fn mark(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }

    /// Before a poll: wakes from now on queue the task again, and what was written before a wake
    /// that did not is seen by this poll.
    pub(crate) fn unmark(&self) {
        self.0.swap(false, Ordering::AcqRel);
    }
}

#[cfg(all(test, loom))]
#[path = "knocks_loom.rs"]
mod knocks_loom;
