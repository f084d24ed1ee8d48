//! Timers: a heap of deadlines that knows where each timer is, so that a dropped one leaves at
//! once.
//!
//! Kept true: timers fire in the order of (deadline, creation); nothing is allocated in steady
//! state.

use std::task::Waker;

use engine_base::Mono;

/// A timer's slot. Used by one `Sleep`, from `set` to `clear`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerId(u32);

#[derive(Default)]
pub(crate) struct Timers {
    /// A binary heap of slots.
    heap: Vec<u32>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    sequence: u64,
}

struct Slot {
    at: Mono,
    sequence: u64,
    /// Place in the heap; `None` once fired or free.
    place: Option<usize>,
    waker: Option<Waker>,
}

impl Timers {
    /// Sets a new timer.
    pub(crate) fn set(&mut self, at: Mono, waker: Waker) -> TimerId {
        self.sequence += 1;
        let slot = Slot { at, sequence: self.sequence, place: None, waker: Some(waker) };
        let index = match self.free.pop() {
            Some(index) => {
                self.slots[index as usize] = slot;
                index
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).expect("because fewer than 2^32 timers are set")
            }
        };
        self.heap.push(index);
        self.slots[index as usize].place = Some(self.heap.len() - 1);
        self.rise(self.heap.len() - 1);
        TimerId(index)
    }

    /// Renews who is woken.
    pub(crate) fn renew(&mut self, id: TimerId, waker: &Waker) {
        match &mut self.slots[id.0 as usize].waker {
            Some(known) if known.will_wake(waker) => {}
            known => *known = Some(waker.clone()),
        }
    }

    /// Gives the timer up, fired or not. The waker comes back to be dropped outside of any borrow.
    pub(crate) fn clear(&mut self, id: TimerId) -> Option<Waker> {
        if let Some(place) = self.slots[id.0 as usize].place.take() {
            self.remove(place);
        }
        self.free.push(id.0);
        self.slots[id.0 as usize].waker.take()
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Mono> {
        self.heap.first().map(|&index| self.slots[index as usize].at)
    }

    /// Takes the earliest timer if it is due: who is to be woken.
    pub(crate) fn fire(&mut self, now: Mono) -> Option<Waker> {
        let &index = self.heap.first()?;
        if self.slots[index as usize].at > now {
            return None;
        }
        self.slots[index as usize].place = None;
        self.remove(0);
        Some(self.slots[index as usize].waker.take().expect("because a set timer has a waker"))
    }

    fn remove(&mut self, place: usize) {
        let last = self.heap.pop().expect("because the heap holds what is removed");
        if place == self.heap.len() {
            return;
        }
        self.heap[place] = last;
        self.slots[last as usize].place = Some(place);
        self.rise(place);
        let place = self.slots[last as usize].place.expect("because it is in the heap");
        self.sink(place);
    }

    fn key(&self, place: usize) -> (Mono, u64) {
        let slot = &self.slots[self.heap[place] as usize];
        (slot.at, slot.sequence)
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.slots[self.heap[a] as usize].place = Some(a);
        self.slots[self.heap[b] as usize].place = Some(b);
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.key(parent) <= self.key(place) {
                break;
            }
            self.swap(parent, place);
            place = parent;
        }
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let mut least = place;
            for child in [2 * place + 1, 2 * place + 2] {
                if child < self.heap.len() && self.key(child) < self.key(least) {
                    least = child;
                }
            }
            if least == place {
                break;
            }
            self.swap(least, place);
            place = least;
        }
    }
}

#[cfg(test)]
#[path = "timer_test.rs"]
mod timer_test;
