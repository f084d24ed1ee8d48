//! What the records of a group of the consumer protocol say, and what follows from them.
//!
//! Kept true: every count and every owner here is that of the members below; a partition is owned
//! by the member whose record named it last; nothing but applying a record changes any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_base::Uuid;

use crate::live::Protocols;

/// Partitions by topic, as a target says them.
pub(crate) type Share = BTreeMap<Uuid, BTreeSet<i32>>;

/// Partitions by topic, each with the epoch in which its member got it.
pub(crate) type Owned = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// The epoch of a member that went for a while.
pub(crate) const EPOCH_AWAY: i32 = -2;

/// The epoch of a member that goes, and of one whose record was taken away.
pub(crate) const EPOCH_GONE: i32 = -1;

/// What a member of the classic protocol brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Classic {
    pub(crate) session_ms: i32,
    pub(crate) protocols: Protocols,
}

/// What a member says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) instance_id: Option<Rc<str>>,
    pub(crate) rack_id: Option<Rc<str>>,
    pub(crate) client_id: Rc<str>,
    pub(crate) client_host: Rc<str>,
    /// Sorted, each once.
    pub(crate) topics: Rc<[Rc<str>]>,
    /// Empty: none.
    pub(crate) regex: Rc<str>,
    pub(crate) rebalance_ms: i32,
    pub(crate) assignor: Option<Rc<str>>,
    /// It speaks the classic protocol.
    pub(crate) classic: Option<Classic>,
}

/// How far a member is on its way to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberState {
    Stable,
    /// It must give up partitions first.
    Unrevoked,
    /// Others must give up partitions first.
    Unreleased,
    /// Of a newer version than this.
    Unknown,
}

/// What a member has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    /// The one before, which a member uses that missed its newest answer.
    pub(crate) previous: i32,
    pub(crate) state: MemberState,
    pub(crate) assigned: Owned,
    pub(crate) revoking: Owned,
}

impl Current {
    /// Of a member that has nothing, at this epoch.
    pub(crate) fn nothing(epoch: i32) -> Current {
        Current {
            epoch,
            previous: epoch,
            state: MemberState::Stable,
            assigned: Owned::new(),
            revoking: Owned::new(),
        }
    }

    /// It is where the target of this epoch wants it.
    pub(crate) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) subscription: Rc<Subscription>,
    pub(crate) current: Current,
}

impl Member {
    /// A member that nothing was said of yet.
    pub(crate) fn new() -> Member {
        Member { subscription: Rc::default(), current: Current::nothing(0) }
    }

    pub(crate) fn is_classic(&self) -> bool {
        self.subscription.classic.is_some()
    }
}

/// The topics that a pattern stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Sorted, each once.
    pub(crate) topics: Rc<[Rc<str>]>,
    /// The cluster's version that they were looked for in.
    pub(crate) version: i64,
    /// When, in milliseconds since 1970.
    pub(crate) at_ms: i64,
}

/// How often something is named.
pub(crate) type Counts = BTreeMap<Rc<str>, usize>;

/// One more or one less.
pub(crate) fn count(counts: &mut Counts, name: &Rc<str>, up: bool) {
    if up {
        *counts.entry(name.clone()).or_default() += 1;
        return;
    }
    let left = counts.get_mut(name).expect("because it was counted");
    *left -= 1;
    if *left == 0 {
        counts.remove(name);
    }
}

/// A group of the consumer protocol.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    /// Grows with every change of members, subscriptions or topics.
    pub(crate) epoch: i32,
    /// Of the topics that are read: another one is another epoch. 0: none.
    pub(crate) hash: i64,
    /// The epoch that the targets are for.
    pub(crate) target_epoch: i32,
    /// When they were found, in milliseconds since 1970.
    pub(crate) target_ms: i64,
    pub(crate) members: BTreeMap<Rc<str>, Member>,
    pub(crate) targets: BTreeMap<Rc<str>, Rc<Share>>,
    pub(crate) patterns: BTreeMap<Rc<str>, Resolved>,
    owners: BTreeMap<(Uuid, i32), Rc<str>>,
    statics: BTreeMap<Rc<str>, Rc<str>>,
    /// Topics that members name.
    pub(crate) names: Counts,
    /// Patterns that members name.
    pub(crate) readers: Counts,
    pub(crate) assignors: Counts,
    /// Protocols of classic members.
    pub(crate) protocols: Counts,
    pub(crate) classics: usize,
}

impl Consumer {
    /// A group that nothing was written of. The first epoch is 1, so that no member is ever told 0.
    pub(crate) fn new() -> Consumer {
        Consumer {
            epoch: 1,
            hash: 0,
            target_epoch: 1,
            target_ms: 0,
            members: BTreeMap::new(),
            targets: BTreeMap::new(),
            patterns: BTreeMap::new(),
            owners: BTreeMap::new(),
            statics: BTreeMap::new(),
            names: Counts::new(),
            readers: Counts::new(),
            assignors: Counts::new(),
            protocols: Counts::new(),
            classics: 0,
        }
    }

