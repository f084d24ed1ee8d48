//! Asking a group's coordinator. Kept true: it is looked for again whenever it says that it is not
//! the one, or not yet, and no longer than a request may take altogether; a broker that does not
//! serve what will be asked of the coordinator is told at once, not waited for.

use std::time::Duration;

use net_wire::Request;
use net_wire::api::Described;
use net_wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};

use crate::address::Address;
use crate::client::{Client, Use};
use crate::code::Code;
use crate::connection::{Answer, Connection};
use crate::error::{ClientError, ErrorKind};

/// How long a coordinator may take to be found, made or loaded.
const SETTLE_TIME: Duration = Duration::from_secs(30);

/// Pause before asking again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// A group's coordinator, as FindCoordinator names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinator {
    /// Its broker id.
    pub node: i32,
    /// Where clients reach it.
    pub address: Address,
}

impl Client {
    /// The coordinator of a group; waits for one that is being made.
    pub async fn coordinator(&self, group: &str) -> Result<Coordinator, ClientError> {
        let patience = self.core().now() + SETTLE_TIME;
        // Up to version 3 one key stands alone, from 4 on there is a list; the encoder writes what
        // fits.
        let request = FindCoordinatorRequest {
            key: group.to_string(),
            key_type: 0,
            coordinator_keys: [group.to_string()].into(),
        };
        loop {
            let answer = self.ask(&request).await?.response;
            let (code, message, found) = found(&answer);
            match code {
                Code::NONE => return Ok(found),
                code if may_settle(code) && self.core().now() < patience => {
                    self.core().sleep(ASK_AGAIN).await;
                }
                code => {
                    let subject = format!("the coordinator of group {group}");
                    return Err(ClientError::refused(code, subject, message.as_deref()));
                }
            }
        }
    }

    /// Asks the group's coordinator in at most version `ceiling`, again while `code` finds that it
    /// is not the one, or not yet.
    pub(crate) async fn ask_coordinator<R: Request>(
        &self,
        group: &str,
        request: &R,
        ceiling: i16,
        code: impl Fn(&R::Response) -> Code,
    ) -> Result<Answer<R::Response>, ClientError> {
        // A broker without this API may well answer FindCoordinator, with "not yet" for ever.
        self.any().await?.version_of(R::API, ceiling)?;
        let patience = self.core().now() + SETTLE_TIME;
        loop {
            let place = self.coordinator(group).await?;
            let line = self.connection(place.address, Use::Questions).await?;
            let answer = line.begin(request, ceiling, &[])?.answer().await?;
            if !may_settle(code(&answer.response)) || self.core().now() >= patience {
                return Ok(answer);
            }
            self.core().sleep(ASK_AGAIN).await;
        }
    }

    /// Refuses in words where the broker lacks some of what a member of a group asks for, each with
    /// the highest version that will be asked in.
    pub(crate) async fn keeps_groups(&self, apis: &[(&Described, i16)]) -> Result<(), ClientError> {
        let line = self.any().await?;
        let lacks = |(api, ceiling): &&(&Described, i16)| line.version_of(api, *ceiling).is_err();
        let lacking: Vec<&str> = apis.iter().filter(lacks).map(|(api, _)| api.name).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let what = format!(
            "{}: this broker keeps no consumer groups that we could join: it does not serve {} in \
             a version that we speak",
            line.address(),
            lacking.join(", ")
        );
        Err(ClientError::new(ErrorKind::NotServed, what)
            .next("read without a group, or name a broker that keeps groups"))
    }

    /// A connection to the group's coordinator that may be held up by a rebalance.
    pub(crate) async fn line_to_coordinator(&self, group: &str) -> Result<Connection, ClientError> {
        let place = self.coordinator(group).await?;
        self.connection(place.address, Use::Groups).await
    }
}

/// Whether another try, perhaps elsewhere, may find the coordinator.
pub(crate) fn may_settle(code: Code) -> bool {
    matches!(
        code,
        Code::COORDINATOR_LOAD_IN_PROGRESS
            | Code::COORDINATOR_NOT_AVAILABLE
            | Code::NOT_COORDINATOR
    )
}

fn found(answer: &FindCoordinatorResponse) -> (Code, Option<String>, Coordinator) {
    let (code, message, node, host, port) = match answer.coordinators.first() {
        Some(c) => (c.error_code, &c.error_message, c.node_id, &c.host, c.port),
        None => {
            let a = answer;
            (a.error_code, &a.error_message, a.node_id, &a.host, a.port)
        }
    };
    let address = Address::new(host.clone(), u16::try_from(port).unwrap_or(0));
    (Code(code), message.clone(), Coordinator { node, address })
}

/// An answer that says nothing of what was asked.
pub(crate) fn unsaid(api: &str, subject: &str) -> ClientError {
    let what = format!("the answer to {api} says nothing of {subject}");
    ClientError::new(ErrorKind::Malformed, what)
}
