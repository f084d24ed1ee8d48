//! InitProducerId, Produce with sequences, DescribeProducers: what comes again, what is missing,
//! and who is too old.

use anyhow::Result;
use engine_base::Uuid;
use net_wire::messages::describe_producers::{DescribeProducersRequest, TopicRequest};
use net_wire::messages::init_producer_id::InitProducerIdRequest;
use net_wire::messages::produce::ProduceRequest;

use super::group::{await_coordinator, await_that};
use super::{make, produce_of, stored, versions};
use crate::batches::{RawBatch, TIME};
use crate::names::Own;
use crate::side::Side;

/// An id that neither broker hands out: the first ones are small.
pub(super) const SOMEBODY: i64 = 5_000_000;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_ids(side)?;
    for version in versions::<InitProducerIdRequest>() {
        made(side, version)?;
    }
    for version in versions::<ProduceRequest>() {
        let name = format!("sequences-{version}");
        let id = make(side, &name, 4, &[])?;
        let topic = (&*name, id);
        in_order(side, version, topic)?;
        epochs(side, version, topic)?;
        unknown(side, version, topic)?;
        wrapped(side, version, topic)?;
        stamped(side, version)?;
        told(side, &name)?;
        stored(side, topic, 4)?;
    }
    Ok(())
}

/// Waits until ids are handed out, to idempotent producers and to those of a transaction.
fn await_ids(side: &mut Side) -> Result<()> {
    await_coordinator(side, 1)?;
    for transactional_id in [None, Some("somebody".to_owned())] {
        let request = InitProducerIdRequest {
            transactional_id,
            transaction_timeout_ms: 60_000,
            producer_id: -1,
            producer_epoch: -1,
        };
        // Kafka fetches its first ids, and loads what it knows of transactions.
        await_that(side, "producer ids", |side| {
            Ok(!matches!(side.quietly(5, &request, &[])?.error_code, 14..=16))
        })?;
    }
    Ok(())
}

fn made(side: &mut Side, version: i16) -> Result<()> {
    let request =
        |transactional_id: Option<&str>, producer_id, producer_epoch| InitProducerIdRequest {
            transactional_id: transactional_id.map(str::to_owned),
            transaction_timeout_ms: 60_000,
            producer_id,
            producer_epoch,
        };
    let cases = [
        ("a new one", request(None, -1, -1)),
        ("another", request(None, -1, -1)),
        ("no time", InitProducerIdRequest { transaction_timeout_ms: 0, ..request(None, -1, -1) }),
        ("with an id", request(None, 5, 0)),
        ("with an id and an epoch", request(None, 5, 3)),
        ("with the last epoch", request(None, 5, i16::MAX)),
        ("half given: an id", request(None, 5, -1)),
        ("half given: an epoch", request(None, -1, 5)),
        ("a negative id", request(None, -2, -2)),
        ("the empty transaction", request(Some(""), -1, -1)),
        ("a transaction", request(Some("somebody"), -1, -1)),
    ];
    for (what, request) in cases {
        let named = format!("ID-{what}");
        side.ask_naming(what, version, &request, |answer| match answer.error_code {
            0 => vec![Own::Number("producerId", answer.producer_id, named)],
            _ => Vec::new(),
        })?;
    }
    Ok(())
}

/// A topic's name and id.
type Topic<'a> = (&'a str, Uuid);

/// As many records as asked for, with these numbers: id, epoch, first sequence.
fn batch(records: usize, producer: (i64, i16, i32)) -> RawBatch {
    RawBatch { producer, ..RawBatch::of(&vec!["x"; records]) }
}

fn send(
    side: &mut Side,
    what: &str,
    version: i16,
    (name, id): Topic<'_>,
    partition: i32,
    batch: &RawBatch,
) -> Result<()> {
    let bytes = batch.bytes();
    let request = produce_of(name, id, &[(partition, bytes.len())]);
    side.ask_with(&format!("sequence: {what}"), version, &request, &[&bytes])?;
    Ok(())
}

fn in_order(side: &mut Side, version: i16, topic: Topic<'_>) -> Result<()> {
    let at = |records, sequence| batch(records, (SOMEBODY, 0, sequence));
    let cases = [
        ("the first", at(2, 0)),
        ("the first, again", at(2, 0)),
        ("the first, with a record more", at(3, 0)),
        ("the first, with a record less", at(1, 0)),
        ("its second half", at(1, 1)),
        ("its second half and more", at(3, 1)),
        ("the second", at(1, 2)),
        ("the second, again", at(1, 2)),
        ("both, as one", at(3, 0)),
        ("the first, late", at(2, 0)),
        ("a gap", at(1, 9)),
        ("a large gap", at(1, i32::MAX)),
        ("a negative sequence", at(1, -2)),
        ("the third", at(1, 3)),
        ("the fourth", at(1, 4)),
        ("the fifth", at(1, 5)),
        ("the first, as the oldest that is known", at(2, 0)),
        ("the sixth", at(1, 6)),
        ("the first, when it is forgotten", at(2, 0)),
        ("the second, as the oldest", at(1, 2)),
        ("the seventh, of another time", RawBatch { timestamp: TIME - 5, ..at(1, 7) }),
        ("the seventh, again, of its time", at(1, 7)),
        ("without a sequence", batch(1, (-1, -1, -1))),
        ("half a producer: no id", batch(1, (-1, 0, 0))),
        ("half a producer: no id, no epoch", batch(1, (-1, -1, 8))),
        ("half a producer: no epoch", batch(1, (SOMEBODY, -1, 8))),
        ("half a producer: no sequence", batch(1, (SOMEBODY, 0, -1))),
        ("a negative id", batch(1, (-2, 0, 0))),
        ("no records", batch(0, (SOMEBODY, 0, 8))),
        ("the eighth", at(1, 8)),
    ];
    for (what, batch) in &cases {
        send(side, what, version, topic, 0, batch)?;
    }
    // Each partition counts for itself.
    send(side, "the first, elsewhere", version, topic, 1, &at(1, 0))?;
    let bytes = at(1, 9).bytes();
    let one = ProduceRequest { acks: 1, ..produce_of(topic.0, topic.1, &[(0, bytes.len())]) };
    side.ask_with("sequence: the ninth, for one ack", version, &one, &[&bytes])?;
    side.ask_with("sequence: the ninth, again", version, &one, &[&bytes])?;
    let many = [(0, bytes.len()), (1, bytes.len())];
    let many = produce_of(topic.0, topic.1, &many);
    side.ask_with("sequence: again, and a gap", version, &many, &[&bytes, &bytes])?;
    Ok(())
}

