//! Rows of an open loop beside the broker's own work: the same loop alone first, then while the
//! work goes on, on one server; the figure is a latency beside it as a multiple of that alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::brokers::{Bench, Server, Side};
use super::results;

const OPEN: &[&str] = &["--create", "--topic", "hot", "--connections", "16", "--rate", "1000"];
/// Until what was filled has left the journal, its logs rest and the device is quiet.
const SETTLE: Duration = Duration::from_secs(15);
/// The open loop's own warm-up is over by then.
const INTO_THE_LOOP: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);

/// A row: what is filled, what orders the work, and which latency is compared.
struct Work {
    row: &'static str,
    fill: &'static [&'static str],
    orders: &'static [&'static [&'static str]],
    latency: &'static str,
    /// The work is done when the segments have this share of their bytes, in percent.
    left_percent: u64,
}

/// 100 partitions with segments of 1 MiB, which all go at once.
const RETENTION: Work = Work {
    row: "retention",
    fill: &[
        "--topic=old",
        "--partitions=100",
        "--config=segment.bytes=1048576",
        "--record-bytes=16384",
        "--connections=8",
        "--depth=4",
    ],
    orders: &[&["topic", "alter", "old", "-c", "retention.ms=1"]],
    latency: "p99_9_us",
    left_percent: 50,
};

/// 4 partitions of 16,384 keys with segments of 16 MiB, which become compacted.
const COMPACTION: Work = Work {
    row: "compaction",
    fill: &[
        "--topic=old",
        "--partitions=4",
        "--config=segment.bytes=16777216",
        "--records=16",
        "--keys=16384",
        "--connections=8",
        "--depth=4",
    ],
    orders: &[
        &["config", "set", "broker", "0", "log.cleaner.backoff.ms=100"],
        &["topic", "alter", "old", "-c", "cleanup.policy=compact"],
    ],
    latency: "p99_us",
    left_percent: 30,
};

/// p99.9 beside a mass retention.
pub(crate) fn retention(bench: &Bench, rounds: usize) -> Result<Value> {
    measure(&RETENTION, bench, rounds)
}

/// p99 beside compaction, and how much compaction reads in a second.
pub(crate) fn compaction(bench: &Bench, rounds: usize) -> Result<Value> {
    measure(&COMPACTION, bench, rounds)
}

fn measure(work: &Work, bench: &Bench, rounds: usize) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        measured.push(round(work, bench)?);
    }
    let details = json!({
        "row": work.row,
        "figure": "ratio",
        "bobbin": results::spread(&measured, "ratio"),
        "megabytes_per_second": results::spread(&measured, "megabytes_per_second"),
        "bobbin_rounds": measured,
    });
    println!("{}", results::line(&details));
    Ok(details)
}

fn round(work: &Work, bench: &Bench) -> Result<Value> {
    let seconds = bench.seconds.to_string();
    let server = bench.start(Side::Bobbin, true)?;
    let fill: Vec<&str> = work.fill.iter().flat_map(|word| word.splitn(2, '=')).collect();
    bench.load(&server, &[&fill[..], &["--create", "--prime", "--seconds", &seconds]].concat())?;
    thread::sleep(SETTLE);
    let data = bench.path("data");
    let bytes = segment_bytes(&data)?;
    let open = [OPEN, &["--seconds", &seconds]].concat();
    let before = bench.load(&server, &open)?;
    let (during, took) = thread::scope(|scope| {
        let done = scope.spawn(|| {
            thread::sleep(INTO_THE_LOOP);
            order(work, bench, &server)?;
            until(&data, bytes * work.left_percent / 100)
        });
        let during = bench.load(&server, &open)?;
        let took = done.join().map_err(|_| anyhow::anyhow!("the order panicked"))??;
        anyhow::Ok((during, took))
    })?;
    server.kill()?;
    let at = |load: &Value| load[work.latency].as_f64().context("a load without latencies");
    Ok(json!({
        "ratio": at(&during)? / at(&before)?,
        "before": before,
        "during": during,
        "input_bytes": bytes,
        "took_seconds": took.as_secs_f64(),
        "megabytes_per_second": bytes as f64 / 1e6 / took.as_secs_f64(),
    }))
}

fn order(work: &Work, bench: &Bench, server: &Server) -> Result<()> {
    let address = format!("127.0.0.1:{}", server.port);
    for words in work.orders {
        let mut command = Command::new(bench.binary());
        crate::process::output(command.args(*words).args(["-b", &address]))?;
    }
    Ok(())
}

/// How long it takes until the segments have no more bytes than this.
fn until(data: &Path, left: u64) -> Result<Duration> {
    let started = Instant::now();
    while segment_bytes(data)? > left {
        ensure!(started.elapsed() < Duration::from_secs(60), "a minute was not enough");
        thread::sleep(LOOK);
    }
    Ok(started.elapsed())
}

/// Bytes of all segment files below a directory. Files that go meanwhile have none.
fn segment_bytes(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    for path in paths(dir)? {
        let facts = match fs::metadata(&path) {
            Ok(facts) => facts,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("{}", path.display())),
        };
        if facts.is_dir() {
            bytes += segment_bytes(&path)?;
        } else if path.extension().is_some_and(|end| end == "log") {
            bytes += facts.len();
        }
    }
    Ok(bytes)
}

fn paths(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}
