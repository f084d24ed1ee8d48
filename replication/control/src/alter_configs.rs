//! Configs are changed, decided as Kafka 4.3.1 does.
//!
//! Kept true: the configs of one resource that would result are judged as a whole before any of
//! them is written; what changes nothing writes nothing; a record is bounded, and so are the
//! records of one request together.

use std::collections::BTreeMap;

use engine_base::Refusal;
use engine_base::settings::{
    ConfigChange, Scope, change_broker, change_value, check_client_metrics, check_group,
    check_topic,
};

use crate::cluster::Cluster;
use crate::configs::ConfigTarget;
use crate::records::Record;
use crate::topic_command::TopicRef;
use crate::topic_name::refuse_name;

/// Whose configs are changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigResource {
    /// A topic's.
    Topic(TopicRef),
    /// Those of something else.
    Of(ConfigTarget),
}

/// What becomes of the configs of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChanges {
    /// These change, others stay.
    Some(Vec<(String, ConfigChange)>),
    /// These are all that is set.
    All(Vec<(String, String)>),
}

/// Keys and values that one request may change, in bytes: its records are written together.
const RECORDS_BYTES_MAX: usize = 512 * 1024;

/// Decides a request: the records that make it true and an answer for each resource.
pub(crate) fn decide(
    cluster: &Cluster,
    resources: Vec<(ConfigResource, ConfigChanges)>,
    validate_only: bool,
) -> (Vec<Record>, Vec<Result<(), Refusal>>) {
    let (mut records, mut bytes) = (Vec::new(), 0);
    let mut answers = Vec::with_capacity(resources.len());
    for (resource, changes) in resources {
        let decided = decide_one(cluster, &resource, changes).and_then(|more| {
            let size = |(key, value): &(String, Option<String>)| {
                64 + key.len() + value.as_ref().map_or(0, String::len)
            };
            let more_bytes: usize = more.iter().map(size).sum();
            if bytes + more_bytes > RECORDS_BYTES_MAX {
                let why = "The configs of this request are too long to be changed together.";
                return Err(Refusal::PolicyViolation(why.into()));
            }
            bytes += more_bytes;
            Ok(more)
        });
        answers.push(decided.map(|changed| {
            if !validate_only {
                records.extend(changed.into_iter().map(|pair| record(cluster, &resource, pair)));
            }
        }));
    }
    (records, answers)
}

fn record(
    cluster: &Cluster,
    resource: &ConfigResource,
    (key, value): (String, Option<String>),
) -> Record {
    match resource {
        ConfigResource::Topic(topic) => {
            let id = cluster.find(topic).expect("because the decision found it").id;
            Record::TopicConfig { id, key, value }
        }
        ConfigResource::Of(target) => Record::Config { target: target.clone(), key, value },
    }
}

/// The values of one resource that change.
fn decide_one(
    cluster: &Cluster,
    resource: &ConfigResource,
    changes: ConfigChanges,
) -> Result<Vec<(String, Option<String>)>, Refusal> {
    let found = match resource {
        ConfigResource::Topic(topic) => Some(cluster.find(topic)),
        ConfigResource::Of(_) => None,
    };
    let none = BTreeMap::new();
    let current = match (resource, &found) {
        (ConfigResource::Of(target), _) => cluster.image().configs.of(target),
        (ConfigResource::Topic(_), Some(Ok(topic))) => &topic.configs,
        (ConfigResource::Topic(_), _) => &none,
    };
    if let ConfigResource::Topic(TopicRef::Name(name)) = resource {
        if name.is_empty() {
            let why = "Default topic resources are not allowed.";
            return Err(Refusal::InvalidRequest(why.into()));
        }
        if let Some(why) = refuse_name(name) {
            return Err(Refusal::InvalidTopic(why));
        }
    }
    let values = changed(cluster, resource, current, changes)?;
    if let Some(missing) = found {
        // Kafka judges the values before it looks whether there is such a topic.
        missing?;
    }
    let keys = values.keys().chain(current.keys().filter(|key| !values.contains_key(*key)));
    let changed = keys.filter(|key| values.get(*key) != current.get(*key));
    Ok(changed.map(|key| (key.clone(), values.get(key).cloned())).collect())
}

/// What would be set, judged.
fn changed(
    cluster: &Cluster,
    resource: &ConfigResource,
    current: &BTreeMap<String, String>,
    changes: ConfigChanges,
) -> Result<BTreeMap<String, String>, Refusal> {
    let scope = match resource {
        ConfigResource::Topic(_) => Scope::Topic,
        ConfigResource::Of(ConfigTarget::Cluster | ConfigTarget::Node(_)) => Scope::Broker,
        ConfigResource::Of(ConfigTarget::Group(_)) => Scope::Group,
        ConfigResource::Of(ConfigTarget::ClientMetrics(_)) => Scope::ClientMetrics,
    };
    if let ConfigResource::Of(target @ (ConfigTarget::Cluster | ConfigTarget::Node(_))) = resource {
        let changes = whole(current, changes);
        let of_one = matches!(target, ConfigTarget::Node(_));
        return change_broker(current, &changes, of_one, cluster.broker());
    }
    let values = match changes {
        ConfigChanges::All(pairs) => pairs.into_iter().collect(),
        ConfigChanges::Some(changes) => {
            let mut values = current.clone();
            for (key, change) in changes {
                let before = current.get(&key).map(String::as_str);
                match change_value(scope, &key, before, &change)? {
                    Some(value) => _ = values.insert(key, value),
                    None => _ = values.remove(&key),
                }
            }
            values
        }
    };
    match resource {
        ConfigResource::Topic(_) => {
            check_topic(values.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))))?;
        }
        ConfigResource::Of(ConfigTarget::Group(group)) => {
            if group.is_empty() {
                let why = "Default group resources are not allowed.";
                return Err(Refusal::InvalidRequest(why.into()));
            }
            check_group(&values, cluster.broker())?;
        }
        ConfigResource::Of(ConfigTarget::ClientMetrics(name)) => {
            if name.is_empty() {
                let why = "Subscription name can't be empty";
                return Err(Refusal::InvalidRequest(why.into()));
            }
            check_client_metrics(&values)?;
        }
        ConfigResource::Of(ConfigTarget::Cluster | ConfigTarget::Node(_)) => {
            unreachable!("those were judged above")
        }
    }
    Ok(values)
}

/// The changes, one by one: what is not among all that is to be set is deleted.
fn whole(
    current: &BTreeMap<String, String>,
    changes: ConfigChanges,
) -> Vec<(String, ConfigChange)> {
    let pairs = match changes {
        ConfigChanges::Some(changes) => return changes,
        ConfigChanges::All(pairs) => pairs,
    };
    let gone = current.keys().filter(|key| !pairs.iter().any(|(name, _)| name == *key));
    let mut all: Vec<(String, ConfigChange)> =
        gone.map(|key| (key.clone(), ConfigChange::Delete)).collect();
    all.extend(pairs.into_iter().map(|(key, value)| (key, ConfigChange::Set(value))));
    all
}
