//! CreatePartitions: more of them, as many, fewer; placed by hand and not.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use super::{make, versions};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<CreatePartitionsRequest>() {
        let name = format!("grown-{version}");
        make(side, &name, 1, &[])?;
        let beside = format!("grown-beside-{version}");
        make(side, &beside, 2, &[])?;
        grown(side, version, &name, &beside)?;
        by_hand(side, version, &name)?;
    }
    Ok(())
}

/// Nodes of each new partition.
type Nodes<'a> = Option<&'a [&'a [i32]]>;

fn topic(name: &str, count: i32, nodes: Nodes<'_>) -> CreatePartitionsTopic {
    let one =
        |ids: &&[i32]| CreatePartitionsAssignment { broker_ids: ids.iter().copied().collect() };
    CreatePartitionsTopic {
        name: name.to_owned(),
        count,
        assignments: nodes.map(|nodes| nodes.iter().map(one).collect()),
    }
}

fn request(topics: Vec<CreatePartitionsTopic>, validate_only: bool) -> CreatePartitionsRequest {
    CreatePartitionsRequest { topics: List::from(topics), timeout_ms: 30_000, validate_only }
}

fn ask(
    side: &mut Side,
    what: &str,
    version: i16,
    topics: Vec<CreatePartitionsTopic>,
) -> Result<()> {
    side.ask(what, version, &request(topics, false))?;
    Ok(())
}

/// What the topic is now.
fn seen(side: &mut Side, what: &str, name: &str) -> Result<()> {
    side.agree()?;
    side.settle(name)?;
    let named = MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
    let topics = Some(List::from([named]));
    let request = MetadataRequest { topics, ..Default::default() };
    side.ask(what, 12, &request)?;
    Ok(())
}

fn grown(side: &mut Side, version: i16, name: &str, beside: &str) -> Result<()> {
    side.ask("validated only", version, &request(vec![topic(name, 3, None)], true))?;
    ask(side, "more", version, vec![topic(name, 3, None)])?;
    seen(side, "after more", name)?;
    for count in [3, 2, 1, 0, -1, i32::MIN] {
        ask(side, &format!("{count} of 3"), version, vec![topic(name, count, None)])?;
    }
    ask(side, "nobody's topic", version, vec![topic("nobody", 3, None)])?;
    ask(side, "an odd name", version, vec![topic("a b", 3, None), topic("", 3, None)])?;
    let both = vec![topic(name, 4, None), topic("nobody", 2, None), topic(beside, 3, None)];
    ask(side, "two and none", version, both)?;
    seen(side, "after two", beside)?;
    let twice = vec![topic(name, 5, None), topic(name, 6, None), topic(beside, 4, None)];
    ask(side, "a topic twice", version, twice)?;
    side.agree()?;
    let thrice = vec![topic(name, 5, None), topic(name, 5, None), topic(name, 5, None)];
    ask(side, "a topic thrice", version, thrice)?;
    ask(side, "none", version, Vec::new())?;
    let late = CreatePartitionsRequest { timeout_ms: 0, ..request(Vec::new(), false) };
    side.ask("none, in no time", version, &late)?;
    seen(side, "after refusals", name)
}

fn by_hand(side: &mut Side, version: i16, name: &str) -> Result<()> {
    let cases: &[(&str, i32, Nodes<'_>)] = &[
        ("none", 5, Some(&[])),
        ("too few", 6, Some(&[&[0]])),
        ("too many", 5, Some(&[&[0], &[0]])),
        ("an unknown broker", 5, Some(&[&[5]])),
        ("a negative broker", 5, Some(&[&[-1]])),
        ("a broker twice", 5, Some(&[&[0, 0]])),
        ("no broker", 5, Some(&[&[]])),
        ("of two lengths", 6, Some(&[&[0], &[]])),
        ("good", 5, Some(&[&[0]])),
        ("two good ones", 7, Some(&[&[0], &[0]])),
        ("as many, with one", 7, Some(&[&[0]])),
        ("as many, with none", 7, Some(&[])),
    ];
    for (what, count, nodes) in cases {
        let topics = vec![topic(name, *count, *nodes)];
        ask(side, &format!("by hand: {what}"), version, topics)?;
    }
    seen(side, "after those by hand", name)
}
