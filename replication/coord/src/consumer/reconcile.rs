//! A member's way from what it has to its target.
//!
//! Kept true: a member is given a partition only once nobody else has it, and its epoch moves on
//! only once it gave up what it is not to have any more.

use std::collections::BTreeMap;

use engine_base::{Refusal, Uuid};

use super::state::{Current, MemberState, Owned, Share};

/// What a member says that it owns, by topic; none if it does not say.
pub(crate) type Says<'a> = Option<&'a [(Uuid, Vec<i32>)]>;

/// Where a member is to go, and what it is like there.
pub(crate) struct Way<'a> {
    /// The epoch of the target.
    pub(crate) epoch: i32,
    /// What it is to have.
    pub(crate) target: &'a Share,
    /// What it says that it owns.
    pub(crate) says: Says<'a>,
    /// Whether it reads a topic, after its newest words.
    pub(crate) reads: &'a dyn Fn(Uuid) -> bool,
    /// It reads something else than before: what it does not read any more goes at once.
    pub(crate) reads_otherwise: bool,
    /// Whether somebody has a partition.
    pub(crate) is_owned: &'a dyn Fn(Uuid, i32) -> bool,
}

impl Way<'_> {
    /// What the member has after this step.
    pub(crate) fn step(&self, current: &Current) -> Result<Current, Refusal> {
        match current.state {
            MemberState::Stable if current.epoch != self.epoch => Ok(self.next(current, None)),
            MemberState::Stable if self.reads_otherwise => Ok(self.give_up_unread(current)),
            MemberState::Stable => Ok(current.clone()),
            MemberState::Unrevoked => {
                if self.has_any(&current.revoking) {
                    return Ok(match self.reads_otherwise {
                        true => self.give_up_unread(current),
                        false => current.clone(),
                    });
                }
                Ok(self.next(current, None))
            }
            MemberState::Unreleased => Ok(self.next(current, None)),
            MemberState::Unknown => {
                if self.says.is_none_or(|owned| !owned.is_empty()) {
                    let why = "The consumer group member is in a unknown state. \
                        The member must abandon all its partitions and rejoin.";
                    return Err(Refusal::FencedMemberEpoch(why.into()));
                }
                Ok(self.next(current, Some(self.epoch)))
            }
        }
    }

    /// Whether the member still says that it owns any of these; whoever says nothing may.
    fn has_any(&self, of: &Owned) -> bool {
        let Some(says) = self.says else { return true };
        says.iter().any(|(topic, partitions)| {
            let of = of.get(topic);
            of.is_some_and(|of| partitions.iter().any(|partition| of.contains_key(partition)))
        })
    }

    /// Towards the target; `epoch` is the member's until it gave up what it must.
    fn next(&self, current: &Current, epoch: Option<i32>) -> Current {
        let epoch = epoch.unwrap_or(current.epoch);
        let wanted = |topic: Uuid, partition: i32| {
            self.target.get(&topic).is_some_and(|of| of.contains(&partition)) && (self.reads)(topic)
        };
        let (mut assigned, revoking) = split(&current.assigned, wanted);
        if !revoking.is_empty() && self.has_any(&revoking) {
            return Current {
                epoch,
                previous: current.epoch,
                state: MemberState::Unrevoked,
                assigned,
                revoking,
            };
        }
        let mut state = MemberState::Stable;
        for (topic, partitions) in self.target.iter().filter(|(topic, _)| (self.reads)(**topic)) {
            for partition in partitions {
                if assigned.get(topic).is_some_and(|of| of.contains_key(partition)) {
                    continue;
                }
                // What it has just given up itself is free, though its record still says otherwise.
                let gave_up = current.revoking.get(topic);
                let gave_up = gave_up.is_some_and(|of| of.contains_key(partition));
                if (self.is_owned)(*topic, *partition) && !gave_up {
                    state = MemberState::Unreleased;
                } else {
                    assigned.entry(*topic).or_default().insert(*partition, self.epoch);
                }
            }
        }
        let (previous, revoking) = (current.epoch, Owned::new());
        Current { epoch: self.epoch, previous, state, assigned, revoking }
    }

    /// Stays in its epoch, without what it does not read any more.
    fn give_up_unread(&self, current: &Current) -> Current {
        let (assigned, unread) = split(&current.assigned, |topic, _| (self.reads)(topic));
        if unread.is_empty() {
            return current.clone();
        }
        let mut next = Current { assigned, ..current.clone() };
        if current.state == MemberState::Unrevoked || self.has_any(&unread) {
            next.state = MemberState::Unrevoked;
            for (topic, partitions) in unread {
                next.revoking.entry(topic).or_default().extend(partitions);
            }
        }
        next
    }
}

/// What stays, and what does not.
fn split(owned: &Owned, stays: impl Fn(Uuid, i32) -> bool) -> (Owned, Owned) {
    let (mut kept, mut gone) = (Owned::new(), Owned::new());
    for (topic, partitions) in owned {
        let (stay, go): (BTreeMap<_, _>, BTreeMap<_, _>) =
            partitions.iter().partition(|(partition, _)| stays(*topic, **partition));
        for (into, part) in [(&mut kept, stay), (&mut gone, go)] {
            if !part.is_empty() {
                into.insert(*topic, part);
            }
        }
    }
    (kept, gone)
}
