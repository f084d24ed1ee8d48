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

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn the_lines_of_the_readme_work() -> Result<()> {
    let folder = Folder::new("readme")?;
    let broker = Setup::new(&folder)?.start()?;
    let bootstrap = broker.bootstrap();
    let ours = |words: &[&str], input: &str| clients::bobbin(&bootstrap, words, input);
    let line = "UA:EWR-IAH\n";
    ours(&["topic", "create", "flights", "--partitions", "8"], "")?;
    ours(&["produce", "flights", "--key-delimiter", ":"], line)?;
    let consume = ["consume", "flights", "--offset", "start", "--exit"];
    assert!(ours(&consume, "")?.contains("EWR-IAH"));

    let listed = clients::kcat(&bootstrap, &["-L"], "")?;
    assert!(listed.contains("\"flights\" with 8 partitions"), "{listed}");
    clients::kcat(&bootstrap, &["-P", "-t", "flights", "-K", ":"], line)?;
    let read = ["-C", "-t", "flights", "-o", "beginning", "-e", "-K", ":"];
    // One key, one partition: the Java partitioner and librdkafka's differ, so they may be two.
    assert_eq!(clients::kcat(&bootstrap, &read, "")?, line.repeat(2));
    assert_eq!(ours(&consume, "")?.matches("EWR-IAH").count(), 2);
    drop(broker);
    folder.done()
}
