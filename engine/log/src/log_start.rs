//! Where a log begins, and how old what it keeps is: what moves the start, what lies wholly below
//! it, and the times of the wall clock that retention looks at.
//!
//! Kept true:
//! - A start only moves forward, and readers see it move once its entry is durable.
//! - Segments are taken out of the list only below a start of which the entry is durable.

use engine_base::Offset;

use crate::Progress;
use crate::chunk::ChunkSource;
use crate::log_state::LogState;
use crate::sealed::Sealed;

impl LogState {
    /// Moves the first readable offset.
    pub(crate) fn apply_start(&mut self, to: Offset) {
        self.start = to;
    }

    /// The same in a life that goes on: until block `sequence` is durable, the log starts where it
    /// did before.
    pub(crate) fn move_start(&mut self, to: Offset, sequence: u64, durable: u64) {
        assert!(to > self.start, "a start only moves forward");
        while self.earlier_starts.front().is_some_and(|(after, _)| *after <= durable) {
            self.earlier_starts.pop_front();
        }
        self.earlier_starts.push_back((sequence, self.start));
        self.start_sequence = sequence;
        self.apply_start(to);
    }

    /// Where the log starts as far as blocks up to `sequence` say.
    pub(crate) fn start_upto(&self, sequence: u64) -> Offset {
        let not_yet = self.earlier_starts.iter().find(|(after, _)| *after > sequence);
        not_yet.map_or(self.start, |(_, before)| *before)
    }

    /// Where readers see it start.
    pub(crate) fn visible_start(&self, progress: Progress) -> Offset {
        let caching = self.options.write_caching;
        self.start_upto(if caching { progress.submitted.0 } else { progress.durable.0 })
    }

    /// Times of the wall clock that nobody knows, or that a clock which was wrong has left, become
    /// `now`: after a replay the last append was not later, and what is kept is kept for as long as
    /// it may be, from now on.
    pub(crate) fn settle_walls(&mut self, now: i64) {
        self.producers.settle_walls(now);
        for sealed in &mut self.sealed {
            if sealed.wall_ms == 0 || sealed.wall_ms > now {
                sealed.wall_ms = now;
            }
            sealed.first_wall_ms = sealed.first_wall_ms.min(sealed.wall_ms);
        }
        for part in self.parts.iter_mut().filter(|part| part.len > 0) {
            if part.first_wall_ms == 0 || part.first_wall_ms > now {
                part.first_wall_ms = now;
            }
            part.last_wall_ms = now;
        }
    }

    /// The wall clock went back: what retention looks at first was not written in the future.
    pub(crate) fn clamp_walls(&mut self, now: i64) {
        if let Some(sealed) = self.sealed.front_mut() {
            sealed.wall_ms = sealed.wall_ms.min(now);
        }
        let open = self.open_mut();
        open.first_wall_ms = open.first_wall_ms.min(now);
        open.last_wall_ms = open.last_wall_ms.min(now);
    }

    /// After a replay: if every byte in the open segment's file lies below the start, that file may
    /// be gone already. The log goes on with a new segment at the first batch that counts.
    pub(crate) fn rebase_if_dead(&mut self, source: &ChunkSource<'_>) {
        assert_eq!(self.parts.len(), 1, "a replay keeps one segment");
        let start = self.start;
        let part = self.open_mut();
        let cut = part.cut();
        let in_file_dead = if cut.skip > 0 { cut.last < start } else { cut.first <= start };
        if part.destaged > 0 && in_file_dead {
            part.rebase(source, start);
            self.sealed.clear();
            self.forget_epochs_below(start);
        }
    }

    /// Segments that lie wholly below the start, taken out of the list; the entry that moved the
    /// start is durable.
    pub(crate) fn take_dead_segments(&mut self) -> Vec<Sealed> {
        self.take_segments_below(self.start)
    }

    /// The same for a start of which the entry is durable already.
    pub(crate) fn take_segments_below(&mut self, start: Offset) -> Vec<Sealed> {
        assert!(start <= self.start);
        let mut dead = Vec::new();
        while self.sealed.front().is_some_and(|sealed| sealed.end <= start) {
            let sealed = self.sealed.pop_front().expect("there was one");
            while self.parts.front().is_some_and(|part| part.sealed && part.base == sealed.base) {
                self.parts.pop_front();
            }
            dead.push(sealed);
        }
        if !dead.is_empty() {
            self.forget_epochs_below(start);
        }
        dead
    }

    /// Keeps the epoch of `start` and those behind it.
    fn forget_epochs_below(&mut self, start: Offset) {
        let covers = self.epochs.partition_point(|(_, first)| *first <= start);
        if covers > 1 {
            self.epochs.drain(..covers - 1);
        }
    }
}
