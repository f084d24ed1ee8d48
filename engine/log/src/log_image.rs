//! A log as a checkpoint has it, and back.
//!
//! Kept true: a log that is made of an image, with the entries above the image's `as_of` replayed,
//! is the log that the image was taken of.

use std::collections::VecDeque;

use crate::LogOptions;
use crate::checkpoint::{LogImage, OpenSegment};
use crate::chunk::ChunkSource;
use crate::log_state::{Contradiction, LogState};
use crate::tail::Part;

impl LogState {
    /// The log as a checkpoint has it.
    ///
    /// # Errors
    /// If the image's tail is not what it says.
    pub(crate) fn of_image(
        image: &LogImage,
        source: &ChunkSource<'_>,
    ) -> Result<LogState, Contradiction> {
        let mut log = LogState::new(image.id, image.start, LogOptions::not_told_yet());
        log.hard_state = image.hard_state.clone();
        log.epochs.clone_from(&image.epochs);
        log.producers = image.producers.clone();
        log.producers_as_of = image.producers_as_of;
        log.cleaned = image.cleaned;
        log.sealed = image.sealed.iter().copied().collect();
        let open = &image.open;
        let mut part = Part::at(open.base, open.position, open.side_bytes, open.cut);
        part.max_timestamp = open.max_timestamp;
        part.first_wall_ms = open.first_wall_ms;
        part.last_wall_ms = open.first_wall_ms;
        log.parts = VecDeque::from([part]);
        if !image.tail.is_empty() {
            log.replay_carried(source, &open.cut, &image.tail, 0)?;
        }
        Ok(log)
    }

    /// What a checkpoint says of this log. `whole`: it carries the whole tail, else what has no
    /// other home. `last`: the last sequence there is.
    pub(crate) fn image(&self, last: u64, whole: bool) -> LogImage {
        let from = self.first_unsealed();
        let part = &self.parts[from];
        let upto = if whole { part.len } else { part.homeless_end() };
        let mut tail = Vec::new();
        if upto > part.destaged {
            part.copy_out(part.destaged, upto, |bytes| tail.extend_from_slice(bytes));
        }
        // The oldest sequence that holds a byte which is neither in segments nor in `tail`.
        let oldest = if whole {
            None
        } else {
            let in_part = part.oldest_after(upto);
            in_part.or_else(|| self.parts.range(from + 1..).find_map(Part::oldest_sequence))
        };
        assert!(!whole || self.parts.len() == from + 1, "a whole tail lies in one segment");
        LogImage {
            id: self.id,
            start: self.start,
            as_of: oldest.map_or(last, |sequence| sequence - 1),
            hard_state: self.hard_state.clone(),
            epochs: self.epochs.clone(),
            producers: self.producers.clone(),
            producers_as_of: last,
            cleaned: self.cleaned,
            sealed: self.sealed.iter().copied().collect(),
            open: OpenSegment {
                base: part.base,
                position: part.destaged,
                side_bytes: part.side_bytes,
                max_timestamp: part.max_timestamp,
                first_wall_ms: part.first_wall_ms,
                cut: part.cut(),
            },
            tail,
        }
    }
}

#[cfg(test)]
#[path = "log_image_test.rs"]
mod log_image_test;
