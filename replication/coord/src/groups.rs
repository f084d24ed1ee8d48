//! All groups of one partition of `__consumer_offsets`, as a machine.
//!
//! Kept true: deciding changes only how groups live, which is volatile; applying changes what
//! records build, and confirms what was decided with them. A decision whose record was refused is
//! taken back before the next one of its group.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use engine_base::{Mono, Refusal};
use replication_machine::{
    BadRecord, Decision, Machine, Now, RecordView, SnapshotPart, StateHash, Ticket,
};

use crate::answer::GroupAnswer;
use crate::cluster::Cluster;
use crate::command::GroupCommand;
use crate::describe::{
    CommittedOffset, DescribedConsumerGroup, DescribedGroup, DescribedMember, GroupKind,
    GroupState, ListedGroup,
};
use crate::limits::GroupLimits;
use crate::live::{Live, Unconfirmed};
use crate::records::{self, Entry, GroupFacts, OffsetValue};
use crate::turn::Turn;

/// Committed offsets by topic and partition.
pub(crate) type Offsets = BTreeMap<Rc<str>, BTreeMap<i32, CommittedOffset>>;

/// The form of a snapshot: its first byte.
const SNAPSHOT: u8 = 1;

/// A snapshot's part ends behind the group with which it has this many bytes.
const SNAPSHOT_PART_BYTES: usize = 64 * 1024;

/// A group: what its records say, and how it lives.
#[derive(Debug, Default)]
struct Group {
    facts: Option<GroupFacts>,
    offsets: Offsets,
    /// None: exactly as the facts say, and nobody waits. Volatile.
    live: Option<Box<Live>>,
    /// When to look for what has expired. Volatile.
    check: Option<Mono>,
}

impl Group {
    fn has_records(&self) -> bool {
        self.facts.is_some() || !self.offsets.is_empty()
    }

    fn is_gone(&self) -> bool {
        !self.has_records() && self.live.is_none()
    }

    fn state(&self) -> GroupState {
        let members = self.facts.as_ref().is_some_and(|facts| !facts.members.is_empty());
        match (&self.live, members) {
            (Some(live), _) => live.state,
            (None, true) => GroupState::Stable,
            (None, false) => GroupState::Empty,
        }
    }

    fn protocol_type(&self) -> Rc<str> {
        let of_facts = || self.facts.as_ref().map(|facts| facts.protocol_type.clone());
        let live = self.live.as_ref();
        live.map_or_else(of_facts, |live| live.protocol_type.clone()).unwrap_or_else(|| "".into())
    }
}

/// All groups of one partition of `__consumer_offsets`.
#[derive(Debug)]
pub struct Groups {
    limits: GroupLimits,
    #[expect(dead_code, reason = "the consumer protocol looks at it")]
    cluster: Rc<dyn Cluster>,
    groups: BTreeMap<Rc<str>, Group>,
}

impl Groups {
    /// No groups yet.
    pub fn new(limits: GroupLimits, cluster: Rc<dyn Cluster>) -> Groups {
        Groups { limits, cluster, groups: BTreeMap::new() }
    }

    /// The broker's configuration changed.
    pub fn set_limits(&mut self, limits: GroupLimits) {
        self.limits = limits;
    }

    /// A committed offset; `None` if there is none.
    pub fn offset(&self, group: &str, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.groups.get(group)?.offsets.get(topic)?.get(&partition)
    }

    /// Every committed offset of a group, by topic and partition.
    pub fn offsets(&self, group: &str) -> Vec<(Rc<str>, i32, &CommittedOffset)> {
        let topics = self.groups.get(group).into_iter().flat_map(|group| &group.offsets);
        topics
            .flat_map(|(topic, of)| of.iter().map(|(at, offset)| (topic.clone(), *at, offset)))
            .collect()
    }

