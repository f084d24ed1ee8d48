//! Failing stores, full queues and bad batches: clear refusals, nothing acknowledged that is not
//! kept.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Refusal;
use engine_record::{BatchBuilder, Codec};
use engine_rt::sim::{Crash, DiskOp, FailRule};
use engine_rt::{Class, Slice};

use super::world_test::*;
use crate::{Acks, BatchBytes, NewTopic, NodeOptions, ProduceCommand, Produced, TopicRef};

fn fail_writes(path: &str) -> FailRule {
    FailRule {
        op: Some(DiskOp::Write),
        path_contains: path.into(),
        skip: 0,
        times: u64::MAX,
        errno: 5,
    }
}

#[test]
fn a_failed_store_stops_its_replicas_and_no_others() {
    let mut scene = Scene::new(40);
    let disk = scene.disk.clone();
    scene.with_node(options(), move |_, node| async move {
        create(&node, "t", 4).await;
        let all: Vec<_> = (0..4).map(|index| partition(&node, "t", index)).collect();
        for p in &all {
            produce(&node, *p, &["before"]).await.expect("acknowledged");
        }
        let on_second: Vec<bool> = all.iter().map(|p| p.shard.0 == 1).collect();
        assert!(on_second.contains(&true) && on_second.contains(&false));
        disk.fail(fail_writes("/shard-1/"));
        let seen: Vec<_> = all.iter().map(|p| (*p, 1)).collect();
        let watch = node.watch(&seen);
        for (p, second) in all.iter().zip(&on_second) {
            let answer = produce(&node, *p, &["after"]).await;
            match second {
                true => assert_eq!(answer, Err(Refusal::StorageStopped)),
                false => assert_eq!(answer.map(|a| a.base_offset), Ok(1)),
            }
        }
        watch.await;
        assert_eq!(node.faults().len(), 1, "{:?}", node.faults());
        for (p, second) in all.iter().zip(&on_second) {
            let read = read_at(&node, *p, 0).await;
            let again = produce(&node, *p, &["again"]).await;
            assert_eq!((read.is_err(), again.is_err()), (*second, *second));
        }
        // The metadata lives on, so topics can be created and deleted; the healthy shard follows,
        // and everything new goes there.
        create(&node, "u", 4).await;
        for index in 0..4 {
            let p = partition(&node, "u", index);
            assert_eq!(p.shard.0, 0, "not on a shard that stopped");
            produce(&node, p, &["new"]).await.expect("acknowledged");
        }
        assert!(node.delete_topics(vec![TopicRef::Name("t".into())]).await[0].is_ok());
        let closed = node.close().await;
        assert!(closed.is_err(), "the fault is told again at the end");
    });
    scene.disk.heal();
    scene.crash(Crash::Kill);
    scene.with_node(options(), |_, node| async move {
        assert!(node.image().topic("t").is_none());
        for index in 0..4 {
            let p = partition(&node, "u", index);
            produce(&node, p, &["well"]).await.expect("it comes back through recovery");
        }
        let aside = node.report().shards.iter().map(|shard| shard.set_aside.len()).sum::<usize>();
        assert_eq!(aside, 0, "the delete is made up for");
    });
}

/// Groups whose shard stopped are missing in the list of all; the others are in it.
#[test]
fn groups_are_listed_although_a_shard_stopped() {
    let mut scene = Scene::new(50);
    let disk = scene.disk.clone();
    let mut options = options();
    options.broker.set("offsets.topic.num.partitions", "4").expect("a number");
    scene.with_node(options, move |core, node| async move {
        node.coordinator_node("g").await.expect("the topic is created");
        let all = loop {
            match node.coordinators() {
                Ok(all) => break all,
                Err(Refusal::CoordinatorLoadInProgress) => {
                    core.sleep(Duration::from_millis(1)).await
                }
                Err(why) => panic!("{why:?}"),
            }
        };
        assert_eq!(all.len(), 4);
        disk.fail(fail_writes("/shard-1/"));
        let parts = (0..4).map(|index| partition(&node, "__consumer_offsets", index));
        let lost: Vec<_> = parts.filter(|p| p.shard.0 == 1).collect();
        assert!(!lost.is_empty() && lost.len() < 4, "{lost:?}");
        assert_eq!(produce(&node, lost[0], &["x"]).await, Err(Refusal::StorageStopped));
        core.sleep(Duration::from_secs(1)).await;
        assert_eq!(node.coordinators().map(|left| left.len()), Ok(4 - lost.len()));
    });
}

