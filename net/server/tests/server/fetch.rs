//! Fetch: every version, whole batches by reference, long polls that events end.

use std::time::Duration;

use engine_record::Codec;
use engine_rt::Class;
use net_wire::List;
use net_wire::messages::delete_topics::DeleteTopicsRequest;
use net_wire::messages::fetch::{FetchRequest, FetchResponse, PartitionData};

use crate::scene::{
    Scene, batch, batch_in, fetch_partition, fetch_request, play, play_with, produce_request,
};

/// Code and bytes of each partition of the first topic.
fn found(response: &FetchResponse) -> Vec<(i16, usize)> {
    let partitions = response.responses[0].partitions.iter();
    partitions.map(|found| (found.error_code, bytes(found))).collect()
}

fn bytes(found: &PartitionData) -> usize {
    found.records.expect("never null").len
}

async fn fetch(scene: &Scene, request: &FetchRequest) -> FetchResponse {
    scene.peer().await.ask(request, 12).await
}

#[test]
fn every_version_is_answered_with_what_was_produced() {
    play(1, |scene| async move {
        scene.create("t", 1, &[]).await;
        let sent = batch(&["a", "b"]);
        scene.produce("t", 0, &["a", "b"]).await;
        let id = scene.node.image().topic("t").expect("created").id;
        let mut peer = scene.peer().await;
        for version in 4..=18 {
            let mut request = fetch_request("t", 0, 0);
            if version >= 13 {
                request.topics[0].topic_id = id;
            }
            let bytes = peer.frame(&request, version, &[]);
            peer.send(&bytes).await;
            let answer = peer.receive().await.expect("an answer");
            let (_, response) = crate::peer::decode::<FetchRequest>(&answer, version);
            assert_eq!((response.error_code, response.session_id), (0, 0));
            let topic = &response.responses[0];
            assert_eq!(topic.topic_id == id, version >= 13);
            let partition = &topic.partitions[0];
            assert_eq!((partition.error_code, partition.high_watermark), (0, 2));
            assert_eq!(partition.last_stable_offset, 2);
            assert_eq!(partition.log_start_offset, if version >= 5 { 0 } else { -1 });
            assert!(partition.aborted_transactions.is_none(), "read_uncommitted");
            // All but base offset and leader epoch is as it was sent.
            let part = &sent[21..];
            assert!(answer.windows(part.len()).any(|bytes| bytes == part), "version {version}");
        }
        let counts = scene.counts();
        assert_eq!(counts.payload_bytes_out, 15 * sent.len() as u64);
    });
}

#[test]
fn the_first_batch_comes_however_large_and_limits_hold_after_it() {
    play(2, |scene| async move {
        scene.create("t", 3, &[]).await;
        let len = batch(&[&"x".repeat(1000)]).len();
        for partition in 0..3 {
            for _ in 0..3 {
                scene.produce("t", partition, &[&"x".repeat(1000)]).await;
            }
        }
        let request = |max_bytes, partition_max_bytes| {
            let mut request = FetchRequest { max_bytes, ..fetch_request("t", 0, 0) };
            request.topics[0].partitions =
                (0..3).map(|partition| fetch_partition(partition, 0)).collect();
            for partition in &mut request.topics[0].partitions {
                partition.partition_max_bytes = partition_max_bytes;
            }
            request
        };
        let all = 1 << 20;
        let got = found(&fetch(&scene, &request(all, all)).await);
        assert_eq!(got, [(0, 3 * len), (0, 3 * len), (0, 3 * len)]);
        let got = found(&fetch(&scene, &request(0, all)).await);
        assert_eq!(got, [(0, len), (0, 0), (0, 0)], "one batch, then nothing");
        let got = found(&fetch(&scene, &request(all, 1)).await);
        assert_eq!(got, [(0, len), (0, 0), (0, 0)], "of the first partition that has one");
        let limit = i32::try_from(2 * len).expect("small");
        let got = found(&fetch(&scene, &request(all, limit)).await);
        assert_eq!(got, [(0, 2 * len), (0, 2 * len), (0, 2 * len)]);
        let got = found(&fetch(&scene, &request(limit * 2, all)).await);
        assert_eq!(got, [(0, 3 * len), (0, len), (0, 0)], "what is left of the whole");
        let mut from_the_end = request(0, all);
        from_the_end.topics[0].partitions[0].fetch_offset = 3;
        let got = found(&fetch(&scene, &from_the_end).await);
        assert_eq!(got, [(0, 0), (0, len), (0, 0)], "the first that has data");
    });
}

