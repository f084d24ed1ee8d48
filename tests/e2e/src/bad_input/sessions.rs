//! Fetch sessions that are not there, or not as their client thinks; topics that are others now.

use std::time::Duration;

use anyhow::{Result, ensure};
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::delete_topics::DeleteTopicsRequest;
use net_wire::messages::fetch::{FetchRequest, FetchTopic};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use super::{Case, Scene, case, fetch_request, produce_request};
use crate::peer::Reaction;
use crate::raw_batch::RawBatch;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(24, "epochs of a session that are not the next", |scene| {
            let mut peer = scene.peer()?;
            let first = FetchRequest { session_epoch: 0, ..fetch_request(&scene.topic, 0) };
            let id = peer.ask(&first, 12)?.session_id;
            ensure!(id > 0, "no session");
            let next = |session_epoch| FetchRequest {
                session_id: id,
                session_epoch,
                max_wait_ms: 0,
                topics: List::new(),
                ..fetch_request(&scene.topic, 0)
            };
            for (epoch, version, code) in [
                (2, 12, 71),
                (-7, 12, 71),
                (i32::MAX, 12, 71),
                (1, 13, 106),
                (1, 12, 0),
                (1, 12, 71),
            ] {
                let answer = peer.ask(&next(epoch), version)?;
                ensure!(answer.error_code == code, "{epoch}: {}", answer.error_code);
            }
            let closing = FetchRequest { session_epoch: -1, ..next(-1) };
            ensure!(peer.ask(&closing, 12)?.error_code == 0, "closing");
            ensure!(peer.ask(&next(2), 12)?.error_code == 70, "it was closed");
            Ok(())
        }),
        case(24, "negative limits over a session", |scene| {
            let mut peer = scene.peer()?;
            let first =
                FetchRequest { session_epoch: 0, max_bytes: -1, ..fetch_request(&scene.topic, 0) };
            let answer = peer.ask(&first, 12)?;
            let code = answer.responses[0].partitions[0].error_code;
            ensure!(answer.error_code == 0 && code == -1, "{} {code}", answer.error_code);
            let next = FetchRequest {
                session_id: answer.session_id,
                session_epoch: 1,
                ..fetch_request(&scene.topic, 0)
            };
            let (code, bytes) = peer.ask_fetch(&next, 12)?;
            ensure!(code == 0 && bytes > 0, "with a good limit: {code}, {bytes} bytes");
            Ok(())
        }),
        case(24, "a thousand and more sessions that nobody goes on with", |scene| {
            let mut peer = scene.peer()?;
            let mut kept = Vec::new();
            for _ in 0..1500 {
                let first = FetchRequest { session_epoch: 0, ..fetch_request(&scene.topic, 0) };
                kept.push(peer.ask(&first, 12)?.session_id);
            }
            kept.retain(|id| *id != 0);
            let count = kept.len();
            for session_id in kept {
                // Others need their places.
                let last = FetchRequest { session_id, ..fetch_request(&scene.topic, 0) };
                peer.ask(&last, 12)?;
            }
            ensure!(0 < count && count <= 1000, "{count} of 1,500 were kept");
            Ok(())
        }),
        case(24, "a session of a million partitions", |scene| {
            let mut request = FetchRequest { session_epoch: 0, ..fetch_request(&scene.topic, 0) };
            let asked = request.topics[0].partitions[0].clone();
            let numbered = |partition| {
                let mut asked = asked.clone();
                asked.partition = partition;
                asked
            };
            request.topics[0].partitions = (0..1_000_000).map(numbered).collect();
            let mut peer = scene.peer()?;
            let bytes = peer.frame(&request, 12, &[])?;
            peer.send(&bytes)?;
            let reaction = peer.reaction(Duration::from_secs(20))?;
            ensure!(reaction != Reaction::Silence, "answered or closed");
            Ok(())
        }),
        case(26, "a topic by its name and its id, unknown, deleted and there again", |scene| {
            let unknown = scene.peer()?.ask_fetch(&fetch_request("no-such-topic", 0), 12)?;
            ensure!(unknown == (3, 0), "{unknown:?}");
            let unknown = scene.peer()?.ask_fetch(&by_id(Uuid([9; 16])), 13)?;
            ensure!(unknown == (100, 0), "{unknown:?}");
            let (old, batch) = (create(scene)?, RawBatch::of(&["old"]).bytes());
            let mut peer = scene.peer()?;
            peer.ask_with(&produce_request(AGAIN, -1, &batch), 9, &[&batch])?;
            let session = FetchRequest { session_epoch: 0, ..by_id(old) };
            let session = peer.ask(&session, 13)?.session_id;
            ensure!(session > 0, "no session");
            let topic_names = List::from([AGAIN.to_owned()]);
            let delete =
                DeleteTopicsRequest { topic_names, timeout_ms: 10_000, ..Default::default() };
            let deleted = peer.ask(&delete, 5)?;
            ensure!(deleted.responses[0].error_code == 0, "{deleted:?}");
            let new = create(scene)?;
            ensure!(new != old, "an id is never used twice");
            ensure!(peer.ask_fetch(&by_id(old), 13)? == (100, 0), "the old one is gone");
            let going_on = FetchRequest {
                session_id: session,
                session_epoch: 1,
                topics: List::new(),
                ..by_id(old)
            };
            ensure!(peer.ask_fetch(&going_on, 13)? == (100, 0), "for its session too");
            let mut produce = produce_request("", -1, &batch);
            produce.topic_data[0].topic_id = old;
            let answer = peer.ask_with(&produce, 13, &[&batch])?;
            let code = answer.responses[0].partition_responses[0].error_code;
            ensure!(code == 100, "a batch for the old one: {code}");
            let fresh = FetchRequest { max_wait_ms: 0, ..by_id(new) };
            ensure!(peer.ask_fetch(&fresh, 13)? == (0, 0), "the new one is empty");
            peer.ask(&delete, 5)?;
            Ok(())
        }),
        case(32, "a partition named twice in one Produce", |scene| {
            let batch = RawBatch::of(&["twice"]).bytes();
            let mut request = scene.produce_request(&batch);
            let named = request.topic_data[0].partition_data[0].clone();
            request.topic_data[0].partition_data = List::from([named.clone(), named]);
            let answer = scene.peer()?.ask_with(&request, 9, &[&batch, &batch])?;
            let partitions = &answer.responses[0].partition_responses;
            ensure!(partitions.len() == 1 && partitions[0].error_code == 0, "{partitions:?}");
            let next = scene.peer()?.ask_with(&scene.produce_request(&batch), 9, &[&batch])?;
            let next = next.responses[0].partition_responses[0].base_offset;
            ensure!(next == partitions[0].base_offset + 1, "one batch was stored");
            Ok(())
        }),
    ]
}

const AGAIN: &str = "bad-input-again";

/// Creates the topic and gives its id.
fn create(scene: &Scene) -> Result<Uuid> {
    let topic = CreatableTopic {
        name: AGAIN.to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..Default::default()
    };
    let topics = List::from([topic]);
    let request = CreateTopicsRequest { topics, timeout_ms: 10_000, validate_only: false };
    let created = scene.peer()?.ask(&request, 5)?;
    ensure!(created.topics[0].error_code == 0, "{created:?}");
    let topic = MetadataRequestTopic { name: Some(AGAIN.to_owned()), ..Default::default() };
    let request = MetadataRequest { topics: Some(List::from([topic])), ..Default::default() };
    Ok(scene.peer()?.ask(&request, 12)?.topics[0].topic_id)
}

/// A Fetch of the first partition of the topic with this id.
fn by_id(topic_id: Uuid) -> FetchRequest {
    let usual = fetch_request("", 0);
    let partitions = usual.topics[0].partitions.clone();
    let topic = FetchTopic { topic_id, partitions, ..Default::default() };
    FetchRequest { topics: List::from([topic]), ..usual }
}
