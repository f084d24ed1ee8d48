//! Requests that cannot be understood, are not served, name what is not there, or name nothing.

use std::time::Duration;

use anyhow::{Result, ensure};
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::delete_records::DeleteRecordsRequest;
use net_wire::messages::delete_topics::DeleteTopicsRequest;
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::fetch::FetchRequest;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use net_wire::messages::offset_for_leader_epoch::OffsetForLeaderEpochRequest;
use net_wire::messages::produce::ProduceRequest;
use net_wire::{Reader, frame};

use super::framing::closed;
use super::{Case, case, fetch_request, produce_request};
use crate::peer::Peer;
use crate::raw_batch::RawBatch;

const SOON: Duration = Duration::from_secs(1);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = not_served();
    cases.extend(malformed());
    cases.extend(names());
    cases.extend(empty());
    cases
}

fn not_served() -> Vec<Case> {
    vec![
        case(3, "API keys and versions that are not served", |scene| {
            for (key, version) in [(32_000, 0), (-1, 0), (7, 0), (3, 99), (3, -1), (0, 2), (1, 3)] {
                let mut peer = scene.peer()?;
                peer.send(&head(key, version, &[0; 16]))?;
                closed(&mut peer, SOON)?;
            }
            Ok(())
        }),
        case(3, "an ApiVersions that is too new gets version 0 and may ask again", |scene| {
            let mut peer = scene.peer()?;
            peer.send(&head(18, 99, &[0, 1, 2, 3]))?;
            let bytes = peer.receive()?;
            let slices = [&*bytes];
            let mut reader = Reader::new(&slices);
            frame::response_header(&mut reader, &net_wire::messages::api_versions::API, 0)?;
            let response = ApiVersionsResponse::decode(&mut reader, 0)?;
            ensure!(response.error_code == 35, "error {}", response.error_code);
            ensure!(response.api_keys.iter().any(|api| api.api_key == 18), "its own range");
            let again = peer.ask(&ApiVersionsRequest::default(), 0)?;
            ensure!(again.error_code == 0, "error {}", again.error_code);
            Ok(())
        }),
        case(3, "a client that does not say what it is", |scene| {
            let mut peer = scene.peer()?;
            let nameless = peer.ask(&ApiVersionsRequest::default(), 3)?;
            ensure!(nameless.error_code == 42, "error {}", nameless.error_code);
            ensure!(nameless.api_keys.is_empty(), "no list for it");
            Ok(())
        }),
    ]
}

