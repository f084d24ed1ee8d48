//! The rows: what is sent, and what is compared. Floor and broker take turns, round by round.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::brokers::{Bench, Side};
use super::results;

const SETTLE: Duration = Duration::from_secs(1);

/// A row of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    flushed: bool,
    partitions: u32,
    load: &'static [&'static str],
    /// The figure that is compared: `rate`, or a latency such as `p50_us`.
    pub(crate) figure: &'static str,
}

const fn row(
    name: &'static str,
    flushed: bool,
    partitions: u32,
    load: &'static [&'static str],
    figure: &'static str,
) -> Row {
    Row { name, flushed, partitions, load, figure }
}

const ONE: &[&str] = &["--connections", "1"];
const LOAD: &[&str] = &["--connections", "64"];
const DEEP: &[&str] = &["--connections", "64", "--depth", "8"];
const BIG: &[&str] = &["--connections", "8", "--depth", "4", "--record-bytes", "16384"];
const OPEN: &[&str] = &["--connections", "16", "--rate", "1000"];

/// 5,000 commits a second, over 20 groups of 50 partitions each: 1,000 keys.
const COMMITS: &[&str] = &["--connections", "20", "--rate", "5000", "--groups", "20"];

pub(crate) const ROWS: &[Row] = &[
    row("one-flushed", true, 1, ONE, "p50_us"),
    row("load-flushed", true, 1, LOAD, "rate"),
    row("partitions-flushed", true, 1000, LOAD, "rate"),
    row("deep-flushed", true, 1, DEEP, "rate"),
    row("big-flushed", true, 1, BIG, "rate"),
    row("open-flushed", true, 1, OPEN, "p50_us"),
    row("commits-flushed", true, 50, COMMITS, "p99_us"),
    row("one-cached", false, 1, ONE, "p50_us"),
    row("load-cached", false, 1, LOAD, "rate"),
    row("partitions-cached", false, 1000, LOAD, "rate"),
    row("deep-cached", false, 1, DEEP, "rate"),
    row("big-cached", false, 1, BIG, "rate"),
    row("open-cached", false, 1, OPEN, "p50_us"),
];

/// Measures a row in `rounds` turns; prints a line and returns the details.
pub(crate) fn measure(row: &Row, bench: &Bench, rounds: usize) -> Result<Value> {
    let (mut floor, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        // The floor answers Produce alone.
        if bench.has_floor() && !row.load.contains(&"--groups") {
            floor.push(round(row, bench, Side::Floor)?);
        }
        ours.push(round(row, bench, Side::Bobbin)?);
    }
    let details = json!({
        "row": row.name,
        "figure": row.figure,
        "partitions": row.partitions,
        "floor": results::spread(&floor, row.figure),
        "bobbin": results::spread(&ours, row.figure),
        "floor_rounds": floor,
        "bobbin_rounds": ours,
    });
    println!("{}", results::line(&details));
    Ok(details)
}

/// One turn of one side: a fresh server, a load, and what the device did meanwhile.
fn round(row: &Row, bench: &Bench, side: Side) -> Result<Value> {
    let server = bench.start(side, row.flushed)?;
    let (partitions, seconds) = (row.partitions.to_string(), bench.seconds.to_string());
    let mut words = vec!["--seconds", &seconds, "--prime"];
    words.extend(row.load);
    if side == Side::Bobbin {
        // The floor takes every request for the same; only a broker has topics.
        words.extend(["--create", "--partitions", &partitions]);
        if !row.flushed {
            words.extend(["--config", "write.caching=true"]);
        }
    }
    // What the start itself wrote is out of the device's way before anything is measured.
    std::thread::sleep(SETTLE);
    let before = bench.device()?;
    let mut line = bench.load(&server, &words)?;
    let after = bench.device()?;
    if let (Some(before), Some(after)) = (before, after) {
        line["device_writes"] = json!(after.writes - before.writes);
        line["device_flushes"] = json!(after.flushes - before.flushes);
    }
    line["kernel_workers"] = json!(server.kernel_workers());
    line["resident_bytes"] = json!(server.resident_bytes());
    line["printed"] = json!(server.printed().lines().take(20).collect::<Vec<&str>>());
    server.kill()?;
    Ok(line)
}
