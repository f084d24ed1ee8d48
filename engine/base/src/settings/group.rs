//! A group's settings: what was set on it, over the node's, over the table's defaults.
//!
//! Kept true: a group's value lies within the bounds that the node sets for all groups when it is
//! accepted, and is moved into them where the node's bounds have changed since.

use super::broker::{BrokerConfig, Described, Source, Synonym};
use super::key::{Key, Scope};
use super::table::{broker_key, group_keys, key_of};
use super::value::Value;
use crate::Refusal;
use std::collections::BTreeMap;

/// For a group's key the node's keys for its least and its greatest value.
type Bounds = (&'static str, Option<&'static str>, Option<&'static str>);

const BOUNDS: &[Bounds] = &[
    (
        "consumer.heartbeat.interval.ms",
        Some("group.consumer.min.heartbeat.interval.ms"),
        Some("group.consumer.max.heartbeat.interval.ms"),
    ),
    (
        "consumer.session.timeout.ms",
        Some("group.consumer.min.session.timeout.ms"),
        Some("group.consumer.max.session.timeout.ms"),
    ),
    (
        "consumer.assignment.interval.ms",
        Some("group.consumer.min.assignment.interval.ms"),
        Some("group.consumer.max.assignment.interval.ms"),
    ),
    (
        "share.heartbeat.interval.ms",
        Some("group.share.min.heartbeat.interval.ms"),
        Some("group.share.max.heartbeat.interval.ms"),
    ),
    (
        "share.session.timeout.ms",
        Some("group.share.min.session.timeout.ms"),
        Some("group.share.max.session.timeout.ms"),
    ),
    (
        "share.assignment.interval.ms",
        Some("group.share.min.assignment.interval.ms"),
        Some("group.share.max.assignment.interval.ms"),
    ),
    (
        "share.record.lock.duration.ms",
        Some("group.share.min.record.lock.duration.ms"),
        Some("group.share.max.record.lock.duration.ms"),
    ),
    (
        "share.delivery.count.limit",
        Some("group.share.min.delivery.count.limit"),
        Some("group.share.max.delivery.count.limit"),
    ),
    (
        "share.partition.max.record.locks",
        Some("group.share.min.partition.max.record.locks"),
        Some("group.share.max.partition.max.record.locks"),
    ),
    (
        "streams.heartbeat.interval.ms",
        Some("group.streams.min.heartbeat.interval.ms"),
        Some("group.streams.max.heartbeat.interval.ms"),
    ),
    (
        "streams.session.timeout.ms",
        Some("group.streams.min.session.timeout.ms"),
        Some("group.streams.max.session.timeout.ms"),
    ),
    (
        "streams.assignment.interval.ms",
        Some("group.streams.min.assignment.interval.ms"),
        Some("group.streams.max.assignment.interval.ms"),
    ),
    ("streams.num.standby.replicas", None, Some("group.streams.max.standby.replicas")),
];

/// Of each kind of group the session must outlast the interval between two heartbeats.
const SESSIONS: &[(&str, &str)] = &[
    ("consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"),
    ("share.session.timeout.ms", "share.heartbeat.interval.ms"),
    ("streams.session.timeout.ms", "streams.heartbeat.interval.ms"),
];

/// What of a group's settings is asked for while the group works, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSettings {
    /// `consumer.session.timeout.ms`.
    pub consumer_session_ms: i64,
    /// `consumer.heartbeat.interval.ms`.
    pub consumer_heartbeat_ms: i64,
    /// `consumer.assignment.interval.ms`.
    pub consumer_assignment_ms: i64,
}

impl GroupSettings {
    /// The settings of a group with these overrides, on a node with this configuration.
    pub fn new(overrides: &BTreeMap<String, String>, broker: &BrokerConfig) -> GroupSettings {
        let number = |name| within(name, number(name, overrides, broker), broker);
        GroupSettings {
            consumer_session_ms: number("consumer.session.timeout.ms"),
            consumer_heartbeat_ms: number("consumer.heartbeat.interval.ms"),
            consumer_assignment_ms: number("consumer.assignment.interval.ms"),
        }
    }
}

