//! CreatePartitions: which topics may grow, decided as Kafka 4.3.1 does.
//!
//! Kept true: partitions are only ever added, behind those that are there; the words and the order
//! of the checks are those that a Kafka 4.3.1 node answered with; a topic that is refused changes
//! nothing for the others of its request.

use std::collections::{BTreeMap, BTreeSet};

use engine_base::limits::PARTITIONS_PER_REQUEST_MAX;
use engine_base::{LogId, Refusal};

use crate::cluster::Cluster;
use crate::facts::{PartitionFacts, Placement, TopicFacts};
use crate::placement::{Load, on_nodes, refuse_nodes, spread};
use crate::records::Record;
use crate::topic_command::{MorePartitions, TopicRef};

type Verdict = Result<(), Refusal>;

/// Decides a request: the records that make it true and an answer for each topic. Nothing is placed
/// on shards that are stopped.
pub(crate) fn decide(
    cluster: &Cluster,
    topics: &[MorePartitions],
    validate_only: bool,
    stopped: &BTreeSet<Placement>,
) -> (Vec<Record>, Vec<Verdict>) {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    topics.iter().for_each(|topic| *named.entry(&topic.name).or_insert(0) += 1);
    let mut load = cluster.load(stopped);
    let mut next_log = cluster.next_log();
    let (mut records, mut verdicts) = (Vec::new(), Vec::with_capacity(topics.len()));
    let mut room = i64::from(PARTITIONS_PER_REQUEST_MAX);
    for topic in topics {
        if named[&*topic.name] > 1 {
            verdicts.push(Err(Refusal::InvalidRequest("Duplicate topic name.".into())));
            continue;
        }
        let decided = decide_one(cluster, &mut load, room, topic);
        verdicts.push(decided.map(|(facts, places)| {
            room -= places.len() as i64;
            let mut partitions = Vec::with_capacity(places.len());
            for replicas in places {
                partitions.push(PartitionFacts { log: LogId(next_log), replicas });
                next_log += 1;
            }
            records.push(Record::PartitionsCreated { id: facts.id, partitions });
        }));
    }
    (if validate_only { Vec::new() } else { records }, verdicts)
}

type Grown<'a> = (&'a TopicFacts, Vec<Vec<Placement>>);

fn decide_one<'a>(
    cluster: &'a Cluster,
    load: &mut Load,
    room: i64,
    topic: &MorePartitions,
) -> Result<Grown<'a>, Refusal> {
    let facts = cluster.find(&TopicRef::Name(topic.name.clone()))?;
    let before = facts.partitions.len() as i64;
    let added = i64::from(topic.count) - before;
    if added == 0 {
        let why = format!("Topic already has {before} partition(s).");
        return Err(Refusal::InvalidPartitions(why));
    }
    if added < 0 {
        return Err(Refusal::InvalidPartitions(format!(
            "The topic {} currently has {before} partition(s); {} would not be an increase.",
            topic.name, topic.count
        )));
    }
    if let Some(assignments) = &topic.assignments
        && assignments.len() as i64 != added
    {
        return Err(Refusal::InvalidReplicaAssignment(format!(
            "Attempted to add {added} additional partition(s), but only {} assignment(s) were \
             specified.",
            assignments.len()
        )));
    }
    if added > room {
        // Kafka has no bound here, and answers an unknown error once it runs out of memory.
        let why = "Excessively large number of partitions per request.";
        return Err(Refusal::PolicyViolation(why.into()));
    }
    let factor = facts.partitions.first().map_or(1, |partition| partition.replicas.len());
    let Some(assignments) = &topic.assignments else {
        return Ok((facts, spread(load, added, factor as i64)?));
    };
    for nodes in assignments {
        refuse_nodes(cluster.image(), nodes, Some(factor))?;
    }
    let places = assignments.iter().map(|nodes| on_nodes(load, nodes)).collect::<Result<_, _>>()?;
    Ok((facts, places))
}

#[cfg(test)]
#[path = "create_partitions_test.rs"]
mod create_partitions_test;
