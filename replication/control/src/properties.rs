//! The node's properties and what they make of a topic's configs.
//!
//! Kept true: what resolves here was checked before it was stored; a value that cannot be read falls
//! back to its default instead of stopping the machine, because applying must not fail on taste.

use std::collections::BTreeMap;

use engine_base::settings::{Depth, TimestampType};

use crate::topic_settings::TopicSettings;

/// The node's properties as the operator gave them (`server.properties` names).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    given: BTreeMap<String, String>,
}

/// A topic config, the node property that is its default, and the default of that.
const RESOLVED: [(&str, &str, &str); 13] = [
    ("write.caching", "write.caching", "false"),
    ("record.validation", "record.validation", "records"),
    ("max.message.bytes", "message.max.bytes", "1048588"),
    ("message.timestamp.type", "log.message.timestamp.type", "CreateTime"),
    (
        "message.timestamp.before.max.ms",
        "log.message.timestamp.before.max.ms",
        "9223372036854775807",
    ),
    ("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms", "3600000"),
    ("cleanup.policy", "log.cleanup.policy", "delete"),
    ("segment.bytes", "log.segment.bytes", "1073741824"),
    ("segment.ms", "log.roll.ms", "604800000"),
    ("retention.ms", "log.retention.ms", "604800000"),
    ("retention.bytes", "log.retention.bytes", "-1"),
    ("min.insync.replicas", "min.insync.replicas", "1"),
    ("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", "0.5"),
];

impl Properties {
    /// Properties as given.
    pub fn new(given: BTreeMap<String, String>) -> Properties {
        Properties { given }
    }

    /// A property as it was given.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str)
    }

    /// Every property that was given.
    pub fn given(&self) -> &BTreeMap<String, String> {
        &self.given
    }

    /// Why a topic config cannot have this value, in Kafka's words.
    pub fn refuse_topic_config(&self, key: &str, _value: &str) -> Option<String> {
        let known = RESOLVED.iter().any(|(topic, _, _)| *topic == key);
        (!known).then(|| format!("Unknown topic config name: {key}"))
    }

    /// A topic's configs, resolved.
    pub fn topic_settings(&self, configs: &BTreeMap<String, String>) -> TopicSettings {
        let text = |key: &str| self.resolve(configs, key);
        let number = |key: &str| text(key).parse::<i64>().unwrap_or(i64::MAX);
        let cleanup = text("cleanup.policy");
        TopicSettings {
            write_caching: text("write.caching") == "true",
            depth: match text("record.validation") {
                "batch" => Depth::Header,
                "full" => Depth::Full,
                _ => Depth::Records,
            },
            message_bytes_max: usize::try_from(number("max.message.bytes")).unwrap_or(usize::MAX),
            timestamp_type: match text("message.timestamp.type") {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            timestamp_before_ms_max: number("message.timestamp.before.max.ms"),
            timestamp_after_ms_max: number("message.timestamp.after.max.ms"),
            compact: cleanup.split(',').any(|policy| policy.trim() == "compact"),
            delete: cleanup.split(',').any(|policy| policy.trim() == "delete"),
            segment_bytes: number("segment.bytes").cast_unsigned(),
            segment_ms: number("segment.ms"),
            retention_ms: number("retention.ms"),
            retention_bytes: number("retention.bytes"),
            insync_replicas_min: i32::try_from(number("min.insync.replicas")).unwrap_or(1),
        }
    }

    /// `num.partitions`.
    pub fn partitions_default(&self) -> i32 {
        self.get("num.partitions").and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    /// `default.replication.factor`.
    pub fn replication_factor_default(&self) -> i16 {
        self.get("default.replication.factor").and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    /// `auto.create.topics.enable`.
    pub fn auto_create(&self) -> bool {
        self.get("auto.create.topics.enable") != Some("false")
    }

    /// `delete.topic.enable`.
    pub fn topic_deletion(&self) -> bool {
        self.get("delete.topic.enable") != Some("false")
    }

    fn resolve<'a>(&'a self, configs: &'a BTreeMap<String, String>, key: &str) -> &'a str {
        let (_, property, default) = RESOLVED
            .iter()
            .find(|(topic, _, _)| *topic == key)
            .expect("because only keys of this table are asked for");
        match configs.get(key) {
            Some(value) => value.trim(),
            None => self.get(property).map_or(default, str::trim),
        }
    }
}
