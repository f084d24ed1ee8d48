//! FindCoordinator: which node coordinates a group.
//!
//! Kept true: a group's coordinator is named even while it loads; a transaction's is refused for
//! good and in words, so that `initTransactions()` fails in under a second instead of waiting.

use engine_base::{NodeId, Refusal};
use net_wire::List;
use net_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded, endpoint};
use crate::refusal::{code, words};

/// Kafka's coordinator types.
const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// Handles FindCoordinator.
pub(crate) struct FindCoordinator;

impl Handler for FindCoordinator {
    type Request = FindCoordinatorRequest;

    const ACLS: &'static [Acl] =
        &[acl::group(Operation::Describe), acl::transactional_id(Operation::Describe)];

    fn memory(ask: &Ask<FindCoordinatorRequest>) -> usize {
        1024 + ask.request.coordinator_keys.len() * 256
    }

    async fn answer(ask: Ask<FindCoordinatorRequest>) -> AnswerTo<FindCoordinatorRequest> {
        bounded(&ask.server, "FindCoordinator", ask.request.coordinator_keys.len())?;
        if ask.version() < MANY_SINCE {
            let found = find(&ask, &ask.request.key).await;
            // What Kafka says where nothing is wrong.
            let error_message = found.error_message.or_else(|| Some("NONE".to_owned()));
            let response = FindCoordinatorResponse {
                error_code: found.error_code,
                error_message,
                node_id: found.node_id,
                host: found.host,
                port: found.port,
                ..Default::default()
            };
            return Ok(response.into());
        }
        let mut coordinators = List::new();
        for key in &ask.request.coordinator_keys {
            let found = find(&ask, key).await;
            let error_message = found.error_message.or_else(|| Some(String::new()));
            coordinators.push(Coordinator { error_message, ..found });
        }
        Ok(FindCoordinatorResponse { coordinators, ..Default::default() }.into())
    }
}

/// The version from which several keys may be asked for.
const MANY_SINCE: i16 = 4;

async fn find(ask: &Ask<FindCoordinatorRequest>, key: &str) -> Coordinator {
    let node = match ask.request.key_type {
        GROUP => ask.node().coordinator_node(key).await,
        other => Err(refusal(other, ask.version(), key)),
    };
    let image = ask.node().image();
    let found = node.and_then(|id| {
        let endpoint =
            image.nodes.get(&id).and_then(|facts| endpoint(facts, &ask.server.options.listener));
        let unknown = || Refusal::CoordinatorNotAvailable(format!("node {id} has no address here"));
        endpoint.map(|endpoint| (id, endpoint)).ok_or_else(unknown)
    });
    match found {
        Ok((id, endpoint)) => Coordinator {
            key: key.to_owned(),
            node_id: id.0,
            host: endpoint.host.clone(),
            port: i32::from(endpoint.port),
            error_code: 0,
            error_message: None,
        },
        Err(why) => Coordinator {
            key: key.to_owned(),
            node_id: NodeId::NONE.0,
            host: String::new(),
            port: -1,
            error_code: code(&why).0,
            error_message: Some(words(&why)),
        },
    }
}

/// The version from which share groups may be asked for.
const SHARE_SINCE: i16 = 6;

fn refusal(key_type: i8, version: i16, key: &str) -> Refusal {
    match key_type {
        TRANSACTION => {
            Refusal::TransactionsNotServed("transactions are not served by this version".into())
        }
        // A share partition is GROUP:TOPIC-ID:PARTITION.
        SHARE if version >= SHARE_SINCE && key.split(':').count() == 3 => {
            Refusal::CoordinatorNotAvailable("share groups are not served by this version".into())
        }
        other => Refusal::InvalidRequest(format!("no coordinator has the type {other}")),
    }
}
