//! The rows of bad input, each with Kafka's reaction or ours where Kafka stores garbage; and what
//! is good passes.

use super::*;
use crate::dice::{Dice, batch, seal};
use crate::{BatchBuilder, RecordReader};

const NOW: i64 = 1_700_000_000_000;

fn rules() -> Rules {
    Rules { now: WallMs(NOW), ..Rules::default() }
}

fn at_depth(depth: Depth) -> Rules {
    Rules { depth, ..rules() }
}

fn check(bytes: &[u8], rules: &Rules) -> Result<Validated, Refusal> {
    let pieces = Dice::new(bytes.len() as u64).cut(bytes);
    let whole = validate(Rope::new(&[bytes]), rules);
    assert_eq!(validate(Rope::new(&pieces), rules), whole, "pieces make no difference");
    // Neither do steps.
    let stepped = Validation::begin(Rope::new(&pieces), rules).and_then(|mut validation| {
        loop {
            if let Some(validated) = validation.step(10)? {
                return Ok(validated);
            }
        }
    });
    assert_eq!(stepped, whole, "steps make no difference");
    whole
}

/// A batch of records with these keys and times, values of one byte.
fn of(records: &[(Option<&str>, i64)], codec: Codec) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for (key, time) in records {
        builder.append(*time, key.map(str::as_bytes), Some(b"v"), &[]);
    }
    builder.finish(codec)
}

fn one() -> Vec<u8> {
    of(&[(Some("k"), NOW)], Codec::None)
}

/// The batch with bytes written into it at a place, and a right checksum.
fn with(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes[at..at + new.len()].copy_from_slice(new);
    seal(&mut bytes);
    bytes
}

/// The batch with other bytes for records, and right length and checksum.
fn with_records(mut bytes: Vec<u8>, records: &[u8]) -> Vec<u8> {
    bytes.truncate(HEADER_BYTES);
    bytes.extend_from_slice(records);
    let length = u32::try_from(bytes.len() - 12).expect("a small batch");
    with(bytes, 8, &length.to_be_bytes())
}

fn plain(count: i32) -> Vec<u8> {
    let keys: Vec<_> = (0..count).map(|_| (Some("k"), NOW)).collect();
    of(&keys, Codec::None)
}

/// What kind of refusal it is, by Kafka's number for it.
fn code(result: Result<Validated, Refusal>) -> i16 {
    match result {
        Ok(_) => 0,
        Err(Refusal::CorruptBatch(_) | Refusal::UnknownCodec) => 2,
        Err(Refusal::MessageTooLarge) => 10,
        Err(Refusal::RecordListTooLarge) => 18,
        Err(Refusal::InvalidTimestamp { .. }) => 32,
        Err(Refusal::TransactionalIdMissing) => 53,
        Err(Refusal::UnsupportedCompression(_)) => 76,
        Err(Refusal::InvalidRecord { .. } | Refusal::NotOneBatch(_)) => 87,
        Err(other) => panic!("{other:?}"),
    }
}

