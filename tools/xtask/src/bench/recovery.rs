//! The recovery row: 1,000 partitions, a load that goes round the journal, kill -9, and the time
//! from starting the process to the first acknowledged append.

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::brokers::{Bench, Side};
use super::results;

/// Loads, kills and restarts as often as asked; the figure is in seconds.
pub(crate) fn measure(bench: &Bench, rounds: usize) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        measured.push(round(bench)?);
    }
    let details = json!({
        "row": "recovery",
        "figure": "seconds",
        "bobbin": results::spread(&measured, "seconds"),
        "bobbin_rounds": measured,
    });
    println!("{}", results::line(&details));
    Ok(details)
}

fn round(bench: &Bench) -> Result<Value> {
    let seconds = bench.seconds.to_string();
    let server = bench.start(Side::Bobbin, true)?;
    let many = ["--create", "--prime", "--partitions", "1000", "--connections", "64"];
    let mut words = many.to_vec();
    words.extend(["--seconds", &seconds, "--record-bytes", "4096", "--depth", "4"]);
    let load = bench.load(&server, &words)?;
    server.kill()?;

    let started = Instant::now();
    let server = bench.start_bobbin(&bench.path("data"))?;
    let listening = started.elapsed().as_secs_f64();
    // The first acknowledgement, with the generator's own start counted in.
    bench
        .load(&server, &["--prime", "--seconds", "0.01", "--warmup", "0", "--connections", "1"])?;
    let seconds = started.elapsed().as_secs_f64();
    let printed: Vec<String> = server.printed().lines().take(20).map(str::to_owned).collect();
    server.kill()?;
    Ok(json!({
        "seconds": seconds,
        "listening_after_seconds": listening,
        "bytes_written": load["count"].as_u64().map(|count| count * 4096),
        "printed": printed,
    }))
}
