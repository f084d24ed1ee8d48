//! DescribeTopicPartitions: topics with their partitions, page by page, in the order of names.
//!
//! Kept true: an answer holds no more partitions than were asked for or than
//! `max.request.partition.size.limit` allows, at least one; where it ends early its cursor says
//! what comes next. Answers and oddities are those of Kafka 4.3.1.

use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::{Refusal, Uuid};
use net_wire::List;
use net_wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic, RequestCursor,
    ResponseCursor,
};
use replication_shard::{Image, TopicFacts, refuse_name};

use crate::acl::{self, Acl, OPERATIONS_NOT_ASKED, Operation, TOPIC_OPERATIONS};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded, metadata};
use crate::refusal::{Code, code};

/// Handles DescribeTopicPartitions.
pub(crate) struct DescribeTopicPartitions;

type Topic = DescribeTopicPartitionsResponseTopic;

impl Handler for DescribeTopicPartitions {
    type Request = DescribeTopicPartitionsRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<DescribeTopicPartitionsRequest>) -> usize {
        let partition = size_of::<DescribeTopicPartitionsResponsePartition>() + 50;
        let topics = match ask.request.topics.len() {
            0 => ask.node().image().topic_count(),
            asked => asked,
        };
        1024 + topics * (size_of::<Topic>() + 300) + limit(ask) * partition
    }

    async fn answer(
        ask: Ask<DescribeTopicPartitionsRequest>,
    ) -> AnswerTo<DescribeTopicPartitionsRequest> {
        let asked = &ask.request.topics;
        bounded(&ask.server, "DescribeTopicPartitions", asked.len())?;
        let image = ask.node().image();
        let from = ask.request.cursor.as_ref();
        let begin = from.map_or("", |cursor| &*cursor.topic_name);
        let names: BTreeSet<&str> = match asked.is_empty() {
            true => {
                image.topics().map(|topic| &*topic.name).filter(|name| *name >= begin).collect()
            }
            false => asked.iter().map(|topic| &*topic.name).filter(|name| *name >= begin).collect(),
        };
        let is_bad = |cursor: &RequestCursor| {
            let is_among = asked.is_empty() || names.contains(&*cursor.topic_name);
            cursor.partition_index < 0 || !is_among
        };
        if from.is_some_and(is_bad) {
            return Ok(refused_as_a_whole(&ask).into());
        }
        Ok(page(&ask, &image, names).await.into())
    }
}

/// How many partitions may be answered.
fn limit(ask: &Ask<DescribeTopicPartitionsRequest>) -> usize {
    let most = ask.node().broker().int("max.request.partition.size.limit");
    let most = most.expect("because it has a default");
    let asked = i64::from(ask.request.response_partition_limit).min(most);
    usize::try_from(asked).unwrap_or(0).max(1)
}

async fn page(
    ask: &Ask<DescribeTopicPartitionsRequest>,
    image: &Image,
    names: BTreeSet<&str>,
) -> DescribeTopicPartitionsResponse {
    let mut left = limit(ask);
    let mut answer = DescribeTopicPartitionsResponse::default();
    let mut pace = Pace::default();
    for name in names {
        if left == 0 {
            answer.next_cursor = Some(cursor(name, 0));
            break;
        }
        let Some(topic) = image.topic(name) else {
            answer.topics.push(unknown(name));
            continue;
        };
        let begin = ask.request.cursor.as_ref().filter(|cursor| cursor.topic_name == name);
        // Not negative: that is refused.
        let begin = begin.map_or(0, |cursor| cursor.partition_index as usize);
        let end = topic.partitions.len().min(begin.saturating_add(left));
        let mut partitions = List::new();
        for index in begin..end {
            pace.step(&ask.server.core).await;
            partitions.push(partition(ask, topic, index));
        }
        left -= partitions.len();
        answer.topics.push(Topic {
            name: Some(name.to_owned()),
            topic_id: topic.id,
            is_internal: topic.is_internal(),
            partitions,
            topic_authorized_operations: TOPIC_OPERATIONS,
            ..Default::default()
        });
        if end < topic.partitions.len() {
            answer.next_cursor = Some(cursor(name, end as i32));
            break;
        }
    }
    answer
}

fn cursor(topic: &str, partition_index: i32) -> ResponseCursor {
    ResponseCursor { topic_name: topic.to_owned(), partition_index }
}

fn partition(
    ask: &Ask<DescribeTopicPartitionsRequest>,
    topic: &Rc<TopicFacts>,
    index: usize,
) -> DescribeTopicPartitionsResponsePartition {
    let facts = &topic.partitions[index];
    let index = i32::try_from(index).expect("because memory bounds their number");
    let told = metadata::partition(ask.node(), topic, index, facts);
    DescribeTopicPartitionsResponsePartition {
        error_code: told.error_code,
        partition_index: index,
        leader_id: told.leader_id,
        leader_epoch: told.leader_epoch,
        replica_nodes: told.replica_nodes,
        isr_nodes: told.isr_nodes,
        // Java's admin client falls over a null here.
        eligible_leader_replicas: Some(List::new()),
        last_known_elr: Some(List::new()),
        offline_replicas: told.offline_replicas,
    }
}

fn unknown(name: &str) -> Topic {
    let (refusal, topic_authorized_operations) = match refuse_name(name) {
        Some(why) => (Refusal::InvalidTopic(why), OPERATIONS_NOT_ASKED),
        None => (Refusal::UnknownTopicOrPartition, TOPIC_OPERATIONS),
    };
    Topic {
        error_code: code(&refusal).0,
        name: Some(name.to_owned()),
        topic_authorized_operations,
        ..Default::default()
    }
}

/// A cursor that stands nowhere: each topic has to say it.
fn refused_as_a_whole(
    ask: &Ask<DescribeTopicPartitionsRequest>,
) -> DescribeTopicPartitionsResponse {
    let topics = ask.request.topics.iter().map(|topic| Topic {
        error_code: Code::INVALID_REQUEST.0,
        name: Some(topic.name.clone()),
        topic_id: Uuid::ZERO,
        topic_authorized_operations: OPERATIONS_NOT_ASKED,
        ..Default::default()
    });
    DescribeTopicPartitionsResponse { topics: topics.collect(), ..Default::default() }
}
