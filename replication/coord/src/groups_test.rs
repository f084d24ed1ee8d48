//! The classic protocol, rule by rule: who is let in, who waits, who is told what.

use engine_base::{Refusal, Uuid};
use replication_machine::Harness;

use super::*;
use crate::answer::{JoinRefused, Joined, Synced};
use crate::cluster::cluster_test::Topics;
use crate::command::{
    CommitOffsets, DeleteOffsets, DeletedTopics, Heartbeat, Join, Leave, LeavingMember, NewOffset,
    Sync,
};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

pub(super) type Machine = Harness<Groups>;
type Answers = Vec<(Ticket, GroupAnswer)>;

fn scene() -> Machine {
    Harness::new(Groups::new(GroupLimits::default(), Topics::of(&[])))
}

/// What a consumer says of itself: version, topics, user data.
fn subscription(topics: &[&str]) -> Vec<u8> {
    let mut bytes = crate::bytes::Writer::new(0);
    bytes.i32(topics.len() as i32);
    topics.iter().for_each(|topic| _ = bytes.text(topic));
    bytes.bytes(b"");
    bytes.0
}

pub(super) fn a_join(member_id: &str, fresh: u8) -> Join {
    Join {
        group: "g".into(),
        member_id: member_id.into(),
        fresh_id: Uuid([fresh; 16]),
        instance_id: None,
        client_id: "c".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), subscription(&["t"]))],
        session_ms: 10_000,
        rebalance_ms: 60_000,
        requires_known_member: false,
        skips_assignment: true,
        reason: None,
    }
}

fn a_static(instance: &str, fresh: u8) -> Join {
    Join { instance_id: Some(instance.into()), ..a_join("", fresh) }
}

fn join(h: &mut Machine, join: Join) -> Ticket {
    let ticket = h.offer(GroupCommand::Join(join));
    h.settle();
    ticket
}

fn answers(h: &mut Machine) -> Answers {
    h.settle();
    h.answers().into_iter().map(|(ticket, answer)| (ticket, answer.unwrap())).collect()
}

fn joined_of(answers: &Answers, ticket: Ticket) -> Joined {
    let found = answers.iter().find(|(t, _)| *t == ticket);
    match found {
        Some((_, GroupAnswer::Join(Ok(joined)))) => joined.clone(),
        other => panic!("{other:?}"),
    }
}

fn refused_of(answers: &Answers, ticket: Ticket) -> JoinRefused {
    let found = answers.iter().find(|(t, _)| *t == ticket);
    match found {
        Some((_, GroupAnswer::Join(Err(refused)))) => refused.clone(),
        other => panic!("{other:?}"),
    }
}

fn refused(h: &mut Machine, asked: Join) -> Refusal {
    let ticket = join(h, asked);
    refused_of(&answers(h), ticket).why
}

fn sync_of(joined: &Joined, assignments: &[(&str, &[u8])]) -> Sync {
    Sync {
        group: "g".into(),
        member_id: joined.member_id.to_string(),
        instance_id: None,
        generation: joined.generation,
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        assignments: assignments.iter().map(|(id, of)| ((*id).into(), of.to_vec())).collect(),
    }
}

