//! One group: what its records say, of whichever protocol, and how it lives.
//!
//! Kept true: a group is classic or of the consumer protocol, never both; a record of the one kind
//! ends the other.

use std::rc::Rc;

use engine_base::Mono;

use crate::consumer::records::Fact;
use crate::consumer::state::Consumer;
use crate::consumer::state_of;
use crate::consumer::watch::Watch;
use crate::describe::{GroupKind, GroupState};
use crate::groups::Offsets;
use crate::live::{Live, Unconfirmed};
use crate::records::GroupFacts;

/// A group: what its records say, and how it lives.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// What the record of a classic group says.
    pub(crate) facts: Option<GroupFacts>,
    /// What the records of a consumer group say.
    pub(crate) consumer: Option<Box<Consumer>>,
    pub(crate) offsets: Offsets,
    /// None: exactly as the facts say, and nobody waits. Volatile.
    pub(crate) live: Option<Box<Live>>,
    /// The alarms of a consumer group. Volatile.
    pub(crate) watch: Option<Box<Watch>>,
    /// It becomes a classic group with the next record; whether that rebalances at once. Volatile.
    pub(crate) downgrading: Option<bool>,
    /// When to look for what has expired. Volatile.
    pub(crate) check: Option<Mono>,
}

impl Group {
    pub(crate) fn has_records(&self) -> bool {
        self.facts.is_some() || self.consumer.is_some() || !self.offsets.is_empty()
    }

    pub(crate) fn is_gone(&self) -> bool {
        !self.has_records() && self.live.is_none()
    }

    /// Nothing is left of it, and nothing is on its way.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.is_gone() && self.watch.is_none() && self.downgrading.is_none()
    }

    pub(crate) fn kind(&self) -> GroupKind {
        if self.consumer.is_some() { GroupKind::Consumer } else { GroupKind::Classic }
    }

    /// A classic group's state.
    pub(crate) fn state(&self) -> GroupState {
        let members = self.facts.as_ref().is_some_and(|facts| !facts.members.is_empty());
        match (&self.live, members) {
            (Some(live), _) => live.state,
            (None, true) => GroupState::Stable,
            (None, false) => GroupState::Empty,
        }
    }

    /// The name of its state.
    pub(crate) fn state_name(&self) -> &'static str {
        let consumer = self.consumer.as_ref();
        consumer.map_or_else(|| self.state().name(), |consumer| state_of(consumer).name())
    }

    pub(crate) fn protocol_type(&self) -> Rc<str> {
        if self.consumer.is_some() {
            return "consumer".into();
        }
        let of_facts = || self.facts.as_ref().map(|facts| facts.protocol_type.clone());
        let live = self.live.as_ref();
        live.map_or_else(of_facts, |live| live.protocol_type.clone()).unwrap_or_else(|| "".into())
    }

    /// Takes in the record of a classic group.
    pub(crate) fn apply_classic(&mut self, value: Option<GroupFacts>, timestamp: i64) {
        if value.is_some() {
            self.consumer = None;
        }
        self.facts = value;
        if let Some(live) = &mut self.live
            && live.unconfirmed.take() == Some(Unconfirmed::Assignment)
        {
            live.state = GroupState::Stable;
            live.state_ms = timestamp;
        }
    }

    /// Takes in a record of a consumer group.
    pub(crate) fn apply_consumer(&mut self, fact: Fact<'_>) {
        match (&mut self.consumer, fact.is_tombstone()) {
            (Some(_), true) if matches!(fact, Fact::Group(None)) => {
                (self.consumer, self.watch) = (None, None);
            }
            (Some(consumer), _) => consumer.apply(fact),
            (None, true) => {}
            (None, false) => {
                // Whoever waited in a classic group was answered when that was decided.
                (self.facts, self.live) = (None, None);
                self.consumer.insert(Box::new(Consumer::new())).apply(fact);
            }
        }
    }
}
