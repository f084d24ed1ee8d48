//! The consumer protocol, rule by rule, as a node of Kafka 4.3.1 answered the same questions.

use std::rc::Rc;

use engine_base::{Refusal, Uuid};
use replication_machine::harness::view;
use replication_machine::{Harness, Machine};

use crate::answer::{ConsumerBeat, GroupAnswer};
use crate::cluster::cluster_test::Topics;
use crate::cluster::{Cluster, GroupConfig};
use crate::command::{
    CommitOffsets, ConsumerHeartbeat, DeleteOffsets, GroupCommand, Heartbeat, NewOffset,
};
use crate::describe::{ConsumerState, DescribedConsumer, DescribedConsumerGroup};
use crate::groups::Groups;
use crate::limits::GroupLimits;

const SECOND: u64 = 1_000_000_000;

pub(super) type Beat = Result<ConsumerBeat, Refusal>;

/// A coordinator, and the cluster that it looks at.
pub(super) struct Scene {
    pub(super) h: Harness<Groups>,
    pub(super) topics: Rc<Topics>,
    limits: GroupLimits,
}

impl Scene {
    pub(super) fn new() -> Scene {
        Scene::with(|_| ())
    }

    pub(super) fn with(change: impl FnOnce(&mut GroupLimits)) -> Scene {
        let topics = Topics::of(&[("ta", 4), ("tb", 3)]);
        let mut limits = GroupLimits::default();
        change(&mut limits);
        let h = Harness::new(Groups::new(limits.clone(), topics.clone()));
        Scene { h, topics, limits }
    }

    pub(super) fn fresh(&self) -> Groups {
        Groups::new(self.limits.clone(), self.topics.clone())
    }

