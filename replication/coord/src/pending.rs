//! Ids that were given out to members that did not join with them yet.
//!
//! Kept true: all of it is volatile; each has its end, and those that lapse are found without the
//! others being looked through; together they take a bounded amount of memory.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_base::Mono;
use engine_base::limits::PENDING_MEMBERS_BYTES_MAX;

/// What an id takes beside its own bytes.
const ENTRY_BYTES: usize = 64;

/// Ids, and until when somebody may join with each.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    until: BTreeMap<Rc<str>, Mono>,
    ends: BTreeSet<(Mono, Rc<str>)>,
    bytes: usize,
}

impl Pending {
    /// Whether one more id may be given out.
    pub(crate) fn has_room_for(&self, id: &str) -> bool {
        self.bytes + id.len() + ENTRY_BYTES <= PENDING_MEMBERS_BYTES_MAX
    }

    /// An id is given out.
    pub(crate) fn insert(&mut self, id: Rc<str>, until: Mono) {
        self.remove(&id);
        self.bytes += id.len() + ENTRY_BYTES;
        self.ends.insert((until, id.clone()));
        self.until.insert(id, until);
    }

    /// It is none any more; whether it was one.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some((id, until)) = self.until.remove_entry(id) else { return false };
        self.bytes -= id.len() + ENTRY_BYTES;
        assert!(self.ends.remove(&(until, id)), "each id has its end");
        true
    }

    /// Those that nobody joined with in time are none any more.
    pub(crate) fn lapse(&mut self, now: Mono) {
        while let Some((until, id)) = self.ends.first().cloned()
            && until <= now
        {
            self.remove(&id);
        }
    }

    /// When the next one lapses.
    pub(crate) fn first_end(&self) -> Option<Mono> {
        self.ends.first().map(|(until, _)| *until)
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.until.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.until.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.until.is_empty()
    }

    /// All of them are none any more.
    pub(crate) fn clear(&mut self) {
        *self = Pending::default();
    }
}
