//! Compaction: the same records written to both, over several segments and in every codec; once
//! both have cleaned, what is left is the same: offsets, keys, values, times, headers.
//!
//! Kept true: nothing is hoped for: a broker is read until no key is there twice (and no tombstone,
//! where they go), then all is written down. It is not part of the corpus, because it needs brokers
//! that clean at once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use engine_base::Uuid;
use engine_record::{BatchBuilder, BatchView, Codec, Header, RecordReader, Rope};
use net_wire::List;
use net_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use serde_json::{Map, Value, json};
use tests_e2e::Seed;

use super::idempotence::SOMEBODY;
use super::{idempotence, make, produce_of, write};
use crate::side::Side;

/// What both brokers are told so that they clean at once.
pub(crate) const PROPERTIES: &[&str] =
    &["log.cleaner.backoff.ms=100", "log.retention.check.interval.ms=200"];

/// A segment is as old as this before the next begins: in Kafka by the times of its records, in
/// Bobbin by the clock.
const SEGMENT_MS: u64 = 100;
const DAY_MS: &str = "86400000";
/// How long a broker may take to clean.
const PATIENCE: Duration = Duration::from_secs(30);
const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

/// Segments of a partition, and the batches and records of each.
const SEGMENTS: i64 = 4;
const BATCHES: i64 = 10;
const RECORDS: i64 = 25;
const KEYS: u64 = 97;

/// Keeps its tombstones for a day.
const KEPT: &str = "kept";
/// Lets them go at once.
const GONE: &str = "gone";
/// Compacted and deleted.
const AGED: &str = "aged";
/// Name, policy, how long tombstones and records stay, in milliseconds.
const TOPICS: [(&str, &str, &str, &str); 3] = [
    (KEPT, "compact", DAY_MS, "-1"),
    (GONE, "compact", "1", "-1"),
    (AGED, "compact,delete", DAY_MS, "3600000"),
];

/// One whose batches are without a producer, one whose are a producer's.
const PARTITIONS: i32 = 2;

/// Milliseconds since 1970: the time of the newest records.
///
/// # Errors
/// When the clock stands before 1970.
pub(crate) fn now_ms() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// A record that is left.
struct Left {
    offset: i64,
    key: String,
    is_tombstone: bool,
    told: Value,
}

/// Writes, waits until it is cleaned, and writes down what is left. `now`: the same on both sides.
pub(crate) fn play(side: &mut Side, now: i64) -> Result<()> {
    let mut ids = Vec::new();
    for (name, policy, delete_retention, retention) in TOPICS {
        let configs = [
            ("cleanup.policy", policy),
            ("delete.retention.ms", delete_retention),
            ("retention.ms", retention),
            ("segment.ms", "100"),
            ("min.cleanable.dirty.ratio", "0.0001"),
        ];
        ids.push((name, make(side, name, PARTITIONS, &configs)?));
    }
    let mut sequence = 0;
    aged_go(side, ids[2].1, now, &mut sequence)?;
    fill(side, &ids, now, sequence)?;
    // When tombstones go that go at once is the cleaner's affair.
    for (name, _) in ids.iter().filter(|(name, _)| *name != GONE) {
        for partition in 0..PARTITIONS {
            let left = await_cleaned(side, name, partition, false)?;
            note(side, &format!("{name}-{partition}, cleaned"), &left);
        }
    }
    tombstones_go(side, ids[1].1, now)?;
    for (name, id) in &ids {
        places(side, name, now)?;
        idempotence::told(side, name)?;
        refused(side, name, *id)?;
    }
    Ok(())
}

/// Records of two hours ago go, the open segment with them; what comes after begins where they
/// ended.
fn aged_go(side: &mut Side, id: Uuid, now: i64, sequence: &mut i32) -> Result<()> {
    let long_ago = now - 2 * 3_600_000;
    let count = BATCHES * RECORDS;
    for batch in 0..BATCHES {
        for partition in 0..PARTITIONS {
            let batch = records(0, batch, long_ago, partition, *sequence);
            write(side, AGED, id, partition, &batch)?;
        }
        *sequence += i32::try_from(RECORDS)?;
    }
    let asked = [-2; PARTITIONS as usize];
    await_that(side, "records of two hours ago to go", |side| {
        let answer = side.quietly(7, &list_offsets(AGED, asked), &[])?;
        Ok(answer.topics[0].partitions.iter().all(|partition| partition.offset == count))
    })
}

