//! Fetch sessions: what is told, what is not told again, and who has to go.

use std::collections::BTreeMap;
use std::time::Duration;

use engine_base::Uuid;
use engine_rt::Class;
use net_wire::List;
use net_wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::delete_topics::DeleteTopicsRequest;
use net_wire::messages::fetch::{FetchRequest, FetchResponse, FetchTopic, ForgottenTopic};

use crate::peer::Peer;
use crate::scene::{Scene, batch, fetch_partition, play, play_with};

/// A client with a session.
struct Reader {
    peer: Peer,
    version: i16,
    id: i32,
    epoch: i32,
    topic: String,
    topic_id: Uuid,
    wait_ms: i32,
    max_bytes: i32,
}

/// Partition, error, high watermark, log start and bytes of all that was answered.
type Told = Vec<(i32, i16, i64, i64, usize)>;

impl Reader {
    async fn new(scene: &Scene, version: i16, topic: &str) -> Reader {
        let image = scene.node.image();
        let topic_id = image.topic(topic).map_or(Uuid([7; 16]), |topic| topic.id);
        let peer = scene.peer().await;
        let topic = topic.to_owned();
        let (id, epoch, wait_ms, max_bytes) = (0, 0, 0, 1 << 20);
        Reader { peer, version, id, epoch, topic, topic_id, wait_ms, max_bytes }
    }

    fn request(&self, partitions: &[(i32, i64)], forgotten: &[i32]) -> FetchRequest {
        let topic = FetchTopic {
            topic: self.topic.clone(),
            topic_id: self.topic_id,
            partitions: partitions.iter().map(|(at, from)| fetch_partition(*at, *from)).collect(),
        };
        let gone = ForgottenTopic {
            topic: self.topic.clone(),
            topic_id: self.topic_id,
            partitions: forgotten.iter().copied().collect(),
        };
        FetchRequest {
            replica_id: -1,
            max_wait_ms: self.wait_ms,
            min_bytes: 1,
            max_bytes: self.max_bytes,
            session_id: self.id,
            session_epoch: self.epoch,
            topics: if partitions.is_empty() { List::new() } else { List::from([topic]) },
            forgotten_topics_data: match forgotten {
                [] => List::new(),
                _ => List::from([gone]),
            },
            ..Default::default()
        }
    }

    /// Asks; a good answer moves the session on.
    async fn fetch(&mut self, partitions: &[(i32, i64)]) -> (i16, Told) {
        self.fetch_and_forget(partitions, &[]).await
    }

    async fn fetch_and_forget(
        &mut self,
        partitions: &[(i32, i64)],
        forgotten: &[i32],
    ) -> (i16, Told) {
        let request = self.request(partitions, forgotten);
        let answer = self.peer.ask(&request, self.version).await;
        if answer.error_code == 0 && self.epoch >= 0 {
            (self.id, self.epoch) = (answer.session_id, self.epoch + 1);
        }
        (answer.error_code, told(&answer))
    }
}

fn told(answer: &FetchResponse) -> Told {
    let partitions = answer.responses.iter().flat_map(|topic| topic.partitions.iter());
    let told = partitions.map(|found| {
        let bytes = found.records.map_or(0, |records| records.len);
        let (index, code) = (found.partition_index, found.error_code);
        (index, code, found.high_watermark, found.log_start_offset, bytes)
    });
    told.collect()
}

