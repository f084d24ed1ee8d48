//! Kafka's own command line tools: what they print against Apache Kafka is what they print here.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests_e2e::broker::{self, Setup};
use tests_e2e::program::{Program, Running, until};
use tests_e2e::transcript::{self, Tools};
use tests_e2e::{Folder, clients, folder, written};

/// Tools.java of tests/e2e/clients/kafka.
fn kafka() -> Result<Program> {
    let command = folder::java("kafka", "Tools")?;
    Ok(Program { name: "kafka-tools".to_owned(), command, ..Program::default() })
}

/// Plays a transcript of tests/e2e/clients/kafka from its first to its last step.
fn play(name: &str, folder: &Folder, bootstrap: &str) -> Result<()> {
    let path = folder::root()?.join("tests/e2e/clients/kafka").join(name);
    let text = std::fs::read_to_string(&path).context("the transcript")?;
    let steps = transcript::parse(&text, &folder.path(""))?;
    let mut tools = Tools::new(kafka()?.start(folder, bootstrap, "tools", &[])?);
    let mut failed = Vec::new();
    for step in &steps {
        match tools.play(step, bootstrap) {
            Ok(()) => println!("{}: ok", step.command),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    ensure!(failed.is_empty(), "{} of {}:\n{}", failed.len(), steps.len(), failed.join("\n"));
    tools.end()
}

#[test]
#[ignore = "needs the release binary and Kafka's tools: cargo xtask e2e"]
fn kafka_tools_print_what_they_print_against_kafka() -> Result<()> {
    let folder = Folder::new("kafka-tools")?;
    let (bootstrap, broker) = broker::under_test(&Setup::new(&folder)?)?;
    play("tools.transcript", &folder, &bootstrap)?;
    // Where the same is asked of Kafka, it serves this.
    if broker.is_some() {
        play("unserved.transcript", &folder, &bootstrap)?;
    }
    drop(broker);
    folder.done()
}

#[test]
#[ignore = "needs the release binary and Kafka's tools: cargo xtask e2e"]
fn kafka_tools_tell_of_members_what_they_tell_of_kafkas() -> Result<()> {
    let folder = Folder::new("kafka-members")?;
    let (bootstrap, broker) = broker::under_test(&Setup::new(&folder)?)?;
    clients::bobbin(&bootstrap, &["topic", "create", "t", "-p", "3"], "")?;
    for partition in ["0", "1", "2"] {
        let words = ["produce", "t", "-q", "-K", "\\t", "-p", partition, "-H", "by=w"];
        clients::bobbin(&bootstrap, &words, &written::input(partition, 0..100))?;
    }
    let command = folder::java("4.3.1", "Client")?;
    let client = Program { name: "client".to_owned(), command, ..Program::default() };
    let mut members = Vec::new();
    for (group, protocol) in [("old", "classic"), ("new", "consumer")] {
        let protocol = format!("group.protocol={protocol}");
        let mut member = client.start(&folder, &bootstrap, "member", &["t", group, &protocol])?;
        until("all is read and committed", || {
            member.is_running()?;
            let all = [("0", 100), ("1", 100), ("2", 100)];
            let is_last = |line: &Value| all.iter().all(|(one, at)| line["committed"][one] == *at);
            Ok(member.lines()?.last().is_some_and(is_last))
        })?;
        members.push(member);
    }
    play("members.transcript", &folder, &bootstrap)?;
    members.iter_mut().try_for_each(Running::end)?;
    drop(broker);
    folder.done()
}

/// The lines of that name, as a verifiable tool prints them.
fn told<'a>(lines: &'a [Value], name: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["name"] == name).collect()
}

#[test]
#[ignore = "needs the release binary and Kafka's tools: cargo xtask e2e"]
fn kafka_tools_that_verify_are_content() -> Result<()> {
    let folder = Folder::new("kafka-verifiable")?;
    let broker = Setup::new(&folder)?.start()?;
    let bootstrap = broker.bootstrap();
    let run = |class: &str, rest: &[&str]| -> Result<Vec<Value>> {
        let class = format!("org.apache.kafka.tools.{class}");
        let words = [&class, "--bootstrap-server", &bootstrap, "--topic", "v"];
        let words = [&words[..], &["--max-messages", "500"], rest].concat();
        kafka()?.run(&folder, &bootstrap, "main", &words)
    };
    let said = run("VerifiableProducer", &["--acks", "-1"])?;
    let sent = told(&said, "producer_send_success");
    let values: BTreeSet<&str> = sent.iter().filter_map(|line| line["value"].as_str()).collect();
    ensure!(values.len() == 500, "{} of 500 values: {said:?}", values.len());
    ensure!(told(&said, "producer_send_error").is_empty(), "{said:?}");
    let said = run("VerifiableConsumer", &["--group-id", "vg"])?;
    let counts = told(&said, "records_consumed").into_iter().map(|line| line["count"].as_u64());
    ensure!(counts.flatten().sum::<u64>() == 500, "{said:?}");
    let committed = told(&said, "offsets_committed");
    ensure!(committed.iter().all(|line| line["success"] == true), "{said:?}");
    let last = committed.last().context("something is committed")?;
    ensure!(last["offsets"][0]["offset"] == 500, "{last}");
    drop(broker);
    folder.done()
}