    pub(super) fn beat(&mut self, beat: ConsumerHeartbeat) -> Beat {
        match self.h.ask(GroupCommand::ConsumerHeartbeat(beat)) {
            Ok(GroupAnswer::ConsumerHeartbeat(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn join(&mut self, id: &str, topics: &[&str]) -> ConsumerBeat {
        self.beat(a_join(id, topics)).unwrap()
    }

    /// A heartbeat that says what the member owns.
    pub(super) fn owns(&mut self, id: &str, epoch: i32, owned: &[(&str, &[i32])]) -> Beat {
        let owned = owned.iter().map(|(name, of)| (Topics::id(name), of.to_vec())).collect();
        self.beat(ConsumerHeartbeat { owned: Some(owned), ..a_beat(id, epoch) })
    }

    /// A plain heartbeat.
    pub(super) fn stays(&mut self, id: &str, epoch: i32) -> Beat {
        self.beat(a_beat(id, epoch))
    }

    pub(super) fn leaves(&mut self, id: &str) -> ConsumerBeat {
        self.stays(id, -1).unwrap()
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.h.pass(seconds * SECOND);
        self.h.settle();
    }

    pub(super) fn group(&self) -> DescribedConsumerGroup {
        self.h.machine().describe_consumer("g").unwrap()
    }

    pub(super) fn member(&self, id: &str) -> DescribedConsumer {
        let group = self.group();
        group.members.into_iter().find(|member| *member.member_id == *id).expect("a member")
    }

    fn commit(&mut self, id: &str, epoch: i32, places: &[(&str, i32)]) -> Result<(), Refusal> {
        self.commit_by(true, id, epoch, places)
    }

    fn commit_by(
        &mut self,
        v9: bool,
        id: &str,
        epoch: i32,
        places: &[(&str, i32)],
    ) -> Result<(), Refusal> {
        let offsets = places.iter().map(|(topic, partition)| NewOffset {
            topic: (*topic).into(),
            topic_id: Topics::id(topic),
            partition: *partition,
            offset: 5,
            leader_epoch: -1,
            metadata: String::new(),
        });
        let commit = CommitOffsets {
            group: "g".into(),
            member_id: id.into(),
            instance_id: None,
            generation_or_epoch: epoch,
            retention_ms: None,
            names_unknown_group: v9,
            offsets: offsets.collect(),
        };
        match self.h.ask(GroupCommand::CommitOffsets(commit)) {
            Ok(GroupAnswer::CommitOffsets(answer)) => answer.map(|_| ()),
            other => panic!("{other:?}"),
        }
    }

    fn delete(&mut self) -> Result<(), Refusal> {
        match self.h.ask(GroupCommand::DeleteGroup { group: "g".into() }) {
            Ok(GroupAnswer::DeleteGroup(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }
}

pub(super) fn a_beat(id: &str, epoch: i32) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        group: "g".into(),
        member_id: id.into(),
        fresh_id: Uuid([7; 16]),
        member_epoch: epoch,
        instance_id: None,
        rack_id: None,
        rebalance_ms: -1,
        topics: None,
        regex: None,
        assignor: None,
        owned: None,
        client_id: "cli".into(),
        client_host: "/127.0.0.1".into(),
        brings_id: true,
    }
}

pub(super) fn a_join(id: &str, topics: &[&str]) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        rebalance_ms: 60_000,
        topics: Some(topics.iter().map(|topic| (*topic).to_owned()).collect()),
        owned: Some(Vec::new()),
        ..a_beat(id, 0)
    }
}

fn a_static(id: &str, instance: &str) -> ConsumerHeartbeat {
    ConsumerHeartbeat { instance_id: Some(instance.into()), ..a_join(id, &["ta"]) }
}

/// An answer's partitions, with names for ids.
pub(super) fn told(beat: &ConsumerBeat) -> Option<Vec<(String, Vec<i32>)>> {
    let named = |id: &Uuid| {
        let bytes: Vec<u8> = id.0.iter().copied().take_while(|byte| *byte != 0).collect();
        String::from_utf8(bytes).unwrap()
    };
    let places = beat.assignment.as_ref()?;
    Some(places.iter().map(|(topic, of)| (named(topic), of.clone())).collect())
}

fn places(of: &[(&str, &[i32])]) -> Option<Vec<(String, Vec<i32>)>> {
    Some(of.iter().map(|(name, of)| ((*name).to_owned(), of.to_vec())).collect())
}

fn why(beat: Beat) -> Refusal {
    beat.unwrap_err()
}

#[test]
fn one_member_gets_everything_at_once_and_the_next_one_half_of_it_once_it_is_given_up() {
    let mut s = Scene::new();
    let a = s.join("a", &["ta"]);
    assert_eq!((a.member_epoch, a.heartbeat_ms), (2, 5_000));
    assert_eq!(told(&a), places(&[("ta", &[0, 1, 2, 3])]));
    assert_eq!(told(&s.stays("a", 2).unwrap()), None, "told once");
    s.pass(1);
    let b = s.join("b", &["ta"]);
    assert_eq!((b.member_epoch, told(&b)), (3, places(&[])));
    assert_eq!(s.group().state, ConsumerState::Reconciling);
    // What it must give up it keeps until it says that it gave it up.
    let a = s.owns("a", 2, &[("ta", &[0, 1, 2, 3])]).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (2, places(&[("ta", &[0, 1])])));
    assert_eq!(s.member("a").assignment[0].partitions, [0, 1, 2, 3]);
    assert_eq!(s.member("a").target[0].partitions, [0, 1]);
    assert_eq!(told(&s.owns("b", 3, &[]).unwrap()), None, "not free yet");
    let a = s.owns("a", 2, &[("ta", &[0, 1])]).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (3, None));
    let b = s.owns("b", 3, &[]).unwrap();
    assert_eq!((b.member_epoch, told(&b)), (3, places(&[("ta", &[2, 3])])));
    let group = s.group();
    assert_eq!((group.state, group.group_epoch), (ConsumerState::Stable, 3));
    assert_eq!((group.assignment_epoch, &*group.assignor), (3, "uniform"));
    assert_eq!(s.member("b").assignment[0].partitions, [2, 3]);
    assert_eq!(s.h.machine().list()[0].protocol_type.to_string(), "consumer");
    assert_eq!(s.h.machine().describe("g"), None, "it is not a classic group");
    s.h.check_replay(s.fresh());
}

#[test]
fn targets_are_found_no_more_often_than_the_interval() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    let b = s.join("b", &["ta"]);
    assert_eq!((b.member_epoch, told(&b)), (2, places(&[])));
    let group = s.group();
    assert_eq!((group.state, group.group_epoch), (ConsumerState::Assigning, 3));
    assert_eq!(group.assignment_epoch, 2);
    assert_eq!(s.stays("a", 2).unwrap().member_epoch, 2);
    s.pass(1);
    let a = s.owns("a", 2, &[]).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (3, places(&[("ta", &[0, 1])])));
    let b = s.owns("b", 2, &[]).unwrap();
    assert_eq!((b.member_epoch, told(&b)), (3, places(&[("ta", &[2, 3])])));
}

