//! Looking places up: partitions of topics as they are named on a command line, and where `start`,
//! `-10` or `@-1h` are in each. Kept true: what is found lies within what the partition keeps.

use std::collections::BTreeMap;

use engine_base::TopicPartition;
use net_client::{Client, OffsetQuery};

use crate::failure::{Exit, Failure};
use crate::moment::Ms;
use crate::offsets::Place;

/// A partition with its bounds, and an offset between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) place: TopicPartition,
    /// The first offset kept.
    pub(crate) start: i64,
    /// One past the last.
    pub(crate) end: i64,
    /// Where the place is.
    pub(crate) offset: i64,
}

/// The partitions of a topic that were named, or all.
pub(crate) async fn partitions_of(
    client: &Client,
    topic: &str,
    only: &[i32],
) -> Result<Vec<TopicPartition>, Failure> {
    let partitions = client.partitions_of(topic).await?;
    if let Some(beyond) = only.iter().find(|p| !(0..partitions).contains(*p)) {
        let what = format!("{topic} has no partition {beyond}");
        return Err(Failure::new(Exit::NotFound, what)
            .next(format!("its partitions are 0 to {}", partitions - 1)));
    }
    let wanted = (0..partitions).filter(|p| only.is_empty() || only.contains(p));
    Ok(wanted.map(|partition| TopicPartition { topic: topic.to_string(), partition }).collect())
}

/// The partitions of texts like `orders` and `orders:0,1`.
pub(crate) async fn named(
    client: &Client,
    texts: &[String],
) -> Result<Vec<TopicPartition>, Failure> {
    let mut all = Vec::new();
    for text in texts {
        let (topic, only) = split(text)?;
        all.extend(partitions_of(client, topic, &only).await?);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// `orders:0,1` as a topic and its partitions; none of them means all.
pub(crate) fn split(text: &str) -> Result<(&str, Vec<i32>), Failure> {
    let Some((topic, list)) = text.split_once(':') else { return Ok((text, Vec::new())) };
    let numbers: Result<Vec<i32>, _> = list.split(',').map(|n| n.trim().parse::<i32>()).collect();
    match numbers {
        Ok(numbers) if !topic.is_empty() && numbers.iter().all(|n| *n >= 0) => Ok((topic, numbers)),
        _ => Err(Failure::usage(format!("{text}: it is no topic with partitions"))
            .next("write TOPIC, or TOPIC:N,N as in orders:0,1")),
    }
}

/// Where a place is in each of the partitions.
pub(crate) async fn locate_all(
    client: &Client,
    places: &[TopicPartition],
    place: Place,
    read_committed: bool,
) -> Result<Vec<Located>, Failure> {
    let bounds = bounds(client, places, read_committed).await?;
    let times = match place {
        Place::Time(ms) => ask(client, places, OffsetQuery::Time(ms), read_committed).await?,
        _ => vec![None; places.len()],
    };
    let located = places.iter().zip(bounds).zip(times).map(|((of, (start, end)), time)| {
        let offset = locate(place, start, end, |_| time);
        Located { place: of.clone(), start, end, offset }
    });
    Ok(located.collect())
}

/// First offset and one past the last, of each.
pub(crate) async fn bounds(
    client: &Client,
    places: &[TopicPartition],
    read_committed: bool,
) -> Result<Vec<(i64, i64)>, Failure> {
    let starts = ask(client, places, OffsetQuery::Earliest, read_committed).await?;
    let ends = ask(client, places, OffsetQuery::Latest, read_committed).await?;
    let both = starts.into_iter().zip(ends);
    Ok(both.map(|(start, end)| (start.unwrap_or(0), end.or(start).unwrap_or(0))).collect())
}

/// One query in each of the partitions.
pub(crate) async fn ask(
    client: &Client,
    places: &[TopicPartition],
    query: OffsetQuery,
    read_committed: bool,
) -> Result<Vec<Option<i64>>, Failure> {
    let queries: Vec<(TopicPartition, OffsetQuery)> =
        places.iter().map(|place| (place.clone(), query)).collect();
    Ok(client.list_offsets(&queries, read_committed).await?)
}

/// Where two places are in each of the partitions: first, and one past last.
pub(crate) async fn resolve(
    client: &Client,
    places: &[TopicPartition],
    from: Place,
    to: Option<Place>,
    read_committed: bool,
) -> Result<Vec<(i64, Option<i64>)>, Failure> {
    let bounds = bounds(client, places, read_committed).await?;
    let mut times = BTreeMap::new();
    for place in [Some(from), to].into_iter().flatten() {
        if let Place::Time(ms) = place {
            times.insert(ms, ask(client, places, OffsetQuery::Time(ms), read_committed).await?);
        }
    }
    let ranges = bounds.into_iter().enumerate().map(|(i, (start, end))| {
        let at_time = |ms: Ms| times.get(&ms).and_then(|found| found[i]);
        let to = to.map(|to| locate(to, start, end, at_time));
        (locate(from, start, end, at_time), to)
    });
    Ok(ranges.collect())
}

/// The offset of a place; a place outside of what is kept is the nearest that is.
pub(crate) fn locate(
    place: Place,
    start: i64,
    end: i64,
    at_time: impl Fn(Ms) -> Option<i64>,
) -> i64 {
    let offset = match place {
        Place::Start => start,
        Place::End => end,
        Place::Exact(offset) => offset,
        Place::AfterStart(n) => start.saturating_add(n),
        Place::BeforeEnd(n) => end.saturating_sub(n),
        Place::Time(ms) => at_time(ms).unwrap_or(end),
    };
    offset.clamp(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_within_what_there_is() {
        let at = |place| locate(place, 10, 20, |ms| (ms < 100).then_some(15));
        assert_eq!(at(Place::Start), 10);
        assert_eq!(at(Place::End), 20);
        assert_eq!(at(Place::Exact(12)), 12);
        assert_eq!(at(Place::Exact(5)), 10);
        assert_eq!(at(Place::Exact(99)), 20);
        assert_eq!(at(Place::AfterStart(3)), 13);
        assert_eq!(at(Place::BeforeEnd(3)), 17);
        assert_eq!(at(Place::BeforeEnd(i64::MAX)), 10);
        assert_eq!(at(Place::Time(50)), 15);
        assert_eq!(at(Place::Time(500)), 20);
    }

    #[test]
    fn topics_with_partitions() {
        assert_eq!(split("orders").expect("a topic"), ("orders", vec![]));
        assert_eq!(split("orders:0,2").expect("a topic"), ("orders", vec![0, 2]));
        for text in ["orders:", "orders:a", ":1", "orders:-1", "orders:1,"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
