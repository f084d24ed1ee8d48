//! `bobbin consume`: records of partitions, from a place on, perhaps to another; or as a member of
//! a group (`grouped`).
//! Kept true: of a partition every record from the first place to the last is printed once, in
//! order.

mod grouped;
mod printer;

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use clap::ValueEnum;
use engine_base::TopicPartition;
use engine_rt::sync::{Either, race};
use net_client::{Client, Consumer, ConsumerOptions};

use super::places::{partitions_of, resolve};
use super::with_client;
use crate::cli::ConsumeArgs;
use crate::client_options::Chosen;
use crate::failure::Failure;
use crate::layout::Layout;
use crate::moment::Ms;
use crate::offsets::{self, Place, Span};
use crate::output::Shape;
use crate::progress::Progress;

pub(crate) use grouped::Pace;
pub(crate) use printer::{Printer, Style};

/// How a record is printed when nobody says.
const PLAIN: &str = "%v\\n";
/// How with `-o wide`.
const WIDE: &str = "%t[%p]@%o %T{rfc3339} %k %v%h{ %k=%v}\\n";

/// Runs the command.
pub(crate) fn run(args: ConsumeArgs) -> Result<(), Failure> {
    let (offset, shape) = classify(&args)?;
    let style = match (&args.format, shape) {
        (Some(text), None) => Style::Layout(parse_layout(text)?),
        (None, Some(shape @ (Shape::Json | Shape::Jsonl | Shape::Yaml))) => Style::Shape(shape),
        (None, Some(Shape::Wide)) => Style::Layout(parse_layout(WIDE)?),
        (None, Some(Shape::Text) | None) => Style::Layout(parse_layout(PLAIN)?),
        (Some(_), Some(_)) => {
            return Err(Failure::usage("-f and -o json say two things about how to print"));
        }
    };
    with_client(&args.broker.clone(), |client, chosen| async move {
        let now = client.core().wall().0;
        let span = span(&offset, args.exit, now)?;
        let job = Job { args, span, idle: None };
        run_job(&client, &job, &chosen, Printer::new(style)).await.1
    })
}

/// Consumes; how many records were printed, and how it ended.
pub(crate) async fn run_job(
    client: &Client,
    job: &Job,
    chosen: &Chosen,
    mut printer: Printer,
) -> (u64, Result<(), Failure>) {
    let ended = match job.args.group.clone() {
        Some(group) => grouped::consume(client, job, group, chosen, &mut printer).await,
        None => consume(client, job, chosen.consumer.clone(), &mut printer).await,
    };
    (printer.printed(), ended)
}

/// Tells the two uses of `-o` apart: an offset, and how to print.
fn classify(args: &ConsumeArgs) -> Result<(String, Option<Shape>), Failure> {
    let mut offset = args.offset.clone();
    let mut shape = args.output;
    for text in &args.o {
        let (seen, word) = match Shape::from_str(text, false) {
            Ok(named) => (shape.replace(named).is_some(), "how to print"),
            Err(_) => (offset.replace(text.clone()).is_some(), "where to begin"),
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
        Failure::usage(why).next("or how to print: -o text, wide, json, yaml or jsonl")
    })?;
    if exit && span.to.is_none() {
        span.to = Some(Place::End);
    }
    Ok(span)
}

pub(crate) struct Job {
    pub(crate) args: ConsumeArgs,
    pub(crate) span: Span,
    /// To end when nothing came for so long.
    pub(crate) idle: Option<Duration>,
}

/// Where one partition is read from, and one past where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: i64,
    to: Option<i64>,
}

async fn consume(
    client: &Client,
    job: &Job,
    options: ConsumerOptions,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let mut places = Vec::new();
    for topic in &job.args.topics {
        places.extend(partitions_of(client, topic, &job.args.partition).await?);
    }
    let Span { from, to } = job.span;
    let ranges = resolve(client, &places, from, to, options.read_committed).await?;
    let consumer = Consumer::new(client, options);
    let mut open: BTreeMap<TopicPartition, Range> = BTreeMap::new();
    let mut left: Option<u64> = Some(0);
    for (place, (from, to)) in places.into_iter().zip(ranges) {
        left = left.zip(to).map(|(left, to)| left + u64::try_from(to - from).unwrap_or(0));
        if to.is_none_or(|to| from < to) {
            consumer.assign(&place.topic, place.partition, from);
            open.insert(place, Range { from, to });
        }
    }
    let limit = job.args.count.unwrap_or(u64::MAX);
    let mut progress = Progress::of_records(left.map(|left| left.min(limit)));
    let core = client.core().clone();
    let mut closed = pin!(core.stdout_closed());
    let mut last = core.now();
    while !open.is_empty() && printer.printed() < limit {
        // A reader that has gone away ends this now, not when more is there to print.
        let left = job.idle.map_or(Duration::MAX, |idle| idle.saturating_sub(core.now() - last));
        let polled = match race(core.timeout(left, consumer.poll()), closed.as_mut()).await {
            Either::Left(polled) => polled,
            Either::Right(()) => return Err(Failure::pipe()),
        };
        let Ok(fetched) = polled else { break };
        let fetched = fetched?;
        if fetched.iter().any(|fetched| !fetched.records.is_empty()) {
            last = core.now();
        }
        for fetched in fetched {
            let Some(range) = open.get(&fetched.place).copied() else { continue };
            for record in &fetched.records {
                let beyond = range.to.is_some_and(|to| record.offset >= to);
                if beyond || printer.printed() == limit {
                    break;
                }
                printer.print(record)?;
            }
            if range.to.is_some_and(|to| fetched.next >= to) {
                consumer.unassign(&fetched.place.topic, fetched.place.partition);
                open.remove(&fetched.place);
            }
        }
        printer.flush()?;
        progress.at(printer.printed());
    }
    progress.done();
    printer.end()
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
}