#[test]
fn without_its_metadata_a_node_serves_what_it_has_and_changes_nothing() {
    let mut scene = Scene::new(41);
    let disk = scene.disk.clone();
    scene.with_node(options(), move |_, node| async move {
        create(&node, "t", 2).await;
        disk.fail(fail_writes("/shard-0/"));
        let refused = node.create_topics(vec![crate::NewTopic::named("u")], false).await;
        assert_eq!(refused, [Err(Refusal::StorageStopped)]);
        let deleted = node.delete_topics(vec![TopicRef::Name("t".into())]).await;
        assert_eq!(deleted, [Err(Refusal::StorageStopped)]);
        let p = (0..2).map(|index| partition(&node, "t", index)).find(|p| p.shard.0 == 1);
        let p = p.expect("one partition is on the healthy shard");
        produce(&node, p, &["a"]).await.expect("acknowledged");
        assert_eq!(read_all(&node, p).await, ["a"]);
    });
}

#[test]
fn a_full_inbox_refuses_and_room_makes_a_session_wait() {
    let mut scene = Scene::new(42);
    let small = NodeOptions { inbox_commands_max: 4, inbox_bytes_max: 10_000, ..options() };
    scene.with_node(small, |_, node| async move {
        create(&node, "t", 1).await;
        let p = partition(&node, "t", 0);
        let flights: Vec<_> = (0..7).map(|_| send(&node, p, &["x"])).collect();
        let mut outcomes = Vec::new();
        for flight in flights {
            outcomes.push(flight.await.map(|answer| answer.base_offset));
        }
        let no = Err(Refusal::Overloaded);
        let ok = [Ok(0), Ok(1), Ok(2), Ok(3)];
        assert_eq!(outcomes[..4], ok);
        assert_eq!(outcomes[4..], [no.clone(), no.clone(), no]);
        for _ in 0..20 {
            node.room(100).await;
            _ = send(&node, p, &["y"]);
        }
        node.room(100).await;
        produce(&node, p, &["end"]).await.expect("acknowledged");
        assert_eq!(read_all(&node, p).await.len(), 4 + 20 + 1, "none was turned away");
    });
}

/// More bytes than ring and memory hold, handed in as fast as room allows.
#[test]
fn more_than_fits_is_backpressure_and_everything_arrives_in_order() {
    let mut scene = Scene::new(43);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 2).await;
        let parts = [partition(&node, "t", 0), partition(&node, "t", 1)];
        let big = "v".repeat(20_000);
        let mut flights = Vec::new();
        for i in 0..400 {
            node.room(big.len()).await;
            flights.push(send(&node, parts[i % 2], &[&format!("{i} {big}")]));
        }
        for flight in flights {
            flight.await.expect("acknowledged");
        }
        for (at, p) in parts.into_iter().enumerate() {
            let got = read_all(&node, p).await;
            let got: Vec<usize> = got
                .iter()
                .map(|v| v.split(' ').next().and_then(|n| n.parse().ok()).expect("ours"))
                .collect();
            assert_eq!(got, (0..400).filter(|i| i % 2 == at).collect::<Vec<_>>());
        }
    });
}

