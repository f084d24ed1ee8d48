//! The records of groups of the consumer protocol, as Kafka writes and reads them
//! (docs/formats/groups.md).
//!
//! Kept true: what is written is what Kafka 4.3.1 writes, byte for byte; a value of a newer version
//! than is known stops the machine.

use std::collections::BTreeSet;
use std::rc::Rc;

use replication_machine::{BadRecord, Record};

use super::state::{Classic, Consumer, Current, MemberState, Owned, Resolved, Share, Subscription};
use crate::bytes::{Reader, Writer};

/// Kinds of keys.
pub(crate) const GROUP: i16 = 3;
const TOPICS: i16 = 4;
const MEMBER: i16 = 5;
const TARGETS: i16 = 6;
const TARGET: i16 = 7;
const CURRENT: i16 = 8;
const PATTERN: i16 = 16;

/// The one version of all values.
const VALUE: i16 = 0;

/// A record of a consumer group, read. A value that is none is a tombstone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fact<'a> {
    /// The group's epoch, and its topics' hash.
    Group(Option<(i32, i64)>),
    /// What older versions wrote of topics; nothing is kept of it.
    Topics,
    Member(&'a str, Option<Subscription>),
    /// The targets' epoch, and when they were found.
    Targets(Option<(i32, i64)>),
    Target(&'a str, Option<Share>),
    Current(&'a str, Option<Current>),
    Pattern(&'a str, Option<Resolved>),
}

impl Fact<'_> {
    /// It takes something away, or says nothing.
    pub(crate) fn is_tombstone(&self) -> bool {
        match self {
            Fact::Group(value) | Fact::Targets(value) => value.is_none(),
            Fact::Topics => true,
            Fact::Member(_, value) => value.is_none(),
            Fact::Target(_, value) => value.is_none(),
            Fact::Current(_, value) => value.is_none(),
            Fact::Pattern(_, value) => value.is_none(),
        }
    }
}

/// Reads a record of this kind; none if it is of another protocol's.
pub(crate) fn decode<'a>(
    kind: i16,
    key: &mut Reader<'a>,
    value: Option<&'a [u8]>,
) -> Result<Option<(&'a str, Fact<'a>)>, BadRecord> {
    if !matches!(kind, GROUP..=CURRENT | PATTERN) {
        return Ok(None);
    }
    let group = key.text()?;
    let value = value.map(|value| versioned(kind, value)).transpose()?;
    let fact = match kind {
        GROUP => Fact::Group(value.map(decode_number).transpose()?),
        TOPICS => Fact::Topics,
        MEMBER => Fact::Member(key.text()?, value.map(decode_subscription).transpose()?),
        TARGETS => Fact::Targets(value.map(decode_number).transpose()?),
        TARGET => Fact::Target(key.text()?, value.map(decode_share).transpose()?),
        CURRENT => Fact::Current(key.text()?, value.map(decode_current).transpose()?),
        _ => Fact::Pattern(key.text()?, value.map(decode_resolved).transpose()?),
    };
    Ok(Some((group, fact)))
}

fn broken(why: &str) -> BadRecord {
    BadRecord::Broken(why.into())
}

fn versioned(kind: i16, value: &[u8]) -> Result<Reader<'_>, BadRecord> {
    let mut value = Reader::new(value);
    match value.i16()? {
        VALUE => {
            value.flexible = true;
            Ok(value)
        }
        version if version < 0 => Err(BadRecord::Broken(format!("kind {kind} v{version}"))),
        version => Err(BadRecord::Newer(format!("a record of kind {kind}, version {version}"))),
    }
}

/// An epoch, and a number in the tagged field 0 (0 if it is not there).
fn decode_number(mut value: Reader<'_>) -> Result<(i32, i64), BadRecord> {
    let epoch = value.i32()?;
    let mut tagged = 0;
    value.tags(|tag, bytes| {
        if tag == 0 {
            tagged = Reader::new(bytes).i64()?;
        }
        Ok(())
    })?;
    Ok((epoch, tagged))
}

fn names(value: &mut Reader<'_>) -> Result<Rc<[Rc<str>]>, BadRecord> {
    let mut names = BTreeSet::new();
    for _ in 0..value.list()? {
        names.insert(Rc::from(value.text()?));
    }
    Ok(names.into_iter().collect())
}

fn decode_subscription(mut value: Reader<'_>) -> Result<Subscription, BadRecord> {
    let mut read = Subscription {
        instance_id: value.nullable_text()?.map(Rc::from),
        rack_id: value.nullable_text()?.map(Rc::from),
        client_id: value.text()?.into(),
        client_host: value.text()?.into(),
        topics: names(&mut value)?,
        regex: value.nullable_text()?.unwrap_or_default().into(),
        rebalance_ms: value.i32()?,
        assignor: value.nullable_text()?.map(Rc::from),
        classic: None,
    };
    value.tags(|tag, bytes| {
        if tag == 0 {
            read.classic = decode_classic(bytes)?;
        }
        Ok(())
    })?;
    Ok(read)
}

