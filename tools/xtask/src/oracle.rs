//! `cargo xtask oracle`: a real Apache Kafka and Bobbin are asked the same, and answer the same.
//!
//! Kept true: everything that is fetched for it lies in `target/oracle`; a second run fetches
//! nothing.

use anyhow::Result;

use crate::process::{Tally, cargo};
use crate::{jars, process};

pub(crate) const HELP: &str = "
cargo xtask oracle

Fetches Apache Kafka 4.3.1 with Maven into target/oracle, builds the release binary, starts a node
of each and plays the corpus of tests/oracle to both. Every field of every answer must be equal, but
for those that tests/oracle/src/differences.rs names with a reason. Prints a line for each other
one. Then both compact the same records. Needs java and mvn; takes about two minutes.
BOBBIN_ORACLE_PARTS='NAME NAME' plays only these parts of the corpus (files of
tests/oracle/src/corpus).
";

const SOURCES: &str = "tests/oracle";
const PLACE: &str = "target/oracle";

/// Runs the command.
pub(crate) fn run(_arguments: &[String]) -> Result<()> {
    run_counted()?.verdict()
}

/// Sets up what is not there yet, and runs the comparison.
pub(crate) fn run_counted() -> Result<Tally> {
    let root = crate::tree::root()?;
    jars::fetch(&root, &format!("{SOURCES}/pom.xml"), &[], PLACE)?;
    process::run(&mut cargo(&root, &["build", "--release", "-p", "bobbin"]))?;
    let test = ["test", "--package", "tests-oracle", "--", "--ignored", "--nocapture"];
    let libs = root.join(PLACE).join("libs");
    let mut command = cargo(&root, &test);
    process::run_counted(command.env("BOBBIN_ORACLE_LIBS", libs).env("RUST_BACKTRACE", "0"))
}
