//! The cold-build row: what a newcomer waits for before the first minute, and what it leaves on the
//! disk. Dependencies are fetched before the clock starts: networks differ.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::brokers::Bench;
use crate::process;
use crate::process::cargo;

/// Builds the binary into an empty folder, once; the figure is in seconds.
pub(crate) fn measure(bench: &Bench, _rounds: usize) -> Result<Value> {
    let root = bench.root();
    let target = root.join("target/bench/cold");
    if target.exists() {
        fs::remove_dir_all(&target).context("removing an earlier cold build")?;
    }
    process::run(&mut cargo(root, &["fetch", "--locked"]))?;
    let started = Instant::now();
    let mut build = cargo(root, &["build", "--release", "--quiet", "--target-dir"]);
    process::run(build.arg(&target))?;
    let seconds = started.elapsed().as_secs_f64();
    let binary = fs::metadata(target.join("release/bobbin")).context("the binary")?.len();
    fs::remove_dir_all(&target).context("removing the cold build")?;
    println!("cold-build           seconds {seconds:.0}, binary {:.1} MB", binary as f64 / 1e6);
    Ok(json!({
        "row": "cold-build",
        "figure": "seconds",
        "bobbin": { "median": seconds, "least": seconds, "most": seconds },
        "binary_bytes": binary,
    }))
}
