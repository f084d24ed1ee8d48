//! What is changed while a node runs, judged as Kafka 4.3.1 does, in its words.
//!
//! Kept true: what is accepted for a node has an effect from then on or is said to have none; what
//! a running node cannot follow is refused.

use super::broker::BrokerConfig;
use super::key::{Kind, Scope};
use super::table::{broker_key, key_of, nearest};
use super::value::Value;
use crate::Refusal;
use std::collections::BTreeMap;

/// A change of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// It is this.
    Set(String),
    /// It is the default again.
    Delete,
    /// These items are in its list, behind those that are there.
    Append(String),
    /// These items are not in its list.
    Subtract(String),
}

/// The value that a change leads to; `None` is that nothing is set.
///
/// The refusals of a node's keys are not those of the others: Kafka judges them in another place.
pub fn change_value(
    scope: Scope,
    name: &str,
    current: Option<&str>,
    change: &ConfigChange,
) -> Result<Option<String>, Refusal> {
    let (items, verb, appends) = match change {
        ConfigChange::Set(text) => return Ok(Some(text.clone())),
        ConfigChange::Delete => return Ok(None),
        ConfigChange::Append(items) => (items, "APPEND", true),
        ConfigChange::Subtract(items) => (items, "SUBTRACT", false),
    };
    let key = key_of(scope, name);
    // Kafka's schema for lists does not reach to clients' metrics.
    let is_list = key.is_some_and(|key| key.kind == Kind::List) && scope != Scope::ClientMetrics;
    if !is_list {
        return Err(Refusal::InvalidConfig(match (scope, key) {
            (Scope::Broker, None) => format!("Unknown config name: {name}"),
            (Scope::Broker, Some(_)) => {
                let verb = verb.to_ascii_lowercase();
                format!("Config value {verb} is not allowed for config key: {name}")
            }
            _ => format!("Can't {verb} to key {name} because its type is not LIST."),
        }));
    }
    let default = || key.and_then(|key| key.default);
    let current = current.or_else(default).unwrap_or_default();
    let mut list: Vec<&str> = current.split(',').filter(|item| !item.is_empty()).collect();
    for item in items.split(',') {
        match list.iter().position(|other| *other == item) {
            None if appends => list.push(item),
            Some(at) if !appends => _ = list.remove(at),
            _ => {}
        }
    }
    Ok(Some(list.join(",")))
}

/// The least memory that compaction is given for its table of keys.
const DEDUPE_BYTES_MIN: i64 = 1024 * 1024;

/// Keys that Kafka takes for one node only.
fn is_of_one_node(name: &str) -> bool {
    matches!(name, "listeners" | "listener.security.protocol.map" | "cordoned.log.dirs")
        || name.starts_with("sasl.")
        || name.starts_with("listener.name.")
        || is_security(name)
}

/// Keys that Kafka takes with the name of a listener before them only.
fn is_security(name: &str) -> bool {
    name.starts_with("ssl.")
}

/// Keys that Kafka follows while it runs, and this node does not.
fn is_fixed_here(name: &str) -> bool {
    matches!(name, "listeners" | "listener.security.protocol.map")
}

