//! DescribeProducers: who numbers the batches of partitions.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::describe_producers::{
    DescribeProducersRequest, DescribeProducersResponse, PartitionResponse, ProducerState,
    TopicResponse,
};
use replication_shard::refuse_name;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, each_partition};
use crate::refusal::{code, words};

/// Bytes that a producer takes while it is listed: as the log has it, and in the answer.
const PRODUCER_BYTES: usize = 512;

/// Handles DescribeProducers.
pub(crate) struct DescribeProducers;

impl Handler for DescribeProducers {
    type Request = DescribeProducersRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Read)];

    fn memory(ask: &Ask<DescribeProducersRequest>) -> usize {
        let most = ask.server.options.partitions_per_request_max;
        let topics = ask.request.topics.iter();
        let partitions = topics.flat_map(|topic| {
            topic.partition_indexes.iter().map(|index| ask.node().partition(&topic.name, *index))
        });
        let known = |at| ask.node().producer_count(at).unwrap_or(0);
        // More partitions than these are refused.
        partitions.take(most).map(|at| 256 + at.map_or(0, known) * PRODUCER_BYTES).sum()
    }

    async fn answer(ask: Ask<DescribeProducersRequest>) -> AnswerTo<DescribeProducersRequest> {
        let topics = &ask.request.topics;
        let asked = topics.iter().map(|topic| 1 + topic.partition_indexes.len()).sum();
        bounded(&ask.server, "DescribeProducers", asked)?;
        let core = ask.server.core.clone();
        let answers = each_partition(
            &core,
            topics,
            |topic| &topic.partition_indexes,
            async |topic, index| partition(&ask, &topic.name, *index),
        );
        let answers = answers.await;
        let topics = topics
            .iter()
            .zip(answers)
            .map(|(topic, partitions)| TopicResponse { name: topic.name.clone(), partitions });
        let topics: List<_> = topics.collect();
        Ok(DescribeProducersResponse { topics, ..Default::default() }.into())
    }
}

fn producers(
    ask: &Ask<DescribeProducersRequest>,
    topic: &str,
    index: i32,
) -> Result<Vec<(i64, replication_shard::Producer)>, Refusal> {
    match refuse_name(topic) {
        Some(why) => Err(Refusal::InvalidTopic(why)),
        None => ask.node().producers(ask.node().partition(topic, index)?),
    }
}

fn partition(ask: &Ask<DescribeProducersRequest>, topic: &str, index: i32) -> PartitionResponse {
    match producers(ask, topic, index) {
        Ok(known) => {
            let states = known.into_iter().map(|(producer_id, known)| ProducerState {
                producer_id,
                producer_epoch: i32::from(known.epoch),
                last_sequence: known.last_sequence,
                last_timestamp: known.batches.back().map_or(-1, |last| last.timestamp),
                // None: no transaction of it was ended here.
                coordinator_epoch: -1,
                current_txn_start_offset: -1,
            });
            PartitionResponse {
                partition_index: index,
                active_producers: states.collect(),
                ..Default::default()
            }
        }
        Err(why) => PartitionResponse {
            partition_index: index,
            error_code: code(&why).0,
            // As Kafka, which finds words where there is no such topic at all.
            error_message: ask.node().image().topic(topic).is_none().then(|| words(&why)),
            ..Default::default()
        },
    }
}