    /// A group; `None` if there is none.
    pub fn describe(&self, group: &str) -> Option<DescribedGroup> {
        let group = self.groups.get(group)?;
        let state = group.state();
        let (facts, protocol) = match &group.live {
            Some(live) => (Some(live.facts()), live.protocol.clone()),
            None => (group.facts.clone(), group.facts.as_ref().and_then(|f| f.protocol.clone())),
        };
        let stable = state == GroupState::Stable;
        let shown = |bytes: Rc<[u8]>| if stable { bytes } else { Rc::from([]) };
        let members = facts.into_iter().flat_map(|facts| facts.members);
        let members = members.map(|member| DescribedMember {
            member_id: member.member_id,
            instance_id: member.instance_id,
            client_id: member.client_id,
            client_host: member.client_host,
            metadata: shown(member.subscription),
            assignment: shown(member.assignment),
        });
        Some(DescribedGroup {
            state,
            protocol_type: group.protocol_type(),
            protocol_name: protocol.filter(|_| stable).unwrap_or_else(|| "".into()),
            members: members.collect(),
        })
    }

    /// A group of the consumer protocol.
    pub fn describe_consumer(&self, group: &str) -> Result<DescribedConsumerGroup, Refusal> {
        Err(Refusal::GroupIdNotFound(format!("Group {group} not found.")))
    }

    /// Whether offsets may be shown to who says to be this member (OffsetFetch v9 and later); a
    /// member id of `None` and an epoch of -1 say nothing.
    pub fn check_fetch(
        &self,
        _group: &str,
        _member_id: Option<&str>,
        _member_epoch: i32,
    ) -> Result<(), Refusal> {
        Ok(())
    }

    /// Every group, by id.
    pub fn list(&self) -> Vec<ListedGroup> {
        let listed = self.groups.iter().map(|(id, group)| ListedGroup {
            group: id.clone(),
            protocol_type: group.protocol_type(),
            kind: GroupKind::Classic,
            state: group.state().name(),
        });
        listed.collect()
    }

    /// The groups that have offsets of any of these topics.
    pub fn with_offsets_of(&self, topics: &[String]) -> Vec<Rc<str>> {
        let has = |group: &Group| topics.iter().any(|t| group.offsets.contains_key(t.as_str()));
        self.groups.iter().filter(|(_, group)| has(group)).map(|(id, _)| id.clone()).collect()
    }

