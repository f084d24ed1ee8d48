//! AlterConfigs: all that is set on a resource is what the request names, and nothing else.
//!
//! Kept true: `validate_only` changes nothing; what was changed holds when it is answered.

use net_wire::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource, AlterConfigsResourceResponse, AlterConfigsResponse,
};
use replication_shard::ConfigChanges;

use crate::acl::{self, Acl, Operation};
use crate::handle::altering::{Asked, alter};
use crate::handle::{AnswerTo, Ask, Handler, bounded};

/// Handles AlterConfigs.
pub(crate) struct AlterConfigs;

impl Handler for AlterConfigs {
    type Request = AlterConfigsRequest;

    const ACLS: &'static [Acl] = &[
        acl::topic(Operation::AlterConfigs),
        acl::group(Operation::AlterConfigs),
        acl::cluster(Operation::AlterConfigs),
    ];

    fn memory(ask: &Ask<AlterConfigsRequest>) -> usize {
        1024 + ask.request.resources.len() * 512
    }

    async fn answer(ask: Ask<AlterConfigsRequest>) -> AnswerTo<AlterConfigsRequest> {
        bounded(&ask.server, "AlterConfigs", ask.request.resources.len())?;
        let AlterConfigsRequest { resources, validate_only } = ask.request;
        let asked = resources.into_iter().map(understood).collect();
        let answers = alter(&ask.server, asked, validate_only, false).await;
        let responses = answers.into_iter().map(|(resource_type, resource_name, said)| {
            AlterConfigsResourceResponse {
                error_code: said.code.0,
                error_message: said.message,
                resource_type,
                resource_name,
            }
        });
        Ok(AlterConfigsResponse { throttle_time_ms: 0, responses: responses.collect() }.into())
    }
}

fn understood(resource: AlterConfigsResource) -> Asked {
    let AlterConfigsResource { resource_type, resource_name: name, configs } = resource;
    let keys = configs.iter().map(|config| config.name.clone()).collect();
    let nulls = configs.iter().filter(|config| config.value.is_none());
    let nulls = nulls.map(|config| config.name.clone()).collect();
    let pairs = configs.into_iter().map(|config| (config.name, config.value.unwrap_or_default()));
    let changes = Ok(ConfigChanges::All(pairs.collect()));
    Asked { resource_type, name, keys, nulls, changes }
}
