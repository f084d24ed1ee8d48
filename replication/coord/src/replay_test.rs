//! The property behind restarts: whatever was asked, in whatever order, replaying gives the live
//! state, from any committed prefix on the group goes on, and every ticket is answered once.

use std::collections::{BTreeMap, BTreeSet};

use engine_base::{Refusal, Uuid};
use replication_machine::Harness;

use super::groups_test::a_join;
use super::*;
use crate::answer::ConsumerBeat;
use crate::cluster::Cluster;
use crate::cluster::cluster_test::Topics;
use crate::command::{
    CommitOffsets, ConsumerHeartbeat, DeleteOffsets, DeletedTopics, Heartbeat, Join, Leave,
    LeavingMember, NewOffset, Sync,
};

/// A small generator: the same on every machine (Marsaglia, "Xorshift RNGs", 2003).
struct Choices(u64);

impl Choices {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.below(of.len() as u64) as usize].clone()) }
    }
}

fn limits() -> GroupLimits {
    GroupLimits { members_max: 6, retention_ms: 20_000, ..GroupLimits::default() }
}

fn fresh(cluster: &Rc<Topics>) -> Groups {
    let retention_check = std::time::Duration::from_secs(7);
    Groups::new(GroupLimits { retention_check, ..limits() }, cluster.clone())
}

/// What a classic consumer says, if anything: topics `t` and `u`.
fn words(dice: &mut Choices) -> Vec<u8> {
    if dice.below(4) == 0 {
        return vec![0; 4];
    }
    let mut bytes = crate::bytes::Writer::new(1);
    let topics = [&["t"][..], &["t", "u"], &[]][dice.below(3) as usize];
    bytes.list(topics.len());
    topics.iter().for_each(|topic| _ = bytes.text(topic));
    bytes.i32(-1).list(1).text("t").list(1).i32(dice.below(5) as i32);
    bytes.0
}

/// An assignment that a leader gives: of partitions that others may have too.
fn share(dice: &mut Choices) -> Vec<u8> {
    let mut bytes = crate::bytes::Writer::new(1);
    bytes.list(1).text("t").list(2);
    (0..2).for_each(|_| _ = bytes.i32(dice.below(6) as i32));
    bytes.i32(-1);
    bytes.0
}

/// Topics come, go and grow.
fn move_topics(cluster: &Topics, dice: &mut Choices) {
    let name = ["t", "u", "tx"][dice.below(3) as usize];
    match (dice.below(4), cluster.topic(name)) {
        (0, Some(_)) => cluster.remove(name),
        (_, Some(topic)) => cluster.put(name, topic.partitions + 1),
        (0, None) => cluster.put_as(name, Uuid([dice.below(9) as u8 + 1; 16]), 3),
        (_, None) => cluster.put(name, 1 + dice.below(5) as i32),
    }
}

/// A member's epoch, and what it was told to own.
type Known = (i32, Vec<(Uuid, Vec<i32>)>);

/// What clients know: ids and generations that some answer named.
#[derive(Default)]
struct Clients {
    members: Vec<(String, i32)>,
    /// Those of the consumer protocol.
    consumers: BTreeMap<String, Known>,
    open: BTreeSet<Ticket>,
    fresh: u128,
    mostly_classic: bool,
}

impl Clients {
    fn take(&mut self, h: &mut Harness<Groups>) {
        for (ticket, answer) in h.answers() {
            assert!(self.open.remove(&ticket), "{ticket:?} is answered once");
            if let Ok(GroupAnswer::ConsumerHeartbeat(beat)) = &answer {
                self.hear(beat);
            }
            let Ok(GroupAnswer::Join(joined)) = answer else { continue };
            match joined {
                Ok(joined) => {
                    let id = joined.member_id.to_string();
                    self.members.push((id, joined.generation));
                }
                Err(refused) if refused.why == Refusal::MemberIdRequired => {
                    self.members.push((refused.member_id, -1));
                }
                Err(_) => {}
            }
        }
        // Clients forget, so that most of what they say is fit to be heard.
        let old = self.members.len().saturating_sub(8);
        self.members.drain(..old);
    }

