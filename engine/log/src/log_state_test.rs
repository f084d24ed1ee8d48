//! What entries do to a log, live and in replay.

use std::cell::Cell;
use std::rc::Rc;

use engine_record::{BatchBuilder, Codec, stamp};
use engine_rt::sim::{Disk, SimOptions, World};

use super::*;

pub(crate) fn with_source(test: impl FnOnce(&ChunkSource<'_>)) {
    let world = World::new(1, SimOptions::default());
    let core = world.core(&Disk::new(1 << 20, 4096));
    let gauge = Rc::new(Cell::new(0));
    let bytes = [512, 1024, 2048];
    test(&ChunkSource { core: &core, gauge: &gauge, bytes, bytes_max: usize::MAX });
}

/// A stamped batch of two records.
pub(crate) fn batch(base: Offset, epoch: Epoch) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    builder.append(base, None, Some(&[base as u8; 300]), &[]);
    builder.append(base, None, None, &[]);
    let mut bytes = builder.finish(Codec::None);
    stamp(&mut bytes, base, epoch);
    bytes
}

pub(crate) fn log_of(source: &ChunkSource<'_>, appends: &[(Epoch, u64)]) -> LogState {
    let mut log = LogState::new(LogId(1), 0, LogOptions::default());
    for (epoch, sequence) in appends {
        let base = log.end();
        log.replay_append(source, base, *epoch, &batch(base, *epoch), *sequence).unwrap();
    }
    log
}

#[test]
fn epochs_follow_appends_and_cuts() {
    with_source(|source| {
        let mut log = log_of(source, &[(1, 1), (1, 2), (3, 3), (4, 4)]);
        assert_eq!(log.epochs, [(1, 0), (3, 4), (4, 6)]);
        assert_eq!(log.end_offset_for_epoch(0), (-1, -1));
        assert_eq!(log.end_offset_for_epoch(2), (1, 4));
        assert_eq!(log.end_offset_for_epoch(3), (3, 6));
        assert_eq!(log.end_offset_for_epoch(9), (4, 8));
        log.apply_truncate(source, 4, None, 5).unwrap();
        assert_eq!((log.end(), log.epoch_at_end()), (4, 1));
        log.replay_append(source, 4, 2, &batch(4, 2), 6).unwrap();
        assert_eq!(log.epochs, [(1, 0), (2, 4)]);
    });
}

#[test]
fn replay_passes_over_what_is_known_and_reports_a_gap() {
    with_source(|source| {
        let mut log = log_of(source, &[(1, 1), (1, 2)]);
        assert_eq!(log.replay_append(source, 0, 1, &batch(0, 1), 1), Ok(()));
        assert_eq!(log.end(), 4);
        assert!(log.replay_append(source, 6, 1, &batch(6, 1), 3).is_err_and(|w| w.contains("6")));
        let other = log.replay_append(source, 4, 1, &batch(9, 1), 3);
        assert!(other.is_err(), "a batch that says another offset");
    });
}

#[test]
fn a_carried_tail_moves_known_batches_and_brings_unknown_ones() {
    with_source(|source| {
        let mut log = log_of(source, &[(1, 1), (1, 2)]);
        let both = [batch(0, 1), batch(2, 1)].concat();
        log.replay_carried(source, &Cut::whole(0), &both, 7).unwrap();
        assert_eq!((log.end(), log.oldest_sequence()), (4, Some(7)));
        let mut empty = LogState::new(LogId(1), 0, LogOptions::default());
        empty.replay_carried(source, &Cut::whole(0), &both, 7).unwrap();
        assert_eq!((empty.end(), empty.epochs.as_slice()), (4, [(1, 0)].as_slice()));
        let late = empty.replay_carried(source, &Cut::whole(9), &batch(9, 1), 8);
        assert!(late.is_err(), "a gap");
        let cut_short = empty.replay_carried(source, &Cut::whole(4), &batch(4, 1)[..70], 8);
        assert!(cut_short.is_err());
    });
}

#[test]
fn dead_segments_go_and_the_epoch_of_the_start_stays() {
    with_source(|source| {
        let mut log = log_of(source, &[(1, 1), (2, 2), (3, 3)]);
        let sealed = |base, end| Sealed {
            base,
            end,
            bytes: 1,
            side_bytes: 64,
            max_timestamp: 0,
            wall_ms: 0,
            first_wall_ms: 0,
            revision: 0,
        };
        log.sealed = VecDeque::from([sealed(0, 2), sealed(2, 4)]);
        log.apply_start(3);
        assert_eq!(log.take_dead_segments().len(), 1);
        assert_eq!(log.sealed.len(), 1);
        assert_eq!(log.epochs, [(2, 2), (3, 4)]);
    });
}