fn malformed() -> Vec<Case> {
    vec![
        case(4, "a body that ends too early", |scene| {
            let mut peer = scene.peer()?;
            let good = peer.frame(&topics(&["a", "b"]), 9, &[])?;
            for cut in 24..good.len() {
                let mut peer = scene.peer()?;
                peer.send(&reframed(&good[4..cut]))?;
                closed(&mut peer, SOON)?;
            }
            Ok(())
        }),
        case(4, "bytes after the body", |scene| {
            let mut peer = scene.peer()?;
            let good = peer.frame(&topics(&[&scene.topic]), 9, &[])?;
            let mut long = good[4..].to_vec();
            long.extend([7; 100]);
            peer.send(&reframed(&long))?;
            let response = peer.response::<MetadataRequest>(9)?;
            ensure!(response.topics[0].error_code == 0, "accepted, as Kafka does");
            Ok(())
        }),
        case(5, "array and string lengths that cannot be", |scene| {
            for (version, body) in [
                (1, &i32::MAX.to_be_bytes()[..]),
                (1, &(-2i32).to_be_bytes()),
                (1, &[0, 0, 0, 1, 0x7f, 0xff]),
                (1, &[0, 0, 0, 1, 0xff, 0xfe]),
                (9, &[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
                (9, &[0, 0xff, 0xff, 0xff, 0xff, 0x0f]),
                (9, &[0, 2, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            ] {
                let mut peer = scene.peer()?;
                peer.send(&head(3, version, body))?;
                closed(&mut peer, SOON)?;
            }
            Ok(())
        }),
        case(5, "a number padded within five bytes", |scene| {
            let mut peer = scene.peer()?;
            // No tags, an array of none (length 0 + 1, padded), four flags, no tags (padded).
            peer.send(&head(3, 9, &[0, 0x81, 0x80, 0x80, 0, 0, 0, 0, 0x80, 0]))?;
            ensure!(!peer.receive()?.is_empty(), "accepted, as Kafka does");
            Ok(())
        }),
        case(6, "ten million tagged fields", |scene| {
            let mut body = vec![0, 0, 0, 0, 0];
            varint(&mut body, 10_000_000);
            body.extend((0..10_000_000u32).flat_map(|_| [100, 0]));
            let mut peer = scene.peer()?;
            peer.send(&head(3, 9, &body))?;
            closed(&mut peer, Duration::from_secs(5))
        }),
        case(6, "tagged fields twice and out of order", |scene| {
            let mut peer = scene.peer()?;
            let tags = [4, 9, 1, 0, 5, 2, 0, 0, 9, 1, 7, 0, 0];
            let mut body = vec![0, 0, 0, 0, 0];
            body.extend(tags);
            peer.send(&head(3, 9, &body))?;
            ensure!(!peer.receive()?.is_empty(), "accepted, as Kafka does");
            Ok(())
        }),
    ]
}

fn names() -> Vec<Case> {
    vec![
        case(7, "topics that cannot be called so", |scene| {
            let long = "x".repeat(250);
            let bad = ["", ".", "..", "a b", "a/b", "ä", "a\0b", &long];
            let mut peer = scene.peer()?;
            let answer = peer.ask(&topics(&bad), 9)?;
            ensure!(answer.topics.len() == bad.len(), "{} answers", answer.topics.len());
            for topic in &answer.topics {
                ensure!(topic.error_code == 17, "{:?}: {}", topic.name, topic.error_code);
            }
            for name in bad {
                let code = create(&mut peer, name)?;
                ensure!(code == 17, "creating {name:?}: {code}");
            }
            // One name of two bytes that are not UTF-8.
            peer.send(&head(3, 1, &[0, 0, 0, 1, 0, 2, 0xff, 0xfe]))?;
            ensure!(peer.receive()?.windows(2).any(|two| two == [0, 17]), "invalid, not closed");
            Ok(())
        }),
        case(26, "topics, ids and partitions that are not there", |scene| {
            let mut peer = scene.peer()?;
            let (fetched, _) = peer.ask_fetch(&fetch_request("not-there", 0), 12)?;
            ensure!(fetched == 3, "fetch by name: {fetched}");
            let mut request = fetch_request("", 0);
            request.topics[0].topic_id = Uuid([7; 16]);
            let (fetched, _) = peer.ask_fetch(&request, 13)?;
            ensure!(fetched == 100, "fetch by id: {fetched}");
            let mut request = fetch_request(&scene.topic, 0);
            for index in [1, -1, i32::MAX] {
                request.topics[0].partitions[0].partition = index;
                let (fetched, _) = peer.ask_fetch(&request, 12)?;
                ensure!(fetched == 3, "fetch of partition {index}: {fetched}");
            }
            let batch = RawBatch::of(&["x"]).bytes();
            let request = produce_request("not-there", -1, &batch);
            let produced = peer.ask_with(&request, 12, &[&batch])?;
            let code = produced.responses[0].partition_responses[0].error_code;
            ensure!(code == 3, "produce by name: {code}");
            let mut request = produce_request("", -1, &batch);
            request.topic_data[0].topic_id = Uuid([7; 16]);
            let produced = peer.ask_with(&request, 13, &[&batch])?;
            let code = produced.responses[0].partition_responses[0].error_code;
            ensure!(code == 100, "produce by id: {code}");
            let answer = peer.ask(&by_id(Uuid([7; 16])), 12)?;
            ensure!(answer.topics[0].error_code == 100, "metadata by id");
            Ok(())
        }),
        case(26, "a topic that was created anew has another id", |scene| {
            let mut peer = scene.peer()?;
            let name = "created-anew";
            create(&mut peer, name)?;
            let old = topic_id(&mut peer, name)?;
            let delete = DeleteTopicsRequest {
                topic_names: List::from([name.to_owned()]),
                timeout_ms: 5000,
                ..Default::default()
            };
            let code = peer.ask(&delete, 5)?.responses[0].error_code;
            ensure!(code == 0, "deleting it: {code}");
            create(&mut peer, name)?;
            ensure!(topic_id(&mut peer, name)? != old, "the id is new");
            let mut request = fetch_request("", 0);
            request.topics[0].topic_id = old;
            let (code, _) = peer.ask_fetch(&request, 13)?;
            ensure!(code == 100, "the old id: {code}");
            Ok(())
        }),
    ]
}

fn empty() -> Vec<Case> {
    vec![
        case(32, "requests that name nothing", |scene| {
            let mut peer = scene.peer()?;
            peer.ask(&MetadataRequest { topics: None, ..Default::default() }, 9)?;
            peer.ask(&topics(&[]), 0)?;
            ensure!(peer.ask(&topics(&[]), 9)?.topics.is_empty(), "none asked for");
            peer.ask(&CreateTopicsRequest { timeout_ms: 5000, ..Default::default() }, 7)?;
            peer.ask(&DeleteTopicsRequest { timeout_ms: 5000, ..Default::default() }, 6)?;
            peer.ask(&DeleteRecordsRequest { timeout_ms: 5000, ..Default::default() }, 2)?;
            peer.ask(&ListOffsetsRequest { replica_id: -1, ..Default::default() }, 7)?;
            peer.ask(&OffsetForLeaderEpochRequest { replica_id: -1, ..Default::default() }, 4)?;
            peer.ask(&DescribeConfigsRequest::default(), 4)?;
            peer.ask(&FindCoordinatorRequest::default(), 4)?;
            peer.ask(&ProduceRequest { acks: -1, timeout_ms: 5000, ..Default::default() }, 9)?;
            let fetch = FetchRequest {
                replica_id: -1,
                session_epoch: -1,
                max_wait_ms: 60_000,
                max_bytes: 1000,
                min_bytes: 1,
                ..Default::default()
            };
            ensure!(
                peer.ask(&fetch, 12)?.responses.is_empty(),
                "at once: there is nothing to wait for"
            );
            Ok(())
        }),
        case(32, "null where there must be something", |scene| {
            for (key, version, body) in [
                (0, 9, &[0, 0, 0xff, 0xff, 0, 0, 0, 0, 0][..]),
                (1, 12, &[0; 40]),
                (19, 7, &[0, 0, 0, 0, 0, 0, 0, 0]),
                (20, 6, &[0, 0, 0, 0, 0, 0]),
                (2, 7, &[0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0]),
            ] {
                let mut peer = scene.peer()?;
                peer.send(&head(key, version, body))?;
                closed(&mut peer, SOON)?;
            }
            Ok(())
        }),
        case(32, "names that come twice", |scene| {
            let mut peer = scene.peer()?;
            let answer = peer.ask(&topics(&[&scene.topic, &scene.topic]), 9)?;
            ensure!(answer.topics.len() == 1, "a topic is told once");
            let mut request = CreateTopicsRequest { timeout_ms: 5000, ..Default::default() };
            request.topics = List::from([new_topic("twice"), new_topic("twice")]);
            let created = peer.ask(&request, 7)?;
            ensure!(created.topics.len() == 1 && created.topics[0].error_code == 42, "{created:?}");
            let partition = |timestamp| ListOffsetsPartition {
                timestamp,
                current_leader_epoch: -1,
                ..Default::default()
            };
            let request = ListOffsetsRequest {
                replica_id: -1,
                topics: List::from([ListOffsetsTopic {
                    name: scene.topic.clone(),
                    partitions: List::from([partition(-1), partition(-2)]),
                }]),
                ..Default::default()
            };
            let listed = peer.ask(&request, 7)?;
            let codes = listed.topics[0].partitions.iter().map(|partition| partition.error_code);
            ensure!(codes.into_iter().all(|code| code == 42), "asked twice");
            Ok(())
        }),
        case(32, "configs of what is not there", |scene| {
            let mut peer = scene.peer()?;
            for (resource_type, name, code) in
                [(2, "not-there", 3), (2, "a b", 17), (4, "77", 42), (4, "x", 42), (99, "", 42)]
            {
                let request = DescribeConfigsRequest {
                    resources: List::from([DescribeConfigsResource {
                        resource_type,
                        resource_name: name.to_owned(),
                        configuration_keys: None,
                    }]),
                    ..Default::default()
                };
                let answer = peer.ask(&request, 4)?;
                let got = answer.results[0].error_code;
                ensure!(got == code, "{resource_type} {name:?}: {got}, not {code}");
            }
            Ok(())
        }),
    ]
}

fn topics(names: &[&str]) -> MetadataRequest {
    let topic =
        |name: &&str| MetadataRequestTopic { name: Some((*name).to_owned()), ..Default::default() };
    MetadataRequest {
        topics: Some(names.iter().map(topic).collect()),
        allow_auto_topic_creation: false,
        ..Default::default()
    }
}

fn by_id(topic_id: Uuid) -> MetadataRequest {
    let topic = MetadataRequestTopic { name: None, topic_id };
    MetadataRequest { topics: Some(List::from([topic])), ..Default::default() }
}

fn topic_id(peer: &mut Peer, name: &str) -> Result<Uuid> {
    Ok(peer.ask(&topics(&[name]), 12)?.topics[0].topic_id)
}

fn new_topic(name: &str) -> CreatableTopic {
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..Default::default()
    }
}

fn create(peer: &mut Peer, name: &str) -> Result<i16> {
    let request = CreateTopicsRequest {
        topics: List::from([new_topic(name)]),
        timeout_ms: 5000,
        validate_only: false,
    };
    Ok(peer.ask(&request, 7)?.topics[0].error_code)
}

/// A frame of this API and version with whatever follows the client's name.
fn head(key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(key.to_be_bytes());
    bytes.extend(version.to_be_bytes());
    bytes.extend([0, 0, 0, 1, 0, 1, b'c']);
    bytes.extend(body);
    reframed(&bytes)
}

fn reframed(bytes: &[u8]) -> Vec<u8> {
    let mut framed = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    framed.extend(bytes);
    framed
}

fn varint(into: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        into.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}