fn decode_classic(bytes: &[u8]) -> Result<Option<Classic>, BadRecord> {
    let mut value = Reader::new(bytes);
    value.flexible = true;
    if value.i8()? <= 0 {
        return Ok(None);
    }
    let session_ms = value.i32()?;
    let mut protocols = Vec::new();
    for _ in 0..value.list()? {
        protocols.push((Rc::from(value.text()?), Rc::from(value.bytes()?)));
        value.tags(|_, _| Ok(()))?;
    }
    value.tags(|_, _| Ok(()))?;
    if protocols.is_empty() {
        return Err(broken("a classic member without a protocol"));
    }
    Ok(Some(Classic { session_ms, protocols: protocols.into() }))
}

fn numbers(value: &mut Reader<'_>) -> Result<Vec<i32>, BadRecord> {
    let mut numbers = Vec::new();
    for _ in 0..value.list()? {
        numbers.push(value.i32()?);
    }
    Ok(numbers)
}

fn decode_share(mut value: Reader<'_>) -> Result<Share, BadRecord> {
    let mut share = Share::new();
    for _ in 0..value.list()? {
        let (topic, partitions) = (value.uuid()?, numbers(&mut value)?);
        value.tags(|_, _| Ok(()))?;
        share.entry(topic).or_default().extend(partitions);
    }
    value.tags(|_, _| Ok(()))?;
    Ok(share)
}

/// Owned partitions; those of older versions have no epochs, and count as given at once.
fn decode_owned(value: &mut Reader<'_>) -> Result<Owned, BadRecord> {
    let mut owned = Owned::new();
    for _ in 0..value.list()? {
        let (topic, partitions) = (value.uuid()?, numbers(value)?);
        let mut epochs = None;
        value.tags(|tag, bytes| {
            if tag == 0 {
                let mut bytes = Reader::new(bytes);
                bytes.flexible = true;
                epochs = Some(numbers(&mut bytes)?);
            }
            Ok(())
        })?;
        let epochs = epochs.unwrap_or_else(|| vec![0; partitions.len()]);
        if epochs.len() != partitions.len() {
            return Err(broken("not one epoch for each partition"));
        }
        owned.entry(topic).or_default().extend(partitions.into_iter().zip(epochs));
    }
    Ok(owned)
}

fn decode_current(mut value: Reader<'_>) -> Result<Current, BadRecord> {
    let (epoch, previous) = (value.i32()?, value.i32()?);
    let state = match value.i8()? {
        0 => MemberState::Stable,
        1 => MemberState::Unrevoked,
        2 => MemberState::Unreleased,
        _ => MemberState::Unknown,
    };
    let (assigned, revoking) = (decode_owned(&mut value)?, decode_owned(&mut value)?);
    value.tags(|_, _| Ok(()))?;
    Ok(Current { epoch, previous, state, assigned, revoking })
}

fn decode_resolved(mut value: Reader<'_>) -> Result<Resolved, BadRecord> {
    let topics = names(&mut value)?;
    let (version, at_ms) = (value.i64()?, value.i64()?);
    value.tags(|_, _| Ok(()))?;
    Ok(Resolved { topics, version, at_ms })
}

fn record(kind: i16, group: &str, name: Option<&str>, value: Option<Writer>) -> Record {
    let mut key = Writer::new(kind);
    key.text(group);
    if let Some(name) = name {
        key.text(name);
    }
    Record { key: Some(key.0), value: value.map(|value| value.0), timestamp: None }
}

fn numbered(kind: i16, group: &str, epoch: i32, tagged: i64) -> Record {
    let mut value = Writer::new(VALUE);
    let bytes = tagged.to_be_bytes();
    value.i32(epoch).tag((tagged != 0).then_some(&bytes));
    record(kind, group, None, Some(value))
}

/// The record of a group's epoch and its topics' hash.
pub(crate) fn group(group: &str, epoch: i32, hash: i64) -> Record {
    numbered(GROUP, group, epoch, hash)
}

/// The record of the targets' epoch, and of when they were found (0: not).
pub(crate) fn targets(group: &str, epoch: i32, at_ms: i64) -> Record {
    numbered(TARGETS, group, epoch, at_ms)
}

/// The record of what a member says of itself.
pub(crate) fn member(group: &str, id: &str, of: &Subscription) -> Record {
    let mut value = Writer::new(VALUE);
    value.compact_nullable_text(of.instance_id.as_deref());
    value.compact_nullable_text(of.rack_id.as_deref());
    value.compact_text(&of.client_id).compact_text(&of.client_host);
    value.compact_list(of.topics.len());
    of.topics.iter().for_each(|topic| _ = value.compact_text(topic));
    value.compact_text(&of.regex).i32(of.rebalance_ms);
    value.compact_nullable_text(of.assignor.as_deref());
    let classic = of.classic.as_ref().map(|classic| {
        let mut bytes = Writer::default();
        bytes.i8(1).i32(classic.session_ms).compact_list(classic.protocols.len());
        for (name, metadata) in classic.protocols.iter() {
            bytes.compact_text(name).compact_bytes(metadata).tag(None);
        }
        bytes.tag(None);
        bytes.0
    });
    // Kafka writes that there is none, too.
    value.tag(Some(classic.as_deref().unwrap_or(&[0])));
    record(MEMBER, group, Some(id), Some(value))
}

