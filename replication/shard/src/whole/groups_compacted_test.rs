//! Coordinators whose topic is compacted under them: many commits to few keys, cleaned while the
//! node serves. A start finds the last commit of each group, members and generations, and nothing
//! that expired; with a snapshot, and without one, as an operator would lose it.

use std::time::Duration;

use engine_base::{Refusal, Uuid};
use engine_record::{BatchView, RecordReader, Rope};
use engine_rt::Core;
use replication_machine::Machine;

use super::groups_test::{EVERY, commit, committed, coordinator, grouped, look_with, snapshots};
use super::world_test::*;
use crate::coordinators::OFFSETS_TOPIC;
use crate::groups::{ConsumerHeartbeat, GroupAnswer, GroupCommand, Heartbeat, Join, Sync};
use crate::{
    ConfigChange, ConfigChanges, ConfigResource, Coordinator, Node, NodeOptions, TopicRef,
};

/// Groups that commit all the time, and such that commit once.
const GROUPS: i64 = 7;
const FORGOTTEN: i64 = 4;

/// What is committed for groups without members goes after a minute.
fn forgetful() -> NodeOptions {
    let mut options = grouped();
    options.broker.set("offsets.retention.minutes", "1").expect("a number");
    options.broker.set("offsets.retention.check.interval.ms", "1000").expect("a number");
    options
}

/// Segments of `__consumer_offsets` are closed at once, and compacted when the cleaner looks.
async fn make_compactable(node: &Node) {
    let set = |key: &str, value: &str| (key.to_owned(), ConfigChange::Set(value.to_owned()));
    let changes = ConfigChanges::Some(vec![
        set("segment.ms", "100"),
        set("min.cleanable.dirty.ratio", "0.0001"),
        set("delete.retention.ms", "1"),
    ]);
    let topic = ConfigResource::Topic(TopicRef::Name(OFFSETS_TOPIC.into()));
    let said = node.alter_configs(vec![(topic, changes)], false).await;
    assert_eq!(said, [Ok(())]);
}

/// How many records the partition of the groups has, and where it ends.
async fn records_left(node: &Node) -> (usize, i64) {
    let of = partition(node, OFFSETS_TOPIC, 0);
    let end = node.position(of).expect("it is served").high_watermark;
    let (mut next, mut count) = (0, 0);
    while next < end {
        let answer = read_at(node, of, next).await.expect("a read inside bounds");
        let pieces: Vec<&[u8]> = answer.slices.iter().map(|slice| &slice[..]).collect();
        let rope = Rope::new(&pieces);
        let mut at = 0;
        while at < rope.len() {
            let batch = BatchView::parse(rope, at).expect("whole batches");
            let mut reader = RecordReader::new(batch, 1 << 20).expect("records");
            while reader.next_record().is_some() {
                count += 1;
            }
            at += batch.header().total_bytes();
            next = batch.header().last_offset() + 1;
        }
    }
    (count, end)
}

/// A member of each protocol, as it was told.
struct Members {
    classic: (String, i32),
    modern: (String, i32),
}

async fn join(coordinator: &Coordinator) -> Members {
    let join = GroupCommand::Join(Join {
        group: "classic".into(),
        member_id: String::new(),
        fresh_id: Uuid([1; 16]),
        instance_id: None,
        client_id: "c".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), Vec::new())],
        session_ms: 1_800_000,
        rebalance_ms: 60_000,
        requires_known_member: false,
        skips_assignment: false,
        reason: None,
    });
    let Ok(GroupAnswer::Join(Ok(joined))) = coordinator.ask(join).await else { panic!("it joins") };
    let member_id = joined.member_id.to_string();
    let sync = GroupCommand::Sync(Sync {
        group: "classic".into(),
        member_id: member_id.clone(),
        instance_id: None,
        generation: joined.generation,
        protocol_type: None,
        protocol_name: None,
        assignments: vec![(member_id.clone(), b"all".to_vec())],
    });
    let synced = coordinator.ask(sync).await;
    assert!(matches!(synced, Ok(GroupAnswer::Sync(Ok(_)))), "{synced:?}");
    let modern = beat(coordinator, "", 0).await.expect("it joins");
    Members { classic: (member_id, joined.generation), modern }
}

