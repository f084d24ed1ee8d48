//! OffsetFetch: how far groups have read. Only what is committed is shown.
//!
//! Kept true: a partition without a commit is answered with offset -1 and no error, whether or not
//! it or its group exists; from version 10 on a topic that has gone is not told of, or unknown by
//! its id. The memory of the answer is granted by what is committed, counted as often as it is
//! asked for, before any of it is copied; so many partitions are looked at in one turn and no more.

use std::rc::Rc;

use engine_base::{Refusal, Uuid};
use engine_rt::Core;
use net_wire::List;
use net_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use replication_shard::Node;
use replication_shard::groups::{CommittedOffset, Groups};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, fits};
use crate::refusal::code;

/// The version from which several groups may be asked for.
const MANY_SINCE: i16 = 8;
/// The version from which topics are named by their ids.
const IDS_SINCE: i16 = 10;
/// The version from which the whole answer may be refused.
const REFUSED_WHOLE_SINCE: i16 = 2;

/// Bytes of a partition in the answer, without its metadata.
const PARTITION_BYTES: usize = 128;
/// How many partitions are looked at in one turn.
const TURN_PARTITIONS: usize = 2000;

/// Handles OffsetFetch.
pub(crate) struct OffsetFetch;

impl Handler for OffsetFetch {
    type Request = OffsetFetchRequest;

    const ACLS: &'static [Acl] =
        &[acl::group(Operation::Describe), acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<OffsetFetchRequest>) -> usize {
        4096 + asked(&ask.request).iter().sum::<usize>() * PARTITION_BYTES
    }

    async fn answer(ask: Ask<OffsetFetchRequest>) -> AnswerTo<OffsetFetchRequest> {
        let [named, topics] = asked(&ask.request);
        bounded(&ask.server, "OffsetFetch", named.max(topics))?;
        let mut bytes = Self::memory(&ask);
        let Ask { server, header, request, granted, .. } = ask;
        let version = header.api_version;
        let mut look = Look { core: &server.core, node: &server.node, version, looked_at: 0 };
        let is_alone = version < MANY_SINCE;
        let groups = if is_alone { List::from([the_one(request)]) } else { request.groups };
        for group in &groups {
            bytes += look.bytes_of(group).await;
            fits(&server, "OffsetFetch", bytes)?;
        }
        granted.take(bytes).await;
        look.looked_at = 0;
        let mut answers = List::new();
        for group in &groups {
            answers.push(look.of_group(group).await);
        }
        if is_alone {
            let answer = answers.into_iter().next().expect("because one was asked for");
            return Ok(alone(answer, &groups[0], version).into());
        }
        Ok(OffsetFetchResponse { groups: answers, ..Default::default() }.into())
    }
}

/// The group of a request before version 8.
fn the_one(request: OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let topics = request.topics.map(|topics| {
        let by_name = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            topic_id: Uuid::ZERO,
            partition_indexes: topic.partition_indexes,
        });
        by_name.collect()
    });
    OffsetFetchRequestGroup { group_id: request.group_id, topics, ..Default::default() }
}

/// How many groups and partitions are named, and how many topics.
fn asked(request: &OffsetFetchRequest) -> [usize; 2] {
    let alone = request.topics.iter().flat_map(|topics| topics.iter());
    let many =
        request.groups.iter().flat_map(|group| &group.topics).flat_map(|topics| topics.iter());
    let of_many = many.clone().map(|topic| topic.partition_indexes.len()).sum::<usize>();
    let of_one = alone.clone().map(|topic| topic.partition_indexes.len()).sum::<usize>();
    [request.groups.len() + of_one + of_many, alone.count() + many.count()]
}

/// A look at what is committed.
struct Look<'a> {
    core: &'a Core,
    node: &'a Node,
    version: i16,
    /// Groups and partitions since other tasks had their turn.
    looked_at: usize,
}

