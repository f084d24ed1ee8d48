//! Who waits: wakers in slots that are used again, so that waiting allocates nothing in steady
//! state.

use std::cell::RefCell;
use std::task::Waker;

/// A set of wakers, woken in the order of their slots.
#[derive(Default)]
pub(super) struct Waiters {
    slots: RefCell<Slots>,
}

#[derive(Default)]
struct Slots {
    all: Vec<Slot>,
    free: Vec<usize>,
}

enum Slot {
    Free,
    /// Registered, and woken since.
    Woken,
    Waiting(Waker),
}

/// A future's place among the waiters; `None` until it first waits.
pub(super) type Place = Option<usize>;

impl Waiters {
    /// Registers or renews a waiter.
    pub(super) fn wait(&self, place: &mut Place, waker: &Waker) {
        let mut slots = self.slots.borrow_mut();
        let at = *place.get_or_insert_with(|| {
            slots.free.pop().unwrap_or_else(|| {
                slots.all.push(Slot::Free);
                slots.all.len() - 1
            })
        });
        match &mut slots.all[at] {
            Slot::Waiting(known) if known.will_wake(waker) => {}
            slot => *slot = Slot::Waiting(waker.clone()),
        }
    }

    /// Takes a waiter out. True if it had been woken and did not wait again since.
    pub(super) fn leave(&self, place: &mut Place) -> bool {
        let Some(at) = place.take() else { return false };
        let left = {
            let mut slots = self.slots.borrow_mut();
            slots.free.push(at);
            std::mem::replace(&mut slots.all[at], Slot::Free)
        };
        matches!(left, Slot::Woken)
    }

    /// Wakes everybody who waits now.
    pub(super) fn wake_all(&self) {
        let mut at = 0;
        while let Some(waker) = self.take_from(&mut at) {
            waker.wake();
        }
    }

    /// Wakes one; false if nobody waits.
    pub(super) fn wake_one(&self) -> bool {
        match self.take_from(&mut 0) {
            Some(waker) => {
                waker.wake();
                true
            }
            None => false,
        }
    }

    fn take_from(&self, at: &mut usize) -> Option<Waker> {
        let mut slots = self.slots.borrow_mut();
        while *at < slots.all.len() {
            let slot = &mut slots.all[*at];
            *at += 1;
            if matches!(slot, Slot::Waiting(_))
                && let Slot::Waiting(waker) = std::mem::replace(slot, Slot::Woken)
            {
                return Some(waker);
            }
        }
        None
    }
}
