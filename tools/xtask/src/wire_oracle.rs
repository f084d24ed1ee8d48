//! `cargo xtask wire-oracle`: Kafka's own message classes beside ours, every API and version.
//!
//! Kept true: everything that is fetched or compiled for it lies in `target/wire-oracle`; a second
//! run fetches nothing.

use std::path::Path;

use anyhow::Result;

use crate::process::{Tally, cargo};
use crate::{jars, process};

pub(crate) const HELP: &str = "
cargo xtask wire-oracle

Fetches kafka-clients 4.3.1 with Maven and compiles a small Java program into target/wire-oracle,
then runs the tests of net/wire that ask it. Needs java, javac and mvn.
";

const SOURCES: &str = "net/wire/tests/messages";
const PLACE: &str = "target/wire-oracle";

/// Runs the command.
pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    run_counted()?.verdict()
}

/// Sets up what is not there yet, and runs the tests.
pub(crate) fn run_counted() -> Result<Tally> {
    let root = crate::tree::root()?;
    set_up(&root)?;
    let place = root.join(PLACE);
    let path = format!("{0}/classes:{0}/libs/*", place.display());
    let test = ["test", "--package", "net-wire", "--test", "messages", "--", "--ignored"];
    process::run_counted(cargo(&root, &test).env("BOBBIN_WIRE_ORACLE", path))
}

fn set_up(root: &Path) -> Result<()> {
    jars::fetch(root, &format!("{SOURCES}/pom.xml"), &[], PLACE)?;
    jars::compile(root, &[Path::new(SOURCES).join("WireOracle.java")], PLACE)
}
