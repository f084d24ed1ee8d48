//! What was set on this node, in layers over the table's defaults: what was set on the node while
//! it runs, on all nodes while they run, when it started.

use super::key::{Effect, Key, Scope};
use super::table::{broker_key, broker_keys, nearest};
use super::value::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Keys that set one thing in several units, the one that counts first: Kafka shows those after a
/// key as its synonyms too.
const FAMILIES: &[&[&str]] = &[
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
];

/// Where a value comes from, as DescribeConfigs numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Set on the topic.
    Topic,
    /// Set on the node while it runs.
    Broker,
    /// Set on all nodes while they run.
    Cluster,
    /// Set on the node when it started.
    StaticBroker,
    /// Nobody set it.
    Default,
    /// Set on the subscription to clients' metrics.
    ClientMetrics,
    /// Set on the group.
    Group,
}

impl Source {
    /// The number in a DescribeConfigs response (Kafka's `ConfigSource`).
    pub fn id(self) -> i8 {
        match self {
            Source::Topic => 1,
            Source::Broker => 2,
            Source::Cluster => 3,
            Source::StaticBroker => 4,
            Source::Default => 5,
            Source::ClientMetrics => 7,
            Source::Group => 8,
        }
    }
}

/// A value that would hold, were those before it not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The key under which it is set.
    pub name: &'static str,
    /// The value; `None` where it is never shown.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// A key with the value that holds: a row of a DescribeConfigs response.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The key: name, type, documentation and flags.
    pub key: &'static Key,
    /// The value that holds; `None` is null, or never shown.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// All values that were set, the one that holds first, the default last.
    pub synonyms: Vec<Synonym>,
}

/// A key that a node cannot start with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key's name, as given.
    pub name: String,
    /// What is wrong, and what to do, in a sentence.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// What was set on this node. Every value in it was accepted by its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrokerConfig {
    /// When it started.
    set: BTreeMap<&'static str, String>,
    /// On all nodes, while they run.
    cluster: BTreeMap<&'static str, String>,
    /// On this node, while it runs.
    node: BTreeMap<&'static str, String>,
    /// Keys that are accepted by their prefix and mean nothing here.
    idle: Vec<String>,
}

/// Keys that begin so belong to parts of Kafka that are not here: accepted, without effect.
const IDLE_PREFIXES: [&str; 5] =
    ["zookeeper.", "listener.name.", "rlmm.config.", "rsm.config.", "remote.log.metadata."];

impl BrokerConfig {
    /// Judges what a configuration file, an environment and a command line set. All problems are
    /// told at once.
    pub fn new<'t>(
        pairs: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<BrokerConfig, Vec<Problem>> {
        let mut config = BrokerConfig::default();
        let mut problems = Vec::new();
        for (name, text) in pairs {
            if let Err(message) = config.set(name, text) {
                problems.push(Problem { name: name.to_owned(), message });
            }
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Sets one key, over what was set before; if it cannot be, says why.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        let Some(key) = broker_key(name) else {
            if IDLE_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
                self.idle.push(name.to_owned());
                return Ok(());
            }
            return Err(match nearest(Scope::Broker, name) {
                Some(key) => format!("no such configuration key; did you mean {}?", key.name),
                None => "no such configuration key".to_owned(),
            });
        };
        key.accept(text)?;
        self.set.insert(key.name, text.trim().to_owned());
        Ok(())
    }

    /// The same start with what was set while it runs: on all nodes, and on this one. What this
    /// version does not know, or no longer takes, counts as not set.
    pub fn with_dynamic(
        &self,
        cluster: &BTreeMap<String, String>,
        node: &BTreeMap<String, String>,
    ) -> BrokerConfig {
        let known = |values: &BTreeMap<String, String>| {
            let pairs = values.iter().filter_map(|(name, text)| {
                let key = broker_key(name).filter(|key| key.accept(text).is_ok())?;
                Some((key.name, text.trim().to_owned()))
            });
            pairs.collect()
        };
        BrokerConfig {
            set: self.set.clone(),
            cluster: known(cluster),
            node: known(node),
            idle: self.idle.clone(),
        }
    }

