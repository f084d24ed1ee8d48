//! The walking skeleton: format, start, create a topic, produce, read, restart.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use engine_base::Refusal;
use engine_rt::sim::Crash;

use super::world_test::*;
use crate::{
    Acks, ConfigChange, ConfigChanges, ConfigResource, Isolation, ListOffsetCommand, Node,
    NodeOptions, TopicRef,
};

#[test]
fn what_was_produced_is_read_before_and_after_a_restart() {
    let mut scene = Scene::new(1);
    let cluster = scene.with_node(options(), |_, node| async move {
        assert!(node.report().formatted);
        create(&node, "t", 3).await;
        let p = partition(&node, "t", 1);
        assert_eq!(node.position(p).map(|p| (p.leader_epoch, p.high_watermark)), Ok((0, 0)));
        let first = produce(&node, p, &["a", "b"]).await.expect("acknowledged");
        assert_eq!((first.base_offset, first.log_start, first.log_append_time), (0, 0, -1));
        let second = produce(&node, p, &["c"]).await.expect("acknowledged");
        assert_eq!(second.base_offset, 2);
        let answer = read_at(&node, p, 0).await.expect("readable");
        let epochs = records(&answer).into_iter().map(|(_, epoch, _)| epoch);
        assert_eq!(epochs.collect::<Vec<_>>(), [0, 0, 0]);
        assert_eq!(read_all(&node, p).await, ["a", "b", "c"]);
        assert_eq!(read_at(&node, p, 3).await.expect("the end").slices.len(), 0);
        let beyond = read_at(&node, p, 4).await.expect_err("beyond the end");
        assert_eq!(beyond, Refusal::OffsetOutOfRange { start: 0, end: 3 });
        node.close().await.expect("a clean end");
        assert_eq!(produce(&node, p, &["d"]).await, Err(Refusal::Stopping));
        node.report().cluster
    });
    scene.with_node(options(), move |_, node| async move {
        assert!(!node.report().formatted);
        assert_eq!(node.report().cluster, cluster);
        assert_eq!(node.image().topic("t").expect("still there").partitions.len(), 3);
        let p = partition(&node, "t", 1);
        let position = node.position(p).expect("served");
        assert_eq!((position.leader_epoch, position.high_watermark), (1, 3));
        assert_eq!(read_all(&node, p).await, ["a", "b", "c"]);
        assert_eq!(produce(&node, p, &["d"]).await.expect("acknowledged").base_offset, 3);
        let answer = read_at(&node, p, 0).await.expect("readable");
        let epochs = records(&answer).into_iter().map(|(_, epoch, _)| epoch);
        assert_eq!(epochs.collect::<Vec<_>>(), [0, 0, 0, 1]);
    });
}

#[test]
fn every_start_takes_a_new_epoch_everywhere() {
    let mut scene = Scene::new(2);
    scene.with_node(options(), |_, node| async move { create(&node, "t", 4).await });
    for start in 1..5 {
        scene.crash(if start % 2 == 0 { Crash::Kill } else { Crash::Power });
        scene.with_node(options(), move |_, node| async move {
            for index in 0..4 {
                let p = partition(&node, "t", index);
                assert_eq!(node.position(p).map(|p| p.leader_epoch), Ok(start));
                produce(&node, p, &["x"]).await.expect("acknowledged");
                assert_eq!(node.position(p).map(|p| p.high_watermark), Ok(i64::from(start)));
            }
        });
    }
}

