//! `cargo xtask bench`: speed rows, each beside the floor of the same machine in the same run.

use anyhow::{Result, bail};

pub(crate) const HELP: &str = "
cargo xtask bench [ROW...]
";

pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    bail!("rows come with bench/load")
}
