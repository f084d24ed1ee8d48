//! A quota of time (`request_percentage`) against the live broker. A client of bytes sees that it
//! is answered first and then not heard for as long as it was told; confluent-kafka is told, waits
//! by itself, and loses nothing. Who is not bounded is not held up.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use net_wire::List;
use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, OpData, RequestEntityData, RequestEntryData,
};
use net_wire::messages::metadata::MetadataRequest;
use tests_e2e::broker::Setup;
use tests_e2e::peer::Peer;
use tests_e2e::{Folder, clients};

/// Percent of a core: 100 us a second, over eleven seconds.
const PERCENT: f64 = 0.01;
/// The longest that anybody is told to wait for time, as by Kafka.
const THROTTLE_MAX_MS: i32 = 1000;
/// Timers and a loaded machine.
const SLACK_MS: u128 = 20;

/// Bounds the time of a client id, or takes the bound away.
fn bound(bootstrap: &str, client_id: &str, percent: Option<f64>) -> Result<()> {
    let entity = RequestEntityData {
        entity_type: "client-id".to_owned(),
        entity_name: Some(client_id.to_owned()),
    };
    let op = OpData {
        key: "request_percentage".to_owned(),
        value: percent.unwrap_or(0.0),
        remove: percent.is_none(),
    };
    let entry = RequestEntryData { entity: List::from([entity]), ops: List::from([op]) };
    let request = AlterClientQuotasRequest { entries: List::from([entry]), validate_only: false };
    // A peer is `bad-input` itself: who sets the quota may be bounded by it.
    let answer = Peer::connect(bootstrap)?.ask(&request, 1)?;
    ensure!(answer.entries[0].error_code == 0, "{answer:?}");
    Ok(())
}

/// Asks until it is told to wait; gives for how long, and how long that answer took.
fn until_throttled(peer: &mut Peer) -> Result<(i32, Duration)> {
    for _ in 0..5000 {
        let asked = Instant::now();
        let told = peer.ask(&MetadataRequest::default(), 9)?.throttle_time_ms;
        if told > 0 {
            return Ok((told, asked.elapsed()));
        }
    }
    anyhow::bail!("5,000 requests took less than {PERCENT} percent of a core")
}

#[test]
#[ignore = "needs the release binary: cargo xtask e2e"]
fn a_client_over_its_time_is_answered_first_and_then_not_heard() -> Result<()> {
    let folder = Folder::new("quota-time")?;
    let broker = Setup::new(&folder)?.start()?;
    let at = broker.bootstrap();
    let mut peer = Peer::connect(&at)?;
    ensure!(peer.ask(&MetadataRequest::default(), 9)?.throttle_time_ms == 0, "nothing is bounded");
    bound(&at, "bad-input", Some(PERCENT))?;
    // Over its bound it stays over it, as long as it goes on.
    let mut answered_first = false;
    for _ in 0..8 {
        let (told, took) = until_throttled(&mut peer)?;
        let answered = Instant::now();
        ensure!((1..=THROTTLE_MAX_MS).contains(&told), "told {told} ms");
        answered_first |= took.as_millis() * 2 < u128::try_from(told)?;
        // Whoever does not wait by itself is not heard until the time is over.
        peer.ask(&MetadataRequest::default(), 9)?;
        let waited = answered.elapsed().as_millis() + SLACK_MS;
        ensure!(waited >= u128::try_from(told)?, "told {told} ms, answered after {waited}");
    }
    ensure!(answered_first, "an answer was held back for the time that it told");
    // The bound is the client's, not the connection's; and it goes when it is taken away.
    bound(&at, "bad-input", None)?;
    let mut other = Peer::connect(&at)?;
    for _ in 0..100 {
        let told = other.ask(&MetadataRequest::default(), 9)?.throttle_time_ms;
        ensure!(told == 0, "told {told} ms without a bound");
    }
    drop(broker);
    folder.done()
}

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_real_client_is_told_and_waits() -> Result<()> {
    let folder = Folder::new("quota-client")?;
    let broker = Setup::new(&folder)?.start()?;
    let at = broker.bootstrap();
    clients::run_script("create_topic.py", &[&at, "t", "1"])?;
    bound(&at, "bounded", Some(PERCENT)).context("setting the quota")?;
    clients::run_script("throttled.py", &[&at, "t"])?;
    drop(broker);
    folder.done()
}
