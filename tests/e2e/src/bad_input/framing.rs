//! Frames that are none, other protocols, and clients that stop in the middle.

use std::time::Duration;

use anyhow::{Result, ensure};
use net_wire::messages::metadata::MetadataRequest;

use super::{Case, Scene, case};
use crate::peer::{Peer, Reaction};
use crate::seed::Seed;

/// How soon a bad frame closes the connection.
const SOON: Duration = Duration::from_secs(1);

/// How long a frame may stay incomplete, and a little.
const STALL: Duration = Duration::from_secs(35);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(1, "negative, tiny and huge frame lengths", |scene| {
            for length in [-1, i32::MIN, 0, 1, 7, 100 * 1024 * 1024 + 1, i32::MAX] {
                closes(scene, &length.to_be_bytes(), SOON)?;
            }
            Ok(())
        }),
        case(1, "a bad length after a good request", |scene| {
            let mut peer = scene.peer()?;
            let mut bytes = peer.frame(&MetadataRequest::default(), 1, &[])?;
            bytes.extend((-5i32).to_be_bytes());
            peer.send(&bytes)?;
            peer.response::<MetadataRequest>(1)?;
            closed(&mut peer, SOON)
        }),
        case(36, "an HTTP request", |scene| {
            closes(scene, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", SOON)
        }),
        case(36, "a TLS hello", |scene| {
            closes(scene, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", SOON)
        }),
        case(36, "64 KiB of random bytes", |scene| {
            let mut seed = Seed::of(scene.seed);
            for _ in 0..20 {
                let mut bytes: Vec<u8> =
                    (0..65536).map(|_| (seed.next_u64() & 0xff) as u8).collect();
                // Not a length that could be waited for.
                bytes[0] |= 0x80;
                closes(scene, &bytes, SOON)?;
            }
            Ok(())
        }),
        case(36, "a frame that is never completed", |scene| {
            let mut peer = scene.peer()?;
            let bytes = peer.frame(&MetadataRequest::default(), 1, &[])?;
            peer.send(&bytes[..bytes.len() - 1])?;
            ensure!(peer.reaction(SOON)? == Reaction::Silence, "the client has 30 s");
            closed(&mut peer, STALL)
        }),
        case(36, "one byte every ten seconds", |scene| {
            let mut peer = scene.peer()?;
            let bytes = peer.frame(&MetadataRequest::default(), 1, &[])?;
            for byte in &bytes[..2] {
                peer.send(&[*byte])?;
                ensure!(peer.reaction(Duration::from_secs(10))? == Reaction::Silence, "too soon");
            }
            closed(&mut peer, Duration::from_secs(15))
        }),
    ]
}

fn closes(scene: &Scene, bytes: &[u8], within: Duration) -> Result<()> {
    let mut peer = scene.peer()?;
    peer.send(bytes)?;
    closed(&mut peer, within)
}

pub(super) fn closed(peer: &mut Peer, within: Duration) -> Result<()> {
    let reaction = peer.reaction(within)?;
    ensure!(matches!(reaction, Reaction::Closed(_)), "not closed: {reaction:?}");
    Ok(())
}
