//! What quotas cost a request that none of them holds up: the same load with no quota set, with a
//! bound of bytes, and with a bound of time beside it, in turns on one server.
//!
//! Kept true: what is compared took turns within seconds, so that a noisy hour hits all; the figure
//! is the broker's own CPU time per request, as a multiple of that without any quota.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::brokers::{Bench, Server, Side};
use super::results;

/// Turns of each setting in one round.
const TURNS: usize = 3;
/// Bounds that nobody reaches.
const BYTES: &str = "producer_byte_rate=1000000000000";
const TIME: &str = "request_percentage=1000000";

/// What is sent, and whether it is flushed.
const LOADS: &[(&str, bool, &[&str])] = &[
    ("one-flushed", true, &["--connections", "1"]),
    ("load-flushed", true, &["--connections", "64"]),
    ("load-cached", false, &["--connections", "64"]),
];

/// CPU per request with quotas as a multiple of that without.
pub(crate) fn measure(bench: &Bench, rounds: usize) -> Result<Value> {
    let mut measured = Vec::new();
    for _ in 0..rounds {
        let loads = LOADS.iter().map(|load| round(*load, bench)).collect::<Result<Vec<Value>>>()?;
        let worst = |figure: &str| {
            loads.iter().filter_map(|load| load[figure].as_f64()).fold(f64::NAN, f64::max)
        };
        let (ratio, timed) = (worst("ratio"), worst("timed_ratio"));
        measured.push(json!({ "ratio": ratio, "timed_ratio": timed, "loads": loads }));
    }
    let details = json!({
        "row": "quotas",
        "figure": "ratio",
        "bobbin": results::spread(&measured, "ratio"),
        "timed_ratio": results::spread(&measured, "timed_ratio"),
        "bobbin_rounds": measured,
    });
    println!("{}", results::line(&details));
    Ok(details)
}

fn round((name, flushed, load): (&str, bool, &[&str]), bench: &Bench) -> Result<Value> {
    let server = bench.start(Side::Bobbin, flushed)?;
    let seconds = (bench.seconds / 4.0).to_string();
    let cached = ["--config", "write.caching=true"];
    let mut words = vec!["--create", "--prime", "--warmup", "0.5", "--seconds", &seconds];
    words.extend(load);
    words.extend(if flushed { &[][..] } else { &cached });
    // What only a first turn pays is paid.
    bench.load(&server, &words)?;
    let (mut none, mut bytes, mut time) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        none.push(bench.load(&server, &words)?);
        alter(bench, &server, "--add-config", BYTES)?;
        bytes.push(bench.load(&server, &words)?);
        alter(bench, &server, "--add-config", TIME)?;
        time.push(bench.load(&server, &words)?);
        alter(bench, &server, "--delete-config", "producer_byte_rate,request_percentage")?;
    }
    server.kill()?;
    let at = |turns: &[Value]| {
        let spread = results::spread(turns, "broker_cpu_us_per_request");
        spread["median"].as_f64().context("a load without CPU times")
    };
    let (none_us, bytes_us, time_us) = (at(&none)?, at(&bytes)?, at(&time)?);
    let (ratio, timed_ratio) = (bytes_us / none_us, time_us / none_us);
    println!(
        "{name:<20} cpu us {none_us:.3}, with bytes bounded {bytes_us:.3} ({ratio:.3}), with time \
         bounded too {time_us:.3} ({timed_ratio:.3})"
    );
    Ok(json!({
        "load": name,
        "ratio": ratio,
        "timed_ratio": timed_ratio,
        "none": none,
        "bytes": bytes,
        "time": time,
    }))
}

/// Changes the quota of all clients, as Kafka's own tool does.
fn alter(bench: &Bench, server: &Server, how: &str, what: &str) -> Result<()> {
    let at = format!("127.0.0.1:{}", server.port);
    let mut command = Command::new(bench.binary());
    command.args(["kafka-configs", "--bootstrap-server", &at, "--alter"]);
    command.args(["--entity-type", "clients", "--entity-default", how, what]);
    let said = crate::process::output(&mut command)?;
    ensure!(said.contains("Completed"), "{said}");
    Ok(())
}
