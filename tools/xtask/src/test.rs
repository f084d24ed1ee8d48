//! `cargo xtask test`: sets up what the tests need, runs everything that fits in half an hour, and
//! closes with one line that says how many passed and how many failed.

use std::time::Instant;

use anyhow::Result;

use crate::process;
use crate::process::{Tally, cargo};
use crate::{crash_states, e2e, loom, oracle, wire_oracle};

pub(crate) const HELP: &str = "
cargo xtask test

Fetches what the tests need into target/ (pinned clients in Python, Java, JavaScript, Go and Rust,
for which python3, mvn, npm and go must be there, and Kafka's jars; kcat from Debian when it is
missing and we are root), then runs: every crate's tests, the loom models, our messages beside
Kafka's classes, our answers beside a real Kafka's, the crash states of the log, and other people's
clients against the release binary. Goes on after a failure; the last line is `N passed, N failed`.
";

/// A part of the run.
struct Step {
    name: &'static str,
    run: fn() -> Result<Tally>,
}

const STEPS: &[Step] = &[
    Step { name: "every crate's tests", run: workspace },
    Step { name: "hand-offs between threads", run: loom::run_counted },
    Step { name: "Kafka's message classes", run: wire_oracle::run_counted },
    Step { name: "a real Kafka, asked the same", run: oracle::run_counted },
    Step { name: "crash states of the log", run: crash_states::run_counted },
    Step { name: "other people's clients", run: e2e::run_counted },
];

pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    let mut total = Tally::default();
    let mut summary = String::new();
    for step in STEPS {
        println!("\n== {}", step.name);
        let started = Instant::now();
        let tally = (step.run)().unwrap_or_else(|error| {
            println!("xtask test: {}: {error:#}", step.name);
            Tally { failed: 1, ..Tally::default() }
        });
        let seconds = started.elapsed().as_secs_f64();
        summary.push_str(&format!(
            "   {:<26} {:>5} passed {:>4} failed {seconds:>6.0} s\n",
            step.name, tally.passed, tally.failed
        ));
        for why in &tally.skipped {
            summary.push_str(&format!("   SKIPPED: {why}\n"));
        }
        total += tally;
    }
    println!("\n{summary}\n{} passed, {} failed", total.passed, total.failed);
    total.verdict()
}

fn workspace() -> Result<Tally> {
    let root = crate::tree::root()?;
    process::run_counted(&mut cargo(&root, &["test", "--workspace", "--no-fail-fast"]))
}