/// What a machine appends waits for the room that it takes. It waited for a small entry's: while
/// one fitted into the block that fills and the batch did not, it tried again without ever giving
/// way, and the core hung.
#[test]
fn an_append_of_our_own_gives_way_until_its_whole_batch_has_room() {
    let mut scene = Scene::new(49);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let p = partition(&node, "t", 0);
        let shard = node.shard(p);
        // Blocks of 64 KiB, of which 4 may wait to be written: each of these leaves 10 KiB free.
        let filling = "v".repeat(18 << 10);
        let mut first: Vec<_> = (0..15)
            .map(|_| Box::pin(shard.append_own(p, batch(&[&filling]))))
            .chain([Box::pin(shard.append_own(p, batch(&[&"w".repeat(20 << 10)])))])
            .collect();
        let mut waits = 0;
        std::future::poll_fn(|context| {
            first.retain_mut(|append| append.as_mut().poll(context).is_pending());
            waits = first.len();
            std::task::Poll::Ready(())
        })
        .await;
        assert_eq!(waits, 1, "the last one finds no room and gives way");
        assert_eq!(first.remove(0).await, Ok(16));
        // More than any block holds is refused, however little room there is.
        let huge = "h".repeat(200 << 10);
        assert_eq!(shard.append_own(p, batch(&[&huge])).await, Err(Refusal::MessageTooLarge));
        produce(&node, p, &["and so on"]).await.expect("acknowledged");
        let read = read_all(&node, p).await;
        assert_eq!((read.len(), &*read[16]), (17, "and so on"));
    });
}

#[test]
fn bad_batches_are_refused_and_leave_no_trace() {
    let mut scene = Scene::new(44);
    scene.with_node(options(), |core, node| async move {
        create_with(&node, "small", 1, &[("max.message.bytes", "200")]).await;
        create_with(&node, "compacted", 1, &[("cleanup.policy", "compact")]).await;
        create_with(&node, "now", 1, &[("message.timestamp.before.max.ms", "1000")]).await;
        let [small, compacted, now] = ["small", "compacted", "now"].map(|t| partition(&node, t, 0));
        let refused = |p, batch: Slice| send_as(&node, p, batch, Acks::All);
        let large = "x".repeat(500);
        let answer = refused(small, batch(&[&large])).await;
        assert_eq!(answer, Err(Refusal::MessageTooLarge));
        let mut keyless = BatchBuilder::new();
        keyless.append(core.wall().0, None, Some(b"v"), &[]);
        let answer = refused(compacted, Slice::of_vec(keyless.finish(Codec::None))).await;
        assert!(matches!(answer, Err(Refusal::InvalidRecord { .. })), "{answer:?}");
        let answer = refused(now, batch(&["old"])).await;
        assert!(matches!(answer, Err(Refusal::InvalidTimestamp { .. })), "{answer:?}");
        let mut broken = batch(&["a"]).to_vec();
        *broken.last_mut().expect("a batch has bytes") ^= 1;
        let answer = refused(small, Slice::of_vec(broken)).await;
        assert!(matches!(answer, Err(Refusal::CorruptBatch(_))), "{answer:?}");
        let mut transactional = BatchBuilder::new().producer(1, 0, 0).transactional();
        transactional.append(core.wall().0, None, Some(b"v"), &[]);
        let answer = refused(small, Slice::of_vec(transactional.finish(Codec::None))).await;
        assert_eq!(answer, Err(Refusal::TransactionalIdMissing));
        let empty = refused(small, Slice::empty()).await;
        assert!(empty.is_err());
        for p in [small, compacted, now] {
            assert_eq!(node.position(p).map(|p| p.high_watermark), Ok(0), "nothing was stored");
        }
        let mut idempotent = BatchBuilder::new().producer(77, 3, 5);
        idempotent.append(core.wall().0, Some(b"k"), Some(b"v"), &[]);
        let bytes = idempotent.finish(Codec::None);
        assert!(refused(small, Slice::of_vec(bytes)).await.is_ok());
        let answer = read_at(&node, small, 0).await.expect("readable");
        let pieces: Vec<&[u8]> = answer.slices.iter().map(|slice| &slice[..]).collect();
        let view = engine_record::BatchView::parse(engine_record::Rope::new(&pieces), 0);
        let header = *view.expect("a batch").header();
        assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), (77, 3, 5));
    });
}