fn sync(h: &mut Machine, sync: Sync) -> Result<Synced, Refusal> {
    match h.ask(GroupCommand::Sync(sync)) {
        Ok(GroupAnswer::Sync(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

fn heartbeat(h: &mut Machine, joined: &Joined) -> Result<(), Refusal> {
    let beat = Heartbeat {
        group: "g".into(),
        member_id: joined.member_id.to_string(),
        instance_id: None,
        generation: joined.generation,
    };
    match h.ask(GroupCommand::Heartbeat(beat)) {
        Ok(GroupAnswer::Heartbeat(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

fn leave(h: &mut Machine, members: &[(&str, Option<&str>)]) -> Vec<Result<(), Refusal>> {
    let members = members.iter().map(|(id, instance)| LeavingMember {
        member_id: (*id).into(),
        instance_id: instance.map(Into::into),
        reason: None,
    });
    match h.ask(GroupCommand::Leave(Leave { group: "g".into(), members: members.collect() })) {
        Ok(GroupAnswer::Leave(Ok(left))) => left.into_iter().map(|one| one.left).collect(),
        other => panic!("{other:?}"),
    }
}

fn a_commit(member: Option<&Joined>, offset: i64) -> CommitOffsets {
    CommitOffsets {
        group: "g".into(),
        member_id: member.map_or(String::new(), |member| member.member_id.to_string()),
        instance_id: None,
        generation_or_epoch: member.map_or(-1, |member| member.generation),
        retention_ms: None,
        names_unknown_group: true,
        offsets: vec![NewOffset {
            topic: "t".into(),
            topic_id: Uuid::ZERO,
            partition: 0,
            offset,
            leader_epoch: 2,
            metadata: "m".into(),
        }],
    }
}

fn commit(h: &mut Machine, commit: CommitOffsets) -> Result<(), Refusal> {
    match h.ask(GroupCommand::CommitOffsets(commit)) {
        Ok(GroupAnswer::CommitOffsets(answer)) => answer.and_then(|each| each[0].clone()),
        other => panic!("{other:?}"),
    }
}

fn state(h: &Machine) -> Option<GroupState> {
    h.machine().describe("g").map(|group| group.state)
}

fn committed(h: &Machine) -> Option<i64> {
    h.machine().offset("g", "t", 0).map(|committed| committed.offset)
}

/// A group of as many dynamic members, stable, the leader first.
fn stable(h: &mut Machine, members: u8) -> Vec<Joined> {
    let tickets: Vec<Ticket> = (1..=members).map(|id| join(h, a_join("", id))).collect();
    assert!(answers(h).is_empty(), "the first rebalance takes its time");
    assert_eq!(state(h), Some(GroupState::PreparingRebalance));
    h.pass(3 * SECOND);
    if members > 1 {
        h.pass(3 * SECOND);
    }
    let answers = answers(h);
    let mut joined: Vec<Joined> = tickets.iter().map(|t| joined_of(&answers, *t)).collect();
    joined.sort_by_key(|one| one.leader != one.member_id);
    assert_eq!(joined[0].members.len(), usize::from(members), "the leader sees everybody");
    assert!(joined[1..].iter().all(|one| one.members.is_empty()), "and nobody else does");
    assert_eq!(state(h), Some(GroupState::CompletingRebalance));
    settle_sync(h, &joined);
    joined
}

/// The followers sync, then the leader; everybody gets its own id's bytes.
fn settle_sync(h: &mut Machine, joined: &[Joined]) {
    let offer = |h: &mut Machine, sync| h.offer(GroupCommand::Sync(sync));
    let waiting: Vec<Ticket> = joined[1..].iter().map(|one| offer(h, sync_of(one, &[]))).collect();
    assert!(h.answers().is_empty(), "followers wait for the leader");
    let all: Vec<(&str, &[u8])> =
        joined.iter().map(|one| (&*one.member_id, one.member_id.as_bytes())).collect();
    let lead = offer(h, sync_of(&joined[0], &all));
    assert!(h.answers().is_empty(), "nothing leaves before the record is committed");
    let answers = answers(h);
    assert_eq!(answers.len(), joined.len());
    for (one, ticket) in joined.iter().zip([lead].into_iter().chain(waiting)) {
        let found = answers.iter().find(|(t, _)| *t == ticket).unwrap();
        let GroupAnswer::Sync(Ok(synced)) = &found.1 else { panic!("{found:?}") };
        assert_eq!(&*synced.assignment, one.member_id.as_bytes());
    }
    assert_eq!(state(h), Some(GroupState::Stable));
}

#[test]
fn a_group_settles_and_survives_a_restart_without_a_rebalance() {
    let mut h = scene();
    let joined = stable(&mut h, 3);
    assert_eq!(joined[0].generation, 1);
    let fresh = Groups::new(GroupLimits::default(), Topics::of(&[]));
    let mut h = h.restarted(fresh, h.log().len());
    for one in &joined {
        assert_eq!(heartbeat(&mut h, one), Ok(()));
    }
    assert_eq!(commit(&mut h, a_commit(Some(&joined[1]), 7)), Ok(()));
    assert_eq!(sync(&mut h, sync_of(&joined[2], &[])).unwrap().assignment.len(), 38);
    // Fresh sessions: nobody dies before one has passed, everybody after.
    h.pass(9 * SECOND);
    assert_eq!(state(&h), Some(GroupState::Stable));
    h.pass(2 * SECOND);
    h.settle();
    assert_eq!(state(&h), Some(GroupState::Empty));
    assert_eq!(committed(&h), Some(7));
    h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
}

#[test]
fn a_group_loaded_in_the_middle_of_a_rebalance_rejoins() {
    let mut h = scene();
    let old = stable(&mut h, 1);
    let new = join(&mut h, a_join("", 9));
    let again = join(&mut h, a_join(&old[0].member_id, 0));
    let answers = answers(&mut h);
    assert_eq!(joined_of(&answers, new).generation, 2);
    let newer = joined_of(&answers, again);
    let mut h = h.restarted(Groups::new(GroupLimits::default(), Topics::of(&[])), h.log().len());
    assert_eq!(heartbeat(&mut h, &newer), Err(Refusal::IllegalGeneration));
    assert_eq!(heartbeat(&mut h, &joined_of(&answers, new)), Err(Refusal::UnknownMemberId));
    let again = join(&mut h, a_join(&old[0].member_id, 0));
    assert_eq!(joined_of(&self::answers(&mut h), again).generation, 2);
}

#[test]
fn what_a_join_may_not_say() {
    let mut h = scene();
    let no = |h: &mut Machine, change: fn(&mut Join)| {
        let mut join = a_join("", 1);
        change(&mut join);
        refused(h, join)
    };
    assert_eq!(no(&mut h, |j| j.group = "".into()), Refusal::GroupIdInvalid);
    assert_eq!(no(&mut h, |j| j.session_ms = 5_999), Refusal::InvalidSessionTimeout);
    assert_eq!(no(&mut h, |j| j.session_ms = 1_800_001), Refusal::InvalidSessionTimeout);
    assert_eq!(no(&mut h, |j| j.member_id = "x".into()), Refusal::UnknownMemberId);
    assert_eq!(no(&mut h, |j| j.protocols.clear()), Refusal::InconsistentGroupProtocol);
    assert_eq!(no(&mut h, |j| j.protocol_type.clear()), Refusal::InconsistentGroupProtocol);
    assert!(h.machine().list().is_empty(), "nothing is left of them");
    assert!(h.log().is_empty());
    stable(&mut h, 1);
    assert_eq!(no(&mut h, |j| j.protocol_type = "x".into()), Refusal::InconsistentGroupProtocol);
    let other = |j: &mut Join| j.protocols[0].0 = "other".into();
    assert_eq!(no(&mut h, other), Refusal::InconsistentGroupProtocol);
    assert_eq!(no(&mut h, |j| j.member_id = "x".into()), Refusal::UnknownMemberId);
}

#[test]
fn a_dynamic_member_is_told_its_id_first() {
    let mut h = scene();
    let ask = Join { requires_known_member: true, ..a_join("", 0xab) };
    let ticket = join(&mut h, ask);
    let refused = refused_of(&answers(&mut h), ticket);
    assert_eq!(refused.why, Refusal::MemberIdRequired);
    assert_eq!(refused.member_id, "c-abababab-abab-abab-abab-abababababab");
    let ticket = join(&mut h, a_join(&refused.member_id, 0));
    h.pass(3 * SECOND);
    let joined = joined_of(&answers(&mut h), ticket);
    assert_eq!(&*joined.member_id, refused.member_id);
    settle_sync(&mut h, std::slice::from_ref(&joined));
    // One that never comes back holds a rebalance up until its session is over, no longer.
    let lost = join(&mut h, Join { requires_known_member: true, ..a_join("", 1) });
    let lost = refused_of(&answers(&mut h), lost).member_id;
    let ticket = join(&mut h, a_join(&refused.member_id, 0));
    h.pass(9 * SECOND);
    assert!(answers(&mut h).is_empty());
    h.pass(SECOND);
    assert_eq!(joined_of(&answers(&mut h), ticket).generation, 2);
    assert_eq!(self::refused(&mut h, a_join(&lost, 0)), Refusal::UnknownMemberId);
}

#[test]
fn a_growing_group_waits_longer_but_never_beyond_the_rebalance_timeout() {
    let mut h = scene();
    let short = |fresh| Join { rebalance_ms: 7_000, ..a_join("", fresh) };
    let first = join(&mut h, short(1));
    // A step of three seconds each, as long as somebody joins; the last one takes the rest.
    for fresh in 2..4 {
        h.pass(2 * SECOND);
        join(&mut h, short(fresh));
        assert!(answers(&mut h).is_empty());
        h.pass(SECOND);
        assert!(answers(&mut h).is_empty(), "it grew");
    }
    h.pass(SECOND - MS);
    assert!(answers(&mut h).is_empty());
    h.pass(MS);
    assert_eq!(joined_of(&answers(&mut h), first).generation, 1);
}

#[test]
fn the_protocol_that_most_prefer_among_those_of_all_is_chosen() {
    let mut h = scene();
    let with = |names: &[&str], fresh| Join {
        protocols: names.iter().map(|name| ((*name).into(), b"x".to_vec())).collect(),
        ..a_join("", fresh)
    };
    join(&mut h, with(&["mine", "b", "a"], 1));
    join(&mut h, with(&["a", "b"], 2));
    let last = join(&mut h, with(&["b", "a"], 3));
    h.pass(3 * SECOND);
    h.pass(3 * SECOND);
    let joined = joined_of(&answers(&mut h), last);
    assert_eq!(joined.protocol_name.as_deref(), Some("b"));
}

#[test]
fn a_rebalance_waits_for_those_who_are_there_and_drops_those_who_stay_away() {
    let mut h = scene();
    let joined = stable(&mut h, 2);
    let third = join(&mut h, a_join("", 3));
    assert_eq!(heartbeat(&mut h, &joined[0]), Err(Refusal::RebalanceInProgress));
    assert_eq!(sync(&mut h, sync_of(&joined[1], &[])), Err(Refusal::RebalanceInProgress));
    assert_eq!(commit(&mut h, a_commit(Some(&joined[1]), 5)), Ok(()), "still its generation");
    let first = join(&mut h, a_join(&joined[0].member_id, 0));
    for _ in 0..11 {
        h.pass(5 * SECOND);
        assert_eq!(heartbeat(&mut h, &joined[1]), Err(Refusal::RebalanceInProgress));
    }
    assert!(answers(&mut h).is_empty());
    h.pass(5 * SECOND);
    let answers = answers(&mut h);
    assert_eq!(joined_of(&answers, first).members.len(), 2);
    assert_eq!(joined_of(&answers, third).generation, 2);
    assert_eq!(heartbeat(&mut h, &joined[1]), Err(Refusal::UnknownMemberId));
}

#[test]
fn a_member_without_heartbeats_is_gone_and_the_others_go_on() {
    let mut h = scene();
    let joined = stable(&mut h, 2);
    for _ in 0..2 {
        h.pass(6 * SECOND);
        _ = heartbeat(&mut h, &joined[0]);
    }
    assert_eq!(heartbeat(&mut h, &joined[0]), Err(Refusal::RebalanceInProgress));
    assert_eq!(heartbeat(&mut h, &joined[1]), Err(Refusal::UnknownMemberId));
    let again = join(&mut h, a_join(&joined[0].member_id, 0));
    let again = joined_of(&answers(&mut h), again);
    assert_eq!((again.generation, again.members.len()), (2, 1));
    assert_eq!(heartbeat(&mut h, &joined[0]), Err(Refusal::IllegalGeneration));
}

#[test]
fn whoever_does_not_sync_is_gone() {
    let mut h = scene();
    let tickets = [join(&mut h, a_join("", 1)), join(&mut h, a_join("", 2))];
    h.pass(3 * SECOND);
    h.pass(3 * SECOND);
    let answers = answers(&mut h);
    let joined: Vec<Joined> = tickets.iter().map(|t| joined_of(&answers, *t)).collect();
    let leads = |one: &&Joined| one.leader == one.member_id;
    let leader = joined.iter().find(leads).unwrap();
    let follower = joined.iter().find(|one| !leads(one)).unwrap();
    let waits = h.offer(GroupCommand::Sync(sync_of(follower, &[])));
    for _ in 0..11 {
        h.pass(5 * SECOND);
        assert_eq!(heartbeat(&mut h, leader), Ok(()));
    }
    assert_eq!(state(&h), Some(GroupState::CompletingRebalance));
    h.pass(5 * SECOND);
    let expected = GroupAnswer::Sync(Err(Refusal::RebalanceInProgress));
    assert_eq!(self::answers(&mut h), vec![(waits, expected)]);
    assert_eq!(heartbeat(&mut h, leader), Err(Refusal::UnknownMemberId));
    assert_eq!(heartbeat(&mut h, follower), Err(Refusal::RebalanceInProgress));
}

#[test]
fn a_sync_names_the_group_as_it_is() {
    let mut h = scene();
    let joined = stable(&mut h, 1);
    let with = |h: &mut Machine, change: fn(&mut Sync)| {
        let mut asked = sync_of(&joined[0], &[]);
        change(&mut asked);
        sync(h, asked).map(|_| ())
    };
    assert_eq!(with(&mut h, |s| s.protocol_name = None), Ok(()));
    assert_eq!(with(&mut h, |s| s.group = "".into()), Err(Refusal::GroupIdInvalid));
    assert_eq!(with(&mut h, |s| s.group = "h".into()), Err(Refusal::UnknownMemberId));
    assert_eq!(with(&mut h, |s| s.generation = 2), Err(Refusal::IllegalGeneration));
    assert_eq!(with(&mut h, |s| s.member_id = "x".into()), Err(Refusal::UnknownMemberId));
    let inconsistent = Err(Refusal::InconsistentGroupProtocol);
    assert_eq!(with(&mut h, |s| s.protocol_name = Some("x".into())), inconsistent);
    assert_eq!(with(&mut h, |s| s.protocol_type = Some("x".into())), inconsistent);
}

#[test]
fn leaving_is_for_members_and_the_last_one_empties_the_group() {
    let mut h = scene();
    let joined = stable(&mut h, 2);
    let left = leave(&mut h, &[(&joined[1].member_id, None), ("x", None), ("", Some("i"))]);
    assert_eq!(left, vec![Ok(()), Err(Refusal::UnknownMemberId), Err(Refusal::UnknownMemberId)]);
    assert_eq!(heartbeat(&mut h, &joined[0]), Err(Refusal::RebalanceInProgress));
    assert_eq!(leave(&mut h, &[(&joined[0].member_id, None)]), vec![Ok(())]);
    assert_eq!(state(&h), Some(GroupState::Empty));
    assert_eq!(h.machine().list()[0].protocol_type.to_string(), "consumer");
    h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
}

#[test]
fn a_full_group_lets_nobody_in_but_its_members() {
    let limits = GroupLimits { members_max: 2, ..GroupLimits::default() };
    let mut h = Harness::new(Groups::new(limits, Topics::of(&[])));
    let joined = stable(&mut h, 2);
    assert_eq!(refused(&mut h, a_join("", 3)), Refusal::GroupMaxSize);
    assert_eq!(heartbeat(&mut h, &joined[0]), Ok(()));
}

/// A stable group of one static member and one dynamic one, which leads.
fn with_static(h: &mut Machine) -> (Joined, Joined) {
    let of_static = join(h, a_static("i", 0xff));
    let dynamic = join(h, a_join("", 1));
    h.pass(3 * SECOND);
    h.pass(3 * SECOND);
    let answers = answers(h);
    let (of_static, dynamic) = (joined_of(&answers, of_static), joined_of(&answers, dynamic));
    let mut both = [of_static.clone(), dynamic.clone()];
    both.sort_by_key(|one| one.leader != one.member_id);
    settle_sync(h, &both);
    (of_static, dynamic)
}

#[test]
fn a_static_member_comes_back_without_a_rebalance() {
    let mut h = scene();
    let (old, other) = with_static(&mut h);
    assert_eq!(old.leader, old.member_id, "the first one leads");
    let back = join(&mut h, a_static("i", 0xee));
    let new = joined_of(&answers(&mut h), back);
    assert_eq!((new.generation, new.skip_assignment, new.members.len()), (1, true, 2));
    assert_ne!(new.member_id, old.member_id);
    assert_eq!(new.leader, new.member_id);
    assert_eq!(state(&h), Some(GroupState::Stable));
    let kept = sync(&mut h, sync_of(&new, &[])).unwrap();
    assert_eq!(&*kept.assignment, old.member_id.as_bytes(), "the assignment stays");
    assert_eq!(heartbeat(&mut h, &other), Ok(()));
    // The old id is nobody's, and with the instance id it is fenced.
    assert_eq!(heartbeat(&mut h, &old), Err(Refusal::UnknownMemberId));
    let fenced = Join { member_id: old.member_id.to_string(), ..a_static("i", 0) };
    assert_eq!(refused(&mut h, fenced), Refusal::FencedInstanceId);
    let foreign = CommitOffsets { instance_id: Some("i".into()), ..a_commit(Some(&old), 1) };
    assert_eq!(commit(&mut h, foreign), Err(Refusal::FencedInstanceId));
    // It outlives a restart, and an administrator removes it by name.
    let mut h = h.restarted(Groups::new(GroupLimits::default(), Topics::of(&[])), h.log().len());
    assert_eq!(heartbeat(&mut h, &new), Ok(()));
    assert_eq!(leave(&mut h, &[("", Some("i"))]), vec![Ok(())]);
    assert_eq!(heartbeat(&mut h, &other), Err(Refusal::RebalanceInProgress));
}

#[test]
fn an_older_static_leader_is_not_told_that_it_leads() {
    let mut h = scene();
    let (old, _) = with_static(&mut h);
    let back = join(&mut h, Join { skips_assignment: false, ..a_static("i", 0xee) });
    let new = joined_of(&answers(&mut h), back);
    assert_eq!((&new.leader, new.skip_assignment), (&old.member_id, false));
    assert!(new.members.is_empty());
}

#[test]
fn a_refused_record_is_taken_back() {
    let mut h = scene();
    let (old, other) = with_static(&mut h);
    h.offer(GroupCommand::Join(a_static("i", 0xee)));
    assert!(h.reject_one(&Refusal::StorageFull));
    assert_eq!(h.answers()[0].1, Err(Refusal::StorageFull));
    assert_eq!(heartbeat(&mut h, &old), Ok(()), "the old member is the member");
    // The leader's assignment finds no room: everybody joins again.
    let tickets = [
        join(&mut h, Join { member_id: old.member_id.to_string(), ..a_static("i", 0) }),
        join(&mut h, a_join(&other.member_id, 0)),
    ];
    let answers = answers(&mut h);
    let joined: Vec<Joined> = tickets.iter().map(|t| joined_of(&answers, *t)).collect();
    let leader = joined.iter().find(|one| one.leader == one.member_id).unwrap();
    h.offer(GroupCommand::Sync(sync_of(leader, &[])));
    assert!(h.reject_one(&Refusal::StorageFull));
    h.answers();
    assert_eq!(heartbeat(&mut h, leader), Err(Refusal::RebalanceInProgress));
    assert_eq!(state(&h), Some(GroupState::PreparingRebalance));
    h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
}

#[test]
fn who_may_commit() {
    let mut h = scene();
    assert_eq!(commit(&mut h, a_commit(None, 4)), Ok(()), "a group of plain commits");
    assert_eq!(committed(&h), Some(4));
    assert_eq!(state(&h), Some(GroupState::Empty));
    let stranger = Joined { generation: 1, ..stable(&mut scene(), 1)[0].clone() };
    let other = CommitOffsets { group: "h".into(), ..a_commit(Some(&stranger), 1) };
    let older = CommitOffsets { names_unknown_group: false, ..other.clone() };
    assert!(matches!(commit(&mut h, other), Err(Refusal::GroupIdNotFound(_))));
    assert_eq!(commit(&mut h, older), Err(Refusal::IllegalGeneration));
    let joined = stable(&mut h, 1);
    assert_eq!(commit(&mut h, a_commit(None, 5)), Err(Refusal::UnknownMemberId));
    assert_eq!(commit(&mut h, a_commit(Some(&joined[0]), 5)), Ok(()));
    let stale = Joined { generation: 0, ..joined[0].clone() };
    assert_eq!(commit(&mut h, a_commit(Some(&stale), 6)), Err(Refusal::IllegalGeneration));
    let again = join(&mut h, a_join(&joined[0].member_id, 0));
    let again = joined_of(&answers(&mut h), again);
    let early = commit(&mut h, a_commit(Some(&again), 6));
    assert_eq!(early, Err(Refusal::RebalanceInProgress));
    assert_eq!(committed(&h), Some(5));
    h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
}

#[test]
fn what_a_commit_may_not_say_is_refused_alone() {
    let mut h = scene();
    let mut asked = a_commit(None, -5);
    let fine = NewOffset { partition: 1, offset: 1, ..asked.offsets[0].clone() };
    let long = NewOffset { metadata: "x".repeat(4_097), ..fine.clone() };
    let wide = NewOffset { metadata: "\u{20ac}".repeat(4_096), ..fine.clone() };
    asked.offsets.extend([long, wide, fine]);
    let Ok(GroupAnswer::CommitOffsets(Ok(each))) = h.ask(GroupCommand::CommitOffsets(asked)) else {
        panic!("refused as a whole")
    };
    assert!(matches!(each[0], Err(Refusal::InvalidRequest(_))));
    assert_eq!(each[1..], [Err(Refusal::OffsetMetadataTooLarge), Ok(()), Ok(())]);
    assert_eq!(committed(&h), None);
    assert_eq!(h.machine().offsets("g").len(), 1);
}

#[test]
fn offsets_and_groups_are_deleted_unless_somebody_uses_them() {
    let mut h = scene();
    let delete = |h: &mut Machine| {
        let partitions = vec![("t".into(), 0), ("u".into(), 0)];
        let delete = DeleteOffsets { group: "g".into(), partitions };
        match h.ask(GroupCommand::DeleteOffsets(delete)) {
            Ok(GroupAnswer::DeleteOffsets(answer)) => answer,
            other => panic!("{other:?}"),
        }
    };
    let delete_group =
        |h: &mut Machine| match h.ask(GroupCommand::DeleteGroup { group: "g".into() }) {
            Ok(GroupAnswer::DeleteGroup(answer)) => answer,
            other => panic!("{other:?}"),
        };
    assert!(matches!(delete(&mut h), Err(Refusal::GroupIdNotFound(_))));
    assert!(matches!(delete_group(&mut h), Err(Refusal::GroupIdNotFound(_))));
    let joined = stable(&mut h, 1);
    assert_eq!(commit(&mut h, a_commit(Some(&joined[0]), 5)), Ok(()));
    assert_eq!(delete(&mut h), Ok(vec![Err(Refusal::GroupSubscribedToTopic), Ok(())]));
    assert_eq!(delete_group(&mut h), Err(Refusal::NonEmptyGroup));
    leave(&mut h, &[(&joined[0].member_id, None)]);
    assert_eq!(committed(&h), Some(5));
    assert_eq!(delete(&mut h), Ok(vec![Ok(()), Ok(())]));
    assert_eq!(committed(&h), None);
    assert_eq!(commit(&mut h, a_commit(None, 6)), Ok(()));
    assert_eq!(delete_group(&mut h), Ok(()));
    assert!(h.machine().list().is_empty());
    assert!(h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[]))).list().is_empty());
}

#[test]
fn a_deleted_topic_takes_its_offsets_along() {
    let mut h = scene();
    let joined = stable(&mut h, 1);
    let mut a_commit = a_commit(Some(&joined[0]), 5);
    a_commit.offsets[0].topic_id = Uuid([9; 16]);
    commit(&mut h, a_commit).unwrap();
    let before = committed(&h);
    assert!(before.is_some());
    // More topics than the group has, or fewer.
    let others = ["a", "b", "x"].map(|other| (Rc::from(other), [Uuid([9; 16])].into()));
    let named = |id: u8| (Rc::from("t"), [Uuid([7; 16]), Uuid([id; 16])].into());
    let few = |id| DeletedTopics::from([named(id)]);
    let many = |id| others.clone().into_iter().chain([named(id)]).collect::<DeletedTopics>();
    let forget = |h: &mut Machine, topics: DeletedTopics| {
        let has = h.machine().has_offsets_of("g", &topics);
        let forget = GroupCommand::ForgetTopics { group: "g".into(), topics: Rc::new(topics) };
        assert_eq!(h.ask(forget), Ok(GroupAnswer::ForgetTopics));
        has
    };
    let wrong = [few(1), many(1), others.clone().into_iter().collect()];
    for topics in wrong {
        assert!(!forget(&mut h, topics));
        assert_eq!(committed(&h), before, "those of the topic with this id go");
    }
    let mut other = self::a_commit(Some(&joined[0]), 5);
    (other.offsets[0].topic, other.offsets[0].topic_id) = ("u".into(), Uuid([8; 16]));
    commit(&mut h, other).unwrap();
    for topics in [few(9), many(9)] {
        let mut again = self::a_commit(Some(&joined[0]), 5);
        again.offsets[0].topic_id = Uuid([9; 16]);
        commit(&mut h, again).unwrap();
        assert!(committed(&h).is_some() && forget(&mut h, topics));
        assert_eq!(committed(&h), None);
        assert_eq!(h.machine().offsets("g").len(), 1, "u stays");
    }
    assert_eq!(h.machine().ids(None, 9), [Rc::from("g")]);
    assert!(
        h.machine().ids(Some(&"g".into()), 9).is_empty() && h.machine().ids(None, 0).is_empty()
    );
    assert_eq!(heartbeat(&mut h, &joined[0]), Ok(()));
}

#[test]
fn offsets_expire_and_then_the_group_but_not_under_a_reader() {
    const DAY: u64 = 24 * 3_600 * SECOND;
    let mut h = scene();
    let asked = Join { session_ms: 1_800_000, ..a_join("", 1) };
    let ticket = join(&mut h, asked);
    h.pass(3 * SECOND);
    let member = joined_of(&answers(&mut h), ticket);
    settle_sync(&mut h, std::slice::from_ref(&member));
    let mut both = a_commit(Some(&member), 5);
    both.offsets.push(NewOffset { topic: "unread".into(), ..both.offsets[0].clone() });
    commit(&mut h, both).unwrap();
    for _ in 0..8 * 48 {
        h.pass(DAY / 48 - SECOND);
        h.settle();
        heartbeat(&mut h, &member).unwrap();
    }
    assert_eq!(committed(&h), Some(5), "a member reads it");
    assert_eq!(h.machine().offset("g", "unread", 0), None, "nobody reads it");
    leave(&mut h, &[(&member.member_id, None)]);
    h.pass(6 * DAY);
    h.settle();
    assert_eq!(committed(&h), Some(5), "it counts from when the group became empty");
    h.pass(DAY);
    h.settle();
    assert_eq!(committed(&h), None);
    h.pass(DAY);
    h.settle();
    assert!(h.machine().list().is_empty());
    let replayed = h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
    assert!(replayed.list().is_empty());
}

#[test]
fn a_plain_commit_expires_by_its_own_time_over_a_restart() {
    const DAY: u64 = 24 * 3_600 * SECOND;
    let mut h = scene();
    let short = CommitOffsets { retention_ms: Some(1_000), ..a_commit(None, 1) };
    commit(&mut h, short).unwrap();
    commit(&mut h, CommitOffsets { group: "h".into(), ..a_commit(None, 2) }).unwrap();
    let mut h = h.restarted(Groups::new(GroupLimits::default(), Topics::of(&[])), h.log().len());
    h.pass(DAY);
    h.settle();
    assert_eq!(h.machine().list().len(), 1, "the short one is gone");
    h.pass(6 * DAY);
    h.settle();
    assert!(h.machine().list().is_empty());
}

#[test]
fn a_static_member_that_stays_away_is_kept_until_its_session_ends() {
    let mut h = scene();
    let (of_static, dynamic) = with_static(&mut h);
    let third = join(&mut h, a_join("", 3));
    let again = join(&mut h, a_join(&dynamic.member_id, 0));
    for _ in 0..12 {
        h.pass(5 * SECOND);
        _ = heartbeat(&mut h, &of_static);
    }
    let answers = answers(&mut h);
    let (third, again) = (joined_of(&answers, third), joined_of(&answers, again));
    let leader = if third.leader == third.member_id { third } else { again };
    assert_eq!((leader.generation, leader.members.len()), (2, 3));
    assert!(leader.members.iter().any(|one| one.member_id == of_static.member_id));
    assert_ne!(leader.leader, of_static.member_id, "who leads has joined");
}

#[test]
fn a_first_join_waits_for_five_minutes_at_most() {
    let mut h = scene();
    let patient = |join| Join { rebalance_ms: 3_600_000, session_ms: 1_800_000, ..join };
    let first = join(&mut h, patient(a_join("", 1)));
    h.pass(3 * SECOND);
    let first = joined_of(&answers(&mut h), first);
    settle_sync(&mut h, std::slice::from_ref(&first));
    let new = join(&mut h, patient(a_join("", 2)));
    h.pass(299 * SECOND);
    assert!(answers(&mut h).is_empty());
    h.pass(SECOND);
    assert_eq!(refused_of(&answers(&mut h), new).why, Refusal::UnknownMemberId);
    assert_eq!(heartbeat(&mut h, &first), Err(Refusal::RebalanceInProgress));
}

#[test]
fn a_group_is_full_before_its_first_generation_too() {
    let limits = GroupLimits { members_max: 2, ..GroupLimits::default() };
    let mut h = Harness::new(Groups::new(limits, Topics::of(&[])));
    join(&mut h, a_join("", 1));
    join(&mut h, a_join("", 2));
    assert_eq!(refused(&mut h, a_join("", 3)), Refusal::GroupMaxSize);
}

#[test]
fn a_commit_is_a_sign_of_life() {
    let mut h = scene();
    let joined = stable(&mut h, 1);
    for offset in 0..5 {
        h.pass(6 * SECOND);
        assert_eq!(commit(&mut h, a_commit(Some(&joined[0]), offset)), Ok(()));
    }
}

#[test]
fn a_deleted_group_knows_no_id_that_it_gave_out() {
    let mut h = scene();
    let ticket = join(&mut h, Join { requires_known_member: true, ..a_join("", 1) });
    let id = refused_of(&answers(&mut h), ticket).member_id;
    let delete = GroupCommand::DeleteGroup { group: "g".into() };
    assert_eq!(h.ask(delete), Ok(GroupAnswer::DeleteGroup(Ok(()))));
    assert!(h.machine().list().is_empty());
    assert_eq!(refused(&mut h, a_join(&id, 0)), Refusal::UnknownMemberId);
}

#[test]
fn an_empty_group_whose_record_found_no_room_says_so_again() {
    let mut h = scene();
    let joined = stable(&mut h, 1);
    let member_id = joined[0].member_id.to_string();
    let member = LeavingMember { member_id, instance_id: None, reason: None };
    h.offer(GroupCommand::Leave(Leave { group: "g".into(), members: vec![member] }));
    assert!(h.reject_one(&Refusal::StorageFull));
    assert_eq!(state(&h), Some(GroupState::Empty));
    h.pass(600 * SECOND);
    h.settle();
    let replayed = h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
    assert_eq!(replayed.describe("g").unwrap().state, GroupState::Empty);
}

#[test]
fn a_name_so_long_that_no_id_begins_with_it_is_refused() {
    let mut h = scene();
    let named = |bytes| Join { client_id: "c".repeat(bytes), ..a_join("", 1) };
    assert!(matches!(refused(&mut h, named(32_767)), Refusal::InvalidRequest(_)));
    assert!(matches!(refused(&mut h, named(32_731)), Refusal::InvalidRequest(_)));
    let of_static = Join { instance_id: Some("i".repeat(32_731)), ..a_join("", 1) };
    assert!(matches!(refused(&mut h, of_static), Refusal::InvalidRequest(_)));
    let longest = join(&mut h, named(32_730));
    h.pass(3 * SECOND);
    let longest = joined_of(&answers(&mut h), longest);
    settle_sync(&mut h, std::slice::from_ref(&longest));
    assert_eq!(longest.member_id.len(), 32_767);
    h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
}

/// A member that named its protocol twice counted twice: its group found no protocol that all
/// support, and the broker aborted. Kafka 4.3.1 (JoinGroup v3 and v5) keeps such a join without an
/// answer and refuses everybody else who comes to the group.
#[test]
fn a_protocol_that_is_named_twice_counts_once() {
    let twice = |id: &str, fresh| Join {
        protocols: vec![("range".into(), b"one".to_vec()), ("range".into(), b"two".to_vec())],
        ..a_join(id, fresh)
    };
    let mut h = scene();
    let first = join(&mut h, twice("", 1));
    h.pass(3 * SECOND);
    let joined = joined_of(&answers(&mut h), first);
    assert_eq!((joined.generation, joined.protocol_name.as_deref()), (1, Some("range")));
    assert_eq!(&*joined.members[0].metadata, b"one");
    // The second one of a group that lives, and one that says something else of itself.
    let second = join(&mut h, twice("", 2));
    let again = join(&mut h, a_join(&joined.member_id, 0));
    let told = answers(&mut h);
    assert_eq!(joined_of(&told, again).generation, 2);
    assert_eq!(joined_of(&told, second).protocol_name.as_deref(), Some("range"));
    let again = join(&mut h, twice(&joined.member_id, 0));
    let second = joined_of(&told, second).member_id;
    let other = join(&mut h, a_join(&second, 0));
    let told = answers(&mut h);
    assert_eq!((joined_of(&told, again).generation, joined_of(&told, other).generation), (3, 3));
}

/// All groups that a coordinator began with looked for what expired at the same moment, again and
/// again: each has its own, somewhere in the interval.
#[test]
fn groups_look_for_what_expired_one_after_the_other() {
    let mut h = scene();
    for group in 0..1_000 {
        let group = format!("group {group}").into();
        let commit = CommitOffsets { group, ..a_commit(None, 5) };
        h.offer(GroupCommand::CommitOffsets(commit));
    }
    h.settle();
    let mut again = h.check_replay(Groups::new(GroupLimits::default(), Topics::of(&[])));
    let mut minutes = [0; 10];
    for (_, at) in replication_machine::Machine::begin(&mut again, h.now()) {
        let rest = at - h.now().mono;
        assert!(!rest.is_zero() && rest <= GroupLimits::default().retention_check);
        minutes[(rest.as_secs() / 60).min(9) as usize] += 1;
    }
    assert!(minutes.iter().all(|count| (50..200).contains(count)), "{minutes:?}");
}

/// Ids that nobody comes back with were kept without a bound, and each one that lapsed had all
/// others looked through.
#[test]
fn ids_that_nobody_joins_with_are_bounded_and_lapse() {
    let mut h = scene();
    let ask = |h: &mut Machine, at: u16| {
        let mut fresh_id = Uuid([7; 16]);
        fresh_id.0[..2].copy_from_slice(&at.to_be_bytes());
        let client_id = "c".repeat(30_000);
        let asked = Join { requires_known_member: true, client_id, fresh_id, ..a_join("", 1) };
        let ticket = join(h, asked);
        refused_of(&answers(h), ticket)
    };
    let all: Vec<JoinRefused> = (0..200).map(|at| ask(&mut h, at)).collect();
    let given = all.iter().filter(|one| one.why == Refusal::MemberIdRequired).count();
    let (bound, id) = (engine_base::limits::PENDING_MEMBERS_BYTES_MAX, all[0].member_id.len());
    assert!((bound - id..=bound).contains(&(given * (id + 64))), "{given} were given out");
    assert!(all[given..].iter().all(|one| one.why == Refusal::GroupMaxSize));
    // One comes back, and the session is over for the others.
    join(&mut h, a_join(&all[1].member_id, 0));
    h.pass(5 * SECOND);
    assert_eq!(ask(&mut h, 200).why, Refusal::MemberIdRequired, "one place is free");
    assert_eq!(ask(&mut h, 201).why, Refusal::GroupMaxSize);
    h.pass(5 * SECOND);
    assert_eq!(ask(&mut h, 202).why, Refusal::MemberIdRequired);
    assert_eq!(refused(&mut h, a_join(&all[2].member_id, 0)), Refusal::UnknownMemberId);
    assert_eq!(h.machine().describe("g").unwrap().members.len(), 1);
}
