//! Ordinary clients do ordinary things: kcat and confluent-kafka read each other's records, and an
//! admin client makes, describes and removes topics.

use anyhow::Result;
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients};

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
