//! All groups of one partition of `__consumer_offsets`, as a machine.
//!
//! Kept true: deciding changes only how groups live, which is volatile; applying changes what
//! records build, and confirms what was decided with them. A decision whose record was refused is
//! taken back before the next one of its group.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Mono, Refusal};
use replication_machine::{
    BadRecord, Decision, Machine, Now, RecordView, SnapshotPart, StateHash, Ticket,
};

use crate::answer::GroupAnswer;
use crate::cluster::Cluster;
use crate::command::{DeletedTopics, GroupCommand};
use crate::commit::each_deleted;
use crate::consumer;
use crate::consumer::records::Fact;
use crate::consumer::watch::Watch;
use crate::describe::{
    CommittedOffset, DescribedConsumerGroup, DescribedGroup, DescribedMember, GroupKind,
    GroupState, ListedGroup,
};
use crate::dispatch::Asked;
use crate::group::Group;
use crate::limits::GroupLimits;
use crate::live::Live;
use crate::records::{self, Entry, GroupFacts, OffsetValue};

/// Committed offsets of a topic by partition.
pub(crate) type Partitions = BTreeMap<i32, CommittedOffset>;

/// Committed offsets by topic and partition.
pub(crate) type Offsets = BTreeMap<Rc<str>, Partitions>;

/// The form of a snapshot: its first byte.
const SNAPSHOT: u8 = 1;

/// A snapshot's part ends behind the group with which it has this many bytes.
const SNAPSHOT_PART_BYTES: usize = 64 * 1024;

/// All groups of one partition of `__consumer_offsets`.
#[derive(Debug)]
pub struct Groups {
    pub(crate) limits: GroupLimits,
    pub(crate) cluster: Rc<dyn Cluster>,
    pub(crate) groups: BTreeMap<Rc<str>, Group>,
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

    /// A classic group; `None` if there is none.
    pub fn describe(&self, group: &str) -> Option<DescribedGroup> {
        let group = self.groups.get(group).filter(|group| group.consumer.is_none())?;
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
            assignment: member.assignment,
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
        let no = |why: String| Refusal::GroupIdNotFound(why);
        let found = self.groups.get(group);
        let found = found.ok_or_else(|| no(format!("Group {group} not found.")))?;
        let Some(found) = &found.consumer else {
            return Err(no(format!("Group {group} is not a consumer group.")));
        };
        let default = self.limits.consumer.assignors.first().map_or("uniform", |name| name);
        Ok(consumer::described(found, &*self.cluster, default))
    }

    /// The protocol of a group; `None` if there is none.
    pub fn kind(&self, group: &str) -> Option<GroupKind> {
        self.groups.get(group).map(Group::kind)
    }

    /// Whether offsets may be shown to who says to be this member (OffsetFetch v9 and later); a
    /// member id of `None` and an epoch of -1 say nothing.
    pub fn check_fetch(
        &self,
        group: &str,
        member_id: Option<&str>,
        member_epoch: i32,
    ) -> Result<(), Refusal> {
        let found = self.groups.get(group).and_then(|group| group.consumer.as_ref());
        found.map_or(Ok(()), |found| consumer::check_fetch(found, member_id, member_epoch))
    }

    /// Every group, by id.
    pub fn list(&self) -> Vec<ListedGroup> {
        let listed = self.groups.iter().map(|(id, group)| ListedGroup {
            group: id.clone(),
            protocol_type: group.protocol_type(),
            kind: group.kind(),
            state: group.state_name(),
        });
        listed.collect()
    }

    /// At most so many groups behind this one, or from the first: those also of which nothing was
    /// committed yet.
    pub fn ids(&self, after: Option<&Rc<str>>, most: usize) -> Vec<Rc<str>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.groups.range::<Rc<str>, _>((from, Bound::Unbounded));
        behind.take(most).map(|(id, _)| id.clone()).collect()
    }

    /// Whether a group has offsets of any of these topics.
    pub fn has_offsets_of(&self, group: &str, deleted: &DeletedTopics) -> bool {
        let mut has = false;
        if let Some(group) = self.groups.get(group) {
            each_deleted(&group.offsets, deleted, |_, _| {
                has = true;
                false
            });
        }
        has
    }

    fn drop_if_gone(&mut self, id: &str) {
        if self.groups.get(id).is_some_and(Group::is_forgotten) {
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
        self.group_mut(id).apply_classic(value, timestamp);
        self.drop_if_gone(id);
    }

    fn apply_consumer(&mut self, id: &str, fact: Fact<'_>) {
        self.group_mut(id).apply_consumer(fact);
        self.drop_if_gone(id);
    }
}

/// A part of a time by the id of a group, so that not all look for what expired at once. Each keeps
/// to its place from then on.
fn part_of(interval: Duration, id: &str) -> Duration {
    const PARTS: u32 = 1 << 16;
    let hash = StateHash::default().bytes(id.as_bytes()).finish();
    let part = ((hash >> 32) ^ hash) as u32 % PARTS + 1;
    interval / PARTS * part
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
        self.turn(&id, now, Asked::Command(ticket, Box::new(command)))
    }

    fn due(&mut self, id: &Rc<str>, now: Now) -> Decision<GroupAnswer> {
        self.turn(id, now, Asked::Due)
    }

    fn apply(&mut self, record: &RecordView<'_>) -> Result<(), BadRecord> {
        match records::decode(record)? {
            Entry::Offset { group, topic, partition, value } => {
                self.apply_offset(group, topic, partition, value);
            }
            Entry::Group { group, value } => self.apply_group(group, value, record.timestamp),
            Entry::Consumer { group, fact } => self.apply_consumer(group, fact),
            Entry::Unknown => {}
        }
        Ok(())
    }

    fn begin(&mut self, now: Now) -> Vec<(Rc<str>, Mono)> {
        let (limits, cluster) = (&self.limits, &self.cluster);
        let deadlines = self.groups.iter_mut().map(|(id, group)| {
            let check = now.mono + part_of(limits.retention_check, id);
            group.check = Some(check);
            if let Some(consumer) = &group.consumer {
                let session_ms = limits.consumer.session_of(cluster.group_config(id));
                let watch = Watch::of(consumer, session_ms, now);
                let deadline = watch.deadline();
                group.watch = Some(Box::new(watch));
                return (id.clone(), deadline.map_or(check, |at| at.min(check)));
            }
            let live = Box::new(Live::of(group.facts.as_ref(), now));
            let deadline = live.deadline();
            group.live = Some(live).filter(|live| !live.is_at_rest(group.facts.as_ref()));
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
            if let Some(consumer) = &group.consumer {
                for record in consumer::records::whole(id, consumer) {
                    filled = put(record);
                }
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
            for record in group.consumer.iter().flat_map(|of| consumer::records::whole(id, of)) {
                hash.bytes(&record.key.unwrap_or_default());
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
