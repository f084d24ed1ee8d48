//! A whole node frozen at many writes of its life, its disk crashed, and started again: what was
//! promised is there, what is there was sent, and the metadata and the logs agree.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_rt::Core;
use engine_rt::sim::{Crash, Disk, SimOptions, Stuck, World};

use super::world_test::*;
use crate::{Node, TopicRef};

/// What the clients of one life were told, and what they asked for.
#[derive(Clone, Debug, Default)]
struct Told {
    /// Topics whose creation was acknowledged and whose deletion was not asked for.
    created: BTreeMap<String, &'static str>,
    /// Topics whose deletion was acknowledged.
    deleted: BTreeSet<String>,
    /// Values sent to a partition, in order.
    sent: BTreeMap<(String, i32), Vec<String>>,
    /// How many of them were acknowledged.
    acked: BTreeMap<(String, i32), usize>,
}

type Shared = Rc<RefCell<Told>>;

/// One life: topics come and go, two partitions each are produced to in both classes.
async fn live(core: Core, node: Node, round: u32, told: Shared) {
    for i in 0..4u32 {
        let name = format!("t{round}-{i}");
        let class = if i % 2 == 0 { "false" } else { "true" };
        create_with(&node, &name, 2, &[("write.caching", class)]).await;
        told.borrow_mut().created.insert(name.clone(), class);
        let mut flights = Vec::new();
        for value in 0..8 {
            let key = (name.clone(), (core.random() % 2) as i32);
            let text = format!("{round}.{value}");
            told.borrow_mut().sent.entry(key.clone()).or_default().push(text.clone());
            let count = told.borrow().sent[&key].len();
            flights.push((
                key.clone(),
                count,
                send(&node, partition(&node, &name, key.1), &[&text]),
            ));
            if core.random().is_multiple_of(2) {
                let (key, count, produced) = flights.remove(0);
                produced.await.expect("acknowledged");
                told.borrow_mut().acked.insert(key, count);
            }
        }
        for (key, count, produced) in flights {
            produced.await.expect("acknowledged");
            told.borrow_mut().acked.insert(key, count);
        }
        if i == 2 {
            let gone = format!("t{round}-1");
            told.borrow_mut().created.remove(&gone);
            let deleted = node.delete_topics(vec![TopicRef::Name(gone.clone())]).await;
            assert!(deleted[0].is_ok(), "{deleted:?}");
            told.borrow_mut().deleted.insert(gone);
        }
    }
    node.close().await.expect("a clean end");
}

/// What must hold on a disk after `told`.
async fn check(node: Node, told: Told, power: bool) {
    let image = node.image();
    for shard in &node.report().shards {
        assert_eq!(shard.set_aside, [], "every log on disk is known");
        assert_eq!(shard.fault, None);
    }
    for name in told.created.keys() {
        assert!(image.topic(name).is_some(), "{name} was acknowledged");
    }
    for name in &told.deleted {
        assert!(image.topic(name).is_none(), "{name} was deleted");
    }
    for topic in image.topics() {
        for index in 0..topic.partitions.len() as i32 {
            let key = (topic.name.clone(), index);
            let got = read_all(&node, partition(&node, &topic.name, index)).await;
            let sent = told.sent.get(&key).cloned().unwrap_or_default();
            assert!(got.len() <= sent.len() && got == sent[..got.len()], "{key:?}: {got:?}");
            let acked = told.acked.get(&key).copied().unwrap_or(0);
            if !power || !topic.settings.write_caching {
                assert!(got.len() >= acked, "{key:?}: {acked} were acknowledged, {got:?} left");
            }
        }
    }
}

