//! What holds for a connection whatever is asked over it: order, silence, limits, ends.

use std::time::Duration;

use engine_rt::sync::{Either, race};
use net_server::{Closed, Notice};
use net_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::fetch::FetchRequest;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::metadata::MetadataRequest;
use net_wire::messages::produce::ProduceRequest;
use net_wire::{List, Reader, frame};

use crate::scene::{batch, fetch_request, play, play_with, produce_request};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn requests_sent_ahead_begin_and_are_answered_in_order() {
    for seed in 0..10 {
        play(seed, |scene| async move {
            scene.create("t", 2, &[]).await;
            let mut peer = scene.peer().await;
            let mut bytes = Vec::new();
            for number in 0..60 {
                let batch = batch(&[&format!("{number}")]);
                let request = produce_request("t", number % 2, batch.len());
                bytes.extend(peer.frame(&request, 9, &[&batch]));
            }
            peer.send(&bytes).await;
            for number in 0..60 {
                let (correlation, response) = peer.response::<ProduceRequest>(9).await;
                assert_eq!(correlation, number + 1);
                let partition = &response.responses[0].partition_responses[0];
                assert_eq!((partition.index, partition.error_code), (number % 2, 0));
                assert_eq!(partition.base_offset, i64::from(number / 2));
            }
        });
    }
}

#[test]
fn a_client_that_sends_ahead_sees_what_one_at_a_time_would_show() {
    play(3, |scene| async move {
        let mut peer = scene.peer().await;
        let create = CreateTopicsRequest {
            topics: List::from([CreatableTopic {
                name: "t".to_owned(),
                num_partitions: 1,
                replication_factor: 1,
                ..Default::default()
            }]),
            timeout_ms: 5000,
            validate_only: false,
        };
        let batch = batch(&["a", "b"]);
        let latest = ListOffsetsRequest {
            replica_id: -1,
            topics: List::from([ListOffsetsTopic {
                name: "t".to_owned(),
                partitions: List::from([ListOffsetsPartition {
                    partition_index: 0,
                    current_leader_epoch: -1,
                    timestamp: -1,
                }]),
            }]),
            ..Default::default()
        };
        let mut bytes = peer.frame(&create, 5, &[]);
        bytes.extend(peer.frame(&produce_request("t", 0, batch.len()), 9, &[&batch]));
        bytes.extend(peer.frame(&latest, 7, &[]));
        bytes.extend(peer.frame(&fetch_request("t", 0, 0), 12, &[]));
        peer.send(&bytes).await;
        peer.response::<CreateTopicsRequest>(5).await;
        let (_, produced) = peer.response::<ProduceRequest>(9).await;
        assert_eq!(produced.responses[0].partition_responses[0].error_code, 0);
        let (_, listed) = peer.response::<ListOffsetsRequest>(7).await;
        assert_eq!(listed.topics[0].partitions[0].offset, 2);
        let (_, fetched) = peer.response::<FetchRequest>(12).await;
        let records = fetched.responses[0].partitions[0].records.expect("not null");
        assert_eq!(records.len, batch.len());
    });
}

#[test]
fn little_may_be_on_its_way_and_everything_is_answered() {
    let little = |options: &mut net_server::ServerOptions| {
        options.in_flight_requests_max = 2;
        options.in_flight_bytes_max = 1000;
        options.large_frames_bytes_max = 1000;
    };
    play_with(4, little, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        let mut bytes = Vec::new();
        for number in 0..40 {
            // Some are larger than everything that may be on its way.
            let value = "x".repeat(if number % 10 == 3 { 300_000 } else { 100 });
            let batch = batch(&[&value]);
            bytes.extend(peer.frame(&produce_request("t", 0, batch.len()), 9, &[&batch]));
        }
        peer.send(&bytes).await;
        for number in 0..40 {
            let (correlation, response) = peer.response::<ProduceRequest>(9).await;
            assert_eq!(correlation, number + 1);
            let partition = &response.responses[0].partition_responses[0];
            assert_eq!((partition.error_code, partition.base_offset), (0, i64::from(number)));
        }
    });
}