fn epochs(side: &mut Side, version: i16, topic: Topic<'_>) -> Result<()> {
    let at = |epoch, sequence| batch(1, (SOMEBODY + 1, epoch, sequence));
    let cases = [
        ("epoch 3", at(3, 0)),
        ("epoch 3, then", at(3, 1)),
        ("an older epoch", at(2, 2)),
        ("an older epoch, from 0", at(2, 0)),
        ("a newer epoch, going on", at(4, 2)),
        ("a newer epoch, somewhere", at(4, 7)),
        ("a newer epoch, from 0", at(4, 0)),
        ("the epoch before", at(3, 2)),
        ("the epoch before, again", at(3, 1)),
        ("the newer epoch, again", at(4, 0)),
        ("the newer epoch, then", at(4, 1)),
        ("a much newer epoch, from 0", at(100, 0)),
        ("the last epoch, from 0", at(i16::MAX, 0)),
        ("the last epoch, then", at(i16::MAX, 1)),
        ("epoch 0, after the last", at(0, 0)),
        ("a negative epoch", at(-2, 0)),
    ];
    for (what, batch) in &cases {
        send(side, what, version, topic, 1, batch)?;
    }
    Ok(())
}

fn unknown(side: &mut Side, version: i16, topic: Topic<'_>) -> Result<()> {
    let at = |records, sequence| batch(records, (SOMEBODY + 2, 5, sequence));
    let cases = [
        ("a nobody from the middle", at(2, 77)),
        ("a nobody, again", at(2, 77)),
        ("a nobody, then", at(1, 79)),
        ("a nobody, from 0", at(1, 0)),
        ("a nobody, before", at(1, 76)),
    ];
    for (what, batch) in &cases {
        send(side, what, version, topic, 2, batch)?;
    }
    Ok(())
}

fn wrapped(side: &mut Side, version: i16, topic: Topic<'_>) -> Result<()> {
    let at = |records, sequence| batch(records, (SOMEBODY + 3, 0, sequence));
    let cases = [
        ("nearly at the last number", at(2, i32::MAX - 3)),
        ("over the last number", at(3, i32::MAX - 1)),
        ("over the last number, again", at(3, i32::MAX - 1)),
        ("after the last number", at(1, 1)),
        ("after the last number, from 0", at(1, 0)),
        ("after the last number, with a gap", at(1, 3)),
    ];
    for (what, batch) in &cases {
        send(side, what, version, topic, 3, batch)?;
    }
    let other = |records, sequence| batch(records, (SOMEBODY + 4, 0, sequence));
    send(side, "up to the last number", version, topic, 3, &other(2, i32::MAX - 1))?;
    send(side, "0 after the last number", version, topic, 3, &other(1, 0))?;
    Ok(())
}

/// What comes again has the time at which it was appended first.
fn stamped(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("sequences-stamped-{version}");
    let id = make(side, &name, 1, &[("message.timestamp.type", "LogAppendTime")])?;
    let bytes = batch(1, (SOMEBODY, 0, 0)).bytes();
    let request = produce_of(&name, id, &[(0, bytes.len())]);
    side.ask_with("time of appending, the first", version, &request, &[&bytes])?;
    let again = "time of appending, the first, again";
    let answer = side.ask_with(again, version, &request, &[&bytes])?;
    let told = answer.map(|answer| answer.responses[0].partition_responses[0].log_append_time_ms);
    side.note(&format!("{again}: a time"), version, serde_json::json!(told > Some(TIME)));
    Ok(())
}

pub(super) fn told(side: &mut Side, name: &str) -> Result<()> {
    let request = |topics: &[(&str, &[i32])]| DescribeProducersRequest {
        topics: topics
            .iter()
            .map(|(name, indexes)| TopicRequest {
                name: (*name).to_owned(),
                partition_indexes: indexes.iter().copied().collect(),
            })
            .collect(),
    };
    type Asked<'a> = (&'a str, &'a [i32]);
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("each", &[(name, &[0, 1, 2, 3])]),
        ("no such partition", &[(name, &[4, -1, 0])]),
        ("a partition twice", &[(name, &[2, 2])]),
        ("a topic twice", &[(name, &[2]), (name, &[3])]),
        ("nobody's topic", &[("nobody", &[0])]),
        ("an odd name", &[("a b", &[0]), ("", &[0])]),
        ("no partitions", &[(name, &[])]),
        ("none", &[]),
    ];
    for (what, topics) in cases {
        side.ask(&format!("{what}: {name}"), 0, &request(topics))?;
    }
    Ok(())
}
