//! FindCoordinator: until groups and transactions are built, a refusal that clients understand.
//!
//! Kept true: a group's coordinator is "not available", which clients ask for again (it comes with
//! a later version); a transaction's is refused for good and in words, so that `initTransactions()`
//! fails in under a second instead of waiting.

use engine_base::{NodeId, Refusal};
use net_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler};
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
        let (key_type, version) = (ask.request.key_type, ask.version());
        if version < 4 {
            let refusal = refusal(key_type, version, &ask.request.key);
            let (error_code, error_message) = (code(&refusal).0, Some(words(&refusal)));
            let response = FindCoordinatorResponse {
                error_code,
                error_message,
                node_id: NodeId::NONE.0,
                port: -1,
                ..Default::default()
            };
            return Ok(response.into());
        }
        let coordinators = ask.request.coordinator_keys.into_iter().map(|key| {
            let refusal = refusal(key_type, version, &key);
            Coordinator {
                key,
                node_id: NodeId::NONE.0,
                host: String::new(),
                port: -1,
                error_code: code(&refusal).0,
                error_message: Some(words(&refusal)),
            }
        });
        let coordinators = coordinators.collect();
        Ok(FindCoordinatorResponse { coordinators, ..Default::default() }.into())
    }
}

/// The version from which share groups may be asked for.
const SHARE_SINCE: i16 = 6;

fn refusal(key_type: i8, version: i16, key: &str) -> Refusal {
    match key_type {
        GROUP => Refusal::CoordinatorNotAvailable(
            "consumer groups are not served by this version".into(),
        ),
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
