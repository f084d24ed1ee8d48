//! A segment's bytes as a stream of batches, each of them checked.
//!
//! Kept true: after a gap nothing is said about bytes until a run tells where a batch begins.

use engine_base::{Epoch, Fault, FaultKind, Offset};
use engine_record::{BadBatch, BatchView, Rope};

use crate::names::SegmentName;
use crate::reader::follows;
use crate::sidecar::SideEntry;

/// Checks batches as their bytes come.
pub(crate) struct BatchStream<'a> {
    place: &'a str,
    /// Compaction leaves holes.
    holes: bool,
    epochs: &'a [(Epoch, Offset)],
    pending: Vec<u8>,
    /// The next batch's base; `None` after a gap.
    next: Option<Offset>,
    /// Where `pending` begins in the segment.
    position: u64,
    pub(crate) batches: u64,
    pub(crate) faults: Vec<Fault>,
}

impl<'a> BatchStream<'a> {
    pub(crate) fn new(
        place: &'a str,
        segment: SegmentName,
        epochs: &'a [(Epoch, Offset)],
    ) -> BatchStream<'a> {
        BatchStream {
            place,
            holes: segment.revision > 0,
            epochs,
            pending: Vec::new(),
            next: Some(segment.base),
            position: 0,
            batches: 0,
            faults: Vec::new(),
        }
    }

    /// Bytes are missing here.
    pub(crate) fn lose(&mut self) {
        self.pending.clear();
        self.next = None;
    }

    /// The bytes of a run whose checksum holds.
    pub(crate) fn feed_run(&mut self, run: &SideEntry, bytes: &[u8]) {
        if self.next.is_some() {
            self.feed(bytes);
        } else if run.first >= 0 {
            self.next = Some(run.first);
            self.position = run.position + u64::from(run.first_position);
            self.feed(&bytes[run.first_position as usize..]);
        }
    }

    /// The bytes that follow.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.next.is_none() {
            return;
        }
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        let pieces = [pending.as_slice()];
        let mut at = 0;
        while let Some(next) = self.next {
            match BatchView::parse(Rope::new(&pieces), at) {
                Ok(view) => {
                    self.check(&view, next, at);
                    at += view.bytes().len();
                }
                Err(BadBatch::Cut { .. }) => break,
                Err(other) => {
                    self.fault(at, format!("no batch: {other}"));
                    self.next = None;
                }
            }
        }
        self.position += at as u64;
        self.pending = if self.next.is_some() { pending[at..].to_vec() } else { Vec::new() };
    }

    fn check(&mut self, view: &BatchView<'_>, next: Offset, at: usize) {
        let header = view.header();
        self.batches += 1;
        self.next = Some(header.last_offset() + 1);
        if let Err(why) = view.verify_crc() {
            self.fault(at, why.to_string());
        }
        if !follows(header, next, self.holes) || header.last_offset_delta < 0 {
            let why = format!("batch {} where {next} was due", header.base_offset);
            self.fault(at, why);
        }
        let i = self.epochs.partition_point(|(_, first)| *first <= header.base_offset);
        // Epochs below the log's start are forgotten.
        if i > 0 && self.epochs[i - 1].0 != header.leader_epoch {
            let (epoch, base) = (header.leader_epoch, header.base_offset);
            self.fault(at, format!("batch {base} has epoch {epoch}, its log says otherwise"));
        }
    }

    fn fault(&mut self, at: usize, why: String) {
        let position = self.position + at as u64;
        self.faults.push(Fault::at(FaultKind::Rot, self.place, position, why));
    }

    /// There is nothing more: the segment must end here.
    pub(crate) fn end(&mut self, end: Offset) {
        let Some(next) = self.next else { return };
        if next != end || !self.pending.is_empty() {
            let why = format!("the segment ends at {next}, {end} was due");
            self.fault(0, why);
        }
    }
}
