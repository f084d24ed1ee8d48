//! `kafka-topics`.

use net_client::Config;
use net_client::admin::TopicInfo;
use net_client::{Admin, Client, ConfigOf, NewTopic};
use net_wire::Message;
use net_wire::messages::describe_topic_partitions::DescribeTopicPartitionsRequest;

use super::filter::Filter;
use super::options::{Given, Only, Spec, Takes};
use super::{chosen, said};
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::output::{Out, note};

pub(super) const SPECS: &[Spec] = &[
    ("alter", Takes::Nothing, "give a topic more partitions"),
    ("at-min-isr-partitions", Takes::Nothing, "describe: only partitions with just enough in sync"),
    ("config", Takes::Value, "create: a config, name=value; may be repeated"),
    ("create", Takes::Nothing, "create a topic"),
    ("delete", Takes::Nothing, "delete topics"),
    ("delete-config", Takes::Value, "taken and without effect: kafka-configs deletes configs"),
    ("describe", Takes::Nothing, "show topics"),
    ("exclude-internal", Takes::Nothing, "list and describe: no internal topics"),
    ("if-exists", Takes::Nothing, "a topic that is not there is no error"),
    ("if-not-exists", Takes::Nothing, "create: a topic that is there is no error"),
    ("list", Takes::Nothing, "list topics"),
    ("partition-size-limit-per-response", Takes::Value, "describe: taken and without effect"),
    ("partitions", Takes::Value, "how many partitions"),
    ("replica-assignment", Takes::Value, "create: nodes of each partition, 0:1,1:0"),
    ("replication-factor", Takes::Value, "create: replicas of each partition"),
    ("topic", Takes::Value, "the topic; a regular expression except for create"),
    ("topic-id", Takes::Value, "describe: the topic with this id"),
    ("topics-with-overrides", Takes::Nothing, "describe: only topics with configs of their own"),
    ("unavailable-partitions", Takes::Nothing, "describe: only partitions without leader"),
    ("under-min-isr-partitions", Takes::Nothing, "describe: only partitions with too few in sync"),
    ("under-replicated-partitions", Takes::Nothing, "describe: only partitions behind"),
];

/// What goes with which action, as in the original.
const ONLY: &[Only] = &[
    ("config", &["create"]),
    ("partitions", &["create", "alter"]),
    ("replication-factor", &["create"]),
    ("replica-assignment", &["create"]),
    ("if-exists", &["alter", "delete", "describe"]),
    ("if-not-exists", &["create"]),
    ("exclude-internal", &["list", "describe"]),
    ("topics-with-overrides", &["describe"]),
    ("under-replicated-partitions", &["describe"]),
    ("unavailable-partitions", &["describe"]),
    ("under-min-isr-partitions", &["describe"]),
    ("at-min-isr-partitions", &["describe"]),
    ("topic-id", &["describe"]),
];
const NOT_BOTH: &[(&str, &str)] = &[
    ("replica-assignment", "partitions"),
    ("replica-assignment", "replication-factor"),
    ("under-replicated-partitions", "topics-with-overrides"),
    ("unavailable-partitions", "topics-with-overrides"),
    ("under-min-isr-partitions", "topics-with-overrides"),
    ("at-min-isr-partitions", "topics-with-overrides"),
];

