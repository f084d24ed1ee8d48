//! DeleteTopics, decided as Kafka 4.3.1 does.
//!
//! Kept true: a delete names every log that goes with it.

use std::collections::BTreeSet;

use engine_base::{Refusal, Uuid};

use crate::cluster::Cluster;
use crate::records::Record;
use crate::topic_command::{DeletedTopic, TopicRef};

/// Decides a request: the records that make it true and an answer for each topic.
pub(crate) fn decide(
    cluster: &Cluster,
    topics: Vec<TopicRef>,
) -> (Vec<Record>, Vec<Result<DeletedTopic, Refusal>>) {
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<&TopicRef> = topics.iter().filter(|topic| !seen.insert(*topic)).collect();
    let mut records = Vec::new();
    let mut gone = BTreeSet::new();
    let mut answers = Vec::with_capacity(topics.len());
    for topic in &topics {
        answers.push(if twice.contains(topic) {
            Err(Refusal::InvalidRequest(match topic {
                TopicRef::Name(_) => "Duplicate topic name.".into(),
                TopicRef::Id(_) => "Duplicate topic id.".into(),
            }))
        } else {
            decide_one(cluster, topic, &mut gone, &mut records)
        });
    }
    (records, answers)
}

fn decide_one(
    cluster: &Cluster,
    topic: &TopicRef,
    gone: &mut BTreeSet<Uuid>,
    records: &mut Vec<Record>,
) -> Result<DeletedTopic, Refusal> {
    if !cluster.broker().bool("delete.topic.enable") {
        return Err(Refusal::TopicDeletionDisabled);
    }
    let found = cluster.find(topic)?;
    if !gone.insert(found.id) {
        let why = "The provided topic name maps to an ID that was already supplied.";
        return Err(Refusal::InvalidRequest(why.into()));
    }
    let logs = found.partitions.iter().map(|partition| partition.log).collect();
    records.push(Record::TopicDeleted { id: found.id, logs });
    Ok(DeletedTopic { id: found.id, name: found.name.clone() })
}
