//! A classic group of consumers becomes a consumer group, and the other way round.
//!
//! Kept true: the records of the one kind go in the same batch in which those of the other come;
//! members keep their ids, their partitions and their epoch, which is the generation.

use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::Refusal;
use replication_machine::Now;

use super::classic::CONSUMER;
use super::records::{self, share_of};
use super::state::{Classic, Consumer, Current, Member, Share, Subscription};
use super::watch::{Alarm, Watch};
use super::{heartbeat, protocol};
use crate::live::{self, Live, millis};
use crate::records::GroupFacts;
use crate::turn::Turn;

impl Turn<'_> {
    /// The consumer group that a classic one becomes when a member of the consumer protocol joins.
    pub(crate) fn upgrade(&mut self, live: &Live) -> Result<(Consumer, Watch), Refusal> {
        let group = &self.group;
        let no = |why: String| Err(Refusal::GroupIdNotFound(why));
        let cannot = format!("Cannot upgrade classic group {group} to consumer group because the");
        let limits = &self.limits.consumer;
        if !limits.migration.upgrade {
            return no(format!("{cannot} online upgrade is disabled."));
        }
        if live.protocol_type.as_deref() != Some(CONSUMER) {
            return no(format!("{cannot} group does not use the consumer embedded protocol."));
        }
        if live.members.len() > limits.members_max {
            return no(format!("{cannot} group size exceeds the consumer group maximum size."));
        }
        let malformed = || no(format!("{cannot} embedded consumer protocol is malformed."));
        let Some(chosen) = live.protocol.clone().or_else(|| live.select_protocol()) else {
            return malformed();
        };
        let mut consumer = Consumer::new();
        let epoch = live.generation.max(1);
        let mut watch = Watch::default();
        for (id, member) in &live.members {
            let Ok((words, places)) = understood(member, &chosen) else { return malformed() };
            let places = protocol::by_id(&places, self.cluster);
            // Two members that were given the same partition: the first one keeps it.
            let taken = |topic, at| consumer.is_owned(topic, at);
            let assigned = protocol::given(&places, epoch, taken);
            let subscription = Subscription {
                instance_id: member.instance_id.clone(),
                rack_id: words.rack_id,
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                topics: heartbeat::sorted(&words.topics),
                regex: "".into(),
                rebalance_ms: member.rebalance_ms,
                assignor: None,
                classic: Some(Classic {
                    session_ms: member.session_ms,
                    protocols: member.protocols.clone(),
                }),
            };
            consumer.targets.insert(id.clone(), Rc::new(share_of(&assigned)));
            consumer.set_subscription(id, Some(Rc::new(subscription)));
            consumer.set_current(id, Some(Current { assigned, ..Current::nothing(epoch) }));
            watch.set(id, Alarm::Session, self.mono() + millis(member.session_ms));
        }
        (consumer.epoch, consumer.target_epoch) = (epoch, epoch);
        consumer.hash = self.hash(consumer.names.keys());
        self.records.push(crate::records::no_group(&self.group));
        let whole = records::whole(&self.group, &consumer);
        self.records.extend(whole);
        Ok((consumer, watch))
    }

    /// Members go. If only classic ones stay, the group becomes classic; whether it does.
    pub(crate) fn remove_or_downgrade(&mut self, group: &Consumer, gone: &[Rc<str>]) -> bool {
        let gone_set: BTreeSet<&Rc<str>> = gone.iter().collect();
        let left = group.members.iter().filter(|(id, _)| !gone_set.contains(id));
        let left: Vec<(&Rc<str>, &Member)> = left.collect();
        let classic = !left.is_empty() && left.iter().all(|(_, member)| member.is_classic());
        let limits = self.limits;
        if classic && limits.consumer.migration.downgrade && left.len() <= limits.members_max {
            let facts = self.as_classic(group.epoch, &left, |id| group.target(id));
            self.forget_group(group);
            self.records.push(crate::records::group(&self.group, &facts));
            return true;
        }
        self.remove_members(group, gone);
        false
    }

    /// Takes a whole group away.
    pub(crate) fn forget_group(&mut self, group: &Consumer) {
        let (members, patterns) = (group.members.keys(), group.patterns.keys());
        self.records.extend(records::no_group(&self.group, members, patterns));
    }

    /// What the record of the classic group says that these members form.
    pub(crate) fn as_classic(
        &self,
        generation: i32,
        members: &[(&Rc<str>, &Member)],
        target: impl Fn(&Rc<str>) -> Rc<Share>,
    ) -> GroupFacts {
        let now = Now { mono: self.mono(), wall: self.now.wall };
        let mut live = Live::of(None, now);
        live.generation = generation;
        live.protocol_type = Some(CONSUMER.into());
        for (id, member) in members {
            let said = &member.subscription;
            let classic = said.classic.as_ref().expect("because only classic members stay");
            let added = live::Member {
                instance_id: said.instance_id.clone(),
                client_id: said.client_id.clone(),
                client_host: said.client_host.clone(),
                rebalance_ms: said.rebalance_ms,
                session_ms: classic.session_ms,
                protocols: classic.protocols.clone(),
                assignment: Rc::from([]),
                joining: None,
                syncing: None,
                session: now.mono,
                is_new: false,
            };
            live.add((*id).clone(), added);
        }
        live.protocol = live.select_protocol();
        let chosen = live.protocol.clone();
        for (id, member) in &mut live.members {
            let share = target(id);
            let places = share.iter().map(|(topic, of)| (*topic, of.iter().copied().collect()));
            let words = member.metadata(chosen.as_deref());
            member.assignment = protocol::write_assignment(&words, places, self.cluster);
        }
        live.facts()
    }
}

/// A classic member's words and assignment.
fn understood(
    member: &live::Member,
    chosen: &str,
) -> Result<(protocol::Words, protocol::Places), replication_machine::BadRecord> {
    let words = protocol::subscription(&member.metadata(Some(chosen)))?;
    Ok((words, protocol::assignment(&member.assignment)?))
}
