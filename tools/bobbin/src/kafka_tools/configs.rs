//! `kafka-configs`, for topics, brokers, groups and client metrics; users, clients and ips are in
//! `quotas`. Kept true: several changes of one command are done together or not at all.

use std::path::Path;

use net_client::Config;
use net_client::{Admin, Client, ConfigChange, ConfigOf};

use super::options::{Given, Only, Spec, Takes};
use super::{chosen, quotas, read_properties, said};
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::files;
use crate::output::Out;

pub(super) const SPECS: &[Spec] = &[
    ("add-config", Takes::Value, "k1=v1,k2=[v1,v2]: values to set"),
    ("add-config-file", Takes::Value, "a properties file with values to set"),
    ("all", Takes::Nothing, "describe: defaults too"),
    ("alter", Takes::Nothing, "change configs"),
    ("bootstrap-controller", Takes::Value, "refused: brokers are asked, with --bootstrap-server"),
    ("broker", Takes::Value, "the broker's id"),
    ("broker-defaults", Takes::Nothing, "what holds for all brokers"),
    ("broker-logger", Takes::Value, "refused: levels of single loggers are not dealt with"),
    ("client", Takes::Value, "the client's id"),
    ("client-defaults", Takes::Nothing, "what holds for all clients"),
    ("client-metrics", Takes::Value, "the subscription to clients' metrics"),
    ("delete-config", Takes::Value, "k1,k2: configs that get their defaults again"),
    ("describe", Takes::Nothing, "show configs"),
    ("entity-default", Takes::Nothing, "what holds for all of the type"),
    ("entity-name", Takes::Value, "the topic, broker, group, client-metrics, user, client or ip"),
    ("entity-type", Takes::Value, "topics, brokers, groups, client-metrics, users, clients or ips"),
    ("group", Takes::Value, "the group"),
    ("ip", Takes::Value, "the address"),
    ("ip-defaults", Takes::Nothing, "what holds for all addresses"),
    ("topic", Takes::Value, "the topic"),
    ("user", Takes::Value, "the user"),
    ("user-defaults", Takes::Nothing, "what holds for all users"),
];

/// What goes with which action, as in the original.
const ONLY: &[Only] =
    &[("add-config", &["alter"]), ("add-config-file", &["alter"]), ("delete-config", &["alter"])];

/// Where values come from, in DescribeConfigs' numbers and Java's words.
const SOURCES: [(i8, &str); 8] = [
    (1, "DYNAMIC_TOPIC_CONFIG"),
    (2, "DYNAMIC_BROKER_CONFIG"),
    (3, "DYNAMIC_DEFAULT_BROKER_CONFIG"),
    (4, "STATIC_BROKER_CONFIG"),
    (5, "DEFAULT_CONFIG"),
    (6, "DYNAMIC_BROKER_LOGGER_CONFIG"),
    (7, "DYNAMIC_CLIENT_METRICS_CONFIG"),
    (8, "GROUP_CONFIG"),
];

/// Whose configs: the type, and the name if there is one; the empty name is the default.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entity {
    of: ConfigOf,
    name: Option<String>,
}

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    refuse(given)?;
    let is_named = ["entity-name", "entity-default"].iter().any(|name| given.has(name));
    if is_named && !given.has("entity-type") {
        let what = "At least one entity type must be specified: --entity-name and --entity-default \
                    go with --entity-type";
        return Err(Failure::usage(what));
    }
    let action = given.action(&["describe", "alter"])?;
    given.goes_with(action, ONLY)?;
    if let Some(parts) = quotas::parts(given)? {
        if action == "describe" {
            return with_chosen(chosen(given, &[], false)?, |client, _| async move {
                quotas::describe(&client, &parts).await
            });
        }
        let changes = changes(given)?;
        return with_chosen(chosen(given, &[], false)?, |client, _| async move {
            quotas::alter(&client, &parts, &changes).await
        });
    }
    let entity = entity(given)?;
    let all = given.has("all");
    if action == "describe" {
        return with_chosen(chosen(given, &[], false)?, |client, _| async move {
            describe(&client, &entity, all).await
        });
    }
    let changes = changes(given)?;
    with_chosen(chosen(given, &[], false)?, |client, _| async move {
        alter(&client, &entity, &changes).await
    })
}

