//! `kafka-get-offsets`.

use engine_base::TopicPartition;
use net_client::{Admin, Client, OffsetQuery};

use super::chosen;
use super::filter::Filter;
use super::options::{Given, Spec, Takes};
use crate::command::with_chosen;
use crate::failure::Failure;
use crate::output::Out;

pub(super) const SPECS: &[Spec] = &[
    ("exclude-internal-topics", Takes::Nothing, "no internal topics"),
    ("partitions", Takes::Value, "only these partitions: 0,2-4"),
    (
        "time",
        Takes::Value,
        "ms, earliest (-2), latest (-1; the default), max-timestamp (-3), earliest-local (-4), \
         latest-tiered (-5), earliest-pending-upload (-6)",
    ),
    ("topic", Takes::Value, "topics, as a regular expression"),
    ("topic-partitions", Takes::Value, "topic:partitions,..., as in orders:0-2,audit"),
];

pub(super) fn run(given: &Given) -> Result<(), Failure> {
    if given.has("topic-partitions") && (given.has("topic") || given.has("partitions")) {
        return Err(Failure::usage(
            "--topic-partitions cannot be used with --topic or --partitions",
        ));
    }
    let query = query(given.one("time").unwrap_or("latest"))?;
    let wanted = match given.one("topic-partitions") {
        Some(text) => text.split(',').map(Wanted::of).collect::<Result<Vec<_>, _>>()?,
        None => {
            let ranges = given.one("partitions").map(ranges).transpose()?;
            vec![Wanted { filter: Filter::of(given.one("topic"))?, ranges }]
        }
    };
    let internal = !given.has("exclude-internal-topics");
    with_chosen(chosen(given, &[], false)?, |client, _| async move {
        print(&client, &wanted, internal, query).await
    })
}

fn query(text: &str) -> Result<OffsetQuery, Failure> {
    match text {
        "earliest" | "-2" => Ok(OffsetQuery::Earliest),
        "latest" | "-1" => Ok(OffsetQuery::Latest),
        "max-timestamp" | "-3" => Ok(OffsetQuery::MaxTimestamp),
        "earliest-local" | "-4" => Ok(OffsetQuery::EarliestLocal),
        "latest-tiered" | "-5" => Ok(OffsetQuery::LatestTiered),
        "earliest-pending-upload" | "-6" => Ok(OffsetQuery::EarliestPendingUpload),
        text => match text.parse::<i64>() {
            Ok(ms) if ms >= 0 => Ok(OffsetQuery::Time(ms)),
            _ => Err(Failure::usage(format!(
                "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or \
                 max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or \
                 earliest-pending-upload, or a specified long format timestamp"
            ))),
        },
    }
}

/// Topics, and partitions of them.
struct Wanted {
    filter: Filter,
    ranges: Option<Vec<(i32, i32)>>,
}

impl Wanted {
    /// `orders:0-2`, `orders`, `:1`.
    fn of(text: &str) -> Result<Wanted, Failure> {
        let (topic, list) = text.split_once(':').unwrap_or((text, ""));
        let topic = Some(topic.trim()).filter(|topic| !topic.is_empty());
        let ranges = if list.is_empty() { None } else { Some(ranges(list)?) };
        Ok(Wanted { filter: Filter::of(topic)?, ranges })
    }

    fn has(&self, topic: &str, partition: i32) -> bool {
        let within = |(from, to): &(i32, i32)| *from <= partition && partition < *to;
        let listed = self.ranges.as_ref().is_none_or(|ranges| ranges.iter().any(within));
        listed && self.filter.allows(topic)
    }
}

/// `1`, `1-3` (3 is no more in it), `-3`, `5-`, between commas.
fn ranges(text: &str) -> Result<Vec<(i32, i32)>, Failure> {
    let wrong = || Failure::usage(format!("Invalid partitions: {text}"));
    let each = text.split(',').map(|part| {
        let part = part.trim();
        let number = |n: &str, otherwise: i32| match n.trim() {
            "" => Ok(otherwise),
            n => n.parse::<i32>().map_err(|_| wrong()),
        };
        match part.split_once('-') {
            Some((from, to)) => Ok((number(from, 0)?, number(to, i32::MAX)?)),
            None if part.is_empty() => Err(wrong()),
            None => number(part, 0).map(|n| (n, n.saturating_add(1))),
        }
    });
    each.collect()
}

async fn print(
    client: &Client,
    wanted: &[Wanted],
    internal: bool,
    query: OffsetQuery,
) -> Result<(), Failure> {
    let mut queries = Vec::new();
    for topic in Admin::new(client).list_topics().await? {
        if topic.internal && !internal {
            continue;
        }
        for p in &topic.partitions {
            let is_wanted = wanted.iter().any(|w| w.has(&topic.name, p.index));
            // A partition without leader has no offsets to tell.
            if is_wanted && p.leader >= 0 {
                let place = TopicPartition { topic: topic.name.clone(), partition: p.index };
                queries.push((place, query));
            }
        }
    }
    if queries.is_empty() {
        let why = "Could not match any topic-partitions with the specified filters";
        return Err(Failure::failed(format!("Error occurred: {why}")));
    }
    let answers = client.list_offsets(&queries, false).await?;
    let mut out = Out::new();
    for ((place, _), offset) in queries.iter().zip(answers) {
        // A partition that has none is left out, as by the original.
        if let Some(offset) = offset {
            out.line(&format!("{}:{}:{offset}", place.topic, place.partition))?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_and_times_as_the_original_reads_them() {
        assert_eq!(ranges("1,3-5,-2,7-").expect("ranges"), [(1, 2), (3, 5), (0, 2), (7, i32::MAX)]);
        assert!(ranges("a").is_err() && ranges("1,,2").is_err());
        let wanted = Wanted::of("or.*:0-1").expect("understood");
        assert!(wanted.has("orders", 0) && !wanted.has("orders", 1) && !wanted.has("x", 0));
        assert!(Wanted::of(":2").expect("understood").has("any", 2));
        assert_eq!(query("-3").ok(), Some(OffsetQuery::MaxTimestamp));
        assert_eq!(query("1700").ok(), Some(OffsetQuery::Time(1700)));
        assert_eq!(query("latest-tiered").ok(), Some(OffsetQuery::LatestTiered));
        assert!(query("-7").is_err() && query("soon").is_err());
    }
}
