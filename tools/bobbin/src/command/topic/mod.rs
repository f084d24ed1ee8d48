//! `bobbin topic`: create, list, describe, alter, add-partitions, trim, delete.

mod alter;
mod describe;
mod trim;

pub(crate) use alter::in_words as change_in_words;

use net_client::admin::TopicInfo;
use net_client::{Admin, Client, NewTopic};
use serde_json::{Value, json};

use super::{first_of, with_client};
use crate::cli::TopicCommand;
use crate::failure::Failure;
use crate::listing::{Listing, known, or_dash, shown};
use crate::output::Shape;

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
            let new = |name: String| NewTopic {
                name,
                partitions,
                replicas,
                configs: configs.clone(),
                assignments: Vec::new(),
            };
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
                describe::describe(&client, &topics, all_configs, shape.output).await
            })
        }
        TopicCommand::Alter { topics, changes, shape, broker } => {
            let changes = super::config::changes(&changes, &[])?;
            with_client(&broker, |client, _| async move {
                alter::alter(&client, &topics, &changes, shape.output).await
            })
        }
        TopicCommand::AddPartitions { topics, num, total, dry_run, shape, broker } => {
            with_client(&broker, |client, _| async move {
                let wish = alter::Wish { more: num, total, dry_run };
                alter::add_partitions(&client, &topics, wish, shape.output).await
            })
        }
        TopicCommand::Trim { topic, before, partition, dry_run, shape, broker } => {
            with_client(&broker, |client, _| async move {
                let order = trim::Order { topic, before, partitions: partition, dry_run };
                trim::trim(&client, &order, shape.output).await
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
    let mut listing = Listing::new(&["TOPIC", "PARTITIONS", "REPLICAS", "STATUS"]).wide(&["ID"]);
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
        let id = id.filter(|id| !id.is_zero()).map(|id| id.to_string());
        let cells = vec![
            topic.name.clone(),
            shown(partitions),
            shown(replicas),
            status.to_string(),
            or_dash(id.as_deref()),
        ];
        let value = json!({
            "topic": topic.name, "partitions": known(partitions),
            "replicas": known(replicas), "id": id, "status": status,
        });
        listing.push(cells, value);
    }
    listing.print(shape)?;
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
    let mut listing = Listing::new(&["TOPIC", "PARTITIONS", "REPLICAS"]).wide(&["INTERNAL", "ID"]);
    for t in &topics {
        let value = json!({
            "topic": t.name, "partitions": t.partitions.len(), "replicas": replicas(t),
            "internal": t.internal, "id": id_or_null(t),
        });
        let cells = vec![
            t.name.clone(),
            t.partitions.len().to_string(),
            replicas(t).to_string(),
            t.internal.to_string(),
            or_dash(id_or_null(t).as_str()),
        ];
        listing.push(cells, value);
    }
    listing.print(shape)
}

fn id_or_null(topic: &TopicInfo) -> Value {
    if topic.id.is_zero() { Value::Null } else { json!(topic.id.to_string()) }
}

async fn delete(
    client: &Client,
    topics: &[String],
    if_exists: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let answers = Admin::new(client).delete_topics(topics).await?;
    let mut listing = Listing::new(&["TOPIC", "STATUS"]);
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
        let value = json!({ "topic": name, "status": status });
        listing.push(vec![name.clone(), status.to_string()], value);
    }
    listing.print(shape)?;
    first_of(failures)
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
