//! DeleteRecords: moves the start of partitions forward, up to the high watermark.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsRequest,
    DeleteRecordsResponse, DeleteRecordsTopicResult,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded};
use crate::refusal::code;

/// Handles DeleteRecords.
pub(crate) struct DeleteRecords;

impl Handler for DeleteRecords {
    type Request = DeleteRecordsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Delete)];

    fn memory(ask: &Ask<DeleteRecordsRequest>) -> usize {
        1024 + partitions(&ask.request) * size_of::<DeleteRecordsPartitionResult>()
    }

    async fn answer(ask: Ask<DeleteRecordsRequest>) -> AnswerTo<DeleteRecordsRequest> {
        bounded(&ask.server, "DeleteRecords", partitions(&ask.request))?;
        let mut topics = List::new();
        let mut pace = Pace::default();
        for topic in &ask.request.topics {
            let mut answers = List::new();
            for partition in &topic.partitions {
                pace.step(&ask.server.core).await;
                let moved = delete(&ask, &topic.name, partition).await;
                answers.push(DeleteRecordsPartitionResult {
                    partition_index: partition.partition_index,
                    error_code: moved.as_ref().err().map_or(0, |refusal| code(refusal).0),
                    low_watermark: moved.unwrap_or(-1),
                });
            }
            topics.push(DeleteRecordsTopicResult { name: topic.name.clone(), partitions: answers });
        }
        Ok(DeleteRecordsResponse { throttle_time_ms: 0, topics }.into())
    }
}

fn partitions(request: &DeleteRecordsRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

async fn delete(
    ask: &Ask<DeleteRecordsRequest>,
    topic: &str,
    partition: &DeleteRecordsPartition,
) -> Result<i64, Refusal> {
    let node = ask.node();
    if node.image().topic(topic).is_some_and(|topic| topic.is_internal()) {
        return Err(Refusal::InvalidTopic("records of internal topics stay".into()));
    }
    let place = node.partition(topic, partition.partition_index)?;
    node.delete_records(place, partition.offset).await
}
