//! The row of many partitions: 10,000 at rest on one core, each figure beside its gate.
//!
//! Kept true: memory is what became resident since the start, after all was created, named and
//! fetched; a restart is timed from starting the process to its listener, after an ordinary end.

use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::brokers::{Bench, Side};
use super::results::{self, Limit};

/// As many as one request may create have a topic of their own ten times.
const MANY: &[&str] =
    &["--many", "--topics", "10", "--partitions", "1000", "--record-bytes", "1000"];

/// Starts, measures and starts again as often as asked; the figure is CPU per hot fetch, in
/// microseconds.
pub(crate) fn measure(bench: &Bench, rounds: usize) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        measured.push(round(bench)?);
    }
    let details = json!({
        "row": "many",
        "figure": "hot_fetch_cpu_us",
        "bobbin": results::spread(&measured, "hot_fetch_cpu_us"),
        "bobbin_rounds": measured,
    });
    println!("{}", results::line(&details));
    for (figure, gate) in [
        ("create_seconds", 5.0),
        ("metadata_ms", 30.0),
        ("idle_kib_each", 16.0),
        ("restart_seconds", 3.0),
        ("hot_fetch_cpu_us", 50.0),
    ] {
        let median = results::spread(&measured, figure)["median"].as_f64().unwrap_or(f64::NAN);
        print!("{}", results::gate(&format!("many {figure}"), median, Limit::AtMost(gate)));
    }
    Ok(details)
}

fn round(bench: &Bench) -> Result<Value> {
    let server = bench.start(Side::Bobbin, true)?;
    let before = server.resident_bytes().context("VmRSS")?;
    let mut measured = bench.load(&server, MANY)?;
    let after = server.resident_bytes().context("VmRSS")?;
    server.terminate()?;
    let started = Instant::now();
    let server = bench.start_bobbin(&bench.path("data"))?;
    measured["restart_seconds"] = json!(started.elapsed().as_secs_f64());
    let partitions = measured["partitions"].as_f64().context("how many partitions")?;
    let grown = after.saturating_sub(before) as f64;
    measured["idle_kib_each"] = json!(grown / 1024.0 / partitions);
    server.kill()?;
    Ok(measured)
}
