//! Produce: batches that are wrong, and the versions that are offered and refused.

use anyhow::Result;
use engine_base::Uuid;
use engine_record::Codec;
use net_wire::frame;
use net_wire::messages::produce::{ProduceRequest, ProduceResponse};

use super::{make, produce_of, versions};
use crate::batches::{RawBatch, packed};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<ProduceRequest>() {
        let name = format!("odd-{version}");
        let id = make(side, &name, 1, &[])?;
        headers(side, version, &name, id)?;
        insides(side, version, &name, id)?;
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