/// What Kafka's tool does and this one does not.
fn refuse(given: &Given) -> Result<(), Failure> {
    if given.has("bootstrap-controller") {
        return Err(Failure::usage("--bootstrap-controller: only brokers are asked")
            .next("give --bootstrap-server; a broker hands on what is its controller's"));
    }
    if given.has("broker-logger") || given.all("entity-type").contains(&"broker-loggers") {
        return Err(Failure::usage("broker-loggers: levels of single loggers are not dealt with")
            .next("a Bobbin node's level is chosen at its start: bobbin start --log LEVEL"));
    }
    Ok(())
}

fn entity(given: &Given) -> Result<Entity, Failure> {
    let mut found = Vec::new();
    for (flag, of) in [
        ("topic", ConfigOf::Topic),
        ("broker", ConfigOf::Node),
        ("group", ConfigOf::Group),
        ("client-metrics", ConfigOf::ClientMetrics),
    ] {
        if let Some(name) = given.one(flag) {
            found.push(Entity { of, name: Some(name.to_string()) });
        }
    }
    if given.has("broker-defaults") {
        found.push(Entity { of: ConfigOf::Node, name: Some(String::new()) });
    }
    if let Some(kind) = given.one("entity-type") {
        let of = match kind {
            "topics" => ConfigOf::Topic,
            "brokers" => ConfigOf::Node,
            "groups" => ConfigOf::Group,
            "client-metrics" => ConfigOf::ClientMetrics,
            other => {
                return Err(Failure::usage(format!(
                    "Invalid entity type {other}, the entity type must be one of topics, clients, \
                     users, brokers, ips, client-metrics, groups"
                )));
            }
        };
        let name = match given.has("entity-default") {
            true => Some(String::new()),
            false => given.one("entity-name").map(String::from),
        };
        found.push(Entity { of, name });
    }
    match &found[..] {
        [entity] => Ok(entity.clone()),
        [] => Err(Failure::usage("At least one entity type must be specified")),
        _ => Err(Failure::usage("Exactly one entity type must be specified")),
    }
}

fn changes(given: &Given) -> Result<Vec<(String, ConfigChange)>, Failure> {
    let mut changes = Vec::new();
    if let Some(path) = given.one("add-config-file") {
        if given.has("add-config") {
            let what = "Only one of --add-config or --add-config-file must be specified.";
            return Err(Failure::usage(what));
        }
        let pairs = read_properties(&files::read_config(Path::new(path))?);
        changes.extend(pairs.into_iter().map(|(name, value)| (name, ConfigChange::Set(value))));
    }
    for text in given.all("add-config") {
        for pair in split(text) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Failure::usage(
                    "Invalid entity config: all configs to be added must be in the format \
                     \"key=val\".",
                ));
            };
            let value = value.trim();
            let inner = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
            let value = inner.unwrap_or(value).to_string();
            changes.push((name.trim().to_string(), ConfigChange::Set(value)));
        }
    }
    for text in given.all("delete-config") {
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            changes.push((name.to_string(), ConfigChange::Delete));
        }
    }
    if changes.is_empty() {
        let what = "At least one of --add-config, --add-config-file, or --delete-config must be \
                    specified with --alter";
        return Err(Failure::usage(what));
    }
    Ok(changes)
}

/// Cuts at commas that are not between brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// The type in one word.
fn word(of: ConfigOf) -> &'static str {
    match of {
        ConfigOf::Topic => "topic",
        ConfigOf::Node => "broker",
        ConfigOf::Group => "group",
        ConfigOf::ClientMetrics => "client-metric",
    }
}

async fn alter(
    client: &Client,
    entity: &Entity,
    changes: &[(String, ConfigChange)],
) -> Result<(), Failure> {
    let Some(name) = &entity.name else {
        return Err(Failure::usage(
            "An entity name must be specified with --alter: --entity-name or --entity-default",
        ));
    };
    let done = Admin::new(client).alter_configs(entity.of, name, changes, false).await;
    done.map_err(|error| {
        Failure::failed(format!("Error while executing config command: {}", said(&error)))
    })?;
    let mut out = Out::new();
    out.line(&match (entity.of, name.as_str()) {
        (ConfigOf::Node, "") => {
            "Completed updating default config for brokers in the cluster.".into()
        }
        (of, name) => format!("Completed updating config for {} {name}.", word(of)),
    })?;
    out.flush()
}

