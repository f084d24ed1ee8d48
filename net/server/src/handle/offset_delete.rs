//! OffsetDelete: a group forgets how far it has read topics that none of its members reads.
//!
//! Kept true: only partitions that exist reach the coordinator; partitions are answered in the
//! order of the request.

use engine_base::Refusal;
use net_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestTopic, OffsetDeleteResponse,
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use replication_shard::Node;
use replication_shard::groups::{DeleteOffsets, GroupAnswer, GroupCommand};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded, coordinator};
use crate::refusal::code;

/// Handles OffsetDelete.
pub(crate) struct OffsetDelete;

impl Handler for OffsetDelete {
    type Request = OffsetDeleteRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Delete), acl::topic(Operation::Read)];

    fn memory(ask: &Ask<OffsetDeleteRequest>) -> usize {
        256 + partitions(&ask.request) * 128
    }

    async fn answer(ask: Ask<OffsetDeleteRequest>) -> AnswerTo<OffsetDeleteRequest> {
        bounded(&ask.server, "OffsetDelete", partitions(&ask.request))?;
        let image = ask.node().image();
        let exists = |topic: &str, index| {
            image.topic(topic).is_some_and(|topic| topic.partition(index).is_some())
        };
        let (mut known, mut pace) = (Vec::new(), Pace::default());
        for topic in &ask.request.topics {
            for partition in &topic.partitions {
                pace.step(&ask.server.core).await;
                if exists(&topic.name, partition.partition_index) {
                    known.push((topic.name.clone(), partition.partition_index));
                }
            }
        }
        let mut deleted = match delete(ask.node(), &ask.request.group_id, known).await {
            Ok(deleted) => deleted.into_iter(),
            Err(why) => {
                let error_code = code(&why).0;
                return Ok(OffsetDeleteResponse { error_code, ..Default::default() }.into());
            }
        };
        // Kafka tells nothing of a topic that it knows and of which nothing was asked.
        let is_told = |topic: &&OffsetDeleteRequestTopic| {
            !topic.partitions.is_empty() || image.topic(&topic.name).is_none()
        };
        let asked = ask.request.topics.iter().filter(is_told);
        let topics = asked.map(|topic| OffsetDeleteResponseTopic {
            name: topic.name.clone(),
            partitions: topic
                .partitions
                .iter()
                .map(|partition| {
                    let index = partition.partition_index;
                    let verdict = match exists(&topic.name, index) {
                        true => deleted.next().expect("because each partition has a verdict"),
                        false => Err(Refusal::UnknownTopicOrPartition),
                    };
                    OffsetDeleteResponsePartition {
                        partition_index: index,
                        error_code: verdict.err().map_or(0, |why| code(&why).0),
                    }
                })
                .collect(),
        });
        let topics = topics.collect();
        Ok(OffsetDeleteResponse { error_code: 0, throttle_time_ms: 0, topics }.into())
    }
}

fn partitions(request: &OffsetDeleteRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

/// Deletes; one verdict for each partition.
async fn delete(
    node: &Node,
    group: &str,
    partitions: Vec<(String, i32)>,
) -> Result<Vec<Result<(), Refusal>>, Refusal> {
    let group = coordinator::id(group);
    let command = GroupCommand::DeleteOffsets(DeleteOffsets { group, partitions });
    match coordinator::ask(node, command).await? {
        GroupAnswer::DeleteOffsets(deleted) => deleted,
        answer => coordinator::other(&answer),
    }
}
