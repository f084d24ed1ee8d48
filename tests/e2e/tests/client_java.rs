//! Kafka's own Java client, old and new, with default settings: see tests/e2e/clients/java.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests_e2e::broker::{self, Setup};
use tests_e2e::client_trial::{trial, trial_of_groups};
use tests_e2e::members::{self, read_all, read_by, shared_by};
use tests_e2e::program::{ADMIN_STEPS, Program, Running, until};
use tests_e2e::written::{self, Written};
use tests_e2e::{Folder, clients, folder};

/// What xtask fetched and compiled for a version of kafka-clients.
fn java(version: &str) -> Result<Program> {
    Ok(Program {
        name: format!("java-{version}"),
        command: folder::java(version, "Client")?,
        // The default of 45 s would be a long wait for a member that was killed.
        member_arguments: vec!["session.timeout.ms=6000".into()],
        admin_steps: ADMIN_STEPS,
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

const MANY: usize = 200_000;
const KILLS: usize = 3;

/// The end offsets of a topic's partitions, added up.
fn end_offsets(bootstrap: &str) -> Result<usize> {
    let told = clients::bobbin(bootstrap, &["topic", "describe", "t", "-o", "json"], "")?;
    let told: Value = serde_json::from_str(&told).context("bobbin topic describe")?;
    let partitions = told[0]["partitions"].as_array().context("partitions")?;
    let ends = partitions.iter().filter_map(|one| one["end"].as_u64());
    usize::try_from(ends.sum::<u64>()).context("the end offsets")
}

/// Default settings: idempotent since 3.0, so that what is sent again is there once and in order.
#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_writes_once_and_in_order_while_its_broker_is_killed() -> Result<()> {
    for version in ["4.3.1", "3.9.1"] {
        let folder = Folder::new("java-writes-once")?;
        let mut program = java(version)?;
        // The kills are told of in many words.
        program.allowed = &[""];
        let mut broker = Setup::new(&folder)?.start()?;
        let bootstrap = broker.bootstrap();
        clients::bobbin(&bootstrap, &["topic", "create", "t", "-p", "3"], "")?;
        let count = MANY.to_string();
        let mut writer =
            program.start(&folder, &bootstrap, "produce", &["t", "none", &count, "w"])?;
        for nth in 1..=KILLS {
            until("some more is written", || {
                Ok(end_offsets(&bootstrap)? >= nth * MANY / (KILLS + 2))
            })?;
            // One that is faster than this may be through after the first kill, not before.
            if nth == 1 {
                writer.is_running()?;
            }
            broker = broker.kill()?.start()?;
        }
        writer.end()?;
        let lines = program.run(&folder, &bootstrap, "read", &["t", &count])?;
        let records = lines.iter().map(Written::of).collect::<Result<Vec<Written>>>()?;
        written::check(&records, &["w".to_owned()], MANY)?;
        drop(broker);
        folder.done()?;
    }
    Ok(())
}

/// Members of the new protocol of groups, in which the broker assigns.
fn consumers() -> Result<Program> {
    let mut program = java("4.3.1")?;
    program.name += "-consumer";
    program.member_arguments = vec!["group.protocol=consumer".into()];
    for (key, value) in [
        ("session.timeout.ms", 6_000),
        ("min.session.timeout.ms", 6_000),
        ("heartbeat.interval.ms", 1_000),
        ("min.heartbeat.interval.ms", 1_000),
    ] {
        let argument = format!("group.consumer.{key}={value}");
        program.broker_arguments.extend(["-X".to_owned(), argument]);
    }
    Ok(program)
}

fn join(program: &Program, folder: &Folder, bootstrap: &str) -> Result<Running> {
    let arguments = ["t", "g"].into_iter().chain(program.member_arguments.iter().map(|one| &**one));
    program.start(folder, bootstrap, "member", &arguments.collect::<Vec<&str>>())
}

#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_in_consumer_groups() -> Result<()> {
    trial_of_groups(&consumers()?)
}

#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_in_a_consumer_group_whose_broker_is_killed() -> Result<()> {
    let folder = Folder::new("java-consumer-kill")?;
    let mut program = consumers()?;
    // The kill is told of in many words.
    program.allowed = &[""];
    let mut setup = Setup::new(&folder)?;
    setup.arguments.extend_from_slice(&program.broker_arguments);
    let broker = setup.start()?;
    let bootstrap = broker.bootstrap();
    members::create(&bootstrap, "t")?;
    let mut group = [join(&program, &folder, &bootstrap)?, join(&program, &folder, &bootstrap)?];
    shared_by(&mut group)?;
    members::produce(&bootstrap, "t", "first")?;
    read_by(&mut group, &["first"])?;
    let broker = broker.kill()?.start()?;
    members::produce(&bootstrap, "t", "second")?;
    read_by(&mut group, &["first", "second"])?;
    shared_by(&mut group)?;
    // One more finds the group where it was.
    let [one, two] = group;
    let mut group = [one, two, join(&program, &folder, &bootstrap)?];
    shared_by(&mut group)?;
    members::produce(&bootstrap, "t", "third")?;
    read_by(&mut group, &["third"])?;
    group.iter_mut().try_for_each(Running::end)?;
    members::is_done(&bootstrap, "g")?;
    drop(broker);
    folder.done()
}

