//! `cargo xtask loom`: what threads hand to each other, in every order of their steps.
//!
//! Kept true: it builds into target/loom, because `--cfg loom` is another world for every crate.

use anyhow::{Result, bail};

use crate::process;
use crate::process::{Tally, cargo};

pub(crate) const HELP: &str = "
cargo xtask loom

Runs the models of engine/rt's hand-offs between threads (a core's doorbell, the helper threads'
desk): lost wake-ups, a full desk, closing, working off what is left. Takes seconds.
";

pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    run_counted()?.verdict()
}

/// All models.
pub(crate) fn run_counted() -> Result<Tally> {
    let root = crate::tree::root()?;
    let mut command = cargo(&root, &["test", "-p", "engine-rt", "--lib", "loom_"]);
    command.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", root.join("target/loom"));
    let tally = process::run_counted(&mut command)?;
    if tally.passed == 0 && tally.failed == 0 {
        bail!("no model ran");
    }
    Ok(tally)
}