    /// One decision about one group, from what was to be confirmed before it to its deadline.
    fn turn(
        &mut self,
        id: &Rc<str>,
        now: Now,
        decide: impl FnOnce(&mut Turn<'_>, &mut Live, &mut Group, bool),
    ) -> Decision<GroupAnswer> {
        let mut group = self.groups.remove(id).unwrap_or_default();
        let known = !group.is_gone();
        let limits = &self.limits;
        let (records, answers) = (Vec::new(), Vec::new());
        let mut turn = Turn { group: id.clone(), now, limits, records, answers };
        let fresh = |group: &Group| Box::new(Live::of(group.facts.as_ref(), now));
        let mut live = group.live.take().unwrap_or_else(|| fresh(&group));
        let generation = live.generation;
        match live.unconfirmed.take() {
            None | Some(Unconfirmed::Harmless) => {}
            Some(Unconfirmed::Assignment) => turn.prepare_rebalance(&mut live),
            Some(Unconfirmed::Replacement) => live = fresh(&group),
        }
        decide(&mut turn, &mut live, &mut group, known);
        live.check();
        assert!(live.generation >= generation, "a group's generation never goes back");
        if !known && turn.records.is_empty() && !live.is_at_rest(None) {
            turn.records.push(records::group(id, &Live::of(None, now).facts()));
            live.unconfirmed = Some(Unconfirmed::Harmless);
        }
        let Turn { records, answers, .. } = turn;
        if !live.is_at_rest(group.facts.as_ref()) {
            group.live = Some(live);
        }
        let stays = !group.is_gone() || !records.is_empty();
        if !stays {
            return Decision { records, answers, deadline: None };
        }
        let check = *group.check.get_or_insert(now.mono + self.limits.retention_check);
        let deadline = group.live.as_ref().and_then(|live| live.deadline());
        self.groups.insert(id.clone(), group);
        Decision { records, answers, deadline: Some(deadline.map_or(check, |at| at.min(check))) }
    }

    fn drop_if_gone(&mut self, id: &str) {
        if self.groups.get(id).is_some_and(Group::is_gone) {
            self.groups.remove(id);
        }
    }

    fn group_mut(&mut self, id: &str) -> &mut Group {
        if !self.groups.contains_key(id) {
            self.groups.insert(id.into(), Group::default());
        }
        self.groups.get_mut(id).expect("because it was just put there")
    }

    fn apply_offset(
        &mut self,
        id: &str,
        topic: &str,
        partition: i32,
        value: Option<OffsetValue<'_>>,
    ) {
        let Some(value) = value else {
            let Some(group) = self.groups.get_mut(id) else { return };
            let Some(partitions) = group.offsets.get_mut(topic) else { return };
            partitions.remove(&partition);
            if partitions.is_empty() {
                group.offsets.remove(topic);
            }
            return self.drop_if_gone(id);
        };
        let group = self.group_mut(id);
        if let Some(partitions) = group.offsets.get_mut(topic) {
            let kept = value.keep(partitions.get(&partition));
            partitions.insert(partition, kept);
        } else {
            group.offsets.insert(topic.into(), BTreeMap::from([(partition, value.keep(None))]));
        }
    }

    fn apply_group(&mut self, id: &str, value: Option<GroupFacts>, timestamp: i64) {
        let group = self.group_mut(id);
        group.facts = value;
        if let Some(live) = &mut group.live
            && live.unconfirmed.take() == Some(Unconfirmed::Assignment)
        {
            live.state = GroupState::Stable;
            live.state_ms = timestamp;
        }
        self.drop_if_gone(id);
    }
}

impl Machine for Groups {
    type Command = GroupCommand;
    type Answer = GroupAnswer;
    type Key = Rc<str>;

    fn key(&self, command: &GroupCommand) -> Rc<str> {
        command.group().clone()
    }

    fn decide(&mut self, ticket: Ticket, command: GroupCommand, now: Now) -> Decision<GroupAnswer> {
        let id = command.group().clone();
        self.turn(&id, now, |turn, live, group, known| match command {
            GroupCommand::Join(join) => turn.join(live, known, ticket, join),
            GroupCommand::Sync(sync) => turn.sync(live, ticket, sync),
            GroupCommand::Heartbeat(beat) => turn.heartbeat(live, ticket, &beat),
            GroupCommand::Leave(leave) => turn.leave(live, ticket, leave),
            GroupCommand::ConsumerHeartbeat(_) => {
                let why = Refusal::UnsupportedVersion("not served yet".into());
                turn.answer(ticket, GroupAnswer::ConsumerHeartbeat(Err(why)));
            }
            GroupCommand::CommitOffsets(commit) => turn.commit(live, known, ticket, &commit),
            GroupCommand::DeleteOffsets(delete) => {
                turn.delete_offsets(live, known, &group.offsets, ticket, &delete);
            }
            GroupCommand::DeleteGroup { .. } => {
                turn.delete_group(live, known, &group.offsets, ticket);
            }
            GroupCommand::ForgetTopics { topics, .. } => {
                turn.forget(&group.offsets, |topic| topics.iter().any(|gone| gone == topic));
                turn.answer(ticket, GroupAnswer::ForgetTopics);
            }
        })
    }

    fn due(&mut self, id: &Rc<str>, now: Now) -> Decision<GroupAnswer> {
        self.turn(id, now, |turn, live, group, _| {
            turn.time_passed(live);
            if group.check.is_some_and(|at| at <= now.mono) {
                group.check = None;
                turn.expire(live, group.facts.as_ref(), &group.offsets);
                turn.write_again(live, group.facts.as_ref());
            }
        })
    }

