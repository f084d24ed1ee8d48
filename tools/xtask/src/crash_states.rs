//! `cargo xtask crash-states`: freeze the disk at every write, drop, tear or reorder what was not
//! flushed, recover, check. The states themselves are made in tests/sim.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::process::{Tally, cargo};

pub(crate) const HELP: &str = "
cargo xtask crash-states [--states N] [--seed S]

Runs N crash states of the log in the simulated world (20,000 unless told; millions are for a quiet
night) from seed S. Prints the seed; a failure prints the line that reproduces it.
";

/// States in a run of `cargo xtask test`.
pub(crate) const STATES_IN_CI: u64 = 20_000;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut states = STATES_IN_CI;
    let mut seed = None;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} wants a value"))?;
        let number = value.replace('_', "").parse().with_context(|| format!("{word} {value}"))?;
        match word.as_str() {
            "--states" => states = number,
            "--seed" => seed = Some(number),
            _ => bail!("there is no option {word}"),
        }
    }
    let tally = run_counted(states, seed)?;
    if tally.failed > 0 {
        bail!("{} failed", tally.failed);
    }
    Ok(())
}

/// Runs the crash-state tests with that many states.
pub(crate) fn run_counted(states: u64, seed: Option<u64>) -> Result<Tally> {
    process::run_counted(&mut command(states, seed)?)
}

fn command(states: u64, seed: Option<u64>) -> Result<Command> {
    let root = crate::tree::root()?;
    let mut command = cargo(&root, &["test", "--release", "-p", "tests-sim"]);
    command.args(["crash", "--", "--nocapture"]);
    command.env("BOBBIN_CRASH_STATES", states.to_string());
    if let Some(seed) = seed {
        command.env("BOBBIN_SEED", seed.to_string());
    }
    Ok(command)
}