/// A request that names a partition twice was answered twice.
#[test]
fn a_partition_that_is_named_twice_is_answered_once() {
    play(6, |scene| async move {
        scene.create("t", 40, &[]).await;
        let len = batch(&["a"]).len();
        for partition in [1, 2, 2] {
            scene.produce("t", partition, &["a"]).await;
        }
        let of_t = |asked: &[(i32, i64)]| {
            let mut topic = fetch_request("t", 0, 0).topics[0].clone();
            topic.partitions = asked.iter().map(|(at, from)| fetch_partition(*at, *from)).collect();
            topic
        };
        let told = |answer: &FetchResponse| -> Vec<(i32, i16, usize)> {
            let partitions = answer.responses.iter().flat_map(|topic| topic.partitions.iter());
            let one =
                |found: &PartitionData| (found.partition_index, found.error_code, bytes(found));
            partitions.map(one).collect()
        };
        let mut request = fetch_request("t", 0, 0);
        // The place of the first, the offset of the last; who is not there comes last.
        request.topics = List::from([of_t(&[(99, 0), (2, 7), (1, 0), (99, 1), (2, 1)])]);
        let want = [(2, 0, len), (1, 0, len), (99, 3, 0)];
        assert_eq!(told(&fetch(&scene, &request).await), want);
        request.topics = List::from([of_t(&[(2, 7)]), of_t(&[(1, 0), (2, 0)])]);
        let answer = fetch(&scene, &request).await;
        assert_eq!(told(&answer), [(2, 0, 2 * len), (1, 0, len)]);
        assert_eq!(answer.responses.len(), 1, "and its topic too");
        let many: Vec<(i32, i64)> = (0..80).map(|at| (39 - at % 40, 0)).collect();
        request.topics = List::from([of_t(&many)]);
        let told: Vec<i32> =
            told(&fetch(&scene, &request).await).iter().map(|told| told.0).collect();
        assert_eq!(told, (0..40).rev().collect::<Vec<i32>>());
    });
}

#[test]
fn a_long_poll_ends_with_the_event_and_not_before() {
    for seed in 0..5 {
        play(seed, |scene| async move {
            scene.create("t", 2, &[]).await;
            let waiting = scene.clone();
            let start = scene.core.now();
            let poll = scene.core.spawn(Class::Net, "poll", async move {
                let mut request = FetchRequest { max_wait_ms: 60_000, ..fetch_request("t", 0, 0) };
                request.topics[0].partitions =
                    List::from([fetch_partition(0, 0), fetch_partition(1, 0)]);
                let response = fetch(&waiting, &request).await;
                (waiting.core.now(), response)
            });
            scene.core.sleep(Duration::from_secs(7)).await;
            scene.produce("t", 1, &["news"]).await;
            let (at, response) = poll.await;
            let took = at.since(start);
            assert!(took >= Duration::from_secs(7) && took < Duration::from_millis(7050));
            assert_eq!(found(&response)[0], (0, 0));
            assert_eq!(found(&response)[1], (0, batch(&["news"]).len()));
        });
    }
}

