//! Consumer groups with real clients: commits and resumes, a group of three that loses one, and
//! groups whose broker is killed, at rest and in the middle of a rebalance.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients};

/// Runs a part of `group.py` that needs no help.
fn alone(part: &str) -> Result<()> {
    let folder = Folder::new(&format!("group-{part}"))?;
    let broker = Setup::new(&folder)?.start()?;
    clients::run_script("group.py", &[&broker.bootstrap(), part])?;
    drop(broker);
    folder.done()
}

/// Runs a part of `group.py` during which the broker is killed and started again.
fn killed(part: &str) -> Result<()> {
    let folder = Folder::new(&format!("group-{part}"))?;
    let broker = Setup::new(&folder)?.start()?;
    let mut command = clients::script("group.py", &[&broker.bootstrap(), part])?;
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
    alone("resume")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_group_of_three_goes_on_without_the_one_that_was_killed() -> Result<()> {
    alone("three")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_stable_group_keeps_its_generation_over_a_kill_of_its_broker() -> Result<()> {
    killed("stay")
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_kill_in_the_middle_of_a_rebalance_loses_no_committed_offset() -> Result<()> {
    killed("midway")
}
