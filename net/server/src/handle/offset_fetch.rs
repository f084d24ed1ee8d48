//! OffsetFetch: how far groups have read. Only what is committed is shown.
//!
//! Kept true: a partition without a commit is answered with offset -1 and no error, whether or not
//! it or its group exists; from version 10 on a topic that has gone is not told of, or unknown by
//! its id.

use engine_base::{Refusal, Uuid};
use net_wire::List;
use net_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use replication_shard::Node;
use replication_shard::groups::{CommittedOffset, Groups};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::code;

/// The version from which several groups may be asked for.
const MANY_SINCE: i16 = 8;
/// The version from which topics are named by their ids.
const IDS_SINCE: i16 = 10;
/// The version from which the whole answer may be refused.
const REFUSED_WHOLE_SINCE: i16 = 2;

/// Handles OffsetFetch.
pub(crate) struct OffsetFetch;

impl Handler for OffsetFetch {
    type Request = OffsetFetchRequest;

    const ACLS: &'static [Acl] =
        &[acl::group(Operation::Describe), acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<OffsetFetchRequest>) -> usize {
        4096 + asked(&ask.request) * 128
    }

    async fn answer(ask: Ask<OffsetFetchRequest>) -> AnswerTo<OffsetFetchRequest> {
        bounded(&ask.server, "OffsetFetch", asked(&ask.request))?;
        let (node, version, request) = (ask.node().clone(), ask.version(), ask.request);
        if version >= MANY_SINCE {
            let mut groups = List::new();
            for group in &request.groups {
                groups.push(of_group(&node, version, group));
            }
            return Ok(OffsetFetchResponse { groups, ..Default::default() }.into());
        }
        let topics = request.topics.map(|topics| {
            let by_name = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
                name: topic.name,
                topic_id: Uuid::ZERO,
                partition_indexes: topic.partition_indexes,
            });
            by_name.collect()
        });
        let group =
            OffsetFetchRequestGroup { group_id: request.group_id, topics, ..Default::default() };
        Ok(alone(of_group(&node, version, &group), &group, version).into())
    }
}

fn asked(request: &OffsetFetchRequest) -> usize {
    let alone = request.topics.iter().flat_map(|topics| topics.iter());
    let many =
        request.groups.iter().flat_map(|group| &group.topics).flat_map(|topics| topics.iter());
    request.groups.len()
        + alone.map(|topic| topic.partition_indexes.len()).sum::<usize>()
        + many.map(|topic| topic.partition_indexes.len()).sum::<usize>()
}

fn of_group(
    node: &Node,
    version: i16,
    group: &OffsetFetchRequestGroup,
) -> OffsetFetchResponseGroup {
    let group_id = group.group_id.clone();
    let member = (group.member_id.as_deref(), group.member_epoch);
    let topics = node.coordinator(&group.group_id).and_then(|coordinator| {
        coordinator.read(|groups| {
            groups.check_fetch(&group_id, member.0, member.1)?;
            Ok(match &group.topics {
                Some(topics) => named(node, version, groups, &group_id, topics),
                None => all(node, version, groups, &group_id),
            })
        })
    });
    match topics {
        Ok(topics) => OffsetFetchResponseGroup { group_id, topics, error_code: 0 },
        Err(why) => {
            OffsetFetchResponseGroup { group_id, topics: List::new(), error_code: code(&why).0 }
        }
    }
}

fn told(partition_index: i32, found: Option<&CommittedOffset>) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: found.map_or(-1, |found| found.offset),
        committed_leader_epoch: found.map_or(-1, |found| found.leader_epoch),
        metadata: Some(found.map_or_else(String::new, |found| found.metadata.to_string())),
        error_code: 0,
    }
}

/// The offsets of the topics that were named.
fn named(
    node: &Node,
    version: i16,
    groups: &Groups,
    group: &str,
    topics: &List<OffsetFetchRequestTopics>,
) -> List<OffsetFetchResponseTopics> {
    let image = node.image();
    let answers = topics.iter().map(|topic| {
        let known = match version {
            IDS_SINCE.. => image.topic_by_id(topic.topic_id).map(|known| known.name.as_str()),
            _ => Some(topic.name.as_str()),
        };
        let partitions = topic.partition_indexes.iter().map(|&index| match known {
            Some(name) => told(index, groups.offset(group, name, index)),
            None => OffsetFetchResponsePartitions {
                error_code: code(&Refusal::UnknownTopicId).0,
                ..told(index, None)
            },
        });
        OffsetFetchResponseTopics {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: partitions.collect(),
        }
    });
    answers.collect()
}

/// Every offset of a group.
fn all(node: &Node, version: i16, groups: &Groups, group: &str) -> List<OffsetFetchResponseTopics> {
    let image = node.image();
    let mut answers: Vec<OffsetFetchResponseTopics> = Vec::new();
    for (topic, partition, found) in groups.offsets(group) {
        let topic_id = image.topic(&topic).map(|known| known.id);
        if version >= IDS_SINCE && topic_id.is_none() {
            continue;
        }
        if answers.last().is_none_or(|last| *last.name != *topic) {
            answers.push(OffsetFetchResponseTopics {
                name: topic.to_string(),
                topic_id: topic_id.unwrap_or(Uuid::ZERO),
                partitions: List::new(),
            });
        }
        let last = answers.last_mut().expect("because one was just put in");
        last.partitions.push(told(partition, Some(found)));
    }
    answers.into()
}

/// The answer before version 8, which has room for one group only.
fn alone(
    answer: OffsetFetchResponseGroup,
    group: &OffsetFetchRequestGroup,
    version: i16,
) -> OffsetFetchResponse {
    let refused_each = answer.error_code != 0 && version < REFUSED_WHOLE_SINCE;
    let topics = match &group.topics {
        Some(topics) if refused_each => topics
            .iter()
            .map(|topic| OffsetFetchResponseTopics {
                name: topic.name.clone(),
                topic_id: Uuid::ZERO,
                partitions: topic
                    .partition_indexes
                    .iter()
                    .map(|&index| OffsetFetchResponsePartitions {
                        error_code: answer.error_code,
                        ..told(index, None)
                    })
                    .collect(),
            })
            .collect(),
        _ => answer.topics,
    };
    let topics = topics.into_iter().map(|topic| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic
            .partitions
            .into_iter()
            .map(|partition| OffsetFetchResponsePartition {
                partition_index: partition.partition_index,
                committed_offset: partition.committed_offset,
                committed_leader_epoch: partition.committed_leader_epoch,
                metadata: partition.metadata,
                error_code: partition.error_code,
            })
            .collect(),
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: answer.error_code,
        ..Default::default()
    }
}
