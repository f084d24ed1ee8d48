//! ConsumerGroupDescribe: consumer groups, their members, and what each has and is to have.
//!
//! Kept true: a group that is not there, or is none of the consumer protocol, is an error in words;
//! partitions are told in order; the memory of the answer is granted by what the groups have,
//! counted as often as they are named, before any of it is copied.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::consumer_group_describe::{
    Assignment, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
    Member, TopicPartitions,
};
use replication_shard::groups::{DescribedConsumer, DescribedConsumerGroup, DescribedTopic};

use crate::acl::{self, Acl, GROUP_OPERATIONS, OPERATIONS_NOT_ASKED, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded, fits};
use crate::refusal::{code, words};

/// How a member speaks, from version 1 on.
const CLASSIC: i8 = 0;
const CONSUMER: i8 = 1;

/// Bytes of a group without its members.
const GROUP_BYTES: usize = 512;

/// So many bytes of a group take as long as one step.
const STEP_BYTES: usize = 256;

/// Handles ConsumerGroupDescribe.
pub(crate) struct ConsumerGroupDescribe;

impl Handler for ConsumerGroupDescribe {
    type Request = ConsumerGroupDescribeRequest;

    const ACLS: &'static [Acl] =
        &[acl::group(Operation::Describe), acl::topic(Operation::Describe)];

    fn memory(ask: &Ask<ConsumerGroupDescribeRequest>) -> usize {
        1024 + ask.request.group_ids.len() * GROUP_BYTES
    }

    async fn answer(
        ask: Ask<ConsumerGroupDescribeRequest>,
    ) -> AnswerTo<ConsumerGroupDescribeRequest> {
        bounded(&ask.server, "ConsumerGroupDescribe", ask.request.group_ids.len())?;
        let (server, mut pace) = (&ask.server, Pace::default());
        let mut bytes = Self::memory(&ask);
        for group in &ask.request.group_ids {
            let found = find(&ask, group).ok();
            let members = found.iter().flat_map(|found| &found.members);
            let of_group: usize = members.map(bytes_of).sum();
            bytes += of_group;
            fits(server, "ConsumerGroupDescribe", bytes)?;
            pace.steps(&server.core, 1 + of_group / STEP_BYTES).await;
        }
        ask.granted.take(bytes).await;
        let mut groups = List::new();
        for group in &ask.request.group_ids {
            let group = described(&ask, group);
            pace.steps(&server.core, 1 + bytes / STEP_BYTES / ask.request.group_ids.len()).await;
            groups.push(group);
        }
        Ok(ConsumerGroupDescribeResponse { throttle_time_ms: 0, groups }.into())
    }
}

/// About how many bytes a member takes in the answer, as it is found, decoded and encoded.
fn bytes_of(member: &DescribedConsumer) -> usize {
    let text = |text: &Option<std::rc::Rc<str>>| text.as_ref().map_or(0, |text| text.len());
    let names = member.member_id.len()
        + text(&member.instance_id)
        + text(&member.rack_id)
        + member.client_id.len()
        + member.client_host.len()
        + text(&member.regex);
    let subscribed: usize =
        member.topics.iter().map(|topic| size_of::<String>() + 2 * topic.len()).sum();
    let assigned = member.assignment.iter().chain(&member.target).map(|topic| {
        size_of::<TopicPartitions>() + 2 * topic.topic.len() + 12 * topic.partitions.len()
    });
    size_of::<Member>() + 2 * names + subscribed + assigned.sum::<usize>()
}

fn find(
    ask: &Ask<ConsumerGroupDescribeRequest>,
    group: &str,
) -> Result<DescribedConsumerGroup, Refusal> {
    match group.is_empty() {
        true => Err(Refusal::GroupIdInvalid),
        false => ask
            .node()
            .coordinator(group)
            .and_then(|coordinator| coordinator.read(|groups| groups.describe_consumer(group))),
    }
}

fn described(ask: &Ask<ConsumerGroupDescribeRequest>, group: &str) -> DescribedGroup {
    let found = find(ask, group);
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
