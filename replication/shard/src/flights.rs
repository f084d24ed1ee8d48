//! Appends on their way to the disk, in the order of the journal.
//!
//! Kept true: sequences never decrease along a queue, because the store promises it; so what a
//! progress of the journal settles is always a front of the queue, and each append is settled once
//! per mark.

use std::collections::VecDeque;

use engine_base::{Epoch, LogId, Offset};
use engine_log::Seq;

/// What reached a mark of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Landed {
    /// The log ends here with this append.
    End(Offset),
    /// The hard state of this term.
    Term(Epoch),
}

/// Something of one replica on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) seq: Seq,
    pub(crate) slot: u32,
    pub(crate) log: LogId,
    pub(crate) what: Landed,
}

/// A queue of flights that wait for one mark of the journal (submitted, or durable).
#[derive(Debug, Default)]
pub(crate) struct Flights {
    queue: VecDeque<Flight>,
}

impl Flights {
    /// Adds a flight. Several appends of one replica in one block land as one.
    pub(crate) fn push(&mut self, flight: Flight) {
        if let Some(last) = self.queue.back_mut() {
            assert!(last.seq <= flight.seq, "sequences never decrease from call to call");
            let same = (last.seq, last.slot, last.log) == (flight.seq, flight.slot, flight.log);
            if let (true, Landed::End(before), Landed::End(end)) = (same, last.what, flight.what) {
                assert!(before < end, "a log grows");
                last.what = flight.what;
                return;
            }
        }
        self.queue.push_back(flight);
    }

    /// The next flight that this mark settles.
    pub(crate) fn settle(&mut self, mark: Seq) -> Option<Flight> {
        self.queue.pop_front_if(|flight| flight.seq <= mark)
    }

    /// Forgets everything: the store failed and nothing more lands.
    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(seq: u64, slot: u32, what: Landed) -> Flight {
        Flight { seq: Seq(seq), slot, log: LogId(u64::from(slot)), what }
    }

    #[test]
    fn flights_land_in_the_order_of_the_journal() {
        let mut flights = Flights::default();
        flights.push(flight(1, 0, Landed::Term(3)));
        flights.push(flight(1, 0, Landed::End(5)));
        flights.push(flight(1, 0, Landed::End(7)));
        flights.push(flight(1, 1, Landed::End(2)));
        flights.push(flight(2, 1, Landed::End(4)));
        assert_eq!(flights.settle(Seq(0)), None);
        assert_eq!(flights.settle(Seq(1)), Some(flight(1, 0, Landed::Term(3))));
        assert_eq!(flights.settle(Seq(1)), Some(flight(1, 0, Landed::End(7))), "joined");
        assert_eq!(flights.settle(Seq(1)), Some(flight(1, 1, Landed::End(2))));
        assert_eq!(flights.settle(Seq(1)), None);
        assert_eq!(flights.settle(Seq(9)), Some(flight(2, 1, Landed::End(4))));
        assert_eq!(flights.settle(Seq(9)), None);
    }
}
