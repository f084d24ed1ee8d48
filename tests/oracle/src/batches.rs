//! Record batches that are sent, and what is told of those that come back.

use engine_record::{BatchBuilder, Codec};
use serde_json::{Value, json};
pub(crate) use tests_e2e::raw_batch::RawBatch;

/// The time of every record that is sent, in milliseconds since 1970.
pub(crate) const TIME: i64 = 1_700_000_000_000;

/// The bytes before a batch's records.
const HEADER: usize = 61;
/// Base offset and length: what the length does not count.
const BEFORE_LENGTH: usize = 12;

/// A good batch of these values, packed; each record a second after the one before.
pub(crate) fn packed(values: &[&str], codec: Codec) -> Vec<u8> {
    let mut batch = BatchBuilder::new();
    for (index, value) in (0..).zip(values) {
        batch.append(TIME + index * 1000, Some(b"key"), Some(value.as_bytes()), &[]);
    }
    batch.finish(codec)
}

/// What is to be compared of record bytes: each whole batch's header, and whether its checksum
/// holds, which covers all the rest. A part of a batch at the end, which Kafka sends and every
/// client passes over, is left out.
pub(crate) fn told(mut bytes: &[u8]) -> Value {
    let mut batches = Vec::new();
    while bytes.len() >= HEADER {
        let length = i32::from_be_bytes(at(bytes, 8));
        let Some(whole) =
            usize::try_from(length).ok().and_then(|len| len.checked_add(BEFORE_LENGTH))
        else {
            break;
        };
        if whole > bytes.len() {
            break;
        }
        let (batch, rest) = bytes.split_at(whole);
        batches.push(header(batch));
        bytes = rest;
    }
    Value::Array(batches)
}

fn header(batch: &[u8]) -> Value {
    let crc = u32::from_be_bytes(at(batch, 17));
    json!({
        "baseOffset": i64::from_be_bytes(at(batch, 0)),
        "bytes": batch.len(),
        "leaderEpoch": i32::from_be_bytes(at(batch, 12)),
        "magic": batch[16],
        "crc": crc,
        "crcHolds": crc == crc32c::crc32c(&batch[21..]),
        "attributes": i16::from_be_bytes(at(batch, 21)),
        "lastOffsetDelta": i32::from_be_bytes(at(batch, 23)),
        "baseTimestamp": i64::from_be_bytes(at(batch, 27)),
        "maxTimestamp": i64::from_be_bytes(at(batch, 35)),
        "producerId": i64::from_be_bytes(at(batch, 43)),
        "producerEpoch": i16::from_be_bytes(at(batch, 51)),
        "baseSequence": i32::from_be_bytes(at(batch, 53)),
        "count": i32::from_be_bytes(at(batch, 57)),
    })
}

fn at<const N: usize>(batch: &[u8], from: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&batch[from..from + N]);
    bytes
}