#[test]
fn a_long_poll_waits_for_enough_bytes_or_its_time() {
    play(6, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["one"]).await;
        let len = batch(&["one"]).len();
        let min_bytes = i32::try_from(2 * len).expect("small");
        let request = FetchRequest { max_wait_ms: 500, min_bytes, ..fetch_request("t", 0, 0) };
        let start = scene.core.now();
        assert_eq!(found(&fetch(&scene, &request).await), [(0, len)], "what there is");
        let took = scene.core.now().since(start);
        assert!((500..520).contains(&took.as_millis()), "{took:?}");
        let waiting = scene.clone();
        let poll = scene.core.spawn(Class::Net, "poll", async move {
            let request =
                FetchRequest { max_wait_ms: 60_000, min_bytes, ..fetch_request("t", 0, 0) };
            fetch(&waiting, &request).await
        });
        scene.core.sleep(Duration::from_millis(100)).await;
        let start = scene.core.now();
        scene.produce("t", 0, &["two"]).await;
        assert_eq!(found(&poll.await), [(0, 2 * len)]);
        assert!(scene.core.now().since(start) < Duration::from_millis(50));
    });
}

#[test]
fn errors_end_a_wait_and_name_their_partition() {
    play(7, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["a"]).await;
        let cases: [(&str, i32, i64, i32, i16); 7] = [
            ("t", 0, 2, -1, 1),
            ("t", 0, -1, -1, 1),
            ("t", 5, 0, -1, 3),
            ("u", 0, 0, -1, 3),
            ("t", 0, 0, 9, 75),
            ("t", 0, 1, -2, 0),
            ("t", 0, 1, 0, 0),
        ];
        for (topic, partition, offset, epoch, code) in cases {
            let wait = if code == 0 { 10 } else { 60_000 };
            let mut request =
                FetchRequest { max_wait_ms: wait, ..fetch_request(topic, partition, offset) };
            request.topics[0].partitions[0].current_leader_epoch = epoch;
            let start = scene.core.now();
            let response = fetch(&scene, &request).await;
            assert_eq!(found(&response), [(code, 0)], "{topic}-{partition} at {offset}");
            assert!(scene.core.now().since(start) < Duration::from_secs(1));
        }
    });
}

#[test]
fn an_old_epoch_is_told_the_leader_and_where_it_is() {
    play(12, |scene| async move {
        scene.create("t", 1, &[]).await;
        let scene = scene.again().await;
        let mut request = fetch_request("t", 0, 0);
        request.topics[0].topic_id = scene.node.image().topic("t").expect("created").id;
        request.topics[0].partitions[0].current_leader_epoch = 0;
        let response = scene.peer().await.ask(&request, 16).await;
        assert_eq!(found(&response), [(74, 0)]);
        let leader = &response.responses[0].partitions[0].current_leader;
        assert_eq!((leader.leader_id, leader.leader_epoch), (0, 1));
        let node = &response.node_endpoints[0];
        assert_eq!((node.node_id, &*node.host, node.port), (0, "localhost", 9092));
        request.topics[0].partitions[0].current_leader_epoch = 9;
        let response = scene.peer().await.ask(&request, 16).await;
        assert_eq!(found(&response), [(75, 0)]);
        assert!(response.node_endpoints.is_empty(), "it knows better than we do");
    });
}

/// A reader whose last epoch ended before its offset must cut its log; one that had an epoch that
/// never was here starts anew.
#[test]
fn a_reader_whose_log_parted_from_this_one_is_told_where() {
    play(13, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["a"]).await;
        let scene = scene.again().await;
        scene.produce("t", 0, &["b"]).await;
        let ask = async |last_fetched_epoch, offset| {
            let mut request = FetchRequest { max_wait_ms: 60_000, ..fetch_request("t", 0, offset) };
            request.topics[0].partitions[0].last_fetched_epoch = last_fetched_epoch;
            let response = scene.peer().await.ask(&request, 12).await;
            let partition = &response.responses[0].partitions[0];
            let parted = &partition.diverging_epoch;
            let code = partition.error_code;
            (code, parted.epoch, parted.end_offset, found(&response)[0].1 > 0)
        };
        assert_eq!(ask(-1, 1).await, (0, -1, -1, true));
        assert_eq!(ask(0, 1).await, (0, -1, -1, true));
        assert_eq!(ask(0, 2).await, (0, 0, 1, false));
        assert_eq!(ask(1, 1).await, (0, -1, -1, true));
        assert_eq!(ask(9, 1).await, (1, -1, -1, false));
    });
}

