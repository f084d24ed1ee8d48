//! ElectLeaders: every partition is led by the one node that keeps it: there is nothing to elect.
//!
//! Kept true: a partition whose leader serves is told that no election is needed, one that nobody
//! can lead is told that; without names each topic is told with nothing that was elected, as by a
//! Kafka 4.3.1 node. No time at all begins nothing.

use net_wire::List;
use net_wire::messages::elect_leaders::{
    ElectLeadersRequest, ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, each_partition};
use crate::refusal::Code;

/// The kinds of election on the wire.
const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

/// Handles ElectLeaders.
pub(crate) struct ElectLeaders;

impl Handler for ElectLeaders {
    type Request = ElectLeadersRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Alter)];

    fn memory(ask: &Ask<ElectLeadersRequest>) -> usize {
        let results = match &ask.request.topic_partitions {
            None => ask.node().image().topic_count(),
            Some(topics) => topics.iter().map(|topic| 1 + topic.partitions.len()).sum(),
        };
        1024 + results * 300
    }

    async fn answer(ask: Ask<ElectLeadersRequest>) -> AnswerTo<ElectLeadersRequest> {
        let request = &ask.request;
        let whole = match request.election_type {
            PREFERRED | UNCLEAN if request.timeout_ms > 0 => None,
            PREFERRED | UNCLEAN => Some((Code::REQUEST_TIMED_OUT, None)),
            // Of no topics there is nothing to refuse, to Kafka.
            _ if request.topic_partitions.as_ref().is_some_and(List::is_empty) => None,
            other => Some((Code::INVALID_REQUEST, Some(format!("Unknown election type {other}")))),
        };
        let error_code = whole.as_ref().map_or(0, |(code, _)| code.0);
        let Some(topics) = &request.topic_partitions else {
            let image = ask.node().image();
            let all = image.topics().filter(|_| whole.is_none());
            let replica_election_results = all
                .map(|topic| ReplicaElectionResult {
                    topic: topic.name.clone(),
                    partition_result: List::new(),
                })
                .collect();
            let throttle_time_ms = 0;
            let response =
                ElectLeadersResponse { throttle_time_ms, error_code, replica_election_results };
            return Ok(response.into());
        };
        let asked = topics.iter().map(|topic| 1 + topic.partitions.len()).sum();
        bounded(&ask.server, "ElectLeaders", asked)?;
        let verdicts = each_partition(
            &ask.server.core,
            topics,
            |topic| &topic.partitions,
            async |topic, index| {
                let verdict = whole.clone().unwrap_or_else(|| elect(&ask, &topic.topic, *index));
                let (code, error_message) = verdict;
                PartitionResult { partition_id: *index, error_code: code.0, error_message }
            },
        )
        .await;
        let replica_election_results = topics
            .iter()
            .zip(verdicts)
            .map(|(topic, partition_result)| ReplicaElectionResult {
                topic: topic.topic.clone(),
                partition_result,
            })
            .collect();
        let throttle_time_ms = 0;
        Ok(ElectLeadersResponse { throttle_time_ms, error_code, replica_election_results }.into())
    }
}

fn elect(ask: &Ask<ElectLeadersRequest>, topic: &str, index: i32) -> (Code, Option<String>) {
    let unknown = Code::UNKNOWN_TOPIC_OR_PARTITION;
    let image = ask.node().image();
    let Some(facts) = image.topic(topic) else {
        return (unknown, Some(format!("No such topic as {topic}")));
    };
    if facts.partition(index).is_none() {
        return (unknown, Some(format!("No such partition as {topic}-{index}")));
    }
    let node = ask.node();
    match node.partition_of(facts, index).and_then(|here| node.position(here)) {
        Ok(_) => (
            Code::ELECTION_NOT_NEEDED,
            Some("Leader election not needed for topic partition.".into()),
        ),
        Err(_) if ask.request.election_type == PREFERRED => (
            Code::PREFERRED_LEADER_NOT_AVAILABLE,
            Some("The preferred leader was not available.".into()),
        ),
        Err(_) => (
            Code::ELIGIBLE_LEADERS_NOT_AVAILABLE,
            Some("Eligible topic partition leaders are not available.".into()),
        ),
    }
}
