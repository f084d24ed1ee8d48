//! The records of `__consumer_offsets`, as Kafka writes and reads them (docs/formats/groups.md).
//!
//! Kept true: what is written is what Kafka 4.3.1 writes, byte for byte; a kind of key that this
//! version does not know is passed over, as Kafka does; a value of a newer version than it knows
//! stops the machine.

use std::rc::Rc;

use engine_base::Uuid;
use replication_machine::{BadRecord, Record, RecordView};

use crate::bytes::{Reader, Writer};
use crate::consumer;
use crate::consumer::records::Fact;
use crate::describe::CommittedOffset;

/// Kinds of keys: the first two bytes. Version 0 of the offsets' key has the layout of 1.
const OFFSET_KEYS: std::ops::RangeInclusive<i16> = 0..=1;
const OFFSET_KEY: i16 = 1;
const GROUP_KEY: i16 = 2;

/// The versions of values that are written, the first flexible one, and the last that is read.
const OFFSET_VALUE: i16 = 4;
const OFFSET_VALUE_EXPIRING: i16 = 1;
const GROUP_VALUE: i16 = 3;
const FLEXIBLE: i16 = 4;
const VALUE_MAX: i16 = 4;

/// What a group's record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupFacts {
    /// Empty for a group that had no member yet.
    pub(crate) protocol_type: Rc<str>,
    pub(crate) generation: i32,
    pub(crate) protocol: Option<Rc<str>>,
    pub(crate) leader: Option<Rc<str>>,
    /// Since when it is in its state, in milliseconds since 1970; -1 if it is not known.
    pub(crate) state_ms: i64,
    pub(crate) members: Vec<MemberFacts>,
}

/// What a group's record says of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberFacts {
    pub(crate) member_id: Rc<str>,
    pub(crate) instance_id: Option<Rc<str>>,
    pub(crate) client_id: Rc<str>,
    pub(crate) client_host: Rc<str>,
    pub(crate) rebalance_ms: i32,
    pub(crate) session_ms: i32,
    /// What it said of itself under the group's protocol.
    pub(crate) subscription: Rc<[u8]>,
    pub(crate) assignment: Rc<[u8]>,
}

/// A record of the log, read. A value that is none is a tombstone.
#[derive(Debug)]
pub(crate) enum Entry<'a> {
    /// A committed offset.
    Offset { group: &'a str, topic: &'a str, partition: i32, value: Option<OffsetValue<'a>> },
    /// A group.
    Group { group: &'a str, value: Option<GroupFacts> },
    /// Something of a group of the consumer protocol.
    Consumer { group: &'a str, fact: Fact<'a> },
    /// Of a kind that this version does not know.
    Unknown,
}

/// A committed offset as it stands in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OffsetValue<'a> {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: &'a str,
    pub(crate) committed_ms: i64,
    pub(crate) expires_ms: Option<i64>,
    pub(crate) topic_id: Uuid,
}

/// Reads a record.
pub(crate) fn decode<'a>(record: &RecordView<'a>) -> Result<Entry<'a>, BadRecord> {
    let key = record.key.ok_or_else(|| BadRecord::Broken("without a key".into()))?;
    let mut key = Reader::new(key);
    let kind = key.i16()?;
    if OFFSET_KEYS.contains(&kind) {
        let (group, topic, partition) = (key.text()?, key.text()?, key.i32()?);
        let value = record.value.map(decode_offset).transpose()?;
        return Ok(Entry::Offset { group, topic, partition, value });
    }
    if kind == GROUP_KEY {
        let group = key.text()?;
        let value = record.value.map(decode_group).transpose()?;
        return Ok(Entry::Group { group, value });
    }
    if let Some((group, fact)) = consumer::records::decode(kind, &mut key, record.value)? {
        return Ok(Entry::Consumer { group, fact });
    }
    if kind < 0 {
        return Err(BadRecord::Broken(format!("kind {kind}")));
    }
    Ok(Entry::Unknown)
}

fn versioned<'a>(value: &'a [u8], what: &str) -> Result<(Reader<'a>, i16), BadRecord> {
    let mut value = Reader::new(value);
    let version = value.i16()?;
    match version {
        ..0 => Err(BadRecord::Broken(format!("{what} of version {version}"))),
        0..=VALUE_MAX => {
            value.flexible = version >= FLEXIBLE;
            Ok((value, version))
        }
        _ => Err(BadRecord::Newer(format!("{what} of version {version}"))),
    }
}

fn decode_offset(value: &[u8]) -> Result<OffsetValue<'_>, BadRecord> {
    let (mut value, version) = versioned(value, "an offset")?;
    let offset = value.i64()?;
    let leader_epoch = if version >= 3 { value.i32()? } else { -1 };
    let metadata = value.text()?;
    let committed_ms = value.i64()?;
    let expires_ms = if version == 1 { Some(value.i64()?).filter(|at| *at != -1) } else { None };
    let mut topic_id = Uuid::ZERO;
    value.tags(|tag, bytes| {
        if tag == 0 {
            let id = bytes.try_into();
            topic_id = Uuid(id.map_err(|_| BadRecord::Broken("a topic id's length".into()))?);
        }
        Ok(())
    })?;
    Ok(OffsetValue { offset, leader_epoch, metadata, committed_ms, expires_ms, topic_id })
}