/// Targets are stamped with the wall clock, which may be set back by a restart.
#[test]
fn a_clock_that_was_set_back_does_not_hold_a_group_up() {
    let mut s = Scene::new();
    s.pass(3_600);
    s.join("a", &["ta"]);
    // The restarted coordinator knows the targets' time only, and it is an hour before that.
    let mut groups = s.fresh();
    for (offset, record) in s.h.log().iter().enumerate() {
        groups.apply(&view(record, offset as i64)).unwrap();
    }
    s.h = Harness::new(groups);
    assert_eq!(s.join("b", &["ta"]).member_epoch, 3);
}

#[test]
fn heartbeats_that_contradict_themselves_are_refused_in_kafkas_words() {
    let mut s = Scene::new();
    let join = || a_join("x", &["ta"]);
    let cases: Vec<(ConsumerHeartbeat, &str)> = vec![
        (ConsumerHeartbeat { group: "".into(), ..join() }, "GroupId can't be empty."),
        (a_join("", &["ta"]), "MemberId can't be empty."),
        (a_beat("", 5), "MemberId can't be empty."),
        (a_static("x", ""), "InstanceId can't be empty."),
        (ConsumerHeartbeat { rack_id: Some("".into()), ..join() }, "RackId can't be empty."),
        (
            ConsumerHeartbeat { rebalance_ms: -1, ..join() },
            "RebalanceTimeoutMs must be provided in first request.",
        ),
        (
            ConsumerHeartbeat { owned: None, ..join() },
            "TopicPartitions must be empty when (re-)joining.",
        ),
        (
            ConsumerHeartbeat { topics: None, ..join() },
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when \
             (re-)joining.",
        ),
        (a_beat("x", -3), "MemberEpoch is invalid."),
        (a_beat("x", -2), "InstanceId can't be null."),
    ];
    for (beat, words) in cases {
        assert_eq!(why(s.beat(beat)), Refusal::InvalidRequest(words.into()));
    }
    let assignor = ConsumerHeartbeat { assignor: Some("sticky".into()), ..join() };
    let words = "ServerAssignor sticky is not supported. Supported assignors: uniform, range.";
    assert_eq!(why(s.beat(assignor)), Refusal::UnsupportedAssignor(words.into()));
    let unknown = |words: &str| Refusal::GroupIdNotFound(words.into());
    assert_eq!(why(s.stays("x", 5)), unknown("Consumer group g not found."));
    assert_eq!(why(s.stays("x", -1)), unknown("Group g not found."));
    assert!(s.h.machine().list().is_empty() && s.h.log().is_empty(), "nothing is left of them");
    // Before v1 the coordinator gives ids out.
    let old = ConsumerHeartbeat { brings_id: false, ..a_join("", &["ta"]) };
    assert_eq!(*s.beat(old).unwrap().member_id, *Uuid([7; 16]).to_string());
}

#[test]
fn a_member_without_topics_is_in_the_first_epoch() {
    let mut s = Scene::new();
    let x = s.join("x", &[]);
    assert_eq!((x.member_epoch, told(&x)), (1, places(&[])));
    assert_eq!(s.group().state, ConsumerState::Stable);
    s.h.check_replay(s.fresh());
}

#[test]
fn an_epoch_that_is_not_the_members_is_fenced_but_for_the_one_before() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    s.pass(1);
    s.join("b", &["ta"]);
    s.owns("a", 2, &[("ta", &[0, 1, 2, 3])]).unwrap();
    s.owns("a", 2, &[("ta", &[0, 1])]).unwrap();
    // It is at 3, and was at 2: whoever owns no more than its own may have missed the answer.
    assert_eq!(s.owns("a", 2, &[("ta", &[1])]).unwrap().member_epoch, 3);
    let fenced = |beat| matches!(why(beat), Refusal::FencedMemberEpoch(_));
    assert!(fenced(s.owns("a", 2, &[("ta", &[2])])));
    assert!(fenced(s.stays("a", 2)), "it does not say what it owns");
    assert!(fenced(s.stays("a", 1)));
    let words = "The consumer group member has a greater member epoch (7) than the one known by \
        the group coordinator (3). The member must abandon all its partitions and rejoin.";
    assert_eq!(why(s.stays("a", 7)), Refusal::FencedMemberEpoch(words.into()));
    // Joining anew is always let in, and told everything.
    let a = s.join("a", &["ta"]);
    assert_eq!((a.member_epoch, told(&a)), (3, places(&[("ta", &[0, 1])])));
    assert_eq!(why(s.stays("nobody", 3)), Refusal::UnknownMemberId);
    // In full: what a full request says is told back.
    let full = ConsumerHeartbeat { member_epoch: 3, ..a_join("a", &["ta"]) };
    assert_eq!(told(&s.beat(full).unwrap()), places(&[("ta", &[0, 1])]));
}

