//! `kafka-consumer-groups --reset-offsets`. Kept true: only a group without members is moved, and
//! only with `--execute`.

use std::collections::BTreeMap;
use std::path::Path;

use engine_base::TopicPartition;
use net_client::{Client, Groups};

use super::options::Given;
use crate::command::places::{bounds, locate_all, named, partitions_of};
use crate::failure::{Exit, Failure};
use crate::files;
use crate::moment;
use crate::offsets::Place;
use crate::output::{Out, note};

/// Where offsets are to go.
enum Target {
    Place(Place),
    /// So long before now, in ms.
    Back(i64),
    Shift(i64),
    Current,
    File(String),
}

pub(super) struct Order {
    target: Target,
    topics: Vec<String>,
    all_topics: bool,
    execute: bool,
    export: bool,
}

impl Order {
    pub(super) fn read(given: &Given, topics: Vec<String>) -> Result<Order, Failure> {
        let all_topics = given.has("all-topics");
        if topics.is_empty() && !all_topics && !given.has("from-file") {
            let what = "Option [reset-offsets] requires one of --all-topics, --topic";
            return Err(Failure::usage(what));
        }
        if given.has("execute") && given.has("dry-run") {
            let what = "Option [reset-offsets] only accepts one of [execute], [dry-run]";
            return Err(Failure::usage(what));
        }
        if !given.has("execute") && !given.has("dry-run") {
            note(
                "WARN: No action will be performed as the --execute option is missing. Add \
                 --dry-run to say that this is meant.",
            );
        }
        let (execute, export) = (given.has("execute"), given.has("export"));
        Ok(Order { target: target(given)?, topics, all_topics, execute, export })
    }
}

fn target(given: &Given) -> Result<Target, Failure> {
    let names = [
        "to-earliest",
        "to-latest",
        "to-offset",
        "to-current",
        "to-datetime",
        "by-duration",
        "shift-by",
        "from-file",
    ];
    let unread = |text: &str| Failure::usage(format!("{text} cannot be read"));
    Ok(match given.action(&names)? {
        "to-earliest" => Target::Place(Place::Start),
        "to-latest" => Target::Place(Place::End),
        "to-offset" => Target::Place(Place::Exact(given.number("to-offset")?.unwrap_or_default())),
        "to-current" => Target::Current,
        "shift-by" => Target::Shift(given.number("shift-by")?.unwrap_or_default()),
        "to-datetime" => {
            let text = given.required("to-datetime")?;
            let with_zone = format!("{text}Z");
            let ms = moment::parse(text, 0).or_else(|| moment::parse(&with_zone, 0));
            Target::Place(Place::Time(ms.ok_or_else(|| unread(text))?))
        }
        "by-duration" => {
            let text = given.required("by-duration")?;
            Target::Back(duration(text).ok_or_else(|| unread(text))?)
        }
        _ => Target::File(files::read_config(Path::new(given.required("from-file")?))?),
    })
}

/// `P1DT2H3M4S` in ms.
fn duration(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let words = format!("{days}{time}").to_ascii_lowercase();
    moment::span_ms(&words)
}

