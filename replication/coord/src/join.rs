//! JoinGroup: who is let in, and when that begins a rebalance.
//!
//! Kept true: a member without an id is told one before it counts, unless it is static or its
//! client is too old for that; a static member that comes back takes its old place.

use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use engine_base::limits::WIRE_STRING_BYTES_MAX;
use engine_base::{Refusal, Uuid};
use replication_machine::Ticket;

use crate::answer::GroupAnswer;
use crate::command::Join;
use crate::describe::GroupState;
use crate::live::{Live, Member, Protocols, Unconfirmed, millis, protocols_of};
use crate::rebalance::joined;
use crate::turn::Turn;

/// How long a join waits whose client may not know its id yet: Kafka's fixed five minutes.
const NEW_MEMBER_WAIT: Duration = Duration::from_secs(300);

/// A UUID in Java's form, in bytes.
const UUID_BYTES: usize = 36;

/// The longest name that a member id can begin with: the id is a string of the wire itself.
const NAME_BYTES_MAX: usize = WIRE_STRING_BYTES_MAX - 1 - UUID_BYTES;

/// How much a member says of itself, in bytes.
fn words(join: &Join) -> usize {
    let said = join.protocols.iter().map(|(_, metadata)| metadata.len()).max();
    said.unwrap_or(0) + 2 * join.client_id.len() + join.client_host.len() + UUID_BYTES
}

