//! `bobbin group`: list, describe, seek, delete. Kept true: each group and each partition has its
//! own outcome, and one that fails hides none of the rest.

pub(crate) mod standing;

use std::collections::BTreeMap;

use engine_base::TopicPartition;
use net_client::{Client, GROUP_STATES, Groups};
use serde_json::{Value, json};

use super::places::{Located, locate_all, named, split};
use super::{first_of, with_client};
use crate::cli::GroupCommand;
use crate::failure::{Exit, Failure};
use crate::listing::{self, Listing, known, or_dash};
use crate::offsets::{self, Place};
use crate::output::{Out, Shape, note};
use standing::{Row, Standing};

/// Runs the command.
pub(crate) fn run(command: GroupCommand) -> Result<(), Failure> {
    match command {
        GroupCommand::List { state, shape, broker } => with_client(
            &broker,
            |client, _| async move { list(&client, &state, shape.output).await },
        ),
        GroupCommand::Describe { groups, shape, broker } => {
            with_client(&broker, |client, _| async move {
                describe(&client, &groups, shape.output).await
            })
        }
        GroupCommand::Seek { group, to, topics, dry_run, shape, broker } => {
            with_client(&broker, |client, _| async move {
                let order = Seek { group, to, topics, dry_run };
                seek(&client, &order, shape.output).await
            })
        }
        GroupCommand::Delete { groups, topics, shape, broker } => {
            with_client(&broker, |client, _| async move {
                match topics.is_empty() {
                    true => delete(&client, &groups, shape.output).await,
                    false => delete_offsets(&client, &groups, &topics, shape.output).await,
                }
            })
        }
    }
}

async fn list(client: &Client, states: &[String], shape: Shape) -> Result<(), Failure> {
    let is_none = |word: &&String| !GROUP_STATES.iter().any(|s| s.eq_ignore_ascii_case(word));
    if let Some(word) = states.iter().find(is_none) {
        return Err(Failure::usage(format!("--state {word}: no group is ever in it"))
            .next(format!("the states are {}", GROUP_STATES.join(", "))));
    }
    let groups = Groups::new(client).list(states, &[]).await?;
    let mut listing =
        Listing::new(&["GROUP", "STATE", "COORDINATOR"]).wide(&["PROTOCOL", "PROTOCOL TYPE"]);
    for g in &groups {
        let cells = vec![
            g.id.clone(),
            or_dash(Some(&g.state)),
            g.coordinator.to_string(),
            or_dash(Some(&g.kind)),
            or_dash(Some(&g.protocol_type)),
        ];
        let word = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        let value = json!({
            "group": g.id, "state": word(&g.state), "coordinator": g.coordinator,
            "protocol": word(&g.kind.to_lowercase()), "protocol_type": g.protocol_type,
        });
        listing.push(cells, value);
    }
    listing.print(shape)
}

async fn describe(client: &Client, groups: &[String], shape: Shape) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for group in groups {
        match Standing::find(client, group).await {
            Ok(standing) => found.push(standing),
            Err(failure) => failures.push(failure),
        }
    }
    let values: Vec<Value> = found.iter().map(standing_json).collect();
    listing::values(shape, &values, |out, wide| {
        for (i, standing) in found.iter().enumerate() {
            if i > 0 {
                out.line("")?;
            }
            standing_text(out, standing, wide)?;
        }
        Ok(())
    })?;
    first_of(failures)
}

fn standing_json(standing: &Standing) -> Value {
    let info = &standing.info;
    let members: Vec<Value> = info
        .members
        .iter()
        .map(|m| {
            let places = m.assigned.iter().flatten();
            let places: Vec<Value> =
                places.map(|p| json!({ "topic": p.topic, "partition": p.partition })).collect();
            json!({
                "member": m.id, "instance": m.instance, "client": m.client_id, "host": m.host,
                "epoch": m.epoch, "topics": m.topics, "partitions": places,
            })
        })
        .collect();
    let partitions: Vec<Value> = standing
        .rows
        .iter()
        .map(|r| {
            json!({
                "topic": r.place.topic, "partition": r.place.partition,
                "committed": r.committed, "start": known(r.bounds.map_or(-1, |b| b.0)),
                "end": known(r.bounds.map_or(-1, |b| b.1)), "lag": r.lag(),
                "behind_ms": r.behind_ms, "note": r.note,
                "member": r.member.map(|i| &info.members[i].id),
            })
        })
        .collect();
    json!({
        "group": info.id, "state": info.state, "protocol": info.kind.to_lowercase(),
        "protocol_type": info.protocol_type, "assignor": info.assignor,
        "coordinator": info.coordinator.node, "epoch": info.epochs.map(|e| e.0),
        "assignment_epoch": info.epochs.map(|e| e.1), "lag": standing.lag(),
        "behind_ms": standing.behind_ms(), "members": members, "partitions": partitions,
    })
}

