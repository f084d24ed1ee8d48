//! Produce: batches that are wrong, and the versions that are offered and refused.

use anyhow::Result;
use engine_base::Uuid;
use engine_record::{BatchBuilder, Codec};
use net_wire::frame;
use net_wire::messages::produce::{ProduceRequest, ProduceResponse};

use super::fetch::CODECS;
use super::{make, produce_of, stored, trim, versions, write};
use crate::batches::{RawBatch, TIME, packed};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<ProduceRequest>() {
        let name = format!("odd-{version}");
        let id = make(side, &name, 1, &[])?;
        // So that a refusal can tell where the log starts.
        write(side, &name, id, 0, &RawBatch::of(&["a", "b", "c"]).bytes())?;
        trim(side, &name, 2)?;
        headers(side, version, &name, id)?;
        insides(side, version, &name, id)?;
        stored(side, (&name, id), 1)?;
        for (kind, configs) in MARKED {
            marked(side, version, kind, configs)?;
        }
    }
    let good = packed(&["a"], Codec::None);
    for old in 0..3i16 {
        let request = produce_of("odd-3", Uuid::ZERO, &[(0, good.len())]);
        let mut bytes = frame::request(&request, 3, 7, Some("oracle"))?.join(&[&good]);
        bytes[6..8].copy_from_slice(&old.to_be_bytes());
        side.send::<ProduceResponse>(&format!("version {old}"), 3, &bytes)?;
    }
    Ok(())
}

/// Kinds of topics to which batches are written with marks that only a broker may set.
const MARKED: &[(&str, &[(&str, &str)])] = &[
    ("plain", &[]),
    ("compacted", &[("cleanup.policy", "compact")]),
    ("time of appending", &[("message.timestamp.type", "LogAppendTime")]),
];

/// The marks of a delete horizon, of control records and of a transaction, alone and together, on
/// records with and without values, plain and packed.
fn marked(side: &mut Side, version: i16, kind: &str, configs: &[(&str, &str)]) -> Result<()> {
    let name = format!("marked-{}-{version}", kind.replace(' ', "-"));
    let id = make(side, &name, 1, configs)?;
    let good = RawBatch {
        records: vec![(Some(b"k".to_vec()), b"v".to_vec()), (Some(b"l".to_vec()), Vec::new())],
        ..RawBatch::of(&[])
    };
    let numbered = RawBatch { producer: (5_000_000, 0, 0), ..good.clone() };
    let cases = [
        ("a delete horizon", 0x40, &good),
        ("a delete horizon of a producer", 0x40, &numbered),
        ("a delete horizon and control", 0x60, &good),
        ("a delete horizon and a transaction", 0x50, &numbered),
        ("a delete horizon and the log's time", 0x48, &good),
        ("every mark", 0x78, &numbered),
        ("control", 0x20, &good),
        ("control of a producer", 0x20, &numbered),
        ("a transaction", 0x10, &numbered),
        ("a transaction of nobody", 0x10, &good),
        ("a mark that nobody knows", 0x80, &good),
        ("all marks that nobody knows", !0x7f, &good),
    ];
    for (what, attributes, batch) in cases {
        let batch = RawBatch { attributes, ..batch.clone() };
        let what = format!("{kind}, marked: {what}");
        let bytes = batch.bytes();
        let request = produce_of(&name, id, &[(0, bytes.len())]);
        side.ask_with(&what, version, &request, &[&bytes])?;
        // Transactions are not served.
        if attributes & 0x10 == 0 {
            let named = ProduceRequest { transactional_id: Some("nobody".to_owned()), ..request };
            side.ask_with(&format!("{what}, with an id"), version, &named, &[&bytes])?;
        }
    }
    // Without a value, and packed.
    for codec in CODECS {
        let mut tombstone = BatchBuilder::new();
        tombstone.append(TIME, Some(b"k"), None, &[]);
        let mut bytes = tombstone.finish(codec);
        bytes[ATTRIBUTES_LOW] |= 0x40;
        let crc = crc32c::crc32c(&bytes[21..]).to_be_bytes();
        bytes[17..21].copy_from_slice(&crc);
        let request = produce_of(&name, id, &[(0, bytes.len())]);
        let what = format!("{kind}, marked: a tombstone of {}", codec.name());
        if codec != Codec::Zstd || version >= 7 {
            side.ask_with(&what, version, &request, &[&bytes])?;
        }
    }
    match kind {
        // Its times are those of the moment.
        "time of appending" => Ok(()),
        _ => stored(side, (&name, id), 1),
    }
}

/// Where the lower byte of a batch's attributes is.
const ATTRIBUTES_LOW: usize = 22;