/// A beat of the member of the consumer protocol: its id and epoch.
async fn beat(
    coordinator: &Coordinator,
    member_id: &str,
    member_epoch: i32,
) -> Result<(String, i32), Refusal> {
    let joins = member_epoch == 0;
    let beat = GroupCommand::ConsumerHeartbeat(ConsumerHeartbeat {
        group: "modern".into(),
        member_id: member_id.to_owned(),
        fresh_id: Uuid([2; 16]),
        member_epoch,
        instance_id: None,
        rack_id: None,
        rebalance_ms: if joins { 60_000 } else { -1 },
        topics: joins.then(|| vec!["t".to_owned()]),
        regex: None,
        assignor: None,
        owned: joins.then(Vec::new),
        client_id: "c".into(),
        client_host: "/127.0.0.1".into(),
        brings_id: false,
    });
    match coordinator.ask(beat).await? {
        GroupAnswer::ConsumerHeartbeat(told) => {
            told.map(|told| (told.member_id.to_string(), told.member_epoch))
        }
        other => panic!("{other:?}"),
    }
}

async fn classic_beat(
    coordinator: &Coordinator,
    member_id: &str,
    generation: i32,
) -> Result<(), Refusal> {
    let beat = GroupCommand::Heartbeat(Heartbeat {
        group: "classic".into(),
        member_id: member_id.to_owned(),
        instance_id: None,
        generation,
    });
    match coordinator.ask(beat).await? {
        GroupAnswer::Heartbeat(told) => told,
        other => panic!("{other:?}"),
    }
}

/// One life: groups commit again and again, one batch to a segment, and time passes; it ends in a
/// kill wherever the cleaner is. The last commit of each group, the members and the state's hash.
async fn live(core: Core, node: Node, commits: i64, rest_ms: u64) -> (Vec<i64>, Members, u64) {
    create(&node, "t", 1).await;
    let coordinator = coordinator(&core, &node).await;
    make_compactable(&node).await;
    let mut members = join(&coordinator).await;
    for group in 0..FORGOTTEN {
        commit(&node, &format!("forgotten{group}"), "t", group).await.expect("it is durable");
    }
    let mut last = vec![-1; GROUPS as usize];
    for at in 0..commits {
        let group = at % GROUPS;
        commit(&node, &format!("g{group}"), "t", at).await.expect("it is durable");
        last[group as usize] = at;
        let (id, epoch) = members.modern;
        members.modern = beat(&coordinator, &id, epoch).await.expect("it stays");
        core.sleep(Duration::from_secs(1)).await;
    }
    core.sleep(Duration::from_millis(rest_ms)).await;
    let (left, end) = records_left(&node).await;
    let keys = (GROUPS + FORGOTTEN) as usize + 10;
    eprintln!("LEFT {left} of {end}");
    assert!(end > commits && left < keys + 40, "{left} records are left of {end}");
    let hash = coordinator.read(Machine::state_hash);
    (last, members, hash)
}

/// What holds in the life after it.
async fn check(core: Core, node: Node, last: Vec<i64>, members: &Members) {
    let coordinator = coordinator(&core, &node).await;
    for (group, offset) in last.into_iter().enumerate() {
        assert_eq!(committed(&coordinator, &format!("g{group}"), "t"), Some(offset));
    }
    for group in 0..FORGOTTEN {
        assert_eq!(committed(&coordinator, &format!("forgotten{group}"), "t"), None);
    }
    let (id, generation) = &members.classic;
    assert_eq!(classic_beat(&coordinator, id, *generation).await, Ok(()));
    let wrong = classic_beat(&coordinator, id, generation + 1).await;
    assert_eq!(wrong, Err(Refusal::IllegalGeneration));
    let (id, epoch) = &members.modern;
    let told = beat(&coordinator, id, *epoch).await;
    assert_eq!(told, Ok((id.clone(), *epoch)));
}

#[test]
fn groups_come_back_from_a_compacted_log_with_a_snapshot_and_without() {
    let mut from_snapshots = 0;
    for life in 0..12u64 {
        let commits = 90 + life.cast_signed() * 5;
        let mut scene = Scene::new(100 + life);
        let (last, members, hash) =
            scene.with_node(forgetful(), move |core, node| live(core, node, commits, 137 * life));
        let files = snapshots(&scene);
        let (found, end, faults) = look_with(&mut scene, forgetful());
        assert_eq!((found, faults), (hash, vec![]), "life {life}: as it was");
        assert!(end == 0 || end >= EVERY);
        from_snapshots += usize::from(end > 0);
        // The cleaner goes on in each life; without a snapshot the whole log is read.
        files.iter().for_each(|file| scene.disk.remove(file));
        snapshots(&scene).iter().for_each(|file| scene.disk.remove(file));
        let found = look_with(&mut scene, forgetful());
        assert_eq!(found, (hash, 0, vec![]), "life {life}: the log says the same");
        scene.with_node(forgetful(), |core, node| async move {
            check(core, node, last, &members).await;
        });
    }
    assert_eq!(from_snapshots, 12, "lives began with a snapshot");
}
