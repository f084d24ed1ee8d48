//! Produce: good batches of each kind, and what is written where.

use std::time::SystemTime;

use anyhow::Result;
use engine_base::Uuid;
use engine_record::{BatchBuilder, Codec};
use net_wire::messages::metadata::MetadataRequest;
use net_wire::messages::produce::{ProduceRequest, TopicProduceData};
use net_wire::{FrameRange, List};

use super::{NOBODY, make, produce_of, trim, versions, write};
use crate::batches::{RawBatch, packed};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<ProduceRequest>() {
        let name = format!("written-{version}");
        let id = make(side, &name, 3, &[])?;
        let good = packed(&["a", "b"], Codec::None);
        for acks in [-1, 1, 2, -2, i16::MAX] {
            let request = ProduceRequest { acks, ..produce_of(&name, id, &[(0, good.len())]) };
            side.ask_with(&format!("acks {acks}"), version, &request, &[&good])?;
        }
        unanswered(side, version, &name, id)?;
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let batch = packed(&["a", "b", "c"], codec);
            let request = produce_of(&name, id, &[(1, batch.len())]);
            side.ask_with(&format!("packed by {}", codec.name()), version, &request, &[&batch])?;
        }
        let two = produce_of(&name, id, &[(0, good.len()), (2, good.len())]);
        side.ask_with("two partitions", version, &two, &[&good, &good])?;
        let late = ProduceRequest { timeout_ms: 0, ..produce_of(&name, id, &[(0, good.len())]) };
        side.ask_with("no time", version, &late, &[&good])?;
        kinds(side, version)?;
        nowhere(side, version, &name, id)?;
    }
    Ok(())
}

/// acks=0: nothing comes back; the question after it is answered, and shows what was written.
fn unanswered(side: &mut Side, version: i16, name: &str, id: Uuid) -> Result<()> {
    let good = packed(&["silent"], Codec::None);
    let request = ProduceRequest { acks: 0, ..produce_of(name, id, &[(0, good.len())]) };
    side.tell(version, &request, &[&good])?;
    side.ask(
        "after silence",
        1,
        &MetadataRequest { topics: Some(List::new()), ..Default::default() },
    )?;
    let seen = produce_of(name, id, &[(0, good.len())]);
    side.ask_with("after silence", version, &seen, &[&good])?;
    Ok(())
}

/// A topic whose log does not start at 0, so that it can be seen where a refusal tells that.
fn trimmed(side: &mut Side, name: &str, configs: &[(&str, &str)]) -> Result<Uuid> {
    let id = make(side, name, 1, configs)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let mut batch = BatchBuilder::new();
    // A little later than now: within every bound of time, however slow this machine is.
    let soon = i64::try_from(now)? + 600_000;
    batch.append(soon, Some(b"k"), None, &[]);
    batch.append(soon, Some(b"k"), None, &[]);
    write(side, name, id, 0, &batch.finish(Codec::None))?;
    trim(side, name, 1)?;
    Ok(id)
}

fn kinds(side: &mut Side, version: i16) -> Result<()> {
    let good = packed(&["a", "b"], Codec::None);
    let stamped = format!("stamped-{version}");
    let id = trimmed(side, &stamped, &[("message.timestamp.type", "LogAppendTime")])?;
    let request = produce_of(&stamped, id, &[(0, good.len())]);
    side.ask_with("time of appending", version, &request, &[&good])?;
    let compacted = format!("compacted-{version}");
    let id = make(side, &compacted, 1, &[("cleanup.policy", "compact")])?;
    let request = produce_of(&compacted, id, &[(0, good.len())]);
    side.ask_with("keys to a compacted topic", version, &request, &[&good])?;
    let keyless = RawBatch::of(&["a", "b"]).bytes();
    let request = produce_of(&compacted, id, &[(0, keyless.len())]);
    side.ask_with("no keys to a compacted topic", version, &request, &[&keyless])?;
    let mut half = RawBatch::of(&["a", "b", "c"]);
    half.records[1].0 = Some(b"key".to_vec());
    let half = half.bytes();
    let request = produce_of(&compacted, id, &[(0, half.len())]);
    side.ask_with("one key to a compacted topic", version, &request, &[&half])?;
    let small = format!("small-{version}");
    let id = trimmed(side, &small, &[("max.message.bytes", "100")])?;
    let long = RawBatch::of(&[&"x".repeat(100)]).bytes();
    let request = produce_of(&small, id, &[(0, long.len())]);
    side.ask_with("beyond max.message.bytes", version, &request, &[&long])?;
    let segment = format!("segment-{version}");
    let large = [("segment.bytes", "1048576"), ("max.message.bytes", "9000000")];
    let id = trimmed(side, &segment, &large)?;
    let long = RawBatch::of(&[&"x".repeat(1_100_000)]).bytes();
    let request = produce_of(&segment, id, &[(0, long.len())]);
    side.ask_with("beyond segment.bytes", version, &request, &[&long])?;
    let bounded = format!("bounded-{version}");
    let id = trimmed(side, &bounded, &[("message.timestamp.before.max.ms", "1000")])?;
    let request = produce_of(&bounded, id, &[(0, good.len())]);
    side.ask_with("before the bounds of time", version, &request, &[&good])?;
    let future = RawBatch { timestamp: 32_503_680_000_000, ..RawBatch::of(&["x", "y"]) }.bytes();
    let request = produce_of(&bounded, id, &[(0, future.len())]);
    side.ask_with("after the bounds of time", version, &request, &[&future])?;
    Ok(())
}

fn nowhere(side: &mut Side, version: i16, name: &str, id: Uuid) -> Result<()> {
    let good = packed(&["a", "b"], Codec::None);
    let len = good.len();
    let cases: &[(&str, ProduceRequest)] = &[
        ("no such partition", produce_of(name, id, &[(3, len)])),
        ("a negative partition", produce_of(name, id, &[(-1, len)])),
        ("nobody's topic", produce_of("nobody", NOBODY, &[(0, len)])),
        ("odd name: none", produce_of("", Uuid::ZERO, &[(0, len)])),
        ("odd name: a b", produce_of("a b", NOBODY, &[(0, len)])),
    ];
    for (what, request) in cases {
        side.ask_with(what, version, request, &[&good])?;
    }
    let beside = produce_of(name, id, &[(0, len), (7, len)]);
    side.ask_with("a good one and none", version, &beside, &[&good, &good])?;
    let twice = produce_of(name, id, &[(0, len), (0, len)]);
    side.ask_with("a partition twice", version, &twice, &[&good, &good])?;
    let one = |records: Option<FrameRange>| {
        let mut request = produce_of(name, id, &[(0, 0)]);
        request.topic_data[0].partition_data[0].records = records;
        request
    };
    // Kafka never answers these, so they are sent once.
    if version == 13 {
        side.ask_in_vain("null records", version, &one(None))?;
    }
    side.ask_with("no records", version, &one(Some(FrameRange::gap(0))), &[])?;
    side.ask_with("no partitions", version, &produce_of(name, id, &[]), &[])?;
    let none = ProduceRequest { topic_data: List::<TopicProduceData>::new(), ..one(None) };
    side.ask_with("none", version, &none, &[])?;
    Ok(())
}
