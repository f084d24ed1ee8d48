//! What retention may take, and what it must.
//!
//! Kept true: a start that the store moves by itself moves to the end of a closed segment, and each
//! segment that goes is beyond its log's rule: every record in it older than the log keeps (by its
//! timestamp, but not later than its append), or as many bytes left without it as the log keeps. No
//! log loses anything whose rule keeps it. Once all is old, all of it goes.

use std::collections::BTreeMap;

use engine_base::{LogId, Offset};
use engine_log::{LogOptions, SegmentInfo, Store};

use crate::chance::Chance;
use crate::setup::Setup;
use crate::spec::Spec;

/// Between two looks at the segments: less than the least that a segment's last write takes.
const LOOK_NANOS: u64 = 10_000;

/// The rules of all logs, and what is needed to judge by them.
#[derive(Default)]
pub struct Keeping {
    /// What each log is to keep, over all lives.
    pub choices: BTreeMap<LogId, LogOptions>,
    /// What each log was told in this life.
    pub options: BTreeMap<LogId, LogOptions>,
    /// What readers may not see yet begins here.
    pub retain_from: BTreeMap<LogId, Offset>,
    /// The largest timestamp of a batch and the wall clock at its append, by its log, base and CRC.
    times: BTreeMap<(LogId, Offset, u32), (i64, i64)>,
    segments: BTreeMap<LogId, Vec<SegmentInfo>>,
    looked_at: u64,
    /// The latest wall clock that anything was appended at.
    pub latest_wall: i64,
    /// Starts that the store moved by itself.
    pub moves: u64,
}

impl Keeping {
    /// Chooses what a new log keeps.
    pub fn choose(chance: &mut Chance, setup: &Setup) -> LogOptions {
        let short = chance.pick(&[5, 30, 200]);
        let bytes = chance.below(4 * setup.segment_bytes).cast_signed();
        let (retention_ms, retention_bytes) = match chance.below(6) {
            0 | 1 => (-1, -1),
            2 => (short, -1),
            3 => (3_600_000, -1),
            4 => (-1, bytes),
            _ => (short * 10, bytes),
        };
        LogOptions {
            segment_bytes: setup.segment_bytes,
            segment_ms: chance.pick(&[i64::MAX, i64::MAX, 20, 200]),
            retention_ms,
            retention_bytes,
            delete: !chance.once_in(8),
            ..LogOptions::default()
        }
    }

    /// Everything is kept.
    pub fn everything(setup: &Setup) -> LogOptions {
        LogOptions { segment_bytes: setup.segment_bytes, retention_ms: -1, ..LogOptions::default() }
    }

    /// The wall clock was set: one that goes back takes the times of appends with it, as if what it
    /// said before was never so.
    pub fn on_clock(&mut self, wall: i64) {
        self.times.values_mut().for_each(|(_, at)| *at = wall.min(*at));
        self.latest_wall = self.latest_wall.min(wall);
    }

    /// A new life: nobody was told anything.
    pub fn begin_life(&mut self) {
        self.options.clear();
        self.retain_from.clear();
        self.segments.clear();
        self.looked_at = u64::MAX;
    }

    /// A batch was appended.
    pub fn note_append(&mut self, log: LogId, batch: (Offset, u32), newest: i64, wall: i64) {
        self.times.insert((log, batch.0, batch.1), (newest, wall));
        self.latest_wall = self.latest_wall.max(wall);
    }

    /// Looks at the store after a turn: starts that it moved by itself are judged and noted.
    ///
    /// # Errors
    /// What retention took against its rule.
    pub fn observe(
        &mut self,
        store: &Store,
        spec: &mut Spec,
        (nanos, wall): (u64, i64),
    ) -> Result<(), String> {
        let aside = spec.aside;
        for id in store.log_ids().into_iter().filter(|id| aside != Some(*id)) {
            let log = store.log(id).expect("its id was just listed");
            let (Some(was), to) = (spec.now.get(&id), log.start()) else { continue };
            if to == was.start {
                continue;
            }
            self.moves += 1;
            self.judge(id, spec, to, wall)?;
            // Nothing moves: it says with which sequence it was moved.
            match log.set_start(to) {
                Ok(sequence) => spec.note_start(sequence.0, id, to),
                Err(_) => spec.maybe_start(id, to),
            }
        }
        if nanos < self.looked_at || nanos - self.looked_at >= LOOK_NANOS {
            self.looked_at = nanos;
            self.look(store);
        }
        Ok(())
    }

    /// Looks where segments begin and end.
    pub fn look(&mut self, store: &Store) {
        self.segments.clear();
        for id in store.log_ids() {
            let log = store.log(id).expect("its id was just listed");
            self.segments.insert(id, log.segments());
        }
    }

    /// Whether the log's start may move to `to`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn judge(&self, id: LogId, spec: &Spec, to: Offset, wall: i64) -> Result<(), String> {
        let was = &spec.now[&id];
        let said = |why: &str| {
            let start = was.start;
            let rule = self.options.get(&id);
            Err(format!("log {}: retention {start} -> {to} at {wall}, {rule:?}: {why}", id.0))
        };
        let Some(options) = self.options.get(&id).filter(|options| options.delete) else {
            return said("this log keeps everything");
        };
        if to < was.start || self.retain_from.get(&id).is_some_and(|from| to > *from) {
            return said("beyond what it may touch");
        }
        let known = self.segments.get(&id).map_or(&[][..], Vec::as_slice);
        let Some(last) = known.iter().position(|segment| segment.end == to) else {
            return said("not the end of a segment");
        };
        if last + 1 == known.len() && !known[last].sealed {
            return said("the open segment");
        }
        for segment in &known[..=last] {
            let inside = was
                .batches
                .iter()
                .filter(|batch| batch.base >= segment.base && batch.base < segment.end);
            let newest = inside.filter_map(|batch| {
                let (newest, wall) = self.times.get(&(id, batch.base, batch.print.0))?;
                Some(*newest.min(wall))
            });
            let newest = newest.max().unwrap_or(i64::MIN);
            let old =
                options.retention_ms >= 0 && wall.saturating_sub(newest) > options.retention_ms;
            let behind = was.batches.iter().filter(|batch| batch.base >= segment.end);
            let left: u64 = behind.map(|batch| batch.print.1 as u64).sum();
            let much =
                options.retention_bytes >= 0 && left >= options.retention_bytes.cast_unsigned();
            if !old && !much {
                return said(&format!("segment {} newest {newest}, left {left}", segment.base));
            }
        }
        Ok(())
    }

    /// What should have gone by now, when nothing was appended for a while.
    pub fn overdue(&self, store: &Store, wall: i64) -> Option<String> {
        for id in store.log_ids() {
            let log = store.log(id).expect("its id was just listed");
            let options = self.options.get(&id).filter(|options| options.delete);
            let (Some(options), None) = (options, self.retain_from.get(&id)) else { continue };
            let segments = log.segments();
            let old = options.retention_ms >= 0
                && wall.saturating_sub(self.latest_wall) > options.retention_ms
                && log.start() < log.end();
            let size = log.size_bytes();
            let much = options.retention_bytes >= 0
                && segments.first().is_some_and(|first| {
                    first.sealed && size - first.bytes >= options.retention_bytes.cast_unsigned()
                });
            if old || much {
                let (start, end) = (log.start(), log.end());
                return Some(format!(
                    "log {} still has {start}..{end} at {wall}, {options:?}, {segments:?}",
                    id.0
                ));
            }
        }
        None
    }
}