/// Below the reserve produce is refused; reading and deleting go on, and it resumes by itself.
#[test]
fn a_full_disk_refuses_produce_and_nothing_else() {
    let mut scene = Scene::new(47);
    let disk = scene.disk.clone();
    scene.with_node(options(), move |core, node| async move {
        // The records of these tests are of 1970: they stay only where nothing is too old.
        create_with(&node, "t", 1, &[("retention.ms", "-1")]).await;
        create(&node, "u", 1).await;
        let p = partition(&node, "t", 0);
        produce(&node, p, &["a"]).await.expect("acknowledged");
        disk.set_capacity(disk.used() + (500 << 10));
        core.sleep(Duration::from_secs(3)).await;
        assert_eq!(produce(&node, p, &["b"]).await, Err(Refusal::StorageFull));
        assert_eq!(read_all(&node, p).await, ["a"]);
        assert_eq!(node.delete_records(p, -1).await, Ok(1));
        let deleted = node.delete_topics(vec![TopicRef::Name("u".into())]).await;
        assert!(deleted[0].is_ok(), "{deleted:?}");
        create(&node, "v", 1).await;
        disk.set_capacity(256 << 20);
        core.sleep(Duration::from_secs(3)).await;
        produce(&node, p, &["c"]).await.expect("it resumes by itself");
        assert_eq!(read_all(&node, p).await, ["c"]);
        assert_eq!(node.faults(), []);
    });
}

/// A disk without a byte left and a ring that fills up: what was committed takes effect as soon as
/// there is room, and until then a partition is without leader, never unknown.
#[test]
fn a_committed_topic_comes_to_be_although_there_was_no_room_for_it() {
    let mut scene = Scene::new(48);
    let disk = scene.disk.clone();
    let mut options = options();
    options.cores = 1;
    options.store.journal_file_bytes = 64 << 10;
    options.store.block_bytes_max = 16 << 10;
    let again = options.clone();
    let made = scene.with_node(options, move |core, node| async move {
        create(&node, "before", 1).await;
        disk.set_capacity(disk.used());
        core.sleep(Duration::from_secs(3)).await;
        let mut made = 0;
        let late = loop {
            let name = format!("t{made}");
            let topic = NewTopic { partitions: 40, ..NewTopic::named(&name) };
            let answers = node.create_topics(vec![topic], false).await;
            assert!(answers[0].is_ok(), "the metadata still has room: {answers:?}");
            made += 1;
            let missing = (0..40).filter_map(|index| node.partition(&name, index).err());
            let missing: Vec<Refusal> = missing.collect();
            if !missing.is_empty() {
                assert!(missing.iter().all(|no| *no == Refusal::LeaderNotAvailable), "{missing:?}");
                break name;
            }
            assert!(made < 100, "the ring has an end");
        };
        disk.set_capacity(256 << 20);
        core.sleep(Duration::from_secs(5)).await;
        for index in 0..40 {
            let p = node.partition(&late, index).expect("it came by itself");
            assert!(node.position(p).is_ok(), "and leads");
        }
        produce(&node, partition(&node, &late, 39), &["late"]).await.expect("acknowledged");
        assert_eq!(node.faults(), []);
        made
    });
    scene.with_node(again, move |_, node| async move {
        let last = format!("t{}", made - 1);
        assert_eq!(read_all(&node, partition(&node, &last, 39)).await, ["late"]);
    });
}

