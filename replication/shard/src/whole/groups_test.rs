//! Coordinators of a whole node over restarts: with a snapshot they come back as they would without
//! one, whatever is wrong with it; what was committed for a topic goes with it, seen or not.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{FaultKind, Refusal, Uuid};
use engine_rt::Core;
use engine_rt::sim::{Crash, Disk, SimOptions, World};
use replication_machine::Machine;

use super::world_test::*;
use crate::coordinators::OFFSETS_TOPIC;
use crate::groups::{CommitOffsets, GroupAnswer, GroupCommand, NewOffset};
use crate::{Coordinator, Node, NodeOptions, TopicRef};

/// Snapshots after so many records.
pub(super) const EVERY: i64 = 40;

/// All groups in one partition, with snapshots in short order.
pub(super) fn grouped() -> NodeOptions {
    let mut options = options();
    options.snapshot_records = EVERY;
    options.broker.set("offsets.topic.num.partitions", "1").expect("a number");
    options
}

/// The coordinator, once it has loaded.
pub(super) async fn coordinator(core: &Core, node: &Node) -> Coordinator {
    node.coordinator_node("g").await.expect("the topic is created");
    loop {
        match node.coordinator("g") {
            Ok(coordinator) => return coordinator,
            Err(Refusal::CoordinatorLoadInProgress) => core.sleep(Duration::from_millis(1)).await,
            Err(why) => panic!("{why:?}"),
        }
    }
}

/// Commits this offset of partition 0, for a group that has no members.
pub(super) async fn commit(
    node: &Node,
    group: &str,
    topic: &str,
    offset: i64,
) -> Result<(), Refusal> {
    let topic_id = node.image().topic(topic).map_or(Uuid::ZERO, |topic| topic.id);
    let new = NewOffset {
        topic: topic.into(),
        topic_id,
        partition: 0,
        offset,
        leader_epoch: 0,
        metadata: "where I was".into(),
    };
    let commit = GroupCommand::CommitOffsets(CommitOffsets {
        group: group.into(),
        member_id: String::new(),
        instance_id: None,
        generation_or_epoch: -1,
        retention_ms: None,
        names_unknown_group: true,
        offsets: vec![new],
    });
    match node.coordinator(group)?.ask(commit).await? {
        GroupAnswer::CommitOffsets(answers) => answers?.remove(0),
        other => panic!("{other:?}"),
    }
}

pub(super) fn committed(coordinator: &Coordinator, group: &str, topic: &str) -> Option<i64> {
    coordinator.read(|groups| groups.offset(group, topic, 0).map(|of| of.offset))
}

/// A disk on which 7 groups committed so often, in one life that was killed.
fn scene(commits: i64) -> Scene {
    let mut scene = Scene::new(31);
    scene.with_node(grouped(), move |core, node| async move {
        create(&node, "t", 1).await;
        coordinator(&core, &node).await;
        for at in 0..commits {
            commit(&node, &format!("g{}", at % 7), "t", at).await.expect("it is durable");
        }
        core.sleep(Duration::from_millis(200)).await;
    });
    scene
}

/// What a start comes to: the state's hash, where its snapshot ended, the faults.
fn look(scene: &mut Scene) -> (u64, i64, Vec<FaultKind>) {
    look_with(scene, grouped())
}

pub(super) fn look_with(scene: &mut Scene, options: NodeOptions) -> (u64, i64, Vec<FaultKind>) {
    scene.with_node(options, |core, node| async move {
        let coordinator = coordinator(&core, &node).await;
        let faults = node.faults().into_iter().map(|fault| fault.kind).collect();
        (coordinator.read(Machine::state_hash), coordinator.loaded_end(), faults)
    })
}

pub(super) fn snapshots(scene: &Scene) -> Vec<PathBuf> {
    let is_one = |path: &PathBuf| path.to_string_lossy().contains("/snapshots/");
    scene.disk.files().into_iter().map(|(path, _)| path).filter(is_one).collect()
}

#[test]
fn a_start_from_a_snapshot_is_a_start_from_the_log() {
    let mut with = scene(150);
    let files = snapshots(&with);
    assert_eq!(files.len(), 1, "{files:?}");
    let (hash, end, faults) = look(&mut with);
    assert!((3 * EVERY..=150).contains(&end), "the snapshot was used: {end}");
    assert_eq!(faults, []);
    // Rot is told and passed over.
    let mut bytes = with.disk.contents(&files[0]).expect("it is there");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    with.disk.put(&files[0], &bytes);
    assert_eq!(look(&mut with), (hash, 0, vec![FaultKind::Rot]));
    with.disk.remove(&files[0]);
    assert_eq!(look(&mut with), (hash, 0, vec![]), "it is a cache");
}

