//! What is configured, as DescribeConfigs and CreateTopics tell it.
//!
//! Kept true: every key of the table that is not hidden has a row; a secret never has a value.

use std::collections::BTreeMap;
use std::path::PathBuf;

use engine_base::Refusal;
use engine_base::settings::{
    Described, Source, Synonym, describe_client_metrics, describe_group, describe_topic,
};
use replication_shard::{ConfigTarget, Endpoint};

use crate::serve::Server;

/// Kafka's resource types.
pub(crate) const TOPIC: i8 = 2;
/// A node, or all nodes.
pub(crate) const BROKER: i8 = 4;
/// The loggers of a node.
pub(crate) const BROKER_LOGGER: i8 = 8;
/// A subscription to clients' metrics.
pub(crate) const CLIENT_METRICS: i8 = 16;
/// A group.
pub(crate) const GROUP: i8 = 32;

/// Whether a resource's name is this node's; `expected` is what is said of another node's.
pub(crate) fn this_node(server: &Server, name: &str, expected: String) -> Result<(), Refusal> {
    match name.parse::<i32>() {
        Ok(id) if id == server.node.options().node_id.0 => Ok(()),
        Ok(_) => Err(Refusal::InvalidRequest(expected)),
        Err(_) => {
            let why = format!("Node id must be an integer, but it is: {name}");
            Err(Refusal::InvalidRequest(why))
        }
    }
}

/// A row for each key of a group, which need not be there.
pub(crate) fn of_group(server: &Server, group: &str) -> Vec<Described> {
    let image = server.node.image();
    describe_group(image.configs.of_group(group), &image.broker)
}

/// A row for each key of a subscription to clients' metrics, which need not be there.
pub(crate) fn of_client_metrics(server: &Server, name: &str) -> Vec<Described> {
    let target = ConfigTarget::ClientMetrics(name.to_owned());
    describe_client_metrics(server.node.image().configs.of(&target))
}

/// A row for each key of a topic with these overrides.
pub(crate) fn of_topic(server: &Server, overrides: &BTreeMap<String, String>) -> Vec<Described> {
    describe_topic(overrides, &server.node.broker())
}

/// A row for each key of this node. What the start decided is told as it runs, not as it was asked
/// for: its number, its addresses, its directories. Sources and synonyms are those of a Kafka 4.3.1
/// node.
pub(crate) fn of_node(server: &Server) -> Vec<Described> {
    let options = server.node.options();
    let mut rows = server.node.broker().describe();
    for row in &mut rows {
        match row.key.name {
            "broker.id" => run_with(row, options.node_id.to_string()),
            "node.id" => run_with_given(row, options.node_id.to_string()),
            "process.roles" => {
                let roles = row.value.clone().unwrap_or_default();
                run_with_given(row, roles);
            }
            "listeners" => run_with(row, addresses(&server.node.listening())),
            "advertised.listeners" => run_with(row, addresses(&options.endpoints)),
            "log.dirs" => run_with(row, directories(&options.data_dirs)),
            "log.dir" if row.value.is_none() => stands_for(row, &options.data_dirs[..1]),
            _ => {}
        }
    }
    rows
}

/// The node runs with this value, whatever it was told.
fn run_with(row: &mut Described, value: String) {
    row.synonyms.retain(|synonym| synonym.source == Source::Default);
    let (name, source) = (row.key.name, Source::StaticBroker);
    row.synonyms.insert(0, Synonym { name, value: Some(value.clone()), source });
    row.value = Some(value);
    row.source = source;
}

/// Nobody set it; Kafka's has a default that is not null, and tools read it.
fn stands_for(row: &mut Described, dirs: &[PathBuf]) {
    let value = Some(directories(dirs));
    row.synonyms = vec![Synonym { name: row.key.name, value: value.clone(), source: row.source }];
    row.value = value;
}

/// As data directories are written.
fn directories(dirs: &[PathBuf]) -> String {
    dirs.iter().map(|dir| dir.display().to_string()).collect::<Vec<String>>().join(",")
}

/// The same for what a Kafka node must be given: it has no default.
fn run_with_given(row: &mut Described, value: String) {
    run_with(row, value);
    row.synonyms.retain(|synonym| synonym.source != Source::Default);
}

/// As listeners are written.
fn addresses(endpoints: &[Endpoint]) -> String {
    let written =
        endpoints.iter().map(|Endpoint { listener, host, port }| match host.contains(':') {
            true => format!("{listener}://[{host}]:{port}"),
            false => format!("{listener}://{host}:{port}"),
        });
    written.collect::<Vec<String>>().join(",")
}
