//! What of a log may be compacted, and whether it is time.
//!
//! Kept true: only whole sealed segments below what readers may see are touched, and only those
//! that every kept checkpoint has; none of them holds a record younger than the log lets rest.

use engine_base::Offset;

use crate::LogOptions;
use crate::housekeeping::newest;
use crate::log_state::LogState;
use crate::sealed::Sealed;

/// The segments of a log that compaction may read and replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cleanable {
    /// Ascending, from the first that is not wholly below the log's start.
    pub(crate) segments: Vec<Sealed>,
    /// Offsets from here on were never compacted.
    pub(crate) dirty_from: Offset,
    /// One past the last offset.
    pub(crate) upto: Offset,
    /// How often the log had been cut.
    pub(crate) cuts: u64,
    clean_bytes: u64,
    dirty_bytes: u64,
    /// The wall clock at the first append that was never compacted, in ms.
    oldest_ms: Option<i64>,
}

impl Cleanable {
    /// Of `log`, of which segments up to `sealed_upto` count.
    pub(crate) fn of(log: &LogState, sealed_upto: Offset, wall: i64) -> Cleanable {
        let rests = |sealed: &Sealed| {
            let age = wall.saturating_sub(newest(sealed.max_timestamp, sealed.wall_ms));
            age >= log.options.min_compaction_lag_ms
        };
        let limit = sealed_upto.min(log.retain_from);
        let live = log.live_sealed().take_while(|sealed| sealed.end <= limit && rests(sealed));
        let segments: Vec<Sealed> = live.copied().collect();
        let is_clean = |sealed: &&Sealed| sealed.end <= log.cleaned;
        let dirty = segments.iter().filter(|sealed| !is_clean(sealed));
        let oldest_ms = dirty.clone().next().map(|first| match first.first_wall_ms {
            0 => first.wall_ms,
            known => known,
        });
        Cleanable {
            dirty_from: log.cleaned.max(log.start),
            upto: segments.last().map_or(log.start, |last| last.end),
            cuts: log.cuts,
            clean_bytes: segments.iter().filter(is_clean).map(|sealed| sealed.bytes).sum(),
            dirty_bytes: dirty.map(|sealed| sealed.bytes).sum(),
            oldest_ms,
            segments,
        }
    }

    /// What share of its bytes is dirty, in millionths.
    pub(crate) fn dirty_millionths(&self) -> u64 {
        let all = self.clean_bytes + self.dirty_bytes;
        (u128::from(self.dirty_bytes) * 1_000_000)
            .checked_div(u128::from(all))
            .map_or(0, |share| u64::try_from(share).expect("a share is at most one"))
    }

    /// Whether it is time.
    pub(crate) fn is_due(&self, options: &LogOptions, wall: i64) -> bool {
        let overdue = |oldest: i64| wall.saturating_sub(oldest) > options.max_compaction_lag_ms;
        options.compact
            && self.dirty_bytes > 0
            && (self.dirty_millionths() > u64::from(options.min_dirty_millionths)
                || self.oldest_ms.is_some_and(overdue))
    }

    /// The segments below `upto` in groups of neighbours of which each becomes one segment, as
    /// large as segments of this log are.
    pub(crate) fn groups(&self, upto: Offset, segment_bytes: u64) -> Vec<Vec<Sealed>> {
        let mut groups: Vec<Vec<Sealed>> = Vec::new();
        let mut bytes = 0;
        for sealed in self.segments.iter().take_while(|sealed| sealed.base < upto) {
            bytes += sealed.bytes;
            match groups.last_mut() {
                Some(group) if bytes <= segment_bytes => group.push(*sealed),
                _ => {
                    groups.push(vec![*sealed]);
                    bytes = sealed.bytes;
                }
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_base::LogId;

    fn sealed(base: Offset, bytes: u64, wall_ms: i64) -> Sealed {
        Sealed {
            base,
            end: base + 10,
            bytes,
            side_bytes: 128,
            max_timestamp: wall_ms + 1_000_000,
            wall_ms,
            first_wall_ms: wall_ms - 5,
            revision: 0,
        }
    }

    fn log() -> LogState {
        let options = LogOptions { compact: true, ..LogOptions::default() };
        let mut log = LogState::new(LogId(1), 40, options);
        log.start = 0;
        log.cleaned = 10;
        log.sealed =
            [sealed(0, 100, 50), sealed(10, 30, 60), sealed(20, 30, 70), sealed(30, 40, 80)].into();
        log
    }

    #[test]
    fn what_is_dirty_counts_against_all_that_may_be_compacted() {
        let mut log = log();
        let all = Cleanable::of(&log, Offset::MAX, 100);
        assert_eq!((all.dirty_from, all.upto, all.segments.len()), (10, 40, 4));
        assert_eq!(all.dirty_millionths(), 500_000);
        assert!(!all.is_due(&log.options, 100), "more than half, not just half");
        log.options.min_dirty_millionths = 499_999;
        assert!(all.is_due(&log.options, 100));
        log.options.compact = false;
        assert!(!all.is_due(&log.options, 100));
        // The start passed the first segment and half of the second.
        log.start = 15;
        let some = Cleanable::of(&log, Offset::MAX, 100);
        assert_eq!((some.dirty_from, some.segments[0].base), (15, 10));
        log.cleaned = 40;
        log.options.compact = true;
        assert!(!Cleanable::of(&log, Offset::MAX, 100).is_due(&log.options, i64::MAX));
    }

    #[test]
    fn what_is_open_unseen_young_or_in_no_checkpoint_stays() {
        let mut log = log();
        let upto = |log: &LogState, sealed| Cleanable::of(log, sealed, 100).upto;
        assert_eq!(upto(&log, 39), 30);
        log.retain_from = 29;
        assert_eq!(upto(&log, 40), 20);
        log.retain_from = Offset::MAX;
        log.options.min_compaction_lag_ms = 35;
        assert_eq!(upto(&log, 40), 20, "a timestamp of tomorrow does not make a record younger");
        log.options.min_compaction_lag_ms = 60;
        assert_eq!(upto(&log, 40), 0);
    }

    #[test]
    fn what_is_old_is_compacted_whatever_the_ratio() {
        let mut log = log();
        log.options.min_dirty_millionths = 1_000_000;
        log.options.max_compaction_lag_ms = 45;
        let due =
            |log: &LogState, wall| Cleanable::of(log, Offset::MAX, wall).is_due(&log.options, wall);
        assert!(!due(&log, 100), "55 was the first");
        assert!(due(&log, 101));
        log.cleaned = 40;
        assert!(!due(&log, 1_000_000));
    }

    #[test]
    fn neighbours_become_one_segment_while_they_are_small() {
        let all = Cleanable::of(&log(), Offset::MAX, 100);
        let bases = |upto, bytes| {
            let groups = all.groups(upto, bytes);
            let of = |group: &Vec<Sealed>| group.iter().map(|s| s.base).collect::<Vec<_>>();
            groups.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(bases(40, 100), [vec![0], vec![10, 20, 30]]);
        assert_eq!(bases(40, 99), [vec![0], vec![10, 20], vec![30]]);
        assert_eq!(bases(21, 1_000), [vec![0, 10, 20]]);
    }
}
