//! A topic's settings: what was set on it, over the node's, over the table's defaults.

use super::broker::{BrokerConfig, Described, Source, Synonym};
use super::key::{Key, Scope};
use super::table::{broker_key, nearest, topic_key, topic_keys};
use super::value::Value;
use super::{Depth, TimestampType};
use crate::Refusal;
use std::collections::BTreeMap;

/// What becomes of old records: `cleanup.policy`. Neither keeps everything for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// Old segments go by time and size.
    pub delete: bool,
    /// The last record of each key stays; each record needs a key.
    pub compact: bool,
}

/// A topic's settings, resolved and typed.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSettings {
    /// `cleanup.policy`.
    pub cleanup: CleanupPolicy,
    /// `compression.type`: `producer`, `uncompressed` or a codec's name.
    pub compression_type: String,
    /// `delete.retention.ms`: how long a tombstone stays.
    pub delete_retention_ms: i64,
    /// `max.compaction.lag.ms`.
    pub max_compaction_lag_ms: i64,
    /// `max.message.bytes`: the largest batch.
    pub max_message_bytes: usize,
    /// `message.timestamp.after.max.ms`: how far a timestamp may lie ahead.
    pub timestamp_after_max_ms: i64,
    /// `message.timestamp.before.max.ms`: how far a timestamp may lie back.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `min.cleanable.dirty.ratio`.
    pub min_cleanable_dirty_ratio: f64,
    /// `min.compaction.lag.ms`.
    pub min_compaction_lag_ms: i64,
    /// `min.insync.replicas`.
    pub min_insync_replicas: i32,
    /// `record.validation`: how deep a produced batch is looked at.
    pub record_validation: Depth,
    /// `retention.bytes`; `None` is without a bound.
    pub retention_bytes: Option<u64>,
    /// `retention.ms`; `None` is for ever. Up to `i64::MAX`: add nothing to it without saturating.
    pub retention_ms: Option<i64>,
    /// `segment.bytes`, or `internal.segment.bytes` where that is set.
    pub segment_bytes: usize,
    /// `segment.jitter.ms`.
    pub segment_jitter_ms: i64,
    /// `segment.ms`: the age at which a segment is closed.
    pub segment_ms: i64,
    /// `write.caching`: acknowledge once the kernel has the bytes, before they are flushed.
    pub write_caching: bool,
}

impl TopicSettings {
    /// The settings of a topic with these overrides, on a node with this configuration. Overrides
    /// were accepted by [`check_topic`] once; one that this version does not know, or no longer
    /// takes, counts as not set.
    pub fn new(overrides: &BTreeMap<String, String>, broker: &BrokerConfig) -> TopicSettings {
        let values = Values { overrides, broker };
        let policy = values.list("cleanup.policy");
        let has = |word: &str| policy.iter().any(|policy| policy == word);
        let segment_bytes = values.value("internal.segment.bytes").and_then(whole);
        let depth = Depth::from_name(&values.text("record.validation"));
        TopicSettings {
            cleanup: CleanupPolicy { delete: has("delete"), compact: has("compact") },
            compression_type: values.text("compression.type"),
            delete_retention_ms: values.int("delete.retention.ms"),
            max_compaction_lag_ms: values.int("max.compaction.lag.ms"),
            max_message_bytes: values.bytes("max.message.bytes"),
            timestamp_after_max_ms: values.int("message.timestamp.after.max.ms"),
            timestamp_before_max_ms: values.int("message.timestamp.before.max.ms"),
            timestamp_type: match values.text("message.timestamp.type").as_str() {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            min_cleanable_dirty_ratio: values.double("min.cleanable.dirty.ratio"),
            min_compaction_lag_ms: values.int("min.compaction.lag.ms"),
            min_insync_replicas: i32::try_from(values.int("min.insync.replicas"))
                .unwrap_or(i32::MAX),
            record_validation: depth.expect("the table takes the names of depths only"),
            retention_bytes: u64::try_from(values.int("retention.bytes")).ok(),
            retention_ms: Some(values.int("retention.ms")).filter(|ms| *ms >= 0),
            segment_bytes: match segment_bytes {
                Some(bytes) => usize::try_from(bytes).unwrap_or(0).max(1),
                None => values.bytes("segment.bytes"),
            },
            segment_jitter_ms: values.int("segment.jitter.ms"),
            segment_ms: values.int("segment.ms"),
            write_caching: values.value("write.caching") == Some(Value::Bool(true)),
        }
    }

    /// Whether a record of this time is older than `retention.ms` allows.
    pub fn is_expired(&self, timestamp_ms: i64, now_ms: i64) -> bool {
        self.retention_ms.is_some_and(|ms| now_ms.saturating_sub(timestamp_ms) > ms)
    }
}

impl Default for TopicSettings {
    /// The table's own defaults.
    fn default() -> TopicSettings {
        TopicSettings::new(&BTreeMap::new(), &BrokerConfig::default())
    }
}

/// Judges what a client sets on a topic, `None` being null, and gives back what to keep.
pub fn check_topic<'t>(
    pairs: impl IntoIterator<Item = (&'t str, Option<&'t str>)>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut kept = BTreeMap::new();
    let mut nulls = Vec::new();
    for (name, text) in pairs {
        let Some(key) = topic_key(name) else {
            let hint = match nearest(Scope::Topic, name) {
                Some(key) => format!(" (did you mean {}?)", key.name),
                None => String::new(),
            };
            let message = format!("Unknown topic config name: {name}{hint}");
            return Err(Refusal::InvalidConfig(message));
        };
        match text {
            None => nulls.push(name),
            Some(text) => {
                key.accept(text).map_err(Refusal::InvalidConfig)?;
                kept.insert(name.to_owned(), text.to_owned());
            }
        }
    }
    if !nulls.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", nulls.join(","));
        return Err(Refusal::InvalidConfig(message));
    }
    let lag = |name: &str| {
        let key = topic_key(name).expect("both lags stand in the table");
        let text = kept.get(name).map(String::as_str).or(key.default)?;
        key.parse(text).ok().and_then(whole)
    };
    let (min, max) = (lag("min.compaction.lag.ms"), lag("max.compaction.lag.ms"));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(Refusal::InvalidConfig(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > \
             max.compaction.lag.ms ({max})"
        )));
    }
    Ok(kept)
}

