//! Producer ids over kills: whatever a node was killed in the middle of, no id is given out twice.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::Refusal;
use engine_rt::Class;
use engine_rt::sim::{Crash, SimOptions, Stuck, World};

use super::world_test::*;
use crate::Node;

/// Lives frozen at one write after the other, in turn with power cuts and plain kills: every id
/// that was answered is new.
#[test]
fn no_id_is_given_out_twice_however_lives_end() {
    let mut scene = Scene::new(7);
    scene.with_node(options(), |_, node| async move { node.close().await.expect("a clean end") });
    let given: Rc<RefCell<BTreeSet<i64>>> = Rc::default();
    let (mut frozen, mut ended) = (0, 0);
    for round in 0..40u64 {
        let disk = scene.disk.clone();
        let world = World::new(round, SimOptions::default());
        let core = world.core(&disk);
        disk.freeze_after(disk.writes() + round);
        let (inner, hand) = (core.clone(), given.clone());
        let end = world.block_on(&core, async move {
            let node = Node::start(&inner, options()).await.expect("because nothing is broken");
            for _ in 0..1_200 {
                let id = node.new_producer_id().await.expect("an id");
                assert!(hand.borrow_mut().insert(id), "{id} was given out before");
            }
        });
        world.kill(&core);
        match end {
            Ok(()) => ended += 1,
            Err(Stuck::Frozen) => frozen += 1,
            Err(other) => panic!("round {round}: {other}"),
        }
        scene.crash(if round % 2 == 0 { Crash::Power } else { Crash::Kill });
    }
    assert!(frozen >= 5 && ended >= 5, "{frozen} lives froze, {ended} came to their end");
}

/// Many who ask at once wait for one reservation, also when the first of them goes away.
#[test]
fn a_block_serves_all_who_wait_for_it() {
    let mut scene = Scene::new(8);
    scene.with_node(options(), |core, node| async move {
        let ask = |node: Node| async move { node.new_producer_id().await };
        let first = core.spawn(Class::Net, "first", ask(node.clone()));
        core.yield_now().await;
        first.cancel();
        let asking: Vec<_> =
            (0..900).map(|_| core.spawn(Class::Net, "ask", ask(node.clone()))).collect();
        let mut ids = BTreeSet::new();
        for ask in asking {
            assert!(ids.insert(ask.await.expect("an id")));
        }
        assert!(ids.iter().all(|id| (0..1000).contains(id)), "one block was enough");
        node.close().await.expect("a clean end");
        let mut last = Ok(0);
        for _ in 0..200 {
            last = node.new_producer_id().await;
        }
        assert_eq!(last, Err(Refusal::Stopping), "no new block after the end");
    });
}
