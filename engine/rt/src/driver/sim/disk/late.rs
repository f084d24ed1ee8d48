//! What a dead process left under way lands in the next one's life.
//!
//! Kept true: a descriptor's lock is held until the last operation on it has landed, as flock's is;
//! calls about names land with the death, because the thread in them keeps every descriptor open
//! until they are over; what is under way at the same time lands in any order.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Disk, Running, State};
use crate::chance::Chance;

/// An operation of a dead process that is to land.
pub(in super::super) struct Late(u64);

/// The longest delays of three kinds of devices, in nanoseconds.
const DELAYS: [u64; 3] = [300_000, 5_000_000, 60_000_000];

impl Late {
    pub(in super::super) fn number(&self) -> u64 {
        self.0
    }

    /// When it lands, in nanoseconds from the start of the new life.
    pub(in super::super) fn delay(&self, chance: &Chance) -> u64 {
        let kind = chance.below(DELAYS.len() as u64);
        chance.below(DELAYS[usize::try_from(kind).expect("because it is below a length")])
    }
}

impl Disk {
    /// The disk that a restart finds when the process died and what it had handed over takes its
    /// time: writes, cuts and reservations under way land in the next world that has this disk, in
    /// any order, and the locks of their descriptors are held until then. Else as
    /// [`Disk::crash`] with [`super::Crash::Kill`].
    pub fn kill_late(&self, seed: u64) -> Disk {
        let chance = Chance::new(seed);
        let mut state = self.state.borrow().clone();
        state.land_all(|running| running.open.is_none(), &chance);
        for running in state.running.values_mut() {
            running.is_late = true;
        }
        state.release_all();
        state.writes = 0;
        Disk { state: Rc::new(RefCell::new(state)) }
    }

    /// Operations of the dead that are under way.
    pub fn late(&self) -> usize {
        self.state.borrow().running.values().filter(|running| running.is_late).count()
    }

    /// What is to land, for the first world that has this disk.
    pub(in super::super) fn take_late(&self) -> Vec<Late> {
        let mut state = self.state.borrow_mut();
        if std::mem::replace(&mut state.late_taken, true) {
            return Vec::new();
        }
        let late = state.running.iter().filter(|(_, running)| running.is_late);
        late.map(|(number, _)| Late(*number)).collect()
    }

    pub(in super::super) fn land_late(&self, late: Late, chance: &Chance) {
        let mut state = self.state.borrow_mut();
        let running = state.running.remove(&late.0).expect("because it lands once");
        // Nobody is left to hear of an error.
        let _ = state.land(late.0, &running, chance);
        state.release_locks();
    }
}

impl State {
    /// Makes these running operations happen, in the order of their starts.
    pub(super) fn land_all(&mut self, which: impl Fn(&Running) -> bool, chance: &Chance) {
        let chosen = self.running.iter().filter(|(_, running)| which(running));
        let numbers: Vec<u64> = chosen.map(|(number, _)| *number).collect();
        for number in numbers {
            let running = self.running.remove(&number).expect("because it was just listed");
            // Nobody is left to hear of an error.
            let _ = self.land(number, &running, chance);
        }
    }

    /// Locks of the dead are free once nothing is under way on their descriptors.
    pub(super) fn release_locks(&mut self) {
        let held: Vec<u64> = self.running.values().filter_map(|running| running.open).collect();
        for content in self.files.values_mut() {
            if content.lock_is_late {
                content.locked_by.take_if(|holder| !held.contains(holder));
                content.lock_is_late = content.locked_by.is_some();
            }
        }
    }
}
