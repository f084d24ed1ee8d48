//! OffsetForLeaderEpoch: where a leader epoch ended, so that a consumer finds out what was cut off.

use engine_base::Refusal;
use net_wire::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition, OffsetForLeaderTopic, OffsetForLeaderTopicResult,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, each_partition};
use crate::refusal::code;

/// Handles OffsetForLeaderEpoch.
pub(crate) struct OffsetForLeaderEpoch;

impl Handler for OffsetForLeaderEpoch {
    type Request = OffsetForLeaderEpochRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<OffsetForLeaderEpochRequest>) -> usize {
        1024 + partitions(&ask.request) * size_of::<EpochEndOffset>()
    }

    async fn answer(
        ask: Ask<OffsetForLeaderEpochRequest>,
    ) -> AnswerTo<OffsetForLeaderEpochRequest> {
        bounded(&ask.server, "OffsetForLeaderEpoch", partitions(&ask.request))?;
        let (core, topics) = (&ask.server.core, &ask.request.topics);
        let one = async |topic: &OffsetForLeaderTopic, partition: &OffsetForLeaderPartition| {
            let (error_code, leader_epoch, end_offset) = match find(&ask, &topic.topic, partition) {
                Ok((epoch, end)) => (0, epoch, end),
                Err(refusal) => (code(&refusal).0, -1, -1),
            };
            let partition = partition.partition;
            EpochEndOffset { error_code, partition, leader_epoch, end_offset }
        };
        let answers = each_partition(core, topics, |topic| &topic.partitions, one).await;
        let topics = topics.iter().zip(answers).map(|(topic, partitions)| {
            OffsetForLeaderTopicResult { topic: topic.topic.clone(), partitions }
        });
        let topics = topics.collect();
        Ok(OffsetForLeaderEpochResponse { throttle_time_ms: 0, topics }.into())
    }
}

fn partitions(request: &OffsetForLeaderEpochRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

fn find(
    ask: &Ask<OffsetForLeaderEpochRequest>,
    topic: &str,
    asked: &OffsetForLeaderPartition,
) -> Result<(i32, i64), Refusal> {
    let partition = ask.node().partition(topic, asked.partition)?;
    ask.node().end_of_epoch(partition, asked.current_leader_epoch, asked.leader_epoch)
}
