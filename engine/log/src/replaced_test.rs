//! A compaction's entry means the same live and in a replay, whatever the checkpoint had.

use super::*;
use crate::LogOptions;
use engine_base::LogId;

fn sealed(base: Offset, end: Offset, revision: u64) -> Sealed {
    Sealed {
        base,
        end,
        bytes: 100,
        side_bytes: 128,
        max_timestamp: 5,
        wall_ms: 6,
        first_wall_ms: 4,
        revision,
    }
}

fn log_of(segments: &[Sealed]) -> LogState {
    let end = segments.last().map_or(0, |last| last.end);
    let mut log = LogState::new(LogId(3), end, LogOptions::default());
    log.start = segments.first().map_or(0, |first| first.base);
    log.sealed = segments.iter().copied().collect();
    log
}

fn names(log: &LogState) -> Vec<(Offset, u64)> {
    log.sealed.iter().map(|sealed| (sealed.base, sealed.revision)).collect()
}

#[test]
fn one_takes_the_place_of_those_that_it_covers() {
    let mut log = log_of(&[sealed(0, 5, 0), sealed(5, 9, 0), sealed(9, 20, 0)]);
    let generation = log.generation;
    let old = log.apply_replace(&sealed(0, 9, 7));
    assert_eq!(old, [SegmentName::appended(0), SegmentName::appended(5)]);
    assert_eq!(names(&log), [(0, 7), (9, 0)]);
    assert!(log.generation > generation, "readers in flight look again");
    assert!(!log.is_replaceable(&sealed(0, 9, 7)), "by itself");
    assert!(!log.is_replaceable(&sealed(0, 12, 8)), "by half of another");
    assert!(log.is_replaceable(&sealed(0, 20, 8)));
}

#[test]
fn a_replay_passes_over_what_is_known_and_refuses_what_contradicts() {
    let entries = [sealed(0, 9, 7), sealed(9, 20, 8), sealed(0, 20, 9)];
    let before = [sealed(0, 5, 0), sealed(5, 9, 0), sealed(9, 20, 0)];
    let after: [&[Sealed]; 4] =
        [&before, &[entries[0], before[2]], &[entries[0], entries[1]], &[entries[2]]];
    for known in after {
        let mut log = log_of(known);
        entries.iter().for_each(|by| log.replay_replace(by).unwrap());
        assert_eq!(names(&log), [(0, 9)]);
    }
    // The start passed all of it, and the segments went; a replay of earlier starts tells of one
    // below. Found by crash states, seed 2 (2026-11-21).
    let mut log = log_of(&[]);
    log.parts[0].base = 20;
    log.start = 5;
    entries.iter().for_each(|by| log.replay_replace(by).unwrap());
    assert_eq!(names(&log), []);
    let mut other = log_of(&[sealed(0, 6, 0), sealed(6, 20, 0)]);
    assert!(other.replay_replace(&entries[0]).is_err());
    assert_eq!(names(&other), [(0, 0), (6, 0)]);
}

#[test]
fn what_both_checkpoints_have_is_known() {
    let mut log = log_of(&[sealed(0, 5, 0)]);
    log.note_imaged(3);
    log.sealed.push_back(sealed(5, 9, 0));
    log.note_imaged(4);
    log.note_imaged(5);
    assert_eq!([2, 3, 4, 6].map(|number| log.sealed_since(number)), [0, 5, 9, 9]);
    // Offset 7 was cut: its segment is open again, and longer when it is sealed anew.
    log.cut_images(5);
    log.sealed[1].end = 30;
    assert_eq!(log.sealed_since(6), 5);
    log.note_imaged(7);
    assert_eq!((log.sealed_since(6), log.sealed_since(7)), (5, 30));
}
