//! Bytes that all sessions of a core share: whoever wants many at once waits for its turn.
//!
//! Kept true: what is granted never exceeds the total, except that one taker alone may take more
//! than the total, so that nothing waits for ever, and that a taker may settle for what it really
//! found; grants go out in the order they were asked for. Lives on one core.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A bounded number of bytes, cheap to clone.
#[derive(Clone)]
pub(crate) struct Budget {
    state: Rc<RefCell<State>>,
}

struct State {
    total: usize,
    taken: usize,
    next_ticket: u64,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    ticket: u64,
    waker: Waker,
}

/// Bytes that were granted; dropping it gives them back.
pub(crate) struct Grant {
    budget: Budget,
    bytes: usize,
}

/// Waits for a grant. Dropping it gives up the place in the queue.
pub(crate) struct Take {
    budget: Budget,
    bytes: usize,
    ticket: Option<u64>,
}

impl Budget {
    pub(crate) fn new(total: usize) -> Budget {
        let state = State { total, taken: 0, next_ticket: 0, waiting: VecDeque::new() };
        Budget { state: Rc::new(RefCell::new(state)) }
    }

    /// Waits until `bytes` can be granted.
    pub(crate) fn take(&self, bytes: usize) -> Take {
        Take { budget: self.clone(), bytes, ticket: None }
    }

    /// Bytes that are free at once and for which nobody waits.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Grant> {
        let mut grant = Grant { budget: self.clone(), bytes: 0 };
        grant.grow(bytes).then_some(grant)
    }

    /// How many bytes are granted now.
    pub(crate) fn taken(&self) -> usize {
        self.state.borrow().taken
    }
}

impl Grant {
    /// Takes `bytes` more if they are free at once and nobody waits for them.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let mut state = self.budget.state.borrow_mut();
        let is_free = state.waiting.is_empty() && state.taken.saturating_add(bytes) <= state.total;
        if is_free {
            state.taken += bytes;
            self.bytes += bytes;
        }
        is_free
    }

    /// Counts the bytes that are really held, which may be a little more than was granted.
    pub(crate) fn settle(&mut self, bytes: usize) {
        let mut state = self.budget.state.borrow_mut();
        state.taken = state.taken - self.bytes + bytes;
        self.bytes = bytes;
        state.wake_first();
    }
}

impl State {
    fn fits(&self, bytes: usize) -> bool {
        self.taken == 0 || self.taken.saturating_add(bytes) <= self.total
    }

    fn wake_first(&self) {
        if let Some(first) = self.waiting.front() {
            first.waker.wake_by_ref();
        }
    }
}

impl Future for Take {
    type Output = Grant;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Grant> {
        let shared = self.budget.state.clone();
        let mut state = shared.borrow_mut();
        let first = state.waiting.front().map(|first| first.ticket);
        if (first.is_none() || first == self.ticket) && state.fits(self.bytes) {
            if self.ticket.take().is_some() {
                state.waiting.pop_front();
            }
            state.taken += self.bytes;
            state.wake_first();
            return Poll::Ready(Grant { budget: self.budget.clone(), bytes: self.bytes });
        }
        match self.ticket {
            Some(ticket) => {
                let place = state.waiting.iter_mut().find(|waiting| waiting.ticket == ticket);
                let place = place.expect("because a ticket stays queued until its take ends");
                place.waker.clone_from(context.waker());
            }
            None => {
                let ticket = state.next_ticket;
                state.next_ticket += 1;
                state.waiting.push_back(Waiting { ticket, waker: context.waker().clone() });
                self.ticket = Some(ticket);
            }
        }
        Poll::Pending
    }
}

impl Drop for Take {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            let mut state = self.budget.state.borrow_mut();
            state.waiting.retain(|waiting| waiting.ticket != ticket);
            state.wake_first();
        }
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let mut state = self.budget.state.borrow_mut();
        assert!(state.taken >= self.bytes, "a grant is given back once");
        state.taken -= self.bytes;
        state.wake_first();
    }
}

#[cfg(test)]
#[path = "budget_test.rs"]
mod budget_test;
