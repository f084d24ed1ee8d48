//! ListConfigResources: what configs can be set on. Topics and nodes are there by themselves;
//! groups and subscriptions to clients' metrics once something is set on them.
//!
//! Kept true: version 0 knows subscriptions to clients' metrics alone; no types are all types.

use std::collections::BTreeSet;

use net_wire::List;
use net_wire::messages::list_config_resources::{
    ConfigResource, ListConfigResourcesRequest, ListConfigResourcesResponse,
};
use replication_shard::{ConfigTarget, Image};

use crate::acl::{self, Acl, Operation};
use crate::handle::configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::handle::{AnswerTo, Ask, Handler, Pace};
use crate::refusal::Code;

/// In the order in which they are answered, which is Kafka's.
const ALL: [i8; 5] = [GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC];

/// Types are told from this version on.
const TYPES_FROM: i16 = 1;

/// About what a resource takes in an answer, beside its name.
const RESOURCE_BYTES: usize = 64;

/// Handles ListConfigResources.
pub(crate) struct ListConfigResources;

impl Handler for ListConfigResources {
    type Request = ListConfigResourcesRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::DescribeConfigs)];

    fn memory(ask: &Ask<ListConfigResourcesRequest>) -> usize {
        let image = ask.node().image();
        let topics = image.topics().map(|topic| topic.name.len() + RESOURCE_BYTES).sum::<usize>();
        1024 + topics + image.configs.targets().count() * 2 * RESOURCE_BYTES
    }

    async fn answer(ask: Ask<ListConfigResourcesRequest>) -> AnswerTo<ListConfigResourcesRequest> {
        let asked: BTreeSet<i8> = ask.request.resource_types.iter().copied().collect();
        let mut response = ListConfigResourcesResponse::default();
        if !asked.iter().all(|kind| ALL.contains(kind)) {
            response.error_code = Code::UNSUPPORTED_VERSION.0;
            return Ok(response.into());
        }
        let is_wanted = |kind: &i8| match ask.header.api_version {
            ..TYPES_FROM => *kind == CLIENT_METRICS,
            _ => asked.is_empty() || asked.contains(kind),
        };
        let image = ask.node().image();
        let mut pace = Pace::default();
        let mut resources = List::new();
        for resource_type in ALL.into_iter().filter(is_wanted) {
            for resource_name in names(&image, resource_type) {
                pace.step(&ask.server.core).await;
                resources.push(ConfigResource { resource_name, resource_type });
            }
        }
        response.config_resources = resources;
        Ok(response.into())
    }
}

fn names(image: &Image, resource_type: i8) -> Vec<String> {
    let targets = image.configs.targets().map(|(target, _)| target);
    match resource_type {
        TOPIC => image.topics().map(|topic| topic.name.clone()).collect(),
        BROKER | BROKER_LOGGER => image.nodes.keys().map(|node| node.0.to_string()).collect(),
        CLIENT_METRICS => targets
            .filter_map(|target| match target {
                ConfigTarget::ClientMetrics(name) => Some(name.clone()),
                ConfigTarget::Cluster | ConfigTarget::Node(_) | ConfigTarget::Group(_) => None,
            })
            .collect(),
        _ => targets
            .filter_map(|target| match target {
                ConfigTarget::Group(group) => Some(group.clone()),
                ConfigTarget::Cluster | ConfigTarget::Node(_) | ConfigTarget::ClientMetrics(_) => {
                    None
                }
            })
            .collect(),
    }
}
