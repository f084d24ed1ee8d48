//! UnregisterBroker: a node that is not there is not known; the one that answers stays.
//!
//! Kept true: nobody can take the last node's own registration away. A Kafka 4.3.1 node lets that
//! happen and serves nobody until it is started again.

use net_wire::messages::unregister_broker::{UnregisterBrokerRequest, UnregisterBrokerResponse};

use engine_base::NodeId;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler};
use crate::refusal::Code;

/// Handles UnregisterBroker.
pub(crate) struct UnregisterBroker;

impl Handler for UnregisterBroker {
    type Request = UnregisterBrokerRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Alter)];

    fn memory(_ask: &Ask<UnregisterBrokerRequest>) -> usize {
        256
    }

    async fn answer(ask: Ask<UnregisterBrokerRequest>) -> AnswerTo<UnregisterBrokerRequest> {
        let id = ask.request.broker_id;
        let (code, why) = match ask.node().image().nodes.contains_key(&NodeId(id)) {
            true => (Code::INVALID_REQUEST, format!("Broker ID {id} is running")),
            false => {
                let why = format!("Broker ID {id} is not currently registered");
                (Code::BROKER_ID_NOT_REGISTERED, why)
            }
        };
        let error_message = Some(why);
        let response =
            UnregisterBrokerResponse { error_code: code.0, error_message, ..Default::default() };
        Ok(response.into())
    }
}
