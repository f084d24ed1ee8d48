//! DescribeLogDirs: the data directories, the room in them and what lies there.
//!
//! Kept true: a directory is told even if nothing of what was asked lies in it; a partition is told
//! once, in the directory that keeps it; sizes are those of the logs now.

use std::collections::{BTreeMap, BTreeSet};

use net_wire::List;
use net_wire::messages::describe_log_dirs::{
    DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse,
    DescribeLogDirsResult, DescribeLogDirsTopic,
};
use replication_shard::LogDir;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded};
use crate::refusal::Code;

/// Handles DescribeLogDirs.
pub(crate) struct DescribeLogDirs;

impl Handler for DescribeLogDirs {
    type Request = DescribeLogDirsRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Describe)];

    fn memory(ask: &Ask<DescribeLogDirsRequest>) -> usize {
        let partition = size_of::<DescribeLogDirsPartition>() + 16;
        let partitions = match &ask.request.topics {
            None => ask.node().image().topics().map(|topic| topic.partitions.len() + 10).sum(),
            Some(topics) => topics.iter().map(|topic| topic.partitions.len() + 10).sum::<usize>(),
        };
        1024 + partitions * partition
    }

    async fn answer(ask: Ask<DescribeLogDirsRequest>) -> AnswerTo<DescribeLogDirsRequest> {
        let topics = ask.request.topics.iter().flat_map(List::iter);
        let asked = topics.map(|topic| 1 + topic.partitions.len()).sum();
        bounded(&ask.server, "DescribeLogDirs", asked)?;
        let dirs = ask.node().log_dirs().await;
        let mut found = vec![BTreeMap::new(); dirs.len()];
        let mut pace = Pace::default();
        for (name, indexes) in wanted(&ask) {
            let image = ask.node().image();
            let Some(topic) = image.topic(&name) else { continue };
            let all = 0..topic.partitions.len() as i32;
            let indexes = indexes.unwrap_or_else(|| all.collect());
            for index in indexes {
                pace.step(&ask.server.core).await;
                let node = ask.node();
                let Some(facts) = topic.partition(index) else { continue };
                let shard = facts.shard_on(node.options().node_id);
                let at = dirs.iter().position(|dir| shard.is_some_and(|at| dir.keeps(at)));
                let bytes =
                    node.partition_of(topic, index).and_then(|here| node.replica_bytes(here));
                if let (Some(at), Ok(bytes)) = (at, bytes) {
                    let of_topic: &mut List<_> = found[at].entry(name.clone()).or_default();
                    of_topic.push(DescribeLogDirsPartition {
                        partition_index: index,
                        partition_size: i64::try_from(bytes).unwrap_or(i64::MAX),
                        // A leader's log is never behind itself.
                        offset_lag: 0,
                        is_future_key: false,
                    });
                }
            }
        }
        let results = dirs.into_iter().zip(found).map(|(dir, topics)| told(dir, topics));
        Ok(DescribeLogDirsResponse { results: results.collect(), ..Default::default() }.into())
    }
}

/// What is asked for by name; `None`: every partition of the topic.
fn wanted(ask: &Ask<DescribeLogDirsRequest>) -> BTreeMap<String, Option<BTreeSet<i32>>> {
    match &ask.request.topics {
        None => ask.node().image().topics().map(|topic| (topic.name.clone(), None)).collect(),
        Some(topics) => {
            let mut wanted: BTreeMap<String, Option<BTreeSet<i32>>> = BTreeMap::new();
            for topic in topics {
                let indexes = wanted.entry(topic.topic.clone()).or_insert(Some(BTreeSet::new()));
                indexes.get_or_insert_default().extend(topic.partitions.iter().copied());
            }
            wanted
        }
    }
}

fn told(
    dir: LogDir,
    topics: BTreeMap<String, List<DescribeLogDirsPartition>>,
) -> DescribeLogDirsResult {
    let log_dir = dir.path.display().to_string();
    if dir.is_stopped {
        let error_code = Code::KAFKA_STORAGE_ERROR.0;
        return DescribeLogDirsResult { error_code, log_dir, ..Default::default() };
    }
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let topics = topics.into_iter();
    DescribeLogDirsResult {
        log_dir,
        topics: topics
            .map(|(name, partitions)| DescribeLogDirsTopic { name, partitions })
            .collect(),
        total_bytes: dir.space.map_or(-1, |space| bytes(space.total)),
        usable_bytes: dir.space.map_or(-1, |space| bytes(space.free)),
        ..Default::default()
    }
}