#[test]
fn a_static_member_comes_back_to_what_it_had() {
    let mut s = Scene::new();
    assert_eq!(s.beat(a_static("s", "i")).unwrap().member_epoch, 2);
    assert_eq!(why(s.beat(a_static("s2", "i"))), Refusal::UnreleasedInstanceId);
    assert_eq!(why(s.beat(a_static("s", "i"))), Refusal::UnreleasedInstanceId);
    let as_instance = |id: &str, epoch, instance: &str| ConsumerHeartbeat {
        instance_id: Some(instance.into()),
        ..a_beat(id, epoch)
    };
    assert_eq!(why(s.beat(as_instance("s2", 2, "i"))), Refusal::FencedInstanceId);
    assert_eq!(why(s.beat(as_instance("s2", 2, "j"))), Refusal::UnknownMemberId);
    assert!(s.stays("s", 2).is_ok(), "under its id alone");
    let away = s.beat(as_instance("s", -2, "i")).unwrap();
    assert_eq!((away.member_epoch, away.heartbeat_ms), (-2, 0));
    assert!(matches!(why(s.beat(as_instance("s", 2, "i"))), Refusal::FencedMemberEpoch(_)));
    assert_eq!(why(s.beat(as_instance("s9", -2, "i"))), Refusal::FencedInstanceId);
    let back = s.beat(a_static("s2", "i")).unwrap();
    assert_eq!((back.member_epoch, told(&back)), (2, places(&[("ta", &[0, 1, 2, 3])])));
    let group = s.group();
    assert_eq!((group.members.len(), group.group_epoch), (1, 2), "nobody else has to move");
    assert_eq!(s.beat(as_instance("s2", -1, "i")).unwrap().member_epoch, -1);
    assert_eq!((s.group().state, s.group().group_epoch), (ConsumerState::Empty, 3));
    s.h.check_replay(s.fresh());
}

#[test]
fn a_static_member_that_stays_away_is_gone_after_its_session() {
    let mut s = Scene::new();
    s.beat(a_static("s", "i")).unwrap();
    s.beat(ConsumerHeartbeat { instance_id: Some("i".into()), ..a_beat("s", -2) }).unwrap();
    s.pass(44);
    assert_eq!(s.group().members.len(), 1);
    s.pass(2);
    assert_eq!(s.group().state, ConsumerState::Empty);
    assert_eq!(s.beat(a_static("t", "i")).unwrap().member_epoch, 4);
}

#[test]
fn silence_and_partitions_that_are_not_given_up_end_a_membership() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    s.pass(1);
    s.join("b", &["ta"]);
    s.owns("a", 2, &[("ta", &[0, 1, 2, 3])]).unwrap();
    // It is alive, but does not give up two of them within its minute.
    for _ in 0..5 {
        s.pass(10);
        assert_eq!(s.owns("a", 2, &[("ta", &[0, 1, 2, 3])]).unwrap().member_epoch, 2);
        s.owns("b", 3, &[]).unwrap();
    }
    s.pass(10);
    assert_eq!(why(s.stays("a", 2)), Refusal::UnknownMemberId);
    let b = s.owns("b", 3, &[]).unwrap();
    assert_eq!(told(&b), places(&[("ta", &[0, 1, 2, 3])]), "b has them all");
    s.pass(46);
    assert_eq!(s.group().state, ConsumerState::Empty, "nobody heard of b");
    s.h.check_replay(s.fresh());
}

#[test]
fn a_restart_gives_fresh_sessions_and_goes_on_where_it_was() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    s.pass(40);
    s.h = s.h.restarted(s.fresh(), s.h.log().len());
    s.pass(40);
    assert_eq!(s.stays("a", 2).unwrap().member_epoch, 2, "no rebalance");
    s.pass(46);
    assert_eq!(why(s.stays("a", 2)), Refusal::UnknownMemberId);
}