/// The protocol that a group has, as `bobbin group describe` tells it.
fn protocol(bootstrap: &str) -> Result<String> {
    let told = clients::bobbin(bootstrap, &["group", "describe", "g", "-o", "json"], "")?;
    let told: Value = serde_json::from_str(&told).context("bobbin group describe")?;
    Ok(told[0]["protocol"].as_str().context("a protocol")?.to_owned())
}

/// A group goes over to the new protocol member by member, and back.
#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_groups_change_their_protocol_and_back() -> Result<()> {
    let folder = Folder::new("java-consumer-change")?;
    let (classic, consumer) = (java("4.3.1")?, consumers()?);
    let mut setup = Setup::new(&folder)?;
    setup.arguments.extend_from_slice(&consumer.broker_arguments);
    let broker = setup.start()?;
    let bootstrap = broker.bootstrap();
    members::create(&bootstrap, "t")?;
    members::produce(&bootstrap, "t", "first")?;
    let mut group = vec![join(&classic, &folder, &bootstrap)?];
    shared_by(&mut group)?;
    read_by(&mut group, &["first"])?;
    ensure!(protocol(&bootstrap)? == "classic");
    for (round, (program, now)) in [
        (&consumer, "consumer"),
        (&consumer, "consumer"),
        (&classic, "classic"),
        (&classic, "classic"),
    ]
    .into_iter()
    .enumerate()
    {
        group.push(join(program, &folder, &bootstrap)?);
        shared_by(&mut group)?;
        group[0].end()?;
        group.remove(0);
        shared_by(&mut group)?;
        ensure!(protocol(&bootstrap)? == now, "{} and not {now}", protocol(&bootstrap)?);
        let by = format!("round{round}");
        members::produce(&bootstrap, "t", &by)?;
        read_by(&mut group, &[&by])?;
    }
    let read = read_all(&group)?;
    ensure!(!read.iter().any(|key| key.starts_with("first")), "read again: {read:?}");
    group.iter_mut().try_for_each(Running::end)?;
    members::is_done(&bootstrap, "g")?;
    drop(broker);
    folder.done()
}

/// Patterns that the broker matches, and static members of both protocols.
#[test]
#[ignore = "needs the release binary and kafka-clients: cargo xtask e2e"]
fn client_java_groups_have_patterns_and_static_members() -> Result<()> {
    let folder = Folder::new("java-group-steps")?;
    let (bootstrap, broker) = broker::under_test(&Setup::new(&folder)?)?;
    let mut program = java("4.3.1")?;
    program.command = folder::java("4.3.1", "GroupSteps")?;
    // What is wanted here is told as errors: a broken pattern, a twin of a static member.
    program.allowed = &[
        "failed due to INVALID_REGULAR_EXPRESSION",
        "failed due to unreleased instance id",
        "transitioned to fatal state",
    ];
    let stays = [("what is there", 50), ("members while it is away", 1), ("it has its name", 1)];
    let back = [("what came meanwhile", 20)];
    let twin = [("a twin is refused", 1), ("the first one goes on", 10)];
    let gone = [("members once it is removed", 0)];
    let patterns = [
        ("what is there", 50),
        ("a topic that came later", 30),
        ("partitions", 6),
        ("a broken pattern is refused", 1),
    ];
    for (verb, wanted) in [
        ("pattern", patterns.to_vec()),
        ("static-classic", [&stays[..], &back, &gone].concat()),
        ("static-consumer", [&stays[..], &back, &twin, &gone].concat()),
    ] {
        let said = program.run(&folder, &bootstrap, verb, &[])?;
        let steps = said.iter().map(|line| (line["step"].as_str(), line["saw"].as_u64()));
        let wanted = wanted.into_iter().map(|(step, saw)| (Some(step), Some(saw)));
        ensure!(steps.eq(wanted), "{verb}: {said:?}");
    }
    drop(broker);
    folder.done()
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