/// What a Kafka 4.3.1 node answered to the same, version by version.
#[test]
fn a_session_goes_on_as_kafkas_does() {
    for version in [7, 12, 13, 18] {
        play(1, move |scene| async move {
            scene.create("t", 3, &[]).await;
            let one = batch(&["a"]).len();
            for (partition, batches) in [(0, 1), (1, 6), (2, 3)] {
                for _ in 0..batches {
                    scene.produce("t", partition, &["a"]).await;
                }
            }
            let zero = (0, 0, 1, 0, one);
            let first = (1, 0, 6, 0, 6 * one);
            let second = (2, 0, 3, 0, 3 * one);
            let mut reader = Reader::new(&scene, version, "t").await;
            assert_eq!(reader.fetch(&[(0, 0), (1, 0)]).await, (0, vec![zero, first]));
            let id = reader.id;
            assert!(id > 0);
            assert_eq!(reader.fetch(&[]).await, (0, vec![zero, first]), "it was not read on");
            reader.epoch = 1;
            assert_eq!(reader.fetch(&[]).await, (71, vec![]), "an epoch comes once");
            reader.epoch = 2;
            assert_eq!(reader.fetch(&[(2, 0)]).await, (0, vec![zero, first, second]));
            assert_eq!(reader.fetch(&[(0, 1)]).await, (0, vec![first, second]));
            assert_eq!(reader.fetch_and_forget(&[], &[1, 2]).await, (0, vec![]));
            let unknown = (9, 3, -1, -1, 0);
            assert_eq!(reader.fetch(&[(9, 0)]).await, (0, vec![unknown]));
            assert_eq!(reader.fetch(&[]).await, (0, vec![unknown]), "said each time");
            let (code, out) = reader.fetch(&[(0, 99)]).await;
            assert_eq!((code, out.contains(&(0, 1, -1, -1, 0))), (0, true));
            let (_, back) = reader.fetch(&[(0, 1)]).await;
            assert!(back.contains(&(0, 0, 1, 0, 0)), "told anew after an error: {back:?}");
            reader.max_bytes = 0;
            let (_, found) = reader.fetch(&[(0, 0)]).await;
            assert!(found.contains(&zero), "one batch is always given: {found:?}");
            reader.max_bytes = -1;
            let (_, found) = reader.fetch(&[]).await;
            assert!(found.contains(&(0, -1, -1, -1, 0)), "{found:?}");
            reader.max_bytes = 1 << 20;
            assert_eq!(reader.id, id);
            let next = std::mem::replace(&mut reader.epoch, -2);
            assert_eq!(reader.fetch(&[]).await.0, 71);
            reader.epoch = next;
            reader.version = if version < 13 { 13 } else { 12 };
            assert_eq!(reader.fetch(&[]).await.0, 106, "names or ids, not both");
            reader.version = version;
            reader.id = 12345;
            assert_eq!(reader.fetch(&[]).await.0, 70);
            (reader.id, reader.epoch) = (id, -1);
            assert_eq!(reader.fetch(&[(0, 0)]).await, (0, vec![zero]), "closed, and answered");
            (reader.id, reader.epoch) = (id, next);
            assert_eq!(reader.fetch(&[]).await.0, 70);
        });
    }
}

#[test]
fn a_partition_is_told_when_something_is_new() {
    play(2, |scene| async move {
        scene.create("t", 50, &[]).await;
        let mut reader = Reader::new(&scene, 12, "t").await;
        let all: Vec<(i32, i64)> = (0..50).map(|at| (at, 0)).collect();
        assert_eq!(reader.fetch(&all).await.1.len(), 50, "the first answer tells all");
        assert_eq!(reader.fetch(&[]).await, (0, vec![]));
        let one = batch(&["a"]).len();
        scene.produce("t", 7, &["a"]).await;
        scene.produce("t", 30, &["a"]).await;
        assert_eq!(reader.fetch(&[]).await.1, [(7, 0, 1, 0, one), (30, 0, 1, 0, one)]);
        assert_eq!(reader.fetch(&[(7, 1), (30, 1)]).await, (0, vec![]));
        let topic = DeleteRecordsTopic {
            name: "t".into(),
            partitions: List::from([DeleteRecordsPartition { partition_index: 30, offset: 1 }]),
        };
        let delete = DeleteRecordsRequest { topics: List::from([topic]), timeout_ms: 5000 };
        scene.peer().await.ask(&delete, 2).await;
        let mut seen = Vec::new();
        for _ in 0..50 {
            seen.extend(reader.fetch(&[]).await.1);
        }
        assert_eq!(seen, [(30, 0, 1, 1, 0)], "a new log start is told, once");
    });
}

