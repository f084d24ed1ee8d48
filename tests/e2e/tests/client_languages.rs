//! Client libraries of other languages than Java, by their programs in tests/e2e/clients, each
//! through the whole trial.

use std::ffi::OsString;

use anyhow::{Result, ensure};
use tests_e2e::client_trial::trial;
use tests_e2e::folder;
use tests_e2e::program::{ADMIN_STEPS, Program};

fn program(name: &str, command: Vec<OsString>) -> Program {
    Program { name: name.to_owned(), command, admin_steps: ADMIN_STEPS, ..Program::default() }
}

fn python(name: &str, script: &str) -> Result<Program> {
    let path = folder::root()?.join("tests/e2e/clients/python").join(script);
    let environment = vec![
        ("PYTHONPATH", folder::python_packages()?.into_os_string()),
        ("PYTHONDONTWRITEBYTECODE", "1".into()),
    ];
    Ok(Program { environment, ..program(name, vec!["python3".into(), path.into()]) })
}

/// A program that `cargo xtask e2e` built.
fn built(name: &str, path: &str) -> Result<Program> {
    let path = folder::root()?.join("target/e2e").join(path);
    ensure!(path.is_file(), "{} is not there: cargo xtask e2e --setup", path.display());
    Ok(program(name, vec![path.into()]))
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn client_confluent() -> Result<()> {
    trial(&python("confluent", "with_confluent.py")?)
}

/// The broker assigns, and says how long a session is: short, because the test waits for one.
#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn client_confluent_in_the_consumer_protocol() -> Result<()> {
    let bounds = ["min.session.timeout.ms=6000", "session.timeout.ms=6000"];
    let bounds = bounds.iter().flat_map(|one| ["-X".into(), format!("group.consumer.{one}")]);
    trial(&Program {
        member_arguments: vec!["consumer".into()],
        broker_arguments: bounds.collect(),
        ..python("confluent-consumer", "with_confluent.py")?
    })
}

#[test]
#[ignore = "needs the release binary and kafka-python: cargo xtask e2e"]
fn client_kafka_python() -> Result<()> {
    let program = python("kafka-python", "with_kafka_python.py")?;
    // Closing a client cancels the refresh of its metadata that may be on its way; and on a busy
    // machine it warns of its own slowness.
    let allowed = &["Metadata refresh: failed Cancelled", "It is blocking the event loop"];
    trial(&Program { allowed, ..program })
}

#[test]
#[ignore = "needs the release binary and aiokafka: cargo xtask e2e"]
fn client_aiokafka() -> Result<()> {
    let program = python("aiokafka", "with_aiokafka.py")?;
    // The library has nothing that deletes a group, and warns when another member joins.
    let steps =
        ADMIN_STEPS.iter().copied().filter(|step| *step != "delete_group").collect::<Vec<_>>();
    let allowed = &["because it is rebalancing"];
    trial(&Program { admin_steps: steps.leak(), allowed, ..program })
}

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn client_kcat() -> Result<()> {
    // kcat has no admin client.
    trial(&Program { admin_steps: &[], ..python("kcat", "with_kcat.py")? })
}

#[test]
#[ignore = "needs the release binary, node and KafkaJS: cargo xtask e2e"]
fn client_kafkajs() -> Result<()> {
    let root = folder::root()?;
    let modules = root.join("target/e2e/kafkajs/node_modules");
    ensure!(modules.is_dir(), "{} is not there: cargo xtask e2e --setup", modules.display());
    let path = root.join("tests/e2e/clients/kafkajs/program.js");
    let program = program("kafkajs", vec!["node".into(), path.into()]);
    // It logs an error for every rebalance that another member causes.
    let allowed = &["The group is rebalancing"];
    trial(&Program { environment: vec![("NODE_PATH", modules.into())], allowed, ..program })
}

#[test]
#[ignore = "needs the release binary and franz-go: cargo xtask e2e"]
fn client_franz_go() -> Result<()> {
    trial(&built("franz-go", "go/bin/franz")?)
}

#[test]
#[ignore = "needs the release binary and sarama: cargo xtask e2e"]
fn client_sarama() -> Result<()> {
    trial(&built("sarama", "go/bin/sarama")?)
}

#[test]
#[ignore = "needs the release binary and the rdkafka crate: cargo xtask e2e"]
fn client_rdkafka() -> Result<()> {
    trial(&built("rdkafka", "rdkafka/debug/e2e-rdkafka")?)
}