impl Look<'_> {
    /// Lets other tasks go first now and then: a request of no more than any consumer asks for sees
    /// one moment.
    async fn looked_at(&mut self, count: usize) {
        self.looked_at += count;
        if self.looked_at >= TURN_PARTITIONS {
            self.looked_at = 0;
            self.core.yield_now().await;
        }
    }

    /// About how many bytes the answer takes for a group, besides those for each that it names.
    async fn bytes_of(&mut self, group: &OffsetFetchRequestGroup) -> usize {
        self.looked_at(1).await;
        let Some(topics) = &group.topics else {
            let found = self.node.coordinator(&group.group_id).map(|coordinator| {
                coordinator.read(|groups| {
                    let offsets = groups.offsets(&group.group_id);
                    let one = |(topic, _, found): &(Rc<str>, i32, &CommittedOffset)| {
                        PARTITION_BYTES + 2 * (topic.len() + found.metadata.len())
                    };
                    (offsets.len(), offsets.iter().map(one).sum())
                })
            });
            let (count, bytes) = found.unwrap_or_default();
            self.looked_at(count).await;
            return bytes;
        };
        let mut bytes = 0;
        for topic in topics {
            bytes += 2 * topic.name.len();
            let count = |_, found: Option<&CommittedOffset>| {
                bytes += found.map_or(0, |found| 2 * found.metadata.len());
            };
            if self.each_of(&group.group_id, topic, count).await.is_err() {
                // Without a coordinator there is nothing to copy.
                break;
            }
        }
        bytes
    }

    async fn of_group(&mut self, group: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        self.looked_at(1).await;
        let group_id = group.group_id.clone();
        match self.topics_of(group).await {
            Ok(topics) => OffsetFetchResponseGroup { group_id, topics, error_code: 0 },
            Err(why) => {
                let error_code = code(&why).0;
                OffsetFetchResponseGroup { group_id, topics: List::new(), error_code }
            }
        }
    }

    async fn topics_of(
        &mut self,
        group: &OffsetFetchRequestGroup,
    ) -> Result<List<OffsetFetchResponseTopics>, Refusal> {
        let (id, member) = (&group.group_id, (group.member_id.as_deref(), group.member_epoch));
        let (node, version) = (self.node, self.version);
        let coordinator = node.coordinator(id)?;
        coordinator.read(|groups| groups.check_fetch(id, member.0, member.1))?;
        let Some(topics) = &group.topics else {
            return Ok(coordinator.read(|groups| all(node, version, groups, id)));
        };
        let mut answers = List::new();
        for topic in topics {
            let is_known =
                version < IDS_SINCE || node.image().topic_by_id(topic.topic_id).is_some();
            let mut partitions = List::new();
            let put = |index, found: Option<&CommittedOffset>| {
                let mut told = told(index, found);
                if !is_known {
                    told.error_code = code(&Refusal::UnknownTopicId).0;
                }
                partitions.push(told);
            };
            self.each_of(id, topic, put).await?;
            let (name, topic_id) = (topic.name.clone(), topic.topic_id);
            answers.push(OffsetFetchResponseTopics { name, topic_id, partitions });
        }
        Ok(answers)
    }

    /// Looks at what is committed for each partition of a topic that is named.
    async fn each_of(
        &mut self,
        group: &str,
        topic: &OffsetFetchRequestTopics,
        mut look: impl FnMut(i32, Option<&CommittedOffset>),
    ) -> Result<(), Refusal> {
        let image = self.node.image();
        let known = match self.version {
            IDS_SINCE.. => image.topic_by_id(topic.topic_id).map(|known| known.name.as_str()),
            _ => Some(topic.name.as_str()),
        };
        let mut indexes = topic.partition_indexes.iter().peekable();
        while indexes.peek().is_some() {
            let mut count = 0;
            self.node.coordinator(group)?.read(|groups| {
                for &index in indexes.by_ref().take(TURN_PARTITIONS - self.looked_at) {
                    look(index, known.and_then(|name| groups.offset(group, name, index)));
                    count += 1;
                }
            });
            self.looked_at(count).await;
        }
        Ok(())
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