/// Judges changes of what is set on this node (`of_one`) or on all nodes; gives what is set then.
pub fn change_broker(
    current: &BTreeMap<String, String>,
    changes: &[(String, ConfigChange)],
    of_one: bool,
    broker: &BrokerConfig,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut values = current.clone();
    for (name, change) in changes {
        let changed =
            change_value(Scope::Broker, name, current.get(name).map(String::as_str), change)?;
        match changed {
            Some(text) => _ = values.insert(name.clone(), text),
            None => _ = values.remove(name),
        }
    }
    let set =
        || changes.iter().map(|(name, _)| name.as_str()).filter(|name| values.contains_key(*name));
    check_names(set, of_one)?;
    for name in set() {
        let Some(key) = broker_key(name) else {
            let hint = match nearest(Scope::Broker, name) {
                Some(key) => format!(" (did you mean {}?)", key.name),
                None => String::new(),
            };
            return Err(Refusal::InvalidConfig(format!("Unknown config name: {name}{hint}")));
        };
        if key.sensitive {
            return Err(Refusal::InvalidConfig(format!(
                "Invalid value [hidden] for configuration {name}: a secret is set where a node \
                 starts, not kept with the cluster's facts"
            )));
        }
        let value = key.accept(&values[name]).map_err(Refusal::InvalidRequest)?;
        if let ("log.cleaner.dedupe.buffer.size", Value::Int(bytes)) = (name, &value)
            && *bytes < DEDUPE_BYTES_MIN
        {
            let why =
                format!("requirement failed: {name} must be at least 1MB per cleaner thread.");
            return Err(Refusal::InvalidRequest(why));
        }
    }
    check_replicas(changes, of_one)?;
    check_directories(&values, changes, broker)?;
    Ok(values)
}

/// Whether values of these names may be set while a node runs.
fn check_names<'n, I>(set: impl Fn() -> I, of_one: bool) -> Result<(), Refusal>
where
    I: Iterator<Item = &'n str>,
{
    let refuse = |names: Vec<&str>, why: &str| match names.is_empty() {
        true => Ok(()),
        false => Err(Refusal::InvalidRequest(format!("{why}: [{}]", names.join(", ")))),
    };
    let is_static = |name: &str| broker_key(name).is_some_and(|key| key.read_only);
    let fixed = set().filter(|name| is_static(name) || of_one && is_fixed_here(name));
    refuse(fixed.collect(), "Cannot update these configs dynamically")?;
    refuse(
        set().filter(|name| is_security(name)).collect(),
        "These security configs can be dynamically updated only per-listener using the listener \
         prefix",
    )?;
    if !of_one {
        refuse(
            set().filter(|name| is_of_one_node(name)).collect(),
            "Cannot update these configs at default cluster level, broker id must be specified",
        )?;
    }
    match set().find(|name| name.starts_with("listener.name.")) {
        None => Ok(()),
        Some(name) => Err(Refusal::InvalidConfig(format!(
            "Invalid value [hidden] for configuration {name}: listeners have no TLS and no SASL yet"
        ))),
    }
}

/// Kafka 4.3 keeps `min.insync.replicas` the same on all nodes.
fn check_replicas(changes: &[(String, ConfigChange)], of_one: bool) -> Result<(), Refusal> {
    let change = changes.iter().find(|(name, _)| name == "min.insync.replicas");
    let why = match (change, of_one) {
        (None, _) => return Ok(()),
        (Some(_), true) => "Broker-level min.insync.replicas cannot be altered",
        (Some((_, ConfigChange::Delete)), false) => {
            "Cluster-level min.insync.replicas cannot be removed"
        }
        (Some(_), false) => return Ok(()),
    };
    Err(Refusal::InvalidConfig(format!("{why} while ELR is enabled.")))
}

fn check_directories(
    values: &BTreeMap<String, String>,
    changes: &[(String, ConfigChange)],
    broker: &BrokerConfig,
) -> Result<(), Refusal> {
    let name = "cordoned.log.dirs";
    let changed = changes.iter().any(|(changed, _)| changed == name);
    let Some(asked) = values.get(name).filter(|text| changed && text.as_str() != "*") else {
        return Ok(());
    };
    let dirs = [broker.list("log.dirs"), broker.list("log.dir")].concat();
    let missing: Vec<&str> = asked
        .split(',')
        .map(str::trim)
        .filter(|dir| !dir.is_empty() && !dirs.iter().any(|known| known == dir))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Refusal::InvalidRequest(format!(
            "requirement failed: All entries in cordoned.log.dirs must be present in log.dirs or \
             log.dir. Missing entries : {}",
            missing.join(",")
        ))),
    }
}