async fn describe(client: &Client, entity: &Entity, all: bool) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let names = match (&entity.name, entity.of) {
        (Some(name), _) => vec![name.clone()],
        (None, ConfigOf::Topic) => {
            admin.list_topics().await?.into_iter().map(|topic| topic.name).collect()
        }
        (None, ConfigOf::Node) => {
            let nodes = admin.describe_cluster().await?.nodes;
            nodes.iter().map(|node| node.id.to_string()).chain([String::new()]).collect()
        }
        (None, ConfigOf::Group) => {
            let groups = net_client::Groups::new(client).list(&[], &[]).await?;
            groups.into_iter().map(|group| group.id).collect()
        }
        (None, ConfigOf::ClientMetrics) => admin.config_resources(entity.of).await?,
    };
    let mut out = Out::new();
    for name in names {
        let mut configs = admin.describe_configs(entity.of, &name).await?;
        configs.sort_by(|a, b| a.name.cmp(&b.name));
        let dynamic = if all { "All" } else { "Dynamic" };
        out.line(&match (entity.of, name.as_str()) {
            (ConfigOf::Node, "") => "Default configs for brokers in the cluster are:".into(),
            (of, name) => format!("{dynamic} configs for {} {name} are:", word(of)),
        })?;
        for config in configs.iter().filter(|c| all || c.source == own(entity.of, &name)) {
            out.line(&line(config))?;
        }
    }
    out.flush()
}

/// The source of what was set on the entity itself.
fn own(of: ConfigOf, name: &str) -> i8 {
    match of {
        ConfigOf::Topic => 1,
        ConfigOf::Node if name.is_empty() => 3,
        ConfigOf::Node => 2,
        ConfigOf::Group => 8,
        ConfigOf::ClientMetrics => 7,
    }
}

fn line(config: &Config) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".into());
    let synonyms: Vec<String> = config
        .synonyms
        .iter()
        .map(|(name, of, source)| {
            let source = SOURCES.iter().find(|(number, _)| number == source);
            format!("{}:{name}={}", source.map_or("UNKNOWN", |(_, name)| name), value(of))
        })
        .collect();
    format!(
        "  {}={} sensitive={} synonyms={{{}}}",
        config.name,
        value(&config.value),
        config.sensitive,
        synonyms.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(line: &str) -> Given {
        let words: Vec<String> = line.split(' ').map(String::from).collect();
        Given::read(SPECS, &words).expect("options")
    }

    #[test]
    fn lists_stand_in_brackets() {
        let changes = changes(&given("--add-config a=1,b=[x,y],c= --delete-config d,e"));
        let set = |name: &str, value: &str| (name.to_string(), ConfigChange::Set(value.into()));
        assert_eq!(
            changes.expect("changes"),
            [
                set("a", "1"),
                set("b", "x,y"),
                set("c", ""),
                ("d".into(), ConfigChange::Delete),
                ("e".into(), ConfigChange::Delete),
            ]
        );
    }

    #[test]
    fn entities_in_both_ways() {
        let of = |line: &str| entity(&given(line)).ok().map(|e| (e.of, e.name));
        let topic = Some((ConfigOf::Topic, Some("t".to_string())));
        assert_eq!(of("--entity-type topics --entity-name t"), topic);
        assert_eq!(of("--topic t"), topic);
        assert_eq!(of("--broker-defaults"), Some((ConfigOf::Node, Some(String::new()))));
        assert_eq!(of("--entity-type brokers"), Some((ConfigOf::Node, None)));
        assert_eq!(of("--topic t --group g"), None);
        let metrics = Some((ConfigOf::ClientMetrics, Some("m".to_string())));
        assert_eq!(of("--client-metrics m"), metrics);
        assert_eq!(of("--entity-type broker-loggers"), None);
    }
}
