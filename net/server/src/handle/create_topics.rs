//! CreateTopics: each topic with its own answer; what may be is decided by the cluster's machine.
//!
//! Kept true: the answer to a topic that was created tells what it became, from version 5 on with
//! all its configs; `validate_only` changes nothing. After `timeout_ms` the answer says so and the
//! creation goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use engine_base::{NodeId, Refusal, Uuid};
use net_wire::List;
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfigs, CreatableTopicResult, CreateTopicsRequest,
    CreateTopicsResponse,
};
use replication_shard::{CreatedTopic, NewTopic, Node};

use crate::acl::{self, Acl, Operation};
use crate::handle::{Answer, AnswerTo, Ask, Handler, bounded, configs, within};
use crate::quota::{Mutations, within_quota};
use crate::refusal::{code, words};
use crate::serve::Server;

/// Handles CreateTopics.
pub(crate) struct CreateTopics;

impl Handler for CreateTopics {
    type Request = CreateTopicsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Create), acl::cluster(Operation::Create)];

    fn memory(ask: &Ask<CreateTopicsRequest>) -> usize {
        1024 + ask.request.topics.len() * 4096
    }

    async fn answer(ask: Ask<CreateTopicsRequest>) -> AnswerTo<CreateTopicsRequest> {
        bounded(&ask.server, "CreateTopics", ask.request.topics.len())?;
        let Ask { server, header, request, .. } = ask;
        let mutations = server.options.quotas.mutations(&server.core, &header, STRICT_FROM);
        let names: Vec<String> = request.topics.iter().map(|topic| topic.name.clone()).collect();
        let topics = request.topics.into_iter().map(new_topic).collect();
        let (node, dry, bound) = (server.node.clone(), request.validate_only, mutations.clone());
        let work = async move { create(&node, topics, dry, bound.as_deref()).await };
        let verdicts = within(&server, request.timeout_ms, work).await;
        let verdicts = verdicts.unwrap_or_else(|late| vec![Err(late); names.len()]);
        assert_eq!(verdicts.len(), names.len(), "a verdict for each topic");
        let mut results = List::new();
        let mut told = BTreeSet::new();
        for (name, verdict) in names.into_iter().zip(verdicts) {
            match verdict {
                Ok(topic) => results.push(created(&server, topic, header.api_version)),
                // A name that was given twice is answered once, as Kafka does.
                Err(refusal) if told.insert(name.clone()) => results.push(refused(name, &refusal)),
                Err(_) => (),
            }
        }
        let response = CreateTopicsResponse { throttle_time_ms: 0, topics: results };
        let throttle = mutations.map_or(Duration::ZERO, |bound| bound.wait());
        Ok(Answer { throttle, ..response.into() })
    }
}

/// From this version on a client over its quota is refused; before, it waits afterwards.
const STRICT_FROM: i16 = 6;

async fn create(
    node: &Node,
    topics: Vec<NewTopic>,
    validate_only: bool,
    mutations: Option<&Mutations>,
) -> Vec<Result<CreatedTopic, Refusal>> {
    let Some(mutations) = mutations else {
        return node.create_topics(topics, validate_only).await;
    };
    // How many partitions each would have is for the cluster to say.
    let judged = node.create_topics(topics.clone(), true).await;
    let partitions = judged.iter().map(|one| match one {
        Ok(topic) => u64::try_from(topic.partitions).unwrap_or(0),
        Err(_) => 0,
    });
    let act = async |allowed| node.create_topics(allowed, validate_only).await;
    within_quota(mutations, topics, partitions.collect(), act).await
}

fn new_topic(topic: CreatableTopic) -> NewTopic {
    let nodes = |ids: List<i32>| ids.into_iter().map(NodeId).collect();
    let assignments = topic.assignments.into_iter();
    NewTopic {
        name: topic.name,
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: assignments.map(|one| (one.partition_index, nodes(one.broker_ids))).collect(),
        configs: topic.configs.into_iter().map(|config| (config.name, config.value)).collect(),
    }
}

fn created(server: &Server, topic: CreatedTopic, version: i16) -> CreatableTopicResult {
    let configs = match version {
        ..=4 => List::new(),
        _ => configs::of_topic(server, &topic.configs)
            .into_iter()
            .map(|config| CreatableTopicConfigs {
                name: config.key.name.to_owned(),
                // What was set is told as it was said.
                value: topic.configs.get(config.key.name).cloned().or(config.value),
                read_only: config.key.read_only,
                config_source: config.source.id(),
                is_sensitive: config.key.sensitive,
            })
            .collect(),
    };
    CreatableTopicResult {
        name: topic.name,
        topic_id: topic.id,
        num_partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        configs: Some(configs),
        ..Default::default()
    }
}

fn refused(name: String, refusal: &Refusal) -> CreatableTopicResult {
    CreatableTopicResult {
        name,
        topic_id: Uuid::ZERO,
        error_code: code(refusal).0,
        // Kafka has no words for what took too long.
        error_message: (*refusal != Refusal::RequestTimedOut).then(|| words(refusal)),
        configs: Some(List::new()),
        ..Default::default()
    }
}
