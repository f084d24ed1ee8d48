//! The programs of tests/e2e/clients in Python, JavaScript, Go and Rust: their libraries fetched,
//! the programs built.
//!
//! Kept true: everything fetched is pinned and lies in target/e2e, caches too; a second run
//! fetches nothing; a library that takes minutes to build is built only when its test is run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;
use crate::process::{cargo, program};

const REQUIREMENTS: &str = "tests/e2e/requirements.txt";
const KAFKAJS: &str = "tests/e2e/clients/kafkajs";
const GO: &str = "tests/e2e/clients/go";
const RDKAFKA: &str = "tests/e2e/clients/rdkafka";

/// Sets up what the tests of these names need, all of it where no name is given; returns the folder
/// of the Python packages, which many tests need.
pub(crate) fn set_up(root: &Path, names: &[String]) -> Result<PathBuf> {
    let wanted = |test: &str| names.is_empty() || names.iter().any(|name| test.contains(&**name));
    let python = python(root)?;
    if wanted("client_kafkajs") {
        javascript(root)?;
    }
    if wanted("client_franz_go") || wanted("client_sarama") {
        go(root)?;
    }
    if wanted("client_rdkafka") {
        rust(root)?;
    }
    Ok(python)
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

/// KafkaJS and its codecs, as its lock file names them. No package's own script is run.
fn javascript(root: &Path) -> Result<()> {
    let (from, folder) = (root.join(KAFKAJS), root.join("target/e2e/kafkajs"));
    let lock = "package-lock.json";
    let wanted = fs::read_to_string(from.join(lock)).context(lock)?;
    let stamp = folder.join(".installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    fs::create_dir_all(&folder).context("making a folder for KafkaJS")?;
    for file in ["package.json", lock] {
        fs::copy(from.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    let arguments = ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"];
    process::run(&mut program(&folder, "npm", &arguments)).context("fetching KafkaJS")?;
    fs::write(&stamp, wanted).context("marking KafkaJS as installed")
}

/// franz-go's and sarama's programs; go looks by itself whether anything has changed.
fn go(root: &Path) -> Result<()> {
    let folder = root.join("target/e2e/go");
    // Writable modules: the folder can be removed like any other.
    let arguments = ["build", "-mod=readonly", "-modcacherw", "-o"];
    let mut go = program(&root.join(GO), "go", &arguments);
    go.arg(folder.join("bin/")).args(["./franz", "./sarama"]);
    go.env("GOMODCACHE", folder.join("modules")).env("GOCACHE", folder.join("cache"));
    fs::create_dir_all(folder.join("bin")).context("making a folder for Go's programs")?;
    process::run(&mut go).context("building the Go clients")
}

/// The rdkafka crate's program. It is no member of our workspace, because it builds librdkafka.
fn rust(root: &Path) -> Result<()> {
    let manifest = format!("{RDKAFKA}/Cargo.toml");
    let arguments = ["build", "--quiet", "--locked", "--manifest-path", &manifest];
    let mut build = cargo(root, &arguments);
    build.args(["--target-dir", "target/e2e/rdkafka"]);
    process::run(&mut build).context("building rdkafka's client")
}
