//! What the server's sweep sees of a connection: when it last did something, and how it is told to
//! end.
//!
//! Kept true: time limits cost a connection no timer; one sweep a second looks at all of them.

use std::cell::{Cell, RefCell};
use std::task::Waker;

use engine_base::Mono;

use crate::notice::Closed;

/// How a connection is told to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Take no more requests; answer those that were taken, then close.
    Drained,
    /// Close now.
    Now(Option<Closed>),
}

/// The signs of life of one connection.
pub(crate) struct Pulse {
    /// When bytes last came or went.
    active_at: Cell<Mono>,
    /// Since when bytes of an incomplete frame wait for the rest.
    begun_at: Cell<Option<Mono>>,
    /// Since when a send waits for the client to take it.
    sending_at: Cell<Option<Mono>>,
    /// When the request at hand is to be looked at, whatever happens until then.
    late_at: Cell<Option<Mono>>,
    end: RefCell<Option<End>>,
    waker: RefCell<Option<Waker>>,
}

impl Pulse {
    pub(crate) fn new(now: Mono) -> Pulse {
        Pulse {
            active_at: Cell::new(now),
            begun_at: Cell::new(None),
            sending_at: Cell::new(None),
            late_at: Cell::new(None),
            end: RefCell::new(None),
            waker: RefCell::new(None),
        }
    }

    /// Bytes came or went.
    pub(crate) fn beat(&self, now: Mono) {
        self.active_at.set(now);
    }

    /// Bytes of a frame are here and the rest is not.
    pub(crate) fn frame_begun(&self, now: Mono) {
        if self.begun_at.get().is_none() {
            self.begun_at.set(Some(now));
        }
    }

    /// No incomplete frame waits for its client.
    pub(crate) fn frame_done(&self) {
        self.begun_at.set(None);
    }

    /// A send is handed to the client.
    pub(crate) fn send_begun(&self, now: Mono) {
        self.sending_at.set(Some(now));
    }

    /// The client took it.
    pub(crate) fn send_done(&self, now: Mono) {
        self.sending_at.set(None);
        self.beat(now);
    }

    /// The request at hand has this time at most, or as much as it likes.
    pub(crate) fn waits_until(&self, late_at: Option<Mono>) {
        self.late_at.set(late_at);
    }

    /// Wakes the connection if its request's time is over.
    pub(crate) fn look(&self, now: Mono) {
        if self.late_at.get().is_some_and(|at| now >= at)
            && let Some(waker) = &*self.waker.borrow()
        {
            waker.wake_by_ref();
        }
    }

    pub(crate) fn active_at(&self) -> Mono {
        self.active_at.get()
    }

    pub(crate) fn begun_at(&self) -> Option<Mono> {
        self.begun_at.get()
    }

    pub(crate) fn sending_at(&self) -> Option<Mono> {
        self.sending_at.get()
    }

    /// Tells the connection to end. The last word counts.
    pub(crate) fn tell(&self, end: End) {
        *self.end.borrow_mut() = Some(end);
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// What the connection was told, once; it is woken by `waker` when told something new.
    pub(crate) fn told(&self, waker: &Waker) -> Option<End> {
        let mut own = self.waker.borrow_mut();
        match &mut *own {
            Some(own) => own.clone_from(waker),
            None => *own = Some(waker.clone()),
        }
        self.end.borrow_mut().take()
    }
}