#[test]
fn a_topic_that_is_deleted_ends_the_wait() {
    play(8, |scene| async move {
        scene.create("t", 1, &[]).await;
        let waiting = scene.clone();
        let poll = scene.core.spawn(Class::Net, "poll", async move {
            let request = FetchRequest { max_wait_ms: 60_000, ..fetch_request("t", 0, 0) };
            fetch(&waiting, &request).await
        });
        scene.core.sleep(Duration::from_secs(1)).await;
        let names = List::from(["t".to_owned()]);
        let delete =
            DeleteTopicsRequest { topic_names: names, timeout_ms: 5000, ..Default::default() };
        scene.peer().await.ask(&delete, 5).await;
        assert_eq!(found(&poll.await), [(3, 0)]);
    });
}

#[test]
fn requests_that_contradict_themselves_are_refused_as_a_whole() {
    play(9, |scene| async move {
        scene.create("t", 1, &[]).await;
        let usual = || fetch_request("t", 0, 0);
        for (request, code) in [
            (FetchRequest { session_epoch: 3, ..usual() }, 70),
            (FetchRequest { session_id: 5, session_epoch: 1, ..usual() }, 70),
            (FetchRequest { session_id: 5, session_epoch: -1, ..usual() }, 0),
            (FetchRequest { replica_id: 0, ..usual() }, 31),
            (FetchRequest { isolation_level: 7, ..usual() }, -1),
        ] {
            let response = fetch(&scene, &request).await;
            assert_eq!((response.error_code, response.session_id), (code, 0));
            let old = scene.peer().await.ask(&request, 4).await;
            assert_eq!(found(&old).len(), 1, "each partition is told");
        }
        let committed = FetchRequest { isolation_level: 1, ..usual() };
        let response = fetch(&scene, &committed).await;
        let aborted = &response.responses[0].partitions[0].aborted_transactions;
        assert!(aborted.as_ref().is_some_and(List::is_empty), "none, but not null");
    });
}

/// A Kafka 4.3.1 node answers zstd batches to every version, also to those below 10.
#[test]
fn old_versions_are_given_zstd_as_it_lies_there() {
    play(10, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        let mut all = 0;
        for codec in [Codec::Gzip, Codec::Zstd, Codec::None] {
            let bytes = batch_in(codec, &["a"]);
            all += bytes.len();
            peer.ask_with(&produce_request("t", 0, bytes.len()), 9, &[&bytes]).await;
        }
        for version in [4, 9, 10] {
            let answer = peer.ask(&fetch_request("t", 0, 0), version).await;
            assert_eq!(found(&answer), [(0, all)], "version {version}");
        }
    });
}

#[test]
fn answers_share_their_bytes_and_nobody_starves() {
    let little = |options: &mut net_server::ServerOptions| {
        options.answers_bytes_max = 8000;
        options.batches_bytes_max = 3000;
    };
    play_with(11, little, |scene| async move {
        scene.create("t", 2, &[]).await;
        for partition in 0..2 {
            for _ in 0..5 {
                scene.produce("t", partition, &[&"x".repeat(2000)]).await;
            }
        }
        let mut polls = Vec::new();
        for _ in 0..20 {
            let scene = scene.clone();
            let core = scene.core.clone();
            polls.push(core.spawn(Class::Net, "poll", async move {
                let mut request = fetch_request("t", 0, 0);
                request.topics[0].partitions =
                    List::from([fetch_partition(0, 0), fetch_partition(1, 0)]);
                fetch(&scene, &request).await
            }));
        }
        for poll in polls {
            let response = poll.await;
            assert!(bytes(&response.responses[0].partitions[0]) > 2000, "at least one batch");
        }
    });
}