pub(super) async fn reset(
    client: &Client,
    groups: &[String],
    order: &Order,
) -> Result<(), Failure> {
    let mut plans = Vec::new();
    let mut out = Out::new();
    for group in groups {
        let all = Groups::new(client);
        match all.describe(group).await {
            Ok(info) if !matches!(&info.state[..], "Empty" | "Dead") => {
                out.line(&format!(
                    "\nError: Assignments can only be reset if the group '{group}' is inactive, \
                     but the current state is {}.",
                    info.state
                ))?;
                continue;
            }
            Ok(_) => {}
            // A group that is not there is made by its first commit.
            Err(error) if Failure::from(error.clone()).exit == Exit::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let plan = plan(client, &all, group, order).await?;
        if order.execute {
            for answer in all.commit(group, &plan).await? {
                answer?;
            }
        }
        plans.push((group, plan));
    }
    if order.export {
        let alone = groups.len() == 1;
        for (group, plan) in &plans {
            for (place, offset) in plan {
                let prefix = if alone { String::new() } else { format!("{group},") };
                out.line(&format!("{prefix}{},{},{offset}", place.topic, place.partition))?;
            }
        }
        out.line("")?;
    } else {
        let row = |group: &str, topic: &str, partition: &str, offset: &str| {
            format!("{group:<15} {topic:<15} {partition:<10} {offset}")
        };
        out.line("")?;
        out.line(&row("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"))?;
        for (group, plan) in &plans {
            for (place, offset) in plan {
                let partition = place.partition.to_string();
                out.line(&row(group, &place.topic, &partition, &offset.to_string()))?;
            }
        }
    }
    out.flush()
}

async fn plan(
    client: &Client,
    groups: &Groups,
    group: &str,
    order: &Order,
) -> Result<Vec<(TopicPartition, i64)>, Failure> {
    if let Target::File(text) = &order.target {
        let wanted = from_file(text, group)?;
        let places: Vec<TopicPartition> = wanted.keys().cloned().collect();
        let bounds = bounds(client, &places, false).await?;
        let clamped = wanted.into_iter().zip(bounds);
        return Ok(clamped.map(|((p, offset), (s, e))| (p, offset.clamp(s, e))).collect());
    }
    let committed: BTreeMap<TopicPartition, i64> =
        groups.committed(group).await?.into_iter().map(|c| (c.place, c.offset)).collect();
    let places = match order.all_topics {
        false => named(client, &order.topics).await?,
        true => {
            let mut all = Vec::new();
            let topics: std::collections::BTreeSet<&String> =
                committed.keys().map(|p| &p.topic).collect();
            for topic in topics {
                all.extend(partitions_of(client, topic, &[]).await?);
            }
            all.retain(|place| committed.contains_key(place));
            all
        }
    };
    let located = match &order.target {
        Target::Place(place) => locate_all(client, &places, *place, false).await?,
        Target::Back(ms) => {
            let then = client.core().wall().0 - ms;
            locate_all(client, &places, Place::Time(then), false).await?
        }
        // From where it stands; where it never was, the end.
        Target::Shift(_) | Target::Current => {
            locate_all(client, &places, Place::End, false).await?
        }
        Target::File(_) => unreachable!("files were read above"),
    };
    let mut plan = Vec::new();
    for found in located {
        let stands = committed.get(&found.place).copied();
        let offset = match (&order.target, stands) {
            (Target::Shift(by), Some(at)) => at.saturating_add(*by).clamp(found.start, found.end),
            (Target::Shift(_), None) => {
                let what = format!(
                    "Error: Executing consumer group command failed due to Cannot shift offset for \
                     partition {}-{} since there is no current committed offset",
                    found.place.topic, found.place.partition
                );
                return Err(Failure::failed(what));
            }
            (Target::Current, Some(at)) => at,
            _ => found.offset,
        };
        plan.push((found.place, offset));
    }
    Ok(plan)
}

/// `topic,partition,offset` lines, or those of the group behind `group,`.
fn from_file(text: &str, group: &str) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let mut wanted = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let wrong = || Failure::failed(format!("Error: this line of the file is none: {line}"));
        let words: Vec<&str> = line.split(',').map(str::trim).collect();
        let (of, topic, partition, offset) = match words[..] {
            [topic, partition, offset] => (group, topic, partition, offset),
            [of, topic, partition, offset] => (of, topic, partition, offset),
            _ => return Err(wrong()),
        };
        let partition = partition.parse().map_err(|_| wrong())?;
        let offset = offset.parse().map_err(|_| wrong())?;
        if of == group {
            wanted.insert(TopicPartition { topic: topic.to_string(), partition }, offset);
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_iso_8601s() {
        assert_eq!(duration("P1D"), Some(86_400_000));
        assert_eq!(duration("PT1H30M"), Some(5_400_000));
        assert_eq!(duration("P2DT3S"), Some(172_803_000));
        for text in ["P", "PT", "1D", "P1X", ""] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn files_name_the_group_or_not() {
        let found = from_file("t,0,5\n\nt, 1, 6\n", "g").expect("offsets");
        assert_eq!(found.values().copied().collect::<Vec<i64>>(), [5, 6]);
        let found = from_file("g,t,0,5\nh,t,0,9\n", "g").expect("offsets");
        assert_eq!(found.values().copied().collect::<Vec<i64>>(), [5]);
        assert!(from_file("t,0\n", "g").is_err() && from_file("t,x,0\n", "g").is_err());
    }
}