/// A form that this version does not know, in a file that is sound, is passed over in silence.
#[test]
fn a_snapshot_of_another_form_is_none() {
    let mut scene = scene(150);
    let file = snapshots(&scene).remove(0);
    let mut bytes = scene.disk.contents(&file).expect("it is there");
    // The first byte of the first part is the machine's form.
    bytes[68] = 99;
    let crc = crc32c::crc32c(&bytes[8..]);
    bytes[4..8].copy_from_slice(&crc.to_le_bytes());
    let (hash, ..) = look(&mut self::scene(150));
    scene.disk.put(&file, &bytes);
    let (found, end, faults) = look(&mut scene);
    assert_eq!((end, faults), (0, vec![]));
    // Times of commits are those of two scenes of one seed.
    assert_eq!(found, hash);
}

/// The topic of the offsets was deleted and made anew: nothing of the old one comes back.
#[test]
fn a_topic_of_offsets_that_is_made_anew_knows_nothing() {
    let mut scene = scene(150);
    let old = snapshots(&scene);
    let bytes = scene.disk.contents(&old[0]).expect("it is there");
    scene.with_node(grouped(), |core, node| async move {
        coordinator(&core, &node).await;
        let gone = node.delete_topics(vec![TopicRef::Name(OFFSETS_TOPIC.into())]).await;
        assert!(gone[0].is_ok(), "{gone:?}");
        assert!(matches!(node.coordinator("g"), Err(Refusal::NotCoordinator)));
        let coordinator = coordinator(&core, &node).await;
        assert_eq!(committed(&coordinator, "g1", "t"), None);
        for at in 0..10 {
            commit(&node, "g1", "t", 1_000 + at).await.expect("it is durable");
        }
        core.sleep(Duration::from_millis(200)).await;
    });
    assert_eq!(snapshots(&scene), Vec::<PathBuf>::new(), "the old one's went with it");
    // Somebody puts it back, under the new log's name.
    let log = scene.with_node(grouped(), |_, node| async move {
        node.image().topic(OFFSETS_TOPIC).expect("it is there").partitions[0].log
    });
    let forged = old[0].with_file_name(log.to_string());
    scene.disk.put(&forged, &bytes);
    scene.with_node(grouped(), |core, node| async move {
        let coordinator = coordinator(&core, &node).await;
        assert_eq!(coordinator.loaded_end(), 0, "it is another log's");
        assert_eq!(committed(&coordinator, "g1", "t"), Some(1_009));
        assert_eq!(committed(&coordinator, "g2", "t"), None);
    });
}

/// Deletes `t` on a disk that freezes after so many writes more; the disk, and whether the delete
/// was answered.
fn frozen_delete(writes: u64, first: &Disk) -> (Disk, bool) {
    let disk = first.snapshot();
    let world = World::new(writes, SimOptions::default());
    let core = world.core(&disk);
    let (inner, freezing) = (core.clone(), disk.clone());
    let told = Rc::new(std::cell::Cell::new(false));
    let answered = told.clone();
    _ = world.block_on(&core, async move {
        let node = Node::start(&inner, grouped()).await.expect("because nothing is broken");
        // Nothing has run yet that would load a coordinator's log.
        assert!(matches!(node.coordinator("g"), Err(Refusal::CoordinatorLoadInProgress)));
        freezing.freeze_after(freezing.writes() + writes);
        let gone = node.delete_topics(vec![TopicRef::Name("t".into())]).await;
        assert!(gone[0].is_ok(), "{gone:?}");
        answered.set(true);
        inner.sleep(Duration::from_secs(1)).await;
    });
    world.kill(&core);
    (disk, told.get())
}

/// What was committed for a topic goes with it, also if the process died between the delete and
/// the tombstones; a topic of the same name, made anew, keeps its own.
#[test]
fn offsets_of_a_topic_go_with_it_whether_or_not_the_coordinator_sees_it() {
    let mut first = scene(20);
    first.with_node(grouped(), |core, node| async move {
        create(&node, "u", 1).await;
        coordinator(&core, &node).await;
        commit(&node, "g1", "u", 5).await.expect("it is durable");
    });
    for writes in 0..24 {
        let (disk, answered) = frozen_delete(writes, &first.disk);
        let crash = if writes % 2 == 0 { Crash::Power } else { Crash::Kill };
        let mut scene = Scene::of(disk.crash(writes, crash), writes);
        scene.with_node(grouped(), move |core, node| async move {
            let gone = node.image().topic("t").is_none();
            assert!(gone || !answered, "{writes} writes");
            if gone {
                create(&node, "t", 1).await;
            }
            let coordinator = coordinator(&core, &node).await;
            commit(&node, "g2", "t", 7).await.expect("it is durable");
            for _ in 0..1_000 {
                if !gone || committed(&coordinator, "g1", "t").is_none() {
                    break;
                }
                core.sleep(Duration::from_millis(1)).await;
            }
            for group in ["g0", "g1", "g3", "g6"] {
                let found = committed(&coordinator, group, "t");
                assert_eq!(found.is_none(), gone, "{writes} writes, {group}: {found:?}");
            }
            assert_eq!(committed(&coordinator, "g2", "t"), Some(7), "of the topic as it is");
            assert_eq!(committed(&coordinator, "g1", "u"), Some(5), "of another topic");
        });
    }
}

