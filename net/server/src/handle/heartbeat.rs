//! Heartbeat: a member of a classic group is alive, and hears whether its group rebalances.

use net_wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use replication_shard::groups::{GroupAnswer, GroupCommand, Heartbeat as Alive};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, coordinator};
use crate::refusal::code;

/// Handles Heartbeat.
pub(crate) struct Heartbeat;

impl Handler for Heartbeat {
    type Request = HeartbeatRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Read)];

    fn memory(_ask: &Ask<HeartbeatRequest>) -> usize {
        256
    }

    async fn answer(ask: Ask<HeartbeatRequest>) -> AnswerTo<HeartbeatRequest> {
        let node = ask.node().clone();
        let HeartbeatRequest { group_id, generation_id, member_id, group_instance_id } =
            ask.request;
        let command = GroupCommand::Heartbeat(Alive {
            group: coordinator::id(&group_id),
            member_id,
            instance_id: group_instance_id,
            generation: generation_id,
        });
        let heard = match coordinator::ask(&node, command).await {
            Ok(GroupAnswer::Heartbeat(heard)) => heard,
            Ok(answer) => coordinator::other(&answer),
            Err(why) => Err(why),
        };
        let error_code = heard.err().map_or(0, |why| code(&why).0);
        Ok(HeartbeatResponse { throttle_time_ms: 0, error_code }.into())
    }
}