/// The records of all topics: segment after segment, and one record behind them.
fn fill(side: &mut Side, topics: &[(&str, Uuid)], now: i64, aged: i32) -> Result<()> {
    let mut sequences = [0, 0, aged];
    for segment in 0..SEGMENTS {
        // A second between segments.
        let begin = now - 60_000 + segment * 1000;
        for batch in 0..BATCHES {
            for ((name, id), sequence) in topics.iter().zip(&mut sequences) {
                for partition in 0..PARTITIONS {
                    let batch = records(1 + segment, batch, begin, partition, *sequence);
                    write(side, name, *id, partition, &batch)?;
                }
                *sequence += i32::try_from(RECORDS)?;
            }
        }
        next_segment();
    }
    for (name, id) in topics {
        for partition in 0..PARTITIONS {
            write(side, name, *id, partition, &single("the end", now - 50_000))?;
        }
    }
    Ok(())
}

/// Waits until the next append begins a segment in Bobbin too.
fn next_segment() {
    std::thread::sleep(Duration::from_millis(SEGMENT_MS + 50));
}

/// Tombstones have had their time once what holds them is cleaned again.
fn tombstones_go(side: &mut Side, id: Uuid, now: i64) -> Result<()> {
    for (step, key) in (1..).zip(["filling", "filling", "the very end"]) {
        next_segment();
        for partition in 0..PARTITIONS {
            write(side, GONE, id, partition, &single(key, now - 50_000 + step * 1000))?;
        }
    }
    for partition in 0..PARTITIONS {
        let left = await_cleaned(side, GONE, partition, true)?;
        note(side, &format!("{GONE}-{partition}, without tombstones"), &left);
    }
    Ok(())
}

/// A batch of this segment: keys are overwritten, each eighth record is a tombstone.
fn records(segment: i64, batch: i64, begin: i64, partition: i32, sequence: i32) -> Vec<u8> {
    let number = (segment * BATCHES + batch).cast_unsigned();
    let mut seed = Seed::of(number << 8 | u64::from(partition.cast_unsigned()));
    let mut builder = BatchBuilder::new();
    if partition == 1 {
        builder = builder.producer(SOMEBODY, 0, sequence);
    }
    for record in 0..RECORDS {
        let key = format!("key {}", seed.next_u64() % KEYS);
        let value = format!("value {segment}.{batch}.{record} of {key}");
        let value = (!seed.next_u64().is_multiple_of(8)).then_some(value);
        let header = Header { key: b"of", value: Some(key.as_bytes()) };
        let headers = [header];
        let headers = if record % 5 == 0 { &headers[..] } else { &[] };
        // A segment's records lie within less than a segment's age.
        let time = begin + (batch * RECORDS + record) / 3;
        let value = value.as_ref().map(String::as_bytes);
        builder.append(time, Some(key.as_bytes()), value, headers);
    }
    builder.finish(CODECS[number as usize % CODECS.len()])
}

fn single(key: &str, time: i64) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    builder.append(time, Some(key.as_bytes()), Some(b"v"), &[]);
    builder.finish(Codec::None)
}

fn await_that(
    side: &mut Side,
    what: &str,
    mut is: impl FnMut(&mut Side) -> Result<bool>,
) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if is(side)? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("{}: still waiting for {what} after {PATIENCE:?}", side.name)
}

/// Reads until each key is there once, and, where they go, no tombstone: what is left then.
fn await_cleaned(side: &mut Side, name: &str, partition: i32, go: bool) -> Result<Vec<Left>> {
    let mut left = Vec::new();
    let what = format!("{name}-{partition} to be cleaned");
    await_that(side, &what, |side| {
        left = read(side, name, partition, 0)?;
        let keys: BTreeSet<&str> = left.iter().map(|record| &*record.key).collect();
        let has_tombstones = left.iter().any(|record| record.is_tombstone);
        Ok(keys.len() == left.len() && !(go && has_tombstones))
    })?;
    ensure!(left.len() > 50, "{}: {} records of {name}", side.name, left.len());
    Ok(left)
}

/// All records from an offset on, or from the log's start if that is later.
fn read(side: &mut Side, name: &str, partition: i32, from: i64) -> Result<Vec<Left>> {
    let asked = ListOffsetsPartition {
        partition_index: partition,
        current_leader_epoch: -1,
        timestamp: -2,
    };
    let topic = ListOffsetsTopic { name: name.to_owned(), partitions: List::from([asked]) };
    let request =
        ListOffsetsRequest { replica_id: -1, topics: List::from([topic]), ..Default::default() };
    let start = side.quietly(7, &request, &[])?.topics[0].partitions[0].offset;
    let mut next = start.max(from);
    let mut left = Vec::new();
    loop {
        let (end, bytes) = fetch(side, name, partition, next)?;
        let begun = next;
        let slices = [&*bytes];
        let mut at = 0;
        // A part of a batch at the end is passed over.
        while let Ok(batch) = BatchView::parse(Rope::new(&slices), at) {
            batch.verify_crc().map_err(|bad| anyhow::anyhow!("{name}: {bad:?}"))?;
            let mut reader = RecordReader::new(batch, 1 << 20)
                .map_err(|bad| anyhow::anyhow!("{name}: {bad:?}"))?;
            while let Some(record) = reader.next_record() {
                let record = record.map_err(|bad| anyhow::anyhow!("{name}: {bad:?}"))?;
                if record.offset >= begun {
                    left.push(told(&record, batch.header().codec())?);
                }
            }
            next = batch.header().last_offset() + 1;
            at += batch.header().total_bytes();
        }
        if next >= end {
            return Ok(left);
        }
        ensure!(next > begun, "{}: nothing of {name} at {next}, it ends at {end}", side.name);
    }
}

