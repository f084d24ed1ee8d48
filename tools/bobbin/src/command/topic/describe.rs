//! `bobbin topic describe`: partitions, offsets and configs of topics.

use engine_base::TopicPartition;
use net_client::Config;
use net_client::admin::TopicInfo;
use net_client::{Admin, Client, ConfigOf, OffsetQuery};
use serde_json::{Value, json};

use super::id_or_null;
use crate::command::first_of;
use crate::failure::Failure;
use crate::listing::{self, Listing, or_dash, shown};
use crate::output::{Out, Shape};

/// Where a config that was set on the topic comes from, as DescribeConfigs numbers it.
const SOURCE_TOPIC: i8 = 1;

/// A topic with everything that describing it asks for.
struct Described {
    topic: TopicInfo,
    /// The first offset and one past the last, by partition; none where nobody leads.
    offsets: Vec<Option<(i64, i64)>>,
    configs: Vec<Config>,
}

pub(super) async fn describe(
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
    let values: Vec<Value> = found.iter().map(describe_json).collect();
    listing::values(shape, &values, |out, wide| {
        for (i, one) in found.iter().enumerate() {
            if i > 0 {
                out.line("")?;
            }
            describe_text(out, one, wide)?;
        }
        Ok(())
    })?;
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

fn describe_text(out: &mut Out, one: &Described, wide: bool) -> Result<(), Failure> {
    let topic = &one.topic;
    let id = if topic.id.is_zero() { "-".to_string() } else { topic.id.to_string() };
    out.line(&format!("{}  (id {id}, {} partitions)", topic.name, topic.partitions.len()))?;
    let nodes =
        |nodes: &[i32]| nodes.iter().map(ToString::to_string).collect::<Vec<String>>().join(",");
    let head = ["PARTITION", "LEADER", "REPLICAS", "IN SYNC", "START", "END"];
    let mut partitions = Listing::new(&head).wide(&["LEADER EPOCH", "RECORDS"]);
    for (p, offsets) in topic.partitions.iter().zip(&one.offsets) {
        let offset = |n: Option<i64>| n.map_or("-".to_string(), |n| n.to_string());
        let leader = if p.leader < 0 { "none".to_string() } else { p.leader.to_string() };
        let cells = vec![
            p.index.to_string(),
            leader,
            nodes(&p.replicas),
            nodes(&p.in_sync),
            offset(offsets.map(|o| o.0)),
            offset(offsets.map(|o| o.1)),
            shown(p.leader_epoch),
            offset(offsets.map(|o| o.1 - o.0)),
        ];
        partitions.push(cells, Value::Null);
    }
    partitions.table(out, wide)?;
    let mut configs = Listing::new(&["CONFIG", "VALUE"]);
    for c in &one.configs {
        configs.push(vec![c.name.clone(), or_dash(c.value.as_deref())], Value::Null);
    }
    configs.table(out, wide)
}
