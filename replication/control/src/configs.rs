//! Configs of everything but topics, as they were given: of nodes, groups and subscriptions to
//! clients' metrics.
//!
//! Kept true: what has no value left is not listed.

use std::collections::BTreeMap;

use engine_base::NodeId;
use engine_base::settings::{BrokerConfig, GroupSettings};

/// What configs are set on, besides topics.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigTarget {
    /// All nodes.
    Cluster,
    /// One node.
    Node(NodeId),
    /// A subscription to clients' metrics, by name.
    ClientMetrics(String),
    /// A group, by id; it need not be there.
    Group(String),
}

/// Configs that were set, by what they were set on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configs {
    by_target: BTreeMap<ConfigTarget, BTreeMap<String, String>>,
}

static NONE: BTreeMap<String, String> = BTreeMap::new();

impl Configs {
    /// What is set on a target; nothing is an empty map.
    pub fn of(&self, target: &ConfigTarget) -> &BTreeMap<String, String> {
        self.by_target.get(target).unwrap_or(&NONE)
    }

    /// What is set on a group.
    pub fn of_group(&self, group: &str) -> &BTreeMap<String, String> {
        match self.by_target.is_empty() {
            true => &NONE,
            false => self.of(&ConfigTarget::Group(group.to_owned())),
        }
    }

    /// A group's settings on a node with this configuration.
    pub fn group_settings(&self, group: &str, broker: &BrokerConfig) -> GroupSettings {
        GroupSettings::new(self.of_group(group), broker)
    }

    /// What a node with this start is configured with by now.
    pub fn broker(&self, start: &BrokerConfig, node: NodeId) -> BrokerConfig {
        start.with_dynamic(self.of(&ConfigTarget::Cluster), self.of(&ConfigTarget::Node(node)))
    }

    /// Everything on which something is set.
    pub fn targets(&self) -> impl Iterator<Item = (&ConfigTarget, &BTreeMap<String, String>)> {
        self.by_target.iter()
    }

    /// Sets a value, or takes it away.
    pub(crate) fn put(&mut self, target: ConfigTarget, key: String, value: Option<String>) {
        let values = self.by_target.entry(target.clone()).or_default();
        match value {
            Some(value) => _ = values.insert(key, value),
            None => _ = values.remove(&key),
        }
        if values.is_empty() {
            self.by_target.remove(&target);
        }
    }
}