    /// The member under this static name.
    pub(crate) fn static_member(&self, instance: &str) -> Option<(&Rc<str>, &Member)> {
        self.members.get_key_value(self.statics.get(instance)?)
    }

    /// Whether somebody has this partition, or has not given it up yet.
    pub(crate) fn is_owned(&self, topic: Uuid, partition: i32) -> bool {
        self.owners.contains_key(&(topic, partition))
    }

    /// Who is to have what: nothing, if no target says more.
    pub(crate) fn target(&self, id: &str) -> Rc<Share> {
        self.targets.get(id).cloned().unwrap_or_default()
    }

    /// Whether a member reads a topic, by its name or by a pattern.
    pub(crate) fn reads(&self, topic: &str) -> bool {
        let by_pattern = || {
            let mut read = self.readers.keys().filter_map(|pattern| self.patterns.get(pattern));
            read.any(|resolved| {
                resolved.topics.binary_search_by(|name| (**name).cmp(topic)).is_ok()
            })
        };
        self.names.contains_key(topic) || by_pattern()
    }

    /// A member says something else of itself, for the first time maybe, or is no more.
    pub(crate) fn set_subscription(&mut self, id: &str, to: Option<Rc<Subscription>>) {
        let before = self.members.get(id).map(|member| member.subscription.clone());
        if let Some(before) = before {
            self.tally(id, &before, false);
        }
        let Some(to) = to else {
            if let Some(member) = self.members.remove(id) {
                self.disown(id, &member.current);
            }
            return;
        };
        let id: Rc<str> = id.into();
        self.tally(&id, &to, true);
        self.members.entry(id).or_insert_with(Member::new).subscription = to;
    }

    /// A member has something else.
    pub(crate) fn set_current(&mut self, id: &str, to: Option<Current>) {
        let to = match (to, self.members.get(id)) {
            (Some(to), Some(_)) => to,
            (Some(to), None) => {
                self.set_subscription(id, Some(Rc::default()));
                to
            }
            (None, Some(_)) => Current::nothing(EPOCH_GONE),
            (None, None) => return,
        };
        let id = self.members.get_key_value(id).expect("because it was just seen").0.clone();
        let member = self.members.get_mut(&id).expect("because it was just seen");
        let before = std::mem::replace(&mut member.current, to.clone());
        self.disown(&id, &before);
        for (topic, partitions) in to.assigned.iter().chain(&to.revoking) {
            for partition in partitions.keys() {
                self.owners.insert((*topic, *partition), id.clone());
            }
        }
    }

    fn disown(&mut self, id: &str, current: &Current) {
        for (topic, partitions) in current.assigned.iter().chain(&current.revoking) {
            for partition in partitions.keys() {
                let place = (*topic, *partition);
                // Another member's record may have named it since.
                if self.owners.get(&place).is_some_and(|owner| **owner == *id) {
                    self.owners.remove(&place);
                }
            }
        }
    }

    fn tally(&mut self, id: &str, of: &Subscription, up: bool) {
        of.topics.iter().for_each(|topic| count(&mut self.names, topic, up));
        if !of.regex.is_empty() {
            count(&mut self.readers, &of.regex, up);
        }
        of.assignor.iter().for_each(|name| count(&mut self.assignors, name, up));
        if let Some(classic) = &of.classic {
            classic.protocols.iter().for_each(|(name, _)| count(&mut self.protocols, name, up));
            self.classics = if up { self.classics + 1 } else { self.classics - 1 };
        }
        let Some(instance) = &of.instance_id else { return };
        if up {
            self.statics.insert(instance.clone(), id.into());
        } else if self.statics.get(instance).is_some_and(|holder| **holder == *id) {
            self.statics.remove(instance);
        }
    }

    /// Asserts what holds whenever everything committed was applied.
    pub(crate) fn check(&self) {
        assert!(self.target_epoch <= self.epoch, "targets are of an epoch that was");
        assert!(self.classics <= self.members.len(), "a classic member is a member");
        assert!(self.statics.len() <= self.members.len(), "a static member is a member");
    }

    /// Asserts that every owner is a member that has its partition, and that no member's epoch is
    /// ahead of the group's.
    #[cfg(test)]
    pub(crate) fn check_owners(&self) {
        let mut held = BTreeMap::new();
        for (id, member) in &self.members {
            assert!(member.current.epoch <= self.epoch, "{id} is ahead of its group");
            for (topic, partitions) in
                member.current.assigned.iter().chain(&member.current.revoking)
            {
                for partition in partitions.keys() {
                    let other = held.insert((*topic, *partition), id.clone());
                    assert_eq!(other, None, "{id} has {partition} of {topic:?} too");
                }
            }
        }
        assert_eq!(held, self.owners, "owners are who has it");
    }
}
