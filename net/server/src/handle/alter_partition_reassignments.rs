//! AlterPartitionReassignments: replicas stay where they are, because there is one node.
//!
//! Kept true: what is asked for and is so already succeeds; what cannot be is refused in the words
//! of a Kafka 4.3.1 node; there is never a move to cancel; nothing is accepted that is not done.

use engine_base::{NodeId, Refusal};
use net_wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ReassignablePartition,
    ReassignablePartitionResponse, ReassignableTopicResponse,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, each_partition};
use crate::refusal::{Code, code, words};

/// Handles AlterPartitionReassignments.
pub(crate) struct AlterPartitionReassignments;

type Request = AlterPartitionReassignmentsRequest;

impl Handler for AlterPartitionReassignments {
    type Request = Request;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Alter)];

    fn memory(ask: &Ask<Request>) -> usize {
        let topics = ask.request.topics.iter();
        1024 + topics.map(|topic| 1 + topic.partitions.len()).sum::<usize>() * 300
    }

    async fn answer(ask: Ask<Request>) -> AnswerTo<Request> {
        let topics = &ask.request.topics;
        let asked = topics.iter().map(|topic| 1 + topic.partitions.len()).sum();
        bounded(&ask.server, "AlterPartitionReassignments", asked)?;
        let is_late = ask.request.timeout_ms <= 0;
        let verdicts = each_partition(
            &ask.server.core,
            topics,
            |topic| &topic.partitions,
            async |topic, asked| {
                let verdict = match is_late {
                    true => Err((Code::REQUEST_TIMED_OUT, None)),
                    false => judge(&ask, &topic.name, asked),
                };
                let (code, error_message) = verdict.err().unwrap_or((Code::NONE, None));
                ReassignablePartitionResponse {
                    partition_index: asked.partition_index,
                    error_code: code.0,
                    error_message,
                }
            },
        )
        .await;
        let responses = topics.iter().zip(verdicts).map(|(topic, partitions)| {
            ReassignableTopicResponse { name: topic.name.clone(), partitions }
        });
        let response = AlterPartitionReassignmentsResponse {
            // Kafka says what was asked, unless nothing was named.
            allow_replication_factor_change: ask.request.allow_replication_factor_change
                || topics.is_empty(),
            error_code: if is_late { Code::REQUEST_TIMED_OUT.0 } else { Code::NONE.0 },
            // Kafka's, to whom nothing was named.
            error_message: topics.is_empty().then(String::new),
            responses: responses.collect(),
            ..Default::default()
        };
        Ok(response.into())
    }
}

type No = (Code, Option<String>);

fn judge(ask: &Ask<Request>, topic: &str, asked: &ReassignablePartition) -> Result<(), No> {
    let index = asked.partition_index;
    let unknown = |why: String| Err((Code::UNKNOWN_TOPIC_OR_PARTITION, Some(why)));
    let image = ask.node().image();
    let Some(facts) = image.topic(topic) else {
        return unknown(format!("Unable to find a topic named {topic}."));
    };
    let Some(partition) = facts.partition(index) else {
        return unknown(format!("Unable to find partition {topic}:{index}."));
    };
    let Some(replicas) = &asked.replicas else {
        return Err((Code::NO_REASSIGNMENT_IN_PROGRESS, None));
    };
    let wanted: Vec<NodeId> = replicas.iter().copied().map(NodeId).collect();
    let refused = |no: Refusal| (code(&no), Some(words(&no)));
    image.refuse_replicas(&wanted).map_err(refused)?;
    if partition.replicas.iter().map(|replica| replica.node).eq(wanted) {
        return Ok(());
    }
    let why = "This cluster does not move replicas between nodes.";
    Err(refused(Refusal::InvalidReplicaAssignment(why.into())))
}
