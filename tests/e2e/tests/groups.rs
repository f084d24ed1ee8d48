//! Consumer groups. As `bobbin consume --group` and `bobbin group` use them: three members share a
//! topic, one is killed, and nothing is left out (`BOBBIN_E2E_BROKER` names another broker to run
//! against, such as Apache Kafka). And with confluent-kafka, in the classic protocol and in the
//! consumer protocol: commits and resumes, a group of three that loses one, groups whose broker is
//! killed, at rest and in the middle of a rebalance, and a group that moves between the protocols.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::{self, Setup};
use tests_e2e::program::until;
use tests_e2e::{Broker, Folder, clients, folder};

const PARTITIONS: usize = 6;

/// The broker under test: Bobbin's own, or the one that was named.
struct Under {
    bootstrap: String,
    _broker: Option<Broker>,
}

impl Under {
    fn start(folder: &Folder) -> Result<Under> {
        let (bootstrap, broker) = broker::under_test(&Setup::new(folder)?)?;
        Ok(Under { bootstrap, _broker: broker })
    }

    fn bobbin(&self, line: &str, input: &str) -> Result<String> {
        let words: Vec<&str> = line.split(' ').collect();
        clients::bobbin(&self.bootstrap, &words, input)
    }
}

/// A member that prints what it reads into a file. Killed when dropped.
struct Member {
    child: Child,
    output: std::path::PathBuf,
}

impl Member {
    fn join(under: &Under, folder: &Folder, group: &str, topic: &str, n: usize) -> Result<Member> {
        let output = folder.path(&format!("member-{n}"));
        let child = Command::new(folder::binary()?)
            .args(["consume", topic, "-g", group, "-f", "%p %v\\n", "-b", &under.bootstrap])
            .args(["-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=500"])
            .args(["-X", "auto.commit.interval.ms=500", "-X", "max.poll.interval.ms=10000"])
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .spawn()
            .context("starting a member")?;
        Ok(Member { child, output })
    }

    fn lines(&self) -> Result<Vec<String>> {
        Ok(std::fs::read_to_string(&self.output)?.lines().map(String::from).collect())
    }

