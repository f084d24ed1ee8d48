//! `bobbin topic`: create, list, describe, delete.

use engine_base::TopicPartition;
use net_client::admin::{Config, TopicInfo};
use net_client::{Admin, Client, ConfigOf, NewTopic, OffsetQuery};
use serde_json::{Value, json};

use super::{first_of, with_client};
use crate::cli::TopicCommand;
use crate::failure::Failure;
use crate::output::{Out, Shape};

/// Where a config comes from when nobody set it, as DescribeConfigs numbers it.
const SOURCE_TOPIC: i8 = 1;

/// Runs the command.
pub(crate) fn run(command: TopicCommand) -> Result<(), Failure> {
    match command {
        TopicCommand::Create {
            topics,
            partitions,
            replicas,
            config,
            if_not_exists,
            dry_run,
            shape,
            broker,
        } => {
            let configs = configs(&config)?;
            let new =
                |name: String| NewTopic { name, partitions, replicas, configs: configs.clone() };
            let wanted: Vec<NewTopic> = topics.into_iter().map(new).collect();
            with_client(&broker, |client, _| async move {
                create(&client, &wanted, if_not_exists, dry_run, shape.output).await
            })
        }
        TopicCommand::List { topics, internal, shape, broker } => {
            with_client(&broker, |client, _| async move {
                list(&client, &topics, internal, shape.output).await
            })
        }
        TopicCommand::Describe { topics, all_configs, shape, broker } => {
            with_client(&broker, |client, _| async move {
                describe(&client, &topics, all_configs, shape.output).await
            })
        }
        TopicCommand::Delete { topics, if_exists, shape, broker } => {
            with_client(&broker, |client, _| async move {
                delete(&client, &topics, if_exists, shape.output).await
            })
        }
    }
}

fn configs(texts: &[String]) -> Result<Vec<(String, String)>, Failure> {
    texts
        .iter()
        .map(|text| match text.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_string(), value.trim().to_string())),
            None => Err(Failure::usage(format!("--config {text}: it needs a value"))
                .next(format!("write --config {text}=VALUE"))),
        })
        .collect()
}

async fn create(
    client: &Client,
    wanted: &[NewTopic],
    if_not_exists: bool,
    dry_run: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let answers = Admin::new(client).create_topics(wanted, dry_run).await?;
    let mut rows = Vec::new();
    let mut values = Vec::new();
    let mut failures = Vec::new();
    for (topic, answer) in wanted.iter().zip(answers) {
        let exists =
            |e: &net_client::ClientError| e.what.ends_with("exists already") && if_not_exists;
        let (partitions, replicas, id, status) = match answer {
            Ok(t) => {
                let status = if dry_run { "could be created" } else { "created" };
                (t.partitions, t.replicas, Some(t.id), status)
            }
            Err(error) if exists(&error) => (-1, -1, None, "exists"),
            Err(error) => {
                failures.push(Failure::from(error));
                continue;
            }
        };
        let shown = |n: i32| if n < 0 { "-".to_string() } else { n.to_string() };
        let known = |n: i32| if n < 0 { Value::Null } else { json!(n) };
        let id = id.filter(|id| !id.is_zero()).map(|id| id.to_string());
        rows.push(vec![
            topic.name.clone(),
            shown(partitions),
            shown(replicas.into()),
            status.to_string(),
        ]);
        values.push(json!({
            "topic": topic.name, "partitions": known(partitions),
            "replicas": known(replicas.into()), "id": id, "status": status,
        }));
    }
    print(shape, &["TOPIC", "PARTITIONS", "REPLICAS", "STATUS"], &rows, values)?;
    first_of(failures)
}

async fn list(
    client: &Client,
    only: &[String],
    internal: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let mut topics = Admin::new(client).list_topics().await?;
    topics.retain(|t| internal || !t.internal || only.contains(&t.name));
    if let Some(missing) = only.iter().find(|name| !topics.iter().any(|t| t.name == **name)) {
        return Err(Failure::new(
            crate::failure::Exit::NotFound,
            format!("there is no topic {missing}"),
        ));
    }
    topics.retain(|t| only.is_empty() || only.contains(&t.name));
    let replicas = |t: &TopicInfo| t.partitions.first().map_or(0, |p| p.replicas.len());
    let rows: Vec<Vec<String>> = topics
        .iter()
        .map(|t| vec![t.name.clone(), t.partitions.len().to_string(), replicas(t).to_string()])
        .collect();
    let values = topics
        .iter()
        .map(|t| {
            json!({
                "topic": t.name, "partitions": t.partitions.len(), "replicas": replicas(t),
                "internal": t.internal, "id": id_or_null(t),
            })
        })
        .collect();
    print(shape, &["TOPIC", "PARTITIONS", "REPLICAS"], &rows, values)
}

fn id_or_null(topic: &TopicInfo) -> Value {
    if topic.id.is_zero() { Value::Null } else { json!(topic.id.to_string()) }
}

/// A topic with everything that describing it asks for.
struct Described {
    topic: TopicInfo,
    /// The first offset and one past the last, by partition; none where nobody leads.
    offsets: Vec<Option<(i64, i64)>>,
    configs: Vec<Config>,
}

