//! ConsumerGroupHeartbeat, ConsumerGroupDescribe: groups of the new protocol, a member's whole
//! life, and commits by its epoch.

use anyhow::{Result, ensure};
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::consumer_group_describe::ConsumerGroupDescribeRequest;
use net_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, RequestTopicPartitions,
};
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::list_groups::ListGroupsRequest;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use super::group::{await_groups, await_that};
use super::{make, versions};
use crate::names::Own;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_groups(side)?;
    let id = make(side, "consumed", 2, &[])?;
    for version in versions::<ConsumerGroupHeartbeatRequest>() {
        refused(side, version)?;
        life(side, version, id)?;
    }
    Ok(())
}

/// A member's heartbeat with everything that a new one tells.
pub(super) fn full(
    group: &str,
    member_id: &str,
    member_epoch: i32,
) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: group.to_owned(),
        member_id: member_id.to_owned(),
        member_epoch,
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(List::from(["consumed".to_owned()])),
        topic_partitions: Some(List::new()),
        ..Default::default()
    }
}

/// A heartbeat in which nothing is new.
pub(super) fn beat(
    group: &str,
    member_id: &str,
    member_epoch: i32,
) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        rebalance_timeout_ms: -1,
        subscribed_topic_names: None,
        topic_partitions: None,
        ..full(group, member_id, member_epoch)
    }
}

