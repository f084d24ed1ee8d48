//! DeleteTopics: by name, from version 6 also by id; each topic with its own answer. After
//! `timeout_ms` the answer says so and the deletion goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine_base::{Refusal, Uuid};
use net_wire::List;
use net_wire::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse,
};
use replication_shard::{DeletedTopic, Image, Node, TopicRef};

use crate::acl::{self, Acl, Operation};
use crate::handle::{Answer, AnswerTo, Ask, Handler, bounded, within};
use crate::quota::{Mutations, within_quota};
use crate::refusal::{code, words};

/// Handles DeleteTopics.
pub(crate) struct DeleteTopics;

impl Handler for DeleteTopics {
    type Request = DeleteTopicsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Delete), acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<DeleteTopicsRequest>) -> usize {
        1024 + (ask.request.topics.len() + ask.request.topic_names.len()) * 512
    }

    async fn answer(ask: Ask<DeleteTopicsRequest>) -> AnswerTo<DeleteTopicsRequest> {
        let asked = ask.request.topics.len() + ask.request.topic_names.len();
        bounded(&ask.server, "DeleteTopics", asked)?;
        let Ask { server, header, request, .. } = ask;
        let mutations = server.options.quotas.mutations(&server.core, &header, STRICT_FROM);
        let mut responses: List<DeletableTopicResult> = List::new();
        let mut wanted = Vec::new();
        wanted.extend(request.topic_names.into_iter().map(TopicRef::Name));
        for topic in request.topics {
            match topic {
                DeleteTopicState { name: Some(name), topic_id: Uuid::ZERO } => {
                    wanted.push(TopicRef::Name(name));
                }
                DeleteTopicState { name: None, topic_id } => wanted.push(TopicRef::Id(topic_id)),
                DeleteTopicState { name, topic_id } => {
                    let why = "You may not specify both topic name and topic id.";
                    let refusal = Refusal::InvalidRequest(why.into());
                    responses.push(refused(name, topic_id, &refusal));
                }
            }
        }
        for refused in named_twice(&server.node.image(), &mut wanted) {
            responses.push(refused);
        }
        let mut told = BTreeSet::new();
        let (node, topics, bound) = (server.node.clone(), wanted.clone(), mutations.clone());
        let work = async move { delete(&node, topics, bound.as_deref()).await };
        let verdicts = within(&server, request.timeout_ms, work).await;
        let verdicts = verdicts.unwrap_or_else(|late| vec![Err(late); wanted.len()]);
        assert_eq!(verdicts.len(), wanted.len(), "a verdict for each topic");
        for (topic, verdict) in wanted.into_iter().zip(verdicts) {
            let result = match (verdict, topic) {
                (Ok(topic), _) => deleted(topic),
                (Err(no), TopicRef::Name(name)) => refused(Some(name), Uuid::ZERO, &no),
                (Err(no), TopicRef::Id(id)) => refused(None, id, &no),
            };
            // A topic that was given twice is answered once, as Kafka does.
            if told.insert((result.name.clone(), result.topic_id)) {
                responses.push(result);
            }
        }
        let response = DeleteTopicsResponse { throttle_time_ms: 0, responses };
        let throttle = mutations.map_or(Duration::ZERO, |bound| bound.wait());
        Ok(Answer { throttle, ..response.into() })
    }
}

/// From this version on a client over its quota is refused; before, it waits afterwards.
const STRICT_FROM: i16 = 5;

async fn delete(
    node: &Node,
    topics: Vec<TopicRef>,
    mutations: Option<&Mutations>,
) -> Vec<Result<DeletedTopic, Refusal>> {
    let Some(mutations) = mutations else { return node.delete_topics(topics).await };
    let image = node.image();
    let partitions = topics.iter().map(|topic| {
        let facts = match topic {
            TopicRef::Name(name) => image.topic(name),
            TopicRef::Id(id) => image.topic_by_id(*id),
        };
        facts.map_or(0, |facts| facts.partitions.len() as u64)
    });
    let partitions = partitions.collect();
    let act = async |allowed| node.delete_topics(allowed).await;
    within_quota(mutations, topics, partitions, act).await
}

/// Takes out the topics that are named by their name and by their id too, and refuses them, once.
fn named_twice(image: &Image, wanted: &mut Vec<TopicRef>) -> Vec<DeletableTopicResult> {
    let ids: BTreeSet<Uuid> = wanted
        .iter()
        .filter_map(|topic| match topic {
            TopicRef::Id(id) => Some(*id),
            TopicRef::Name(_) => None,
        })
        .collect();
    let mut both = BTreeMap::new();
    for topic in wanted.iter() {
        if let TopicRef::Name(name) = topic
            && let Some(id) = image.topic(name).map(|topic| topic.id).filter(|id| ids.contains(id))
        {
            both.insert(id, name.clone());
        }
    }
    let names: BTreeSet<&str> = both.values().map(String::as_str).collect();
    wanted.retain(|topic| match topic {
        TopicRef::Id(id) => !both.contains_key(id),
        TopicRef::Name(name) => !names.contains(name.as_str()),
    });
    let why = "The provided topic name maps to an ID that was already supplied.";
    let refusal = Refusal::InvalidRequest(why.into());
    both.into_iter().map(|(id, name)| refused(Some(name), id, &refusal)).collect()
}

fn deleted(topic: DeletedTopic) -> DeletableTopicResult {
    DeletableTopicResult { name: Some(topic.name), topic_id: topic.id, ..Default::default() }
}

fn refused(name: Option<String>, topic_id: Uuid, refusal: &Refusal) -> DeletableTopicResult {
    let error_message = Some(words(refusal));
    DeletableTopicResult { name, topic_id, error_code: code(refusal).0, error_message }
}
