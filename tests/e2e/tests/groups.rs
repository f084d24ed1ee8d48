//! Consumer groups as `bobbin consume --group` and `bobbin group` use them: three members share a
//! topic, one is killed, and nothing is left out. `BOBBIN_E2E_BROKER` names another broker to run
//! against, such as Apache Kafka.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tests_e2e::broker::Setup;
use tests_e2e::{Broker, Folder, clients, folder};

const PATIENCE: Duration = Duration::from_secs(60);
const PARTITIONS: usize = 6;

/// The broker under test: Bobbin's own, or the one that was named.
struct Under {
    bootstrap: String,
    _broker: Option<Broker>,
}

impl Under {
    /// None, with a word, if it serves no groups.
    fn start(folder: &Folder) -> Result<Option<Under>> {
        if let Ok(bootstrap) = std::env::var("BOBBIN_E2E_BROKER") {
            return Ok(Some(Under { bootstrap, _broker: None }));
        }
        let broker = Setup::new(folder)?.start()?;
        let bootstrap = broker.bootstrap();
        let listed = Command::new(folder::binary()?)
            .args(["group", "list", "-b", &bootstrap])
            .output()
            .context("bobbin group list")?;
        if String::from_utf8_lossy(&listed.stderr).contains("does not serve") {
            println!("skipped: this broker serves no groups yet");
            return Ok(None);
        }
        ensure!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        Ok(Some(Under { bootstrap, _broker: Some(broker) }))
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

fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if is_so()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("not within {PATIENCE:?}: {what}")
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
    let Some(under) = Under::start(&folder)? else { return folder.done() };
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
