//! ListGroups: every group of this node's coordinators.
//!
//! Kept true: while a coordinator loads the list would have holes, so there is none yet.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse, ListedGroup};
use replication_shard::groups::ListedGroup as Listed;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace};
use crate::refusal::code;

/// Handles ListGroups.
pub(crate) struct ListGroups;

impl Handler for ListGroups {
    type Request = ListGroupsRequest;

    const ACLS: &'static [Acl] =
        &[acl::cluster(Operation::Describe), acl::group(Operation::Describe)];

    fn memory(_ask: &Ask<ListGroupsRequest>) -> usize {
        64 * 1024
    }

    async fn answer(ask: Ask<ListGroupsRequest>) -> AnswerTo<ListGroupsRequest> {
        let response = match listed(&ask).await {
            Ok(groups) => ListGroupsResponse { groups, ..Default::default() },
            Err(why) => ListGroupsResponse { error_code: code(&why).0, ..Default::default() },
        };
        Ok(response.into())
    }
}

async fn listed(ask: &Ask<ListGroupsRequest>) -> Result<List<ListedGroup>, Refusal> {
    let ListGroupsRequest { states_filter, types_filter } = &ask.request;
    let passes = |filter: &List<String>, name: &str| {
        filter.is_empty() || filter.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let mut groups = List::new();
    let mut pace = Pace::default();
    for coordinator in ask.node().coordinators()? {
        for Listed { group, protocol_type, kind, state } in coordinator.read(|groups| groups.list())
        {
            pace.step(&ask.server.core).await;
            if passes(states_filter, state) && passes(types_filter, kind.name()) {
                groups.push(ListedGroup {
                    group_id: group.to_string(),
                    protocol_type: protocol_type.to_string(),
                    group_state: state.to_owned(),
                    group_type: kind.name().to_owned(),
                });
            }
        }
    }
    Ok(groups)
}