async fn describe(
    client: &Client,
    topics: &[String],
    all_configs: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let admin = Admin::new(client);
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for answer in admin.describe_topics(topics).await? {
        match answer {
            Ok(topic) => found.push(inquire(client, topic, all_configs).await?),
            Err(error) => {
                let mut failure = Failure::from(error);
                failure.next = Some("bobbin topic list shows what there is".into());
                failures.push(failure);
            }
        }
    }
    let mut out = Out::new();
    match shape {
        Shape::Json => out.json(&Value::Array(found.iter().map(describe_json).collect()))?,
        Shape::Text => {
            for (i, one) in found.iter().enumerate() {
                if i > 0 {
                    out.line("")?;
                }
                describe_text(&mut out, one)?;
            }
        }
    }
    out.flush()?;
    first_of(failures)
}

async fn inquire(
    client: &Client,
    topic: TopicInfo,
    all_configs: bool,
) -> Result<Described, Failure> {
    let led = topic.partitions.iter().filter(|p| p.leader >= 0);
    let places: Vec<TopicPartition> =
        led.map(|p| TopicPartition { topic: topic.name.clone(), partition: p.index }).collect();
    let both = [OffsetQuery::Earliest, OffsetQuery::Latest];
    let queries: Vec<(TopicPartition, OffsetQuery)> =
        places.iter().flat_map(|place| both.map(|query| (place.clone(), query))).collect();
    let answers = client.list_offsets(&queries, false).await?;
    let mut offsets = vec![None; topic.partitions.len()];
    for (place, pair) in places.iter().zip(answers.chunks(2)) {
        let at = topic.partitions.iter().position(|p| p.index == place.partition);
        if let (Some(at), [Some(start), Some(end)]) = (at, pair) {
            offsets[at] = Some((*start, *end));
        }
    }
    let configs = Admin::new(client).describe_configs(ConfigOf::Topic, &topic.name).await?;
    let configs = configs.into_iter().filter(|c| all_configs || c.source == SOURCE_TOPIC).collect();
    Ok(Described { topic, offsets, configs })
}

fn describe_json(one: &Described) -> Value {
    let partitions: Vec<Value> = one
        .topic
        .partitions
        .iter()
        .zip(&one.offsets)
        .map(|(p, offsets)| {
            json!({
                "partition": p.index, "leader": p.leader, "leader_epoch": p.leader_epoch,
                "replicas": p.replicas, "in_sync": p.in_sync,
                "start": offsets.map(|o| o.0), "end": offsets.map(|o| o.1),
            })
        })
        .collect();
    let configs: serde_json::Map<String, Value> =
        one.configs.iter().map(|c| (c.name.clone(), json!(c.value))).collect();
    json!({
        "topic": one.topic.name, "id": id_or_null(&one.topic), "internal": one.topic.internal,
        "partitions": partitions, "configs": configs,
    })
}

fn describe_text(out: &mut Out, one: &Described) -> Result<(), Failure> {
    let topic = &one.topic;
    let id = if topic.id.is_zero() { "-".to_string() } else { topic.id.to_string() };
    out.line(&format!("{}  (id {id}, {} partitions)", topic.name, topic.partitions.len()))?;
    let nodes =
        |nodes: &[i32]| nodes.iter().map(ToString::to_string).collect::<Vec<String>>().join(",");
    let rows: Vec<Vec<String>> = topic
        .partitions
        .iter()
        .zip(&one.offsets)
        .map(|(p, offsets)| {
            let offset = |n: Option<i64>| n.map_or("-".to_string(), |n| n.to_string());
            let leader = if p.leader < 0 { "none".to_string() } else { p.leader.to_string() };
            vec![
                p.index.to_string(),
                leader,
                nodes(&p.replicas),
                nodes(&p.in_sync),
                offset(offsets.map(|o| o.0)),
                offset(offsets.map(|o| o.1)),
            ]
        })
        .collect();
    out.table(&["PARTITION", "LEADER", "REPLICAS", "IN SYNC", "START", "END"], &rows)?;
    if !one.configs.is_empty() {
        let rows: Vec<Vec<String>> = one
            .configs
            .iter()
            .map(|c| vec![c.name.clone(), c.value.clone().unwrap_or_else(|| "-".into())])
            .collect();
        out.table(&["CONFIG", "VALUE"], &rows)?;
    }
    Ok(())
}

async fn delete(
    client: &Client,
    topics: &[String],
    if_exists: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let answers = Admin::new(client).delete_topics(topics).await?;
    let mut rows = Vec::new();
    let mut values = Vec::new();
    let mut failures = Vec::new();
    for (name, answer) in topics.iter().zip(answers) {
        let failure = answer.err().map(Failure::from);
        let status = match failure {
            None => "deleted",
            Some(f) if if_exists && f.exit == crate::failure::Exit::NotFound => "not there",
            Some(failure) => {
                failures.push(failure);
                continue;
            }
        };
        rows.push(vec![name.clone(), status.to_string()]);
        values.push(json!({ "topic": name, "status": status }));
    }
    print(shape, &["TOPIC", "STATUS"], &rows, values)?;
    first_of(failures)
}

fn print(
    shape: Shape,
    head: &[&str],
    rows: &[Vec<String>],
    values: Vec<Value>,
) -> Result<(), Failure> {
    let mut out = Out::new();
    match shape {
        Shape::Json => out.json(&Value::Array(values))?,
        Shape::Text if rows.is_empty() => {}
        Shape::Text => out.table(head, rows)?,
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configs_are_pairs_and_values_may_hold_equals_signs() {
        let found = configs(&["a=b=c".into(), " d = e ".into()]).expect("pairs");
        assert_eq!(found, [("a".into(), "b=c".into()), ("d".into(), "e".into())]);
        assert!(configs(&["a".into()]).is_err());
    }
}