    fn apply(&mut self, record: &RecordView<'_>) -> Result<(), BadRecord> {
        match records::decode(record)? {
            Entry::Offset { group, topic, partition, value } => {
                self.apply_offset(group, topic, partition, value);
            }
            Entry::Group { group, value } => self.apply_group(group, value, record.timestamp),
            Entry::Unknown => {}
        }
        Ok(())
    }

    fn begin(&mut self, now: Now) -> Vec<(Rc<str>, Mono)> {
        let check = now.mono + self.limits.retention_check;
        let deadlines = self.groups.iter_mut().map(|(id, group)| {
            let live = Box::new(Live::of(group.facts.as_ref(), now));
            let deadline = live.deadline();
            group.live = Some(live).filter(|live| !live.is_at_rest(group.facts.as_ref()));
            group.check = Some(check);
            (id.clone(), deadline.map_or(check, |at| at.min(check)))
        });
        deadlines.collect()
    }

    /// The state as the records that would build it, each with its length before it; whole groups.
    fn snapshot(&self, after: Option<&Rc<str>>) -> Option<SnapshotPart<Rc<str>>> {
        let mut bytes = vec![SNAPSHOT];
        let mut put = |record: replication_machine::Record| {
            for part in [record.key, record.value] {
                let part = part.expect("because what stands has a key and a value");
                let length = u32::try_from(part.len()).expect("because a record is bounded");
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(&part);
            }
            bytes.len()
        };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        for (id, group) in self.groups.range::<Rc<str>, _>((from, Bound::Unbounded)) {
            let mut filled = 0;
            if let Some(facts) = &group.facts {
                filled = put(records::group(id, facts));
            }
            for (topic, partitions) in &group.offsets {
                for (partition, committed) in partitions {
                    filled =
                        put(records::offset(id, topic, *partition, &OffsetValue::of(committed)));
                }
            }
            if filled >= SNAPSHOT_PART_BYTES {
                return Some(SnapshotPart { bytes, more_after: Some(id.clone()) });
            }
        }
        Some(SnapshotPart { bytes, more_after: None })
    }

    fn load(&mut self, snapshot: &[u8]) -> Result<(), BadRecord> {
        let [SNAPSHOT, rest @ ..] = snapshot else {
            return Err(BadRecord::Newer("a snapshot of another form".into()));
        };
        let mut rest = rest;
        let mut part = || -> Result<Option<&[u8]>, BadRecord> {
            let cut = || BadRecord::Broken("a snapshot that is cut short".into());
            if rest.is_empty() {
                return Ok(None);
            }
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
            let length = u32::from_be_bytes(*length) as usize;
            let (part, after) = after.split_at_checked(length).ok_or_else(cut)?;
            rest = after;
            Ok(Some(part))
        };
        while let Some(key) = part()? {
            let value = part()?;
            self.apply(&RecordView { key: Some(key), value, timestamp: 0, offset: 0 })?;
        }
        Ok(())
    }

    fn state_hash(&self) -> u64 {
        let mut hash = StateHash::default();
        for (id, group) in self.groups.iter().filter(|(_, group)| group.has_records()) {
            hash.bytes(id.as_bytes()).number(u64::from(group.facts.is_some()));
            if let Some(facts) = &group.facts {
                let record = records::group(id, facts);
                hash.bytes(&record.value.unwrap_or_default());
            }
            for (topic, partitions) in &group.offsets {
                hash.bytes(topic.as_bytes()).number(partitions.len() as u64);
                for (partition, committed) in partitions {
                    hash.number(i64::from(*partition).cast_unsigned());
                    hash.number(committed.offset.cast_unsigned());
                    hash.number(i64::from(committed.leader_epoch).cast_unsigned());
                    hash.bytes(committed.metadata.as_bytes());
                    hash.number(committed.committed_ms.cast_unsigned());
                    hash.number(committed.expires_ms.unwrap_or(-1).cast_unsigned());
                    hash.bytes(&committed.topic_id.0);
                }
            }
        }
        hash.finish()
    }
}

#[cfg(test)]
#[path = "groups_test.rs"]
mod groups_test;
#[cfg(test)]
#[path = "replay_test.rs"]
mod replay_test;