/// The high watermark, and batches from an offset on.
fn fetch(side: &mut Side, name: &str, partition: i32, from: i64) -> Result<(i64, Vec<u8>)> {
    let asked = FetchPartition {
        partition,
        fetch_offset: from,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let topic = FetchTopic {
        topic: name.to_owned(),
        topic_id: Uuid::ZERO,
        partitions: List::from([asked]),
    };
    let request = FetchRequest {
        replica_id: -1,
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: List::from([topic]),
        ..Default::default()
    };
    let (answer, records) = side.read_quietly(12, &request)?;
    let answer = &answer.responses[0].partitions[0];
    ensure!(answer.error_code == 0, "{}: {name} from {from}: {answer:?}", side.name);
    Ok((answer.high_watermark, records.into_iter().next().unwrap_or_default()))
}

fn told(record: &engine_record::Record<'_>, codec: Option<Codec>) -> Result<Left> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let key = text(record.key.context("a record without a key is left")?);
    let headers: Vec<String> = record.headers().map(|header| text(header.key)).collect();
    let told = json!({
        "key": key,
        "value": record.value.map(text),
        "timestamp": record.timestamp,
        "headers": headers.join(","),
        "codec": format!("{codec:?}"),
    });
    Ok(Left { offset: record.offset, key, is_tombstone: record.value.is_none(), told })
}

fn note(side: &mut Side, what: &str, left: &[Left]) {
    let records = left.iter().map(|left| (format!("{:06}", left.offset), left.told.clone()));
    side.note(what, 0, Value::Object(records.collect::<Map<String, Value>>()));
}

/// Offsets of moments, the end of the epoch, and what a reader finds who asks for what has gone.
fn places(side: &mut Side, name: &str, now: i64) -> Result<()> {
    let begin = now - 60_000;
    let moments = [-1, -2, -3, 0, begin, begin + 1, begin + 40, begin + 2000, begin + 3083, now];
    for moment in moments {
        let what = match moment {
            ..=0 => format!("{name}: {moment}"),
            _ => format!("{name}: {} ms in", moment - begin),
        };
        side.ask(&what, 7, &list_offsets(name, [moment; PARTITIONS as usize]))?;
    }
    let asked = (0..PARTITIONS).map(|partition| OffsetForLeaderPartition {
        partition,
        current_leader_epoch: -1,
        leader_epoch: 0,
    });
    let topic = OffsetForLeaderTopic { topic: name.to_owned(), partitions: asked.collect() };
    let request = OffsetForLeaderEpochRequest { replica_id: -1, topics: List::from([topic]) };
    side.ask(&format!("{name}: epoch 0"), 4, &request)?;
    for from in (0..1000).step_by(97) {
        let left = read(side, name, 0, from)?;
        note(side, &format!("{name}: the first from {from} on"), &left[..left.len().min(1)]);
    }
    Ok(())
}

/// A record without a key, and the last batches of a producer, again.
fn refused(side: &mut Side, name: &str, id: Uuid) -> Result<()> {
    let mut keyless = BatchBuilder::new();
    keyless.append(1, Some(b"key"), Some(b"v"), &[]);
    keyless.append(1, None, Some(b"v"), &[]);
    let keyless = keyless.finish(Codec::Lz4);
    let first = if name == AGED { 1 } else { 0 };
    let last = (first + SEGMENTS) * BATCHES - 1;
    let sequence = i32::try_from(last * RECORDS)?;
    let again = records(SEGMENTS, BATCHES - 1, 0, 1, sequence);
    for version in [3, 7, 8, 13] {
        // Where the log starts is told beside the refusal.
        let request = produce_of(name, id, &[(0, keyless.len())]);
        side.ask_with(&format!("{name}: without a key"), version, &request, &[&keyless])?;
        let request = produce_of(name, id, &[(1, again.len())]);
        side.ask_with(&format!("{name}: the last batch, again"), version, &request, &[&again])?;
    }
    Ok(())
}

fn list_offsets(name: &str, moments: [i64; PARTITIONS as usize]) -> ListOffsetsRequest {
    let asked = (0..).zip(moments).map(|(partition_index, timestamp)| ListOffsetsPartition {
        partition_index,
        current_leader_epoch: -1,
        timestamp,
    });
    let topic = ListOffsetsTopic { name: name.to_owned(), partitions: asked.collect() };
    ListOffsetsRequest { replica_id: -1, topics: List::from([topic]), ..Default::default() }
}
