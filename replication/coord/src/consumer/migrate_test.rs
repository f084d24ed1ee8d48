//! Classic members in consumer groups, and groups that change their kind, as a node of Kafka 4.3.1
//! answered and wrote.

use std::rc::Rc;

use engine_base::{Refusal, Uuid};
use replication_machine::Ticket;

use super::group_test::{Scene, a_beat, a_join, told};
use crate::answer::{GroupAnswer, JoinRefused, Joined, Synced};
use crate::bytes::Writer;
use crate::command::{
    ConsumerHeartbeat, GroupCommand, Heartbeat, Join, Leave, LeavingMember, Sync,
};
use crate::describe::{ConsumerState, GroupKind, GroupState};

/// What a classic consumer says: version 3.
fn words(topics: &[&str], owned: &[i32]) -> Vec<u8> {
    let mut bytes = Writer::new(3);
    bytes.list(topics.len());
    topics.iter().for_each(|topic| _ = bytes.text(topic));
    bytes.i32(-1).list(usize::from(!owned.is_empty()));
    if !owned.is_empty() {
        bytes.text("ta").list(owned.len());
        owned.iter().for_each(|partition| _ = bytes.i32(*partition));
    }
    bytes.i32(-1).nullable_text(None);
    bytes.0
}

/// An assignment of partitions of `ta`, as a coordinator writes it.
fn share(partitions: &[i32]) -> Vec<u8> {
    let mut bytes = Writer::new(3);
    bytes.list(usize::from(!partitions.is_empty()));
    if !partitions.is_empty() {
        bytes.text("ta").list(partitions.len());
        partitions.iter().for_each(|partition| _ = bytes.i32(*partition));
    }
    bytes.i32(-1);
    bytes.0
}

fn classic(id: &str, owned: &[i32]) -> Join {
    Join {
        group: "g".into(),
        member_id: id.into(),
        fresh_id: Uuid([5; 16]),
        instance_id: None,
        client_id: "cli".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), words(&["ta"], owned))],
        session_ms: 45_000,
        rebalance_ms: 60_000,
        requires_known_member: false,
        skips_assignment: true,
        reason: None,
    }
}

impl Scene {
    fn ask(&mut self, command: GroupCommand) -> GroupAnswer {
        self.h.ask(command).unwrap()
    }

