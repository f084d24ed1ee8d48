//! An idempotent producer through real crashes: confluent-kafka with `enable.idempotence` and five
//! requests in flight, the broker killed at seeded random moments. Every record is there once, and
//! those of a key in their order. Once flushed, once with `write.caching=true`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::{Broker, Setup};
use tests_e2e::{Folder, Seed, clients};

const ROWS: u64 = 60_000;
const KEYS: &str = "40";
const PARTITIONS: &str = "4";
/// Kills while the records are streamed, unless `BOBBIN_KILLS` says another number.
const KILLS: usize = 12;

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn idempotence_flushed() -> Result<()> {
    stream("idempotence_flushed", "retention.ms=-1")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn idempotence_write_caching() -> Result<()> {
    stream("idempotence_write_caching", "retention.ms=-1,write.caching=true")
}

fn stream(test: &str, config: &str) -> Result<()> {
    let mut seed = Seed::from_environment(test);
    let folder = Folder::new(test)?;
    let broker = Setup::new(&folder)?.start()?;
    let at = broker.bootstrap();
    clients::run_script("create_topic.py", &[&at, "numbered", PARTITIONS, config])?;
    let broker = write_and_kill(broker, &mut seed)?;
    let rows = ROWS.to_string();
    let check = |at: &str| {
        clients::run_script("check_idempotent.py", &[at, "numbered", PARTITIONS, &rows, KEYS])
    };
    check(&broker.bootstrap())?;
    // Once more from a cold start: nothing that was read above came from memory alone.
    let broker = broker.kill()?.start()?;
    check(&broker.bootstrap())?;
    broker.terminate()?;
    folder.done()
}

/// Streams all records and kills the broker whenever the acknowledgements pass a seeded mark.
fn write_and_kill(mut broker: Broker, seed: &mut Seed) -> Result<Broker> {
    let wanted = std::env::var("BOBBIN_KILLS").ok().and_then(|text| text.parse().ok());
    let kills = wanted.unwrap_or(KILLS);
    let mut marks: Vec<u64> = (0..kills).map(|_| seed.within(0..ROWS - ROWS / 50)).collect();
    marks.sort_unstable();
    let rows = ROWS.to_string();
    let arguments = [&broker.bootstrap(), "numbered", &rows, KEYS];
    let mut writer = clients::script("write_idempotent.py", &arguments)?;
    let mut writer = writer.stdout(Stdio::piped()).spawn().context("starting the writer")?;
    let lines = BufReader::new(writer.stdout.take().context("its output was piped")?).lines();
    let mut marks = marks.into_iter().peekable();
    for line in lines {
        let line = line.context("reading the writer")?;
        let Some(count) = line.strip_prefix("acked ") else {
            println!("{line}");
            continue;
        };
        let count: u64 = count.parse().with_context(|| line.clone())?;
        // Marks that were passed while the broker was being restarted make kills of their own.
        if marks.next_if(|&mark| mark <= count).is_some() {
            std::thread::sleep(Duration::from_micros(seed.within(0..3_000)));
            let setup = broker.kill()?;
            std::thread::sleep(Duration::from_micros(seed.within(0..20_000)));
            broker = setup.start()?;
        }
    }
    let status = writer.wait().context("waiting for the writer")?;
    ensure!(status.success(), "the writer ended with {status}");
    ensure!(marks.peek().is_none(), "{} kills were left over", marks.count());
    Ok(broker)
}
