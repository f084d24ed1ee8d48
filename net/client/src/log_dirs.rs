//! What lies in the data directories of a node. Kept true: a directory that cannot be used is told
//! with its error beside the others.

use engine_base::TopicPartition;
use net_wire::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResult,
};

use crate::admin::{Admin, TopicInfo};
use crate::code::Code;
use crate::error::ClientError;

/// A node's data directory and what lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDir {
    /// The node.
    pub node: i32,
    /// The directory.
    pub path: String,
    /// Why it cannot be used, if it cannot.
    pub error: Option<Code>,
    /// Bytes of its file system, and those that are free; -1 where the broker does not say.
    pub disk_bytes: (i64, i64),
    /// What lies in it, by topic and partition.
    pub replicas: Vec<LogDirReplica>,
}

/// A replica in a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirReplica {
    /// Of which partition.
    pub place: TopicPartition,
    /// Its bytes.
    pub bytes: i64,
    /// How far it is behind.
    pub lag: i64,
    /// Whether it is being moved here.
    pub future: bool,
}

impl Admin {
    /// The data directories of a node: everything in them, or only these topics.
    pub async fn log_dirs(
        &self,
        node: i32,
        topics: Option<&[TopicInfo]>,
    ) -> Result<Vec<LogDir>, ClientError> {
        let wanted = |topic: &TopicInfo| DescribableLogDirTopic {
            topic: topic.name.clone(),
            partitions: topic.partitions.iter().map(|p| p.index).collect(),
        };
        let request = DescribeLogDirsRequest {
            topics: topics.map(|topics| topics.iter().map(wanted).collect()),
        };
        let answer = self.client.broker(node).await?.call(&request).await?.response;
        if answer.error_code != 0 {
            let subject = format!("DescribeLogDirs of node {node}");
            return Err(ClientError::refused(Code(answer.error_code), subject, None));
        }
        let dir = |result: DescribeLogDirsResult| {
            let replica = |topic: &str, p: &DescribeLogDirsPartition| LogDirReplica {
                place: TopicPartition { topic: topic.to_string(), partition: p.partition_index },
                bytes: p.partition_size,
                lag: p.offset_lag,
                future: p.is_future_key,
            };
            let topics = result.topics.iter();
            let mut replicas: Vec<LogDirReplica> =
                topics.flat_map(|t| t.partitions.iter().map(|p| replica(&t.name, p))).collect();
            replicas.sort_by(|a, b| a.place.cmp(&b.place));
            LogDir {
                node,
                path: result.log_dir,
                error: Some(Code(result.error_code)).filter(|code| *code != Code::NONE),
                disk_bytes: (result.total_bytes, result.usable_bytes),
                replicas,
            }
        };
        Ok(answer.results.into_iter().map(dir).collect())
    }
}
