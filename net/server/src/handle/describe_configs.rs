//! DescribeConfigs: every key of a topic, a node, a group or a subscription to clients' metrics,
//! with its source, synonyms and meaning.
//!
//! Kept true: no value is null unless it is a secret or Kafka's own default is null; keys come in
//! the order of their names.

use std::collections::BTreeSet;

use engine_base::Refusal;
use engine_base::settings::{Described, broker_keys, client_metrics_keys, group_keys, topic_keys};
use net_wire::List;
use net_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};
use replication_shard::refuse_name;

use crate::acl::{self, Acl, Operation};
use crate::handle::configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::handle::{AnswerTo, Ask, Handler, bounded, configs};
use crate::refusal::{code, words};

/// About what a key takes in an answer: alone, its synonyms, its documentation.
const KEY_BYTES: usize = 200;
const SYNONYMS_BYTES: usize = 150;
const DOCUMENTATION_BYTES: usize = 150;

/// Handles DescribeConfigs.
pub(crate) struct DescribeConfigs;

impl Handler for DescribeConfigs {
    type Request = DescribeConfigsRequest;

    const ACLS: &'static [Acl] = &[
        acl::topic(Operation::DescribeConfigs),
        acl::group(Operation::DescribeConfigs),
        acl::cluster(Operation::DescribeConfigs),
    ];

    fn memory(ask: &Ask<DescribeConfigsRequest>) -> usize {
        let DescribeConfigsRequest { resources, include_synonyms, include_documentation } =
            &ask.request;
        let key_bytes = KEY_BYTES
            + if *include_synonyms { SYNONYMS_BYTES } else { 0 }
            + if *include_documentation { DOCUMENTATION_BYTES } else { 0 };
        let keys = resources.iter().map(|resource| match resource.resource_type {
            TOPIC => topic_keys().len(),
            BROKER => broker_keys().len(),
            GROUP => group_keys().len(),
            CLIENT_METRICS => client_metrics_keys().len(),
            _ => 1,
        });
        keys.sum::<usize>() * key_bytes
    }

    async fn answer(ask: Ask<DescribeConfigsRequest>) -> AnswerTo<DescribeConfigsRequest> {
        bounded(&ask.server, "DescribeConfigs", ask.request.resources.len())?;
        let mut results = List::new();
        for resource in &ask.request.resources {
            results.push(match rows(&ask, resource) {
                Ok(rows) => described(&ask.request, resource, rows),
                Err(refusal) => DescribeConfigsResult {
                    error_code: code(&refusal).0,
                    error_message: Some(words(&refusal)),
                    resource_type: resource.resource_type,
                    resource_name: resource.resource_name.clone(),
                    configs: List::new(),
                },
            });
            ask.server.core.yield_now().await;
        }
        Ok(DescribeConfigsResponse { throttle_time_ms: 0, results }.into())
    }
}

fn rows(
    ask: &Ask<DescribeConfigsRequest>,
    resource: &DescribeConfigsResource,
) -> Result<Vec<Described>, Refusal> {
    let name = &*resource.resource_name;
    match resource.resource_type {
        TOPIC => {
            if let Some(why) = refuse_name(name) {
                return Err(Refusal::InvalidTopic(why));
            }
            let image = ask.node().image();
            let topic = image.topic(name).ok_or(Refusal::UnknownTopicOrPartition)?;
            Ok(configs::of_topic(&ask.server, &topic.configs))
        }
        // The empty name asks for what is set on all nodes while they run.
        BROKER if name.is_empty() => Ok(ask.node().broker().describe_cluster()),
        BROKER => {
            let this = ask.node().options().node_id;
            match name.parse::<i32>() {
                Ok(id) if id == this.0 => Ok(configs::of_node(&ask.server)),
                Ok(id) => Err(Refusal::InvalidRequest(format!(
                    "Unexpected broker id, expected {this} or empty string, but received {id}"
                ))),
                Err(_) => Err(Refusal::InvalidRequest(format!(
                    "Broker id must be an integer, but it is: {name}"
                ))),
            }
        }
        BROKER_LOGGER if name.is_empty() => {
            Err(Refusal::InvalidRequest("Broker id must not be empty".into()))
        }
        BROKER_LOGGER => {
            let this = ask.node().options().node_id;
            let expected = format!("Unexpected broker id, expected {this} but received {name}");
            configs::this_node(&ask.server, name, expected)?;
            // There are no loggers whose levels could be told.
            Ok(Vec::new())
        }
        CLIENT_METRICS if name.is_empty() => {
            let why = "Client metrics subscription name must not be empty";
            Err(Refusal::InvalidRequest(why.into()))
        }
        CLIENT_METRICS => Ok(configs::of_client_metrics(&ask.server, name)),
        GROUP if name.is_empty() => {
            Err(Refusal::InvalidRequest("Group name must not be empty".into()))
        }
        GROUP => Ok(configs::of_group(&ask.server, name)),
        other => Err(Refusal::InvalidRequest(format!("Unsupported resource type: {other}"))),
    }
}

fn described(
    request: &DescribeConfigsRequest,
    resource: &DescribeConfigsResource,
    rows: Vec<Described>,
) -> DescribeConfigsResult {
    // No keys are all keys, as for Kafka.
    let wanted = resource.configuration_keys.as_ref().filter(|keys| !keys.is_empty());
    let wanted = wanted.map(|keys| keys.iter().map(String::as_str).collect::<BTreeSet<&str>>());
    let is_wanted =
        |row: &Described| wanted.as_ref().is_none_or(|keys| keys.contains(row.key.name));
    let configs = rows.into_iter().filter(is_wanted).map(|row| row_of(request, row));
    DescribeConfigsResult {
        error_message: Some(String::new()),
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        configs: configs.collect(),
        ..Default::default()
    }
}

fn row_of(request: &DescribeConfigsRequest, row: Described) -> DescribeConfigsResourceResult {
    let synonyms = match request.include_synonyms {
        true => row
            .synonyms
            .into_iter()
            .map(|synonym| DescribeConfigsSynonym {
                name: synonym.name.to_owned(),
                value: synonym.value,
                source: synonym.source.id(),
            })
            .collect(),
        false => List::new(),
    };
    DescribeConfigsResourceResult {
        name: row.key.name.to_owned(),
        value: row.value,
        read_only: row.key.read_only,
        config_source: row.source.id(),
        is_sensitive: row.key.sensitive,
        synonyms,
        config_type: row.key.kind.id(),
        documentation: request.include_documentation.then(|| row.key.documentation.to_owned()),
    }
}
