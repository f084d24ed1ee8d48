//! A script that writes and says how many records were acknowledged, and a broker that is killed
//! whenever that passes a seeded mark.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::broker::{Broker, Setup};
use crate::{Seed, clients};

/// Runs a script that writes `rows` records and prints `acked N` as it goes; meanwhile the broker
/// is killed `kills` times (or as often as `BOBBIN_KILLS` says), each within `late` of a mark that
/// the seed chose. Returns the broker that is there at the end.
///
/// # Errors
/// When the script fails, the broker ends by itself, or the script ended before all kills.
pub fn write_and_kill(
    broker: Broker,
    seed: &mut Seed,
    script: (&str, &[&str]),
    how: (u64, usize, Duration),
) -> Result<Broker> {
    write_and_kill_by(broker, seed, script, how, Broker::kill)
}

/// The same with a kill of the caller's own, who may want to note it.
///
/// # Errors
/// As [`write_and_kill`], and those of the kill.
pub fn write_and_kill_by(
    mut broker: Broker,
    seed: &mut Seed,
    (script, arguments): (&str, &[&str]),
    (rows, kills, late): (u64, usize, Duration),
    kill: impl Fn(Broker) -> Result<Setup>,
) -> Result<Broker> {
    let kills = kills_wanted(kills);
    let mut marks: Vec<u64> = (0..kills).map(|_| seed.within(0..rows - rows / 50)).collect();
    marks.sort_unstable();
    let mut writer = clients::script(script, arguments)?;
    let mut writer = writer.stdout(Stdio::piped()).spawn().context("starting the writer")?;
    let lines = BufReader::new(writer.stdout.take().context("its output was piped")?).lines();
    let mut marks = marks.into_iter().peekable();
    let late = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
    for line in lines {
        let line = line.context("reading the writer")?;
        let Some(count) = line.strip_prefix("acked ") else {
            println!("{line}");
            continue;
        };
        let count: u64 = count.parse().with_context(|| line.clone())?;
        // Marks that were passed while the broker was being restarted make kills of their own.
        if marks.next_if(|&mark| mark <= count).is_some() {
            std::thread::sleep(Duration::from_micros(seed.within(0..late)));
            let setup = kill(broker)?;
            std::thread::sleep(Duration::from_micros(seed.within(0..20_000)));
            broker = setup.start()?;
        }
    }
    let status = writer.wait().context("waiting for the writer")?;
    ensure!(status.success(), "the writer ended with {status}");
    ensure!(marks.peek().is_none(), "{} kills were left over", marks.count());
    Ok(broker)
}

/// How often a broker is killed: as often as `BOBBIN_KILLS` says, or this often.
pub fn kills_wanted(otherwise: usize) -> usize {
    let wanted = std::env::var("BOBBIN_KILLS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(otherwise)
}
