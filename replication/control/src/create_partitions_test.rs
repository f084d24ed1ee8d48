//! Topics that grow, and everything by which they cannot, in the words of a Kafka 4.3.1 node.

use std::rc::Rc;

use engine_base::settings::BrokerConfig;
use engine_base::{NodeId, Refusal, ShardIndex, Uuid};
use replication_machine::{Harness, Machine};

use super::*;
use crate::cluster::{Answer, Command};
use crate::facts::{Endpoint, NodeFacts};
use crate::topic_command::NewTopic;

fn fresh() -> Cluster {
    Cluster::new(Rc::new(BrokerConfig::default()), NodeId(0))
}

fn cluster(nodes: i32, topics: &[(&str, i32)]) -> Harness<Cluster> {
    let mut h = Harness::new(fresh());
    for id in 0..nodes {
        let endpoints = vec![Endpoint { listener: "P".into(), host: "h".into(), port: 1 }];
        let incarnation = Uuid([7; 16]);
        let node = NodeFacts { id: NodeId(id), incarnation, endpoints, rack: None, shards: 2 };
        assert_eq!(h.ask(Command::Join(node)), Ok(Answer::Done));
    }
    let new = |(at, (name, partitions)): (u8, &(&str, i32))| {
        let topic = NewTopic { partitions: *partitions, ..NewTopic::named(*name) };
        (Uuid([at; 16]), topic)
    };
    let topics = (1..).zip(topics).map(new).collect();
    let stopped = BTreeSet::new();
    let created = h.ask(Command::CreateTopics { topics, validate_only: false, stopped });
    assert!(matches!(created, Ok(Answer::Created(all)) if all.iter().all(Result::is_ok)));
    h
}

fn more(name: &str, count: i32, assignments: Option<&[&[i32]]>) -> MorePartitions {
    let nodes = |ids: &&[i32]| ids.iter().copied().map(NodeId).collect();
    let assignments = assignments.map(|all| all.iter().map(nodes).collect());
    MorePartitions { name: name.into(), count, assignments }
}

fn grow(
    h: &mut Harness<Cluster>,
    topics: Vec<MorePartitions>,
    validate_only: bool,
) -> Vec<Verdict> {
    let stopped = BTreeSet::new();
    match h.ask(Command::CreatePartitions { topics, validate_only, stopped }) {
        Ok(Answer::Grown(verdicts)) => verdicts,
        other => panic!("{other:?}"),
    }
}

fn count(h: &Harness<Cluster>, name: &str) -> usize {
    h.machine().image().topic(name).expect("is there").partitions.len()
}

#[test]
fn new_partitions_stand_behind_the_old_ones_in_logs_of_their_own() {
    let mut h = cluster(1, &[("t", 2), ("u", 1)]);
    let before = h.machine().image().topic("t").expect("is there").clone();
    assert_eq!(
        grow(&mut h, vec![more("t", 5, None), more("u", 2, Some(&[&[0]]))], false),
        [Ok(()), Ok(())]
    );
    let after = h.machine().image().topic("t").expect("is there").clone();
    assert_eq!(after.partitions[..2], before.partitions[..]);
    assert_eq!((after.partitions.len(), after.partitions_at_first, after.id), (5, 2, before.id));
    for partition in &after.partitions {
        assert_eq!(h.machine().topic_of(partition.log), Some(&after));
        assert_eq!(after.partition_of(partition.log), Some(partition));
    }
    let on = |shard| {
        let image = h.machine().image();
        let all = image.topics().flat_map(|topic| &topic.partitions);
        all.filter(|partition| partition.replicas[0].shard == ShardIndex(shard)).count()
    };
    assert_eq!((on(0), on(1)), (4, 3), "spread over the shards");
    h.check_replay(fresh());
    let gone = h.ask(Command::DeleteTopics(vec![TopicRef::Name("t".into())]));
    assert!(matches!(gone, Ok(Answer::Deleted(all)) if all[0].is_ok()));
    assert!(after.partitions.iter().all(|partition| h.machine().was_deleted(partition.log)));
    h.check_replay(fresh());
}