/// A row for each key of a topic, by name.
pub fn describe_topic(
    overrides: &BTreeMap<String, String>,
    broker: &BrokerConfig,
) -> Vec<Described> {
    let values = Values { overrides, broker };
    let shown = topic_keys().iter().filter(|key| !key.hidden);
    shown
        .map(|key| {
            let mut synonyms = Vec::new();
            if let Some(text) = overrides.get(key.name) {
                let value = Some(key.shown(text));
                synonyms.push(Synonym { name: key.name, value, source: Source::Topic });
            }
            // Kafka tells the first synonym only; what comes from another is called a default.
            if let Some(first) = key.synonyms.first().and_then(|name| broker_key(name)) {
                synonyms.extend(broker.synonyms_of(first));
            }
            let source = synonyms.first().map_or(Source::Default, |first| first.source);
            Described { key, value: values.shown(key), source, synonyms }
        })
        .collect()
}

/// A topic's values by name, in layers.
struct Values<'a> {
    overrides: &'a BTreeMap<String, String>,
    broker: &'a BrokerConfig,
}

impl Values<'_> {
    /// The text that holds.
    fn shown(&self, key: &Key) -> Option<String> {
        let set = self.overrides.get(key.name).map(|text| key.shown(text));
        set.or_else(|| self.inherited(key)).or_else(|| key.default.map(str::to_owned))
    }

    /// What the node's configuration gives: the first synonym that is set, in the topic's unit.
    fn inherited(&self, key: &Key) -> Option<String> {
        key.synonyms.iter().find_map(|name| {
            let text = self.broker.given(name)?;
            let ms_each = if name.ends_with(".hours") {
                3_600_000
            } else if name.ends_with(".minutes") {
                60_000
            } else {
                return Some(text.to_owned());
            };
            // Below zero is "for ever" in every unit.
            let count = text.parse::<i64>().ok()?;
            let ms = if count < 0 { -1 } else { count.saturating_mul(ms_each) };
            Some(ms.to_string())
        })
    }

    fn value(&self, name: &str) -> Option<Value> {
        let key = topic_key(name).expect("the program asks for keys of the table only");
        let set = self.overrides.get(name).and_then(|text| key.accept(text).ok());
        let inherited = || self.inherited(key).and_then(|text| key.accept(&text).ok());
        let default = || Some(key.parse(key.default?).expect("defaults are tested"));
        set.or_else(inherited).or_else(default)
    }

    fn int(&self, name: &str) -> i64 {
        self.value(name).and_then(whole).expect("a key for whole numbers with a default")
    }

    fn bytes(&self, name: &str) -> usize {
        usize::try_from(self.int(name)).unwrap_or(0)
    }

    fn double(&self, name: &str) -> f64 {
        match self.value(name) {
            Some(Value::Double(n)) => n,
            other => unreachable!("{name} is no double: {other:?}"),
        }
    }

    fn text(&self, name: &str) -> String {
        match self.value(name) {
            Some(Value::Text(text)) => text,
            other => unreachable!("{name} is no text: {other:?}"),
        }
    }

    fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Some(Value::List(items)) => items,
            other => unreachable!("{name} is no list: {other:?}"),
        }
    }
}

fn whole(value: Value) -> Option<i64> {
    match value {
        Value::Int(n) => Some(n),
        Value::Bool(_) | Value::Double(_) | Value::Text(_) | Value::List(_) => None,
    }
}
