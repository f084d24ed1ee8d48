//! `cargo xtask e2e`: other people's clients against the release binary.
//!
//! Kept true: everything fetched is pinned and lies in target/e2e; a second run fetches nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{Tally, cargo, program};
use crate::{e2e_java, process};

pub(crate) const HELP: &str = "
cargo xtask e2e [--setup] [NAME...]

Builds the release binary, fetches the clients (confluent-kafka and a data set from Python's
package index, pinned in tests/e2e/requirements.txt; Kafka's Java client in three versions with
Maven; kcat from Debian when it is missing and we are root) and runs the tests of tests/e2e one
after the other. NAME chooses tests as `cargo test` does. BOBBIN_SEED=n repeats a seeded run,
BOBBIN_KILLS=n kills the broker as often for each compression (4, so 20 in all). A test that cannot
do its work here says `skipped: why`, which is repeated at the end; with BOBBIN_MUST_MOUNT=1 one
that may not mount a disk of its own fails. --setup only fetches.
";

const REQUIREMENTS: &str = "tests/e2e/requirements.txt";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--setup") {
        setup(&crate::tree::root()?)?;
        return Ok(());
    }
    let tally = run_chosen(arguments)?;
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
    let python = setup(&root)?;
    process::run(&mut cargo(&root, &["build", "--release", "-p", "bobbin"]))?;
    let mut command = cargo(&root, &["test", "-p", "tests-e2e", "--no-fail-fast", "--"]);
    command.args(["--ignored", "--test-threads=1", "--nocapture"]).args(names);
    command.env("BOBBIN_E2E_PYTHON", python).env("RUST_BACKTRACE", "0");
    process::run_counted(&mut command)
}

/// Fetches the clients; returns the folder of the Python packages.
fn setup(root: &Path) -> Result<PathBuf> {
    kcat(root)?;
    e2e_java::set_up(root)?;
    python(root)
}

/// The pinned packages, installed into target/ and nowhere else.
fn python(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/e2e/python");
    let wanted = fs::read_to_string(root.join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let stamp = folder.join(".installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing the packages of an earlier list")?;
    }
    let arguments = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", REQUIREMENTS];
    let mut pip = program(root, "python3", &arguments);
    pip.arg("--target").arg(&folder).env("PIP_ROOT_USER_ACTION", "ignore");
    process::run(&mut pip).context("fetching the Python clients")?;
    fs::write(&stamp, wanted).context("marking the packages as installed")?;
    Ok(folder)
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
