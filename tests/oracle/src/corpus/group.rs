//! A classic group and its members, as the sequences of other files need them.
//!
//! Kept true: a member is called `MEMBER-n-OF-group` in the transcript as soon as it has an id; a
//! state is waited for, not hoped for.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::heartbeat::HeartbeatRequest;
use net_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use net_wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use net_wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use net_wire::{Bytes, List};

use crate::names::Own;
use crate::side::{PATIENCE, Side};

const POLL: Duration = Duration::from_millis(20);

/// What a consumer that wants these topics tells: ConsumerProtocolSubscription, version 0.
pub(super) fn subscription(topics: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(u32::try_from(topics.len()).unwrap_or(0).to_be_bytes());
    for topic in topics {
        bytes.extend(u16::try_from(topic.len()).unwrap_or(0).to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    bytes.extend((-1i32).to_be_bytes());
    bytes
}

/// A JoinGroup of a consumer that wants the topic `wanted`.
pub(super) fn join(group: &str, member_id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: group.to_owned(),
        session_timeout_ms: 60_000,
        rebalance_timeout_ms: 60_000,
        member_id: member_id.to_owned(),
        group_instance_id: None,
        protocol_type: "consumer".to_owned(),
        protocols: protocols(&["range"]),
        reason: None,
    }
}

/// Protocols of these names, each with the subscription to `wanted`.
pub(super) fn protocols(names: &[&str]) -> List<JoinGroupRequestProtocol> {
    let one = |name: &&str| JoinGroupRequestProtocol {
        name: (*name).to_owned(),
        metadata: subscription(&["wanted"]).into(),
    };
    names.iter().map(one).collect()
}

/// A SyncGroup that hands out these assignments.
pub(super) fn sync(
    group: &str,
    member_id: &str,
    generation_id: i32,
    assigned: &[(&str, &str)],
) -> SyncGroupRequest {
    let one = |(member_id, bytes): &(&str, &str)| SyncGroupRequestAssignment {
        member_id: (*member_id).to_owned(),
        assignment: Bytes::from(bytes.as_bytes()),
    };
    SyncGroupRequest {
        group_id: group.to_owned(),
        generation_id,
        member_id: member_id.to_owned(),
        group_instance_id: None,
        protocol_type: Some("consumer".to_owned()),
        protocol_name: Some("range".to_owned()),
        assignments: assigned.iter().map(one).collect(),
    }
}

/// A Heartbeat.
pub(super) fn heartbeat(group: &str, member_id: &str, generation_id: i32) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: group.to_owned(),
        generation_id,
        member_id: member_id.to_owned(),
        group_instance_id: None,
    }
}

/// A LeaveGroup of members by their ids and instance ids.
pub(super) fn leave(group: &str, members: &[(&str, Option<&str>)]) -> LeaveGroupRequest {
    let one = |(member_id, instance): &(&str, Option<&str>)| MemberIdentity {
        member_id: (*member_id).to_owned(),
        group_instance_id: instance.map(str::to_owned),
        reason: Some("the oracle says so".to_owned()),
    };
    LeaveGroupRequest {
        group_id: group.to_owned(),
        member_id: members.first().map_or(String::new(), |(id, _)| (*id).to_owned()),
        members: members.iter().map(one).collect(),
    }
}

/// Asks JoinGroup, and calls the member by this name from now on.
pub(super) fn ask_join(
    side: &mut Side,
    what: &str,
    version: i16,
    request: &JoinGroupRequest,
    name: &str,
) -> Result<JoinGroupResponse> {
    let named = format!("{name}-OF-{}", request.group_id);
    let own = |answer: &JoinGroupResponse| match answer.member_id.len() {
        ..9 => Vec::new(),
        _ => vec![Own::Word(answer.member_id.clone(), named)],
    };
    let answer = side.ask_naming(what, version, request, own)?;
    answer.ok_or_else(|| anyhow::anyhow!("JoinGroup {version}, {what}: no answer"))
}

/// A group of one member that is stable; gives the member's id. Nothing is written down.
pub(super) fn stable(side: &mut Side, request: &JoinGroupRequest, name: &str) -> Result<String> {
    let group = &*request.group_id;
    let first = side.quietly(5, request, &[])?;
    ensure!(matches!(first.error_code, 0 | 79), "joining {group}: {}", first.error_code);
    let id = first.member_id.clone();
    side.call(&id, &format!("{name}-OF-{group}"));
    let mut joined = first;
    if joined.error_code == 79 {
        let again = JoinGroupRequest { member_id: id.clone(), ..request.clone() };
        joined = side.quietly(5, &again, &[])?;
    }
    ensure!(joined.error_code == 0, "joining {group}: {}", joined.error_code);
    let synced = SyncGroupRequest {
        group_instance_id: request.group_instance_id.clone(),
        ..sync(group, &id, joined.generation_id, &[(&id, "all")])
    };
    let synced = side.quietly(3, &synced, &[])?;
    ensure!(synced.error_code == 0, "syncing {group}: {}", synced.error_code);
    Ok(id)
}

/// Waits until the group is in a state.
pub(super) fn await_state(side: &mut Side, group: &str, state: &str) -> Result<()> {
    let groups = List::from([group.to_owned()]);
    let request = DescribeGroupsRequest { groups, ..Default::default() };
    await_that(side, &format!("{group} is {state}"), |side| {
        Ok(side.quietly(5, &request, &[])?.groups[0].group_state == state)
    })
}

/// Waits until each group there may be is coordinated: Kafka makes the topic behind them first, and
/// loads one partition after the other.
pub(super) fn await_groups(side: &mut Side) -> Result<()> {
    await_coordinator(side, 0)?;
    // So many that one of them falls on each of the fifty partitions.
    let groups = (0..1000).map(|index| format!("nobody-{index}")).collect();
    let request = DescribeGroupsRequest { groups, ..Default::default() };
    await_that(side, "all groups are coordinated", |side| {
        Ok(side.quietly(5, &request, &[])?.groups.iter().all(|group| group.error_code == 0))
    })
}

/// Waits until somebody coordinates groups (0) or transactions (1).
pub(super) fn await_coordinator(side: &mut Side, key_type: i8) -> Result<()> {
    let coordinator_keys = List::from(["group".to_owned()]);
    let request = FindCoordinatorRequest { key: "group".to_owned(), key_type, coordinator_keys };
    // 15: there is none yet.
    await_that(side, "there is a coordinator", |side| {
        Ok(side.quietly(4, &request, &[])?.coordinators[0].error_code != 15)
    })
}

/// Waits until something holds.
pub(super) fn await_that(
    side: &mut Side,
    what: &str,
    mut holds: impl FnMut(&mut Side) -> Result<bool>,
) -> Result<()> {
    let started = Instant::now();
    while !holds(side)? {
        ensure!(started.elapsed() < PATIENCE, "{}: waited in vain: {what}", side.name);
        std::thread::sleep(POLL);
    }
    Ok(())
}