#[test]
fn topics_that_come_go_and_grow_bump_the_epoch() {
    let mut s = Scene::new();
    let a = s.join("a", &["ta", "later"]);
    assert_eq!(told(&a), places(&[("ta", &[0, 1, 2, 3])]));
    s.topics.put("other", 1);
    s.pass(2);
    assert_eq!(s.stays("a", 2).unwrap().member_epoch, 2, "it reads no such topic");
    s.topics.put("later", 2);
    let a = s.stays("a", 2).unwrap();
    assert_eq!(a.member_epoch, 3);
    assert_eq!(told(&a), places(&[("later", &[0, 1]), ("ta", &[0, 1, 2, 3])]));
    s.pass(2);
    s.topics.put("later", 3);
    let a = s.stays("a", 3).unwrap();
    assert_eq!(told(&a), places(&[("later", &[0, 1, 2]), ("ta", &[0, 1, 2, 3])]));
    s.pass(2);
    s.topics.remove("later");
    // It is told to give it up, and says that it did.
    let a = s.owns("a", 4, &[("later", &[0, 1, 2]), ("ta", &[0, 1, 2, 3])]).unwrap();
    assert_eq!(told(&a), places(&[("ta", &[0, 1, 2, 3])]));
    let a = s.owns("a", 4, &[("ta", &[0, 1, 2, 3])]).unwrap();
    assert_eq!(a.member_epoch, 5);
    // The same name, another topic.
    s.pass(2);
    s.topics.put_as("ta", Uuid([9; 16]), 1);
    let a = s.owns("a", 5, &[]).unwrap();
    assert_eq!(a.assignment, Some(vec![(Uuid([9; 16]), vec![0])]));
    s.h.check_replay(s.fresh());
}

/// Story: it went on to the next epoch between two revocations, where Kafka's stays.
#[test]
fn a_member_that_must_give_up_more_stays_in_its_epoch() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    s.pass(1);
    s.join("b", &["ta"]);
    s.owns("a", 2, &[("ta", &[0, 1, 2, 3])]).unwrap();
    s.pass(1);
    s.join("c", &["ta"]);
    s.pass(1);
    s.join("d", &["ta"]);
    // Two are given up; now it is to have one only.
    let a = s.owns("a", 2, &[("ta", &[0, 1])]).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (2, places(&[("ta", &[0])])));
    assert_eq!(s.owns("a", 2, &[("ta", &[0])]).unwrap().member_epoch, 5);
}

/// Story: it waited for itself to release what it had just given up.
#[test]
fn a_member_is_given_back_what_it_gave_up_if_it_is_its_own_again() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    s.pass(1);
    s.join("b", &["ta"]);
    s.owns("a", 2, &[("ta", &[0, 1, 2, 3])]).unwrap();
    s.leaves("b");
    s.pass(1);
    let a = s.owns("a", 2, &[("ta", &[0, 1])]).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (4, places(&[("ta", &[0, 1, 2, 3])])));
    assert_eq!(s.group().state, ConsumerState::Stable);
}

#[test]
fn a_member_that_reads_otherwise_gives_up_the_rest_at_once() {
    let mut s = Scene::new();
    s.join("a", &["ta", "tb"]);
    // Too early for a new target; but it owns nothing of tb any more.
    let other = ConsumerHeartbeat {
        topics: Some(vec!["ta".into()]),
        owned: Some(vec![(Topics::id("ta"), vec![0, 1, 2, 3])]),
        ..a_beat("a", 2)
    };
    let a = s.beat(other).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (2, places(&[("ta", &[0, 1, 2, 3])])));
    assert_eq!(s.group().group_epoch, 3);
    s.pass(1);
    assert_eq!(s.stays("a", 2).unwrap().member_epoch, 3);
}