/// Judges what would be set on a group.
pub fn check_group(
    values: &BTreeMap<String, String>,
    broker: &BrokerConfig,
) -> Result<(), Refusal> {
    for (name, text) in values {
        let Some(key) = key_of(Scope::Group, name) else {
            return Err(Refusal::InvalidConfig(format!("Unknown group config name: {name}")));
        };
        key.accept(text).map_err(Refusal::InvalidConfig)?;
    }
    for (name, min, max) in BOUNDS {
        if !values.contains_key(*name) {
            continue;
        }
        let n = number(name, values, broker);
        let (least, most) = bounds(*min, *max, broker);
        let why = match (least.filter(|least| n < *least), most.filter(|most| n > *most)) {
            (Some(_), _) => format!("greater than or equal to {}", min.unwrap_or_default()),
            (None, Some(_)) => format!("less than or equal to {}", max.unwrap_or_default()),
            (None, None) => continue,
        };
        return Err(Refusal::InvalidConfig(format!("{name} must be {why}")));
    }
    for (session, heartbeat) in SESSIONS {
        if number(session, values, broker) <= number(heartbeat, values, broker) {
            let why = format!("{session} must be greater than {heartbeat}");
            return Err(Refusal::InvalidConfig(why));
        }
    }
    Ok(())
}

/// A row for each key of a group, by name.
pub fn describe_group(
    overrides: &BTreeMap<String, String>,
    broker: &BrokerConfig,
) -> Vec<Described> {
    let rows = group_keys().iter().map(|key| {
        let mut synonyms = Vec::new();
        let set = overrides.get(key.name).map(|text| key.shown(text));
        if let Some(value) = set.clone() {
            synonyms.push(Synonym { name: key.name, value: Some(value), source: Source::Group });
        }
        match key.synonyms.first().and_then(|name| broker_key(name)) {
            Some(first) => synonyms.extend(broker.synonyms_of(first)),
            None => synonyms.push(Synonym {
                name: key.name,
                value: key.default.map(str::to_owned),
                source: Source::Default,
            }),
        }
        let source = synonyms.first().map_or(Source::Default, |first| first.source);
        let value = set.or_else(|| inherited(key, broker));
        Described { key, value, source, synonyms }
    });
    rows.collect()
}

/// What holds where the group has nothing of its own.
fn inherited(key: &Key, broker: &BrokerConfig) -> Option<String> {
    let given = key.synonyms.first().and_then(|name| broker.text(name));
    given.or(key.default).map(str::to_owned)
}

fn number(name: &str, overrides: &BTreeMap<String, String>, broker: &BrokerConfig) -> i64 {
    let key = key_of(Scope::Group, name).expect("the program asks for keys of the table only");
    let own = overrides.get(name).and_then(|text| key.accept(text).ok());
    let value = own.or_else(|| key.parse(&inherited(key, broker)?).ok());
    match value {
        Some(Value::Int(n)) => n,
        other => unreachable!("{name} is no whole number: {other:?}"),
    }
}

fn bounds(
    min: Option<&str>,
    max: Option<&str>,
    broker: &BrokerConfig,
) -> (Option<i64>, Option<i64>) {
    let bound = |name: Option<&str>| name.and_then(|name| broker.int(name));
    (bound(min), bound(max))
}

fn within(name: &str, n: i64, broker: &BrokerConfig) -> i64 {
    let Some((_, min, max)) = BOUNDS.iter().find(|(bounded, ..)| *bounded == name) else {
        return n;
    };
    let (least, most) = bounds(*min, *max, broker);
    n.min(most.unwrap_or(i64::MAX)).max(least.unwrap_or(i64::MIN))
}