impl Turn<'_> {
    /// A member joins. `known`: the group was there before.
    pub(crate) fn join(&mut self, live: &mut Live, known: bool, ticket: Ticket, join: Join) {
        let id: Rc<str> = join.member_id.as_str().into();
        let bounds = self.limits.session_ms_min..=self.limits.session_ms_max;
        if join.group.is_empty() {
            self.refuse_join(ticket, Refusal::GroupIdInvalid, &id);
        } else if !bounds.contains(&join.session_ms) {
            self.refuse_join(ticket, Refusal::InvalidSessionTimeout, &id);
        } else if !id.is_empty() && !known {
            self.refuse_join(ticket, Refusal::UnknownMemberId, &id);
        } else if !self.has_room_for(live, &id)
            || !live.members.contains_key(&id) && !self.has_room_for_words(live, words(&join))
        {
            live.remove(&id);
            self.refuse_join(ticket, Refusal::GroupMaxSize, "");
        } else {
            let protocols = protocols_of(&join);
            if !live.supports(&join.protocol_type, &protocols) {
                self.refuse_join(ticket, Refusal::InconsistentGroupProtocol, &id);
            } else if id.is_empty() {
                self.join_new(live, ticket, &join, protocols);
            } else {
                self.join_again(live, ticket, &id, &join, protocols);
            }
        }
    }

    fn has_room_for(&self, live: &Live, id: &str) -> bool {
        let member = live.members.get(id);
        match live.state {
            GroupState::Empty | GroupState::Dead => true,
            GroupState::PreparingRebalance => {
                member.is_some_and(|member| member.joining.is_some())
                    || live.joining < self.limits.members_max
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                member.is_some() || live.members.len() < self.limits.members_max
            }
        }
    }

    fn join_new(&mut self, live: &mut Live, ticket: Ticket, join: &Join, protocols: Protocols) {
        let name = join.instance_id.as_ref().unwrap_or(&join.client_id);
        if name.len() > NAME_BYTES_MAX {
            let why = "a client id or instance id that leaves no room for a member id".into();
            return self.refuse_join(ticket, Refusal::InvalidRequest(why), "");
        }
        let id: Rc<str> = format!("{name}-{}", hyphenated(join.fresh_id)).into();
        let instance = join.instance_id.as_deref();
        let before = instance.and_then(|instance| live.statics.get(instance).cloned());
        if let Some(before) = before {
            self.replace(live, ticket, (&before, &id), join, protocols);
        } else if instance.is_none() && join.requires_known_member {
            if !live.pending.has_room_for(&id) {
                return self.refuse_join(ticket, Refusal::GroupMaxSize, "");
            }
            live.pending.insert(id.clone(), self.mono() + millis(join.session_ms));
            self.refuse_join(ticket, Refusal::MemberIdRequired, &id);
        } else {
            self.add(live, ticket, id, join, protocols);
        }
    }

    fn add(
        &mut self,
        live: &mut Live,
        ticket: Ticket,
        id: Rc<str>,
        join: &Join,
        protocols: Protocols,
    ) {
        let session = self.mono() + NEW_MEMBER_WAIT;
        let member = Member {
            instance_id: join.instance_id.as_deref().map(Rc::from),
            client_id: join.client_id.as_str().into(),
            client_host: join.client_host.as_str().into(),
            rebalance_ms: join.rebalance_ms,
            session_ms: join.session_ms,
            protocols,
            assignment: Rc::from([]),
            joining: Some(ticket),
            syncing: None,
            session,
            is_new: true,
        };
        if live.state == GroupState::PreparingRebalance && live.was_empty {
            live.grew = true;
        }
        if live.members.is_empty() {
            live.protocol_type = Some(join.protocol_type.as_str().into());
        }
        live.add(id.clone(), member);
        live.expect_until(&id, session);
        self.rebalance(live);
    }

    fn join_again(
        &mut self,
        live: &mut Live,
        ticket: Ticket,
        id: &Rc<str>,
        join: &Join,
        protocols: Protocols,
    ) {
        if live.pending.contains(id) {
            if join.instance_id.is_some() {
                let why = "an id given to a dynamic member joins as a static one".into();
                return self.refuse_join(ticket, Refusal::InvalidRequest(why), id);
            }
            return self.add(live, ticket, id.clone(), join, protocols);
        }
        if let Err(why) = validate_member(live, id, join.instance_id.as_deref()) {
            return self.refuse_join(ticket, why, id);
        }
        let same = live.members[id].protocols == protocols;
        let leads = live.leader.as_ref() == Some(id);
        match live.state {
            GroupState::CompletingRebalance if same => {
                // It may not have heard the answer to its first join.
                self.answer(ticket, GroupAnswer::Join(Ok(joined(live, id))));
            }
            GroupState::Stable if same && !leads => {
                self.answer(ticket, GroupAnswer::Join(Ok(joined(live, id))));
            }
            GroupState::PreparingRebalance
            | GroupState::CompletingRebalance
            | GroupState::Stable => {
                // A leader joins again when the topics changed: that alone asks for a rebalance.
                self.update(live, ticket, id, join, protocols);
                self.rebalance(live);
            }
            GroupState::Empty | GroupState::Dead => {
                self.refuse_join(ticket, Refusal::UnknownMemberId, id);
            }
        }
    }

    /// The member is as its newest join says, and waits with it.
    fn update(
        &mut self,
        live: &mut Live,
        ticket: Ticket,
        id: &Rc<str>,
        join: &Join,
        protocols: Protocols,
    ) {
        live.set_protocols(id, protocols);
        let member = live.members.get_mut(id).expect("because it was validated");
        member.rebalance_ms = join.rebalance_ms;
        member.session_ms = join.session_ms;
        match member.joining.replace(ticket) {
            // Its client gave up waiting for that one.
            Some(before) => self.refuse_join(before, Refusal::RebalanceInProgress, id),
            None => live.joining += 1,
        }
    }

    /// A static member is back under a new id.
    fn replace(
        &mut self,
        live: &mut Live,
        ticket: Ticket,
        (before, id): (&Rc<str>, &Rc<str>),
        join: &Join,
        protocols: Protocols,
    ) {
        let led = live.leader.clone().expect("because a group with members is led");
        self.fence(live, before);
        let member = live.remove(before).expect("because a static member is a member");
        live.add(id.clone(), member);
        if led == *before {
            live.leader = Some(id.clone());
        }
        self.update(live, ticket, id, join, protocols);
        live.refresh(id, self.now.mono);
        match live.state {
            GroupState::Stable if live.select_protocol() == live.protocol => {
                let member = live.members.get_mut(id).expect("because it was just added");
                member.joining = None;
                live.joining -= 1;
                let mut answer = joined(live, id);
                if join.skips_assignment {
                    answer.skip_assignment = answer.leader == *id;
                } else {
                    // An older client that leads would assign anew: it is not told that it does.
                    answer.leader = led;
                    answer.members = Vec::new();
                }
                self.answer(ticket, GroupAnswer::Join(Ok(answer)));
                self.write_group(live, Unconfirmed::Replacement);
            }
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_rebalance(live),
            GroupState::PreparingRebalance => self.maybe_complete_join(live),
            GroupState::Empty | GroupState::Dead => {
                unreachable!("a group with a static member has members")
            }
        }
    }

    /// Whoever waits under a static member's old id hears that it is not its own any more.
    fn fence(&mut self, live: &mut Live, id: &Rc<str>) {
        let member = live.members.get_mut(id).expect("because a static member is a member");
        let (joining, syncing) = (member.joining.take(), member.syncing.take());
        member.is_new = false;
        if let Some(ticket) = joining {
            live.joining -= 1;
            self.refuse_join(ticket, Refusal::FencedInstanceId, id);
        }
        if let Some(ticket) = syncing {
            self.refuse_sync(ticket, Refusal::FencedInstanceId);
        }
    }
}

/// Whether this is a member, under the id that its instance id has now.
pub(crate) fn validate_member(
    live: &Live,
    id: &str,
    instance: Option<&str>,
) -> Result<(), Refusal> {
    if let Some(instance) = instance {
        let current = live.statics.get(instance).ok_or(Refusal::UnknownMemberId)?;
        if &**current != id {
            return Err(Refusal::FencedInstanceId);
        }
    }
    if live.members.contains_key(id) { Ok(()) } else { Err(Refusal::UnknownMemberId) }
}

/// A UUID in the form that Java prints.
fn hyphenated(id: Uuid) -> String {
    let mut text = String::with_capacity(UUID_BYTES);
    for (at, byte) in id.0.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        write!(text, "{byte:02x}").expect("because a string takes everything");
    }
    text
}
