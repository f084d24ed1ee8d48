//! `cargo xtask ci`: what a commit must pass, in the order in which it fails fastest. It only
//! looks.

use anyhow::Result;

use crate::process;
use crate::process::cargo;

pub(crate) const HELP: &str = "
cargo xtask ci

Format check, clippy with warnings denied, tidy, the generated code compared with its descriptions,
then everything that `cargo xtask test` runs. Changes nothing outside target/.
";

pub(crate) fn run_lints() -> Result<()> {
    let root = crate::tree::root()?;
    process::run(&mut cargo(&root, &["fmt", "--all", "--check"]))?;
    process::run(&mut cargo(
        &root,
        &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"],
    ))?;
    crate::tidy::run(&[])?;
    crate::codegen::run(&["--check".to_owned()])
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    run_lints()?;
    crate::test::run(arguments)
}
