//! Long polls: woken by what they wait for, once, and gone without a trace.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use engine_rt::{Class, Core};

use super::world_test::*;
use crate::{Node, Partition};

/// Polls a future once: whether it is done.
async fn is_done(future: &mut (impl Future<Output = ()> + Unpin)) -> bool {
    poll_fn(|context| Poll::Ready(pin!(&mut *future).poll(context).is_ready())).await
}

fn high_watermark(node: &Node, partition: Partition) -> i64 {
    node.position(partition).expect("served").high_watermark
}

#[test]
fn a_watch_wakes_when_something_is_visible_and_not_before() {
    let mut scene = Scene::new(10);
    scene.with_node(options(), |core, node| async move {
        create(&node, "t", 2).await;
        let (p, q) = (partition(&node, "t", 0), partition(&node, "t", 1));
        let mut watch = node.watch(&[(p, 0), (q, 0)]);
        core.sleep(Duration::from_secs(5)).await;
        assert!(!is_done(&mut watch).await, "nothing happened");
        let sent = send(&node, q, &["a"]);
        core.yield_now().await;
        assert!(!is_done(&mut watch).await, "it is not durable yet");
        sent.await.expect("acknowledged");
        assert!(is_done(&mut watch).await);
        assert!(is_done(&mut node.watch(&[(q, 0)])).await, "what moved already wakes at once");
        assert!(!is_done(&mut node.watch(&[(q, 1)])).await);
        assert!(!is_done(&mut node.watch(&[])).await, "nothing to wait for never comes");
    });
}

/// Counts how often a waiting task is polled: once to wait, once for the event.
#[test]
fn every_waiter_is_woken_once_per_event_and_leaves_nothing() {
    let mut scene = Scene::new(11);
    scene.with_node(options(), |core, node| async move {
        create(&node, "t", 8).await;
        let all: Vec<Partition> = (0..8).map(|index| partition(&node, "t", index)).collect();
        let polls = Rc::new(Cell::new(0));
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let (node, all, polls) = (node.clone(), all.clone(), polls.clone());
            tasks.push(core.spawn(Class::Fetch, "waiter", async move {
                let seen: Vec<_> = all.iter().map(|p| (*p, high_watermark(&node, *p))).collect();
                let mut watch = pin!(node.watch(&seen));
                poll_fn(|context| {
                    polls.set(polls.get() + 1);
                    watch.as_mut().poll(context)
                })
                .await;
            }));
        }
        let quitter = node.watch(&[(all[0], 0)]);
        core.sleep(Duration::from_millis(1)).await;
        assert_eq!((polls.get(), node.open_watches()), (20, 21 + 1));
        drop(quitter);
        // Two partitions move in one block: still one wake for each.
        let (first, second) = (send(&node, all[0], &["a"]), send(&node, all[5], &["b"]));
        first.await.expect("acknowledged");
        second.await.expect("acknowledged");
        for task in tasks {
            task.await;
        }
        assert_eq!(polls.get(), 40);
        // The metadata's own is the one that is left.
        assert_eq!((node.open_watches(), node.open_interests()), (1, 1));
    });
}

/// A fetch over many partitions of which a few move: each wake names those, once, however many are
/// watched, and what was not read again stays quiet.
#[test]
fn a_wake_names_what_moved_and_nothing_else() {
    let mut scene = Scene::new(13);
    scene.with_node(options(), |core, node| async move {
        create(&node, "t", 300).await;
        let all: Vec<Partition> = (0..300).map(|index| partition(&node, "t", index)).collect();
        let seen: Vec<_> = all.iter().map(|p| (*p, 0)).collect();
        let mut watch = node.watch(&seen);
        for round in 1..4 {
            for at in [271, 7] {
                produce(&node, all[at], &["a"]).await.expect("acknowledged");
            }
            assert!(is_done(&mut watch).await);
            assert_eq!(watch.take_moved(), [7, 271]);
            assert!(!is_done(&mut watch).await, "told once");
            watch.again(7, round);
            watch.again(271, round);
        }
        // One that nobody read since is not told again.
        produce(&node, all[7], &["b"]).await.expect("acknowledged");
        assert_eq!(watch.take_moved(), [7]);
        produce(&node, all[7], &["b"]).await.expect("acknowledged");
        assert!(watch.take_moved().is_empty());
        watch.again(7, 4);
        assert_eq!(watch.take_moved(), [7], "it moved before it was watched again");
        drop(watch);
        core.yield_now().await;
        assert_eq!((node.open_watches(), node.open_interests()), (1, 1));
    });
}

#[test]
fn waiters_learn_of_the_end_of_a_node() {
    let mut scene = Scene::new(12);
    scene.with_node(options(), |core, node| async move {
        create(&node, "t", 1).await;
        let p = partition(&node, "t", 0);
        let waiter = waiter(&core, &node, p);
        core.sleep(Duration::from_millis(1)).await;
        node.close().await.expect("a clean end");
        waiter.await;
    });
}

fn waiter(core: &Core, node: &Node, partition: Partition) -> engine_rt::Task<()> {
    let watch = node.watch(&[(partition, high_watermark(node, partition))]);
    core.spawn(Class::Fetch, "waiter", watch)
}
