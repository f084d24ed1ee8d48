//! The batches of a sealed segment, one after the other, for who reads all of it.
//!
//! Kept true: every byte was held against its run's checksum and every batch against its own;
//! nothing is skipped: what cannot be read ends the walk.

use std::collections::VecDeque;
use std::rc::Rc;

use engine_base::{Offset, limits::CHUNK_BYTES_MAX};
use engine_record::{BadBatch, BatchView, Rope};
use engine_rt::Slice;

use crate::fields::{as_u64, as_usize};
use crate::log::ReadError;
use crate::reader::{follows, read_runs, rot};
use crate::sealed::Sealed;
use crate::segment::{OpenError, Segment, SegmentKey};
use crate::shard::Shard;
use crate::sidecar::SideEntry;

/// A walk over one segment.
pub(crate) struct SegmentWalk {
    shard: Rc<Shard>,
    segment: Rc<Segment>,
    runs: VecDeque<SideEntry>,
    /// What was read and not walked yet; the first slice from `at` on.
    ahead: VecDeque<Slice>,
    at: usize,
    /// Where the next batch begins in the file.
    position: u64,
    next: Offset,
    end: Offset,
}

/// A batch that was walked to, held for who takes several turns over it.
pub(crate) struct Held {
    slices: Vec<Slice>,
    /// Where it begins in them.
    at: usize,
}

impl Held {
    /// The bytes in which it lies, for [`Held::batch`].
    pub(crate) fn pieces(&self) -> Vec<&[u8]> {
        self.slices.iter().map(|slice| &slice[..]).collect()
    }

    pub(crate) fn batch<'p>(&self, pieces: &'p [&'p [u8]]) -> BatchView<'p> {
        BatchView::parse(Rope::new(pieces), self.at).expect("because it was parsed before")
    }
}

impl SegmentWalk {
    /// From the batch on that holds `from`, or the first one behind it; from the segment's first if
    /// it begins behind.
    ///
    /// # Errors
    /// If the file is not there, or its sidecar has holes.
    pub(crate) async fn begin(
        shard: &Rc<Shard>,
        key: SegmentKey,
        sealed: &Sealed,
        from: Offset,
    ) -> Result<SegmentWalk, ReadError> {
        let segment = shard.segments.open(key, sealed.side_bytes, false).await;
        let segment = segment.map_err(OpenError::reading)?;
        let (runs, at, next) = {
            let index = segment.index.borrow();
            let all = index.runs();
            let gaps = all.windows(2).any(|two| two[0].end() != two[1].position);
            let begins = all.first().is_some_and(|run| run.position == 0 && run.first >= 0);
            if gaps || !begins || index.end() != sealed.bytes {
                let why = "the sidecar does not cover the segment";
                return Err(rot(&segment, 0, why).into());
            }
            let i = index.at_offset(from).filter(|i| all[*i].first >= 0).unwrap_or(0);
            let next = if i == 0 { sealed.base } else { all[i].first };
            (all[i..].iter().copied().collect::<VecDeque<_>>(), all[i].first_position, next)
        };
        let position = runs[0].position + u64::from(at);
        let (at, end) = (as_usize(u64::from(at)), sealed.end);
        let ahead = VecDeque::new();
        let shard = Rc::clone(shard);
        Ok(SegmentWalk { shard, segment, runs, ahead, at, position, next, end })
    }

    /// Reads what follows; how many bytes, 0 at the end.
    ///
    /// # Errors
    /// Rot, a failed read.
    pub(crate) async fn read(&mut self) -> Result<u64, ReadError> {
        let mut runs: Vec<SideEntry> = Vec::new();
        let mut bytes = 0;
        while let Some(run) = self.runs.front() {
            let with = bytes + u64::from(run.length);
            if !runs.is_empty() && with > as_u64(CHUNK_BYTES_MAX) {
                break;
            }
            bytes = with;
            runs.push(self.runs.pop_front().expect("there is one"));
        }
        if !runs.is_empty() {
            self.ahead.extend(read_runs(&self.shard, &self.segment, &runs).await?);
        }
        Ok(bytes)
    }

    /// The next batch, if it was read whole; `None` if more must be read, or there is no more.
    ///
    /// # Errors
    /// Rot: bytes that are no batch, or not the one that is due here.
    pub(crate) fn next(&mut self) -> Result<Option<Held>, ReadError> {
        let pieces: Vec<&[u8]> = self.ahead.iter().map(|slice| &slice[..]).collect();
        let view = match BatchView::parse(Rope::new(&pieces), self.at) {
            Ok(view) => view,
            Err(BadBatch::Cut { .. }) if !self.runs.is_empty() => return Ok(None),
            Err(BadBatch::Cut { have: 0, .. }) if self.next == self.end => return Ok(None),
            Err(why) => return Err(self.wrong(&why.to_string())),
        };
        if let Err(why) = view.verify_crc() {
            return Err(self.wrong(&why.to_string()));
        }
        let header = *view.header();
        let holes = self.segment.key.1.revision > 0;
        if !follows(&header, self.next, holes) || header.last_offset() >= self.end {
            let (next, base) = (self.next, header.base_offset);
            return Err(self.wrong(&format!("batch {base} where {next} was due")));
        }
        let mut held = Held { slices: Vec::new(), at: self.at };
        self.next = header.last_offset() + 1;
        self.position += as_u64(header.total_bytes());
        self.at += header.total_bytes();
        while let Some(slice) = self.ahead.front() {
            held.slices.push(slice.clone());
            if slice.len() > self.at {
                break;
            }
            self.at -= slice.len();
            self.ahead.pop_front();
            if self.at == 0 {
                break;
            }
        }
        Ok(Some(held))
    }

    fn wrong(&self, why: &str) -> ReadError {
        rot(&self.segment, self.position, why).into()
    }
}
