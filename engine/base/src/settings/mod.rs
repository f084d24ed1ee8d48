//! The table of configuration keys: Kafka's names and values, and what Bobbin does with each.
//!
//! `topic.txt`, `broker.txt`, `group.txt` and `client_metrics.txt` are the table; `key` and `table`
//! read it, `value` judges a text, `broker`, `topic`, `group` and `client_metrics` put what was set
//! over the defaults, `change` judges what is changed while a node runs, `properties` reads Java's
//! file format.
//!
//! Kept true: a value that was accepted parses for ever after; a key is honoured, without effect
//! and said to be so, or refused with a reason, never silently dropped.

mod broker;
mod change;
mod client_metrics;
mod group;
mod key;
pub mod properties;
mod table;
mod topic;
mod value;

pub use broker::{BrokerConfig, Described, Problem, Source, Synonym};
pub use change::{ConfigChange, change_broker, change_value};
pub use client_metrics::{check_client_metrics, describe_client_metrics};
pub use group::{GroupSettings, check_group, describe_group};
pub use key::{Effect, Importance, Key, Kind, Scope};
pub use table::{
    broker_key, broker_keys, client_metrics_keys, group_keys, key_of, keys_of, lookup, nearest,
    topic_key, topic_keys,
};
pub use topic::{CleanupPolicy, TopicSettings, check_topic, describe_topic};
pub use value::{Value, parse, validate};

/// How deep a produced batch is looked at: `record.validation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// `batch`: header and checksum.
    Header,
    /// `records`: the records of uncompressed batches are walked, compressed ones are opened only
    /// where the topic needs it.
    Records,
    /// `full`: compressed batches are opened too.
    Full,
}

impl Depth {
    /// The depth with this name in a configuration.
    pub fn from_name(name: &str) -> Option<Depth> {
        match name {
            "batch" => Some(Depth::Header),
            "records" => Some(Depth::Records),
            "full" => Some(Depth::Full),
            _ => None,
        }
    }
}

/// Whose time a record carries: `message.timestamp.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's, when it appended the batch.
    LogAppendTime,
}

#[cfg(test)]
mod settings_test;
