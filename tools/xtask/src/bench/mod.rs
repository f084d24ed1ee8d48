//! `cargo xtask bench`: speed rows, each beside the floor of the same machine in the same run.
//!
//! Kept true: broker on core 0, generator on core 1; floor and broker take turns, so that a noisy
//! hour hits both; medians and ranges of all rounds are told, never the best one; what is needed to
//! judge a figure (commit, kernel, file system, flushes of the device, banner) stands beside it.

mod beside;
mod brokers;
mod cold_build;
mod groups;
mod machine;
mod many;
mod quotas;
mod recovery;
mod results;
mod rows;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process;
use crate::process::cargo;

pub(crate) const HELP: &str = "
cargo xtask bench [--rounds N] [--seconds S] [ROW...]

Rows (all unless named):
  one-flushed, one-cached                 one request of 1 KiB in flight
  load-flushed, load-cached               64 connections, one request of 1 KiB each in flight
  partitions-flushed, partitions-cached   the same over 1,000 partitions
  deep-flushed, deep-cached               64 connections, 8 requests of 1 KiB each in flight
  big-flushed, big-cached                 8 connections, 4 requests of 16 KiB each in flight
  open-flushed, open-cached               1,000 requests a second, latency from the intended time
  commits-flushed                         5,000 offset commits a second, 20 groups, 1,000 keys
  recovery                                kill -9 with 1,000 partitions and a full journal
  many                                    10,000 partitions: created, named, fetched, restarted
  retention                               open-flushed beside 1,000s of segments that go at once
  compaction                              open-flushed beside a topic that is compacted
  quotas                                  loads with quotas that never bite, and with none
  settle-classic, settle-consumer         500 members join a group over 1,000 partitions at once
  group-recovery                          kill -9 behind commits to 1,000 keys, S seconds of them
  cold-build                              a release build from nothing, and the binary's size

`-flushed` acknowledges what has been flushed, `-cached` uses topics with write.caching=true. Needs
two cores and taskset. XTASK_FLOOR names the floor: a program that is started as `FLOOR PORT
none|durable JOURNAL` and answers Produce requests; without it there is no column to compare with.
5 rounds of 10 seconds unless told. Results go to target/bench/results.json, a line per row to the
terminal.
";

/// Measures a row that is more than a load, in so many rounds.
type Measure = fn(&brokers::Bench, usize) -> Result<Value>;

const OTHER_ROWS: &[(&str, Measure)] = &[
    ("recovery", recovery::measure),
    ("many", many::measure),
    ("retention", beside::retention),
    ("compaction", beside::compaction),
    ("quotas", quotas::measure),
    ("settle-classic", groups::classic),
    ("settle-consumer", groups::consumer),
    ("group-recovery", groups::recovery),
    ("cold-build", cold_build::measure),
];

/// What a run is told.
struct Plan {
    rounds: usize,
    seconds: f64,
    rows: Vec<String>,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let plan = parse(arguments)?;
    let root = crate::tree::root()?;
    let release = ["build", "--release", "-p", "bobbin", "-p", "bench-load"];
    process::run(&mut cargo(&root, &release))?;
    let folder = root.join("target/bench");
    fs::create_dir_all(&folder).context("target/bench")?;
    let bench = brokers::Bench::new(&root, &folder, plan.seconds)?;
    let mut rows = Vec::new();
    for row in rows::ROWS.iter().filter(|row| plan.wants(row.name)) {
        rows.push(rows::measure(row, &bench, plan.rounds)?);
        write(&folder, &bench, &rows)?;
    }
    for (_, measure) in OTHER_ROWS.iter().filter(|(name, _)| plan.wants(name)) {
        rows.push(measure(&bench, plan.rounds)?);
        write(&folder, &bench, &rows)?;
    }
    println!("\n{}", results::gates(&rows));
    println!("details: target/bench/results.json");
    Ok(())
}

impl Plan {
    fn wants(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|wanted| wanted == row)
    }
}

fn parse(arguments: &[String]) -> Result<Plan> {
    let mut plan = Plan { rounds: 5, seconds: 10.0, rows: Vec::new() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => plan.rounds = words.next().context("--rounds N")?.parse()?,
            "--seconds" => plan.seconds = words.next().context("--seconds S")?.parse()?,
            row if OTHER_ROWS.iter().any(|(known, _)| *known == row)
                || rows::ROWS.iter().any(|known| known.name == row) =>
            {
                plan.rows.push(row.to_owned());
            }
            _ => bail!("there is no row or option {word}"),
        }
    }
    Ok(plan)
}

fn write(folder: &Path, bench: &brokers::Bench, rows: &[Value]) -> Result<()> {
    let whole = json!({ "machine": bench.machine, "rows": rows });
    let text = serde_json::to_string_pretty(&whole).context("the results as JSON")?;
    fs::write(folder.join("results.json"), text + "\n").context("target/bench/results.json")
}
