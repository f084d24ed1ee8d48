//! Crash states of coordinators: a whole node whose groups commit, lose their topic, are deleted
//! and keep snapshots, frozen at some write, crashed and started again, twice over.
//!
//! What is checked of every state: each offset is one that was acknowledged last or asked for
//! since; what was acknowledged as deleted stays away; and the state that a coordinator comes to
//! from its snapshot is, hash for hash, the one that its log alone gives.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{NodeId, Refusal};
use engine_rt::Core;
use engine_rt::sim::{Crash, Disk, SimOptions, World};
use replication_machine::Machine;
use replication_shard::groups::{CommitOffsets, GroupAnswer, GroupCommand, NewOffset};
use replication_shard::{Coordinator, NewTopic, Node, NodeOptions, StoreOptions, TopicRef};

use crate::Summary;
use crate::chance::Chance;

const GROUPS: u64 = 6;
const TOPICS: [&str; 2] = ["t", "u"];

/// Per group and topic: what it may be, the last that was acknowledged first.
type Allowed = Rc<RefCell<BTreeMap<(String, String), Vec<Option<i64>>>>>;

fn options(chance: &mut Chance) -> NodeOptions {
    let store = StoreOptions {
        journal_files: 4,
        journal_file_bytes: 256 << 10,
        block_bytes_max: 64 << 10,
        memory_bytes: 4 << 20,
        disk_reserve_bytes: 0,
        ..StoreOptions::default()
    };
    let mut options = NodeOptions::new(vec![PathBuf::from("/data")], NodeId(0), store);
    options.cores = 2;
    options.snapshot_records = chance.pick(&[5, 20, 60, 100_000]);
    options.broker.set("offsets.topic.num.partitions", "2").expect("because it is a number");
    options
}

/// The coordinator of a group, once it has loaded.
async fn coordinator(core: &Core, node: &Node, group: &str) -> Result<Coordinator, Refusal> {
    node.coordinator_node(group).await?;
    loop {
        match node.coordinator(group) {
            Err(Refusal::CoordinatorLoadInProgress) => core.sleep(Duration::from_millis(1)).await,
            found => return found,
        }
    }
}

fn commit(node: &Node, group: &str, topic: &str, offset: i64) -> GroupCommand {
    let topic_id = node.image().topic(topic).expect("because it was created").id;
    GroupCommand::CommitOffsets(CommitOffsets {
        group: group.into(),
        member_id: String::new(),
        instance_id: None,
        generation_or_epoch: -1,
        retention_ms: None,
        names_unknown_group: true,
        offsets: vec![NewOffset {
            topic: topic.into(),
            topic_id,
            partition: 0,
            offset,
            leader_epoch: 0,
            metadata: "where it was".into(),
        }],
    })
}

fn was_done(answer: GroupAnswer) -> bool {
    match answer {
        GroupAnswer::CommitOffsets(Ok(each)) => each.iter().all(Result::is_ok),
        GroupAnswer::DeleteGroup(answer) => answer.is_ok(),
        _ => false,
    }
}

async fn create(node: &Node) {
    for topic in TOPICS.into_iter().filter(|topic| node.image().topic(topic).is_none()) {
        let made = node.create_topics(vec![NewTopic::named(topic)], false).await;
        assert!(made[0].is_ok(), "{made:?}");
    }
}

/// What clients ask of one life, until it ends or the disk does.
async fn live(core: Core, node: Node, mut chance: Chance, allowed: Allowed, base: i64) {
    create(&node).await;
    for at in 0..chance.below(150).cast_signed() {
        let (group, topic) = (format!("g{}", chance.below(GROUPS)), chance.pick(&TOPICS));
        let coordinator = coordinator(&core, &node, &group).await.expect("because it serves");
        let keys: Vec<(String, String)> = match chance.below(40) {
            0 => TOPICS.iter().map(|topic| (group.clone(), (*topic).to_owned())).collect(),
            1 => {
                let groups = (0..GROUPS).map(|group| format!("g{group}"));
                groups.map(|group| (group, topic.to_owned())).collect()
            }
            _ => vec![(group.clone(), topic.to_owned())],
        };
        let next = (keys.len() == 1).then_some(base + at);
        for key in &keys {
            let mut allowed = allowed.borrow_mut();
            allowed.entry(key.clone()).or_insert_with(|| vec![None]).push(next);
        }
        let done = match keys.len() {
            1 => {
                let answer = coordinator.ask(commit(&node, &group, topic, base + at)).await;
                was_done(answer.expect("because nothing is broken"))
            }
            2 => {
                let delete = GroupCommand::DeleteGroup { group: group.as_str().into() };
                was_done(coordinator.ask(delete).await.expect("because nothing is broken"))
            }
            _ => {
                let gone = node.delete_topics(vec![TopicRef::Name(topic.to_owned())]).await;
                assert!(gone[0].is_ok(), "{gone:?}");
                create(&node).await;
                // The tombstones are on their way when the delete is acknowledged.
                core.sleep(Duration::from_millis(200)).await;
                true
            }
        };
        for key in keys.into_iter().filter(|_| done) {
            allowed.borrow_mut().insert(key, vec![next]);
        }
    }
}