#[test]
fn a_produce_that_wants_no_answer_gets_no_byte() {
    play(5, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        let good = batch(&["silent"]);
        let silent = ProduceRequest { acks: 0, ..produce_request("t", 0, good.len()) };
        let mut bytes = peer.frame(&silent, 9, &[&good]);
        bytes.extend(peer.frame(&silent, 9, &[&good]));
        bytes.extend(peer.frame(&MetadataRequest::default(), 9, &[]));
        peer.send(&bytes).await;
        let (correlation, _) = peer.response::<MetadataRequest>(9).await;
        assert_eq!(correlation, 3, "the first answer is that to the third request");
        let unknown = ProduceRequest { acks: 0, ..produce_request("u", 0, good.len()) };
        let bytes = peer.frame(&unknown, 9, &[&good]);
        peer.send(&bytes).await;
        assert_eq!(peer.receive().await, None, "a refusal can only be told by closing");
        let told = scene.told();
        assert!(
            matches!(&told[..], [Notice::Closed { why: Closed::SilentProduceFailed(_), .. }]),
            "{told:?}"
        );
    });
}

#[test]
fn what_is_no_request_closes_and_is_told_once() {
    play(6, |scene| async move {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"GET /metrics", b"\x16\x03\x01\x02\0\x01"] {
            let mut peer = scene.peer().await;
            peer.send(bytes).await;
            assert_eq!(peer.receive().await, None);
        }
        let told: Vec<String> = scene.told().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "one hint of each kind: {told:?}");
        assert!(told[0].contains("HTTP") && told[1].contains("TLS"));
        let mut peer = scene.peer().await;
        let mut unknown = peer.frame(&MetadataRequest::default(), 9, &[]);
        unknown[4..6].copy_from_slice(&999i16.to_be_bytes());
        peer.send(&unknown).await;
        assert_eq!(peer.receive().await, None);
        let told = scene.told();
        let why = Closed::NotServed { api_key: 999, version: 9 };
        assert!(matches!(&told[2], Notice::Closed { why: w, .. } if *w == why), "{told:?}");
    });
}

#[test]
fn answers_to_good_requests_leave_before_a_bad_one_closes() {
    play(7, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        let good = batch(&["a"]);
        let mut bytes = peer.frame(&produce_request("t", 0, good.len()), 9, &[&good]);
        bytes.extend((-1i32).to_be_bytes());
        peer.send(&bytes).await;
        let (_, response) = peer.response::<ProduceRequest>(9).await;
        assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
        assert_eq!(peer.receive().await, None);
    });
}

#[test]
fn an_api_versions_of_the_future_is_answered_in_the_first_version() {
    play(8, |scene| async move {
        let mut peer = scene.peer().await;
        let mut bytes = peer.frame(&ApiVersionsRequest::default(), 4, &[]);
        bytes[6..8].copy_from_slice(&77i16.to_be_bytes());
        peer.send(&bytes).await;
        let bytes = peer.receive().await.expect("an answer, not the end");
        let slices = [&*bytes];
        let mut reader = Reader::new(&slices);
        let api = &net_wire::messages::api_versions::API;
        assert_eq!(frame::response_header(&mut reader, api, 0), Ok(1));
        let response = ApiVersionsResponse::decode(&mut reader, 0).expect("version 0");
        assert_eq!(response.error_code, 35);
        let told = response.api_keys.iter();
        let told = told.map(|api| (api.api_key, api.min_version, api.max_version));
        assert_eq!(told.collect::<Vec<_>>(), [(18, 0, 4)], "which versions may be asked");
        let nameless = peer.ask(&ApiVersionsRequest::default(), 3).await;
        assert_eq!(nameless.error_code, 42, "the connection is open; who asks says what it is");
    });
}

#[test]
fn a_frame_that_is_not_completed_closes_in_time() {
    play(9, |scene| async move {
        let mut peer = scene.peer().await;
        let bytes = peer.frame(&MetadataRequest::default(), 9, &[]);
        let start = scene.core.now();
        // Neither a byte now and then nor waiting long before the first one changes it.
        scene.core.sleep(20 * SECOND).await;
        for byte in &bytes[..2] {
            peer.send(&[*byte]).await;
            scene.core.sleep(10 * SECOND).await;
        }
        assert_eq!(peer.receive().await, None);
        let took = scene.core.now().since(start);
        assert!((49 * SECOND..53 * SECOND).contains(&took), "{took:?}");
        let told = scene.told();
        assert!(matches!(&told[..], [Notice::Closed { why: Closed::Stalled, .. }]), "{told:?}");
    });
}