    fn hear(&mut self, beat: &Result<ConsumerBeat, Refusal>) {
        let Ok(beat) = beat else { return };
        let member = self.consumers.entry(beat.member_id.to_string()).or_default();
        member.0 = beat.member_epoch;
        if let Some(assignment) = &beat.assignment {
            member.1.clone_from(assignment);
        }
    }

    /// A member of the consumer protocol says something, mostly what it should.
    fn consumer_command(&mut self, group: Rc<str>, dice: &mut Choices) -> GroupCommand {
        let member_id = format!("m{}", dice.below(5));
        let (epoch, owned) = self.consumers.get(&member_id).cloned().unwrap_or_default();
        let instance_id = (member_id == "m0").then(|| "i0".to_owned());
        let mut beat = ConsumerHeartbeat {
            group,
            member_epoch: epoch,
            instance_id,
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            owned: (dice.below(3) > 0).then_some(owned),
            member_id,
            fresh_id: Uuid([3; 16]),
            rack_id: None,
            rebalance_ms: -1,
            topics: None,
            regex: None,
            assignor: None,
            brings_id: true,
        };
        let some_topics = |dice: &mut Choices| {
            let topics = [&["t"][..], &["t", "u"], &["u"], &[]][dice.below(4) as usize];
            Some(topics.iter().map(|topic| (*topic).to_owned()).collect())
        };
        match dice.below(12) {
            0..=2 => {
                beat.member_epoch = 0;
                (beat.owned, beat.rebalance_ms) = (Some(Vec::new()), 10_000);
                beat.topics = some_topics(dice);
                let patterns = [None, Some("t.*".to_owned()), Some("(".to_owned())];
                beat.regex = patterns[dice.below(3) as usize].clone();
                beat.assignor = (dice.below(4) == 0).then(|| "range".into());
            }
            3 => beat.topics = some_topics(dice),
            4 if dice.below(2) == 0 => beat.member_epoch = -1 - dice.below(2) as i32,
            5 => beat.member_epoch -= 1,
            _ => {}
        }
        GroupCommand::ConsumerHeartbeat(beat)
    }

    fn command(&mut self, dice: &mut Choices) -> GroupCommand {
        if dice.below(if self.mostly_classic { 40 } else { 3 }) == 0 {
            let group = ["g", "h", "k"][dice.below(3) as usize];
            return self.consumer_command(group.into(), dice);
        }
        let group: Rc<str> = ["g", "h"][usize::from(dice.below(8) == 0)].into();
        let latest = self.members.last().cloned().filter(|_| dice.below(3) > 0);
        let known = latest.or_else(|| dice.one(&self.members));
        let (member_id, generation) = known.unwrap_or((String::new(), -1));
        let instance = (dice.below(4) == 0).then(|| format!("i{}", dice.below(2)));
        match dice.below(16) {
            0..=4 => {
                self.fresh += 1;
                let names = [&["a", "b"][..], &["b", "a"], &["b"], &["b", "b"], &["a", "b", "a"]];
                let names = names[dice.below(5) as usize];
                let id = if dice.below(2) == 0 { String::new() } else { member_id };
                GroupCommand::Join(Join {
                    group,
                    instance_id: instance,
                    fresh_id: Uuid(self.fresh.to_be_bytes()),
                    protocols: names.iter().map(|n| ((*n).into(), words(dice))).collect(),
                    requires_known_member: dice.below(2) == 0,
                    skips_assignment: dice.below(2) == 0,
                    rebalance_ms: [0, 5_000, 30_000][dice.below(3) as usize],
                    ..a_join(&id, 0)
                })
            }
            5..=8 => GroupCommand::Sync(Sync {
                group,
                member_id: member_id.clone(),
                instance_id: None,
                generation,
                protocol_type: None,
                protocol_name: None,
                assignments: vec![(member_id, share(dice))],
            }),
            9..=10 => GroupCommand::Heartbeat(Heartbeat {
                group,
                member_id,
                instance_id: instance,
                generation,
            }),
            11 => {
                let member = LeavingMember { member_id, instance_id: instance, reason: None };
                GroupCommand::Leave(Leave { group, members: vec![member] })
            }
            12 | 13 => {
                let plain = dice.below(2) == 0;
                GroupCommand::CommitOffsets(CommitOffsets {
                    group,
                    member_id: if plain { String::new() } else { member_id },
                    instance_id: None,
                    generation_or_epoch: if plain { -1 } else { generation },
                    retention_ms: (dice.below(3) == 0).then_some(3_000),
                    names_unknown_group: true,
                    offsets: vec![NewOffset {
                        topic: ["t", "u"][dice.below(2) as usize].into(),
                        topic_id: Uuid([dice.below(2) as u8; 16]),
                        partition: dice.below(3) as i32,
                        offset: dice.below(1_000) as i64,
                        leader_epoch: 1,
                        metadata: "m".repeat(dice.below(3) as usize),
                    }],
                })
            }
            14 => {
                let partitions = vec![("t".into(), 0), ("u".into(), 1)];
                GroupCommand::DeleteOffsets(DeleteOffsets { group, partitions })
            }
            _ if dice.below(2) == 0 => GroupCommand::DeleteGroup { group },
            _ => {
                let topics = DeletedTopics::from([("u".into(), [Uuid::ZERO].into())]);
                GroupCommand::ForgetTopics { group, topics: Rc::new(topics) }
            }
        }
    }
}