#[test]
fn patterns_stand_for_topics_that_are_there_and_those_that_come() {
    let mut s = Scene::new();
    let by = |id: &str, epoch, regex: &str| ConsumerHeartbeat {
        regex: Some(regex.into()),
        topics: None,
        ..ConsumerHeartbeat { member_epoch: epoch, ..a_join(id, &[]) }
    };
    assert!(matches!(why(s.beat(by("r", 0, "(a"))), Refusal::InvalidRegularExpression(_)));
    let r = s.beat(by("r", 0, "t[abc]")).unwrap();
    assert_eq!(told(&r), places(&[("ta", &[0, 1, 2, 3]), ("tb", &[0, 1, 2])]));
    assert_eq!(s.member("r").regex.as_deref(), Some("t[abc]"));
    s.topics.put("tc", 1);
    s.pass(5);
    assert_eq!(s.stays("r", 2).unwrap().member_epoch, 2, "looked through a moment ago");
    s.pass(5);
    let r = s.stays("r", 2).unwrap();
    assert_eq!((r.member_epoch, told(&r).unwrap().len()), (3, 3));
    s.h.check_replay(s.fresh());
    // A topic that a pattern stands for is read.
    s.commit("r", 3, &[("tc", 0)]).unwrap();
    let delete = DeleteOffsets { group: "g".into(), partitions: vec![("tc".into(), 0)] };
    let asked = s.h.ask(GroupCommand::DeleteOffsets(delete));
    let subscribed = vec![Err(Refusal::GroupSubscribedToTopic)];
    assert_eq!(asked, Ok(GroupAnswer::DeleteOffsets(Ok(subscribed))));
    s.pass(2);
    let none = ConsumerHeartbeat {
        regex: Some(String::new()),
        topics: Some(vec!["tb".into()]),
        owned: Some(vec![(Topics::id("tb"), vec![0, 1, 2])]),
        ..a_beat("r", 3)
    };
    let r = s.beat(none).unwrap();
    assert_eq!((r.member_epoch, told(&r)), (4, places(&[("tb", &[0, 1, 2])])));
    let mut patterns = s.h.log().iter().filter(|record| record.key.as_ref().unwrap()[1] == 16);
    assert_eq!(patterns.next_back().unwrap().value, None, "nobody reads it any more");
    s.h.check_replay(s.fresh());
}

#[test]
fn members_commit_in_their_epoch_or_where_they_read_without_a_break() {
    let mut s = Scene::new();
    s.join("a", &["ta", "tb"]);
    assert_eq!(s.commit("", -1, &[("ta", 0)]), Err(Refusal::UnknownMemberId));
    assert_eq!(s.commit("x", 2, &[("ta", 0)]), Err(Refusal::UnknownMemberId));
    assert_eq!(s.commit("a", 2, &[("ta", 0)]), Ok(()));
    assert_eq!(s.commit("a", 2, &[("nothing of its own", 0)]), Ok(()));
    assert_eq!(s.commit("a", 3, &[("ta", 0)]), Err(Refusal::StaleMemberEpoch));
    let old = s.commit_by(false, "a", 2, &[("ta", 0)]);
    assert!(matches!(old, Err(Refusal::UnsupportedVersion(_))));
    s.pass(1);
    s.join("b", &["ta", "tb"]);
    let half: &[(&str, &[i32])] = &[("ta", &[0, 1, 2, 3])];
    s.owns("a", 2, half).unwrap();
    assert_eq!(s.owns("a", 2, half).unwrap().member_epoch, 3);
    // It had them since epoch 2; those that it gave up are another's.
    assert_eq!(s.commit("a", 2, &[("ta", 0)]), Ok(()));
    assert_eq!(s.commit("a", 1, &[("ta", 0)]), Err(Refusal::StaleMemberEpoch));
    assert_eq!(s.commit("a", 2, &[("ta", 0), ("tb", 2)]), Err(Refusal::StaleMemberEpoch));
    // What it is to give up is still its own.
    s.pass(1);
    s.join("c", &["ta", "tb"]);
    let a = s.owns("a", 3, half).unwrap();
    assert_eq!((a.member_epoch, told(&a)), (3, places(&[("ta", &[0, 1, 2])])));
    assert_eq!(s.commit("a", 2, &[("ta", 3)]), Ok(()));
    let shown = |id: Option<&str>, epoch| s.h.machine().check_fetch("g", id, epoch);
    assert_eq!(shown(Some("a"), 3), Ok(()));
    assert_eq!(shown(None, -1), Ok(()));
    assert_eq!(shown(Some("a"), 2), Err(Refusal::StaleMemberEpoch));
    assert_eq!(shown(Some("x"), 3), Err(Refusal::UnknownMemberId));
    assert_eq!(shown(None, 3), Err(Refusal::UnknownMemberId));
    assert_eq!(s.h.machine().check_fetch("of no members", Some("x"), 3), Ok(()));
    assert_eq!(s.delete(), Err(Refusal::NonEmptyGroup));
    ["a", "b", "c"].iter().for_each(|id| _ = s.leaves(id));
    assert_eq!(s.commit("", -1, &[("ta", 1)]), Ok(()), "nobody is in it");
    assert_eq!(s.delete(), Ok(()));
    assert!(s.h.check_replay(s.fresh()).list().is_empty());
}

