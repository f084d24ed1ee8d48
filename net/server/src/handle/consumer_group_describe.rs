//! ConsumerGroupDescribe: consumer groups, their members, and what each has and is to have.
//!
//! Kept true: a group that is not there, or is none of the consumer protocol, is an error in words;
//! partitions are told in order.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::consumer_group_describe::{
    Assignment, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
    Member, TopicPartitions,
};
use replication_shard::groups::{DescribedConsumer, DescribedConsumerGroup, DescribedTopic};

use crate::acl::{self, Acl, GROUP_OPERATIONS, OPERATIONS_NOT_ASKED, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::{code, words};

/// How a member speaks, from version 1 on.
const CLASSIC: i8 = 0;
const CONSUMER: i8 = 1;

/// Handles ConsumerGroupDescribe.
pub(crate) struct ConsumerGroupDescribe;

impl Handler for ConsumerGroupDescribe {
    type Request = ConsumerGroupDescribeRequest;

    const ACLS: &'static [Acl] =
        &[acl::group(Operation::Describe), acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<ConsumerGroupDescribeRequest>) -> usize {
        1024 + ask.request.group_ids.len() * 4096
    }

    async fn answer(
        ask: Ask<ConsumerGroupDescribeRequest>,
    ) -> AnswerTo<ConsumerGroupDescribeRequest> {
        bounded(&ask.server, "ConsumerGroupDescribe", ask.request.group_ids.len())?;
        let groups = ask.request.group_ids.iter().map(|group| described(&ask, group));
        Ok(ConsumerGroupDescribeResponse { throttle_time_ms: 0, groups: groups.collect() }.into())
    }
}

fn described(ask: &Ask<ConsumerGroupDescribeRequest>, group: &str) -> DescribedGroup {
    let found = match group.is_empty() {
        true => Err(Refusal::GroupIdInvalid),
        false => ask
            .node()
            .coordinator(group)
            .and_then(|coordinator| coordinator.read(|groups| groups.describe_consumer(group))),
    };
    let operations = match ask.request.include_authorized_operations {
        true => GROUP_OPERATIONS,
        false => OPERATIONS_NOT_ASKED,
    };
    match found {
        Ok(found) => told(group, found, operations),
        Err(why) => DescribedGroup {
            error_code: code(&why).0,
            // Kafka has no words for a group without a name.
            error_message: (why != Refusal::GroupIdInvalid).then(|| words(&why)),
            group_id: group.to_owned(),
            ..Default::default()
        },
    }
}

fn told(group: &str, found: DescribedConsumerGroup, operations: i32) -> DescribedGroup {
    DescribedGroup {
        error_code: 0,
        error_message: None,
        group_id: group.to_owned(),
        group_state: found.state.name().to_owned(),
        group_epoch: found.group_epoch,
        assignment_epoch: found.assignment_epoch,
        assignor_name: found.assignor.to_string(),
        members: found.members.into_iter().map(member).collect(),
        authorized_operations: operations,
    }
}

fn member(member: DescribedConsumer) -> Member {
    let text = |text: std::rc::Rc<str>| text.to_string();
    Member {
        member_id: text(member.member_id),
        instance_id: member.instance_id.map(text),
        rack_id: member.rack_id.map(text),
        member_epoch: member.member_epoch,
        client_id: text(member.client_id),
        client_host: text(member.client_host),
        subscribed_topic_names: member.topics.into_iter().map(text).collect(),
        // Kafka says so where there is none.
        subscribed_topic_regex: Some(member.regex.map_or_else(String::new, text)),
        assignment: assignment(member.assignment),
        target_assignment: assignment(member.target),
        member_type: if member.classic { CLASSIC } else { CONSUMER },
    }
}

fn assignment(topics: Vec<DescribedTopic>) -> Assignment {
    let topics = topics.into_iter().map(|topic| TopicPartitions {
        topic_id: topic.topic_id,
        topic_name: topic.topic.to_string(),
        partitions: List::from(topic.partitions),
    });
    Assignment { topic_partitions: topics.collect() }
}
