//! A rebalance from its begin to a new generation, as Kafka's coordinator runs it.
//!
//! Kept true: whoever's join or sync waits is answered when the phase ends, whichever way; a
//! generation is one more than the one before.

use std::rc::Rc;
use std::time::Duration;

use engine_base::Refusal;

use crate::answer::{GroupAnswer, Joined, JoinedMember};
use crate::describe::GroupState;
use crate::live::{JoinTimer, Live, Unconfirmed};
use crate::turn::Turn;

impl Turn<'_> {
    /// Something changed that everybody must join for.
    pub(crate) fn rebalance(&mut self, live: &mut Live) {
        if live.state == GroupState::PreparingRebalance {
            self.maybe_complete_join(live);
        } else {
            self.prepare_rebalance(live);
        }
    }

    /// Begins the join phase.
    pub(crate) fn prepare_rebalance(&mut self, live: &mut Live) {
        assert!(live.state != GroupState::PreparingRebalance, "it does not prepare already");
        if live.state == GroupState::CompletingRebalance {
            self.call_off_sync(live);
        }
        live.unsynced.clear();
        live.sync_timer = None;
        let initial = live.state == GroupState::Empty;
        live.enter(GroupState::PreparingRebalance, self.now);
        if initial {
            // More members are likely to come: they get a little time.
            let delay = self.limits.initial_delay;
            let rest = live.rebalance_time().saturating_sub(delay);
            live.grew = false;
            live.join_timer =
                Some(JoinTimer { at: self.mono() + delay, initial: Some((delay, rest)) });
        } else if live.all_joined() {
            self.complete_join(live);
        } else {
            let at = self.mono() + live.rebalance_time();
            live.join_timer = Some(JoinTimer { at, initial: None });
        }
    }

    /// Nobody gets an assignment of this generation: those who wait join again.
    fn call_off_sync(&mut self, live: &mut Live) {
        let ids: Vec<Rc<str>> = live.members.keys().cloned().collect();
        for id in ids {
            let member = live.members.get_mut(&id).expect("because it was just seen");
            member.assignment = Rc::from([]);
            if let Some(ticket) = member.syncing.take() {
                self.refuse_sync(ticket, Refusal::RebalanceInProgress);
                live.refresh(&id, self.now.mono);
            }
        }
    }

    /// Ends the join phase if nobody is missing; the first one of a group takes its time.
    pub(crate) fn maybe_complete_join(&mut self, live: &mut Live) {
        let waits = live.state == GroupState::PreparingRebalance && !live.was_empty;
        if waits && live.all_joined() {
            self.complete_join(live);
        }
    }

    /// The join phase's time is over, or a step of the first one's delay.
    pub(crate) fn join_time_over(&mut self, live: &mut Live) {
        let timer = live.join_timer.take().expect("because it went off");
        let Some((delay, rest)) = timer.initial else { return self.complete_join(live) };
        if !live.grew || rest.is_zero() {
            return self.complete_join(live);
        }
        live.grew = false;
        let next = self.limits.initial_delay.min(rest);
        let initial = Some((next, rest.saturating_sub(delay)));
        live.join_timer = Some(JoinTimer { at: self.mono() + next, initial });
    }

    /// Ends the join phase: the next generation is whoever joined, and static members besides.
    pub(crate) fn complete_join(&mut self, live: &mut Live) {
        live.join_timer = None;
        let missing = live.members.iter().filter(|(_, m)| m.joining.is_none());
        let missing = missing.filter(|(_, m)| m.instance_id.is_none());
        let missing: Vec<Rc<str>> = missing.map(|(id, _)| id.clone()).collect();
        for id in missing {
            live.remove(&id);
        }
        if !live.members.is_empty() && !elect(live) {
            // Static members alone, none of them here: until their sessions end.
            let at = self.mono() + live.rebalance_time().max(Duration::from_millis(1));
            live.join_timer = Some(JoinTimer { at, initial: None });
            return;
        }
        live.generation = live.generation.checked_add(1).unwrap_or(1);
        if live.members.is_empty() {
            live.protocol = None;
            live.enter(GroupState::Empty, self.now);
            self.write_group(live, Unconfirmed::Harmless);
            return;
        }
        let protocol = live.select_protocol().expect("because every join was checked for one");
        live.protocol = Some(protocol);
        live.enter(GroupState::CompletingRebalance, self.now);
        live.unsynced = live.members.keys().cloned().collect();
        live.sync_timer = Some(self.mono() + live.rebalance_time());
        for id in live.unsynced.clone() {
            let member = live.members.get_mut(&id).expect("because it was just seen");
            member.is_new = false;
            let ticket = member.joining.take();
            live.refresh(&id, self.now.mono);
            if let Some(ticket) = ticket {
                live.joining -= 1;
                self.answer(ticket, GroupAnswer::Join(Ok(joined(live, &id))));
            }
        }
    }
}

/// Whether a member that joined leads: the leader if it did, or else the first one that did.
fn elect(live: &mut Live) -> bool {
    let here = |id: &Rc<str>| live.members.get(id).is_some_and(|m| m.joining.is_some());
    if live.leader.as_ref().is_some_and(here) {
        return true;
    }
    let first = live.members.iter().find(|(_, member)| member.joining.is_some());
    let Some((id, _)) = first else { return false };
    live.leader = Some(id.clone());
    true
}

/// What a member of the current generation is told.
pub(crate) fn joined(live: &Live, id: &Rc<str>) -> Joined {
    let leader = live.leader.clone().expect("because a group with members is led");
    let members = if *id == leader { members(live) } else { Vec::new() };
    Joined {
        generation: live.generation,
        protocol_type: live.protocol_type.clone(),
        protocol_name: live.protocol.clone(),
        leader,
        skip_assignment: false,
        member_id: id.clone(),
        members,
    }
}

fn members(live: &Live) -> Vec<JoinedMember> {
    let members = live.members.iter().map(|(id, member)| JoinedMember {
        member_id: id.clone(),
        instance_id: member.instance_id.clone(),
        metadata: member.metadata(live.protocol.as_deref()),
    });
    members.collect()
}
