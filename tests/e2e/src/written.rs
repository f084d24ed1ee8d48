//! The records of client trials: what a writer with a name writes, and what must be true of it
//! whoever reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use net_wire::messages::fetch::{FetchPartition, FetchRequest};
use net_wire::{Message, Reader, Request, frame};
use serde_json::Value;

use crate::bad_input::fetch_request;
use crate::peer::Peer;

/// Kafka's codecs in the order of their numbers in a batch's attributes.
pub const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
const HOUR_MS: i64 = 3_600_000;
/// The first bytes of a batch, up to and with its attributes.
const ATTRIBUTES_AT: usize = 22;
const LENGTH_AT: Range<usize> = 8..12;
const FETCH_VERSION: i16 = 11;

/// A record as a program printed it.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where it is.
    pub partition: i64,
    /// Where it is.
    pub offset: i64,
    /// `WRITER-N`.
    pub key: String,
    /// The key, a colon and a hundred x.
    pub value: String,
    /// The writer's name, from the record's header.
    pub by: String,
    /// In milliseconds.
    pub timestamp: i64,
}

impl Written {
    /// The record of one printed line.
    ///
    /// # Errors
    /// When something is missing.
    pub fn of(line: &Value) -> Result<Written> {
        let text = |value: Option<&Value>, what| {
            let text = value.and_then(Value::as_str).map(String::from);
            text.with_context(|| format!("no {what} in {line}"))
        };
        let headers = line.get("headers").and_then(Value::as_object);
        let headers = headers.with_context(|| format!("no headers in {line}"))?;
        ensure!(headers.len() == 1, "one header: {line}");
        Ok(Written {
            partition: number(line, "partition")?,
            offset: number(line, "offset")?,
            key: text(line.get("key"), "key")?,
            value: text(line.get("value"), "value")?,
            by: text(headers.get("by"), "header by")?,
            timestamp: number(line, "timestamp")?,
        })
    }

    /// Writer and number.
    fn origin(&self) -> Result<(&str, usize)> {
        let (by, number) = self.key.rsplit_once('-').context("a key without a number")?;
        Ok((by, number.parse().context("the number of a key")?))
    }
}

/// A whole number of a line.
///
/// # Errors
/// When it is not there.
pub fn number(line: &Value, name: &str) -> Result<i64> {
    line.get(name).and_then(Value::as_i64).with_context(|| format!("no {name} in {line}"))
}

/// What bobbin and kcat are fed to write as `by`: key, tab, value.
pub fn input(by: &str, numbers: Range<usize>) -> String {
    let filling = "x".repeat(100);
    let mut text = String::new();
    for n in numbers {
        writeln!(text, "{by}-{n}\t{by}-{n}:{filling}").expect("because a string takes anything");
    }
    text
}

/// That these are all the records of those writers, each once, whole, and in order.
///
/// # Errors
/// With the first that is not so.
pub fn check(records: &[Written], writers: &[String], count: usize) -> Result<()> {
    let filling = "x".repeat(100);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the time")?.as_millis();
    let now = i64::try_from(now).context("the time in milliseconds")?;
    let mut left: BTreeSet<(&str, usize)> =
        writers.iter().flat_map(|by| (0..count).map(move |n| (&**by, n))).collect();
    let (mut offsets, mut orders) = (BTreeMap::new(), BTreeMap::new());
    for record in records {
        let (by, n) = record.origin()?;
        ensure!(left.remove(&(by, n)), "{} twice, or nobody's", record.key);
        ensure!(record.value == format!("{}:{filling}", record.key), "{record:?}");
        ensure!(record.by == by, "{record:?}");
        ensure!((now - HOUR_MS..now + HOUR_MS).contains(&record.timestamp), "{record:?}");
        let next = offsets.entry(record.partition).or_insert(0);
        ensure!(record.offset == *next, "offset {next} was to come: {record:?}");
        *next += 1;
        let before = orders.insert((record.partition, by), n);
        ensure!(before.is_none_or(|before| before < n), "after {before:?}: {record:?}");
    }
    ensure!(left.is_empty(), "{} are missing, such as {:?}", left.len(), left.first());
    ensure!(offsets.len() > 1, "everything is in one partition");
    Ok(())
}

/// Records as kcat and bobbin print them with partition, offset, key, value, headers and timestamp
/// between tabs.
pub fn lines(records: &[Written]) -> BTreeSet<String> {
    let line = |one: &Written| {
        let Written { partition, offset, key, value, by, timestamp } = one;
        format!("{partition}\t{offset}\t{key}\t{value}\tby={by}\t{timestamp}")
    };
    records.iter().map(line).collect()
}

/// That the lines of a text are these, each once, in any order.
///
/// # Errors
/// With the first that is too many or missing.
pub fn same(wanted: &BTreeSet<String>, text: &str) -> Result<()> {
    let found: BTreeSet<String> = text.lines().map(String::from).collect();
    ensure!(text.lines().count() == found.len(), "lines come twice");
    let odd = found.symmetric_difference(wanted).next();
    ensure!(odd.is_none(), "{} lines instead of {}: {odd:?}", found.len(), wanted.len());
    Ok(())
}

/// The codecs of the batches of a topic, from their bytes.
///
/// # Errors
/// When they cannot be fetched.
pub fn codecs_of_batches(
    bootstrap: &str,
    topic: &str,
    partitions: i32,
) -> Result<BTreeSet<String>> {
    let mut peer = Peer::connect(bootstrap)?;
    let mut found = BTreeSet::new();
    for partition in 0..partitions {
        let mut request = fetch_request(topic, 0);
        for one in request.topics.iter_mut().flat_map(|topic| topic.partitions.iter_mut()) {
            *one = FetchPartition { partition, partition_max_bytes: 1 << 24, ..one.clone() };
        }
        request.max_bytes = 1 << 24;
        let bytes = peer.frame(&request, FETCH_VERSION, &[])?;
        peer.send(&bytes)?;
        let answer = peer.receive()?;
        codecs_of_answer(&answer, &mut found)?;
    }
    Ok(found)
}

fn codecs_of_answer(answer: &[u8], found: &mut BTreeSet<String>) -> Result<()> {
    let slices = [answer];
    let mut reader = Reader::new(&slices);
    frame::response_header(&mut reader, FetchRequest::API, FETCH_VERSION)?;
    let response = <FetchRequest as Request>::Response::decode(&mut reader, FETCH_VERSION)?;
    for one in response.responses.iter().flat_map(|topic| topic.partitions.iter()) {
        ensure!(one.error_code == 0, "error {}", one.error_code);
        let Some(range) = one.records else { continue };
        let mut rest = &answer[range.start..range.start + range.len];
        while rest.len() > ATTRIBUTES_AT {
            let length: [u8; 4] = rest[LENGTH_AT].try_into().context("a batch's length")?;
            let length = usize::try_from(i32::from_be_bytes(length))? + LENGTH_AT.end;
            let codec = usize::from(rest[ATTRIBUTES_AT] & 7);
            found.insert((*CODECS.get(codec).context("an unknown codec")?).to_owned());
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    Ok(())
}
