//! DeleteGroups: groups without members go, and their offsets with them.

use std::collections::BTreeSet;

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::delete_groups::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse,
};
use replication_shard::Node;
use replication_shard::groups::{GroupAnswer, GroupCommand};

use crate::acl::{self, Acl, Operation};
use crate::handle::together::together;
use crate::handle::{AnswerTo, Ask, Handler, bounded, coordinator};
use crate::refusal::code;

/// Handles DeleteGroups.
pub(crate) struct DeleteGroups;

impl Handler for DeleteGroups {
    type Request = DeleteGroupsRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Delete)];

    fn memory(ask: &Ask<DeleteGroupsRequest>) -> usize {
        256 + ask.request.groups_names.len() * 64
    }

    async fn answer(ask: Ask<DeleteGroupsRequest>) -> AnswerTo<DeleteGroupsRequest> {
        bounded(&ask.server, "DeleteGroups", ask.request.groups_names.len())?;
        // A name that comes again is deleted, and told, once.
        let groups: BTreeSet<&String> = ask.request.groups_names.iter().collect();
        let one = async |group: &String| DeletableGroupResult {
            group_id: group.clone(),
            error_code: delete(ask.node(), group).await.err().map_or(0, |why| code(&why).0),
        };
        let results = List::from(together(groups.into_iter().map(one)).await);
        Ok(DeleteGroupsResponse { throttle_time_ms: 0, results }.into())
    }
}

async fn delete(node: &Node, group: &str) -> Result<(), Refusal> {
    let command = GroupCommand::DeleteGroup { group: coordinator::id(group) };
    match coordinator::ask(node, command).await? {
        GroupAnswer::DeleteGroup(deleted) => deleted,
        answer => coordinator::other(&answer),
    }
}
