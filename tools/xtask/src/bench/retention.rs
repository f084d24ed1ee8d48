//! The retention row: an open loop beside a topic whose segments all go at once, against the same
//! loop just before, on the same server.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::brokers::{Bench, Server, Side};
use super::results;

/// What is filled: 100 partitions, segments of 1 MiB, as fast as they are taken.
const FILL: &[&str] = &["--create", "--topic", "old", "--partitions", "100", "--prime"];
const FILL_LOAD: &[&str] = &["--config", "segment.bytes=1048576", "--record-bytes", "16384"];
const FILL_DEPTH: &[&str] = &["--connections", "8", "--depth", "4"];
const OPEN: &[&str] = &["--create", "--topic", "hot", "--connections", "16", "--rate", "1000"];
/// Until what was filled has left the journal and the device is quiet.
const SETTLE: Duration = Duration::from_secs(5);
/// The open loop's own warm-up is over by then.
const INTO_THE_LOOP: Duration = Duration::from_secs(3);

/// The figure is p99.9 beside the retention as a multiple of p99.9 before it.
pub(crate) fn measure(bench: &Bench, rounds: usize) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        measured.push(round(bench)?);
    }
    let details = json!({
        "row": "retention",
        "figure": "ratio",
        "bobbin": results::spread(&measured, "ratio"),
        "bobbin_rounds": measured,
    });
    println!("{}", results::line(&details));
    Ok(details)
}

fn round(bench: &Bench) -> Result<Value> {
    let seconds = bench.seconds.to_string();
    let server = bench.start(Side::Bobbin, true)?;
    let fill = [FILL, FILL_LOAD, FILL_DEPTH, &["--seconds", &seconds]].concat();
    bench.load(&server, &fill)?;
    thread::sleep(SETTLE);
    let segments = segments(&bench.path("data"))?;
    let open = [OPEN, &["--seconds", &seconds]].concat();
    let before = bench.load(&server, &open)?;
    let during = thread::scope(|scope| {
        let order = scope.spawn(|| {
            thread::sleep(INTO_THE_LOOP);
            retain_nothing(bench, &server)
        });
        let during = bench.load(&server, &open)?;
        order.join().map_err(|_| anyhow::anyhow!("the order to retain panicked"))??;
        anyhow::Ok(during)
    })?;
    let left = self::segments(&bench.path("data"))?;
    let late = "more --seconds: the loop was over before most of them were gone";
    ensure!(left * 2 < segments, "{left} of {segments} segments are still there; {late}");
    server.kill()?;
    let at = |load: &Value| load["p99_9_us"].as_f64().context("a load without p99.9");
    Ok(json!({
        "ratio": at(&during)? / at(&before)?,
        "before": before,
        "during": during,
        "segments_removed": segments - left,
    }))
}

fn retain_nothing(bench: &Bench, server: &Server) -> Result<()> {
    let address = format!("127.0.0.1:{}", server.port);
    let mut command = Command::new(bench.binary());
    command.args(["topic", "alter", "old", "-c", "retention.ms=1", "-b", &address]);
    crate::process::output(&mut command).map(|_| ())
}

/// Segment files below a directory.
fn segments(dir: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            count += segments(&path)?;
        } else if path.extension().is_some_and(|end| end == "log") {
            count += 1;
        }
    }
    Ok(count)
}
