//! `bobbin consume`: records of partitions, from a place on, perhaps to another.
//! Kept true: of a partition every record from the first place to the last is printed once, in
//! order.

use std::collections::BTreeMap;
use std::pin::pin;

use engine_base::TopicPartition;
use engine_rt::sync::{Either, race};
use net_client::{Client, Consumer, ConsumerOptions, OffsetQuery, Record};
use serde_json::{Value, json};

use super::with_client;
use crate::bytes_json::put_bytes;
use crate::cli::ConsumeArgs;
use crate::failure::{Exit, Failure};
use crate::layout::Layout;
use crate::moment::Ms;
use crate::offsets::{self, Place, Span};
use crate::output::{Out, Shape};

/// How records are printed.
enum Printer {
    Layout(Layout),
    JsonLines,
}

/// Runs the command.
pub(crate) fn run(args: ConsumeArgs) -> Result<(), Failure> {
    let (offset, shape) = classify(&args)?;
    let printer = match (&args.format, shape) {
        (Some(text), None) => Printer::Layout(parse_layout(text)?),
        (None, Some(Shape::Json)) => Printer::JsonLines,
        (None, Some(Shape::Text) | None) => Printer::Layout(parse_layout("%v\\n")?),
        (Some(_), Some(_)) => {
            return Err(Failure::usage("-f and -o json say two things about how to print"));
        }
    };
    with_client(&args.broker.clone(), |client, chosen| async move {
        let now = client.core().wall().0;
        let span = span(&offset, args.exit, now)?;
        let job = Job { args, span, printer };
        consume(&client, &job, chosen.consumer).await
    })
}

/// Tells the two uses of `-o` apart: an offset, and how to print.
fn classify(args: &ConsumeArgs) -> Result<(String, Option<Shape>), Failure> {
    let mut offset = args.offset.clone();
    let mut shape = args.output;
    for text in &args.o {
        let (seen, word) = match text.as_str() {
            "json" | "jsonl" => (shape.replace(Shape::Json).is_some(), "how to print"),
            "text" => (shape.replace(Shape::Text).is_some(), "how to print"),
            _ => (offset.replace(text.clone()).is_some(), "where to begin"),
        };
        if seen {
            return Err(Failure::usage(format!("-o {text}: {word} is said twice")));
        }
    }
    Ok((offset.unwrap_or_else(|| "start".into()), shape))
}

fn parse_layout(text: &str) -> Result<Layout, Failure> {
    Layout::parse(text).map_err(|why| {
        Failure::usage(format!("--format: {why}")).next("as in -f '%t[%p]@%o %k=%v\\n'")
    })
}

fn span(text: &str, exit: bool, now: Ms) -> Result<Span, Failure> {
    let mut span = offsets::parse(text, now).map_err(|why| {
        Failure::usage(why).next("or how to print: -o text, -o json (a line for each record)")
    })?;
    if exit && span.to.is_none() {
        span.to = Some(Place::End);
    }
    Ok(span)
}

struct Job {
    args: ConsumeArgs,
    span: Span,
    printer: Printer,
}

/// Where one partition is read from, and one past where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: i64,
    to: Option<i64>,
}

async fn consume(client: &Client, job: &Job, options: ConsumerOptions) -> Result<(), Failure> {
    let places = places(client, &job.args).await?;
    let ranges = resolve(client, &places, job.span, options.read_committed).await?;
    let consumer = Consumer::new(client, options);
    let mut open: BTreeMap<TopicPartition, Range> = BTreeMap::new();
    for (place, range) in places.into_iter().zip(ranges) {
        if range.to.is_none_or(|to| range.from < to) {
            consumer.assign(&place.topic, place.partition, range.from);
            open.insert(place, range);
        }
    }
    let mut closed = pin!(client.core().stdout_closed());
    let mut out = Out::new();
    let mut printed: u64 = 0;
    let limit = job.args.count.unwrap_or(u64::MAX);
    while !open.is_empty() && printed < limit {
        // A reader that has gone away ends this now, not when more is there to print.
        let fetched = match race(consumer.poll(), closed.as_mut()).await {
            Either::Left(fetched) => fetched?,
            Either::Right(()) => return Err(Failure::pipe()),
        };
        for fetched in fetched {
            let Some(range) = open.get(&fetched.place).copied() else { continue };
            for record in &fetched.records {
                if range.to.is_some_and(|to| record.offset >= to) || printed == limit {
                    break;
                }
                printed += 1;
                job.printer.print(record, printed, &mut out)?;
            }
            if range.to.is_some_and(|to| fetched.next >= to) {
                consumer.unassign(&fetched.place.topic, fetched.place.partition);
                open.remove(&fetched.place);
            }
        }
        out.flush()?;
    }
    out.flush()
}