fn check(h: &Harness<Groups>) {
    for listed in h.machine().list() {
        let group = &h.machine().groups[&listed.group];
        assert!(group.facts.is_none() || group.consumer.is_none(), "of one kind");
        if let Some(consumer) = &group.consumer {
            consumer.check();
            consumer.check_owners();
            continue;
        }
        let described = h.machine().describe(&listed.group).unwrap();
        match described.state {
            GroupState::Empty | GroupState::Dead => assert!(described.members.is_empty()),
            // Whoever began a first rebalance may have left during its delay.
            GroupState::PreparingRebalance => {}
            GroupState::CompletingRebalance | GroupState::Stable => {
                assert!(!described.members.is_empty());
            }
        }
        let stable = described.state == GroupState::Stable;
        assert_eq!(stable, !described.protocol_name.is_empty(), "{described:?}");
    }
}

/// The state from a snapshot at `cut` and the log's rest is that of the log alone.
fn check_snapshot(h: &Harness<Groups>, cluster: &Rc<Topics>, cut: usize) {
    let fresh = || fresh(cluster);
    let at = |record: usize| replication_machine::harness::view(&h.log()[record], record as i64);
    let mut before = fresh();
    (0..cut).for_each(|record| before.apply(&at(record)).unwrap());
    let parts = parts(&before);
    let mut after = fresh();
    parts.iter().for_each(|part| after.load(part).unwrap());
    assert_eq!(after.state_hash(), before.state_hash());
    (cut..h.log().len()).for_each(|record| after.apply(&at(record)).unwrap());
    assert_eq!(after.state_hash(), h.machine().state_hash(), "snapshot and suffix equal replay");
    let last = parts.last().unwrap();
    let short = &last[..last.len() - 1];
    assert_eq!(fresh().load(short).is_err(), last.len() > 1 || short.is_empty());
}

/// A whole snapshot.
fn parts(groups: &Groups) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut after = None;
    loop {
        let part = groups.snapshot(after.as_ref()).unwrap();
        parts.push(part.bytes);
        match part.more_after {
            Some(last) => after = Some(last),
            None => return parts,
        }
    }
}