#[test]
fn what_was_acknowledged_survives_in_either_class() {
    for seed in 0..20 {
        for (caching, crash) in
            [("false", Crash::Power), ("false", Crash::Kill), ("true", Crash::Kill)]
        {
            let mut scene = Scene::new(1_000 + seed * 7);
            let acked = scene.with_node(options(), move |core, node| async move {
                create_with(&node, "t", 2, &[("write.caching", caching)]).await;
                let mut acked = Vec::new();
                let mut pending = Vec::new();
                for i in 0..30u32 {
                    let p = partition(&node, "t", (i % 2) as i32);
                    let value = format!("{i}");
                    pending.push((i, send(&node, p, &[&value])));
                    if core.random() % 3 == 0 {
                        let (i, produced) = pending.remove(0);
                        produced.await.expect("acknowledged");
                        acked.push(i);
                    }
                }
                acked
            });
            scene.crash(crash);
            scene.with_node(options(), move |_, node| async move {
                for index in 0..2u32 {
                    let got = read_all(&node, partition(&node, "t", index as i32)).await;
                    let got: Vec<u32> = got.iter().map(|v| v.parse().expect("ours")).collect();
                    let sent: Vec<u32> = (0..30).filter(|i| i % 2 == index).collect();
                    assert_eq!(got, sent[..got.len()], "a prefix of what was sent");
                    let last = acked.iter().filter(|i| *i % 2 == index).max();
                    assert!(got.last() >= last, "seed {seed}: {last:?} was acknowledged");
                }
            });
        }
    }
}

#[test]
fn acks_zero_goes_through_and_is_answered_at_once() {
    let mut scene = Scene::new(3);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let p = partition(&node, "t", 0);
        let answer = send_as(&node, p, batch(&["a"]), Acks::None).await.expect("admitted");
        assert_eq!(answer.base_offset, 0);
        assert_eq!(node.position(p).map(|p| p.high_watermark), Ok(0), "not durable yet");
        assert_eq!(
            send_as(&node, p, batch(&["b"]), Acks::Leader).await.map(|a| a.base_offset),
            Ok(1)
        );
        assert_eq!(read_all(&node, p).await, ["a", "b"]);
    });
}

#[test]
fn a_deleted_topic_is_unknown_and_its_successor_is_another() {
    let mut scene = Scene::new(4);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let old = partition(&node, "t", 0);
        let id = node.image().topic("t").expect("created").id;
        produce(&node, old, &["old"]).await.expect("acknowledged");
        let pending = send(&node, old, &["late"]);
        let watch = node.watch(&[(old, 99)]);
        let deleted = node.delete_topics(vec![TopicRef::Id(id), TopicRef::Name("u".into())]).await;
        assert_eq!(deleted[0].as_ref().map(|d| d.name.as_str()), Ok("t"));
        assert_eq!(deleted[1], Err(Refusal::UnknownTopicOrPartition));
        watch.await;
        _ = pending.await;
        assert_eq!(node.partition("t", 0), Err(Refusal::UnknownTopicOrPartition));
        assert_eq!(node.partition_by_id(id, 0), Err(Refusal::UnknownTopicId));
        create(&node, "t", 1).await;
        let new = partition(&node, "t", 0);
        assert_ne!(new.log(), old.log());
        assert_eq!(produce(&node, old, &["x"]).await, Err(Refusal::UnknownTopicOrPartition));
        assert_eq!(read_at(&node, old, 0).await.err(), Some(Refusal::UnknownTopicOrPartition));
        node.watch(&[(old, 0)]).await;
        assert_eq!(read_all(&node, new).await, Vec::<String>::new());
        produce(&node, new, &["new"]).await.expect("acknowledged");
    });
    scene.crash(Crash::Power);
    scene.with_node(options(), |_, node| async move {
        assert_eq!(read_all(&node, partition(&node, "t", 0)).await, ["new"]);
        let set_aside = node.report().shards.iter().map(|shard| shard.set_aside.len());
        assert_eq!(set_aside.sum::<usize>(), 0);
    });
}