/// The record of what a member is to have.
pub(crate) fn target(group: &str, id: &str, share: &Share) -> Record {
    let mut value = Writer::new(VALUE);
    value.compact_list(share.len());
    for (topic, partitions) in share {
        value.uuid(*topic).compact_list(partitions.len());
        partitions.iter().for_each(|partition| _ = value.i32(*partition));
        value.tag(None);
    }
    value.tag(None);
    record(TARGET, group, Some(id), Some(value))
}

fn write_owned(value: &mut Writer, owned: &Owned) {
    value.compact_list(owned.len());
    for (topic, partitions) in owned {
        value.uuid(*topic).compact_list(partitions.len());
        partitions.keys().for_each(|partition| _ = value.i32(*partition));
        let mut epochs = Writer::default();
        epochs.compact_list(partitions.len());
        partitions.values().for_each(|epoch| _ = epochs.i32(*epoch));
        value.tag(Some(&epochs.0));
    }
}

/// The record of what a member has.
pub(crate) fn current(group: &str, id: &str, of: &Current) -> Record {
    let mut value = Writer::new(VALUE);
    value.i32(of.epoch).i32(of.previous).i8(match of.state {
        MemberState::Stable => 0,
        MemberState::Unrevoked => 1,
        MemberState::Unreleased => 2,
        MemberState::Unknown => 127,
    });
    write_owned(&mut value, &of.assigned);
    write_owned(&mut value, &of.revoking);
    value.tag(None);
    record(CURRENT, group, Some(id), Some(value))
}

/// The record of what a pattern stands for.
pub(crate) fn pattern(group: &str, pattern: &str, of: &Resolved) -> Record {
    let mut value = Writer::new(VALUE);
    value.compact_list(of.topics.len());
    of.topics.iter().for_each(|topic| _ = value.compact_text(topic));
    value.i64(of.version).i64(of.at_ms).tag(None);
    record(PATTERN, group, Some(pattern), Some(value))
}

/// Takes a pattern away.
pub(crate) fn no_pattern(group: &str, pattern: &str) -> Record {
    record(PATTERN, group, Some(pattern), None)
}

/// Takes a member away: what it has, what it is to have, and what it said.
pub(crate) fn no_member(group: &str, id: &str) -> [Record; 3] {
    [CURRENT, TARGET, MEMBER].map(|kind| record(kind, group, Some(id), None))
}

/// Takes a whole group away, in Kafka's order. The kind of records that older versions wrote of
/// topics goes too.
pub(crate) fn no_group<'a>(
    group: &str,
    members: impl Iterator<Item = &'a Rc<str>> + Clone,
    patterns: impl Iterator<Item = &'a Rc<str>>,
) -> Vec<Record> {
    let gone = |kind| record(kind, group, None, None);
    let of_each = |kind| members.clone().map(move |id| record(kind, group, Some(id), None));
    let mut records: Vec<Record> = of_each(CURRENT).chain(of_each(TARGET)).collect();
    records.push(gone(TARGETS));
    records.extend(of_each(MEMBER));
    records.extend(patterns.map(|pattern| no_pattern(group, pattern)));
    records.extend([gone(TOPICS), gone(GROUP)]);
    records
}

/// Every record that builds a group, in Kafka's order.
pub(crate) fn whole(id: &str, of: &Consumer) -> Vec<Record> {
    let mut records = Vec::new();
    let members = || of.members.iter();
    records.extend(members().map(|(name, one)| member(id, name, &one.subscription)));
    records.extend(of.patterns.iter().map(|(name, resolved)| pattern(id, name, resolved)));
    records.push(group(id, of.epoch, of.hash));
    records.extend(of.targets.iter().map(|(name, share)| target(id, name, share)));
    records.push(targets(id, of.target_epoch, of.target_ms));
    records.extend(members().map(|(name, one)| current(id, name, &one.current)));
    records
}

impl Consumer {
    /// Takes in a record of the group, unless it takes the whole group away.
    pub(crate) fn apply(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Group(value) => (self.epoch, self.hash) = value.unwrap_or((1, 0)),
            Fact::Topics => {}
            Fact::Member(id, value) => self.set_subscription(id, value.map(Rc::new)),
            Fact::Targets(value) => (self.target_epoch, self.target_ms) = value.unwrap_or((1, 0)),
            Fact::Target(id, Some(share)) => {
                _ = self.targets.insert(id.into(), Rc::new(share));
            }
            Fact::Target(id, None) => _ = self.targets.remove(id),
            Fact::Current(id, value) => self.set_current(id, value),
            Fact::Pattern(name, Some(resolved)) => {
                _ = self.patterns.insert(name.into(), resolved);
            }
            Fact::Pattern(name, None) => _ = self.patterns.remove(name),
        }
    }
}

/// Partitions by topic, as an owner's target.
pub(crate) fn share_of(owned: &Owned) -> Share {
    owned.iter().map(|(topic, of)| (*topic, of.keys().copied().collect())).collect()
}

#[cfg(test)]
#[path = "records_test.rs"]
mod records_test;
