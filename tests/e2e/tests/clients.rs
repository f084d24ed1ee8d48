//! Ordinary clients do ordinary things: kcat and confluent-kafka read each other's records, and an
//! admin client makes, describes and removes topics.

use anyhow::Result;
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients, folder};

#[test]
#[ignore = "needs the release binary, kcat and confluent-kafka: cargo xtask e2e"]
fn kcat_and_confluent_read_each_other() -> Result<()> {
    let folder = Folder::new("exchange")?;
    let broker = Setup::new(&folder)?.start()?;
    clients::run_script("exchange.py", &[&broker.bootstrap()])?;
    drop(broker);
    folder.done()
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn the_admin_client_is_served() -> Result<()> {
    let folder = Folder::new("admin")?;
    let broker = Setup::new(&folder)?.start()?;
    clients::run_script("admin.py", &[&broker.bootstrap()])?;
    drop(broker);
    folder.done()
}

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn the_lines_of_the_readme_work() -> Result<()> {
    let folder = Folder::new("readme")?;
    let broker = Setup::new(&folder)?.start()?;
    let bootstrap = broker.bootstrap();
    let lines = folder::readme_lines("## Create, produce, consume")?;
    assert_eq!(lines.len(), 6, "three with bobbin, three with kcat: {lines:?}");
    let printed: Vec<String> =
        lines.iter().map(|line| clients::shell(&bootstrap, line)).collect::<Result<_>>()?;
    assert!(printed[2].contains("EWR-IAH"), "{printed:?}");
    assert!(printed[3].contains("\"flights\" with 8 partitions"), "{printed:?}");
    // What bobbin wrote and what kcat wrote.
    assert_eq!(printed[5].matches("EWR-IAH").count(), 2, "{printed:?}");
    drop(broker);
    folder.done()
}
