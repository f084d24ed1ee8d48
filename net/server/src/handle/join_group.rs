//! JoinGroup: a member comes to a classic group, and waits until the others have come.
//!
//! Kept true: whoever waits holds its decoded request and no more, and no bytes that others wait
//! for; an answer before version 7 has no null in it.

use engine_base::{Refusal, Uuid};
use net_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember,
};
use replication_shard::groups::{
    GroupAnswer, GroupCommand, Join, JoinRefused, Joined, JoinedMember,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, coordinator};
use crate::refusal::code;

/// The version from which a member without an id is told one before it is let in.
const KNOWN_MEMBER_SINCE: i16 = 4;
/// The version from which the answer's protocol may be null.
const NULL_PROTOCOL_SINCE: i16 = 7;
/// The version from which a leader may be told to leave the assignment as it is.
const SKIP_ASSIGNMENT_SINCE: i16 = 9;

/// Handles JoinGroup.
pub(crate) struct JoinGroup;

impl Handler for JoinGroup {
    type Request = JoinGroupRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Read)];

    fn memory(_ask: &Ask<JoinGroupRequest>) -> usize {
        1024
    }

    async fn answer(ask: Ask<JoinGroupRequest>) -> AnswerTo<JoinGroupRequest> {
        let (node, version) = (ask.node().clone(), ask.version());
        let asked_id = ask.request.member_id.clone();
        let granted = ask.granted.clone();
        granted.rest();
        let joined = match coordinator::ask(&node, GroupCommand::Join(command(ask))).await {
            Ok(GroupAnswer::Join(joined)) => joined,
            Ok(answer) => coordinator::other(&answer),
            Err(why) => Err(JoinRefused { why, member_id: asked_id }),
        };
        granted.take(joined.as_ref().map_or(1024, bytes_of)).await;
        Ok(joined.map_or_else(|why| refused(why, version), |joined| told(joined, version)).into())
    }
}

fn command(ask: Ask<JoinGroupRequest>) -> Join {
    let version = ask.version();
    let core = &ask.server.core;
    let random = u128::from(core.random()) << 64 | u128::from(core.random());
    let client_host = coordinator::host(&ask.client);
    let request = ask.request;
    Join {
        group: coordinator::id(&request.group_id),
        member_id: request.member_id,
        fresh_id: Uuid::from_random(random),
        instance_id: request.group_instance_id,
        client_id: ask.header.client_id.unwrap_or_default(),
        client_host,
        protocol_type: request.protocol_type,
        protocols: request
            .protocols
            .into_iter()
            .map(|protocol| (protocol.name, protocol.metadata.to_vec()))
            .collect(),
        session_ms: request.session_timeout_ms,
        rebalance_ms: match version {
            0 => request.session_timeout_ms,
            _ => request.rebalance_timeout_ms,
        },
        requires_known_member: version >= KNOWN_MEMBER_SINCE,
        skips_assignment: version >= SKIP_ASSIGNMENT_SINCE,
        reason: request.reason,
    }
}

/// About how many bytes the answer takes: the leader is told the metadata of everybody.
fn bytes_of(joined: &Joined) -> usize {
    let member = |member: &JoinedMember| {
        let names = member.member_id.len() + member.instance_id.as_ref().map_or(0, |id| id.len());
        size_of::<JoinGroupResponseMember>() + names + member.metadata.len()
    };
    // Decoded and encoded.
    1024 + 2 * joined.members.iter().map(member).sum::<usize>()
}

fn told(joined: Joined, version: i16) -> JoinGroupResponse {
    let name = joined.protocol_name.map(|name| name.to_string());
    JoinGroupResponse {
        throttle_time_ms: 0,
        error_code: 0,
        generation_id: joined.generation,
        protocol_type: joined.protocol_type.map(|name| name.to_string()),
        protocol_name: match version {
            NULL_PROTOCOL_SINCE.. => name,
            _ => Some(name.unwrap_or_default()),
        },
        leader: joined.leader.to_string(),
        skip_assignment: joined.skip_assignment,
        member_id: joined.member_id.to_string(),
        members: joined
            .members
            .into_iter()
            .map(|member| JoinGroupResponseMember {
                member_id: member.member_id.to_string(),
                group_instance_id: member.instance_id.map(|id| id.to_string()),
                metadata: (&*member.metadata).into(),
            })
            .collect(),
    }
}

fn refused(refused: JoinRefused, version: i16) -> JoinGroupResponse {
    let JoinRefused { why, member_id } = refused;
    assert!(why != Refusal::MemberIdRequired || !member_id.is_empty(), "it is told its id");
    JoinGroupResponse {
        error_code: code(&why).0,
        generation_id: -1,
        protocol_name: (version < NULL_PROTOCOL_SINCE).then(String::new),
        member_id,
        ..Default::default()
    }
}
