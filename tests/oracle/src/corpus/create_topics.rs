//! CreateTopics: good ones, and everything that a topic cannot be.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
    CreateTopicsResponse,
};

use super::{topic, versions};
use crate::names::Own;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<CreateTopicsRequest>() {
        good(side, version)?;
        refused(side, version)?;
        assigned(side, version)?;
        configured(side, version)?;
    }
    Ok(())
}

fn ask(side: &mut Side, what: &str, version: i16, topics: Vec<CreatableTopic>) -> Result<()> {
    let request = CreateTopicsRequest {
        topics: List::from(topics),
        timeout_ms: 30_000,
        validate_only: false,
    };
    ask_request(side, what, version, &request)
}

fn ask_request(
    side: &mut Side,
    what: &str,
    version: i16,
    request: &CreateTopicsRequest,
) -> Result<()> {
    // Ids are random: asked first what they are, so that the answer tells them by their names.
    let answer: Option<CreateTopicsResponse> =
        side.ask_naming(what, version, request, |answer| {
            let topics = answer.topics.iter();
            let made = topics.filter(|topic| !topic.topic_id.is_zero());
            let named = |name: &str| format!("ID-OF-{name}");
            made.map(|topic| Own::Word(topic.topic_id.to_string(), named(&topic.name))).collect()
        })?;
    for topic in answer.iter().flat_map(|answer| answer.topics.iter()) {
        if topic.error_code == 0 && !request.validate_only {
            side.settle(&topic.name)?;
        }
    }
    Ok(())
}

fn good(side: &mut Side, version: i16) -> Result<()> {
    let name = |what: &str| format!("{what}-{version}");
    ask(side, "one", version, vec![topic(&name("one"), 3, &[])])?;
    let two = vec![topic(&name("two-a"), 1, &[]), topic(&name("two-b"), 2, &[])];
    ask(side, "two", version, two)?;
    if version >= 4 {
        let default = CreatableTopic { replication_factor: -1, ..topic(&name("default"), -1, &[]) };
        ask(side, "defaults", version, vec![default])?;
    }
    let only = CreateTopicsRequest {
        topics: List::from([topic(&name("only"), 2, &[("retention.ms", "1000")])]),
        timeout_ms: 30_000,
        validate_only: true,
    };
    ask_request(side, "validated only", version, &only)?;
    ask_request(side, "validated only, again", version, &only)?;
    ask(side, "none", version, Vec::new())?;
    let late = CreateTopicsRequest {
        topics: List::from([topic(&name("late"), 1, &[])]),
        timeout_ms: 0,
        validate_only: true,
    };
    ask_request(side, "no time", version, &late)
}

fn refused(side: &mut Side, version: i16) -> Result<()> {
    let one = format!("one-{version}");
    ask(side, "exists", version, vec![topic(&one, 3, &[])])?;
    let new = format!("beside-{version}");
    let mixed = vec![topic(&one, 3, &[]), topic(&new, 1, &[]), topic("a/b", 1, &[])];
    ask(side, "a good one among others", version, mixed)?;
    for name in ["", ".", "..", "a b", "a/b", "é", &"x".repeat(250)] {
        ask(side, &format!("the name {name:?}"), version, vec![topic(name, 1, &[])])?;
    }
    let like = format!("like.one-{version}");
    ask(side, "a dot", version, vec![topic(&like, 1, &[])])?;
    ask(side, "a dot that collides", version, vec![topic(&like.replace('.', "_"), 1, &[])])?;
    let twice = vec![topic("twice", 1, &[]), topic("twice", 1, &[])];
    ask(side, "a name twice", version, twice)?;
    let thrice = vec![topic("twice", 1, &[]), topic("twice", 1, &[]), topic("twice", 1, &[])];
    ask(side, "a name thrice", version, thrice)?;
    for partitions in [0, -1, -2, i32::MIN, 10_001, 1_000_000_000] {
        let what = format!("{partitions} partitions");
        if partitions != -1 || version >= 4 {
            let name = format!("partitions-{partitions}-{version}");
            ask(side, &what, version, vec![topic(&name, partitions, &[])])?;
        }
    }
    for replication_factor in [0, 2, 3, -2, i16::MAX] {
        let topic = CreatableTopic { replication_factor, ..topic("copies", 1, &[]) };
        ask(side, &format!("{replication_factor} copies"), version, vec![topic])?;
    }
    Ok(())
}

