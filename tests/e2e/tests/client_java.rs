//! Kafka's own Java client, old and new, with default settings: see tests/e2e/clients/java.

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::Setup;
use tests_e2e::client_trial::trial;
use tests_e2e::program::Program;
use tests_e2e::written::{self, Written};
use tests_e2e::{Folder, clients, folder};

/// What xtask fetched and compiled for a version of kafka-clients.
fn java(version: &str) -> Result<Program> {
    Ok(Program {
        name: format!("java-{version}"),
        command: folder::java(version, "Client")?,
        // The default of 45 s would be a long wait for a member that was killed.
        member_arguments: vec!["session.timeout.ms=6000".into()],
        admin_steps: &[
            "create_topic",
            "list_topics",
            "describe_topic",
            "describe_config",
            "alter_config",
            "create_partitions",
            "list_groups",
            "describe_group",
            "group_offsets",
            "delete_records",
            "delete_group",
            "delete_topic",
        ],
        ..Program::default()
    })
}

#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_4_3() -> Result<()> {
    trial(&java("4.3.1")?)
}

#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_3_9() -> Result<()> {
    trial(&java("3.9.1")?)
}

#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_2_1() -> Result<()> {
    trial(&java("2.1.1")?)
}

/// Transactions are refused at once and in words, not after a minute of asking again; a consumer
/// that wants committed records alone reads everything.
#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_is_told_that_there_are_no_transactions() -> Result<()> {
    let folder = Folder::new("java-transactions")?;
    let broker = Setup::new(&folder)?.start()?;
    let bootstrap = broker.bootstrap();
    clients::bobbin(&bootstrap, &["topic", "create", "t", "-p", "3"], "")?;
    let words = ["produce", "t", "-q", "-K", "\\t", "-H", "by=plain"];
    clients::bobbin(&bootstrap, &words, &written::input("plain", 0..300))?;
    for version in ["4.3.1", "3.9.1", "2.1.1"] {
        let program = java(version)?;
        let said = program.run(&folder, &bootstrap, "transactions", &["t"])?;
        let error = said[0]["error"].as_str().with_context(|| format!("no error: {said:?}"))?;
        println!("{version}: {error} ({} ms)", said[0]["ms"]);
        ensure!(said[0]["ms"].as_u64().is_some_and(|ms| ms < 1000), "{version}: {said:?}");
        let arguments = ["t", "300", "isolation.level=read_committed"];
        let lines = program.run(&folder, &bootstrap, "read", &arguments)?;
        let records = lines.iter().map(Written::of).collect::<Result<Vec<Written>>>()?;
        written::check(&records, &["plain".to_owned()], 300)?;
    }
    drop(broker);
    folder.done()
}
