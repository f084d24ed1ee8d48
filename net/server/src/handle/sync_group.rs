//! SyncGroup: the leader of a new generation tells who reads what, and everybody hears its share.
//!
//! Kept true: whoever waits for the leader holds its decoded request and no more, and no bytes that
//! others wait for.

use engine_base::Refusal;
use net_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use replication_shard::groups::{GroupAnswer, GroupCommand, Sync, Synced};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, coordinator};
use crate::refusal::code;

/// The version from which a member must name the protocol it was told.
const PROTOCOL_SINCE: i16 = 5;

/// Handles SyncGroup.
pub(crate) struct SyncGroup;

impl Handler for SyncGroup {
    type Request = SyncGroupRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Read)];

    fn memory(_ask: &Ask<SyncGroupRequest>) -> usize {
        1024
    }

    async fn answer(ask: Ask<SyncGroupRequest>) -> AnswerTo<SyncGroupRequest> {
        let granted = ask.granted.clone();
        granted.rest();
        let synced = sync(ask).await;
        // Decoded and encoded.
        let bytes = synced.as_ref().map_or(0, |synced| 2 * synced.assignment.len());
        granted.take(1024 + bytes).await;
        let response = match synced {
            Ok(synced) => SyncGroupResponse {
                throttle_time_ms: 0,
                error_code: 0,
                protocol_type: synced.protocol_type.map(|name| name.to_string()),
                protocol_name: synced.protocol_name.map(|name| name.to_string()),
                assignment: (&*synced.assignment).into(),
            },
            Err(why) => SyncGroupResponse { error_code: code(&why).0, ..Default::default() },
        };
        Ok(response.into())
    }
}

async fn sync(ask: Ask<SyncGroupRequest>) -> Result<Synced, Refusal> {
    let (node, version, request) = (ask.node().clone(), ask.version(), ask.request);
    let is_named = request.protocol_type.is_some() && request.protocol_name.is_some();
    if version >= PROTOCOL_SINCE && !is_named {
        return Err(Refusal::InconsistentGroupProtocol);
    }
    let command = GroupCommand::Sync(Sync {
        group: coordinator::id(&request.group_id),
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        generation: request.generation_id,
        protocol_type: request.protocol_type,
        protocol_name: request.protocol_name,
        assignments: request
            .assignments
            .into_iter()
            .map(|one| (one.member_id, one.assignment.to_vec()))
            .collect(),
    });
    match coordinator::ask(&node, command).await? {
        GroupAnswer::Sync(synced) => synced,
        answer => coordinator::other(&answer),
    }
}