#[test]
fn a_wait_over_a_session_ends_with_any_of_its_partitions() {
    play(3, |scene| async move {
        scene.create("t", 100, &[]).await;
        let mut reader = Reader::new(&scene, 13, "t").await;
        let all: Vec<(i32, i64)> = (0..100).map(|at| (at, 0)).collect();
        reader.fetch(&all).await;
        reader.wait_ms = 60_000;
        let one = batch(&["a"]).len();
        for (round, partition) in [(0, 99), (1, 0), (2, 50)] {
            let start = scene.core.now();
            let poll = scene.core.spawn(Class::Net, "poll", async move {
                let told = reader.fetch(&[]).await;
                (reader, told)
            });
            scene.core.sleep(Duration::from_secs(3)).await;
            scene.produce("t", partition, &["a"]).await;
            let (again, told) = poll.await;
            assert_eq!(told, (0, vec![(partition, 0, 1, 0, one)]), "round {round}");
            assert!(scene.core.now().since(start) < Duration::from_millis(3100));
            reader = again;
            reader.wait_ms = 0;
            assert_eq!(reader.fetch(&[(partition, 1)]).await, (0, vec![]));
            reader.wait_ms = 60_000;
        }
        let poll = scene.core.spawn(Class::Net, "poll", async move {
            let first = reader.fetch(&[]).await;
            (reader.fetch(&[]).await, first)
        });
        scene.core.sleep(Duration::from_secs(1)).await;
        let topic_names = List::from(["t".to_owned()]);
        let delete = DeleteTopicsRequest { topic_names, timeout_ms: 5000, ..Default::default() };
        scene.peer().await.ask(&delete, 5).await;
        let ((code, gone), first) = poll.await;
        assert!(!first.1.is_empty() && first.1.iter().all(|told| told.1 != 0), "{first:?}");
        assert_eq!((code, gone.len()), (0, 100));
        assert!(gone.iter().all(|told| told.1 == 100), "each says that its topic is gone");
    });
}

#[test]
fn a_partition_that_comes_later_is_found() {
    play(4, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut reader = Reader::new(&scene, 12, "t").await;
        assert_eq!(reader.fetch(&[(0, 0), (1, 0)]).await.1.len(), 2);
        assert_eq!(reader.fetch(&[]).await.1, [(1, 3, -1, -1, 0)]);
        let topic = CreatePartitionsTopic { name: "t".into(), count: 2, assignments: None };
        let topics = List::from([topic]);
        let grow = CreatePartitionsRequest { topics, timeout_ms: 5000, validate_only: false };
        scene.peer().await.ask(&grow, 3).await;
        assert_eq!(reader.fetch(&[]).await.1, [(1, 0, 0, 0, 0)]);
        assert_eq!(reader.fetch(&[]).await.1, []);
        scene.produce("t", 1, &["a"]).await;
        assert_eq!(reader.fetch(&[]).await.1.len(), 1);
    });
}

/// Its topic was named twice: once for the request that began the session, once for the one after.
#[test]
fn a_topic_is_named_once_and_its_partitions_keep_their_places() {
    play(9, |scene| async move {
        scene.create("t", 4, &[]).await;
        let mut reader = Reader::new(&scene, 12, "t").await;
        reader.fetch(&[(1, 0), (0, 0)]).await;
        reader.fetch(&[(9, 0), (3, 5), (2, 0)]).await;
        for partition in [0, 2, 1] {
            scene.produce("t", partition, &["a"]).await;
        }
        let request = reader.request(&[], &[]);
        let answer = reader.peer.ask(&request, 12).await;
        reader.epoch += 1;
        assert_eq!(answer.responses.len(), 1);
        let places = |told: Told| told.iter().map(|told| told.0).collect::<Vec<i32>>();
        assert_eq!(places(told(&answer)), [1, 0, 3, 2, 9], "as they came; who is not there last");
        let (_, again) = reader.fetch(&[]).await;
        assert_eq!(places(again), [3, 1, 0, 2, 9], "behind who was given nothing");
    });
}