/// DescribeConfigs' numbers of what a topic set itself, and of defaults.
const OF_TOPIC: i8 = 1;
const OF_DEFAULT: i8 = 5;

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    let action = given.action(&["list", "describe", "create", "alter", "delete"])?;
    if matches!(action, "create" | "alter" | "delete") {
        given.required("topic")?;
    }
    given.goes_with(action, ONLY).map_err(|failure| match action {
        "alter" if given.has("config") => failure.next("kafka-configs --alter changes configs"),
        "alter" => failure.next("new partitions are placed where the cluster wants them"),
        _ => failure,
    })?;
    given.not_both(NOT_BOTH)?;
    if action == "alter" {
        given.required("partitions")?;
    }
    let chosen = chosen(given, &[], false)?;
    if given.has("delete-config") {
        note("WARN: --delete-config is without effect since 4.0: kafka-configs --alter does it");
    }
    if action == "create" {
        let topic = new_topic(given)?;
        let tolerant = given.has("if-not-exists");
        return with_chosen(
            chosen,
            |client, _| async move { create(&client, topic, tolerant).await },
        );
    }
    let name = given.one("topic");
    let wish = Wish {
        filter: Filter::of(name)?,
        name: name.map(String::from),
        id: given.one("topic-id").map(String::from),
        tolerant: given.has("if-exists"),
        internal: !given.has("exclude-internal"),
        overrides: given.has("topics-with-overrides"),
        behind: given.has("under-replicated-partitions"),
        leaderless: given.has("unavailable-partitions"),
        below_min: given.has("under-min-isr-partitions"),
        at_min: given.has("at-min-isr-partitions"),
        partitions: given.number("partitions")?,
    };
    with_chosen(chosen, |client, _| async move {
        let topics = wish.find(&client, action).await?;
        match action {
            "list" => list(&topics),
            "describe" => describe(&client, &wish, topics).await,
            "alter" => alter(&client, &wish, &topics).await,
            _ => delete(&client, &topics).await,
        }
    })
}

struct Wish {
    filter: Filter,
    name: Option<String>,
    id: Option<String>,
    tolerant: bool,
    internal: bool,
    overrides: bool,
    behind: bool,
    leaderless: bool,
    below_min: bool,
    at_min: bool,
    partitions: Option<i32>,
}

impl Wish {
    async fn find(&self, client: &Client, action: &str) -> Result<Vec<TopicInfo>, Failure> {
        let mut topics = Admin::new(client).list_topics().await?;
        topics.retain(|topic| match &self.id {
            Some(id) => topic.id.to_string() == *id,
            None => self.filter.allows(&topic.name) && (self.internal || !topic.internal),
        });
        let named = self.id.as_ref().or(self.name.as_ref());
        match named.filter(|_| topics.is_empty() && action != "list" && !self.tolerant) {
            Some(name) => Err(failed(&format!("Topic '{name}' does not exist as expected"))),
            None => Ok(topics),
        }
    }
}

/// As the original, the sentence goes to standard output too.
fn failed(why: &str) -> Failure {
    let what = format!("Error while executing topic command : {why}");
    let mut out = Out::new();
    match out.line(&what).and_then(|()| out.flush()) {
        Ok(()) => Failure::failed(what),
        Err(failure) => failure,
    }
}

fn new_topic(given: &Given) -> Result<NewTopic, Failure> {
    let mut configs = Vec::new();
    for text in given.all("config") {
        let pair = text.split_once('=').map(|(n, v)| (n.trim().to_string(), v.trim().to_string()));
        let wrong = || {
            Failure::usage(
                "requirement failed: Invalid topic config: all configs to \
                                       be added must be in the format \"key=val\".",
            )
        };
        configs.push(pair.ok_or_else(wrong)?);
    }
    let mut assignments: Vec<Vec<i32>> = Vec::new();
    if let Some(text) = given.one("replica-assignment") {
        for partition in text.split(',') {
            let nodes: Result<Vec<i32>, _> =
                partition.split(':').map(|node| node.trim().parse::<i32>()).collect();
            let wrong = |_| Failure::usage(format!("{text} is no replica assignment"));
            assignments.push(nodes.map_err(wrong)?);
        }
    }
    let partitions: Option<i32> = given.number("partitions")?;
    if partitions.is_some_and(|n| n < 1) {
        return Err(Failure::usage("The partitions must be greater than 0"));
    }
    Ok(NewTopic {
        name: given.required("topic")?.to_string(),
        partitions: partitions.filter(|_| assignments.is_empty()),
        replicas: given.number::<i16>("replication-factor")?.filter(|_| assignments.is_empty()),
        configs,
        assignments,
    })
}

