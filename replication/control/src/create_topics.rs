//! CreateTopics: which topics may be, and where their partitions go, decided as Kafka 4.3.1 does.
//!
//! Kept true: the words and the order of the checks are those that a Kafka 4.3.1 node answered
//! with; a topic that is refused changes nothing for the others of its request.

use std::collections::{BTreeMap, BTreeSet};

use engine_base::limits::PARTITIONS_PER_REQUEST_MAX;
use engine_base::settings::check_topic;
use engine_base::{LogId, NodeId, Refusal, Uuid};

use crate::cluster::Cluster;
use crate::facts::{PartitionFacts, Placement};
use crate::placement::{Load, on_nodes, refuse_nodes, spread};
use crate::records::Record;
use crate::topic_command::{CreatedTopic, NewTopic};
use crate::topic_name::refuse_name;

/// The name of the topic that the metadata itself would be.
const METADATA_TOPIC: &str = "__cluster_metadata";

type Verdict = Result<CreatedTopic, Refusal>;

/// What grows while one request is decided.
struct Plan {
    next_log: u64,
    load: Load,
    records: Vec<Record>,
    /// Kafka writes a record per topic, partition and config, and bounds their number.
    kafka_records: i64,
}

/// Decides a request: the records that make it true and an answer for each topic. Nothing is placed
/// on shards that are stopped.
pub(crate) fn decide(
    cluster: &Cluster,
    topics: Vec<(Uuid, NewTopic)>,
    validate_only: bool,
    stopped: &BTreeSet<Placement>,
) -> (Vec<Record>, Vec<Verdict>) {
    let refuse_all = |why: &str| {
        let no = Err(Refusal::PolicyViolation(why.to_owned()));
        (Vec::new(), vec![no; topics.len()])
    };
    let asked: i64 = topics.iter().map(|(_, topic)| partitions_asked(cluster, topic)).sum();
    if asked > i64::from(PARTITIONS_PER_REQUEST_MAX) {
        return refuse_all("Excessively large number of partitions per request.");
    }
    let twice = names_given_twice(&topics);
    let mut plan = Plan {
        next_log: cluster.next_log(),
        load: cluster.load(stopped),
        records: Vec::new(),
        kafka_records: 0,
    };
    let mut verdicts = Vec::with_capacity(topics.len());
    for (id, topic) in &topics {
        verdicts.push(if twice.contains(&topic.name) {
            Err(Refusal::InvalidRequest("Duplicate topic name.".into()))
        } else {
            decide_one(cluster, &mut plan, *id, topic)
        });
    }
    if plan.kafka_records > i64::from(PARTITIONS_PER_REQUEST_MAX) {
        return refuse_all("Unable to perform excessively large batch operation.");
    }
    (if validate_only { Vec::new() } else { plan.records }, verdicts)
}

fn partitions_asked(cluster: &Cluster, topic: &NewTopic) -> i64 {
    match topic.partitions {
        _ if !topic.assignments.is_empty() => topic.assignments.len() as i64,
        -1 => partitions_default(cluster),
        partitions => i64::from(partitions),
    }
}

fn names_given_twice(topics: &[(Uuid, NewTopic)]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let again = topics.iter().filter(|(_, topic)| !seen.insert(topic.name.as_str()));
    again.map(|(_, topic)| topic.name.clone()).collect()
}

fn decide_one(cluster: &Cluster, plan: &mut Plan, id: Uuid, topic: &NewTopic) -> Verdict {
    let name = &topic.name;
    if name == METADATA_TOPIC {
        let why = format!("Creation of internal topic {METADATA_TOPIC} is prohibited.");
        return Err(Refusal::InvalidRequest(why));
    }
    if let Some(why) = refuse_name(name) {
        return Err(Refusal::InvalidTopic(why));
    }
    if cluster.image().topic(name).is_some() {
        return Err(Refusal::TopicExists(format!("Topic '{name}' already exists.")));
    }
    if let Some(other) = cluster.colliding(name) {
        let why = format!("Topic '{name}' collides with existing topic: {other}");
        return Err(Refusal::InvalidTopic(why));
    }
    let given = topic.configs.iter();
    let configs = check_topic(given.map(|(key, value)| (key.as_str(), value.as_deref())))?;
    let places = if topic.assignments.is_empty() {
        automatic(cluster, plan, topic)?
    } else {
        manual(cluster, plan, topic)?
    };
    let replication_factor = places.first().map_or(0, Vec::len);
    let created = CreatedTopic {
        id,
        name: name.clone(),
        partitions: i32::try_from(places.len()).expect("because their number is bounded"),
        replication_factor: i16::try_from(replication_factor)
            .expect("because nodes are fewer than that"),
        configs: configs.clone(),
    };
    plan.kafka_records += 1 + places.len() as i64 + configs.len() as i64;
    let mut partitions = Vec::with_capacity(places.len());
    for replicas in places {
        partitions.push(PartitionFacts { log: LogId(plan.next_log), replicas });
        plan.next_log += 1;
    }
    let configs = configs.into_iter().collect();
    plan.records.push(Record::TopicCreated { id, name: name.clone(), partitions, configs });
    Ok(created)
}

fn partitions_default(cluster: &Cluster) -> i64 {
    cluster.broker().int("num.partitions").expect("because it has a default")
}

/// Places partitions where the fewest replicas are, on as many different nodes as asked.
fn automatic(
    cluster: &Cluster,
    plan: &mut Plan,
    topic: &NewTopic,
) -> Result<Vec<Vec<Placement>>, Refusal> {
    if topic.replication_factor < -1 || topic.replication_factor == 0 {
        return Err(Refusal::InvalidReplicationFactor(
            "Replication factor must be larger than 0, or -1 to use the default value.".into(),
        ));
    }
    if topic.partitions < -1 || topic.partitions == 0 {
        return Err(Refusal::InvalidPartitions(
            "Number of partitions was set to an invalid non-positive value.".into(),
        ));
    }
    let partitions = match topic.partitions {
        -1 => partitions_default(cluster),
        asked => i64::from(asked),
    };
    let factor = match topic.replication_factor {
        -1 => cluster.broker().int("default.replication.factor").expect("because it has a default"),
        asked => i64::from(asked),
    };
    spread(&mut plan.load, partitions, factor)
}

/// Places partitions on the nodes that the client chose; the shard on each is ours to choose.
fn manual(
    cluster: &Cluster,
    plan: &mut Plan,
    topic: &NewTopic,
) -> Result<Vec<Vec<Placement>>, Refusal> {
    let contradiction = |what: &str| {
        Err(Refusal::InvalidRequest(format!(
            "A manual partition assignment was specified, but {what} was not set to -1."
        )))
    };
    if topic.replication_factor != -1 {
        return contradiction("replication factor");
    }
    if topic.partitions != -1 {
        return contradiction("numPartitions");
    }
    let wrong = |why: String| Err(Refusal::InvalidReplicaAssignment(why));
    let mut chosen: BTreeMap<i32, &[NodeId]> = BTreeMap::new();
    let mut factor = None;
    for (partition, nodes) in &topic.assignments {
        if chosen.contains_key(partition) {
            return wrong(format!(
                "Found multiple manual partition assignments for partition {partition}"
            ));
        }
        refuse_nodes(cluster.image(), nodes, factor)?;
        factor = Some(nodes.len());
        chosen.insert(*partition, nodes);
    }
    if !chosen.keys().copied().eq(0..chosen.len() as i32) {
        return wrong("partitions should be a consecutive 0-based integer sequence".into());
    }
    chosen.into_values().map(|nodes| on_nodes(&mut plan.load, nodes)).collect()
}
