//! `cargo xtask crash-states`: freeze the disk at every write, drop, tear or reorder what was not
//! flushed, recover, check. The states themselves are made in tests/sim.

use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::process::{Tally, cargo};

pub(crate) const HELP: &str = "
cargo xtask crash-states [--states N] [--seed S] [--jobs N]

Runs N crash states of the log in the simulated world (20,000 unless told; millions are for a quiet
night) from seed S (1). Jobs run beside each other (one per core unless told), each from a seed of
its own. A failure prints the line that reproduces it.
";

/// States in a run of `cargo xtask test`.
pub(crate) const STATES_IN_CI: u64 = 20_000;
/// Between the first seeds of two jobs: far more than the seeds that a job gets through.
const SEEDS_APART: u64 = 1_000_000_000;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut states, mut seed, mut jobs) = (STATES_IN_CI, 1, cores());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} wants a value"))?;
        let number = value.replace('_', "").parse().with_context(|| format!("{word} {value}"))?;
        match word.as_str() {
            "--states" => states = number,
            "--seed" => seed = number,
            "--jobs" => jobs = number.max(1),
            _ => bail!("there is no option {word}"),
        }
    }
    run_jobs(states, seed, jobs)?.verdict()
}

/// As many states as every commit must survive.
pub(crate) fn run_counted() -> Result<Tally> {
    run_jobs(STATES_IN_CI, 1, cores())
}

fn cores() -> u64 {
    thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

fn run_jobs(states: u64, seed: u64, jobs: u64) -> Result<Tally> {
    // Built once, so that the jobs do not wait for each other in cargo.
    process::run(command(&["--no-run"])?.arg("--quiet"))?;
    let mut running = Vec::new();
    for job in 0..jobs {
        let mut command = command(&["crash", "--", "--nocapture"])?;
        command.env("BOBBIN_CRASH_STATES", states.div_ceil(jobs).to_string());
        command.env("BOBBIN_SEED", (seed + job * SEEDS_APART).to_string());
        running.push(thread::spawn(move || process::run_counted(&mut command)));
    }
    let mut tally = Tally::default();
    for job in running {
        tally += job.join().map_err(|_| anyhow::anyhow!("a job panicked"))??;
    }
    Ok(tally)
}

fn command(words: &[&str]) -> Result<Command> {
    let root = crate::tree::root()?;
    let mut command = cargo(&root, &["test", "--release", "-p", "tests-sim"]);
    command.args(words);
    Ok(command)
}