    /// SIGTERM, and waits; it must end well.
    fn leave(&mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().context("kill -TERM")?;
        let status = self.child.wait()?;
        ensure!(status.success(), "a member that was told to leave ended with {status}");
        Ok(())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Members that have partitions, as the coordinator tells it.
fn members_at_work(under: &Under, group: &str) -> Result<usize> {
    let told = under.bobbin(&format!("group describe {group} -o wide"), "").unwrap_or_default();
    if !told.contains("state        Stable") {
        return Ok(0);
    }
    let rows = told.lines().skip_while(|line| !line.starts_with("TOPIC")).skip(1);
    let members: BTreeSet<&str> =
        rows.filter_map(|row| row.split_whitespace().rev().nth(1)).filter(|m| *m != "-").collect();
    Ok(members.len())
}

#[test]
#[ignore = "needs the release binary: cargo xtask e2e"]
fn three_members_share_and_one_that_is_killed_leaves_nothing_out() -> Result<()> {
    let folder = Folder::new("groups")?;
    let under = Under::start(&folder)?;
    let topic = format!("shared-{}", std::process::id());
    let group = format!("readers-{}", std::process::id());
    under.bobbin(&format!("topic create {topic} -p {PARTITIONS}"), "")?;
    let mut members = Vec::new();
    for n in 0..3 {
        members.push(Member::join(&under, &folder, &group, &topic, n)?);
    }
    until("three members have partitions", || Ok(members_at_work(&under, &group)? == 3))?;
    let produce = |from: usize, to: usize| -> Result<()> {
        let lines: String = (from..to).map(|n| format!("k{n}:{n}\n")).collect();
        under.bobbin(&format!("produce {topic} -q -K :"), &lines).map(drop)
    };
    let read = |members: &[Member]| -> Result<BTreeSet<usize>> {
        let mut all = BTreeSet::new();
        for member in members {
            for line in member.lines()? {
                let value = line.split(' ').nth(1).context("a value")?;
                all.insert(value.parse().context("a number")?);
            }
        }
        Ok(all)
    };
    produce(0, 600)?;
    until("all are read", || Ok(read(&members)?.len() == 600))?;
    for member in &members {
        ensure!(!member.lines()?.is_empty(), "each of three members reads some");
    }
    members[0].child.kill()?;
    produce(600, 1200)?;
    until("the others take over", || Ok(read(&members)?.len() == 1200))?;
    until("two members have partitions", || Ok(members_at_work(&under, &group)? == 2))?;
    let in_use = Command::new(folder::binary()?)
        .args(["group", "seek", &group, "--to", "start", "-b", &under.bootstrap])
        .output()?;
    ensure!(in_use.status.code() == Some(1), "a group with members is not moved");
    for member in &mut members[1..] {
        member.leave()?;
    }
    let told = under.bobbin(&format!("group describe {group} -o json"), "")?;
    ensure!(told.contains("\"state\": \"Empty\""), "those who leave are gone at once: {told}");
    ensure!(told.contains("\"lag\": 0,"), "what was read is committed: {told}");

    // What is committed decides where the next one begins; seeking moves it.
    let again = under.bobbin(&format!("consume {topic} -g {group} -e -f %v\\n"), "")?;
    ensure!(again.is_empty(), "nothing is left: {again}");
    under.bobbin(&format!("group seek {group} --to -1 --topics {topic}:0"), "")?;
    let last = under.bobbin(&format!("consume {topic} -g {group} -e -f %p\\n"), "")?;
    ensure!(last == "0\n", "one record of partition 0: {last}");
    let deleted = under.bobbin(&format!("group delete {group} -o json"), "")?;
    ensure!(deleted.contains("deleted"), "{deleted}");
    drop(members);
    folder.done()
}

/// A broker on which a member of the consumer protocol is dead after 6 seconds, not after 45.
fn patient(folder: &Folder) -> Result<Setup> {
    let setup = Setup::new(folder)?;
    let bounds = ["min.session.timeout.ms=6000", "session.timeout.ms=6000"];
    Ok(bounds
        .iter()
        .fold(setup, |setup, bound| setup.with("-X").with(&format!("group.consumer.{bound}"))))
}

/// Runs a part of `group.py` that needs no help.
fn alone(part: &str, protocol: &str) -> Result<()> {
    let folder = Folder::new(&format!("group-{part}-{protocol}"))?;
    let broker = patient(&folder)?.start()?;
    clients::run_script("group.py", &[&broker.bootstrap(), part, protocol])?;
    drop(broker);
    folder.done()
}

/// Runs a part of `group.py` during which the broker is killed and started again.
fn killed(part: &str, protocol: &str) -> Result<()> {
    let folder = Folder::new(&format!("group-{part}-{protocol}"))?;
    let broker = patient(&folder)?.start()?;
    let mut command = clients::script("group.py", &[&broker.bootstrap(), part, protocol])?;
    let mut script = command.stdout(Stdio::piped()).spawn().context("starting group.py")?;
    let mut told = BufReader::new(script.stdout.take().context("it was piped")?).lines();
    let word = told.next().context("group.py ended early")??;
    ensure!(word == "settled", "{word}");
    let broker = broker.kill()?.start()?;
    for partition in ["0", "1", "2"] {
        let lines = "more\n".repeat(10);
        clients::kcat(&broker.bootstrap(), &["-P", "-t", "t", "-p", partition], &lines)?;
    }
    let status = script.wait().context("waiting for group.py")?;
    ensure!(status.success(), "group.py {part} ended with {status}");
    drop(broker);
    folder.done()
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_group_resumes_where_it_committed() -> Result<()> {
    alone("resume", "classic")?;
    alone("resume", "consumer")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_group_of_three_goes_on_without_the_one_that_was_killed() -> Result<()> {
    alone("three", "classic")?;
    alone("three", "consumer")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_stable_group_keeps_its_generation_over_a_kill_of_its_broker() -> Result<()> {
    killed("stay", "classic")?;
    killed("stay", "consumer")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_kill_in_the_middle_of_a_rebalance_loses_no_committed_offset() -> Result<()> {
    killed("midway", "classic")?;
    killed("midway", "consumer")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_group_moves_to_the_consumer_protocol_and_back() -> Result<()> {
    alone("migrate", "both")
}
