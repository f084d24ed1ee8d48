//! The requests of one connection that were taken and are not answered: in the order they came.
//!
//! Kept true: requests begin in the order they came and are answered in that order. Produces
//! overlap with produces, since handing one in is what orders it; any other request begins when all
//! before it are done and nothing begins before it is done, so that a client that sends ahead sees
//! what Kafka, which takes one at a time, would have shown it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use crate::budget::Grant;
use crate::handle::Outcome;
use crate::handle::produce::Producing;
use crate::session::answered::Asked;

/// A request on its way.
pub(crate) enum Work {
    /// Batches that were handed in, and wait to be acknowledged.
    Produce(Producing),
    /// Anything else.
    Other(Pin<Box<dyn Future<Output = Outcome>>>),
}

/// A request on its way, and what it holds meanwhile.
pub(crate) struct Flight {
    pub(crate) work: Work,
    /// The size of its frame.
    pub(crate) frame_bytes: usize,
    /// What it asks for, where somebody wants to know.
    pub(crate) asked: Option<Asked>,
    /// What its frame was granted, where it is a large Produce: others see to theirs themselves.
    pub(crate) _grant: Option<Grant>,
}

/// The requests on their way. The reading half puts in, the answering half takes out.
pub(crate) struct Flights {
    queue: RefCell<VecDeque<Flight>>,
    /// How many were put in and are not done, including the one that was taken out.
    count: Cell<usize>,
    bytes: Cell<usize>,
    /// How many of them are not produces: 0 or 1.
    others: Cell<usize>,
    count_max: usize,
    bytes_max: usize,
}

impl Flights {
    pub(crate) fn new(count_max: usize, bytes_max: usize) -> Flights {
        Flights {
            queue: RefCell::new(VecDeque::new()),
            count: Cell::new(0),
            bytes: Cell::new(0),
            others: Cell::new(0),
            count_max,
            bytes_max,
        }
    }

    /// Whether a produce of this size may begin.
    pub(crate) fn admits_produce(&self, bytes: usize) -> bool {
        let fits = self.bytes.get() + bytes <= self.bytes_max && self.count.get() < self.count_max;
        self.others.get() == 0 && (fits || self.is_empty())
    }

    /// Whether another request may begin.
    pub(crate) fn admits_other(&self) -> bool {
        self.is_empty()
    }

    /// Whether nothing is on its way.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.get() == 0
    }

    /// Puts a request in that began.
    pub(crate) fn begin(&self, flight: Flight) {
        match &flight.work {
            Work::Produce(_) => assert!(self.admits_produce(flight.frame_bytes), "asked first"),
            Work::Other(_) => {
                assert!(self.admits_other(), "asked first");
                self.others.set(1);
            }
        }
        self.count.set(self.count.get() + 1);
        self.bytes.set(self.bytes.get() + flight.frame_bytes);
        self.queue.borrow_mut().push_back(flight);
    }

    /// The next one to be answered. It is on its way until [`Flights::done`].
    pub(crate) fn next(&self) -> Option<Flight> {
        self.queue.borrow_mut().pop_front()
    }

    /// One that was taken out is answered.
    pub(crate) fn done(&self, flight: Flight) {
        assert!(self.count.get() > 0, "what is done began");
        self.count.set(self.count.get() - 1);
        self.bytes.set(self.bytes.get() - flight.frame_bytes);
        if matches!(flight.work, Work::Other(_)) {
            self.others.set(0);
        }
    }
}

#[cfg(test)]
#[path = "flight_test.rs"]
mod flight_test;
