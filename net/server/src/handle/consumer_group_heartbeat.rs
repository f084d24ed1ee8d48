//! ConsumerGroupHeartbeat: a member of a consumer group joins, stays in it or leaves, and hears
//! which partitions are its own (KIP-848).
//!
//! Kept true: what a request leaves out is left out of the command too; an assignment is told only
//! where the coordinator has one to tell.

use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::consumer_group_heartbeat::{
    Assignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ResponseTopicPartitions,
};
use replication_shard::groups::{ConsumerBeat, ConsumerHeartbeat, GroupAnswer, GroupCommand};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, coordinator};
use crate::refusal::{code, words};

/// The version from which a member brings its own id, and may name topics by a pattern.
const BRINGS_ID_SINCE: i16 = 1;

/// Handles ConsumerGroupHeartbeat.
pub(crate) struct ConsumerGroupHeartbeat;

impl Handler for ConsumerGroupHeartbeat {
    type Request = ConsumerGroupHeartbeatRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Read), acl::topic(Operation::Describe)];

    fn memory(_ask: &Ask<ConsumerGroupHeartbeatRequest>) -> usize {
        1024
    }

    async fn answer(
        ask: Ask<ConsumerGroupHeartbeatRequest>,
    ) -> AnswerTo<ConsumerGroupHeartbeatRequest> {
        let node = ask.node().clone();
        let heard = match coordinator::ask(&node, command(ask)).await {
            Ok(GroupAnswer::ConsumerHeartbeat(heard)) => heard,
            Ok(answer) => coordinator::other(&answer),
            Err(why) => Err(why),
        };
        let response = heard.map_or_else(
            |why| ConsumerGroupHeartbeatResponse {
                error_code: code(&why).0,
                error_message: Some(words(&why)),
                ..Default::default()
            },
            told,
        );
        Ok(response.into())
    }
}

fn command(ask: Ask<ConsumerGroupHeartbeatRequest>) -> GroupCommand {
    let brings_id = ask.version() >= BRINGS_ID_SINCE;
    let core = &ask.server.core;
    let random = u128::from(core.random()) << 64 | u128::from(core.random());
    let client_host = coordinator::host(&ask.client);
    let request = ask.request;
    let owned = request.topic_partitions.map(|topics| {
        let topics = topics.into_iter();
        topics.map(|topic| (topic.topic_id, topic.partitions.into_iter().collect())).collect()
    });
    GroupCommand::ConsumerHeartbeat(ConsumerHeartbeat {
        group: coordinator::id(&request.group_id),
        member_id: request.member_id,
        fresh_id: Uuid::from_random(random),
        member_epoch: request.member_epoch,
        instance_id: request.instance_id,
        rack_id: request.rack_id,
        rebalance_ms: request.rebalance_timeout_ms,
        topics: request.subscribed_topic_names.map(|names| names.into_iter().collect()),
        regex: request.subscribed_topic_regex,
        assignor: request.server_assignor,
        owned,
        client_id: ask.header.client_id.unwrap_or_default(),
        client_host,
        brings_id,
    })
}

fn told(beat: ConsumerBeat) -> ConsumerGroupHeartbeatResponse {
    let assignment = beat.assignment.map(|topics| Assignment {
        topic_partitions: topics
            .into_iter()
            .map(|(topic_id, partitions)| ResponseTopicPartitions {
                topic_id,
                partitions: List::from(partitions),
            })
            .collect(),
    });
    ConsumerGroupHeartbeatResponse {
        member_id: Some(beat.member_id.to_string()),
        member_epoch: beat.member_epoch,
        heartbeat_interval_ms: beat.heartbeat_ms,
        assignment,
        ..Default::default()
    }
}
