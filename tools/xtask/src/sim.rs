//! `cargo xtask sim`: the simulator's tests, optimized, with the seed and length asked for.

use anyhow::Result;

use crate::process;
use crate::process::cargo;

pub(crate) const HELP: &str = "
cargo xtask sim [NAME...] [-- TEST OPTIONS]

Runs the tests of tests/sim in an optimized build. NAME chooses tests as `cargo test` does.
`cargo xtask crash-states` is the long run of the log's crash states.
";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let root = crate::tree::root()?;
    process::run(cargo(&root, &["test", "--release", "-p", "tests-sim"]).args(arguments))
}
