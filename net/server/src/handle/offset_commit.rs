//! OffsetCommit: how far a group has read. What is answered without an error is durable.
//!
//! Kept true: only offsets of partitions that exist reach the coordinator; partitions are answered
//! in the order of the request, whoever refused them.

use std::rc::Rc;

use engine_base::Refusal;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestTopic, OffsetCommitResponse,
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use replication_shard::groups::{CommitOffsets, GroupAnswer, GroupCommand, NewOffset};
use replication_shard::{Image, TopicFacts};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded, coordinator};
use crate::refusal::code;

/// The version from which topics are named by their ids.
const IDS_SINCE: i16 = 10;
/// The last version in which a client says how long its offsets stay.
const RETENTION_UNTIL: i16 = 4;
/// The version from which an unknown group is told from an old generation.
const UNKNOWN_GROUP_SINCE: i16 = 9;

/// Handles OffsetCommit.
pub(crate) struct OffsetCommit;

impl Handler for OffsetCommit {
    type Request = OffsetCommitRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Read), acl::topic(Operation::Read)];

    fn memory(ask: &Ask<OffsetCommitRequest>) -> usize {
        1024 + partitions(&ask.request) * 64
    }

    async fn answer(mut ask: Ask<OffsetCommitRequest>) -> AnswerTo<OffsetCommitRequest> {
        bounded(&ask.server, "OffsetCommit", partitions(&ask.request))?;
        let (node, version) = (ask.node().clone(), ask.version());
        let image = node.image();
        let topics = std::mem::take(&mut ask.request.topics);
        let mut offsets = Vec::new();
        let mut verdicts: Vec<Option<Refusal>> = Vec::new();
        let mut pace = Pace::default();
        for topic in &topics {
            take(&image, version, topic, &mut offsets, &mut verdicts);
            pace.steps(&ask.server.core, topic.partitions.len()).await;
        }
        if !offsets.is_empty() {
            let mut committed = commit(ask, offsets).await.into_iter();
            for verdict in verdicts.iter_mut().filter(|verdict| verdict.is_none()) {
                *verdict = committed.next().expect("because each offset has a verdict").err();
            }
        }
        let mut verdicts = verdicts.into_iter();
        // Kafka tells nothing of a topic that it knows and of which nothing was asked.
        let is_told = |topic: &OffsetCommitRequestTopic| {
            !topic.partitions.is_empty() || known(&image, version, topic).is_none()
        };
        let asked = topics.into_iter().filter(is_told);
        let topics = asked.map(|topic| OffsetCommitResponseTopic {
            name: topic.name,
            topic_id: topic.topic_id,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| {
                    let verdict = verdicts.next().expect("because each partition has one");
                    OffsetCommitResponsePartition {
                        partition_index: partition.partition_index,
                        error_code: verdict.map_or(0, |why| code(&why).0),
                    }
                })
                .collect(),
        });
        Ok(OffsetCommitResponse { throttle_time_ms: 0, topics: topics.collect() }.into())
    }
}

fn partitions(request: &OffsetCommitRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

fn known<'a>(
    image: &'a Image,
    version: i16,
    topic: &OffsetCommitRequestTopic,
) -> Option<&'a Rc<TopicFacts>> {
    match version {
        IDS_SINCE.. => image.topic_by_id(topic.topic_id),
        _ => image.topic(&topic.name),
    }
}

/// Takes the offsets of one topic; a partition without a refusal yet goes to the coordinator.
fn take(
    image: &Image,
    version: i16,
    topic: &OffsetCommitRequestTopic,
    offsets: &mut Vec<NewOffset>,
    verdicts: &mut Vec<Option<Refusal>>,
) {
    let known = known(image, version, topic);
    let unknown = match version {
        IDS_SINCE.. => Refusal::UnknownTopicId,
        _ => Refusal::UnknownTopicOrPartition,
    };
    let name: Rc<str> = Rc::from(known.map_or("", |known| known.name.as_str()));
    for partition in &topic.partitions {
        let index = partition.partition_index;
        verdicts.push(match known {
            None => Some(unknown.clone()),
            Some(known) if known.partition(index).is_none() => {
                Some(Refusal::UnknownTopicOrPartition)
            }
            Some(known) => {
                offsets.push(NewOffset {
                    topic: name.clone(),
                    topic_id: known.id,
                    partition: index,
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.committed_metadata.clone().unwrap_or_default(),
                });
                None
            }
        });
    }
}

/// Commits; one verdict for each offset.
async fn commit(
    ask: Ask<OffsetCommitRequest>,
    offsets: Vec<NewOffset>,
) -> Vec<Result<(), Refusal>> {
    let (node, version, request) = (ask.node().clone(), ask.version(), ask.request);
    let asked = offsets.len();
    let retention = (version <= RETENTION_UNTIL && request.retention_time_ms != -1)
        .then_some(request.retention_time_ms);
    let command = GroupCommand::CommitOffsets(CommitOffsets {
        group: coordinator::id(&request.group_id),
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        generation_or_epoch: request.generation_id_or_member_epoch,
        retention_ms: retention,
        names_unknown_group: version >= UNKNOWN_GROUP_SINCE,
        offsets,
    });
    let committed = match coordinator::ask(&node, command).await {
        Ok(GroupAnswer::CommitOffsets(committed)) => committed,
        Ok(answer) => coordinator::other(&answer),
        Err(why) => Err(why),
    };
    committed.unwrap_or_else(|why| vec![Err(why); asked])
}
