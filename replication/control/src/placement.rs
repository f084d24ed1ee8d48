//! Where new partitions go: on the shards that keep the fewest, or on the nodes that a client
//! chose.
//!
//! Kept true: one state and one request make one choice; no two replicas of a partition share a
//! node; the words are those that a Kafka 4.3.1 node answered with.

use std::collections::{BTreeMap, BTreeSet};

use engine_base::{NodeId, Refusal, ShardIndex};

use crate::facts::Placement;
use crate::image::Image;

/// How many replicas each shard keeps; what is placed is counted at once.
pub(crate) type Load = BTreeMap<(NodeId, ShardIndex), u64>;

/// Places partitions where the fewest replicas are, each on `factor` different nodes.
pub(crate) fn spread(
    load: &mut Load,
    partitions: i64,
    factor: i64,
) -> Result<Vec<Vec<Placement>>, Refusal> {
    // Kafka says the same of brokers whose log directories are all gone.
    let nodes = load.keys().map(|(node, _)| node).collect::<BTreeSet<&NodeId>>().len();
    if usize::try_from(factor).is_ok_and(|factor| factor > nodes) {
        return Err(Refusal::InvalidReplicationFactor(format!(
            "Unable to replicate the partition {factor} time(s): The target replication factor of \
             {factor} cannot be reached because only {nodes} broker(s) are registered or some \
             brokers have all their log directories cordoned."
        )));
    }
    let mut places = Vec::new();
    for _ in 0..partitions {
        let mut replicas: Vec<Placement> = Vec::new();
        for _ in 0..factor {
            let taken = |node| replicas.iter().any(|replica: &Placement| replica.node == node);
            let place = least_loaded(load, |node| !taken(node))
                .expect("because there are as many nodes as replicas");
            replicas.push(place);
            count(load, place);
        }
        places.push(replicas);
    }
    Ok(places)
}

/// Places one partition on the nodes that the client chose; the shard on each is ours to choose.
pub(crate) fn on_nodes(load: &mut Load, nodes: &[NodeId]) -> Result<Vec<Placement>, Refusal> {
    let mut replicas = Vec::with_capacity(nodes.len());
    for &node in nodes {
        let Some(place) = least_loaded(load, |other| other == node) else {
            return Err(Refusal::InvalidReplicaAssignment(format!(
                "The manual partition assignment includes broker {node}, but all its data \
                 directories have stopped."
            )));
        };
        replicas.push(place);
        count(load, place);
    }
    Ok(replicas)
}

/// Refuses nodes that cannot keep one partition. `factor`: how many replicas the partitions before
/// it have.
pub(crate) fn refuse_nodes(
    image: &Image,
    nodes: &[NodeId],
    factor: Option<usize>,
) -> Result<(), Refusal> {
    let includes = |what: String| {
        let why = format!("The manual partition assignment includes {what}");
        Err(Refusal::InvalidReplicaAssignment(why))
    };
    if nodes.is_empty() {
        return includes("an empty replica list.".into());
    }
    let mut sorted = nodes.to_vec();
    sorted.sort();
    let mut before = None;
    for node in sorted {
        if !image.nodes.contains_key(&node) {
            return includes(format!("broker {node}, but no such broker is registered."));
        }
        if before == Some(node) {
            return includes(format!("the broker {node} more than once."));
        }
        before = Some(node);
    }
    match factor {
        Some(factor) if factor != nodes.len() => includes(format!(
            "a partition with {} replica(s), but this is not consistent with previous partitions, \
             which have {factor} replica(s).",
            nodes.len()
        )),
        _ => Ok(()),
    }
}

fn least_loaded(load: &Load, may: impl Fn(NodeId) -> bool) -> Option<Placement> {
    let free = load.iter().filter(|((node, _), _)| may(*node));
    // The first of the least, in the order of nodes and shards: one state, one choice.
    let (&(node, shard), _) = free.min_by_key(|(_, count)| **count)?;
    Some(Placement { node, shard })
}

fn count(load: &mut Load, place: Placement) {
    *load.entry((place.node, place.shard)).or_insert(0) += 1;
}
