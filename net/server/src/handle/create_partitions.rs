//! CreatePartitions: each topic with its own answer; what may be is decided by the cluster's
//! machine.
//!
//! Kept true: `validate_only` changes nothing; a topic that was named twice is answered once. After
//! `timeout_ms` the answer says so and the partitions come all the same.

use std::collections::BTreeSet;

use engine_base::NodeId;
use net_wire::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic,
    CreatePartitionsTopicResult,
};
use replication_shard::MorePartitions;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, within};
use crate::refusal::{code, words};

/// Handles CreatePartitions.
pub(crate) struct CreatePartitions;

impl Handler for CreatePartitions {
    type Request = CreatePartitionsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Alter)];

    fn memory(ask: &Ask<CreatePartitionsRequest>) -> usize {
        1024 + ask.request.topics.len() * 512
    }

    async fn answer(ask: Ask<CreatePartitionsRequest>) -> AnswerTo<CreatePartitionsRequest> {
        bounded(&ask.server, "CreatePartitions", ask.request.topics.len())?;
        let Ask { server, request, .. } = ask;
        let names: Vec<String> = request.topics.iter().map(|topic| topic.name.clone()).collect();
        let topics = request.topics.into_iter().map(more).collect();
        let node = server.node.clone();
        let work = async move { node.create_partitions(topics, request.validate_only).await };
        let verdicts = within(&server, request.timeout_ms, work).await;
        let verdicts = verdicts.unwrap_or_else(|late| vec![Err(late); names.len()]);
        assert_eq!(verdicts.len(), names.len(), "a verdict for each topic");
        let mut seen = BTreeSet::new();
        let once = names.into_iter().zip(verdicts).filter(|(name, _)| seen.insert(name.clone()));
        let results = once.map(|(name, verdict)| CreatePartitionsTopicResult {
            name,
            error_code: verdict.as_ref().err().map_or(0, |no| code(no).0),
            error_message: verdict.as_ref().err().map(words),
        });
        Ok(CreatePartitionsResponse { throttle_time_ms: 0, results: results.collect() }.into())
    }
}

fn more(topic: CreatePartitionsTopic) -> MorePartitions {
    let nodes = |ids: net_wire::List<i32>| ids.into_iter().map(NodeId).collect();
    let assignments = topic.assignments.map(|all| {
        let each = all.into_iter().map(|one| nodes(one.broker_ids));
        each.collect()
    });
    MorePartitions { name: topic.name, count: topic.count, assignments }
}
