//! ListOffsets: the offset that belongs to a moment, or to one of the special moments below zero.
//!
//! Kept true: a special moment is known from its own version on and refused before, as by Kafka; a
//! moment after the end is offset -1 without error; a partition that is asked twice is refused,
//! once; a topic of which nothing is asked is not answered.

use std::collections::{BTreeMap, BTreeSet};

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopic, ListOffsetsTopicResponse,
};
use replication_shard::{Isolation, ListOffsetAnswer, ListOffsetCommand};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, each_partition, isolation};
use crate::refusal::{Code, code};

/// Handles ListOffsets.
pub(crate) struct ListOffsets;

impl Handler for ListOffsets {
    type Request = ListOffsetsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<ListOffsetsRequest>) -> usize {
        1024 + partitions(&ask.request) * size_of::<ListOffsetsPartitionResponse>()
    }

    async fn answer(ask: Ask<ListOffsetsRequest>) -> AnswerTo<ListOffsetsRequest> {
        bounded(&ask.server, "ListOffsets", partitions(&ask.request))?;
        let isolation = isolation(ask.request.isolation_level);
        let mut times_asked = BTreeMap::new();
        for topic in &ask.request.topics {
            for partition in &topic.partitions {
                *times_asked.entry((&*topic.name, partition.partition_index)).or_insert(0) += 1;
            }
        }
        let topics = &ask.request.topics;
        let one = async |topic: &ListOffsetsTopic, partition: &ListOffsetsPartition| {
            let times = times_asked[&(&*topic.name, partition.partition_index)];
            let found = match (isolation, times) {
                (Ok(isolation), 1) => {
                    find(&ask, topic, partition, isolation).await.map_err(|no| code(&no))
                }
                (Err(no), _) => Err(no),
                (_, _) => Err(Code::INVALID_REQUEST),
            };
            answered(partition.partition_index, found)
        };
        let answers =
            each_partition(&ask.server.core, topics, |topic| &topic.partitions, one).await;
        let mut told = BTreeSet::new();
        let mut of_topics = List::new();
        for (topic, partitions) in topics.iter().zip(answers) {
            let is_first = |partition: &ListOffsetsPartitionResponse| {
                told.insert((&*topic.name, partition.partition_index))
            };
            let partitions: List<_> = partitions.into_iter().filter(is_first).collect();
            if !partitions.is_empty() {
                of_topics.push(ListOffsetsTopicResponse { name: topic.name.clone(), partitions });
            }
        }
        Ok(ListOffsetsResponse { throttle_time_ms: 0, topics: of_topics }.into())
    }
}

fn partitions(request: &ListOffsetsRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

async fn find(
    ask: &Ask<ListOffsetsRequest>,
    topic: &ListOffsetsTopic,
    partition: &ListOffsetsPartition,
    isolation: Isolation,
) -> Result<ListOffsetAnswer, Refusal> {
    let known_from = match partition.timestamp {
        // Latest and earliest, and every real moment.
        -2.. => 1,
        -3 => 7,
        -4 => 8,
        -5 => 9,
        -6 => 11,
        ..=-7 => i16::MAX,
    };
    if ask.version() < known_from {
        return Err(Refusal::UnsupportedVersion("no such special timestamp here".into()));
    }
    let command = ListOffsetCommand {
        partition: ask.node().partition(&topic.name, partition.partition_index)?,
        current_leader_epoch: partition.current_leader_epoch,
        timestamp: partition.timestamp,
        isolation,
    };
    ask.node().list_offset(command).await
}

fn answered(
    partition_index: i32,
    found: Result<ListOffsetAnswer, Code>,
) -> ListOffsetsPartitionResponse {
    match found {
        Ok(found) => ListOffsetsPartitionResponse {
            partition_index,
            error_code: 0,
            timestamp: found.timestamp,
            offset: found.offset,
            leader_epoch: found.leader_epoch,
        },
        Err(error) => ListOffsetsPartitionResponse {
            partition_index,
            error_code: error.0,
            ..Default::default()
        },
    }
}