fn ask(
    side: &mut Side,
    what: &str,
    version: i16,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<ConsumerGroupHeartbeatResponse> {
    let named = format!("MEMBER-OF-{}", request.group_id);
    let own = |answer: &ConsumerGroupHeartbeatResponse| {
        let id = answer.member_id.iter().filter(|id| id.len() > 8);
        id.map(|id| Own::Word(id.clone(), named.clone())).collect()
    };
    let answer = side.ask_naming(what, version, request, own)?;
    answer.ok_or_else(|| anyhow::anyhow!("ConsumerGroupHeartbeat {version}, {what}: no answer"))
}

fn refused(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("consumers-refused-{version}");
    let good = full(&group, "a-member-of-mine", 0);
    type Request = ConsumerGroupHeartbeatRequest;
    let cases = [
        ("no group", Request { group_id: String::new(), ..good.clone() }),
        ("an odd epoch", Request { member_epoch: -3, ..good.clone() }),
        ("an epoch of a nobody", Request { member_epoch: 5, ..good.clone() }),
        ("no time", Request { rebalance_timeout_ms: 0, ..good.clone() }),
        ("no time told", Request { rebalance_timeout_ms: -1, ..good.clone() }),
        ("no subscription", Request { subscribed_topic_names: None, ..good.clone() }),
        ("no partitions told", Request { topic_partitions: None, ..good.clone() }),
        (
            "partitions of a new member",
            Request {
                topic_partitions: Some(List::from([RequestTopicPartitions::default()])),
                ..good.clone()
            },
        ),
        ("an unknown assignor", Request { server_assignor: Some("best".into()), ..good.clone() }),
        ("an empty assignor", Request { server_assignor: Some(String::new()), ..good.clone() }),
        ("an empty instance", Request { instance_id: Some(String::new()), ..good.clone() }),
        ("an empty rack", Request { rack_id: Some(String::new()), ..good.clone() }),
        ("who leaves and never came", Request { member_epoch: -1, ..good.clone() }),
        ("an instance that rests and never came", Request { member_epoch: -2, ..good.clone() }),
    ];
    for (what, request) in cases {
        ask(side, what, version, &request)?;
    }
    if version >= 1 {
        ask(side, "no member id", version, &full(&group, "", 0))?;
        let odd = ConsumerGroupHeartbeatRequest {
            subscribed_topic_names: None,
            subscribed_topic_regex: Some("(".to_owned()),
            ..good
        };
        ask(side, "an odd pattern", version, &odd)?;
    }
    Ok(())
}

fn life(side: &mut Side, version: i16, topic: Uuid) -> Result<()> {
    let group = format!("consumers-{version}");
    let id = match version {
        0 => String::new(),
        _ => format!("member-chosen-{version}"),
    };
    let joined = ask(side, "the first", version, &full(&group, &id, 0))?;
    let id = joined.member_id.clone().unwrap_or_default();
    let mut epoch = joined.member_epoch;
    // The assignment may come with one of the next heartbeats.
    if joined.assignment.as_ref().is_none_or(|given| given.topic_partitions.is_empty()) {
        await_that(side, "a consumer has its partitions", |side| {
            let answer = side.quietly(version, &beat(&group, &id, epoch), &[])?;
            ensure!(answer.error_code == 0, "a heartbeat is refused: {}", answer.error_code);
            epoch = answer.member_epoch;
            Ok(answer.assignment.is_some_and(|given| !given.topic_partitions.is_empty()))
        })?;
    }
    let owned = RequestTopicPartitions { topic_id: topic, partitions: List::from([0, 1]) };
    let owns = ConsumerGroupHeartbeatRequest {
        topic_partitions: Some(List::from([owned])),
        ..beat(&group, &id, epoch)
    };
    ask(side, "with what it owns", version, &owns)?;
    ask(side, "nothing new", version, &beat(&group, &id, epoch))?;
    described(side, version, &group)?;
    ask(side, "an epoch to come", version, &beat(&group, &id, epoch + 5))?;
    ask(side, "an older epoch", version, &beat(&group, &id, epoch - 1))?;
    ask(side, "a nobody", version, &beat(&group, "nobody-at-all", epoch))?;
    committed(side, &group, &id, epoch)?;
    ask(side, "it leaves", version, &beat(&group, &id, -1))?;
    ask(side, "it left", version, &beat(&group, &id, epoch))?;
    described(side, version, &group)?;
    Ok(())
}

pub(super) fn described(side: &mut Side, version: i16, group: &str) -> Result<()> {
    let group_ids = [group, "nobody", ""].map(str::to_owned);
    let request = ConsumerGroupDescribeRequest {
        group_ids: List::from(group_ids),
        include_authorized_operations: false,
    };
    side.ask("as it is", version, &request)?;
    let all = ConsumerGroupDescribeRequest { include_authorized_operations: true, ..request };
    side.ask("with operations", version, &all)?;
    for version in [5, 6] {
        let groups = List::from([group.to_owned()]);
        let request = DescribeGroupsRequest { groups, ..Default::default() };
        side.ask("a consumer group, as a classic one", version, &request)?;
    }
    let types_filter = List::from(["consumer".to_owned()]);
    let request = ListGroupsRequest { types_filter, ..Default::default() };
    side.ask("consumer groups", 5, &request)?;
    Ok(())
}

fn committed(side: &mut Side, group: &str, member_id: &str, epoch: i32) -> Result<()> {
    let partition = OffsetCommitRequestPartition { committed_offset: 0, ..Default::default() };
    let topic = OffsetCommitRequestTopic {
        name: "consumed".to_owned(),
        topic_id: side.settle("consumed")?,
        partitions: List::from([partition]),
    };
    let of = |member_id: &str, generation_id_or_member_epoch| OffsetCommitRequest {
        group_id: group.to_owned(),
        member_id: member_id.to_owned(),
        generation_id_or_member_epoch,
        topics: List::from([topic.clone()]),
        ..Default::default()
    };
    for version in [8, 9, 10] {
        side.ask("by its epoch", version, &of(member_id, epoch))?;
        side.ask("by an epoch to come", version, &of(member_id, epoch + 1))?;
        side.ask("by an older epoch", version, &of(member_id, epoch - 1))?;
        side.ask("by nobody's epoch", version, &of("nobody-at-all", epoch))?;
        side.ask("by no epoch", version, &of("", -1))?;
    }
    Ok(())
}