/// What was committed right before its topic was deleted goes too: it was on its way when the
/// coordinator looked which groups have something of the topic, so it stayed until it expired.
#[test]
fn a_commit_on_its_way_goes_with_its_topic() {
    let mut scene = Scene::new(51);
    scene.with_node(grouped(), |core, node| async move {
        let coordinator = coordinator(&core, &node).await;
        let mut most = 0;
        for round in 0..20u64 {
            create(&node, "t", 1).await;
            commit(&node, "long ago", "t", 1).await.expect("it is durable");
            let deleter = node.clone();
            let deleted = core.spawn(engine_rt::Class::Net, "deletion", async move {
                deleter.delete_topics(vec![TopicRef::Name("t".into())]).await
            });
            let mut commits = Vec::new();
            while node.image().topic("t").is_some() {
                // Of one group several, so that some wait behind the first.
                let group = format!("late {}", commits.len() / 3);
                let late = node.clone();
                commits.push(core.spawn(engine_rt::Class::Net, "commit", async move {
                    commit(&late, &group, "t", 1).await.expect("it is durable");
                }));
                core.sleep(Duration::from_micros(7 + 3 * round)).await;
                assert!(commits.len() < 100_000, "the delete has an end");
            }
            assert!(deleted.await[0].is_ok());
            most = most.max(commits.len());
            for commit in commits {
                commit.await;
            }
            core.sleep(Duration::from_secs(1)).await;
            let left: Vec<_> = coordinator.read(|groups| {
                let all = groups.ids(None, usize::MAX);
                all.into_iter().filter(|group| !groups.offsets(group).is_empty()).collect()
            });
            assert!(left.is_empty(), "round {round}: {left:?}");
        }
        assert!(most > 20, "they were many: {most}");
    });
}

/// Frozen at any write of a life that commits and takes snapshots, killed or without power: what
/// was acknowledged is there, and the state is the one that the log alone gives.
#[test]
fn acknowledged_commits_survive_whenever_the_disk_freezes() {
    let first = scene(30).disk;
    let (mut froze, mut from_snapshots) = (0, 0);
    for seed in 0..120u64 {
        let crash = if seed % 3 == 0 { Crash::Kill } else { Crash::Power };
        let (acked, end) = frozen_life(seed, &first);
        froze += usize::from(end);
        let mut scene = Scene::of(acked.1.crash(seed, crash), 1_000 + seed);
        let (hash, end, faults) = look(&mut scene);
        assert_eq!(faults, [], "seed {seed}");
        from_snapshots += usize::from(end > 0);
        let acked = acked.0;
        scene.with_node(grouped(), move |core, node| async move {
            let coordinator = coordinator(&core, &node).await;
            for (group, offset) in acked {
                let found = committed(&coordinator, &group, "t");
                assert!(found >= Some(offset), "seed {seed}, {group}: {offset}, {found:?}");
            }
        });
        snapshots(&scene).iter().for_each(|file| scene.disk.remove(file));
        assert_eq!(look(&mut scene), (hash, 0, vec![]), "seed {seed}: the log says the same");
    }
    assert!(froze > 80 && from_snapshots > 60, "{froze} froze, {from_snapshots} from snapshots");
}

type Acked = std::collections::BTreeMap<String, i64>;

/// Commits until the disk freezes: what was acknowledged, the disk, and whether it froze.
fn frozen_life(seed: u64, first: &Disk) -> ((Acked, Disk), bool) {
    let disk = first.snapshot();
    let world = World::new(seed, SimOptions::default());
    let core = world.core(&disk);
    let acked = Rc::new(std::cell::RefCell::new(Acked::new()));
    let (inner, told, freezing) = (core.clone(), acked.clone(), disk.clone());
    let ended = world.block_on(&core, async move {
        let node = Node::start(&inner, grouped()).await.expect("because nothing is broken");
        coordinator(&inner, &node).await;
        freezing.freeze_after(freezing.writes() + 1 + seed * 2);
        for at in 0..120 {
            let group = format!("g{}", at % 5);
            commit(&node, &group, "t", 100 + at).await.expect("it is durable");
            told.borrow_mut().insert(group, 100 + at);
        }
    });
    world.kill(&core);
    let acked = acked.borrow().clone();
    ((acked, disk), ended.is_err())
}