fn named(result: Result<Validated, Refusal>) -> Vec<i32> {
    match result {
        Err(Refusal::InvalidRecord { records, .. } | Refusal::InvalidTimestamp { records, .. }) => {
            records.iter().map(|record| record.index).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn good_batches_pass_at_every_depth() {
    let mut dice = Dice::new(10);
    for _ in 0..50 {
        let records = dice.records();
        for codec in Codec::ALL {
            let bytes = batch(&records, codec);
            for depth in [Depth::Header, Depth::Records, Depth::Full] {
                let rules = Rules { max_message_bytes: 1 << 24, ..at_depth(depth) };
                let validated = check(&bytes, &rules).expect("a good batch");
                assert_eq!(validated.header_bytes, None);
                assert_eq!(validated.log_append_time, None);
                assert_eq!(validated.header.total_bytes(), bytes.len());
            }
        }
    }
}

#[test]
fn row_11_checksum_length_and_number_of_batches() {
    let mut wrong = one();
    wrong[17] ^= 1;
    let two = [one(), one()].concat();
    for depth in [Depth::Header, Depth::Records, Depth::Full] {
        let rules = at_depth(depth);
        assert_eq!(code(check(&wrong, &rules)), 2);
        assert_eq!(code(check(&two, &rules)), 87);
        for cut in 0..one().len() {
            assert_eq!(code(check(&one()[..cut], &rules)), 87, "cut at {cut}");
        }
        let behind = [one(), vec![0]].concat();
        assert_eq!(code(check(&behind, &rules)), 87);
        for length in [-1_i32, 0, 13, 14, 48] {
            let wrong = with(one(), 8, &length.to_be_bytes());
            assert_eq!(code(check(&wrong, &rules)), 2, "length {length}");
        }
        let wrong = with(one(), 8, &70_i32.to_be_bytes());
        assert_eq!(code(check(&wrong, &rules)), 87);
    }
}

#[test]
fn row_12_magic() {
    for magic in [0_u8, 1, 3, 0xff] {
        assert_eq!(code(check(&with(one(), 16, &[magic]), &rules())), 87);
    }
}

#[test]
fn row_13_counts_and_base_offset() {
    let rules = at_depth(Depth::Header);
    // Count 2 for one record; last delta 5 for one record; none; below none; the most there can be.
    for (count, last) in [(2, 0), (1, 5), (0, -1), (0, 0), (-1, -2), (i32::MAX, -1), (1, -1)] {
        let wrong = with(one(), 57, &i32::to_be_bytes(count));
        let wrong = with(wrong, 23, &i32::to_be_bytes(last));
        assert_eq!(code(check(&wrong, &rules)), 87, "{count} {last}");
    }
    let wrong = with(one(), 0, &5_i64.to_be_bytes());
    assert_eq!(code(check(&wrong, &rules)), 87);

    // Header and records disagree: seen where records are walked.
    let rules = at_depth(Depth::Full);
    for codec in Codec::ALL {
        let two = of(&[(Some("k"), NOW), (Some("k"), NOW)], codec);
        let fewer = with(with(two.clone(), 57, &1_i32.to_be_bytes()), 23, &0_i32.to_be_bytes());
        assert_eq!(code(check(&fewer, &rules)), 87, "{codec:?}");
        let more = with(with(two, 57, &3_i32.to_be_bytes()), 23, &2_i32.to_be_bytes());
        assert_eq!(code(check(&more, &rules)), 87, "{codec:?}");
    }
}

#[test]
fn a_count_that_cannot_be_is_refused_unseen() {
    for codec in [Codec::None, Codec::Gzip] {
        let most = with(of(&[(None, NOW)], codec), 57, &i32::MAX.to_be_bytes());
        let most = with(most, 23, &(i32::MAX - 1).to_be_bytes());
        for depth in [Depth::Header, Depth::Records, Depth::Full] {
            assert_eq!(code(check(&most, &at_depth(depth))), 87);
        }
        // On a topic with the log's time, a batch that says so names its records, but not for ever.
        let late = with(most, 21, &[0, 8 | codec as u8]);
        let rules = Rules { timestamp_type: TimestampType::LogAppendTime, ..rules() };
        assert_eq!(code(check(&late, &rules)), 87);
    }
}

#[test]
fn row_14_control_transactional_and_sequence() {
    let build = |change: fn(BatchBuilder) -> BatchBuilder| {
        let mut builder = change(BatchBuilder::new());
        builder.append(NOW, Some(b"k"), Some(b"v"), &[]);
        builder.finish(Codec::None)
    };
    let control = build(BatchBuilder::control);
    assert_eq!(code(check(&control, &rules())), 87);
    let transactional = build(|builder| builder.producer(1, 0, 0).transactional());
    assert_eq!(code(check(&transactional, &rules())), 53);
    let has_id = Rules { has_transactional_id: true, ..rules() };
    assert_eq!(code(check(&transactional, &has_id)), 0);
    assert_eq!(code(check(&build(|builder| builder.producer(1, 0, -1)), &rules())), 87);
    assert_eq!(code(check(&build(|builder| builder.producer(1, 0, 0)), &rules())), 0);
    assert_eq!(code(check(&build(|builder| builder.producer(-1, 0, 5)), &rules())), 0);
}

#[test]
fn row_15_sizes() {
    let bytes = plain(10);
    let exact = Rules { max_message_bytes: bytes.len(), segment_bytes: bytes.len(), ..rules() };
    assert_eq!(code(check(&bytes, &exact)), 0);
    let small = Rules { max_message_bytes: bytes.len() - 1, ..exact };
    assert_eq!(code(check(&bytes, &small)), 10);
    let segment = Rules { segment_bytes: bytes.len() - 1, ..exact };
    assert_eq!(code(check(&bytes, &segment)), 18);
    // Kafka looks at the size before the checksum.
    let mut wrong = bytes;
    wrong[17] ^= 1;
    assert_eq!(code(check(&wrong, &small)), 10);
}

#[test]
fn row_17_codecs() {
    for codec in [5, 6, 7] {
        for depth in [Depth::Header, Depth::Records, Depth::Full] {
            assert_eq!(code(check(&with(one(), 22, &[codec]), &at_depth(depth))), 2);
        }
    }
    let zstd = of(&[(Some("k"), NOW)], Codec::Zstd);
    assert_eq!(code(check(&zstd, &Rules { zstd_allowed: false, ..rules() })), 76);
    assert_eq!(code(check(&zstd, &rules())), 0);
}

#[test]
fn row_18_keys_of_compacted_topics() {
    let keys = [(Some("k"), NOW), (None, NOW), (Some(""), NOW), (None, NOW)];
    for codec in Codec::ALL {
        let bytes = of(&keys, codec);
        for depth in [Depth::Header, Depth::Records, Depth::Full] {
            let rules = Rules { compacted: true, ..at_depth(depth) };
            let refused = check(&bytes, &rules);
            assert_eq!(code(refused.clone()), 87);
            assert_eq!(named(refused), [1, 3], "{codec:?} {depth:?}");
            assert_eq!(code(check(&of(&keys[..1], codec), &rules)), 0);
        }
        assert_eq!(code(check(&bytes, &rules())), 0);
    }
    // Many are counted, and named up to a bound.
    let many: Vec<_> = (0..5_000).map(|_| (None, NOW)).collect();
    let rules = Rules { compacted: true, ..rules() };
    let refused = check(&of(&many, Codec::None), &rules);
    assert_eq!(named(refused.clone()).len(), RECORD_REFUSALS_MAX);
    let Err(Refusal::InvalidRecord { reason, .. }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("5000 record errors"), "{reason}");
}

#[test]
fn row_18_times_beyond_the_bounds() {
    let bounds = Rules { timestamp_before_max_ms: 1000, timestamp_after_max_ms: 2000, ..rules() };
    for codec in Codec::ALL {
        let judge = |times: &[i64], rules: &Rules| {
            let records: Vec<_> = times.iter().map(|time| (Some("k"), NOW + time)).collect();
            check(&of(&records, codec), rules)
        };
        assert_eq!(code(judge(&[0, -1000, 2000], &bounds)), 0);
        let refused = judge(&[0, -1001, 0, 2001], &bounds);
        assert_eq!(code(refused.clone()), 32);
        assert_eq!(named(refused), [1, 3], "{codec:?}");
        // By default an hour ahead; how far back does not matter.
        assert_eq!(code(judge(&[3_600_000, -NOW], &rules())), 0);
        assert_eq!(named(judge(&[0, 3_600_001], &rules())), [1]);
        // No time at all passes every bound.
        assert_eq!(code(judge(&[-1 - NOW, -1 - NOW], &bounds)), 0);
        // At the lowest depth the header is believed, and refuses the whole batch.
        let header = Rules { depth: Depth::Header, ..bounds };
        assert_eq!(named(judge(&[0, 2001], &header)), []);
        // The log's own time has no bounds.
        let late = Rules { timestamp_type: TimestampType::LogAppendTime, ..bounds };
        assert_eq!(code(judge(&[0, 1 << 40], &late)), 0);
    }
    // A keyless record of a compacted topic beside a late one: the time decides, both are named.
    let rules = Rules { compacted: true, ..bounds };
    let refused = check(&of(&[(None, NOW), (Some("k"), NOW + 5000)], Codec::None), &rules);
    assert_eq!(code(refused.clone()), 32);
    assert_eq!(named(refused), [0, 1]);
    // 64 bits overflow.
    let base =
        with(of(&[(Some("k"), 0), (Some("k"), 9)], Codec::None), 27, &i64::MAX.to_be_bytes());
    assert_eq!(code(check(&base, &bounds)), 32);
}

#[test]
fn the_largest_time_is_put_right() {
    for (wrong, codec) in [(5, Codec::None), (-1, Codec::None), (NOW + 99_999_999, Codec::None)] {
        let bytes = with(of(&[(Some("k"), NOW)], codec), 35, &i64::to_be_bytes(wrong));
        let validated = check(&bytes, &rules()).expect("a lie that Kafka mends");
        assert_eq!(validated.header.max_timestamp, NOW);
        stored(&bytes, &validated);
    }
    // One that lies too far ahead is looked behind, however it is packed.
    let lie = (NOW + 99_999_999).to_be_bytes();
    let bytes = with(of(&[(Some("k"), NOW)], Codec::Gzip), 35, &lie);
    let validated = check(&bytes, &rules()).expect("a lie that Kafka mends");
    assert_eq!(validated.header.max_timestamp, NOW);
    stored(&bytes, &validated);
}

/// The batch as it will be stored, which must hold.
fn stored(bytes: &[u8], validated: &Validated) -> BatchHeader {
    let mut bytes = bytes.to_vec();
    let header_bytes = validated.header_bytes.expect("a header that changed");
    bytes[..HEADER_BYTES].copy_from_slice(&header_bytes);
    crate::stamp(&mut bytes, 77, 3);
    let pieces = [bytes.as_slice()];
    let view = BatchView::parse(Rope::new(&pieces), 0).expect("a batch");
    assert_eq!(view.verify_crc(), Ok(()));
    let mut reader = RecordReader::new(view, 1 << 20).expect("a codec");
    while let Some(record) = reader.next_record() {
        assert!(record.is_ok(), "{record:?}");
    }
    *view.header()
}

#[test]
fn the_log_stamps_its_time() {
    let late = Rules { timestamp_type: TimestampType::LogAppendTime, ..rules() };
    for codec in Codec::ALL {
        for depth in [Depth::Header, Depth::Records, Depth::Full] {
            let bytes = of(&[(Some("k"), 5), (None, NOW + (1 << 40))], codec);
            let validated = check(&bytes, &Rules { depth, ..late }).expect("a good batch");
            assert_eq!(validated.log_append_time, Some(NOW));
            let header = stored(&bytes, &validated);
            assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
            assert_eq!(header.max_timestamp, NOW);
            assert_eq!(header.base_timestamp, 5);
            assert_eq!(header.codec(), Some(codec));
        }
        let mut bytes = of(&[(Some("k"), NOW)], Codec::None);
        crate::stamp_log_append_time(&mut bytes, NOW);
        // Only the log may say so; on a topic with the clients' time Kafka clears the mark.
        assert_eq!(named(check(&bytes, &late)), [0]);
        assert_eq!(code(check(&bytes, &late)), 32);
        let validated = check(&bytes, &rules()).expect("a mark that Kafka clears");
        assert_eq!(stored(&bytes, &validated).timestamp_type(), TimestampType::CreateTime);
    }
}

#[test]
fn records_that_cannot_be_read_are_refused() {
    // length, attributes, timestamp delta, offset delta, key length, key, value length, value,
    // headers
    let good = [0x10, 0, 0, 0, 2, b'k', 2, b'v', 0];
    assert_eq!(with_records(one(), &good), one());
    let changed = |at: usize, to: u8| {
        let mut record = good;
        record[at] = to;
        record.to_vec()
    };
    let wrong: [(&str, Vec<u8>); 13] = [
        ("garbage", b"garbagegarbage".to_vec()),
        ("nothing", vec![]),
        ("length below zero", changed(0, 0x0f)),
        ("length one more", changed(0, 0x12)),
        ("length one less", changed(0, 0x0e)),
        ("offset delta", changed(3, 2)),
        ("key length below -1", changed(4, 3)),
        ("key beyond", changed(4, 100)),
        ("value length below -1", changed(6, 3)),
        ("value beyond", changed(6, 100)),
        ("headers below zero", changed(8, 1)),
        ("headers that are not there", changed(8, 10)),
        ("bytes behind", [good.as_slice(), b"xx"].concat()),
    ];
    for (name, records) in wrong {
        assert_eq!(code(check(&with_records(one(), &records), &rules())), 87, "{name}");
        // Kafka stores most of these where they are compressed; at full depth they are found.
        for codec in Codec::ALL {
            let mut packed = Vec::new();
            codec.pack(&records, &mut packed);
            let bytes = with(with_records(one(), &packed), 22, &[codec as u8]);
            assert_eq!(code(check(&bytes, &at_depth(Depth::Full))), 87, "{name} {codec:?}");
            if !packed.is_empty() {
                assert_eq!(code(check(&bytes, &at_depth(Depth::Header))), 0, "{name} {codec:?}");
            }
        }
    }
    // A header's key is never null.
    let null = [0x12, 0, 0, 0, 2, b'k', 2, b'v', 2, 1, 1];
    assert_eq!(code(check(&with_records(one(), &null), &rules())), 87);
    // What does not count up is named.
    let deltas = [good, good].concat();
    let bytes = with_records(plain(2), &deltas);
    assert_eq!(named(check(&bytes, &rules())), [1]);
    for codec in 1..=4 {
        let garbage = with(with_records(one(), b"not a frame"), 22, &[codec]);
        assert_eq!(code(check(&garbage, &at_depth(Depth::Full))), 87);
        assert_eq!(code(check(&garbage, &at_depth(Depth::Records))), 0, "not opened");
    }
}

#[test]
fn damage_is_never_accepted_with_a_wrong_checksum_and_never_panics() {
    let mut dice = Dice::new(11);
    for round in 0..6_000 {
        let mut bytes = batch(&[dice.record(), dice.record()], Codec::ALL[round % 5]);
        let given = bytes.clone();
        for _ in 0..1 + dice.below(3) {
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
        let depth = [Depth::Header, Depth::Records, Depth::Full][dice.below(3)];
        let rules = Rules { max_message_bytes: 1 << 22, ..at_depth(depth) };
        let pieces = dice.cut(&bytes);
        let validated = validate(Rope::new(&pieces), &rules);
        if validated.is_ok() {
            // Only the leader epoch, which a client's batch has no say in, may differ.
            assert_eq!(bytes[..12], given[..12]);
            assert_eq!(bytes[16..], given[16..]);
        }
        // Damage with a right checksum may pass or not, but what passes at full depth can be read.
        if bytes.len() > HEADER_BYTES {
            seal(&mut bytes);
            let rules = Rules { depth: Depth::Full, ..rules };
            let pieces = [bytes.as_slice()];
            if validate(Rope::new(&pieces), &rules).is_ok() {
                let view = BatchView::parse(Rope::new(&pieces), 0).expect("a batch");
                let mut reader = RecordReader::new(view, rules.unpacked_bytes_max).expect("opens");
                while let Some(record) = reader.next_record() {
                    assert!(record.is_ok(), "{record:?}");
                }
            }
        }
    }
}
