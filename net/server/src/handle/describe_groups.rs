//! DescribeGroups: state, protocol and members of groups.
//!
//! Kept true: a group that is not there is `Dead`, from version 6 on with an error in words.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup, DescribedGroupMember,
};
use replication_shard::groups::{DescribedGroup as Found, DescribedMember, GroupKind, GroupState};

use crate::acl::{self, Acl, GROUP_OPERATIONS, OPERATIONS_NOT_ASKED, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::{code, words};

/// The version from which a group that is not there is an error.
const NOT_FOUND_SINCE: i16 = 6;

/// Handles DescribeGroups.
pub(crate) struct DescribeGroups;

impl Handler for DescribeGroups {
    type Request = DescribeGroupsRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Describe)];

    fn memory(ask: &Ask<DescribeGroupsRequest>) -> usize {
        1024 + ask.request.groups.len() * 4096
    }

    async fn answer(ask: Ask<DescribeGroupsRequest>) -> AnswerTo<DescribeGroupsRequest> {
        bounded(&ask.server, "DescribeGroups", ask.request.groups.len())?;
        let mut groups = List::new();
        for group in &ask.request.groups {
            groups.push(described(&ask, group));
        }
        Ok(DescribeGroupsResponse { throttle_time_ms: 0, groups }.into())
    }
}

fn described(ask: &Ask<DescribeGroupsRequest>, group: &str) -> DescribedGroup {
    let found = ask.node().coordinator(group).map(|coordinator| {
        coordinator.read(|groups| match groups.kind(group) {
            Some(GroupKind::Classic) => groups.describe(group).ok_or("not found"),
            Some(GroupKind::Consumer) => Err("is not a classic group"),
            None => Err("not found"),
        })
    });
    let refused = |group_state: String, why: Option<Refusal>| DescribedGroup {
        error_code: why.as_ref().map_or(0, |why| code(why).0),
        error_message: why.as_ref().map(words),
        group_id: group.to_owned(),
        group_state,
        authorized_operations: match why {
            // Of a group that is not there nobody may do anything.
            Some(Refusal::GroupIdNotFound(_)) => OPERATIONS_NOT_ASKED,
            _ => operations(ask),
        },
        ..Default::default()
    };
    match found {
        Ok(Ok(found)) => told(ask, group, found),
        Ok(Err(why)) if ask.version() >= NOT_FOUND_SINCE => {
            let why = Refusal::GroupIdNotFound(format!("Group {group} {why}."));
            refused(GroupState::Dead.name().into(), Some(why))
        }
        Ok(Err(_)) => refused(GroupState::Dead.name().into(), None),
        Err(why) => refused(String::new(), Some(why)),
    }
}

fn operations(ask: &Ask<DescribeGroupsRequest>) -> i32 {
    match ask.request.include_authorized_operations {
        true => GROUP_OPERATIONS,
        false => OPERATIONS_NOT_ASKED,
    }
}

fn told(ask: &Ask<DescribeGroupsRequest>, group: &str, found: Found) -> DescribedGroup {
    DescribedGroup {
        error_code: 0,
        error_message: None,
        group_id: group.to_owned(),
        group_state: found.state.name().to_owned(),
        protocol_type: found.protocol_type.to_string(),
        protocol_data: found.protocol_name.to_string(),
        members: found.members.into_iter().map(member).collect(),
        authorized_operations: operations(ask),
    }
}

fn member(member: DescribedMember) -> DescribedGroupMember {
    DescribedGroupMember {
        member_id: member.member_id.to_string(),
        group_instance_id: member.instance_id.map(|id| id.to_string()),
        client_id: member.client_id.to_string(),
        client_host: member.client_host.to_string(),
        member_metadata: (&*member.metadata).into(),
        member_assignment: (&*member.assignment).into(),
    }
}
