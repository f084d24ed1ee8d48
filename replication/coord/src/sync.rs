//! SyncGroup and Heartbeat: the members of a generation.
//!
//! Kept true: followers wait for the leader's assignment, and one answer for each leaves only once
//! the group's record with it is committed.

use std::collections::BTreeMap;
use std::rc::Rc;

use engine_base::Refusal;
use replication_machine::Ticket;

use crate::answer::{GroupAnswer, Synced};
use crate::command::{Heartbeat, Sync};
use crate::describe::GroupState;
use crate::join::validate_member;
use crate::live::{Live, Unconfirmed};
use crate::turn::Turn;

impl Turn<'_> {
    /// A member asks for its assignment; the leader brings everybody's.
    pub(crate) fn sync(&mut self, live: &mut Live, ticket: Ticket, sync: Sync) {
        if let Err(why) = validate_sync(live, &sync) {
            return self.refuse_sync(ticket, why);
        }
        let id: Rc<str> = sync.member_id.as_str().into();
        match live.state {
            GroupState::PreparingRebalance => {
                self.refuse_sync(ticket, Refusal::RebalanceInProgress);
            }
            GroupState::Stable => {
                synced(live, &id);
                let answer = assigned(live, &id);
                self.answer(ticket, answer);
            }
            GroupState::CompletingRebalance => {
                synced(live, &id);
                let member = live.members.get_mut(&id).expect("because it was validated");
                if let Some(before) = member.syncing.replace(ticket) {
                    // Its client gave up waiting for that one.
                    self.refuse_sync(before, Refusal::RebalanceInProgress);
                }
                if live.leader.as_ref() == Some(&id) {
                    self.assign(live, sync.assignments);
                }
            }
            GroupState::Empty | GroupState::Dead => {
                unreachable!("a group with a valid member has members")
            }
        }
    }

    /// The leader's assignment goes to everybody who waits for it.
    fn assign(&mut self, live: &mut Live, assignments: Vec<(String, Vec<u8>)>) {
        let mut assignments: BTreeMap<String, Vec<u8>> = assignments.into_iter().collect();
        let ids: Vec<Rc<str>> = live.members.keys().cloned().collect();
        for id in &ids {
            let assignment = assignments.remove(&**id).unwrap_or_default();
            let member = live.members.get_mut(id).expect("because it was just seen");
            member.assignment = assignment.into();
            if let Some(ticket) = member.syncing.take() {
                live.refresh(id, self.now.mono);
                let answer = assigned(live, id);
                self.answer(ticket, answer);
            }
        }
        self.write_group(live, Unconfirmed::Assignment);
    }

    /// A member is alive, and hears whether it must join again.
    pub(crate) fn heartbeat(&mut self, live: &mut Live, ticket: Ticket, beat: &Heartbeat) {
        let result = (|| {
            if beat.group.is_empty() {
                return Err(Refusal::GroupIdInvalid);
            }
            validate_member(live, &beat.member_id, beat.instance_id.as_deref())?;
            if beat.generation != live.generation {
                return Err(Refusal::IllegalGeneration);
            }
            live.refresh(&beat.member_id, self.now.mono);
            match live.state {
                GroupState::PreparingRebalance => Err(Refusal::RebalanceInProgress),
                GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
                GroupState::Empty | GroupState::Dead => Err(Refusal::UnknownMemberId),
            }
        })();
        self.answer(ticket, GroupAnswer::Heartbeat(result));
    }
}

fn validate_sync(live: &Live, sync: &Sync) -> Result<(), Refusal> {
    if sync.group.is_empty() {
        return Err(Refusal::GroupIdInvalid);
    }
    validate_member(live, &sync.member_id, sync.instance_id.as_deref())?;
    if sync.generation != live.generation {
        return Err(Refusal::IllegalGeneration);
    }
    let differs = |asked: &Option<String>, is: &Option<Rc<str>>| {
        asked.is_some() && asked.as_deref() != is.as_deref()
    };
    if differs(&sync.protocol_type, &live.protocol_type)
        || differs(&sync.protocol_name, &live.protocol)
    {
        return Err(Refusal::InconsistentGroupProtocol);
    }
    Ok(())
}

/// A member of the generation has synced.
fn synced(live: &mut Live, id: &str) {
    live.unsynced.remove(id);
    if live.unsynced.is_empty() {
        live.sync_timer = None;
    }
}

fn assigned(live: &Live, id: &str) -> GroupAnswer {
    GroupAnswer::Sync(Ok(Synced {
        protocol_type: live.protocol_type.clone(),
        protocol_name: live.protocol.clone(),
        assignment: live.members[id].assignment.clone(),
    }))
}