#[test]
fn hot_partitions_take_turns() {
    play(5, |scene| async move {
        scene.create("t", 3, &[]).await;
        for partition in 0..3 {
            for _ in 0..10 {
                scene.produce("t", partition, &[&"x".repeat(500)]).await;
            }
        }
        let mut reader = Reader::new(&scene, 12, "t").await;
        reader.max_bytes = 1;
        let mut next = [0i64; 3];
        let mut changed: Vec<(i32, i64)> = (0..3).map(|at| (at, 0)).collect();
        let mut turns = Vec::new();
        for _ in 0..30 {
            let (_, told) = reader.fetch(&changed).await;
            changed.clear();
            for (partition, _, _, _, _) in told.iter().filter(|told| told.4 > 0) {
                next[*partition as usize] += 1;
                changed.push((*partition, next[*partition as usize]));
                turns.push(*partition);
            }
        }
        assert_eq!(next, [10; 3], "{turns:?}");
        // What it was given as the session began does not count, as with Kafka.
        assert_eq!(turns[..2], [0, 0], "{turns:?}");
        for three in turns[1..28].chunks(3) {
            let mut three = three.to_vec();
            three.sort_unstable();
            assert_eq!(three, [0, 1, 2], "{turns:?}");
        }
    });
}

/// The rule is Kafka's: whoever was silent for two minutes goes, else a smaller one that is older.
#[test]
fn a_full_cache_gives_way_to_the_silent_and_to_larger_ones() {
    let few = |options: &mut net_server::ServerOptions| options.session_partitions_max = 12;
    play_with(6, few, |scene| async move {
        scene.create("t", 20, &[]).await;
        let all = |count: i32| (0..count).map(|at| (at, 0)).collect::<Vec<(i32, i64)>>();
        let mut small = Reader::new(&scene, 12, "t").await;
        small.fetch(&all(4)).await;
        let mut large = Reader::new(&scene, 12, "t").await;
        large.fetch(&all(8)).await;
        assert!(small.id > 0 && large.id > 0);
        let mut none = Reader::new(&scene, 12, "t").await;
        assert_eq!(none.fetch(&all(5)).await.1.len(), 5, "answered all the same");
        assert_eq!(none.id, 0, "nobody goes for it yet");
        for _ in 0..5 {
            scene.core.sleep(Duration::from_secs(30)).await;
            assert_eq!((small.fetch(&[]).await.0, large.fetch(&[]).await.0), (0, 0));
        }
        (none.id, none.epoch) = (0, 0);
        none.fetch(&all(3)).await;
        assert_eq!(none.id, 0, "a smaller one does not drive a larger one out");
        (none.id, none.epoch) = (0, 0);
        none.fetch(&all(4)).await;
        assert!(none.id > 0);
        assert_eq!(small.fetch(&[]).await.0, 70, "it had to go");
        for _ in 0..5 {
            scene.core.sleep(Duration::from_secs(30)).await;
            assert_eq!(none.fetch(&[]).await.0, 0);
        }
        let mut new = Reader::new(&scene, 12, "t").await;
        new.fetch(&all(1)).await;
        assert!(new.id > 0);
        assert_eq!((large.fetch(&[]).await.0, none.fetch(&[]).await.0), (70, 0), "it was silent");
    });
}