/// Partitions with their brokers, as a request assigns them.
type Assignments<'a> = &'a [(i32, &'a [i32])];

fn assigned(side: &mut Side, version: i16) -> Result<()> {
    let by_hand = |name: &str, assignments: Assignments<'_>| CreatableTopic {
        num_partitions: -1,
        replication_factor: -1,
        assignments: assignments
            .iter()
            .map(|(partition_index, brokers)| CreatableReplicaAssignment {
                partition_index: *partition_index,
                broker_ids: brokers.iter().copied().collect(),
            })
            .collect(),
        ..topic(name, -1, &[])
    };
    let cases: &[(&str, Assignments<'_>)] = &[
        ("good", &[(0, &[0]), (1, &[0])]),
        ("backwards", &[(1, &[0]), (0, &[0])]),
        ("a gap", &[(0, &[0]), (2, &[0])]),
        ("from one", &[(1, &[0])]),
        ("negative", &[(-1, &[0])]),
        ("twice", &[(0, &[0]), (0, &[0])]),
        ("a broker twice", &[(0, &[0, 0])]),
        ("an unknown broker", &[(0, &[5])]),
        ("a negative broker", &[(0, &[-1])]),
        ("no broker", &[(0, &[])]),
        ("of two lengths", &[(0, &[0]), (1, &[])]),
    ];
    for (what, assignments) in cases {
        let name = format!("by-hand-{}-{version}", what.replace(' ', "-"));
        let what = format!("assigned: {what}");
        ask(side, &what, version, vec![by_hand(&name, assignments)])?;
    }
    let both = CreatableTopic { num_partitions: 1, ..by_hand("both", &[(0, &[0])]) };
    ask(side, "assigned, and a number of partitions", version, vec![both])?;
    let both = CreatableTopic { replication_factor: 1, ..by_hand("both", &[(0, &[0])]) };
    ask(side, "assigned, and a number of copies", version, vec![both])
}

fn configured(side: &mut Side, version: i16) -> Result<()> {
    let good: &[(&str, &str)] = &[
        ("cleanup.policy", "compact"),
        ("cleanup.policy", "compact,delete"),
        ("cleanup.policy", "delete,compact"),
        ("cleanup.policy", ""),
        ("compression.type", "zstd"),
        ("retention.ms", "-1"),
        ("retention.ms", "9223372036854775807"),
        ("segment.bytes", "1048576"),
        ("max.message.bytes", "0"),
        ("message.timestamp.type", "LogAppendTime"),
        ("min.insync.replicas", "2"),
        ("unclean.leader.election.enable", "TRUE"),
        ("min.cleanable.dirty.ratio", "0.1"),
        ("retention.bytes", " 7 "),
    ];
    let bad: &[(&str, &str)] = &[
        ("no.such.key", "1"),
        ("", "1"),
        ("cleanup.policy", "keep"),
        ("compression.type", "zip"),
        ("retention.ms", "-2"),
        ("retention.ms", "soon"),
        ("retention.ms", ""),
        ("retention.ms", "9223372036854775808"),
        ("segment.bytes", "1"),
        ("segment.bytes", "2147483648"),
        ("max.message.bytes", "-1"),
        ("message.timestamp.type", "logappendtime"),
        ("min.insync.replicas", "0"),
        ("unclean.leader.election.enable", "yes"),
        ("min.cleanable.dirty.ratio", "1.1"),
        ("message.format.version", "2.8"),
        ("local.retention.ms", "10"),
    ];
    for (index, (key, value)) in (0..).zip(good.iter().chain(bad)) {
        let name = format!("configured-{index}-{version}");
        ask(side, &format!("{key}={value}"), version, vec![topic(&name, 1, &[(key, value)])])?;
    }
    let null = CreatableTopicConfig { name: "retention.ms".to_owned(), value: None };
    let null = CreatableTopic { configs: List::from([null]), ..topic("nulled", 1, &[]) };
    ask(side, "a null value", version, vec![null])?;
    let name = format!("key-twice-{version}");
    let twice = [("retention.ms", "1000"), ("retention.ms", "2000")];
    ask(side, "a key twice", version, vec![topic(&name, 1, &twice)])
}