/// What is more than a turn's worth comes in parts of whole groups.
#[test]
fn many_groups_make_a_snapshot_of_several_parts() {
    let mut h = Harness::new(fresh(&Topics::of(&[])));
    for group in 0..200 {
        h.offer(GroupCommand::CommitOffsets(CommitOffsets {
            group: format!("group {group}").into(),
            member_id: String::new(),
            instance_id: None,
            generation_or_epoch: -1,
            retention_ms: None,
            names_unknown_group: true,
            offsets: (0..20)
                .map(|partition| NewOffset {
                    topic: "a topic".into(),
                    topic_id: Uuid::ZERO,
                    partition,
                    offset: 7,
                    leader_epoch: 3,
                    metadata: "words".into(),
                })
                .collect(),
        }));
    }
    h.settle();
    let parts = parts(h.machine());
    assert!(parts.len() >= 3, "{} parts", parts.len());
    assert!(parts.iter().all(|part| part.len() < 80_000), "none is much more than a turn's worth");
    let mut after = fresh(&Topics::of(&[]));
    parts.iter().for_each(|part| after.load(part).unwrap());
    assert_eq!(after.state_hash(), h.machine().state_hash());
    assert_eq!(after.offsets("group 199").len(), 20);
}

/// How often the group `g` was seen stable as a classic one, as a consumer group, as a consumer
/// group of both kinds of members; and how often groups changed their kind.
type Seen = [usize; 4];

fn one_life(seed: u64) -> Seen {
    let mut dice = Choices(seed);
    let cluster = Topics::of(&[("t", 4), ("u", 3)]);
    let fresh = || fresh(&cluster);
    let mut h = Harness::new(fresh());
    let mut clients = Clients { mostly_classic: seed.is_multiple_of(2), ..Clients::default() };
    let mut seen: Seen = [0; 4];
    let mut kind = None;
    for _ in 0..400 {
        match dice.below(10) {
            0..=5 => {
                let command = clients.command(&mut dice);
                let ticket = h.offer(command);
                clients.open.insert(ticket);
            }
            6 => _ = h.commit_one(),
            7 => {
                if dice.below(4) == 0 {
                    move_topics(&cluster, &mut dice);
                }
                h.pass(dice.below(4_000) * 1_000_000);
            }
            8 if dice.below(6) == 0 => _ = h.reject_one(&Refusal::StorageFull),
            8 => h.settle(),
            _ if dice.below(12) == 0 => {
                // Power is lost: who waited is gone with its connection.
                clients.take(&mut h);
                clients.open.clear();
                let cut = h.log().len();
                h = h.restarted(fresh(), cut);
            }
            _ => {}
        }
        clients.take(&mut h);
        check(&h);
        let group = h.machine().groups.get("g");
        match group.and_then(|group| group.consumer.as_ref()) {
            Some(consumer) => {
                seen[1] += usize::from(!consumer.members.is_empty());
                seen[2] += usize::from((1..consumer.members.len()).contains(&consumer.classics));
            }
            None => seen[0] += usize::from(group.is_some_and(|g| g.state() == GroupState::Stable)),
        }
        let now = h.machine().kind("g");
        seen[3] += usize::from(kind.is_some() && now.is_some() && kind != now);
        kind = now;
    }
    // In the end everybody's patience is over: no ticket is kept for ever.
    for _ in 0..80 {
        h.pass(10_000_000_000);
        h.settle();
        clients.take(&mut h);
    }
    assert!(clients.open.is_empty(), "every ticket is answered: {:?}", clients.open);
    assert!(h.machine().list().is_empty(), "and everything has expired");
    h.check_replay(fresh());
    let cut = dice.below(h.log().len() as u64 + 1) as usize;
    check_snapshot(&h, &cluster, cut);
    let resumed = h.restarted(fresh(), cut);
    resumed.check_replay(fresh());
    seen
}

#[test]
fn replay_equals_live_after_any_life() {
    let mut seen: Seen = [0; 4];
    for seed in 1..=200_u64 {
        // The seed repeats it.
        let life = || one_life(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let life = std::panic::catch_unwind(life).unwrap_or_else(|_| panic!("seed {seed}"));
        seen.iter_mut().zip(life).for_each(|(all, one)| *all += one);
    }
    let enough = seen.iter().zip([1_500, 10_000, 1_000, 100]).all(|(is, least)| *is > least);
    assert!(enough, "the lives reach every kind of group: {seen:?}");
}
