//! DeleteRecords: moves the start of partitions forward, up to the high watermark.
//!
//! Kept true: a partition whose move is not durable within `timeout_ms` is told so, and moves on.

use std::collections::BTreeMap;

use engine_base::{Mono, Refusal};
use engine_rt::sync::{Either, race};
use net_wire::List;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsRequest,
    DeleteRecordsResponse, DeleteRecordsTopic, DeleteRecordsTopicResult,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::together::together;
use crate::handle::{AnswerTo, Ask, Handler, bounded, flush_time};
use crate::refusal::code;

/// Handles DeleteRecords.
pub(crate) struct DeleteRecords;

impl Handler for DeleteRecords {
    type Request = DeleteRecordsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Delete)];

    fn memory(ask: &Ask<DeleteRecordsRequest>) -> usize {
        1024 + partitions(&ask.request) * size_of::<DeleteRecordsPartitionResult>()
    }

    async fn answer(mut ask: Ask<DeleteRecordsRequest>) -> AnswerTo<DeleteRecordsRequest> {
        bounded(&ask.server, "DeleteRecords", partitions(&ask.request))?;
        for topic in ask.request.topics.iter_mut() {
            topic.partitions = each_last(std::mem::take(&mut topic.partitions));
        }
        let topics = &ask.request.topics;
        let late_at = ask.server.core.now() + flush_time(ask.request.timeout_ms);
        let one = async |(topic, partition): (&DeleteRecordsTopic, &DeleteRecordsPartition)| {
            let moved = delete(&ask, &topic.name, partition, late_at).await;
            DeleteRecordsPartitionResult {
                partition_index: partition.partition_index,
                error_code: moved.as_ref().err().map_or(0, |refusal| code(refusal).0),
                low_watermark: moved.unwrap_or(-1),
            }
        };
        let all =
            topics.iter().flat_map(|topic| topic.partitions.iter().map(move |at| (topic, at)));
        let mut answers = together(all.map(one)).await.into_iter();
        let of_topic = |topic: &DeleteRecordsTopic| -> List<DeleteRecordsPartitionResult> {
            answers.by_ref().take(topic.partitions.len()).collect()
        };
        let answers: Vec<_> = topics.iter().map(of_topic).collect();
        // A topic of which nothing is asked is not answered, as by Kafka.
        let answers = topics.iter().zip(answers).filter(|(_, partitions)| !partitions.is_empty());
        let answers = answers.map(|(topic, partitions)| DeleteRecordsTopicResult {
            name: topic.name.clone(),
            partitions,
        });
        Ok(DeleteRecordsResponse { throttle_time_ms: 0, topics: answers.collect() }.into())
    }
}

/// Each partition once: of two questions the last one counts, as for Kafka.
fn each_last(partitions: List<DeleteRecordsPartition>) -> List<DeleteRecordsPartition> {
    let by_index = partitions.into_iter().map(|partition| (partition.partition_index, partition));
    by_index.collect::<BTreeMap<_, _>>().into_values().collect()
}

fn partitions(request: &DeleteRecordsRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

async fn delete(
    ask: &Ask<DeleteRecordsRequest>,
    topic: &str,
    partition: &DeleteRecordsPartition,
    late_at: Mono,
) -> Result<i64, Refusal> {
    let node = ask.node();
    if node.image().topic(topic).is_some_and(|topic| topic.is_internal()) {
        return Err(Refusal::InvalidTopic("records of internal topics stay".into()));
    }
    let place = node.partition(topic, partition.partition_index)?;
    // The start has moved before there is anything to wait for: it goes on whoever waits.
    match race(node.delete_records(place, partition.offset), ask.server.core.sleep_until(late_at))
        .await
    {
        Either::Left(moved) => moved,
        Either::Right(()) => Err(Refusal::RequestTimedOut),
    }
}
