//! IncrementalAlterConfigs: single values are set, deleted, appended to and subtracted from.
//!
//! Kept true: `validate_only` changes nothing; what was changed holds when it is answered.

use net_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterConfigsResourceResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use replication_shard::{ConfigChange, ConfigChanges};

use crate::acl::{self, Acl, Operation};
use crate::handle::altering::{Asked, Said, alter};
use crate::handle::configs::BROKER;
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::Code;

/// Handles IncrementalAlterConfigs.
pub(crate) struct IncrementalAlterConfigs;

impl Handler for IncrementalAlterConfigs {
    type Request = IncrementalAlterConfigsRequest;

    const ACLS: &'static [Acl] = &[
        acl::topic(Operation::AlterConfigs),
        acl::group(Operation::AlterConfigs),
        acl::cluster(Operation::AlterConfigs),
    ];

    fn memory(ask: &Ask<IncrementalAlterConfigsRequest>) -> usize {
        1024 + ask.request.resources.len() * 512
    }

    async fn answer(
        ask: Ask<IncrementalAlterConfigsRequest>,
    ) -> AnswerTo<IncrementalAlterConfigsRequest> {
        bounded(&ask.server, "IncrementalAlterConfigs", ask.request.resources.len())?;
        let IncrementalAlterConfigsRequest { resources, validate_only } = ask.request;
        let asked = resources.into_iter().map(understood).collect();
        let answers = alter(&ask.server, asked, validate_only, true).await;
        let responses = answers.into_iter().map(|(resource_type, resource_name, said)| {
            AlterConfigsResourceResponse {
                error_code: said.code.0,
                error_message: said.message,
                resource_type,
                resource_name,
            }
        });
        let responses = responses.collect();
        Ok(IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses }.into())
    }
}

/// Kafka's number of the operation that needs no value.
const DELETE: i8 = 1;

fn understood(resource: AlterConfigsResource) -> Asked {
    let AlterConfigsResource { resource_type, resource_name: name, configs } = resource;
    let keys = configs.iter().map(|config| config.name.clone()).collect();
    let nulls =
        configs.iter().filter(|config| config.config_operation != DELETE && config.value.is_none());
    let nulls = nulls.map(|config| config.name.clone()).collect();
    let changes = configs.into_iter().map(|config| {
        let value = config.value.unwrap_or_default();
        let change = match config.config_operation {
            0 => ConfigChange::Set(value),
            DELETE => ConfigChange::Delete,
            2 => ConfigChange::Append(value),
            3 => ConfigChange::Subtract(value),
            other if resource_type == BROKER => {
                return Err(Said::invalid_request(format!("Unknown operations type {other}")));
            }
            // Kafka stumbles over it.
            _ => return Err(Said { code: Code::UNKNOWN_SERVER_ERROR, message: None }),
        };
        Ok((config.name, change))
    });
    let changes = changes.collect::<Result<Vec<_>, Said>>().map(ConfigChanges::Some);
    Asked { resource_type, name, keys, nulls, changes }
}