async fn create(client: &Client, topic: NewTopic, tolerant: bool) -> Result<(), Failure> {
    let mut out = Out::new();
    if topic.name.contains(['.', '_']) {
        out.line(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or \
             underscore ('_') could collide. To avoid issues it is best to use either, but not \
             both.",
        )?;
    }
    let name = topic.name.clone();
    let answers = Admin::new(client).create_topics(&[topic], false).await?;
    match answers.into_iter().next() {
        Some(Err(error)) if error.what.ends_with("exists already") => {
            out.flush()?;
            if tolerant { Ok(()) } else { Err(failed(&format!("Topic '{name}' already exists."))) }
        }
        Some(Err(error)) => {
            out.flush()?;
            Err(failed(&said(&error)))
        }
        Some(Ok(_)) | None => {
            out.line(&format!("Created topic {name}."))?;
            out.flush()
        }
    }
}

fn list(topics: &[TopicInfo]) -> Result<(), Failure> {
    let mut out = Out::new();
    topics.iter().try_for_each(|topic| out.line(&topic.name))?;
    out.flush()
}

async fn alter(client: &Client, wish: &Wish, topics: &[TopicInfo]) -> Result<(), Failure> {
    let Some(partitions) = wish.partitions else {
        return Err(Failure::usage("Missing required argument \"[partitions]\""));
    };
    let wanted: Vec<(String, i32)> =
        topics.iter().map(|topic| (topic.name.clone(), partitions)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    for answer in Admin::new(client).create_partitions(&wanted, false).await? {
        answer.map_err(|error| failed(&said(&error)))?;
    }
    Ok(())
}

async fn delete(client: &Client, topics: &[TopicInfo]) -> Result<(), Failure> {
    let names: Vec<String> = topics.iter().map(|topic| topic.name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    for answer in Admin::new(client).delete_topics(&names).await? {
        answer.map_err(|error| failed(&said(&error)))?;
    }
    Ok(())
}

async fn describe(client: &Client, wish: &Wish, topics: Vec<TopicInfo>) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let asked = DescribeTopicPartitionsRequest::API;
    // Eligible leaders are told by brokers that have that API.
    let eligible = match client.any().await?.version_of(asked, i16::MAX) {
        Ok(_) => "Elr: \tLastKnownElr: ",
        Err(_) => "Elr: N/A\tLastKnownElr: N/A",
    };
    let only_some = wish.behind || wish.leaderless || wish.below_min || wish.at_min;
    let mut out = Out::new();
    for topic in topics {
        let configs = admin.describe_configs(ConfigOf::Topic, &topic.name).await?;
        if wish.overrides && !configs.iter().any(|c| c.source == OF_TOPIC) {
            continue;
        }
        if !only_some {
            out.line(&head(&topic, &configs))?;
        }
        if wish.overrides {
            continue;
        }
        let min = configs.iter().find(|c| c.name == "min.insync.replicas");
        let min = min.and_then(|c| c.value.as_ref()?.parse().ok()).unwrap_or(1);
        for p in &topic.partitions {
            let in_sync = p.in_sync.len();
            let shown = !only_some
                || wish.behind && in_sync < p.replicas.len()
                || wish.leaderless && p.leader < 0
                || wish.below_min && in_sync < min
                || wish.at_min && in_sync == min;
            if !shown {
                continue;
            }
            let leader = if p.leader < 0 { "none".into() } else { p.leader.to_string() };
            let nodes = |nodes: &[i32]| {
                nodes.iter().map(ToString::to_string).collect::<Vec<String>>().join(",")
            };
            out.line(&format!(
                "\tTopic: {}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\t{eligible}",
                topic.name,
                p.index,
                nodes(&p.replicas),
                nodes(&p.in_sync)
            ))?;
        }
    }
    out.flush()
}

fn head(topic: &TopicInfo, configs: &[Config]) -> String {
    let set = configs.iter().filter(|c| c.source != OF_DEFAULT);
    let set: Vec<String> =
        set.map(|c| format!("{}={}", c.name, c.value.as_deref().unwrap_or("null"))).collect();
    format!(
        "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}",
        topic.name,
        topic.id,
        topic.partitions.len(),
        topic.partitions.first().map_or(0, |p| p.replicas.len()),
        set.join(",")
    )
}
