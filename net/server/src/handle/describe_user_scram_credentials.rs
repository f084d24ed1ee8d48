//! DescribeUserScramCredentials: this node keeps no passwords of users, and says so of each.
//!
//! Kept true: what is told is what is there. Without names it is nobody, as by a Kafka 4.3.1 node
//! without users; a name that is asked for is not found; one asked for twice is refused once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use net_wire::messages::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::Code;

/// Handles DescribeUserScramCredentials.
pub(crate) struct DescribeUserScramCredentials;

impl Handler for DescribeUserScramCredentials {
    type Request = DescribeUserScramCredentialsRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Describe)];

    fn memory(ask: &Ask<DescribeUserScramCredentialsRequest>) -> usize {
        let users = ask.request.users.iter().flat_map(|users| users.iter());
        1024 + users.map(|user| 300 + 3 * user.name.len()).sum::<usize>()
    }

    async fn answer(
        ask: Ask<DescribeUserScramCredentialsRequest>,
    ) -> AnswerTo<DescribeUserScramCredentialsRequest> {
        let asked = ask.request.users.unwrap_or_default();
        bounded(&ask.server, "DescribeUserScramCredentials", asked.len())?;
        // Each name once, with whether it was asked for again, in the order of the names.
        let mut names: BTreeMap<String, bool> = BTreeMap::new();
        for user in asked {
            match names.entry(user.name) {
                Entry::Vacant(entry) => drop(entry.insert(false)),
                Entry::Occupied(mut entry) => *entry.get_mut() = true,
            }
        }
        let results = names.into_iter().map(|(user, again)| {
            let (code, why) = match again {
                false => (
                    Code::RESOURCE_NOT_FOUND,
                    "Attempt to describe a user credential that does not exist: ",
                ),
                true => (
                    Code::DUPLICATE_RESOURCE,
                    "Cannot describe SCRAM credentials for the same user twice in a single \
                     request: ",
                ),
            };
            DescribeUserScramCredentialsResult {
                error_code: code.0,
                error_message: Some(format!("{why}{user}")),
                user,
                ..Default::default()
            }
        });
        let response = DescribeUserScramCredentialsResponse {
            error_message: Some(String::new()),
            results: results.collect(),
            ..Default::default()
        };
        Ok(response.into())
    }
}
