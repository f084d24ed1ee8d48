//! `kafka-log-dirs`.

use net_client::LogDir;
use net_client::{Admin, Client, Code};
use serde_json::Value;

use super::chosen;
use super::options::{Given, Spec, Takes};
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::output::Out;

pub(super) const SPECS: &[Spec] = &[
    ("broker-list", Takes::Value, "only these brokers: 0,1"),
    ("describe", Takes::Nothing, "describe the directories; needed"),
    ("topic-list", Takes::Value, "only these topics: orders,audit"),
];

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    if !given.has("describe") {
        return Err(Failure::usage("Missing required argument \"[describe]\""));
    }
    let list = |name: &str| -> Vec<String> {
        let words = given.one(name).unwrap_or_default().split(',');
        words.map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect()
    };
    let topics = list("topic-list");
    let brokers: Result<Vec<i32>, _> = list("broker-list").iter().map(|id| id.parse()).collect();
    let brokers = brokers.map_err(|_| Failure::usage("--broker-list takes numbers: 0,1"))?;
    with_chosen(chosen(given, &[], false)?, |client, _| async move {
        describe(&client, &topics, &brokers).await
    })
}

async fn describe(client: &Client, topics: &[String], only: &[i32]) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let there: Vec<i32> =
        admin.describe_cluster().await?.nodes.iter().map(|node| node.id).collect();
    let missing: Vec<i32> = only.iter().copied().filter(|node| !there.contains(node)).collect();
    let listed =
        |nodes: &[i32]| nodes.iter().map(ToString::to_string).collect::<Vec<String>>().join(",");
    if !missing.is_empty() {
        return Err(Failure::failed(format!(
            "ERROR: The given brokers do not exist from --broker-list: {}. Current existent \
             brokers: {}",
            listed(&missing),
            listed(&there)
        )));
    }
    let nodes = if only.is_empty() { there } else { only.to_vec() };
    let mut out = Out::new();
    out.line("Querying brokers for log directories information")?;
    let mut brokers = Vec::new();
    for node in &nodes {
        client.metadata(Some(&[]), false).await?;
        let mut dirs = admin.log_dirs(*node, None).await?;
        for dir in &mut dirs {
            dir.replicas.retain(|r| topics.is_empty() || topics.contains(&r.place.topic));
        }
        let dirs: Vec<String> = dirs.iter().map(dir_json).collect();
        brokers.push(format!("{{\"broker\":{node},\"logDirs\":[{}]}}", dirs.join(",")));
    }
    out.line(&format!("Received log directory information from brokers {}", listed(&nodes)))?;
    out.line(&format!("{{\"brokers\":[{}],\"version\":1}}", brokers.join(",")))?;
    out.flush()
}

/// The fields in the original's order.
fn dir_json(dir: &LogDir) -> String {
    let text = |text: &str| Value::String(text.into()).to_string();
    let replicas: Vec<String> = dir
        .replicas
        .iter()
        .map(|r| {
            let name = format!("{}-{}", r.place.topic, r.place.partition);
            format!(
                "{{\"partition\":{},\"size\":{},\"offsetLag\":{},\"isFuture\":{}}}",
                text(&name),
                r.bytes,
                r.lag,
                r.future
            )
        })
        .collect();
    let error = dir.error.and_then(Code::name).map_or("null".into(), text);
    let (replicas, path) = (replicas.join(","), text(&dir.path));
    format!("{{\"partitions\":[{replicas}],\"error\":{error},\"logDir\":{path}}}")
}