fn decode_group(value: &[u8]) -> Result<GroupFacts, BadRecord> {
    let (mut value, version) = versioned(value, "a group")?;
    let protocol_type = value.text()?.into();
    let generation = value.i32()?;
    let protocol = value.nullable_text()?.map(Rc::from);
    let leader = value.nullable_text()?.map(Rc::from);
    let state_ms = if version >= 2 { value.i64()? } else { -1 };
    let count = value.list()?;
    let mut members = Vec::new();
    for _ in 0..count {
        members.push(decode_member(&mut value, version)?);
    }
    value.tags(|_, _| Ok(()))?;
    Ok(GroupFacts { protocol_type, generation, protocol, leader, state_ms, members })
}

fn decode_member(value: &mut Reader<'_>, version: i16) -> Result<MemberFacts, BadRecord> {
    let member_id = value.text()?.into();
    let instance_id = if version >= 3 { value.nullable_text()?.map(Rc::from) } else { None };
    let client_id = value.text()?.into();
    let client_host = value.text()?.into();
    let rebalance = if version >= 1 { Some(value.i32()?) } else { None };
    let session_ms = value.i32()?;
    let subscription = value.bytes()?.into();
    let assignment = value.bytes()?.into();
    value.tags(|_, _| Ok(()))?;
    let rebalance_ms = rebalance.filter(|ms| *ms != -1).unwrap_or(session_ms);
    Ok(MemberFacts {
        member_id,
        instance_id,
        client_id,
        client_host,
        rebalance_ms,
        session_ms,
        subscription,
        assignment,
    })
}

fn offset_key(group: &str, topic: &str, partition: i32) -> Vec<u8> {
    let mut key = Writer::new(OFFSET_KEY);
    key.text(group).text(topic).i32(partition);
    key.0
}

fn group_key(group: &str) -> Vec<u8> {
    let mut key = Writer::new(GROUP_KEY);
    key.text(group);
    key.0
}

fn keyed(key: Vec<u8>, value: Option<Vec<u8>>) -> Record {
    Record { key: Some(key), value, timestamp: None }
}

/// The record of a committed offset. A value with its own end has neither the topic's id nor the
/// leader's epoch.
pub(crate) fn offset(group: &str, topic: &str, partition: i32, what: &OffsetValue<'_>) -> Record {
    let mut value;
    match what.expires_ms {
        Some(expires_ms) => {
            value = Writer::new(OFFSET_VALUE_EXPIRING);
            value.i64(what.offset).text(what.metadata).i64(what.committed_ms).i64(expires_ms);
        }
        None => {
            value = Writer::new(OFFSET_VALUE);
            value.i64(what.offset).i32(what.leader_epoch).compact_text(what.metadata);
            value.i64(what.committed_ms);
            value.tag((!what.topic_id.is_zero()).then_some(&what.topic_id.0));
        }
    }
    keyed(offset_key(group, topic, partition), Some(value.0))
}

/// Takes a committed offset away.
pub(crate) fn no_offset(group: &str, topic: &str, partition: i32) -> Record {
    keyed(offset_key(group, topic, partition), None)
}

/// The record of a group.
pub(crate) fn group(group: &str, facts: &GroupFacts) -> Record {
    let mut value = Writer::new(GROUP_VALUE);
    value.text(&facts.protocol_type).i32(facts.generation);
    value.nullable_text(facts.protocol.as_deref()).nullable_text(facts.leader.as_deref());
    value.i64(facts.state_ms);
    value.i32(i32::try_from(facts.members.len()).expect("because a group's size is an i32"));
    for member in &facts.members {
        value.text(&member.member_id).nullable_text(member.instance_id.as_deref());
        value.text(&member.client_id).text(&member.client_host);
        value.i32(member.rebalance_ms).i32(member.session_ms);
        value.bytes(&member.subscription).bytes(&member.assignment);
    }
    keyed(group_key(group), Some(value.0))
}

/// Takes a group away.
pub(crate) fn no_group(group: &str) -> Record {
    keyed(group_key(group), None)
}

impl<'a> OffsetValue<'a> {
    /// The value that a kept offset was read from.
    pub(crate) fn of(kept: &'a CommittedOffset) -> OffsetValue<'a> {
        OffsetValue {
            offset: kept.offset,
            leader_epoch: kept.leader_epoch,
            metadata: &kept.metadata,
            committed_ms: kept.committed_ms,
            expires_ms: kept.expires_ms,
            topic_id: kept.topic_id,
        }
    }

    /// The offset to keep, sharing the words of the one before where they are the same.
    pub(crate) fn keep(&self, before: Option<&CommittedOffset>) -> CommittedOffset {
        let same = before.filter(|before| *before.metadata == *self.metadata);
        CommittedOffset {
            offset: self.offset,
            leader_epoch: self.leader_epoch,
            metadata: same.map_or_else(|| self.metadata.into(), |before| before.metadata.clone()),
            committed_ms: self.committed_ms,
            expires_ms: self.expires_ms,
            topic_id: self.topic_id,
        }
    }
}

#[cfg(test)]
#[path = "records_test.rs"]
mod records_test;
