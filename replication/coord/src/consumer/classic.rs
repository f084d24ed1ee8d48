//! Members of the classic protocol in a consumer group: JoinGroup, SyncGroup, Heartbeat and
//! LeaveGroup answered out of the group's state.
//!
//! Kept true: nobody waits; a classic member's generation is its epoch, and it hears
//! REBALANCE_IN_PROGRESS as long as another step waits for it.

use std::rc::Rc;

use engine_base::Refusal;

use super::protocol;
use super::records;
use super::state::{Classic, Consumer, Member, MemberState, Subscription};
use super::turn::Subject;
use super::watch::{Alarm, Watch};
use crate::answer::{JoinRefused, Joined, LeftMember, Synced};
use crate::command::{Heartbeat, Join, LeavingMember, Sync};
use crate::live::{millis, protocols_of};
use crate::turn::Turn;

/// The type of groups that consumers are in.
pub(crate) const CONSUMER: &str = "consumer";

/// Whether all classic members could work with one of these protocols.
fn supports(group: &Consumer, join: &Join) -> bool {
    let mut names = join.protocols.iter().map(|(name, _)| name.as_str());
    join.protocol_type == CONSUMER
        && names.any(|name| {
            let all = group.protocols.get(name).copied().unwrap_or(0) == group.classics;
            all || group.classics == 0
        })
}

/// What is told to whoever is not let in.
fn refused(why: Refusal, member_id: &str) -> JoinRefused {
    JoinRefused { why, member_id: member_id.into() }
}

