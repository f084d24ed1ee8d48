//! DescribeGroups: state, protocol and members of groups.
//!
//! Kept true: a group that is not there is `Dead`, from version 6 on with an error in words; the
//! memory of the answer is granted by what the groups have, counted as often as they are named,
//! before any of it is copied.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup, DescribedGroupMember,
};
use replication_shard::groups::{DescribedGroup as Found, DescribedMember, GroupKind, GroupState};

use crate::acl::{self, Acl, GROUP_OPERATIONS, OPERATIONS_NOT_ASKED, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded, fits};
use crate::refusal::{code, words};

/// The version from which a group that is not there is an error.
const NOT_FOUND_SINCE: i16 = 6;

/// Bytes of a group without its members.
const GROUP_BYTES: usize = 512;

/// Handles DescribeGroups.
pub(crate) struct DescribeGroups;

impl Handler for DescribeGroups {
    type Request = DescribeGroupsRequest;

    const ACLS: &'static [Acl] = &[acl::group(Operation::Describe)];

    fn memory(ask: &Ask<DescribeGroupsRequest>) -> usize {
        1024 + ask.request.groups.len() * GROUP_BYTES
    }

    async fn answer(ask: Ask<DescribeGroupsRequest>) -> AnswerTo<DescribeGroupsRequest> {
        bounded(&ask.server, "DescribeGroups", ask.request.groups.len())?;
        let (server, mut pace) = (&ask.server, Pace::default());
        let mut bytes = Self::memory(&ask);
        for group in &ask.request.groups {
            // Shared with the group, not copied.
            let found = find(&ask, group).ok().and_then(Result::ok);
            let members = found.iter().flat_map(|found| &found.members);
            bytes += members.map(bytes_of).sum::<usize>();
            fits(server, "DescribeGroups", bytes)?;
            pace.steps(&server.core, 1 + found.map_or(0, |found| found.members.len())).await;
        }
        ask.granted.take(bytes).await;
        let mut groups = List::new();
        for group in &ask.request.groups {
            let group = described(&ask, group);
            pace.steps(&server.core, 1 + group.members.len()).await;
            groups.push(group);
        }
        Ok(DescribeGroupsResponse { throttle_time_ms: 0, groups }.into())
    }
}

/// About how many bytes a member takes in the answer, decoded and encoded.
fn bytes_of(member: &DescribedMember) -> usize {
    let names = member.member_id.len()
        + member.instance_id.as_ref().map_or(0, |id| id.len())
        + member.client_id.len()
        + member.client_host.len();
    let said = member.metadata.len() + member.assignment.len();
    size_of::<DescribedGroupMember>() + 2 * (names + said)
}

/// A group, or why its coordinator is not here, or why there is no such group.
fn find(
    ask: &Ask<DescribeGroupsRequest>,
    group: &str,
) -> Result<Result<Found, &'static str>, Refusal> {
    ask.node().coordinator(group).map(|coordinator| {
        coordinator.read(|groups| match groups.kind(group) {
            Some(GroupKind::Classic) => groups.describe(group).ok_or("not found"),
            Some(GroupKind::Consumer) => Err("is not a classic group"),
            None => Err("not found"),
        })
    })
}

fn described(ask: &Ask<DescribeGroupsRequest>, group: &str) -> DescribedGroup {
    let found = find(ask, group);
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
