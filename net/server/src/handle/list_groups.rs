//! ListGroups: every group of this node's coordinators.
//!
//! Kept true: while a coordinator loads the list would have holes, so there is none yet, and one
//! that stopped is left out, as by Kafka; the memory of the answer is granted by what it has,
//! before any of it is copied.

use std::collections::BTreeSet;

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse, ListedGroup};
use replication_shard::groups::ListedGroup as Listed;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace, bounded, fits};
use crate::refusal::code;

/// Bytes of the names of a state and a type.
const NAMES_BYTES: usize = 64;

/// Handles ListGroups.
pub(crate) struct ListGroups;

impl Handler for ListGroups {
    type Request = ListGroupsRequest;

    const ACLS: &'static [Acl] =
        &[acl::cluster(Operation::Describe), acl::group(Operation::Describe)];

    fn memory(ask: &Ask<ListGroupsRequest>) -> usize {
        1024 + filters(&ask.request) * 64
    }

    async fn answer(ask: Ask<ListGroupsRequest>) -> AnswerTo<ListGroupsRequest> {
        bounded(&ask.server, "ListGroups", filters(&ask.request))?;
        let core = &ask.server.core;
        let listed = match listed(&ask).await {
            Ok(listed) => listed,
            Err(why) => {
                let error_code = code(&why).0;
                return Ok(ListGroupsResponse { error_code, ..Default::default() }.into());
            }
        };
        // Decoded and encoded.
        let names = |one: &Listed| 2 * (one.group.len() + one.protocol_type.len()) + NAMES_BYTES;
        let bytes = listed.iter().map(|one| size_of::<ListedGroup>() + names(one)).sum();
        fits(&ask.server, "ListGroups", bytes)?;
        ask.granted.take(Self::memory(&ask) + bytes).await;
        let mut groups = List::new();
        let mut pace = Pace::default();
        for Listed { group, protocol_type, kind, state } in listed {
            pace.step(core).await;
            groups.push(ListedGroup {
                group_id: group.to_string(),
                protocol_type: protocol_type.to_string(),
                group_state: state.to_owned(),
                group_type: kind.name().to_owned(),
            });
        }
        Ok(ListGroupsResponse { groups, ..Default::default() }.into())
    }
}

fn filters(request: &ListGroupsRequest) -> usize {
    request.states_filter.len() + request.types_filter.len()
}

/// The groups that pass the filters; what they are called is shared with them.
async fn listed(ask: &Ask<ListGroupsRequest>) -> Result<Vec<Listed>, Refusal> {
    let filter = |names: &List<String>| -> BTreeSet<String> {
        names.iter().map(|name| name.to_ascii_lowercase()).collect()
    };
    let (states, types) = (filter(&ask.request.states_filter), filter(&ask.request.types_filter));
    let passes = |filter: &BTreeSet<String>, name: &str| {
        filter.is_empty() || filter.contains(&name.to_ascii_lowercase())
    };
    let mut listed = Vec::new();
    let mut pace = Pace::default();
    for coordinator in ask.node().coordinators()? {
        let all = coordinator.read(|groups| groups.list());
        pace.steps(&ask.server.core, 1 + all.len()).await;
        let wanted = |one: &Listed| passes(&states, one.state) && passes(&types, one.kind.name());
        listed.extend(all.into_iter().filter(wanted));
    }
    Ok(listed)
}