fn ask(
    side: &mut Side,
    what: &str,
    version: i16,
    (name, id): (&str, Uuid),
    batch: &[u8],
) -> Result<()> {
    let request = produce_of(name, id, &[(0, batch.len())]);
    side.ask_with(&format!("odd: {what}"), version, &request, &[batch])?;
    Ok(())
}

fn headers(side: &mut Side, version: i16, name: &str, id: Uuid) -> Result<()> {
    let good = RawBatch::of(&["x", "y"]);
    let cases: Vec<(&str, RawBatch)> = vec![
        ("good", good.clone()),
        ("a wrong checksum", RawBatch { crc_flip: 1, ..good.clone() }),
        ("magic 0", RawBatch { magic: 0, ..good.clone() }),
        ("magic 1", RawBatch { magic: 1, ..good.clone() }),
        ("magic 3", RawBatch { magic: 3, ..good.clone() }),
        ("magic -1", RawBatch { magic: -1, ..good.clone() }),
        ("too long", RawBatch { length: Some(10_000), ..good.clone() }),
        ("no length", RawBatch { length: Some(0), ..good.clone() }),
        ("a negative length", RawBatch { length: Some(-1), ..good.clone() }),
        ("too many", RawBatch { count: Some(3), ..good.clone() }),
        ("too few", RawBatch { count: Some(1), ..good.clone() }),
        ("a negative count", RawBatch { count: Some(-1), ..good.clone() }),
        ("a last offset too far", RawBatch { last_offset_delta: Some(5), ..good.clone() }),
        ("a negative last offset", RawBatch { last_offset_delta: Some(-1), ..good.clone() }),
        ("a base offset", RawBatch { base_offset: 7, ..good.clone() }),
        ("a negative base offset", RawBatch { base_offset: -1, ..good.clone() }),
        ("a control batch", RawBatch { attributes: 0x20, ..good.clone() }),
        ("the time of appending", RawBatch { attributes: 0x08, ..good.clone() }),
        ("unknown flags", RawBatch { attributes: 0x4000, ..good.clone() }),
        ("transactional", RawBatch { attributes: 0x10, producer: (5, 0, 0), ..good.clone() }),
        ("a producer without sequence", RawBatch { producer: (5, 0, -1), ..good.clone() }),
        ("a producer without epoch", RawBatch { producer: (5, -1, 0), ..good.clone() }),
        ("no time", RawBatch { timestamp: -1, ..good.clone() }),
        ("time zero", RawBatch { timestamp: 0, ..good.clone() }),
        ("a negative time", RawBatch { timestamp: -5, ..good.clone() }),
        ("the far future", RawBatch { timestamp: 32_503_680_000_000, ..good.clone() }),
    ];
    for (what, batch) in cases {
        ask(side, what, version, (name, id), &batch.bytes())?;
    }
    let bytes = good.bytes();
    ask(side, "half", version, (name, id), &bytes[..40])?;
    ask(side, "all but a byte", version, (name, id), &bytes[..bytes.len() - 1])?;
    // Where Kafka stores what we refuse, so that the offsets after it are the same again.
    let trailing = format!("trailing-{version}");
    let other = make(side, &trailing, 1, &[])?;
    ask(side, "a byte more", version, (&trailing, other), &[&bytes[..], &[0]].concat())?;
    ask(side, "two batches", version, (name, id), &[&bytes[..], &bytes[..]].concat())?;
    let transactional = ProduceRequest {
        transactional_id: Some("nobody".to_owned()),
        ..produce_of(name, id, &[(0, bytes.len())])
    };
    side.ask_with("odd: a transactional id", version, &transactional, &[&bytes])?;
    Ok(())
}

fn insides(side: &mut Side, version: i16, name: &str, id: Uuid) -> Result<()> {
    for codec in 5..8 {
        let batch = RawBatch { attributes: codec, ..RawBatch::of(&["x"]) };
        ask(side, &format!("codec {codec}"), version, (name, id), &batch.bytes())?;
    }
    for codec in 1..5 {
        // Records that are not packed, under the name of a codec.
        let batch = RawBatch { attributes: codec, ..RawBatch::of(&["garbage"]) };
        ask(side, &format!("garbage for codec {codec}"), version, (name, id), &batch.bytes())?;
    }
    let empty = RawBatch { records: Vec::new(), ..RawBatch::of(&["x"]) };
    ask(side, "no records", version, (name, id), &empty.bytes())?;
    let mut torn = RawBatch::of(&["x", "y"]);
    torn.count = Some(2);
    torn.records.truncate(1);
    torn.last_offset_delta = Some(1);
    ask(side, "a record less", version, (name, id), &torn.bytes())
}
