//! Real input through real crashes: every flight that left New York in 2013, streamed through
//! confluent-kafka with each compression while the broker is killed at seeded random moments, and
//! every acknowledged record read back. Once flushed, once with `write.caching=true`, where a
//! killed process (not machine) must lose nothing either.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use tests_e2e::broker::{Broker, Setup};
use tests_e2e::killing::{kills_wanted, write_and_kill_by};
use tests_e2e::{Folder, Seed, clients};

const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
const ROWS: u64 = 336_776;
/// Kills while one compression is streamed, unless `BOBBIN_KILLS` says another number; there are
/// five.
const KILLS: usize = 4;

#[test]
#[ignore = "needs the release binary, confluent-kafka and the flights: cargo xtask e2e"]
fn flights_flushed() -> Result<()> {
    stream("flights_flushed", "retention.ms=-1")
}

#[test]
#[ignore = "needs the release binary, confluent-kafka and the flights: cargo xtask e2e"]
fn flights_write_caching() -> Result<()> {
    stream("flights_write_caching", "retention.ms=-1,write.caching=true")
}

#[test]
#[ignore = "needs confluent-kafka and the flights: cargo xtask e2e"]
fn the_checker_catches_what_it_should() -> Result<()> {
    clients::run_script("check_flights_test.py", &[])
}

fn stream(test: &str, config: &str) -> Result<()> {
    let mut seed = Seed::from_environment(test);
    let folder = Folder::new(test)?;
    let started = Instant::now();
    let mut broker = Setup::new(&folder)?.start()?;
    let kills = folder.path("kills");
    OpenOptions::new().create(true).append(true).open(&kills)?;
    for codec in CODECS {
        let acked = folder.path(&format!("acked-{codec}"));
        clients::run_script("create_topic.py", &[&broker.bootstrap(), codec, "8", config])?;
        let (at, to) = (broker.bootstrap(), acked.to_str().context("a path in UTF-8")?);
        let script = ("write_flights.py", &[at.as_str(), codec, codec, to][..]);
        let how = (ROWS, KILLS, Duration::from_millis(3));
        let kill = |broker| kill(broker, &kills);
        broker = write_and_kill_by(broker, &mut seed, script, how, kill).context(codec)?;
        check(&broker, codec, &acked, &kills)?;
    }
    // Once more from a cold start: nothing that was read above came from memory alone.
    broker = kill(broker, &kills)?.start()?;
    for codec in CODECS {
        check(&broker, codec, &folder.path(&format!("acked-{codec}")), &kills)?;
    }
    println!(
        "{test}: {} kills in {:.0} s",
        5 * kills_wanted(KILLS) + 1,
        started.elapsed().as_secs_f64()
    );
    broker.terminate()?;
    folder.done()
}

/// Streams all flights and kills the broker whenever the acknowledgements pass a seeded mark.
/// kill -9, noted with the wall clock before and after.
fn kill(broker: Broker, kills: &Path) -> Result<Setup> {
    let before = wall_ns()?;
    let setup = broker.kill()?;
    let mut file = OpenOptions::new().append(true).open(kills).context("the list of kills")?;
    writeln!(file, "{before} {}", wall_ns()?).context("noting a kill")?;
    Ok(setup)
}

fn check(broker: &Broker, codec: &str, acked: &Path, kills: &Path) -> Result<()> {
    let acked = acked.to_str().context("a path in UTF-8")?;
    let kills = kills.to_str().context("a path in UTF-8")?;
    clients::run_script("check_flights.py", &[&broker.bootstrap(), codec, acked, kills])
}

fn wall_ns() -> Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_nanos())
}
