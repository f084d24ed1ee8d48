//! Who leads and what is visible, for a replication factor of 1: the seam where raft steps in.
//!
//! `step(event) -> effects` is pure: no clock, no I/O, nothing async. The shell tells what became
//! of its own appends and hard state; the effects say what to persist and how far readers may see.
//! With more replicas the same events come from peers too.
//!
//! Kept true (asserted in release builds):
//! - terms only rise, `visible` only moves forward and never beyond what was appended;
//! - nothing is visible in a term before that term is durable;
//! - nothing is visible before it is durable, or in a write-cached topic before it is submitted;
//!   what was appended under `fsync` keeps that promise when the topic becomes write-cached.

use engine_base::{Epoch, NodeId, Offset};
use engine_log::HardState;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// This node may lead: at its start, and when the replica is created.
    Stand,
    /// The hard state of this term is durable.
    TermDurable(Epoch),
    /// The log now ends here.
    Appended(Offset),
    /// The log up to here was handed to the kernel: killing the process does not lose it.
    Submitted(Offset),
    /// The log up to here is flushed.
    Durable(Offset),
    /// The topic's durability class.
    WriteCaching(bool),
    /// The store failed: this replica says nothing more.
    Stop,
}

/// What follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Write this down; tell [`Event::TermDurable`] when it is durable.
    pub(crate) persist: Option<HardState>,
    /// Readers may see up to here now.
    pub(crate) visible: Option<Offset>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Recovered, not leading.
    Resting,
    /// Its new term is on its way to the disk: it takes appends, shows and answers nothing.
    Standing,
    Leading,
    Stopped,
}

/// One replica's own view.
#[derive(Debug)]
pub(crate) struct Consensus {
    node: NodeId,
    role: Role,
    term: Epoch,
    appended: Offset,
    submitted: Offset,
    durable: Offset,
    visible: Offset,
    write_caching: bool,
    /// Below this, offsets were appended under `fsync` and stay so.
    cached_from: Offset,
}

impl Consensus {
    /// A replica as recovery found it: whatever is there was flushed.
    pub(crate) fn recovered(
        node: NodeId,
        hard_state: &HardState,
        start: Offset,
        end: Offset,
    ) -> Consensus {
        assert!(start <= end, "a log does not end before it starts");
        Consensus {
            node,
            role: Role::Resting,
            term: hard_state.term,
            appended: end,
            submitted: end,
            durable: end,
            visible: start,
            write_caching: false,
            cached_from: 0,
        }
    }

    /// Takes an event in.
    pub(crate) fn step(&mut self, event: Event) -> Effects {
        let mut effects = Effects::default();
        if self.role == Role::Stopped {
            return effects;
        }
        match event {
            Event::Stand => effects.persist = Some(self.stand()),
            Event::TermDurable(term) => {
                assert_eq!((self.role, self.term), (Role::Standing, term), "one term at a time");
                self.role = Role::Leading;
            }
            Event::Appended(end) => {
                assert!(self.takes_appends() && end > self.appended, "a leader's log grows");
                self.appended = end;
            }
            Event::Submitted(end) => {
                assert!(end <= self.appended, "only what was appended is submitted");
                self.submitted = self.submitted.max(end);
            }
            Event::Durable(end) => {
                assert!(end <= self.appended, "only what was appended is flushed");
                self.durable = self.durable.max(end);
                self.submitted = self.submitted.max(end);
            }
            Event::WriteCaching(on) => {
                if on && !self.write_caching {
                    self.cached_from = self.appended;
                }
                self.write_caching = on;
            }
            Event::Stop => self.role = Role::Stopped,
        }
        effects.visible = self.commit();
        effects
    }

    fn stand(&mut self) -> HardState {
        assert_eq!(self.role, Role::Resting, "a replica stands once per start");
        self.role = Role::Standing;
        self.term = self.term.checked_add(1).expect("because starts are fewer than that");
        HardState {
            term: self.term,
            vote: self.node,
            log_term: self.term,
            members: vec![self.node],
            config_version: 0,
            config_term: self.term,
        }
    }

    /// Recomputes from all positions how far readers may see.
    fn commit(&mut self) -> Option<Offset> {
        if self.role != Role::Leading {
            return None;
        }
        let cached = self.write_caching && self.durable >= self.cached_from;
        let committed = if cached { self.submitted } else { self.durable };
        assert!(committed <= self.appended, "nothing is visible that was not appended");
        if committed <= self.visible {
            return None;
        }
        self.visible = committed;
        Some(committed)
    }

    /// The epoch that appends are stamped with, while this replica takes them.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        self.takes_appends().then_some(self.term)
    }

    fn takes_appends(&self) -> bool {
        matches!(self.role, Role::Standing | Role::Leading)
    }

    /// Whether this replica proved its term and may answer readers.
    pub(crate) fn leads(&self) -> bool {
        self.role == Role::Leading
    }

    /// Whether the store under it failed.
    pub(crate) fn is_stopped(&self) -> bool {
        self.role == Role::Stopped
    }

    /// One past the last offset that readers may see.
    pub(crate) fn visible(&self) -> Offset {
        self.visible
    }

    /// The term it is in.
    pub(crate) fn term(&self) -> Epoch {
        self.term
    }
}

#[cfg(test)]
#[path = "consensus_test.rs"]
mod consensus_test;
