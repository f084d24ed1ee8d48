//! Every kind of entry is read back as it was written; cut ones are refused.

use super::*;

fn replaced() -> Sealed {
    Sealed {
        base: 7,
        end: 19,
        bytes: 4096,
        side_bytes: 192,
        max_timestamp: 1234,
        wall_ms: 99,
        first_wall_ms: 88,
        revision: 5,
    }
}

fn every_kind() -> Vec<Entry<'static>> {
    let cut = Cut { first: 7, last: 9, max_timestamp: 1234, length: 100, skip: 42 };
    let hard = HardState {
        term: 5,
        vote: NodeId(2),
        log_term: 4,
        members: vec![NodeId(0), NodeId(1)],
        config_version: 3,
        config_term: 2,
    };
    vec![
        Entry::Append { base: 11, epoch: 3, batch: b"a batch" },
        Entry::Remainder { cut, bytes: b"a tail" },
        Entry::Truncate { to: 8, carried: None },
        Entry::Truncate {
            to: 8,
            carried: Some(CutSegment { base: 0, position: 4096, cut, bytes: b"kept" }),
        },
        Entry::Start { to: 6 },
        Entry::HardState(hard),
        Entry::Create { start: 0 },
        Entry::Delete,
        Entry::Replace(replaced()),
    ]
}

#[test]
fn every_kind_reads_back() {
    let mut bytes = Vec::new();
    let all = every_kind();
    for (i, entry) in all.iter().enumerate() {
        entry.encode(LogId(i as u64), &mut bytes);
    }
    let back: Vec<_> = Entries::new(&bytes, all.len() as u32).map(Result::unwrap).collect();
    let sent: Vec<_> = all.into_iter().enumerate().map(|(i, e)| (LogId(i as u64), e)).collect();
    assert_eq!(back, sent);
}

#[test]
fn a_cut_off_or_unknown_entry_is_refused_in_words_and_never_a_panic() {
    for entry in every_kind() {
        let mut bytes = Vec::new();
        entry.encode(LogId(1), &mut bytes);
        for len in 0..bytes.len() {
            let mut entries = Entries::new(&bytes[..len], 1);
            assert!(entries.next().is_some_and(|e| e.is_err()), "{entry:?} cut to {len}");
            assert_eq!(entries.next(), None);
        }
        bytes[4] = 99;
        assert!(Entries::new(&bytes, 1).next().is_some_and(|e| e.is_err()));
    }
}

#[test]
fn a_replacement_of_nothing_or_by_what_appends_made_is_refused() {
    for by in [Sealed { end: 7, ..replaced() }, Sealed { revision: 0, ..replaced() }] {
        let mut bytes = Vec::new();
        Entry::Replace(by).encode(LogId(1), &mut bytes);
        assert!(Entries::new(&bytes, 1).next().is_some_and(|e| e.is_err()), "{by:?}");
    }
}

#[test]
fn bytes_behind_the_last_entry_are_refused() {
    let mut bytes = Vec::new();
    Entry::Delete.encode(LogId(1), &mut bytes);
    bytes.push(0);
    let all: Vec<_> = Entries::new(&bytes, 1).collect();
    assert!(all[0].is_ok() && all[1].is_err() && all.len() == 2);
}