/// Batches that take long to open are appended in their order, and nobody else waits for them.
#[test]
fn a_batch_that_is_being_opened_holds_back_its_own_partition_only() {
    let mut scene = Scene::new(46);
    let one_shard = NodeOptions { cores: 1, ..options() };
    scene.with_node(one_shard, |core, node| async move {
        create_with(&node, "full", 1, &[("record.validation", "full")]).await;
        create(&node, "plain", 1).await;
        let (full, plain) = (partition(&node, "full", 0), partition(&node, "plain", 0));
        let zipped = |first: usize, count: usize| {
            let mut batch = BatchBuilder::new();
            for i in first..first + count {
                let value = format!("{i} {}", "x".repeat(900));
                batch.append(core.wall().0, Some(b"k"), Some(value.as_bytes()), &[]);
            }
            Slice::of_vec(batch.finish(Codec::Gzip))
        };
        let mut broken = zipped(0, 900).to_vec();
        broken.truncate(broken.len() - 9);
        let length = u32::try_from(broken.len() - 12).expect("short");
        broken[8..12].copy_from_slice(&length.to_be_bytes());
        let crc = engine_record::Rope::new(&[&broken[21..]]).crc32c(0);
        broken[17..21].copy_from_slice(&crc.to_be_bytes());
        let large = send_as(&node, full, zipped(0, 900), Acks::All);
        let wrong = send_as(&node, full, Slice::of_vec(broken), Acks::All);
        let small = send_as(&node, full, zipped(900, 1), Acks::All);
        let uncompressed = send(&node, full, &["901 y"]);
        let other = send(&node, plain, &["other"]);
        let order = Rc::new(RefCell::new(Vec::new()));
        let tell = |name: &'static str, produced: Produced| {
            let order = order.clone();
            core.spawn(Class::Net, "teller", async move {
                let answer = produced.await;
                order.borrow_mut().push(name);
                answer
            })
        };
        let (large, other) = (tell("large", large), tell("other", other));
        assert_eq!(other.await.map(|answer| answer.base_offset), Ok(0));
        assert_eq!(large.await.map(|answer| answer.base_offset), Ok(0));
        assert_eq!(*order.borrow(), ["other", "large"], "who came later went first");
        assert!(matches!(wrong.await, Err(Refusal::InvalidRecord { .. })));
        assert_eq!(small.await.map(|answer| answer.base_offset), Ok(900));
        assert_eq!(uncompressed.await.map(|answer| answer.base_offset), Ok(901));
        let got = read_all(&node, full).await;
        let numbers = got.iter().map(|v| v.split(' ').next().and_then(|n| n.parse().ok()));
        assert_eq!(numbers.collect::<Vec<_>>(), (0..902).map(Some).collect::<Vec<Option<i32>>>());
        // Closing waits for what is being opened.
        let last = send_as(&node, full, zipped(902, 900), Acks::All);
        node.close().await.expect("a clean end");
        assert_eq!(last.await.map(|answer| answer.base_offset), Ok(902));
    });
}

#[test]
fn every_codec_and_depth_passes_through_and_append_time_is_stamped() {
    let mut scene = Scene::new(45);
    scene.with_node(options(), |core, node| async move {
        for depth in ["batch", "records", "full"] {
            let name = format!("t-{depth}");
            create_with(&node, &name, 1, &[("record.validation", depth)]).await;
            let p = partition(&node, &name, 0);
            for codec in Codec::ALL {
                let mut batch = BatchBuilder::new();
                for i in 0..50 {
                    let value = format!("{}-{i}", codec.name());
                    batch.append(core.wall().0, Some(b"k"), Some(value.as_bytes()), &[]);
                }
                let bytes = batch.finish(codec);
                // Cut into pieces, as receive buffers would.
                let pieces = bytes.chunks(33).map(|piece| Slice::of_vec(piece.to_vec()));
                let batch = BatchBytes::from(pieces.collect::<Vec<_>>());
                let command = ProduceCommand {
                    partition: p,
                    batch,
                    acks: Acks::All,
                    zstd_allowed: true,
                    has_transactional_id: false,
                };
                node.produce(command).await.expect("acknowledged");
            }
            let expected = Codec::ALL
                .iter()
                .flat_map(|codec| (0..50).map(move |i| format!("{}-{i}", codec.name())));
            assert_eq!(read_all(&node, p).await, expected.collect::<Vec<_>>());
        }
        create_with(&node, "stamped", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
        let p = partition(&node, "stamped", 0);
        let answer = produce(&node, p, &["a", "b"]).await.expect("acknowledged");
        assert!((core.wall().0 - answer.log_append_time).abs() < 1_000, "{answer:?}");
        assert_eq!(read_all(&node, p).await, ["a", "b"]);
        let zstd = {
            let mut batch = BatchBuilder::new();
            batch.append(core.wall().0, Some(b"k"), Some(b"v"), &[]);
            Slice::of_vec(batch.finish(Codec::Zstd)).into()
        };
        let old = ProduceCommand {
            partition: p,
            batch: zstd,
            acks: Acks::All,
            zstd_allowed: false,
            has_transactional_id: false,
        };
        let refused = node.produce(old).await.expect_err("Produce below 7 has no zstd");
        assert!(matches!(refused, Refusal::UnsupportedCompression(_)), "{refused:?}");
    });
}
