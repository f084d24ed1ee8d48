//! What a truncation's entry does to a log, live and in replay.
//!
//! Kept true: behind it the log ends at the cut; what was cut of files goes back to the tail from a
//! run's boundary on, with the bytes that the entry brings.

use std::collections::VecDeque;

use engine_base::Offset;

use crate::chunk::ChunkSource;
use crate::entry::CutSegment;
use crate::log_state::{Contradiction, LogState};
use crate::tail::Part;

impl LogState {
    /// Whether a cut to `to` reaches bytes that are in segment files.
    pub(crate) fn cut_reaches_files(&self, to: Offset) -> bool {
        let cut = match self.parts[self.first_unsealed()].pending() {
            Some(pending) => *pending,
            None => self.parts[self.first_unsealed()].cut(),
        };
        to < cut.first || to == cut.first && cut.skip > 0
    }

    /// Cuts every batch from `to` on, which is a batch's base. A cut into files brings the bytes
    /// from a run's boundary on, which go back to the tail and are written again.
    pub(crate) fn apply_truncate(
        &mut self,
        source: &ChunkSource<'_>,
        to: Offset,
        carried: Option<&CutSegment<'_>>,
        sequence: u64,
    ) -> Result<(), Contradiction> {
        self.generation += 1;
        self.cuts += 1;
        match carried {
            Some(cut) if self.cut_reaches_files(to) => {
                self.cut_into_files(source, cut, sequence)?
            }
            Some(cut) if self.end() < to => {
                // The checkpoint is younger than this cut: it ends where the entry's bytes begin.
                self.replay_carried(source, &cut.cut, cut.bytes, sequence)?;
            }
            Some(_) => self.cut_tail(source, to),
            None if self.cut_reaches_files(to) && to < self.end() => {
                return Err(format!(
                    "log {}: a cut to {to} needs bytes it does not bring",
                    self.id
                ));
            }
            None => self.cut_tail(source, to),
        }
        if self.end() != to {
            return Err(format!("log {} ends at {} after a cut to {to}", self.id, self.end()));
        }
        self.epochs.retain(|(_, first)| *first < to);
        self.cleaned = self.cleaned.min(to);
        self.cut_images(self.open().base);
        if sequence > self.producers_as_of {
            self.producers.cut(to);
        }
        self.end_sequence = sequence;
        Ok(())
    }

    fn cut_tail(&mut self, source: &ChunkSource<'_>, to: Offset) {
        while self.parts.len() > 1 && self.open().base >= to {
            self.parts.pop_back();
        }
        let open = self.open_mut();
        if to < open.end {
            let i = open.find(to).expect("the tail holds what is not in files");
            open.cut_at(source, i);
            open.closed = false;
        } else if open.closed {
            // Its last block may be padded already: it stays closed.
            self.parts.push_back(Part::new(to));
        }
    }

    fn cut_into_files(
        &mut self,
        source: &ChunkSource<'_>,
        cut: &CutSegment<'_>,
        sequence: u64,
    ) -> Result<(), Contradiction> {
        let mut side_bytes = None;
        let mut walls = (0, 0, 0);
        while self.sealed.back().is_some_and(|sealed| sealed.base >= cut.base) {
            let sealed = self.sealed.pop_back().expect("there was one");
            if sealed.base == cut.base {
                side_bytes = Some(sealed.side_bytes);
                walls = (sealed.wall_ms, sealed.wall_ms, sealed.max_timestamp);
            }
        }
        if side_bytes.is_none() {
            let part = self.parts.iter().find(|part| part.base == cut.base);
            let part = part.ok_or_else(|| {
                format!("log {}: a cut into segment {}, which is not there", self.id, cut.base)
            })?;
            side_bytes = Some(part.side_bytes);
            walls = (part.first_wall_ms, part.last_wall_ms, part.max_timestamp);
        }
        // Cut to nothing: the file begins anew.
        let side_bytes = if cut.position == 0 { Some(0) } else { side_bytes };
        let side_bytes = side_bytes.expect("found one way or the other");
        let mut part = Part::at(cut.base, cut.position, side_bytes, cut.cut);
        // Upper bounds: what was cut may have been the newest.
        (part.first_wall_ms, part.last_wall_ms, part.max_timestamp) = walls;
        self.parts = VecDeque::from([part]);
        self.replay_carried(source, &cut.cut, cut.bytes, sequence)
    }
}

#[cfg(test)]
#[path = "log_cut_test.rs"]
mod log_cut_test;
