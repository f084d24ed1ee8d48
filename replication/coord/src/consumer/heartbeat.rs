//! ConsumerGroupHeartbeat: who is let in, who may stay, who leaves.
//!
//! Kept true: a member is told only what its records say; who comes with another epoch than its own
//! gives up everything and joins anew, unless it may have missed its newest answer.

use std::rc::Rc;

use engine_base::{Refusal, Uuid};

use super::reconcile::Says;
use super::records;
use super::state::{Consumer, Current, EPOCH_AWAY, EPOCH_GONE, Member, MemberState, Owned};
use super::turn::Subject;
use super::watch::{Alarm, Watch};
use crate::answer::ConsumerBeat;
use crate::command::ConsumerHeartbeat;
use crate::limits::ConsumerLimits;
use crate::live::millis;
use crate::turn::Turn;

/// Whether a heartbeat contradicts itself, or may not be at all.
pub(crate) fn validate(beat: &ConsumerHeartbeat, limits: &ConsumerLimits) -> Result<(), Refusal> {
    if !limits.served {
        let why = "group.coordinator.rebalance.protocols names no consumer";
        return Err(Refusal::UnsupportedVersion(why.into()));
    }
    let assignors = &limits.assignors;
    let no = |why: &str| Err(Refusal::InvalidRequest(why.into()));
    let empty = |text: &Option<String>| text.as_deref() == Some("");
    if beat.group.is_empty() {
        return no("GroupId can't be empty.");
    }
    if beat.member_id.is_empty() && (beat.member_epoch != 0 || beat.brings_id) {
        return no("MemberId can't be empty.");
    }
    if empty(&beat.instance_id) {
        return no("InstanceId can't be empty.");
    }
    if empty(&beat.rack_id) {
        return no("RackId can't be empty.");
    }
    match beat.member_epoch {
        0 if beat.rebalance_ms == -1 => {
            return no("RebalanceTimeoutMs must be provided in first request.");
        }
        0 if beat.owned.as_ref().is_none_or(|owned| !owned.is_empty()) => {
            return no("TopicPartitions must be empty when (re-)joining.");
        }
        0 if beat.topics.is_none() && beat.regex.is_none() => {
            return no("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null \
                when (re-)joining.");
        }
        EPOCH_AWAY if beat.instance_id.is_none() => return no("InstanceId can't be null."),
        ..EPOCH_AWAY => return no("MemberEpoch is invalid."),
        _ => {}
    }
    match &beat.assignor {
        Some(name) if !assignors.contains(name) => Err(Refusal::UnsupportedAssignor(format!(
            "ServerAssignor {name} is not supported. Supported assignors: {}.",
            assignors.join(", ")
        ))),
        _ => Ok(()),
    }
}

