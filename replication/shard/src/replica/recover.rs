//! What a shard does with the logs that its store recovered: serve, remove, or set aside.
//!
//! Kept true: a log is deleted only if a committed delete named it; one that the metadata does not
//! know is set aside and reported; every replica that is served stands for a new epoch, all in one
//! go.

use engine_base::settings::TopicSettings;
use engine_base::{LogId, NodeId, ShardIndex};
use engine_log::Recovered;
use replication_control::{Cluster, METADATA_LOG};

/// What is to happen to the recovered logs.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Sorted {
    /// Served, with the settings of their topics.
    pub(crate) serve: Vec<(LogId, TopicSettings)>,
    /// A committed delete named them, and the crash came before their end.
    pub(crate) delete: Vec<LogId>,
    /// Nobody knows them.
    pub(crate) set_aside: Vec<LogId>,
}

/// Sorts what was recovered on one shard by what the metadata says.
pub(crate) fn sort(
    cluster: &Cluster,
    node: NodeId,
    shard: ShardIndex,
    recovered: &Recovered,
) -> Sorted {
    let mut sorted = Sorted::default();
    for log in recovered.logs.iter().map(|log| log.id) {
        if log == METADATA_LOG && shard == ShardIndex(0) {
            continue;
        }
        let topic = cluster.topic_of(log).filter(|topic| {
            topic.partition_of(log).is_some_and(|facts| facts.shard_on(node) == Some(shard))
        });
        match topic {
            Some(topic) => sorted.serve.push((log, topic.settings.clone())),
            None if cluster.was_deleted(log) => sorted.delete.push(log),
            None => sorted.set_aside.push(log),
        }
    }
    sorted
}