/// Lives on a disk that freezes after so many writes; what was told until then, and whether it
/// froze.
fn frozen_life(seed: u64, disk: &Disk, round: u32, told: Told, writes: u64) -> (Told, bool) {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    disk.freeze_after(disk.writes() + writes);
    let shared: Shared = Rc::new(RefCell::new(told));
    let (inner, hand) = (core.clone(), shared.clone());
    let end = world.block_on(&core, async move {
        let node = Node::start(&inner, options()).await.expect("because nothing is broken");
        live(inner.clone(), node, round, hand).await;
    });
    world.kill(&core);
    match end {
        Ok(()) => (Rc::unwrap_or_clone(shared).into_inner(), false),
        Err(Stuck::Frozen) => (shared.borrow().clone(), true),
        Err(other) => panic!("seed {seed}, {writes} writes: {other}"),
    }
}

fn checked(seed: u64, disk: &Disk, told: &Told, power: bool) {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    let (inner, told) = (core.clone(), told.clone());
    let end = world.block_on(&core, async move {
        let node = Node::start(&inner, options()).await.expect("a start after a crash");
        check(node, told, power).await;
    });
    end.unwrap_or_else(|stuck| panic!("seed {seed}: {stuck}"));
    world.kill(&core);
}

/// A disk that one node has formatted and left, and how many writes that took.
fn formatted() -> (Disk, u64) {
    let disk = Disk::new(256 << 20, 512);
    let world = World::new(1, SimOptions::default());
    let core = world.core(&disk);
    let inner = core.clone();
    let end = world.block_on(&core, async move {
        let node = Node::start(&inner, options()).await.expect("because nothing is broken");
        node.close().await.expect("a clean end");
    });
    assert_eq!(end, Ok(()));
    world.kill(&core);
    let writes = disk.writes();
    (disk, writes)
}

/// A number below `below` that the seed chooses.
fn choose(seed: u64, salt: u64, below: u64) -> u64 {
    let mixed = (seed ^ (salt << 48)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 33) % below
}

fn crash_of(seed: u64) -> Crash {
    if !seed.is_multiple_of(3) { Crash::Power } else { Crash::Kill }
}

/// Freezes two lives at a seeded moment each and checks after either; how many of them froze.
fn crash_state(seed: u64, disk: &Disk) -> usize {
    let crash = crash_of(seed);
    let power = crash == Crash::Power;
    let disk = disk.snapshot();
    let (told, froze) = frozen_life(seed, &disk, 1, Told::default(), choose(seed, 1, 80));
    let disk = disk.crash(seed, crash);
    let again = disk.snapshot();
    checked(seed + 1, &disk, &told, power);
    // The second life goes on from the crash itself, not from the start that looked at it.
    let (told, froze_again) = frozen_life(seed + 2, &again, 2, told, choose(seed, 2, 80));
    let disk = again.crash(seed + 3, crash);
    checked(seed + 4, &disk, &told, power);
    usize::from(froze) + usize::from(froze_again)
}

#[test]
fn promises_hold_whenever_the_disk_freezes() {
    let (disk, _) = formatted();
    let froze: usize = (0..200).map(|seed| crash_state(seed * 1_000, &disk)).sum();
    assert!(froze > 200, "most lives end in a freeze: {froze}");
}

#[test]
fn formatting_that_was_cut_short_is_begun_again() {
    let (_, writes) = formatted();
    for cut in 0..writes {
        let disk = Disk::new(256 << 20, 512);
        let (told, _) = frozen_life(cut, &disk, 1, Told::default(), cut);
        let crash = crash_of(cut);
        checked(cut + 1, &disk.crash(cut, crash), &told, crash == Crash::Power);
    }
}

#[test]
fn a_seed_does_the_same_twice() {
    let trace = || {
        let world = World::new(7, SimOptions::default());
        let core = world.core(&Disk::new(256 << 20, 512));
        let inner = core.clone();
        let end = world.block_on(&core, async move {
            let node = Node::start(&inner, options()).await.expect("because nothing is broken");
            live(inner.clone(), node, 1, Shared::default()).await;
        });
        assert_eq!(end, Ok(()));
        world.trace_hash()
    };
    assert_eq!(trace(), trace());
}