impl Turn<'_> {
    /// A member joins or stays.
    pub(crate) fn beat(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        beat: &ConsumerHeartbeat,
    ) -> Result<ConsumerBeat, Refusal> {
        let id: Rc<str> = match &*beat.member_id {
            "" => beat.fresh_id.to_string().into(),
            id => id.into(),
        };
        if !group.members.contains_key(&id) && !self.may_come(group, &id, beat) {
            return Err(Refusal::GroupMaxSize);
        }
        let subject = self.subject(group, &id, beat)?;
        let was = &subject.member.subscription;
        let text = |new: &Option<String>, was: &Option<Rc<str>>| {
            new.as_deref().map(Rc::from).or_else(|| was.clone())
        };
        let subscription = super::state::Subscription {
            instance_id: text(&beat.instance_id, &was.instance_id),
            rack_id: text(&beat.rack_id, &was.rack_id),
            client_id: beat.client_id.as_str().into(),
            client_host: beat.client_host.as_str().into(),
            topics: beat.topics.as_ref().map_or_else(|| was.topics.clone(), |new| sorted(new)),
            regex: beat.regex.as_deref().map_or_else(|| was.regex.clone(), Rc::from),
            rebalance_ms: if beat.rebalance_ms < 0 { was.rebalance_ms } else { beat.rebalance_ms },
            assignor: text(&beat.assignor, &was.assignor),
            classic: None,
        };
        let rebalance_ms = subscription.rebalance_ms;
        let says: Says<'_> = beat.owned.as_deref();
        let next = self.advance(group, watch, &subject, subscription, says)?;
        watch.set(&id, Alarm::Session, self.mono() + millis(self.session_ms()));
        // What it brought along from the classic protocol rings no more.
        watch.clear(&id, Alarm::Join);
        watch.clear(&id, Alarm::Sync);
        if next.state != MemberState::Unrevoked {
            watch.clear(&id, Alarm::Revoke(next.epoch));
        } else if next != subject.member.current {
            let at = self.mono() + millis(rebalance_ms);
            watch.set(&id, Alarm::Revoke(next.epoch), at);
        }
        let in_full = beat.rebalance_ms != -1
            && (beat.topics.is_some() || beat.regex.is_some())
            && beat.owned.is_some();
        let told = beat.member_epoch == 0
            || in_full
            || !same_places(&next.assigned, &subject.member.current.assigned);
        Ok(ConsumerBeat {
            member_id: id,
            member_epoch: next.epoch,
            heartbeat_ms: self.heartbeat_ms(),
            assignment: told.then(|| places(&next.assigned)),
        })
    }

    /// Whether a group may have this member too.
    fn may_come(&self, group: &Consumer, id: &str, beat: &ConsumerHeartbeat) -> bool {
        let topics = beat.topics.iter().flatten();
        let topics: Vec<Rc<str>> = topics.map(|name| name.as_str().into()).collect();
        group.members.len() < self.limits.consumer.members_max
            && (beat.member_epoch != 0 || self.has_room_in(group, id, &topics))
    }

    /// The member that sent this, or a new one.
    fn subject(
        &mut self,
        group: &Consumer,
        id: &Rc<str>,
        beat: &ConsumerHeartbeat,
    ) -> Result<Subject, Refusal> {
        let joins = beat.member_epoch == 0;
        let known = match &beat.instance_id {
            None => group.members.get(id),
            Some(instance) => match group.static_member(instance) {
                None if !joins => {
                    return Err(Refusal::UnknownMemberId);
                }
                None => group.members.get(id),
                Some((holder, member)) if joins => {
                    if !member.is_classic() && member.current.epoch != EPOCH_AWAY {
                        return Err(Refusal::UnreleasedInstanceId);
                    }
                    return Ok(self.back(group, &holder.clone(), id));
                }
                Some((holder, _)) if holder != id => return Err(Refusal::FencedInstanceId),
                Some((_, member)) => Some(member),
            },
        };
        let Some(member) = known else {
            if !joins {
                return Err(Refusal::UnknownMemberId);
            }
            let (id, member) = (id.clone(), Member::new());
            return Ok(Subject { id, member, is_new: true, replaces: None });
        };
        validate_epoch(&member.current, beat)?;
        Ok(Subject { id: id.clone(), member: member.clone(), is_new: false, replaces: None })
    }

    /// A static member is back, under another id or its own.
    pub(crate) fn back(&mut self, group: &Consumer, holder: &Rc<str>, id: &Rc<str>) -> Subject {
        let member = self.replace_member(group, holder, id);
        let replaces = (holder != id).then(|| holder.clone());
        Subject { id: id.clone(), member, is_new: false, replaces }
    }

    /// A member leaves, for good or for a while. Who goes for good, if it does.
    pub(crate) fn part(
        &mut self,
        group: &Consumer,
        beat: &ConsumerHeartbeat,
    ) -> Result<(ConsumerBeat, Option<Rc<str>>), Refusal> {
        let (id, member) = match &beat.instance_id {
            None => {
                let found = group.members.get_key_value(&*beat.member_id);
                found.ok_or(Refusal::UnknownMemberId)?
            }
            Some(instance) => {
                let found = group.static_member(instance).ok_or(Refusal::UnknownMemberId)?;
                if **found.0 != *beat.member_id {
                    return Err(Refusal::FencedInstanceId);
                }
                found
            }
        };
        let answer = ConsumerBeat {
            member_id: id.clone(),
            member_epoch: beat.member_epoch,
            heartbeat_ms: 0,
            assignment: None,
        };
        if beat.member_epoch == EPOCH_GONE {
            return Ok((answer, Some(id.clone())));
        }
        let away = Current { epoch: EPOCH_AWAY, revoking: Owned::new(), ..member.current.clone() };
        self.records.push(records::current(&self.group, id, &away));
        Ok((answer, None))
    }
}

/// A member comes with its epoch, or with the one before if all it owns is its own still: it may
/// have missed the newest answer. Whoever joins comes with nothing.
fn validate_epoch(current: &Current, beat: &ConsumerHeartbeat) -> Result<(), Refusal> {
    let (said, is) = (beat.member_epoch, current.epoch);
    let fenced = |relation: &str| {
        Err(Refusal::FencedMemberEpoch(format!(
            "The consumer group member has a {relation} member epoch ({said}) than the one known \
             by the group coordinator ({is}). The member must abandon all its partitions and \
             rejoin."
        )))
    };
    if said == 0 {
        return Ok(());
    }
    if said > is {
        return fenced("greater");
    }
    let missed = said == current.previous && owns_no_more(beat.owned.as_deref(), &current.assigned);
    if said < is && !missed {
        return fenced("smaller");
    }
    Ok(())
}

fn owns_no_more(says: Says<'_>, than: &Owned) -> bool {
    let Some(says) = says else { return false };
    says.iter().all(|(topic, partitions)| {
        let than = than.get(topic);
        than.is_some_and(|than| partitions.iter().all(|partition| than.contains_key(partition)))
    })
}

/// Names in order, each once.
pub(crate) fn sorted<T: AsRef<str>>(names: &[T]) -> Rc<[Rc<str>]> {
    let names: std::collections::BTreeSet<&str> = names.iter().map(AsRef::as_ref).collect();
    names.into_iter().map(Rc::from).collect()
}

/// Owned partitions as a member is told them.
pub(crate) fn places(owned: &Owned) -> Vec<(Uuid, Vec<i32>)> {
    owned.iter().map(|(topic, of)| (*topic, of.keys().copied().collect())).collect()
}

fn same_places(one: &Owned, other: &Owned) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|((topic, of), (other, at))| {
            topic == other && of.len() == at.len() && of.keys().eq(at.keys())
        })
}
