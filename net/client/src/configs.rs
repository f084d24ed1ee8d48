//! Configs of topics, nodes and groups: seen and changed. Kept true: the changes of one call are
//! done together or not at all.

use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};

use net_wire::messages::list_config_resources::ListConfigResourcesRequest;

use crate::admin::Admin;
use crate::client::unknown_topic;
use crate::code::Code;
use crate::connection::Connection;
use crate::coordinator::unsaid;
use crate::error::ClientError;

/// A config of a topic or a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its key.
    pub name: String,
    /// Its value; none where it is secret or null.
    pub value: Option<String>,
    /// Where the value comes from, as DescribeConfigs numbers it: 1 is the topic itself, 5 the
    /// default.
    pub source: i8,
    /// Whether it is secret: its value is not told.
    pub sensitive: bool,
    /// Whether it cannot be changed while the broker runs.
    pub read_only: bool,
    /// Where the value could come from, nearest first: name, value and source.
    pub synonyms: Vec<(String, Option<String>, i8)>,
}

/// Whose configs are asked for, as DescribeConfigs numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOf {
    /// A topic, by name.
    Topic = 2,
    /// A node, by id; all nodes' default by the empty name.
    Node = 4,
    /// A subscription to clients' metrics, by name.
    ClientMetrics = 16,
    /// A group, by id.
    Group = 32,
}

/// A change of one config, as IncrementalAlterConfigs numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// Gives it this value.
    Set(String),
    /// Gives it the default again.
    Delete,
    /// Adds to a list.
    Append(String),
    /// Takes from a list.
    Subtract(String),
}

impl Admin {
    /// The configs of a topic or a node.
    pub async fn describe_configs(
        &self,
        of: ConfigOf,
        name: &str,
    ) -> Result<Vec<Config>, ClientError> {
        let request = DescribeConfigsRequest {
            resources: [DescribeConfigsResource {
                resource_type: of as i8,
                resource_name: name.to_string(),
                configuration_keys: None,
            }]
            .into(),
            include_synonyms: true,
            include_documentation: false,
        };
        let answer = self.of_node(of, name).await?.call(&request).await?.response;
        let Some(result) = answer.results.first() else {
            return Err(unsaid("DescribeConfigs", name));
        };
        if result.error_code != 0 {
            let (code, message) = (Code(result.error_code), result.error_message.as_deref());
            if of == ConfigOf::Topic && code == Code::UNKNOWN_TOPIC_OR_PARTITION {
                return Err(unknown_topic(name, code));
            }
            return Err(ClientError::refused(code, name, message));
        }
        let config = |c: &net_wire::messages::describe_configs::DescribeConfigsResourceResult| {
            let synonyms = c.synonyms.iter();
            Config {
                name: c.name.clone(),
                value: c.value.clone(),
                source: c.config_source,
                sensitive: c.is_sensitive,
                read_only: c.read_only,
                synonyms: synonyms.map(|s| (s.name.clone(), s.value.clone(), s.source)).collect(),
            }
        };
        Ok(result.configs.iter().map(config).collect())
    }

    /// The names of what configs of this kind can be set on.
    pub async fn config_resources(&self, of: ConfigOf) -> Result<Vec<String>, ClientError> {
        let request = ListConfigResourcesRequest { resource_types: [of as i8].into() };
        let answer = self.client.any().await?.call(&request).await?.response;
        if answer.error_code != 0 {
            return Err(ClientError::refused(Code(answer.error_code), "config resources", None));
        }
        Ok(answer.config_resources.into_iter().map(|resource| resource.resource_name).collect())
    }

    /// Changes configs of one topic, node or group, all or none; or only asks whether it could be
    /// done.
    pub async fn alter_configs(
        &self,
        of: ConfigOf,
        name: &str,
        changes: &[(String, ConfigChange)],
        validate_only: bool,
    ) -> Result<(), ClientError> {
        let config = |(name, change): &(String, ConfigChange)| {
            let (config_operation, value) = match change {
                ConfigChange::Set(value) => (0, Some(value)),
                ConfigChange::Delete => (1, None),
                ConfigChange::Append(value) => (2, Some(value)),
                ConfigChange::Subtract(value) => (3, Some(value)),
            };
            AlterableConfig { name: name.clone(), config_operation, value: value.cloned() }
        };
        let request = IncrementalAlterConfigsRequest {
            resources: [AlterConfigsResource {
                resource_type: of as i8,
                resource_name: name.to_string(),
                configs: changes.iter().map(config).collect(),
            }]
            .into(),
            validate_only,
        };
        let answer = self.of_node(of, name).await?.call(&request).await?.response;
        match answer.responses.first() {
            None => Err(unsaid("IncrementalAlterConfigs", name)),
            Some(done) if done.error_code == 0 => Ok(()),
            Some(done) => {
                let code = Code(done.error_code);
                let message = done.error_message.as_deref();
                if of == ConfigOf::Topic && code == Code::UNKNOWN_TOPIC_OR_PARTITION {
                    return Err(unknown_topic(name, code));
                }
                Err(ClientError::refused(code, name, message))
            }
        }
    }

    /// Who answers for the configs: a node for its own, anybody for the rest.
    async fn of_node(&self, of: ConfigOf, name: &str) -> Result<Connection, ClientError> {
        match (of, name.parse::<i32>()) {
            (ConfigOf::Node, Ok(node)) => {
                self.client.metadata(Some(&[]), false).await?;
                self.client.broker(node).await
            }
            _ => self.client.any().await,
        }
    }
}
