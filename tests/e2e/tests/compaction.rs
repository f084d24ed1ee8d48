//! A compacted topic through real crashes: confluent-kafka writes values and tombstones of few keys
//! into small segments, the broker compacts all the while and is killed at seeded random moments.
//! Of each key the last record is read back, at its offset; tombstones go when their time has come.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::{Broker, Setup};
use tests_e2e::killing::write_and_kill;
use tests_e2e::{Folder, Seed, clients, folder};

const ROWS: u64 = 40_000;
const KEYS: &str = "300";
const PARTITIONS: &str = "2";
/// Kills while the records are streamed, unless `BOBBIN_KILLS` says another number.
const KILLS: usize = 8;
/// Small segments, which compaction may take at once.
const CONFIG: &str = "cleanup.policy=compact,segment.bytes=1048576,segment.ms=300,\
                      min.cleanable.dirty.ratio=0.01";

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn compaction_keeps_the_last_of_each_key() -> Result<()> {
    through_kills("compaction_keeps", &format!("{CONFIG},delete.retention.ms=86400000"), "stay")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn compaction_drops_tombstones() -> Result<()> {
    through_kills("compaction_drops", &format!("{CONFIG},delete.retention.ms=100"), "go")
}

fn through_kills(test: &str, config: &str, tombstones: &str) -> Result<()> {
    let mut seed = Seed::from_environment(test);
    let folder = Folder::new(test)?;
    let setup = Setup::new(&folder)?.with("-X").with("log.cleaner.backoff.ms=50");
    let broker = setup.start()?;
    let at = broker.bootstrap();
    clients::run_script("create_topic.py", &[&at, "kept", PARTITIONS, config])?;
    let rows = ROWS.to_string();
    let script = ("write_compacted.py", &[at.as_str(), "kept", &rows, KEYS][..]);
    let how = (ROWS, KILLS, Duration::from_millis(30));
    let broker = write_and_kill(broker, &mut seed, script, how)?;
    let check = |broker: &Broker| {
        let at = broker.bootstrap();
        let arguments = [at.as_str(), "kept", PARTITIONS, &rows, KEYS, tombstones];
        clients::run_script("check_compacted.py", &arguments)
    };
    check(&broker)?;
    let broker = broker.kill()?.start()?;
    check(&broker)?;
    let (_, _, setup) = broker.terminate()?;
    let data = setup.data.display().to_string();
    let said = Command::new(folder::binary()?)
        .args(["debug", "verify", &data])
        .output()
        .context("debug verify")?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    folder.done()
}
