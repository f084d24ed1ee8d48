//! What a compaction's entry does to a log: one segment takes the place of those that cover its
//! offsets.
//!
//! Kept true:
//! - Before the entry the log is made of the old segments, behind it of the new one; offsets,
//!   epochs and producers stay as they are.
//! - Only segments that every kept checkpoint knows as sealed are replaced, so that a replay, which
//!   may lay out anew what was open, finds exactly them.

use engine_base::Offset;

use crate::log_state::{Contradiction, LogState};
use crate::names::SegmentName;
use crate::sealed::Sealed;

impl LogState {
    /// Puts `by` in the place of the sealed segments that cover `by.base..by.end`; says which.
    pub(crate) fn apply_replace(&mut self, by: &Sealed) -> Vec<SegmentName> {
        let (from, upto) = self.covered(by);
        let old: Vec<Sealed> = self.sealed.range(from..upto).copied().collect();
        assert!(self.is_replaceable(by), "what is replaced is there, all of it");
        // What was in flight finds its file gone, and looks again.
        self.generation += 1;
        self.parts.retain(|part| !part.sealed || part.base < by.base || part.base >= by.end);
        self.sealed.drain(from..upto);
        self.sealed.insert(from, *by);
        old.iter().map(Sealed::name).collect()
    }

    /// Whether older segments cover exactly the offsets of `by`.
    pub(crate) fn is_replaceable(&self, by: &Sealed) -> bool {
        let (from, upto) = self.covered(by);
        let mut old = self.sealed.range(from..upto);
        from < upto
            && (self.sealed[from].base, self.sealed[upto - 1].end) == (by.base, by.end)
            && old.all(|old| old.revision < by.revision)
    }

    /// The same as replay finds it: what is known already is passed over.
    pub(crate) fn replay_replace(&mut self, by: &Sealed) -> Result<(), Contradiction> {
        let (from, upto) = self.covered(by);
        let known = self.sealed.range(from..upto).any(|sealed| sealed.revision >= by.revision);
        let first = self.sealed.front().map_or(self.open().base, |first| first.base);
        // The start passed it and its segments went before the checkpoint was taken, although the
        // entry of that start may be still to come.
        if known || first >= by.end {
            return Ok(());
        }
        if !self.is_replaceable(by) {
            let (id, base, end) = (self.id, by.base, by.end);
            let there: Vec<_> = self.sealed.iter().map(|s| (s.base, s.end, s.revision)).collect();
            let (start, open) = (self.start, self.open().base);
            return Err(format!(
                "log {id}: {base}..{end} was compacted, from {start} on is {there:?}, {open} open"
            ));
        }
        self.apply_replace(by);
        Ok(())
    }

    /// Which sealed segments have offsets of `by`.
    fn covered(&self, by: &Sealed) -> (usize, usize) {
        let from = self.sealed.partition_point(|sealed| sealed.end <= by.base);
        (from, self.sealed.partition_point(|sealed| sealed.base < by.end).max(from))
    }

    /// The checkpoint of this number has all segments that are sealed now.
    pub(crate) fn note_imaged(&mut self, number: u64) {
        let end = self.sealed.back().map_or(0, |sealed| sealed.end);
        if end == 0 || self.imaged.back().is_some_and(|(_, known)| *known == end) {
            return;
        }
        self.imaged.push_back((number, end));
        while self.imaged.len() > IMAGES_KEPT {
            self.imaged.pop_front();
        }
    }

    /// Up to where segments are sealed in the checkpoint of this number and in every later one.
    pub(crate) fn sealed_since(&self, number: u64) -> Offset {
        let known = self.imaged.iter().rev().find(|(of, _)| *of <= number);
        known.map_or(0, |(_, end)| *end)
    }

    /// A cut made the segment that begins at `base` the open one.
    pub(crate) fn cut_images(&mut self, base: Offset) {
        self.imaged.iter_mut().for_each(|(_, end)| *end = base.min(*end));
    }
}

/// Of so many checkpoints it is remembered what they have; more are taken while one is kept only if
/// there is no space for them.
const IMAGES_KEPT: usize = 8;

#[cfg(test)]
#[path = "replaced_test.rs"]
mod replaced_test;