/// What a start finds: every offset, and the states' hashes.
type Found = (BTreeMap<(String, String), i64>, Vec<u64>);

fn look(disk: &Disk, options: &NodeOptions, seed: u64) -> Result<Found, String> {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    let (inner, options) = (core.clone(), options.clone());
    let found = world.block_on(&core, async move {
        let node = Node::start(&inner, options).await.map_err(|fault| fault.to_string())?;
        let (mut offsets, mut hashes) = (BTreeMap::new(), Vec::new());
        // A coordinator that loads may have something to forget.
        for group in (0..GROUPS).map(|group| format!("g{group}")) {
            let coordinator = coordinator(&inner, &node, &group).await;
            let coordinator = coordinator.map_err(|why| format!("{why:?}"))?;
            inner.sleep(Duration::from_millis(200)).await;
            for topic in TOPICS {
                let found = coordinator.read(|it| it.offset(&group, topic, 0).map(|of| of.offset));
                if let Some(found) = found {
                    offsets.insert((group.clone(), topic.to_owned()), found);
                }
            }
            hashes.push(coordinator.read(Machine::state_hash));
        }
        match node.faults().first() {
            Some(fault) => Err(fault.to_string()),
            None => Ok((offsets, hashes)),
        }
    });
    world.kill(&core);
    found.map_err(|stuck| stuck.to_string())?
}

/// Lives on this disk until it freezes after so many writes.
fn life(disk: &Disk, options: &NodeOptions, seed: u64, writes: u64, allowed: &Allowed, base: i64) {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    let (inner, options, allowed) = (core.clone(), options.clone(), allowed.clone());
    disk.freeze_after(disk.writes() + writes);
    // Frozen or at its end: the crash comes either way.
    _ = world.block_on(&core, async move {
        let node = Node::start(&inner, options).await.expect("because nothing is broken");
        live(inner.clone(), node, Chance::new(seed), allowed, base).await;
    });
    world.kill(&core);
}

/// Checks a disk against what is allowed, and narrows that to what was found.
fn judge(disk: &Disk, options: &NodeOptions, seed: u64, allowed: &Allowed) -> Result<(), String> {
    let (offsets, hashes) = look(&disk.snapshot(), options, seed)?;
    let bare = disk.snapshot();
    let of_snapshots = |path: &PathBuf| path.to_string_lossy().contains("/snapshots/");
    let files: Vec<PathBuf> = bare.files().into_iter().map(|file| file.0).collect();
    files.iter().filter(|path| of_snapshots(path)).for_each(|path| bare.remove(path));
    let (_, alone) = look(&bare, options, seed)?;
    if hashes != alone {
        return Err("the snapshot's state is not that of the log".into());
    }
    for (key, may) in allowed.borrow_mut().iter_mut() {
        let found = offsets.get(key).copied();
        if !may.contains(&found) {
            return Err(format!("{key:?} is {found:?}, of {may:?}"));
        }
        // The next life begins from the crash itself: what was not certain is not yet.
        may.dedup();
    }
    Ok(())
}

fn run(seed: u64, summary: &mut Summary) -> Result<(), String> {
    let mut chance = Chance::new(seed ^ 0x6_7265_6f75);
    let options = options(&mut chance);
    let mut disk = Disk::new(256 << 20, 512);
    disk.make_dir(std::path::Path::new("/data"));
    look(&disk, &options, seed)?;
    let allowed = Allowed::default();
    for round in 0..2 {
        let most = if chance.once_in(3) { 60 } else { 900 };
        let writes = chance.below(most);
        let life_seed = chance.draw();
        life(&disk, &options, life_seed, writes, &allowed, round * 1_000);
        let crash = if chance.once_in(3) { Crash::Kill } else { Crash::Power };
        disk = disk.crash(chance.draw(), crash);
        judge(&disk, &options, chance.draw(), &allowed)?;
        summary.states += 1;
    }
    summary.trace = chance.draw();
    Ok(())
}

/// Runs the crash states of one seed.
pub fn run_seed(seed: u64) -> Summary {
    let mut summary = Summary { seeds: 1, ..Summary::default() };
    if let Err(why) = run(seed, &mut summary) {
        let again = format!("BOBBIN_SEED={seed} cargo test -p tests-sim groups_of_one");
        summary.failures.push(format!("{again} # {why}"));
    }
    summary
}