impl Printer {
    fn print(&self, record: &Record, number: u64, out: &mut Out) -> Result<(), Failure> {
        match self {
            Printer::JsonLines => out.json_line(&record_json(record)),
            Printer::Layout(layout) => {
                let mut bytes = Vec::new();
                layout.lay_out(record, number, &mut bytes);
                out.bytes(&bytes)
            }
        }
    }
}

/// A record as JSON: texts as texts, other bytes as `..._base64`.
fn record_json(record: &Record) -> Value {
    let mut object = json!({
        "topic": *record.topic, "partition": record.partition, "offset": record.offset,
        "timestamp": record.timestamp,
    });
    put_bytes(&mut object, "key", record.key.as_deref());
    put_bytes(&mut object, "value", record.value.as_deref());
    let headers = record.headers.iter().map(|(name, value)| {
        let mut header = json!({ "name": name });
        put_bytes(&mut header, "value", value.as_deref());
        header
    });
    object["headers"] = Value::Array(headers.collect());
    object
}

/// Every partition that was asked for.
async fn places(client: &Client, args: &ConsumeArgs) -> Result<Vec<TopicPartition>, Failure> {
    let mut places = Vec::new();
    for topic in &args.topics {
        let partitions = client.partitions_of(topic).await?;
        let beyond = args.partition.iter().find(|p| !(0..partitions).contains(*p));
        if let Some(beyond) = beyond {
            let what = format!("{topic} has no partition {beyond}");
            return Err(Failure::new(Exit::NotFound, what)
                .next(format!("its partitions are 0 to {}", partitions - 1)));
        }
        let all = 0..partitions;
        let wanted = all.filter(|p| args.partition.is_empty() || args.partition.contains(p));
        places.extend(wanted.map(|partition| TopicPartition { topic: topic.clone(), partition }));
    }
    Ok(places)
}

/// Looks up where the places are in each partition.
async fn resolve(
    client: &Client,
    places: &[TopicPartition],
    span: Span,
    read_committed: bool,
) -> Result<Vec<Range>, Failure> {
    let ask = |query: OffsetQuery| {
        let queries: Vec<(TopicPartition, OffsetQuery)> =
            places.iter().map(|place| (place.clone(), query)).collect();
        async move { client.list_offsets(&queries, read_committed).await }
    };
    let starts = ask(OffsetQuery::Earliest).await?;
    let ends = ask(OffsetQuery::Latest).await?;
    let mut times = BTreeMap::new();
    for place in [Some(span.from), span.to].into_iter().flatten() {
        if let Place::Time(ms) = place {
            times.insert(ms, ask(OffsetQuery::Time(ms)).await?);
        }
    }
    let mut ranges = Vec::new();
    for i in 0..places.len() {
        let start = starts[i].unwrap_or(0);
        let end = ends[i].unwrap_or(start);
        let at_time = |ms: Ms| times.get(&ms).and_then(|found| found[i]);
        let from = locate(span.from, start, end, at_time);
        let to = span.to.map(|to| locate(to, start, end, at_time));
        ranges.push(Range { from, to });
    }
    Ok(ranges)
}

/// The offset of a place; a place outside of what is kept is the nearest that is.
fn locate(place: Place, start: i64, end: i64, at_time: impl Fn(Ms) -> Option<i64>) -> i64 {
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
    fn the_two_uses_of_o_are_told_apart() {
        let args = |o: &[&str]| ConsumeArgs {
            o: o.iter().map(|s| s.to_string()).collect(),
            ..ConsumeArgs::default()
        };
        let classified = |o: &[&str]| classify(&args(o)).expect("understood");
        assert_eq!(classified(&[]), ("start".into(), None));
        assert_eq!(classified(&["-5"]), ("-5".into(), None));
        assert_eq!(classified(&["json"]), ("start".into(), Some(Shape::Json)));
        assert_eq!(classified(&["json", "end"]), ("end".into(), Some(Shape::Json)));
        assert!(classify(&args(&["start", "end"])).is_err());
        assert!(classify(&args(&["json", "text"])).is_err());
    }

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
    fn bytes_that_are_no_text_are_told_from_text() {
        let record = Record {
            topic: "t".into(),
            partition: 0,
            offset: 1,
            timestamp: 2,
            key: None,
            value: Some(vec![0xff, 0xfe]),
            headers: vec![("h".into(), Some(b"x".to_vec()))],
            leader_epoch: 0,
            producer_id: -1,
            producer_epoch: -1,
        };
        assert_eq!(
            record_json(&record),
            json!({
                "topic": "t", "partition": 0, "offset": 1, "timestamp": 2, "key": null,
                "value_base64": "//4=", "headers": [{ "name": "h", "value": "x" }],
            })
        );
    }
}