    /// The text that was set for a key, if it was: at the start or since.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.given_since(name).or_else(|| self.set.get(name).map(String::as_str))
    }

    /// The text that was set for a key since the start, if it was.
    pub fn given_since(&self, name: &str) -> Option<&str> {
        self.node.get(name).or_else(|| self.cluster.get(name)).map(String::as_str)
    }

    /// The text that holds: what was set, or the default; `None` is null.
    ///
    /// Panics for a name that is no broker's key.
    pub fn text(&self, name: &str) -> Option<&str> {
        let key = broker_key(name).expect("the program asks for keys of the table only");
        self.given(name).or(key.default)
    }

    /// The number that holds; `None` is null.
    ///
    /// Panics for a name that is no key for whole numbers.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.value(name).map(|value| match value {
            Value::Int(n) => n,
            other => unreachable!("{name} is no whole number: {other:?}"),
        })
    }

    /// The truth that holds.
    ///
    /// Panics for a name that is no boolean key.
    pub fn bool(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(truth)) => truth,
            other => unreachable!("{name} is not true or false: {other:?}"),
        }
    }

    /// The list that holds; null is an empty one.
    ///
    /// Panics for a name that is no key for lists.
    pub fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            None => Vec::new(),
            Some(Value::List(items)) => items,
            other => unreachable!("{name} is no list: {other:?}"),
        }
    }

    fn value(&self, name: &str) -> Option<Value> {
        let key = broker_key(name).expect("the program asks for keys of the table only");
        let text = self.text(name)?;
        Some(key.parse(text).expect("what was set was accepted, and defaults are tested"))
    }

    /// A line for each key that was set and has no effect.
    pub fn without_effect(&self) -> Vec<String> {
        let keys = self.set.keys().filter_map(|name| broker_key(name));
        let idle = keys.filter(|key| key.effect == Effect::WithoutEffect).map(|key| {
            let why = if key.note.is_empty() { "" } else { ": " };
            format!("{} has no effect{why}{}", key.name, key.note)
        });
        idle.chain(self.idle.iter().map(|name| format!("{name} has no effect"))).collect()
    }

    /// A row for each key of a node, by name; of hidden keys for those set since the start.
    pub fn describe(&self) -> Vec<Described> {
        let is_shown = |key: &&Key| !key.hidden || self.given_since(key.name).is_some();
        let shown = broker_keys().iter().filter(is_shown);
        shown
            .map(|key| {
                let synonyms = self.synonyms_of(key);
                let source = synonyms.first().map_or(Source::Default, |first| first.source);
                let value = if key.sensitive { None } else { self.text(key.name) };
                Described { key, value: value.map(str::to_owned), source, synonyms }
            })
            .collect()
    }

    /// A row for each key that was set on all nodes while they run, by name.
    pub fn describe_cluster(&self) -> Vec<Described> {
        let rows = self.cluster.iter().map(|(name, text)| {
            let key = broker_key(name).expect("because only known keys are kept");
            let value = (!key.sensitive).then(|| text.clone());
            let synonym = Synonym { name: key.name, value: value.clone(), source: Source::Cluster };
            Described { key, value, source: Source::Cluster, synonyms: vec![synonym] }
        });
        rows.collect()
    }

    /// What is set for a broker's key, the nearest layer first, then its default if it is not null.
    pub(super) fn synonyms_of(&self, key: &'static Key) -> Vec<Synonym> {
        let alone = [key.name];
        let family = FAMILIES.iter().find(|family| family.contains(&key.name));
        let family = family.copied().unwrap_or(&alone);
        let keys = || family.iter().filter_map(|name| broker_key(name));
        let layers = [
            (&self.node, Source::Broker),
            (&self.cluster, Source::Cluster),
            (&self.set, Source::StaticBroker),
        ];
        let given = layers.into_iter().flat_map(|(layer, source)| {
            keys()
                .filter_map(move |key| layer.get(key.name).map(|text| (key, text.as_str(), source)))
        });
        let default = keys().filter_map(|key| key.default.map(|text| (key, text, Source::Default)));
        let all = given.chain(default).map(|(key, text, source)| {
            let value = (!key.sensitive).then(|| text.to_owned());
            Synonym { name: key.name, value, source }
        });
        all.skip_while(|synonym| synonym.name != key.name).collect()
    }
}

impl Key {
    /// Whether `text` may be set: whether it is a value, and not one that is refused.
    pub fn accept(&self, text: &str) -> Result<Value, String> {
        let value = self.parse(text)?;
        if self.effect == Effect::Refused {
            let default = self.default.and_then(|default| self.parse(default).ok());
            let is_default = default.map_or(text.trim().is_empty(), |default| default == value);
            if !is_default {
                let shown = if self.sensitive { "[hidden]" } else { text.trim() };
                let name = self.name;
                return Err(format!(
                    "Invalid value {shown} for configuration {name}: {}",
                    self.note
                ));
            }
        }
        Ok(value)
    }
}
