//! `cargo xtask e2e`: other people's clients against the release binary.
//!
//! Kept true: everything fetched is pinned and lies in target/e2e; a second run fetches nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process::{Tally, cargo, program};
use crate::{e2e_java, e2e_languages, e2e_record, process};

pub(crate) const HELP: &str = "
cargo xtask e2e [--setup] [--record] [NAME...]

Builds the release binary, fetches the clients and runs the tests of tests/e2e one after the other.
The clients are pinned: Python's in tests/e2e/requirements.txt (with a data set), Kafka's Java
client in three versions, its tools, Streams and Connect with Maven, KafkaJS with npm, franz-go and
sarama with go, the rdkafka crate with cargo (its C takes minutes, so it is built only when its test
is run); kcat comes from Debian when it is missing and we are root. NAME chooses tests as `cargo
test` does. BOBBIN_SEED=n repeats a seeded run, BOBBIN_KILLS=n kills the broker as often for each
compression (4, so 20 in all). A test that cannot do its work here says `skipped: why`, which is
repeated at the end; with BOBBIN_MUST_MOUNT=1 one that may not mount a disk of its own fails.
--setup only fetches.
--record writes into docs/compat/proven.tsv which versions of which API each client used and was
answered, if every test passed; with NAME it adds to what was known. `cargo xtask codegen` makes a
table of it. BOBBIN_BIN=PATH tests another binary, and builds none.
";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--setup") {
        setup(&crate::tree::root()?, &[])?;
        return Ok(());
    }
    let records = arguments.iter().any(|argument| argument == "--record");
    let names: Vec<String> =
        arguments.iter().filter(|argument| *argument != "--record").cloned().collect();
    let tally = run_chosen(&names)?;
    if records && tally.failed == 0 && tally.passed > 0 {
        e2e_record::write(&crate::tree::root()?, names.is_empty())?;
    }
    for why in &tally.skipped {
        println!("SKIPPED: {why}");
    }
    tally.verdict()
}

/// All of them.
pub(crate) fn run_counted() -> Result<Tally> {
    run_chosen(&[])
}

fn run_chosen(names: &[String]) -> Result<Tally> {
    let root = crate::tree::root()?;
    let python = setup(&root, names)?;
    if std::env::var_os("BOBBIN_BIN").is_none() {
        process::run(&mut cargo(&root, &["build", "--release", "-p", "bobbin"]))?;
    }
    let mut command = cargo(&root, &["test", "-p", "tests-e2e", "--no-fail-fast", "--"]);
    command.args(["--ignored", "--test-threads=1", "--nocapture"]).args(names);
    command.env("BOBBIN_E2E_PYTHON", python).env("RUST_BACKTRACE", "0");
    command.env("BOBBIN_E2E_ANSWERED", e2e_record::begin(&root)?);
    process::run_counted(&mut command)
}

/// Fetches the clients; returns the folder of the Python packages.
fn setup(root: &Path, names: &[String]) -> Result<PathBuf> {
    kcat(root)?;
    e2e_java::set_up(root)?;
    e2e_languages::set_up(root, names)
}

/// kcat comes from Debian; where it is missing and we may install, we do.
fn kcat(root: &Path) -> Result<()> {
    let found = Command::new("kcat").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let uid = process::output(&mut program(root, "id", &["-u"]))?;
    if uid.trim() != "0" {
        bail!("kcat is missing: install it (apt-get install kcat), or run this as root once");
    }
    process::run(&mut program(root, "apt-get", &["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends", "kcat"];
    process::run(program(root, "apt-get", &install).env("DEBIAN_FRONTEND", "noninteractive"))
}
