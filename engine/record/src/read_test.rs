//! What was built is read back, however it is packed and cut; what Java built is read too.

use super::*;
use crate::dice::{Dice, Owned, append, batch, from_hex, seal};
use crate::{BadBatch, BatchBuilder, Rope};

fn read(pieces: &[&[u8]], bytes_max: usize) -> Result<Vec<(Offset, Owned)>, BadRecords> {
    let view = view(pieces);
    let mut reader = RecordReader::new(view, bytes_max)?;
    let mut all = Vec::new();
    while let Some(record) = reader.next_record() {
        let record = record?;
        let headers =
            record.headers().map(|header| (header.key.to_vec(), header.value.map(<[u8]>::to_vec)));
        let owned = Owned {
            timestamp: record.timestamp,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: headers.collect(),
        };
        assert_eq!(record.header_count, owned.headers.len());
        all.push((record.offset, owned));
    }
    assert!(reader.next_record().is_none());
    Ok(all)
}

fn view<'a>(pieces: &'a [&'a [u8]]) -> BatchView<'a> {
    BatchView::parse(Rope::new(pieces), 0).expect("a batch")
}

#[test]
fn random_batches_come_back_from_any_rope() {
    let mut dice = Dice::new(1);
    for _ in 0..300 {
        let records = dice.records();
        for codec in Codec::ALL {
            let mut builder = BatchBuilder::new().at(1000, 4).producer(9, 2, 77);
            append(&mut builder, &records);
            assert_eq!(builder.count(), records.len());
            let plain_bytes = builder.bytes();
            let bytes = builder.finish(codec);
            let pieces = dice.cut(&bytes);
            let view = view(&pieces);
            assert_eq!(view.verify_crc(), Ok(()));
            let header = view.header();
            assert_eq!(header.codec(), Some(codec));
            assert_eq!(header.last_offset(), 999 + records.len() as i64);
            assert_eq!(
                (header.producer_id, header.producer_epoch, header.base_sequence),
                (9, 2, 77)
            );
            let times = records.iter().map(|record| record.timestamp);
            assert_eq!(Some(header.max_timestamp), times.max());
            let expected: Vec<_> = (1000..).zip(records.iter().cloned()).collect();
            assert_eq!(read(&pieces, plain_bytes), Ok(expected), "{codec:?}");
            if codec == Codec::None {
                assert_eq!(bytes.len(), plain_bytes);
            }
        }
    }
}

#[test]
fn cut_batches_are_found_and_never_panic() {
    let mut dice = Dice::new(2);
    let bytes = batch(&dice.records(), Codec::None);
    let pieces = [bytes.as_slice()];
    let whole = view(&pieces);
    assert_eq!(whole.bytes().len(), bytes.len());
    for end in 0..bytes.len() {
        let cut = BatchView::parse(Rope::new(&[&bytes[..end]]), 0).map(|_| ());
        assert!(matches!(cut, Err(BadBatch::Cut { .. })), "{end}: {cut:?}");
    }
    let two = [bytes.as_slice(), bytes.as_slice()];
    let second = BatchView::parse(Rope::new(&two), bytes.len()).expect("a batch behind a batch");
    assert_eq!(second.verify_crc(), Ok(()));
    let nothing = BatchView::parse(Rope::new(&two), 2 * bytes.len() + 5).map(|_| ());
    assert_eq!(nothing, Err(BadBatch::Cut { need: 61, have: 0 }));
}

#[test]
fn every_single_flipped_bit_fails_the_checksum() {
    let mut dice = Dice::new(3);
    let mut bytes = batch(&[dice.record(), dice.record()], Codec::Lz4);
    for bit in 17 * 8..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let pieces = [bytes.as_slice()];
        let view = view(&pieces);
        let checked = view.verify_crc();
        assert!(matches!(checked, Err(BadBatch::Checksum { .. })), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn damaged_records_are_errors_and_never_panics() {
    let mut dice = Dice::new(4);
    for round in 0..4_000 {
        let codec = Codec::ALL[round % 5];
        let mut bytes = batch(&[dice.record(), dice.record(), dice.record()], codec);
        for _ in 0..1 + dice.below(4) {
            let at = 57 + dice.below(bytes.len() - 57);
            bytes[at] = dice.roll() as u8;
        }
        seal(&mut bytes);
        let pieces = dice.cut(&bytes);
        // Whatever comes out, no more than the bound and no panic.
        if let Ok(records) = read(&pieces, 1 << 20) {
            let size = |owned: &Owned| owned.value.as_ref().map_or(0, Vec::len);
            assert!(records.iter().map(|(_, record)| size(record)).sum::<usize>() <= 1 << 20);
        }
    }
}

#[test]
fn a_bound_is_kept_to_the_byte() {
    let mut builder = BatchBuilder::new();
    builder.append(0, None, Some(&[7; 100_000]), &[]);
    let records_bytes = builder.bytes() - crate::HEADER_BYTES;
    for codec in Codec::ALL {
        let bytes = builder.clone().finish(codec);
        assert_eq!(read(&[&bytes], records_bytes).map(|all| all.len()), Ok(1), "{codec:?}");
        if codec != Codec::None {
            let read = read(&[&bytes], records_bytes - 1);
            assert!(read.is_err(), "{codec:?}");
        }
    }
}

#[test]
fn the_logs_time_is_every_records() {
    let mut bytes = batch(&Dice::new(5).records(), Codec::None);
    crate::stamp_log_append_time(&mut bytes, 42);
    let pieces = [bytes.as_slice()];
    let view = view(&pieces);
    assert_eq!(view.verify_crc(), Ok(()));
    assert_eq!(view.header().timestamp_type(), TimestampType::LogAppendTime);
    let records = read(&[&bytes], 0).expect("plain records");
    assert!(records.iter().all(|(_, record)| record.timestamp == 42));
}

#[test]
fn a_stamp_leaves_the_checksum() {
    let mut bytes = batch(&Dice::new(6).records(), Codec::Zstd);
    crate::stamp(&mut bytes[..16], 1 << 40, 17);
    let pieces = [bytes.as_slice()];
    let view = view(&pieces);
    assert_eq!(view.verify_crc(), Ok(()));
    assert_eq!((view.header().base_offset, view.header().leader_epoch), (1 << 40, 17));
}

#[test]
fn a_number_may_be_padded_but_not_for_ever() {
    // A record with the key "k" and the value "v", its length and key length padded.
    let padded = [0x92, 0x80, 0, 0, 0, 0, 0x82, 0, b'k', 2, b'v', 0];
    for (extra, good) in [(0, true), (5, false)] {
        let mut bytes = batch(&[Dice::new(7).record()], Codec::None);
        bytes.truncate(crate::HEADER_BYTES);
        bytes.extend(std::iter::repeat_n(0x80, extra));
        bytes.extend_from_slice(&padded);
        let length = bytes.len() as u32 - 12;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        let read = read(&[&bytes], 0);
        assert_eq!(read.is_ok(), good, "{read:?}");
        if let Ok(records) = read {
            assert_eq!(records[0].1.key.as_deref(), Some(b"k".as_slice()));
            assert_eq!(records[0].1.value.as_deref(), Some(b"v".as_slice()));
        }
    }
}

/// What kafka-clients 4.3.1's `MemoryRecords.builder` wrote for these records, codec by codec:
/// base offset 100, producer 7, epoch 3, sequence 11, transactional, leader epoch 5.
const JAVA: [(Codec, &str); 5] = [
    (
        Codec::None,
        "0000000000000064000000810000000502b65f27f30010000000020000018bcfe568000000018bcfe57b88
         000000000000000700030000000b000000036a000000066b65794676616c75652076616c75652076616c75
         652076616c75652076616c75652076616c7565040468310278046832011a00cf0f02010c6e6f206b657900
         1600904e0408676f6e650100",
    ),
    (
        Codec::Gzip,
        "00000000000000640000007900000005023eac785b0011000000020000018bcfe568000000018bcfe57b88
         000000000000000700030000000b000000031f8b08000000000000ffcb62606060cb4ead742b4bcc294d55
         c04bb2b064183255b06418314a319ce76762e4c9cb57006a65106398e0c7c2919e9f97cac80000f6281baa
         50000000",
    ),
    (
        Codec::Snappy,
        "00000000000000640000007e00000005027b74b1e50012000000020000018bcfe568000000018bcfe57b88
         000000000000000700030000000b0000000382534e415050590000000001000000010000003950386a0000
         00066b65794676616c7565207206008c040468310278046832011a00cf0f02010c6e6f206b657900160090
         4e0408676f6e650100",
    ),
    (
        Codec::Lz4,
        "00000000000000640000007a0000000502c536eb340013000000020000018bcfe568000000018bcfe57b88
         000000000000000700030000000b0000000304224d186040823a000000ff006a000000066b65794676616c
         75652006000af015040468310278046832011a00cf0f02010c6e6f206b6579001600904e0408676f6e6501
         0000000000",
    ),
    (
        Codec::Zstd,
        "0000000000000064000000770000000502543049c00014000000020000018bcfe568000000018bcfe57b88
         000000000000000700030000000b0000000328b52ffd0058d4010034036a000000066b65794676616c7565
         20040468310278046832011a00cf0f02010c6e6f206b6579001600904e0408676f6e6501000100b94b1d01
         0000",
    ),
];

fn what_java_was_given() -> Vec<Owned> {
    let owned = |text: &str| Some(text.as_bytes().to_vec());
    vec![
        Owned {
            timestamp: 1_700_000_000_000,
            key: owned("key"),
            value: owned("value value value value value value"),
            headers: vec![(b"h1".to_vec(), owned("x")), (b"h2".to_vec(), None)],
        },
        Owned { timestamp: 1_699_999_999_000, key: None, value: owned("no key"), headers: vec![] },
        Owned { timestamp: 1_700_000_005_000, key: owned("gone"), value: None, headers: vec![] },
    ]
}

#[test]
fn what_java_wrote_is_read() {
    for (codec, hex) in JAVA {
        let bytes = from_hex(hex);
        let pieces = [bytes.as_slice()];
        let view = view(&pieces);
        assert_eq!(view.verify_crc(), Ok(()), "{codec:?}");
        let header = view.header();
        assert_eq!(header.codec(), Some(codec));
        assert_eq!(header.total_bytes(), bytes.len());
        assert!(header.is_transactional() && !header.is_control());
        assert_eq!((header.producer_id, header.producer_epoch), (7, 3));
        assert_eq!((header.base_sequence, header.leader_epoch), (11, 5));
        assert_eq!(header.max_timestamp, 1_700_000_005_000);
        let expected: Vec<_> = (100..).zip(what_java_was_given()).collect();
        assert_eq!(read(&[&bytes], 1 << 20), Ok(expected), "{codec:?}");
    }
}

#[test]
fn what_we_write_is_what_java_wrote() {
    let mut builder = BatchBuilder::new().at(100, 5).producer(7, 3, 11).transactional();
    append(&mut builder, &what_java_was_given());
    // Packed forms differ from library to library; the plain one is given by the format.
    assert_eq!(builder.finish(Codec::None), from_hex(JAVA[0].1));
}