    fn joins(&mut self, join: Join) -> Result<Joined, JoinRefused> {
        match self.ask(GroupCommand::Join(join)) {
            GroupAnswer::Join(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn syncs(&mut self, id: &str, generation: i32, share: &[u8]) -> Result<Synced, Refusal> {
        let sync = Sync {
            group: "g".into(),
            member_id: id.into(),
            instance_id: None,
            generation,
            protocol_type: None,
            protocol_name: None,
            assignments: vec![(id.into(), share.to_vec())],
        };
        match self.ask(GroupCommand::Sync(sync)) {
            GroupAnswer::Sync(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn lives(&mut self, id: &str, generation: i32) -> Result<(), Refusal> {
        let (group, member_id) = ("g".into(), id.into());
        let beat = Heartbeat { group, member_id, instance_id: None, generation };
        match self.ask(GroupCommand::Heartbeat(beat)) {
            GroupAnswer::Heartbeat(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn goes(&mut self, members: &[(&str, Option<&str>)]) -> Vec<Result<(), Refusal>> {
        let members = members.iter().map(|(id, instance)| LeavingMember {
            member_id: (*id).into(),
            instance_id: instance.map(Into::into),
            reason: None,
        });
        let leave = Leave { group: "g".into(), members: members.collect() };
        match self.ask(GroupCommand::Leave(leave)) {
            GroupAnswer::Leave(answer) => answer.unwrap().into_iter().map(|one| one.left).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// A stable classic group of one member that has all of `ta`; its id.
    fn stable_classic(&mut self, join: Join) -> Rc<str> {
        let ticket = self.h.offer(GroupCommand::Join(join));
        let joined = self.waited(ticket);
        let id = joined.member_id.clone();
        self.syncs(&id, joined.generation, &share(&[0, 1, 2, 3])).unwrap();
        id
    }

    /// What a join was told that waited.
    fn waited(&mut self, ticket: Ticket) -> Joined {
        self.h.settle();
        self.pass(3);
        let mut answers = self.h.answers().into_iter();
        match answers.find(|(one, _)| *one == ticket) {
            Some((_, Ok(GroupAnswer::Join(Ok(joined))))) => joined,
            other => panic!("{other:?}"),
        }
    }

    fn kind(&self) -> GroupKind {
        self.h.machine().kind("g").unwrap()
    }

    /// The kinds of the records since this one, and whether they are tombstones.
    fn written(&self, since: usize) -> Vec<(u8, bool)> {
        let records = self.h.log()[since..].iter();
        records.map(|one| (one.key.as_ref().unwrap()[1], one.value.is_none())).collect()
    }
}

#[test]
fn a_classic_group_becomes_a_consumer_group_and_its_members_give_up_partitions() {
    let mut s = Scene::new();
    let a = s.stable_classic(classic("", &[]));
    let before = s.h.log().len();
    let b = s.join("b", &["ta"]);
    assert_eq!((b.member_epoch, told(&b)), (2, Some(vec![])));
    let gone = (2, true);
    let of_a = [(5, false), (3, false), (7, false), (6, false), (8, false)];
    let of_b = [(5, false), (3, false), (7, false), (7, false), (6, false), (8, false)];
    assert_eq!(s.written(before), [&[gone][..], &of_a, &of_b].concat());
    assert_eq!((s.kind(), s.group().state), (GroupKind::Consumer, ConsumerState::Reconciling));
    let member = s.member(&a);
    assert_eq!((member.member_epoch, member.classic), (1, true));
    assert_eq!(member.assignment[0].partitions, [0, 1, 2, 3]);
    assert_eq!(member.target[0].partitions, [0, 1]);
    // It must join again, twice: once to hear what to give up, once without it.
    assert_eq!(s.lives(&a, 1), Err(Refusal::RebalanceInProgress));
    assert_eq!(s.syncs(&a, 1, &[]), Err(Refusal::RebalanceInProgress));
    let again = s.joins(classic(&a, &[0, 1, 2, 3])).unwrap();
    assert_eq!((again.generation, &*again.leader, again.members.len()), (1, "", 0));
    assert_eq!(again.protocol_name.as_deref(), Some("range"));
    assert_eq!(*s.syncs(&a, 1, &[]).unwrap().assignment, *share(&[0, 1]));
    assert_eq!(s.lives(&a, 1), Err(Refusal::RebalanceInProgress));
    assert_eq!(s.joins(classic(&a, &[0, 1])).unwrap().generation, 2);
    assert_eq!(*s.syncs(&a, 2, &[]).unwrap().assignment, *share(&[0, 1]));
    assert_eq!(s.lives(&a, 2), Ok(()));
    let b = s.owns("b", 2, &[]).unwrap();
    assert_eq!(told(&b), Some(vec![("ta".into(), vec![2, 3])]));
    // Whoever is not what it says to be.
    for (protocol_type, protocol_name) in [("connect", "range"), ("consumer", "z")] {
        let sync = Sync {
            group: "g".into(),
            member_id: a.to_string(),
            instance_id: None,
            generation: 2,
            protocol_type: Some(protocol_type.into()),
            protocol_name: Some(protocol_name.into()),
            assignments: Vec::new(),
        };
        let answer = s.ask(GroupCommand::Sync(sync));
        assert_eq!(answer, GroupAnswer::Sync(Err(Refusal::InconsistentGroupProtocol)));
    }
    assert_eq!(s.lives(&a, 1), Err(Refusal::IllegalGeneration));
    assert_eq!(s.lives("b", 2), Err(Refusal::UnknownMemberId));
    assert_eq!(s.syncs("b", 2, &[]), Err(Refusal::UnknownMemberId));
    let other = |join: Join| JoinRefused {
        why: Refusal::InconsistentGroupProtocol,
        ..{ JoinRefused { why: Refusal::NotLeader, member_id: join.member_id } }
    };
    let connect = Join { protocol_type: "connect".into(), ..classic("", &[]) };
    assert_eq!(s.joins(connect.clone()), Err(other(connect)));
    let named = Join { protocols: vec![("z".into(), words(&["ta"], &[]))], ..classic("", &[]) };
    assert_eq!(s.joins(named.clone()), Err(other(named)));
    s.h.check_replay(s.fresh());
}

#[test]
fn the_last_consumer_member_leaves_a_classic_group_behind_that_rebalances() {
    let mut s = Scene::new();
    let a = s.stable_classic(classic("", &[]));
    s.join("b", &["ta"]);
    s.joins(classic(&a, &[0, 1])).unwrap();
    s.syncs(&a, 2, &[]).unwrap();
    let before = s.h.log().len();
    s.leaves("b");
    let kinds: Vec<(u8, bool)> = vec![
        (8, true),
        (8, true),
        (7, true),
        (7, true),
        (6, true),
        (5, true),
        (5, true),
        (4, true),
        (3, true),
        (2, false),
    ];
    assert_eq!(s.written(before), kinds);
    assert_eq!(s.kind(), GroupKind::Classic);
    s.pass(0);
    let group = s.h.machine().describe("g").unwrap();
    assert_eq!(group.state, GroupState::PreparingRebalance);
    let shown = &group.members[0];
    assert_eq!((&*shown.assignment, &*shown.metadata), (&*share(&[0, 1]), &[][..]));
    assert_eq!(s.lives(&a, 2), Err(Refusal::RebalanceInProgress));
    let joined = s.joins(classic(&a, &[0, 1])).unwrap();
    assert_eq!((joined.generation, &joined.leader), (3, &a));
    assert_eq!(*s.syncs(&a, 3, &share(&[0, 1, 2, 3])).unwrap().assignment, *share(&[0, 1, 2, 3]));
    assert_eq!(s.goes(&[(&a, None)]), [Ok(())]);
    s.h.check_replay(s.fresh());
}

#[test]
fn a_classic_member_joins_a_consumer_group() {
    let mut s = Scene::new();
    s.join("b", &["ta"]);
    let first = Join { requires_known_member: true, ..classic("", &[]) };
    let refused = s.joins(first).unwrap_err();
    assert_eq!(refused.why, Refusal::MemberIdRequired);
    s.pass(1);
    let a = s.joins(classic(&refused.member_id, &[])).unwrap();
    assert_eq!((a.generation, &*a.member_id), (3, &*refused.member_id));
    assert_eq!(*s.syncs(&a.member_id, 3, &[]).unwrap().assignment, *share(&[]));
    assert_eq!(s.lives(&a.member_id, 3), Ok(()), "what it waits for is b's still");
    s.owns("b", 2, &[("ta", &[0, 1, 2, 3])]).unwrap();
    s.owns("b", 2, &[("ta", &[0, 1])]).unwrap();
    assert_eq!(s.lives(&a.member_id, 3), Err(Refusal::RebalanceInProgress), "and now it is free");
    s.joins(classic(&a.member_id, &[])).unwrap();
    assert_eq!(*s.syncs(&a.member_id, 3, &[]).unwrap().assignment, *share(&[2, 3]));
    let left = s.goes(&[(&a.member_id, None), ("b", None), ("nope", None)]);
    assert_eq!(left, [Ok(()), Ok(()), Err(Refusal::UnknownMemberId)]);
    assert_eq!((s.kind(), s.group().state), (GroupKind::Consumer, ConsumerState::Empty));
    s.h.check_replay(s.fresh());
}

#[test]
fn classic_members_that_do_not_come_back_are_gone() {
    let mut s = Scene::new();
    s.join("b", &["ta"]);
    s.pass(1);
    let a = s.joins(classic("", &[])).unwrap().member_id;
    // It never asks for its assignment.
    for _ in 0..6 {
        s.pass(10);
        _ = s.lives(&a, 3);
        s.owns("b", s.member("b").member_epoch, &[]).unwrap();
    }
    assert_eq!(s.lives(&a, 3), Err(Refusal::UnknownMemberId));
    let a = s.joins(classic("", &[])).unwrap();
    let generation = a.generation;
    s.syncs(&a.member_id, generation, &[]).unwrap();
    s.pass(1);
    s.join("c", &["ta"]);
    // It hears that it must join again, and does not.
    for _ in 0..6 {
        assert_eq!(s.lives(&a.member_id, generation), Err(Refusal::RebalanceInProgress));
        s.owns("b", s.member("b").member_epoch, &[]).unwrap();
        s.owns("c", s.member("c").member_epoch, &[]).unwrap();
        s.pass(10);
    }
    assert_eq!(s.lives(&a.member_id, generation), Err(Refusal::UnknownMemberId));
}

#[test]
fn empty_groups_change_their_kind_offline() {
    let mut s = Scene::new();
    let a = s.stable_classic(classic("", &[]));
    s.goes(&[(&a, None)]);
    let before = s.h.log().len();
    assert_eq!(s.join("b", &["ta"]).member_epoch, 2, "a group of its own");
    assert_eq!(s.written(before)[0], (2, true));
    s.leaves("b");
    assert_eq!(s.kind(), GroupKind::Consumer);
    let before = s.h.log().len();
    let unknown = s.joins(classic("someone", &[])).unwrap_err();
    assert_eq!((unknown.why, s.h.log().len()), (Refusal::UnknownMemberId, before));
    let ticket = s.h.offer(GroupCommand::Join(classic("", &[])));
    let joined = s.waited(ticket);
    assert_eq!(joined.generation, 1);
    assert_eq!(s.written(before), [(6, true), (4, true), (3, true), (2, false)]);
    assert_eq!(s.kind(), GroupKind::Classic);
    s.h.check_replay(s.fresh());
}

#[test]
fn a_static_name_changes_its_protocol() {
    let mut s = Scene::new();
    let consumer =
        |id: &str| ConsumerHeartbeat { instance_id: Some("i".into()), ..a_join(id, &["ta"]) };
    s.beat(consumer("b")).unwrap();
    let by_name = || Join { instance_id: Some("i".into()), ..classic("", &[]) };
    let joined = s.joins(by_name()).unwrap();
    assert_eq!((joined.generation, s.kind()), (2, GroupKind::Classic));
    let id = joined.member_id;
    assert_eq!(*s.syncs(&id, 2, &[]).unwrap().assignment, *share(&[0, 1, 2, 3]));
    assert_eq!(s.lives(&id, 2), Ok(()), "without a rebalance");
    let old = s.beat(ConsumerHeartbeat { instance_id: Some("i".into()), ..a_beat("b", 2) });
    let words = "Group g is not a consumer group.";
    assert_eq!(old, Err(Refusal::GroupIdNotFound(words.into())));
    // And back: the classic one need not have left.
    let c = s.beat(consumer("c")).unwrap();
    assert_eq!(told(&c), Some(vec![("ta".into(), vec![0, 1, 2, 3])]));
    assert_eq!((c.member_epoch, s.group().members.len()), (2, 1));
    assert_eq!(s.goes(&[("", Some("i"))]), [Ok(())]);
    s.h.check_replay(s.fresh());
}

/// The group's epoch was ahead of its targets, so its generation is ahead of the member's epoch:
/// the member was told its epoch, and refused with it.
#[test]
fn a_member_that_makes_its_group_classic_is_told_the_groups_generation() {
    let mut s = Scene::new();
    let named = |beat| ConsumerHeartbeat { instance_id: Some("i".into()), ..beat };
    s.beat(named(a_join("b", &["ta"]))).unwrap();
    let topics = Some(vec!["ta".into(), "tb".into()]);
    // Too early for a new target.
    let b = s.beat(named(ConsumerHeartbeat { topics, ..a_beat("b", 2) })).unwrap();
    assert_eq!((b.member_epoch, s.group().group_epoch), (2, 3));
    let protocols = vec![("range".into(), words(&["ta", "tb"], &[]))];
    let by_name = Join { instance_id: Some("i".into()), protocols, ..classic("", &[]) };
    let joined = s.joins(by_name).unwrap();
    assert_eq!((joined.generation, s.kind()), (3, GroupKind::Classic));
    assert!(s.syncs(&joined.member_id, 3, &[]).is_ok());
    assert_eq!(s.lives(&joined.member_id, 3), Ok(()));
    s.h.check_replay(s.fresh());
}

#[test]
fn who_waits_in_a_classic_group_is_told_to_join_again() {
    let mut s = Scene::new();
    let a = s.stable_classic(classic("", &[]));
    // A second classic member begins a rebalance, in which both wait.
    let second =
        s.h.offer(GroupCommand::Join(Join { fresh_id: Uuid([6; 16]), ..classic("", &[]) }));
    s.h.settle();
    s.join("b", &["ta"]);
    let answers = s.h.answers();
    let told = answers.into_iter().find(|(ticket, _)| *ticket == second).unwrap().1;
    let Ok(GroupAnswer::Join(Err(refused))) = told else { panic!("{told:?}") };
    assert_eq!(refused.why, Refusal::RebalanceInProgress);
    let ids: Vec<_> = s.group().members.into_iter().map(|member| member.member_id).collect();
    assert!(ids.contains(&a) && ids.contains(&refused.member_id.as_str().into()), "{ids:?}");
    assert_eq!(ids.len(), 3);
    s.h.check_replay(s.fresh());
}

#[test]
fn conversions_are_only_as_they_may_be() {
    let no = |s: &mut Scene| s.beat(a_join("b", &["ta"])).unwrap_err();
    let mut s = Scene::with(|limits| limits.consumer.migration.upgrade = false);
    s.stable_classic(classic("", &[]));
    assert!(matches!(no(&mut s), Refusal::GroupIdNotFound(why) if why.contains("disabled")));
    let mut s = Scene::new();
    s.stable_classic(Join { protocol_type: "connect".into(), ..classic("", &[]) });
    assert!(matches!(no(&mut s), Refusal::GroupIdNotFound(why) if why.contains("embedded")));
    let mut s = Scene::with(|limits| limits.consumer.members_max = 0);
    s.stable_classic(classic("", &[]));
    assert!(matches!(no(&mut s), Refusal::GroupIdNotFound(why) if why.contains("exceeds")));
    let mut s = Scene::new();
    s.stable_classic(Join { protocols: vec![("range".into(), vec![9])], ..classic("", &[]) });
    assert!(matches!(no(&mut s), Refusal::GroupIdNotFound(why) if why.contains("malformed")));
    assert_eq!(s.kind(), GroupKind::Classic);
    let mut s = Scene::with(|limits| limits.consumer.migration.downgrade = false);
    s.stable_classic(classic("", &[]));
    s.join("b", &["ta"]);
    s.leaves("b");
    assert_eq!(s.kind(), GroupKind::Consumer, "of classic members alone");
    s.h.check_replay(s.fresh());
}

#[test]
fn a_conversion_that_the_log_refuses_did_not_happen() {
    let mut s = Scene::new();
    let a = s.stable_classic(classic("", &[]));
    s.h.offer(GroupCommand::ConsumerHeartbeat(a_join("b", &["ta"])));
    assert!(s.h.reject_one(&Refusal::StorageFull));
    assert_eq!((s.kind(), s.lives(&a, 1)), (GroupKind::Classic, Ok(())));
    s.join("b", &["ta"]);
    s.h.offer(GroupCommand::ConsumerHeartbeat(a_beat("b", -1)));
    assert!(s.h.reject_one(&Refusal::StorageFull));
    s.pass(0);
    assert_eq!((s.kind(), s.group().members.len()), (GroupKind::Consumer, 2));
    s.goes(&[(&a, None)]);
    s.leaves("b");
    let waiting = s.h.offer(GroupCommand::Join(classic("", &[])));
    assert!(s.h.reject_one(&Refusal::StorageFull));
    s.pass(700);
    let told = s.h.answers().into_iter().find(|(ticket, _)| *ticket == waiting);
    assert!(told.is_some(), "nobody waits for ever");
    s.h.check_replay(s.fresh());
}
