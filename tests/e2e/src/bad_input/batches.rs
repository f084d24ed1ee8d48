//! Batches that are wrong, and acks that are none.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::framing::closed;
use super::{Case, Scene, case, produce_request};
use crate::peer::Reaction;
use crate::raw_batch::RawBatch;

const SOON: Duration = Duration::from_secs(1);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(11, "wrong checksums and lengths, two batches, none", |scene| {
            let good = RawBatch::of(&["x", "y"]);
            refused(scene, &RawBatch { crc_flip: 1, ..good.clone() }.bytes(), 2)?;
            refused(scene, &RawBatch { length: Some(10_000), ..good.clone() }.bytes(), 87)?;
            refused(scene, &RawBatch { length: Some(0), ..good.clone() }.bytes(), 2)?;
            refused(scene, &[good.bytes(), good.bytes()].concat(), 87)?;
            refused(scene, &good.bytes()[..40], 87)?;
            refused(scene, &[], 87)
        }),
        case(12, "formats that are not served", |scene| {
            for magic in [0, 1] {
                refused(scene, &RawBatch { magic, ..RawBatch::of(&["x"]) }.bytes(), 87)?;
            }
            refused_with(
                scene,
                &RawBatch { magic: 3, ..RawBatch::of(&["x"]) }.bytes(),
                &[2, 43, 87],
            )
        }),
        case(13, "counts and offsets that do not fit", |scene| {
            let good = RawBatch::of(&["x", "y"]);
            refused(scene, &RawBatch { count: Some(3), ..good.clone() }.bytes(), 87)?;
            refused(scene, &RawBatch { count: Some(-1), ..good.clone() }.bytes(), 87)?;
            refused(scene, &RawBatch { last_offset_delta: Some(5), ..good.clone() }.bytes(), 87)?;
            refused(scene, &RawBatch { base_offset: 7, ..good }.bytes(), 87)
        }),
        case(14, "control batches, and transactional ones without an id", |scene| {
            refused(scene, &RawBatch { attributes: 0x20, ..RawBatch::of(&["x"]) }.bytes(), 87)?;
            let producer = (5, 0, 0);
            let batch = RawBatch { attributes: 0x10, producer, ..RawBatch::of(&["x"]) };
            refused(scene, &batch.bytes(), 53)
        }),
        case(15, "a batch above max.message.bytes", |scene| {
            refused(scene, &RawBatch::of(&[&"x".repeat(2_000_000)]).bytes(), 10)
        }),
        case(17, "a codec that nobody knows", |scene| {
            // Kafka stores some of these; the table says 2.
            let batch = RawBatch { attributes: 5, ..RawBatch::of(&["x"]) };
            refused_with(scene, &batch.bytes(), &[2, 76, 87, -1])
        }),
        case(18, "a timestamp in the far future", |scene| {
            let batch = RawBatch { timestamp: 32_503_680_000_000, ..RawBatch::of(&["x"]) };
            refused(scene, &batch.bytes(), 32)
        }),
        case(19, "acks that are none", |scene| {
            for acks in [2, -2, i16::MAX] {
                let batch = RawBatch::of(&["x"]).bytes();
                let request = produce_request(&scene.topic, acks, &batch);
                let answer = scene.peer()?.ask_with(&request, 9, &[&batch])?;
                let code = answer.responses[0].partition_responses[0].error_code;
                ensure!(code == 21, "acks {acks}: {code}");
            }
            Ok(())
        }),
        case(19, "acks=0 is answered with nothing, and a refusal closes", |scene| {
            let good = RawBatch::of(&["silent"]).bytes();
            let mut peer = scene.peer()?;
            let request = produce_request(&scene.topic, 0, &good);
            let bytes = peer.frame(&request, 9, &[&good])?;
            peer.send(&bytes)?;
            ensure!(peer.reaction(SOON)? == Reaction::Silence, "no byte is owed");
            let bad = RawBatch { crc_flip: 1, ..RawBatch::of(&["silent"]) }.bytes();
            let request = produce_request(&scene.topic, 0, &bad);
            let bytes = peer.frame(&request, 9, &[&bad])?;
            peer.send(&bytes)?;
            closed(&mut peer, SOON)
        }),
    ]
}

fn refused(scene: &Scene, batch: &[u8], code: i16) -> Result<()> {
    refused_with(scene, batch, &[code])
}

fn refused_with(scene: &Scene, batch: &[u8], codes: &[i16]) -> Result<()> {
    let got = scene.produce(batch)?;
    ensure!(codes.contains(&got), "error {got}, not one of {codes:?}");
    Ok(())
}
