//! LeaveGroup: members go, one of itself or several at an operator's word.
//!
//! Kept true: before version 3 a request names one member, and its refusal is the whole answer's.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberResponse};
use replication_shard::groups::{GroupAnswer, GroupCommand, Leave, LeavingMember, LeftMember};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, coordinator};
use crate::refusal::code;

/// The version from which several members may leave at once.
const MANY_SINCE: i16 = 3;

/// Handles LeaveGroup.
pub(crate) struct LeaveGroup;

impl Handler for LeaveGroup {
    type Request = LeaveGroupRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Read)];

    fn memory(ask: &Ask<LeaveGroupRequest>) -> usize {
        256 + ask.request.members.len() * 256
    }

    async fn answer(ask: Ask<LeaveGroupRequest>) -> AnswerTo<LeaveGroupRequest> {
        let version = ask.version();
        let response = match leave(ask).await {
            Err(why) => LeaveGroupResponse { error_code: code(&why).0, ..Default::default() },
            Ok(left) if version >= MANY_SINCE => LeaveGroupResponse {
                throttle_time_ms: 0,
                error_code: 0,
                members: left.into_iter().map(told).collect(),
            },
            Ok(left) => {
                let refused = left.into_iter().find_map(|member| member.left.err());
                let error_code = refused.map_or(0, |why| code(&why).0);
                LeaveGroupResponse { throttle_time_ms: 0, error_code, members: List::new() }
            }
        };
        Ok(response.into())
    }
}

async fn leave(ask: Ask<LeaveGroupRequest>) -> Result<Vec<LeftMember>, Refusal> {
    let (node, version, request) = (ask.node().clone(), ask.version(), ask.request);
    let members = match version {
        MANY_SINCE.. => request
            .members
            .into_iter()
            .map(|member| LeavingMember {
                member_id: member.member_id,
                instance_id: member.group_instance_id,
                reason: member.reason,
            })
            .collect(),
        _ => vec![LeavingMember { member_id: request.member_id, instance_id: None, reason: None }],
    };
    let command = GroupCommand::Leave(Leave { group: coordinator::id(&request.group_id), members });
    match coordinator::ask(&node, command).await? {
        GroupAnswer::Leave(left) => left,
        answer => coordinator::other(&answer),
    }
}

fn told(member: LeftMember) -> MemberResponse {
    MemberResponse {
        member_id: member.member_id,
        group_instance_id: member.instance_id,
        error_code: member.left.err().map_or(0, |why| code(&why).0),
    }
}