fn standing_text(out: &mut Out, standing: &Standing, wide: bool) -> Result<(), Failure> {
    let info = &standing.info;
    let assignor = match info.assignor.as_str() {
        "" => String::new(),
        assignor => format!(", {assignor}"),
    };
    out.line(&format!("group        {}", info.id))?;
    out.line(&format!("state        {} ({} protocol{assignor})", info.state, info.kind))?;
    let at = &info.coordinator;
    out.line(&format!("coordinator  {} at {}", at.node, at.address))?;
    out.line(&format!("members      {}", info.members.len()))?;
    let behind = standing.behind_ms().map_or_else(String::new, |ms| format!(", {}", behind(ms)));
    out.line(&format!("lag          {} records{behind}", standing.lag()))?;
    let idle: Vec<&str> = standing.idle().map(|m| m.id.as_str()).collect();
    if !idle.is_empty() {
        out.line(&format!("idle         {} (members without partitions)", idle.join(", ")))?;
    }
    if standing.rows.is_empty() {
        return Ok(());
    }
    out.line("")?;
    let head = ["TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "BEHIND", "CLIENT", "HOST"];
    let mut table = Listing::new(&head).wide(&["START", "INSTANCE", "MEMBER", "NOTE"]);
    for row in &standing.rows {
        table.push(row_cells(standing, row), Value::Null);
    }
    table.table(out, wide)
}

fn row_cells(standing: &Standing, row: &Row) -> Vec<String> {
    let member = row.member.map(|i| &standing.info.members[i]);
    let number = |n: Option<i64>| n.map_or_else(|| "-".to_string(), |n| n.to_string());
    vec![
        row.place.topic.clone(),
        row.place.partition.to_string(),
        number(row.committed),
        number(row.bounds.map(|b| b.1)),
        number(row.lag()),
        row.behind_ms.map_or_else(|| "-".into(), behind),
        or_dash(member.map(|m| m.client_id.as_str())),
        or_dash(member.map(|m| m.host.as_str())),
        number(row.bounds.map(|b| b.0)),
        or_dash(member.and_then(|m| m.instance.as_deref())),
        or_dash(member.map(|m| m.id.as_str())),
        or_dash(Some(&row.note)),
    ]
}

fn behind(ms: i64) -> String {
    crate::moment::show_span(ms)
}

struct Seek {
    group: String,
    to: String,
    topics: Vec<String>,
    dry_run: bool,
}

async fn seek(client: &Client, order: &Seek, shape: Shape) -> Result<(), Failure> {
    let now = client.core().wall().0;
    let to: Place = offsets::place(&order.to, now).ok_or_else(|| {
        Failure::usage(format!("--to {}: it is no place in a partition", order.to))
            .next("give start, end, N, +N, -N or @TIME, as in --to @-1h")
    })?;
    let groups = Groups::new(client);
    let committed: BTreeMap<TopicPartition, i64> = match groups.committed(&order.group).await {
        Ok(committed) => committed.into_iter().map(|c| (c.place, c.offset)).collect(),
        // Brokers differ in whether a group that is not there has no offsets or is an error.
        Err(error) if Failure::from(error.clone()).exit == Exit::NotFound => BTreeMap::new(),
        Err(error) => return Err(error.into()),
    };
    let places = match order.topics.is_empty() {
        true => committed.keys().cloned().collect(),
        false => named(client, &order.topics).await?,
    };
    if places.is_empty() {
        let what = format!("group {} has committed nothing", order.group);
        return Err(Failure::new(Exit::NotFound, what)
            .next("name topics with --topics, and the group is created"));
    }
    let located = locate_all(client, &places, to, false).await?;
    let beyond = |l: &&Located| matches!(to, Place::Exact(at) if at != l.offset);
    let moved = located.iter().filter(beyond).count();
    if moved > 0 {
        let what = format!("{moved} of {} partitions", located.len());
        note(&format!("{what} do not keep offset {}: there it is the nearest one", order.to));
    }
    let offsets: Vec<(TopicPartition, i64)> =
        located.iter().map(|l| (l.place.clone(), l.offset)).collect();
    let answers = match order.dry_run {
        true => offsets.iter().map(|_| Ok(())).collect(),
        false => groups.commit(&order.group, &offsets).await?,
    };
    let mut listing =
        Listing::new(&["TOPIC", "PARTITION", "BEFORE", "NOW", "STATUS"]).wide(&["START", "END"]);
    let status = if order.dry_run { "would be" } else { "done" };
    let mut failures: Vec<Failure> = Vec::new();
    for (Located { place, start, end, offset }, answer) in located.into_iter().zip(answers) {
        if let Err(error) = answer {
            // Members that read make every partition fail alike.
            let failure = Failure::from(error);
            if !failures.contains(&failure) {
                failures.push(failure);
            }
            continue;
        }
        let before = committed.get(&place).copied();
        let cells = vec![
            place.topic.clone(),
            place.partition.to_string(),
            before.map_or_else(|| "-".into(), |n| n.to_string()),
            offset.to_string(),
            status.to_string(),
            start.to_string(),
            end.to_string(),
        ];
        let value = json!({
            "group": order.group, "topic": place.topic, "partition": place.partition,
            "before": before, "now": offset, "start": start, "end": end, "status": status,
        });
        listing.push(cells, value);
    }
    listing.print(shape)?;
    first_of(failures)
}

async fn delete(client: &Client, groups: &[String], shape: Shape) -> Result<(), Failure> {
    let answers = Groups::new(client).delete(groups).await;
    let mut listing = Listing::new(&["GROUP", "STATUS"]);
    let mut failures = Vec::new();
    for (group, answer) in groups.iter().zip(answers) {
        match answer {
            Ok(()) => {
                let value = json!({ "group": group, "status": "deleted" });
                listing.push(vec![group.clone(), "deleted".into()], value);
            }
            Err(error) => failures.push(error.into()),
        }
    }
    listing.print(shape)?;
    first_of(failures)
}

async fn delete_offsets(
    client: &Client,
    groups: &[String],
    topics: &[String],
    shape: Shape,
) -> Result<(), Failure> {
    let wanted: Vec<(&str, Vec<i32>)> =
        topics.iter().map(|text| split(text)).collect::<Result<_, Failure>>()?;
    let all = Groups::new(client);
    let mut listing = Listing::new(&["GROUP", "TOPIC", "PARTITION", "STATUS"]);
    let mut failures = Vec::new();
    for group in groups {
        // What was committed tells the partitions: the topic itself may be gone.
        let committed = all.committed(group).await?;
        let places: Vec<TopicPartition> = committed
            .into_iter()
            .map(|c| c.place)
            .filter(|p| {
                wanted.iter().any(|(topic, only)| {
                    p.topic == *topic && (only.is_empty() || only.contains(&p.partition))
                })
            })
            .collect();
        if places.is_empty() {
            let what = format!("group {group} has committed nothing there");
            failures.push(Failure::new(Exit::NotFound, what));
            continue;
        }
        let answers = all.delete_offsets(group, &places).await;
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => {
                failures.push(error.into());
                continue;
            }
        };
        for (place, answer) in places.iter().zip(answers) {
            if let Err(error) = answer {
                failures.push(error.into());
                continue;
            }
            let cells = vec![
                group.clone(),
                place.topic.clone(),
                place.partition.to_string(),
                "deleted".into(),
            ];
            let value = json!({
                "group": group, "topic": place.topic, "partition": place.partition,
                "status": "deleted",
            });
            listing.push(cells, value);
        }
    }
    listing.print(shape)?;
    first_of(failures)
}