#[test]
fn a_session_whose_client_went_away_in_the_middle_is_gone_and_one_that_begins_again_is_new() {
    play(7, |scene| async move {
        scene.create("t", 2, &[]).await;
        let mut reader = Reader::new(&scene, 12, "t").await;
        reader.fetch(&[(0, 0)]).await;
        let (id, epoch) = (reader.id, reader.epoch);
        reader.wait_ms = 60_000;
        let request = reader.request(&[], &[]);
        let frame = reader.peer.frame(&request, 12, &[]);
        reader.peer.send(&frame).await;
        scene.core.sleep(Duration::from_secs(1)).await;
        let mut other = Reader::new(&scene, 12, "t").await;
        (other.id, other.epoch) = (id, epoch + 1);
        assert_eq!(other.fetch(&[]).await.0, 71, "a session has one fetch at a time");
        drop(reader);
        scene.core.sleep(Duration::from_secs(1)).await;
        assert_eq!(other.fetch(&[]).await.0, 70);
        (other.id, other.epoch) = (0, 0);
        other.fetch(&[(0, 0)]).await;
        let first = other.id;
        other.epoch = 0;
        other.fetch(&[(1, 0)]).await;
        assert!(other.id > 0 && other.id != first);
        let second = other.id;
        (other.id, other.epoch) = (first, 1);
        assert_eq!(other.fetch(&[]).await.0, 70, "a new one ends the old one");
        (other.id, other.epoch) = (second, 1);
        assert_eq!(other.fetch_and_forget(&[], &[1]).await, (0, vec![]));
        assert_eq!(other.id, 0, "a session of nothing ends, as by Kafka");
    });
}

/// Whatever happens to its partitions, a reader that tells only what changed gets every record
/// once and in order, and knows in the end where each partition begins and ends.
#[test]
fn a_session_misses_nothing() {
    for seed in 0..12u64 {
        play(100 + seed, move |scene| async move {
            const PARTITIONS: usize = 8;
            scene.create("t", PARTITIONS as i32, &[]).await;
            let mut reader = Reader::new(&scene, if seed % 2 == 0 { 12 } else { 16 }, "t").await;
            let below = |n: u64| scene.core.random() % n;
            let mut next = [0i64; PARTITIONS];
            let mut known: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
            let mut changed: Vec<(i32, i64)> = (0..PARTITIONS as i32).map(|at| (at, 0)).collect();
            for step in 0..150 {
                for _ in 0..below(3) {
                    let partition = below(PARTITIONS as u64) as i32;
                    scene.produce("t", partition, &["some", "more"]).await;
                }
                if below(10) == 0 {
                    let partition = below(PARTITIONS as u64) as i32;
                    let offset = next[partition as usize];
                    let partitions =
                        List::from([DeleteRecordsPartition { partition_index: partition, offset }]);
                    let topic = DeleteRecordsTopic { name: "t".into(), partitions };
                    let topics = List::from([topic]);
                    let delete = DeleteRecordsRequest { topics, timeout_ms: 5000 };
                    scene.peer().await.ask(&delete, 2).await;
                }
                reader.max_bytes = [1, 200, 1 << 20][below(3) as usize];
                reader.wait_ms = [0, 0, 5][below(3) as usize];
                let (code, told) = reader.fetch(&changed).await;
                assert_eq!(code, 0, "seed {seed} step {step}");
                changed.clear();
                for (partition, code, end, start, bytes) in told {
                    assert_eq!(code, 0, "seed {seed} step {step}");
                    known.insert(partition, (end, start));
                    let batches = bytes / batch(&["some", "more"]).len();
                    assert_eq!(bytes % batch(&["some", "more"]).len(), 0);
                    if batches > 0 {
                        next[partition as usize] += 2 * batches as i64;
                        assert!(next[partition as usize] <= end, "seed {seed} step {step}");
                        changed.push((partition, next[partition as usize]));
                    }
                }
            }
            (reader.max_bytes, reader.wait_ms) = (1 << 20, 0);
            for _ in 0..PARTITIONS {
                for (partition, _, end, start, bytes) in reader.fetch(&changed).await.1 {
                    known.insert(partition, (end, start));
                    let batches = bytes / batch(&["some", "more"]).len();
                    next[partition as usize] += 2 * batches as i64;
                    changed.retain(|(at, _)| *at != partition);
                    changed.push((partition, next[partition as usize]));
                }
            }
            for partition in 0..PARTITIONS as i32 {
                let at = scene.node.partition("t", partition).expect("is there");
                let position = scene.node.position(at).expect("is led");
                let now = (position.high_watermark, position.log_start);
                assert_eq!(known[&partition], now, "seed {seed} partition {partition}");
                assert_eq!(next[partition as usize], now.0, "seed {seed} partition {partition}");
            }
        });
    }
}
