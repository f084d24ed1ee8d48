//! InitProducerId: a producer id that nobody was given before, with epoch 0.
//!
//! Kept true: who names a transactional id is refused for good (trap 23); an idempotent producer
//! that comes with the id it had gets another one, as by Kafka, whose blocks are shared by all.

use engine_base::Refusal;
use net_wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler};
use crate::refusal::{Code, code};

/// No producer id, or no epoch.
const NONE: i64 = -1;

/// Handles InitProducerId.
pub(crate) struct InitProducerId;

impl Handler for InitProducerId {
    type Request = InitProducerIdRequest;

    const ACLS: &'static [Acl] = &[
        acl::cluster(Operation::IdempotentWrite),
        acl::topic(Operation::Write),
        acl::transactional_id(Operation::Write),
    ];

    fn memory(_ask: &Ask<InitProducerIdRequest>) -> usize {
        256
    }

    async fn answer(ask: Ask<InitProducerIdRequest>) -> AnswerTo<InitProducerIdRequest> {
        let id = match admit(&ask.request) {
            Ok(()) => ask.node().new_producer_id().await,
            Err(why) => Err(why),
        };
        let response = match id {
            Ok(producer_id) => InitProducerIdResponse { producer_id, ..Default::default() },
            Err(why) => InitProducerIdResponse {
                error_code: init_code(&why).0,
                producer_id: NONE,
                producer_epoch: -1,
                ..Default::default()
            },
        };
        Ok(response.into())
    }
}

fn admit(request: &InitProducerIdRequest) -> Result<(), Refusal> {
    if (request.producer_id == NONE) != (request.producer_epoch == -1) {
        let why = "a producer id without its epoch, or an epoch without its id";
        return Err(Refusal::InvalidRequest(why.into()));
    }
    match &request.transactional_id {
        None => Ok(()),
        Some(id) if id.is_empty() => {
            Err(Refusal::InvalidRequest("an empty transactional id".into()))
        }
        Some(_) => {
            let why = "transactions are not served by this version of Bobbin";
            Err(Refusal::TransactionsNotServed(why.into()))
        }
    }
}

/// Producers know few codes here: what passes is to them a coordinator that still loads.
fn init_code(why: &Refusal) -> Code {
    match code(why) {
        known @ Code(35 | 42) => known,
        _ => Code(14),
    }
}
