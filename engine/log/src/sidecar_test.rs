//! Sidecar entries hold for their own place alone, and find positions and offsets.

use super::*;

const NAME: SegmentName = SegmentName { base: 100, revision: 0 };
const KEY: SideKey = SideKey { log: LogId(5), name: NAME };

fn run(position: u64, length: u32, first: Offset) -> SideEntry {
    SideEntry {
        position,
        length,
        checksum: 1,
        first,
        next: first + 10,
        max_timestamp: 7,
        wall_ms: 8,
        first_position: 0,
    }
}

#[test]
fn entries_read_back_at_their_place_only() {
    let seal = SideRecord::Seal { bytes: 8192, end: 200, max_timestamp: 7, wall_ms: 9 };
    for record in [SideRecord::Run(run(4096, 4096, 120)), seal] {
        let bytes = KEY.encode(3, &record);
        assert_eq!(KEY.decode(3, &bytes), Some(record));
        assert_eq!(KEY.decode(2, &bytes), None, "another place");
        let of = |base, revision| SideKey { name: SegmentName { base, revision }, ..KEY };
        assert_eq!(of(101, 0).decode(3, &bytes), None, "another segment");
        assert_eq!(of(100, 1).decode(3, &bytes), None, "another compaction's");
        assert_eq!(SideKey { log: LogId(6), ..KEY }.decode(3, &bytes), None, "another log");
        for i in 0..bytes.len() {
            let mut rotten = bytes;
            rotten[i] ^= 4;
            assert_eq!(KEY.decode(3, &rotten), None, "byte {i}");
        }
    }
    assert_eq!(KEY.decode(0, &[0; 64]), None);
}

#[test]
fn a_checksum_is_bound_to_its_segment_and_position() {
    let sum = KEY.checksum(4096, [b"ab".as_slice(), b"c"]);
    assert_eq!(sum, KEY.checksum(4096, [b"abc".as_slice()]));
    assert_ne!(sum, KEY.checksum(8192, [b"abc".as_slice()]));
    assert_ne!(
        sum,
        SideKey { name: SegmentName::appended(0), ..KEY }.checksum(4096, [b"abc".as_slice()])
    );
}

#[test]
fn a_later_entry_supersedes_those_at_or_behind_its_position() {
    let mut index = SideIndex::default();
    for i in 0..3 {
        index.push(run(i * 4096, 4096, i as i64 * 10), false).unwrap();
    }
    index.push(run(4096, 8192, 10), false).unwrap();
    assert_eq!(index.runs().len(), 2);
    assert_eq!(index.end(), 12288);
    assert!(index.push(run(16384, 4096, 50), false).is_err(), "a gap");
    assert!(index.push(run(6000, 4096, 50), false).is_err(), "half a run");
}

#[test]
fn an_offset_is_found_in_the_run_where_its_batch_begins() {
    let mut index = SideIndex::default();
    index.push(run(0, 4096, 0), false).unwrap();
    index.push(run(4096, 4096, 10), false).unwrap();
    index.push(SideEntry { first: -1, next: 20, ..run(8192, 4096, -1) }, false).unwrap();
    index.push(run(12288, 4096, 20), false).unwrap();
    assert_eq!(index.at_offset(9), Some(0));
    assert_eq!(index.at_offset(10), Some(1));
    assert_eq!(index.at_offset(19), Some(1), "the large batch begins before the bare run");
    assert_eq!(index.at_offset(20), Some(3));
    assert_eq!(index.at_offset(500), None);
    assert_eq!(index.at_position(8192), Some(2));
    assert_eq!(index.at_position(16384), None);
    let back = SideEntry { next: 19, ..run(16384, 4096, 9) };
    assert!(index.push(back, false).is_err(), "offsets go back");
}
