//! An idempotent producer through real crashes: confluent-kafka with `enable.idempotence` and five
//! requests in flight, the broker killed at seeded random moments. Every record is there once, and
//! those of a key in their order. Once flushed, once with `write.caching=true`.

use std::time::Duration;

use anyhow::Result;
use tests_e2e::broker::Setup;
use tests_e2e::killing::write_and_kill;
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
    let rows = ROWS.to_string();
    let script = ("write_idempotent.py", &[at.as_str(), "numbered", &rows, KEYS][..]);
    let how = (ROWS, KILLS, Duration::from_millis(3));
    let broker = write_and_kill(broker, &mut seed, script, how)?;
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