#[test]
fn validate_only_answers_alike_and_changes_nothing() {
    let mut h = cluster(1, &[("t", 2)]);
    let (records, hash) = (h.log().len(), h.machine().state_hash());
    let verdicts = grow(&mut h, vec![more("t", 3, None), more("x", 3, None)], true);
    assert_eq!(verdicts, [Ok(()), Err(Refusal::UnknownTopicOrPartition)]);
    assert_eq!((h.log().len(), h.machine().state_hash()), (records, hash));
}

#[test]
fn what_is_no_increase_is_refused_in_kafkas_words() {
    let mut h = cluster(1, &[("t", 2)]);
    let no = |why: &str| [Err(Refusal::InvalidPartitions(why.into()))];
    let same = grow(&mut h, vec![more("t", 2, Some(&[&[0]]))], false);
    assert_eq!(same, no("Topic already has 2 partition(s)."));
    for less in [1, 0, -1, i32::MIN] {
        let why =
            format!("The topic t currently has 2 partition(s); {less} would not be an increase.");
        assert_eq!(grow(&mut h, vec![more("t", less, None)], false), no(&why));
    }
    let far = grow(&mut h, vec![more("t", i32::MAX, None)], false);
    assert!(matches!(far[0], Err(Refusal::PolicyViolation(_))), "{far:?}");
    assert_eq!(count(&h, "t"), 2);
}

#[test]
fn a_topic_named_twice_is_refused_each_time_and_the_others_grow() {
    let mut h = cluster(1, &[("t", 2), ("u", 1)]);
    let asked = vec![more("t", 3, None), more("u", 2, None), more("t", 4, None)];
    let no = Err(Refusal::InvalidRequest("Duplicate topic name.".into()));
    assert_eq!(grow(&mut h, asked, false), [no.clone(), Ok(()), no]);
    assert_eq!((count(&h, "t"), count(&h, "u")), (2, 2));
}

#[test]
fn assignments_are_judged_as_kafka_does() {
    let mut h = cluster(2, &[("t", 1)]);
    let only = |n: usize, of: usize| {
        format!(
            "Attempted to add {of} additional partition(s), but only {n} assignment(s) were \
             specified."
        )
    };
    let includes = |what: &str| format!("The manual partition assignment includes {what}");
    let unknown = |id: i32| includes(&format!("broker {id}, but no such broker is registered."));
    type Case<'a> = (i32, &'a [&'a [i32]], String);
    let cases: [Case<'_>; 8] = [
        (2, &[], only(0, 1)),
        (3, &[&[0]], only(1, 2)),
        (2, &[&[0], &[0]], only(2, 1)),
        (2, &[&[5]], unknown(5)),
        (2, &[&[-1]], unknown(-1)),
        (2, &[&[0, 0]], includes("the broker 0 more than once.")),
        (3, &[&[0], &[]], includes("an empty replica list.")),
        (
            2,
            &[&[0, 1]],
            includes(
                "a partition with 2 replica(s), but this is not consistent with previous \
                 partitions, which have 1 replica(s).",
            ),
        ),
    ];
    for (to, assignments, why) in cases {
        let verdicts = grow(&mut h, vec![more("t", to, Some(assignments))], false);
        assert_eq!(verdicts, [Err(Refusal::InvalidReplicaAssignment(why))]);
    }
    assert_eq!(count(&h, "t"), 1, "what is refused changes nothing");
    assert_eq!(grow(&mut h, vec![more("t", 3, Some(&[&[1], &[0]]))], false), [Ok(())]);
    let facts = h.machine().image().topic("t").expect("is there").clone();
    let leaders: Vec<i32> = facts.partitions.iter().map(|p| p.preferred_leader().0).collect();
    assert_eq!(leaders[1..], [1, 0]);
}