/// The disk hangs: what is write-cached is answered, what is to be flushed is neither answered
/// nor seen.
#[test]
fn each_class_is_answered_at_its_own_mark() {
    let mut scene = Scene::new(7);
    let disk = scene.disk.clone();
    let one_shard = NodeOptions { cores: 1, ..options() };
    scene.with_node(one_shard, move |_, node| async move {
        create_with(&node, "cached", 1, &[("write.caching", "true")]).await;
        create(&node, "flushed", 1).await;
        let (cached, flushed) = (partition(&node, "cached", 0), partition(&node, "flushed", 0));
        disk.freeze_after(disk.writes());
        let mut late = send_as(&node, flushed, batch(&["f"]), Acks::Leader);
        produce(&node, cached, &["c"]).await.expect("it was handed to the kernel");
        assert_eq!(read_all(&node, cached).await, ["c"]);
        assert_eq!(node.position(flushed).map(|p| p.high_watermark), Ok(0));
        assert_eq!(read_at(&node, flushed, 0).await.expect("empty").slices.len(), 0);
        let pending = poll_fn(|cx| Poll::Ready(Pin::new(&mut late).poll(cx).is_pending())).await;
        assert!(pending, "the same block, but not flushed");
    });
}

async fn configure(node: &Node, topic: TopicRef, key: &str, value: &str) {
    let change = (key.to_owned(), ConfigChange::Set(value.to_owned()));
    let asked = (ConfigResource::Topic(topic), ConfigChanges::Some(vec![change]));
    assert_eq!(node.alter_configs(vec![asked], false).await, [Ok(())]);
}

/// The machine's state after a restart is the one that was live, hash for hash.
#[test]
fn the_replayed_metadata_is_the_live_one() {
    let mut scene = Scene::new(8);
    let mut live = None;
    for round in 0..4 {
        let (before, after) = scene.with_node(options(), move |_, node| async move {
            let before = node.metadata_hash();
            create(&node, &format!("t{round}"), 3).await;
            let named = TopicRef::Name(format!("t{round}"));
            configure(&node, named.clone(), "retention.ms", &round.to_string()).await;
            if round % 2 == 1 {
                assert!(node.delete_topics(vec![named]).await[0].is_ok());
            }
            (before, node.metadata_hash())
        });
        assert!(live.is_none_or(|live| live == before), "round {round}");
        live = Some(after);
        scene.crash(Crash::Power);
    }
}

#[test]
fn a_topic_changes_its_class_while_it_is_written_to() {
    let mut scene = Scene::new(6);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let p = partition(&node, "t", 0);
        let mut flights = Vec::new();
        for round in 0..6 {
            for i in 0..5 {
                flights.push(send(&node, p, &[&format!("{round}.{i}")]));
            }
            let caching = if round % 2 == 0 { "true" } else { "false" };
            configure(&node, TopicRef::Name("t".into()), "write.caching", caching).await;
            flights.push(send(&node, p, &["after"]));
        }
        for (at, flight) in flights.into_iter().enumerate() {
            assert_eq!(flight.await.map(|answer| answer.base_offset), Ok(at as i64));
        }
        assert_eq!(read_all(&node, p).await.len(), 36);
        let unknown = ConfigResource::Topic(TopicRef::Name("u".into()));
        let unknown = vec![(unknown, ConfigChanges::All(Vec::new()))];
        let unknown = node.alter_configs(unknown, false).await;
        assert_eq!(unknown, [Err(Refusal::UnknownTopicOrPartition)]);
    });
}

#[test]
fn epochs_of_clients_are_checked() {
    let mut scene = Scene::new(5);
    scene.with_node(options(), |_, node| async move { create(&node, "t", 1).await });
    scene.with_node(options(), |_, node| async move {
        let p = partition(&node, "t", 0);
        let list = |epoch| {
            node.list_offset(ListOffsetCommand {
                partition: p,
                current_leader_epoch: epoch,
                timestamp: -1,
                isolation: Isolation::ReadUncommitted,
            })
        };
        assert!(list(-1).await.is_ok());
        assert!(list(1).await.is_ok());
        assert_eq!(list(0).await, Err(Refusal::FencedLeaderEpoch));
        assert_eq!(list(-2).await, Err(Refusal::FencedLeaderEpoch));
        assert_eq!(list(2).await, Err(Refusal::UnknownLeaderEpoch { current: 1 }));
    });
}
