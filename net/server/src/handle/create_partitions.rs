//! CreatePartitions: each topic with its own answer; what may be is decided by the cluster's
//! machine.
//!
//! Kept true: `validate_only` changes nothing; a topic that was named twice is answered once. After
//! `timeout_ms` the answer says so and the partitions come all the same.

use std::collections::BTreeSet;
use std::time::Duration;

use engine_base::{NodeId, Refusal};
use net_wire::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic,
    CreatePartitionsTopicResult,
};
use replication_shard::{MorePartitions, Node};

use crate::acl::{self, Acl, Operation};
use crate::handle::{Answer, AnswerTo, Ask, Handler, bounded, within};
use crate::quota::{Mutations, within_quota};
use crate::refusal::{code, words};

/// Kafka has no words for a topic that is not there.
fn told(refusal: &Refusal) -> Option<String> {
    (*refusal != Refusal::UnknownTopicOrPartition).then(|| words(refusal))
}

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
        let Ask { server, header, request, .. } = ask;
        let mutations = server.options.quotas.mutations(&server.core, &header, STRICT_FROM);
        let names: Vec<String> = request.topics.iter().map(|topic| topic.name.clone()).collect();
        let topics = request.topics.into_iter().map(more).collect();
        let (node, dry, bound) = (server.node.clone(), request.validate_only, mutations.clone());
        let work = async move { create(&node, topics, dry, bound.as_deref()).await };
        let verdicts = within(&server, request.timeout_ms, work).await;
        let verdicts = verdicts.unwrap_or_else(|late| vec![Err(late); names.len()]);
        assert_eq!(verdicts.len(), names.len(), "a verdict for each topic");
        let mut seen = BTreeSet::new();
        let once = names.into_iter().zip(verdicts).filter(|(name, _)| seen.insert(name.clone()));
        let results = once.map(|(name, verdict)| CreatePartitionsTopicResult {
            name,
            error_code: verdict.as_ref().err().map_or(0, |no| code(no).0),
            error_message: verdict.as_ref().err().and_then(told),
        });
        let results = results.collect();
        let response = CreatePartitionsResponse { throttle_time_ms: 0, results };
        let throttle = mutations.map_or(Duration::ZERO, |bound| bound.wait());
        Ok(Answer { throttle, ..response.into() })
    }
}

/// From this version on a client over its quota is refused; before, it waits afterwards.
const STRICT_FROM: i16 = 3;

async fn create(
    node: &Node,
    topics: Vec<MorePartitions>,
    validate_only: bool,
    mutations: Option<&Mutations>,
) -> Vec<Result<(), Refusal>> {
    let Some(mutations) = mutations else {
        return node.create_partitions(topics, validate_only).await;
    };
    let judged = node.create_partitions(topics.clone(), true).await;
    let image = node.image();
    let partitions = topics.iter().zip(&judged).map(|(topic, judged)| {
        let now = image.topic(&topic.name).map_or(0, |facts| facts.partitions.len());
        let more = usize::try_from(topic.count).unwrap_or(0).saturating_sub(now);
        if judged.is_ok() { more as u64 } else { 0 }
    });
    let partitions = partitions.collect();
    let act = async |allowed| node.create_partitions(allowed, validate_only).await;
    within_quota(mutations, topics, partitions, act).await
}

fn more(topic: CreatePartitionsTopic) -> MorePartitions {
    let nodes = |ids: net_wire::List<i32>| ids.into_iter().map(NodeId).collect();
    let assignments = topic.assignments.map(|all| {
        let each = all.into_iter().map(|one| nodes(one.broker_ids));
        each.collect()
    });
    MorePartitions { name: topic.name, count: topic.count, assignments }
}