#[test]
fn offsets_expire_unless_their_topic_is_read_and_an_empty_group_goes_with_them() {
    let mut s = Scene::with(|limits| limits.retention_ms = 20_000);
    s.join("a", &["ta"]);
    s.commit("a", 2, &[("ta", 0), ("tb", 0)]).unwrap();
    for _ in 0..31 {
        s.pass(20);
        s.stays("a", 2).unwrap();
    }
    let left: Vec<_> = s.h.machine().offsets("g").iter().map(|(t, p, _)| (t.clone(), *p)).collect();
    assert_eq!(left, [("ta".into(), 0)]);
    s.leaves("a");
    s.pass(700);
    assert!(s.h.machine().list().is_empty());
    assert!(s.h.check_replay(s.fresh()).list().is_empty());
}

#[test]
fn a_group_is_as_large_and_as_patient_as_it_is_configured() {
    let mut s = Scene::with(|limits| limits.consumer.members_max = 1);
    let config =
        GroupConfig { session_ms: Some(50_000), heartbeat_ms: Some(7_000), assignment_ms: Some(0) };
    s.topics.config.set(config);
    assert_eq!(s.topics.group_config("g"), config);
    assert_eq!(s.join("a", &["ta"]).heartbeat_ms, 7_000);
    assert_eq!(why(s.beat(a_join("b", &["ta"]))), Refusal::GroupMaxSize);
    s.pass(49);
    assert_eq!(s.stays("a", 2).unwrap().member_epoch, 2);
    s.pass(51);
    assert_eq!(why(s.stays("a", 2)), Refusal::UnknownMemberId);
}

#[test]
fn a_broker_may_serve_no_consumer_groups() {
    let mut s = Scene::with(|limits| limits.consumer.served = false);
    assert!(matches!(why(s.beat(a_join("a", &["ta"]))), Refusal::UnsupportedVersion(_)));
    assert!(s.h.machine().list().is_empty());
}

#[test]
fn members_wish_for_an_assignor() {
    let mut s = Scene::new();
    let range = |id: &str| ConsumerHeartbeat {
        assignor: Some("range".into()),
        ..a_join(id, &["ta", "tb"])
    };
    s.beat(range("a")).unwrap();
    s.pass(1);
    s.beat(range("b")).unwrap();
    assert_eq!(&*s.group().assignor, "range");
    let target = s.member("a").target;
    let target: Vec<_> = target.iter().map(|of| (&*of.topic, &*of.partitions)).collect();
    assert_eq!(target, [("ta", &[0, 1][..]), ("tb", &[0, 1][..])], "each topic has its own runs");
}

#[test]
fn a_record_that_is_lost_is_made_again() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    s.pass(2);
    s.topics.put("ta", 5);
    s.h.offer(GroupCommand::ConsumerHeartbeat(a_beat("a", 2)));
    assert!(s.h.reject_one(&Refusal::StorageFull));
    assert_eq!(s.stays("a", 2).unwrap().member_epoch, 3, "the topic still grew");
    s.h.offer(GroupCommand::ConsumerHeartbeat(a_beat("a", -1)));
    assert!(s.h.reject_one(&Refusal::StorageFull));
    assert_eq!(s.group().members.len(), 1);
    s.pass(46);
    assert!(s.group().members.is_empty(), "its session still ends");
    s.h.answers();
}

#[test]
fn a_classic_heartbeat_of_a_consumer_member_is_of_nobody() {
    let mut s = Scene::new();
    s.join("a", &["ta"]);
    let beat =
        Heartbeat { group: "g".into(), member_id: "a".into(), instance_id: None, generation: 2 };
    let answer = s.h.ask(GroupCommand::Heartbeat(beat));
    assert_eq!(answer, Ok(GroupAnswer::Heartbeat(Err(Refusal::UnknownMemberId))));
}