impl Turn<'_> {
    /// A classic member joins. Besides the answer: the static member of the consumer protocol whose
    /// place it takes, and who it is now.
    pub(crate) fn classic_join(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        join: &Join,
    ) -> Result<(Joined, Option<Rc<str>>, Member), JoinRefused> {
        let bounds = self.limits.session_ms_min..=self.limits.session_ms_max;
        let id: Rc<str> = match &*join.member_id {
            "" => join.fresh_id.to_string().into(),
            id => id.into(),
        };
        let no = |why| Err(refused(why, ""));
        if !bounds.contains(&join.session_ms) {
            return Err(refused(Refusal::InvalidSessionTimeout, &join.member_id));
        }
        let members_max = self.limits.consumer.members_max;
        if group.members.len() >= members_max && !group.members.contains_key(&id) {
            return no(Refusal::GroupMaxSize);
        }
        if !supports(group, join) {
            return no(Refusal::InconsistentGroupProtocol);
        }
        let is_dynamic = join.instance_id.is_none();
        if join.member_id.is_empty() && join.requires_known_member && is_dynamic {
            return Err(refused(Refusal::MemberIdRequired, &id));
        }
        let Ok(words) = protocol::subscription(&join.protocols[0].1) else {
            return no(Refusal::InconsistentGroupProtocol);
        };
        if !group.members.contains_key(&id) && !self.has_room_in(group, &id, &words.topics) {
            return no(Refusal::GroupMaxSize);
        }
        let subject = match &join.instance_id {
            None => match group.members.get(&id) {
                Some(member) => {
                    Subject { id, member: member.clone(), is_new: false, replaces: None }
                }
                None => Subject { id, member: Member::new(), is_new: true, replaces: None },
            },
            Some(instance) => {
                let held = group.static_member(instance);
                match held.map(|(holder, member)| (holder.clone(), member.clone())) {
                    None if !join.member_id.is_empty() => return no(Refusal::UnknownMemberId),
                    None => Subject { id, member: Member::new(), is_new: true, replaces: None },
                    Some((holder, _)) if join.member_id.is_empty() => {
                        self.back(group, &holder, &id)
                    }
                    Some((holder, _)) if holder != id => return no(Refusal::FencedInstanceId),
                    Some((_, member)) => Subject { id, member, is_new: false, replaces: None },
                }
            }
        };
        self.classic_member(group, watch, join, &words, subject)
    }

    fn classic_member(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        join: &Join,
        words: &protocol::Words,
        subject: Subject,
    ) -> Result<(Joined, Option<Rc<str>>, Member), JoinRefused> {
        let protocols = protocols_of(join);
        let was = &subject.member.subscription;
        let instance_id = join.instance_id.as_deref().map(Rc::from);
        let subscription = Subscription {
            instance_id: instance_id.or_else(|| was.instance_id.clone()),
            rack_id: words.rack_id.clone().or_else(|| was.rack_id.clone()),
            client_id: join.client_id.as_str().into(),
            client_host: join.client_host.as_str().into(),
            topics: super::heartbeat::sorted(&words.topics),
            regex: was.regex.clone(),
            rebalance_ms: join.rebalance_ms,
            assignor: was.assignor.clone(),
            classic: Some(Classic { session_ms: join.session_ms, protocols }),
        };
        let says = protocol::by_id(&words.owned, self.cluster);
        let said = Rc::new(subscription.clone());
        let next = self.advance(group, watch, &subject, subscription, Some(&says));
        let current = next.map_err(|why| refused(why, ""))?;
        let id = subject.id;
        watch.clear(&id, Alarm::Join);
        watch.clear(&id, Alarm::Revoke(0));
        watch.set(&id, Alarm::Session, self.mono() + millis(join.session_ms));
        watch.set(&id, Alarm::Sync, self.mono() + millis(join.rebalance_ms));
        let answer = Joined {
            generation: current.epoch,
            protocol_type: Some(CONSUMER.into()),
            protocol_name: Some(join.protocols[0].0.as_str().into()),
            leader: "".into(),
            skip_assignment: false,
            member_id: id,
            members: Vec::new(),
        };
        Ok((answer, subject.replaces, Member { subscription: said, current }))
    }

    /// A classic member asks for its assignment.
    pub(crate) fn classic_sync(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        sync: &Sync,
    ) -> Result<Synced, Refusal> {
        let (id, member) = classic_of(group, &sync.member_id, sync.instance_id.as_deref())?;
        let classic = member.subscription.classic.as_ref().expect("because it was asked for one");
        let (name, words) = &classic.protocols[0];
        if sync.generation != member.current.epoch {
            return Err(Refusal::IllegalGeneration);
        }
        if sync.protocol_type.as_deref().is_some_and(|asked| asked != CONSUMER)
            || sync.protocol_name.as_deref().is_some_and(|asked| *asked != **name)
        {
            return Err(Refusal::InconsistentGroupProtocol);
        }
        let behind = member.current.epoch < group.target_epoch;
        if behind && member.current.state != MemberState::Unrevoked {
            self.expect_join(watch, id, member);
            return Err(Refusal::RebalanceInProgress);
        }
        watch.clear(id, Alarm::Sync);
        watch.set(id, Alarm::Session, self.mono() + millis(classic.session_ms));
        let places = super::heartbeat::places(&member.current.assigned).into_iter();
        Ok(Synced {
            protocol_type: sync.protocol_type.as_deref().map(Rc::from),
            protocol_name: sync.protocol_name.as_deref().map(Rc::from),
            assignment: protocol::write_assignment(words, places, self.cluster),
        })
    }

    /// A classic member is alive, and hears whether it must join again.
    pub(crate) fn classic_beat(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        beat: &Heartbeat,
    ) -> Result<(), Refusal> {
        let (id, member) = classic_of(group, &beat.member_id, beat.instance_id.as_deref())?;
        let classic = member.subscription.classic.as_ref().expect("because it was asked for one");
        if beat.generation != member.current.epoch {
            return Err(Refusal::IllegalGeneration);
        }
        watch.set(id, Alarm::Session, self.mono() + millis(classic.session_ms));
        let waits = match member.current.state {
            MemberState::Stable => false,
            MemberState::Unrevoked | MemberState::Unknown => true,
            MemberState::Unreleased => !is_blocked(group, id, member),
        };
        if member.current.epoch < group.target_epoch || waits {
            self.expect_join(watch, id, member);
            return Err(Refusal::RebalanceInProgress);
        }
        Ok(())
    }

    fn expect_join(&self, watch: &mut Watch, id: &Rc<str>, member: &Member) {
        let at = self.mono() + millis(member.subscription.rebalance_ms);
        watch.set_once(id, Alarm::Join, at);
    }

    /// Members leave by LeaveGroup, of either protocol. Who goes.
    pub(crate) fn classic_leave(
        &mut self,
        group: &Consumer,
        members: Vec<LeavingMember>,
    ) -> (Vec<LeftMember>, Vec<Rc<str>>) {
        let (mut answers, mut gone) = (Vec::new(), Vec::<Rc<str>>::new());
        for LeavingMember { member_id, instance_id, reason: _ } in members {
            let found = match &instance_id {
                None => {
                    let found = group.members.get_key_value(&*member_id);
                    found.map(|(id, _)| id).ok_or(Refusal::UnknownMemberId)
                }
                Some(instance) => match group.static_member(instance) {
                    None => Err(Refusal::UnknownMemberId),
                    // An administrator names a static member by its instance id alone.
                    Some((id, _)) if member_id.is_empty() || **id == *member_id => Ok(id),
                    Some(_) => Err(Refusal::FencedInstanceId),
                },
            };
            let left = found.map(|id| {
                if !gone.contains(id) {
                    gone.push(id.clone());
                }
            });
            answers.push(LeftMember { member_id, instance_id, left });
        }
        (answers, gone)
    }

    /// A classic member has taken the place of the group's last one of the consumer protocol: the
    /// group becomes a classic one. Its generation, if it does.
    pub(crate) fn downgrade_with(
        &mut self,
        group: &Consumer,
        replaced: &Rc<str>,
        joined: &Rc<str>,
        member: &Member,
    ) -> Option<i32> {
        let others = group.members.iter().filter(|(id, _)| *id != replaced);
        let members: Vec<(&Rc<str>, &Member)> = others.chain([(joined, member)]).collect();
        let classic = members.iter().all(|(_, member)| member.is_classic());
        let limits = self.limits;
        if !classic
            || group.members[replaced].is_classic()
            || !limits.consumer.migration.downgrade
            || members.len() > limits.members_max
        {
            return None;
        }
        let generation = group.epoch.max(member.current.epoch);
        let facts = self.as_classic(generation, &members, |id| {
            if id == joined { group.target(replaced) } else { group.target(id) }
        });
        let ids = members.iter().map(|(id, _)| *id);
        let gone = records::no_group(&self.group, ids, group.patterns.keys());
        self.records.extend(gone);
        self.records.push(crate::records::group(&self.group, &facts));
        Some(generation)
    }
}

/// Whether what a member waits for is still had by others.
fn is_blocked(group: &Consumer, id: &Rc<str>, member: &Member) -> bool {
    let assigned = &member.current.assigned;
    group.target(id).iter().any(|(topic, partitions)| {
        let has = |at: &i32| assigned.get(topic).is_some_and(|of| of.contains_key(at));
        partitions.iter().any(|at| !has(at) && group.is_owned(*topic, *at))
    })
}

/// The classic member of this id, under the id that its instance id has now.
fn classic_of<'a>(
    group: &'a Consumer,
    id: &str,
    instance: Option<&str>,
) -> Result<(&'a Rc<str>, &'a Member), Refusal> {
    let found = match instance {
        None => group.members.get_key_value(id).ok_or(Refusal::UnknownMemberId)?,
        Some(instance) => {
            let found = group.static_member(instance).ok_or(Refusal::UnknownMemberId)?;
            if **found.0 != *id {
                return Err(Refusal::FencedInstanceId);
            }
            found
        }
    };
    if found.1.is_classic() { Ok(found) } else { Err(Refusal::UnknownMemberId) }
}
