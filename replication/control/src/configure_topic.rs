//! Setting a topic's own configs, or taking them away.
//!
//! Kept true: the configs that would result are judged as a whole before any of them is written;
//! what changes nothing writes nothing.

use engine_base::Refusal;
use engine_base::settings::check_topic;

use crate::cluster::Cluster;
use crate::records::Record;
use crate::topic_command::TopicRef;

/// Decides a change: the records that make it true.
pub(crate) fn decide(
    cluster: &Cluster,
    topic: &TopicRef,
    changes: Vec<(String, Option<String>)>,
) -> Result<Vec<Record>, Refusal> {
    let facts = cluster.find(topic)?;
    let mut configs = facts.configs.clone();
    for (key, value) in &changes {
        match value {
            Some(value) => _ = configs.insert(key.clone(), value.clone()),
            None => _ = configs.remove(key),
        }
    }
    check_topic(configs.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))))?;
    let changed = changes.into_iter().filter(|(key, _)| configs.get(key) != facts.configs.get(key));
    let mut records: Vec<Record> = Vec::new();
    for (key, _) in changed {
        let value = configs.get(&key).cloned();
        let record = Record::TopicConfig { id: facts.id, key, value };
        // A key given twice counts with its last value, once.
        if !records.contains(&record) {
            records.push(record);
        }
    }
    Ok(records)
}
