//! Rows of consumer groups: how long a large group takes to come together, and a coordinator that
//! was killed behind many commits.
//!
//! Kept true: the clock of a settling group runs in the generator, from its first join to its last
//! share; that of a recovery from the start of the process to a commit of every group.

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::brokers::{Bench, Side};
use super::results;

/// Every group commits for as many keys at once: 20 groups of 50 partitions.
const COMMITS: &[&str] = &["--create", "--groups", "20", "--partitions", "50", "--whole"];
const KEYS_AT_ONCE: u64 = 50;

/// 500 members over 1,000 partitions, in the classic protocol.
pub(crate) fn classic(bench: &Bench, rounds: usize) -> Result<Value> {
    settle(bench, rounds, "settle-classic", &[])
}

/// The same in the consumer protocol.
pub(crate) fn consumer(bench: &Bench, rounds: usize) -> Result<Value> {
    settle(bench, rounds, "settle-consumer", &["--consumer"])
}

fn settle(bench: &Bench, rounds: usize, row: &str, more: &[&str]) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        let server = bench.start(Side::Bobbin, true)?;
        let mut words = vec!["--create", "--partitions", "1000", "--members", "500"];
        words.extend(more);
        measured.push(bench.load(&server, &words)?);
        server.kill()?;
    }
    Ok(told(row, "settle_ms", &measured))
}

/// Commits as fast as they are answered, kill -9, and the time until every group may commit again.
/// 20 million commits take `--seconds 120` or so.
pub(crate) fn recovery(bench: &Bench, rounds: usize) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        let seconds = bench.seconds.to_string();
        let server = bench.start(Side::Bobbin, true)?;
        let mut words = [COMMITS, &["--prime", "--connections", "64", "--depth", "16"]].concat();
        words.extend(["--seconds", &seconds]);
        let load = bench.load(&server, &words)?;
        server.kill()?;
        let started = Instant::now();
        let server = bench.start_bobbin(&bench.path("data"))?;
        // One commit of each group, one after the other, tells that its coordinator is there.
        let words = ["--prime", "--seconds", "0.01", "--warmup", "0", "--connections", "1"];
        let groups = ["--groups", "20", "--partitions", "1"];
        bench.load(&server, &[&groups[..], &words].concat())?;
        let seconds = started.elapsed().as_secs_f64();
        server.kill()?;
        let commits = load["count"].as_u64().map(|requests| requests * KEYS_AT_ONCE);
        measured.push(json!({ "seconds": seconds, "commits": commits, "load": load }));
    }
    Ok(told("group-recovery", "seconds", &measured))
}

fn told(row: &str, figure: &str, measured: &[Value]) -> Value {
    let details = json!({
        "row": row,
        "figure": figure,
        "bobbin": results::spread(measured, figure),
        "bobbin_rounds": measured,
    });
    println!("{}", results::line(&details));
    details
}
