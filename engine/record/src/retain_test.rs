//! What is left of a batch reads as what was kept of it, in Kafka's own layout.

use super::*;
use crate::dice::{Dice, Owned, append};
use crate::{BatchBuilder, Header, Rope};
use engine_base::Offset;

const MAX: usize = 1 << 24;
const STEP: usize = 500;

/// What is left of a batch, with what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Retained {
    Whole,
    Rebuilt(Vec<u8>),
    Nothing,
}

/// Judged and rebuilt a few records at a time; no step takes more than it was given and a record.
fn retain(
    batch: BatchView<'_>,
    bytes_max: usize,
    horizon: Horizon,
    mut keep: impl FnMut(&Record<'_>) -> bool,
) -> Result<Retained, BadRecords> {
    let mut judging = Judging::begin(batch, bytes_max, horizon)?;
    let left = loop {
        let (mut walked, mut last) = (0, 0);
        let left = judging.step(STEP, |record| {
            last = record.bytes();
            walked += last;
            keep(record)
        })?;
        assert!(walked - last < STEP && (left.is_some() || walked >= STEP), "{walked} bytes");
        if let Some(left) = left {
            break left;
        }
    };
    match left {
        Left::Whole => return Ok(Retained::Whole),
        Left::Nothing => return Ok(Retained::Nothing),
        Left::Some => {}
    }
    let mut rebuilding = judging.rebuild()?;
    while !rebuilding.step(STEP)? {
        assert!(rebuilding.rebuilt.records.is_empty(), "what a step took is packed in it");
    }
    Ok(Retained::Rebuilt(rebuilding.finish()))
}

fn view<'a>(pieces: &'a [&'a [u8]]) -> BatchView<'a> {
    BatchView::parse(Rope::new(pieces), 0).expect("a batch")
}

fn read(bytes: &[u8]) -> Vec<(Offset, Owned)> {
    let pieces = [bytes];
    let batch = view(&pieces);
    assert_eq!(batch.verify_crc(), Ok(()));
    let mut reader = RecordReader::new(batch, MAX).expect("a reader");
    let mut all = Vec::new();
    while let Some(record) = reader.next_record() {
        let record = record.expect("a record");
        let headers = record.headers().map(|h| (h.key.to_vec(), h.value.map(<[u8]>::to_vec)));
        all.push((
            record.offset,
            Owned {
                timestamp: record.timestamp,
                key: record.key.map(<[u8]>::to_vec),
                value: record.value.map(<[u8]>::to_vec),
                headers: headers.collect(),
            },
        ));
    }
    all
}

fn header_of(bytes: &[u8]) -> BatchHeader {
    *view(&[bytes]).header()
}

#[test]
fn what_is_kept_of_random_batches_reads_as_before() {
    let mut dice = Dice::new(11);
    let (mut whole, mut rebuilt, mut nothing) = (0, 0, 0);
    for round in 0..300 {
        let records = dice.records();
        let codec = Codec::ALL[round % 5];
        let mut builder = BatchBuilder::new().at(1000, 4).producer(9, 2, 77);
        append(&mut builder, &records);
        let bytes = builder.finish(codec);
        let before = read(&bytes);
        let wanted: Vec<bool> = before.iter().map(|_| dice.below(2) == 0).collect();
        let all = dice.below(4) == 0;
        let is_kept = |offset: Offset| all || wanted[(offset - 1000) as usize];
        let pieces = dice.cut(&bytes);
        let left =
            retain(view(&pieces), MAX, Horizon::Given(5_000), |record| is_kept(record.offset));
        let kept: Vec<_> = before.iter().filter(|(at, _)| is_kept(*at)).cloned().collect();
        let tombstones = kept.iter().any(|(_, record)| record.value.is_none());
        match left.expect("readable records") {
            Retained::Whole => {
                assert!(kept == before && !tombstones);
                whole += 1;
            }
            Retained::Nothing => {
                assert!(kept.is_empty());
                nothing += 1;
            }
            Retained::Rebuilt(after) => {
                assert!(kept != before || tombstones);
                assert_eq!(read(&after), kept);
                let (old, new) = (header_of(&bytes), header_of(&after));
                let newest = kept.iter().map(|(_, record)| record.timestamp).max();
                let horizon = tombstones.then_some(5_000);
                assert_eq!(new.delete_horizon(), horizon);
                assert_eq!(new.base_timestamp, horizon.unwrap_or(kept[0].1.timestamp));
                let expected = BatchHeader {
                    batch_length: new.batch_length,
                    crc: new.crc,
                    attributes: old.attributes | if tombstones { DELETE_HORIZON_BIT } else { 0 },
                    base_timestamp: new.base_timestamp,
                    max_timestamp: newest.expect("something was kept"),
                    record_count: kept.len() as i32,
                    ..old
                };
                assert_eq!(new, expected);
                rebuilt += 1;
            }
        }
    }
    assert!(whole > 10 && rebuilt > 100 && nothing > 5, "{whole} {rebuilt} {nothing}");
}

#[test]
fn a_horizon_is_given_once_and_stays() {
    let mut builder = BatchBuilder::new().at(10, 1);
    let name = Header { key: b"h", value: None };
    builder.append(70, Some(b"a"), Some(b"1"), &[]);
    builder.append(71, Some(b"b"), None, &[name]);
    builder.append(72, Some(b"c"), None, &[]);
    let bytes = builder.finish(Codec::Zstd);
    let first = retain(view(&[&bytes]), MAX, Horizon::Given(900), |_| true).expect("readable");
    let Retained::Rebuilt(first) = first else { panic!("{first:?}") };
    assert_eq!(header_of(&first).delete_horizon(), Some(900));
    assert_eq!(read(&first), read(&bytes));
    // Nothing goes: the second time it stays byte for byte.
    assert_eq!(retain(view(&[&first]), MAX, Horizon::Given(2_000), |_| true), Ok(Retained::Whole));
    let second = retain(view(&[&first]), MAX, Horizon::Given(2_000), |record| record.offset != 11);
    let Ok(Retained::Rebuilt(second)) = second else { panic!("{second:?}") };
    assert_eq!(header_of(&second).delete_horizon(), Some(900));
    assert_eq!(read(&second), [read(&bytes)[0].clone(), read(&bytes)[2].clone()]);
    assert_eq!(header_of(&second).max_timestamp, 72);
}

#[test]
fn a_horizon_that_a_client_claims_is_none() {
    let claiming = |value: Option<&[u8]>| {
        let mut builder = BatchBuilder::new().at(10, 1);
        builder.append(70, Some(b"a"), Some(b"1"), &[]);
        builder.append(71, Some(b"b"), value, &[]);
        let bytes = builder.finish(Codec::None);
        let mut header = header_of(&bytes);
        header.attributes |= DELETE_HORIZON_BIT;
        pack(header, &bytes[HEADER_BYTES..], Codec::None)
    };
    let bytes = claiming(None);
    assert_eq!(header_of(&bytes).delete_horizon(), Some(70));
    assert_eq!(Horizon::New(900).of(&header_of(&bytes)), None);
    let left = retain(view(&[&bytes]), MAX, Horizon::New(900), |_| true);
    let Ok(Retained::Rebuilt(left)) = left else { panic!("{left:?}") };
    assert_eq!(header_of(&left).delete_horizon(), Some(900));
    assert_eq!(read(&left), read(&bytes));
    // Without tombstones there is no horizon at all.
    let bytes = claiming(Some(b"2"));
    let left = retain(view(&[&bytes]), MAX, Horizon::New(900), |record| record.offset == 11);
    let Ok(Retained::Rebuilt(left)) = left else { panic!("{left:?}") };
    assert_eq!(header_of(&left).delete_horizon(), None);
    assert_eq!(read(&left), read(&bytes)[1..]);
}

#[test]
fn the_time_of_appending_is_kept() {
    let mut builder = BatchBuilder::new().at(10, 1);
    builder.append(1, Some(b"a"), Some(b"1"), &[]);
    builder.append(2, Some(b"b"), Some(b"1"), &[]);
    let mut bytes = builder.finish(Codec::None);
    crate::stamp_log_append_time(&mut bytes, 5_555);
    let left = retain(view(&[&bytes]), MAX, Horizon::Given(0), |record| record.offset == 11);
    let Ok(Retained::Rebuilt(left)) = left else { panic!("{left:?}") };
    assert_eq!(header_of(&left).max_timestamp, 5_555);
    assert_eq!(header_of(&left).timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(read(&left)[0].1.timestamp, 5_555);
}

#[test]
fn an_empty_batch_stands_for_offsets_and_sequence() {
    let mut builder = BatchBuilder::new().at(10, 3).producer(9, 2, 77);
    builder.append(70, Some(b"a"), Some(b"1"), &[]);
    builder.append(90, Some(b"b"), None, &[]);
    let bytes = builder.finish(Codec::Gzip);
    assert_eq!(retain(view(&[&bytes]), MAX, Horizon::Given(900), |_| false), Ok(Retained::Nothing));
    let empty = empty_batch(&header_of(&bytes));
    assert_eq!(empty.len(), HEADER_BYTES);
    let (old, new) = (header_of(&bytes), header_of(&empty));
    let expected = BatchHeader {
        batch_length: 49,
        crc: new.crc,
        attributes: 0,
        base_timestamp: -1,
        record_count: 0,
        ..old
    };
    assert_eq!(new, expected);
    assert_eq!(read(&empty), []);
    // It is found again by the next compaction, and is itself nothing.
    assert_eq!(retain(view(&[&empty]), MAX, Horizon::Given(900), |_| true), Ok(Retained::Nothing));
}

#[test]
fn what_cannot_be_read_is_not_judged() {
    let mut builder = BatchBuilder::new().at(10, 3);
    builder.append(70, Some(b"a"), Some(b"1"), &[]);
    let mut bytes = builder.finish(Codec::None);
    let last = bytes.len() - 1;
    bytes[last] = 9;
    assert!(retain(view(&[&bytes]), MAX, Horizon::Given(0), |_| true).is_err());
}