#[test]
fn a_silent_connection_is_closed_after_its_time() {
    let short = |options: &mut net_server::ServerOptions| options.idle_time_max = 60 * SECOND;
    play_with(10, short, |scene| async move {
        let mut peer = scene.peer().await;
        for _ in 0..3 {
            scene.core.sleep(40 * SECOND).await;
            peer.ask(&MetadataRequest::default(), 9).await;
        }
        let start = scene.core.now();
        assert_eq!(peer.receive().await, None);
        let took = scene.core.now().since(start);
        assert!((59 * SECOND..63 * SECOND).contains(&took), "{took:?}");
    });
}

#[test]
fn only_so_many_connections_are_taken() {
    let few = |options: &mut net_server::ServerOptions| options.connections_max = 3;
    play_with(11, few, |scene| async move {
        let mut peers = Vec::new();
        for _ in 0..3 {
            let mut peer = scene.peer().await;
            peer.ask(&MetadataRequest::default(), 9).await;
            peers.push(peer);
        }
        let mut one_more = scene.peer().await;
        assert_eq!(one_more.receive().await, None);
        assert_eq!(scene.counts().connections, 3);
        drop(peers.pop());
        scene.core.sleep(SECOND).await;
        scene.peer().await.ask(&MetadataRequest::default(), 9).await;
        assert!(matches!(&scene.told()[..], [Notice::TooManyConnections { .. }]));
    });
}

#[test]
fn an_order_to_stop_answers_what_was_taken_and_takes_no_more() {
    play(12, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut producer = scene.peer().await;
        let mut consumer = scene.peer().await;
        let mut idle = scene.peer().await;
        let fetch = FetchRequest { max_wait_ms: 60_000, ..fetch_request("t", 0, 0) };
        let bytes = consumer.frame(&fetch, 12, &[]);
        consumer.send(&bytes).await;
        scene.core.sleep(SECOND).await;
        let good = batch(&["last"]);
        let bytes = producer.frame(&produce_request("t", 0, good.len()), 9, &[&good]);
        producer.send(&bytes).await;
        // Long enough for the request to arrive.
        scene.core.sleep(Duration::from_micros(150)).await;
        let start = scene.core.now();
        let stopping = scene.clone();
        let stop = scene.core.spawn(engine_rt::Class::Control, "stop", async move {
            stopping.stop().await;
        });
        let (_, produced) = producer.response::<ProduceRequest>(9).await;
        assert_eq!(produced.responses[0].partition_responses[0].error_code, 0);
        consumer.response::<FetchRequest>(12).await;
        assert_eq!(producer.receive().await, None);
        assert_eq!(consumer.receive().await, None);
        assert_eq!(idle.receive().await, None);
        stop.await;
        assert!(scene.core.now().since(start) < SECOND);
    });
}

#[test]
fn a_client_that_takes_nothing_is_cut_off_at_the_end() {
    play(13, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &[&"x".repeat(900_000)]).await;
        let mut peer = scene.peer().await;
        let mut bytes = Vec::new();
        for _ in 0..20 {
            bytes.extend(peer.frame(&fetch_request("t", 0, 0), 12, &[]));
        }
        peer.send(&bytes).await;
        scene.core.sleep(SECOND).await;
        let start = scene.core.now();
        let stopped = race(scene.stop(), scene.core.sleep(5 * SECOND)).await;
        assert!(matches!(stopped, Either::Left(())), "it does not wait for ever");
        assert!(scene.core.now().since(start) < SECOND, "within a second");
    });
}

#[test]
fn a_client_that_takes_nothing_is_closed_after_a_while() {
    play(14, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &[&"x".repeat(900_000)]).await;
        let mut peer = scene.peer().await;
        let mut bytes = Vec::new();
        for _ in 0..20 {
            bytes.extend(peer.frame(&fetch_request("t", 0, 0), 12, &[]));
        }
        peer.send(&bytes).await;
        scene.core.sleep(25 * SECOND).await;
        assert_eq!(scene.counts().connections, 1);
        // Taking a little every now and then is enough.
        for _ in 0..3 {
            assert!(peer.receive().await.is_some_and(|answer| answer.len() > 900_000));
            assert!(peer.receive().await.is_some_and(|answer| answer.len() > 900_000));
            scene.core.sleep(25 * SECOND).await;
        }
        assert_eq!(scene.counts().connections, 1);
        scene.core.sleep(35 * SECOND).await;
        assert_eq!(scene.counts().connections, 0);
        let told = scene.told();
        assert!(matches!(&told[..], [Notice::Closed { why: Closed::TakesNothing, .. }]));
    });
}
