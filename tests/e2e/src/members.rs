//! Members of a group as programs print what happens to them: who holds which partitions, and which
//! records were read.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::clients;
use crate::program::{Running, until};
use crate::written::{self, Written};

/// Records of one writer.
pub const COUNT: usize = 300;
/// Partitions of the topic that is shared.
pub const PARTITIONS: usize = 6;

/// Makes the topic that is shared.
///
/// # Errors
/// When it cannot be made.
pub fn create(bootstrap: &str, topic: &str) -> Result<()> {
    let count = PARTITIONS.to_string();
    clients::bobbin(bootstrap, &["topic", "create", topic, "-p", &count], "").map(drop)
}

/// Writes the records of one writer.
///
/// # Errors
/// When they are not all acknowledged.
pub fn produce(bootstrap: &str, topic: &str, by: &str) -> Result<()> {
    let header = format!("by={by}");
    let words = ["produce", topic, "-q", "-K", "\\t", "-H", &header];
    clients::bobbin(bootstrap, &words, &written::input(by, 0..COUNT)).map(drop)
}

/// A group that nobody is in any more has committed everything.
///
/// # Errors
/// When it has members or has not.
pub fn is_done(bootstrap: &str, group: &str) -> Result<()> {
    let told = clients::bobbin(bootstrap, &["group", "describe", group, "-o", "json"], "")?;
    let told: Value = serde_json::from_str(&told).context("bobbin group describe")?;
    ensure!(told[0]["state"] == "Empty", "those who leave are gone at once: {told}");
    ensure!(told[0]["lag"] == 0, "what was read is committed: {told}");
    Ok(())
}

/// Waits until each has its share and all partitions are held once.
///
/// # Errors
/// When it does not come to that in time, or one of them ends.
pub fn shared_by(members: &mut [Running]) -> Result<()> {
    until("each member has its share", || {
        let (mut held, mut shares) = (Vec::new(), Vec::new());
        for member in &mut *members {
            member.is_running()?;
            let share = share_of(&member.lines()?)?;
            shares.push(share.len());
            held.extend(share);
        }
        held.sort_unstable();
        let all = held.iter().copied().eq(0..PARTITIONS as u64);
        Ok(all && shares.iter().all(|share| *share == PARTITIONS / shares.len()))
    })
}

/// What a member holds after everything that it said.
fn share_of(lines: &[Value]) -> Result<BTreeSet<u64>> {
    let mut share = BTreeSet::new();
    for line in lines {
        for (word, given) in [("assigned", true), ("revoked", false)] {
            let Some(listed) = line.get(word) else { continue };
            for partition in listed.as_array().context("a list of partitions")? {
                let partition = partition.as_u64().context("a partition")?;
                if given {
                    share.insert(partition)
                } else {
                    share.remove(&partition)
                };
            }
        }
    }
    Ok(share)
}

/// Waits until the members together have read all that those wrote.
///
/// # Errors
/// When they do not in time, or one of them ends.
pub fn read_by(members: &mut [Running], writers: &[&str]) -> Result<()> {
    let wanted = wanted(writers);
    until(&format!("what {writers:?} wrote is read"), || {
        members.iter_mut().try_for_each(Running::is_running)?;
        Ok(read_all(members)?.is_superset(&wanted))
    })
}

/// The keys of the records that the members have printed.
///
/// # Errors
/// When a line is not what it must be.
pub fn read_all(members: &[Running]) -> Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for member in members {
        for line in member.lines()?.iter().filter(|line| line.get("offset").is_some()) {
            keys.insert(Written::of(line)?.key);
        }
    }
    Ok(keys)
}

/// The keys of the records of those writers.
pub fn wanted(writers: &[&str]) -> BTreeSet<String> {
    writers.iter().flat_map(|by| (0..COUNT).map(move |n| format!("{by}-{n}"))).collect()
}
