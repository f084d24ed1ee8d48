//! What goes out with the next send of a connection: encoded bytes and lent batches, in order.
//!
//! Kept true: batches leave by reference, never copied; only what we encoded ourselves is gathered,
//! so that many small answers leave as one piece. Taking the outbox empties it.

use engine_base::limits::{BLOCK_BYTES, CHUNK_BYTES_MAX};
use engine_rt::{Buf, Core, Slice};

use crate::budget::Grant;

/// A send stops gathering more answers from this many pieces on; far below the system's 1024.
const PIECES_MAX: usize = 512;

/// A send stops gathering more answers from this many bytes on.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// The pieces of the next send.
pub(crate) struct Outbox {
    core: Core,
    /// Encoded bytes are gathered here; those from `open` on are not a piece yet.
    gathered: Option<Buf>,
    open: usize,
    pieces: Vec<Slice>,
    bytes: usize,
    /// What the gathered answers were granted, until they are sent.
    grants: Vec<Grant>,
}

impl Outbox {
    pub(crate) fn new(core: Core) -> Outbox {
        let (pieces, grants) = (Vec::new(), Vec::new());
        Outbox { core, gathered: None, open: 0, pieces, bytes: 0, grants }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Whether it should be sent before more is put in.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= BYTES_MAX || self.pieces.len() >= PIECES_MAX
    }

    /// Puts encoded bytes in, copying them.
    pub(crate) fn gather(&mut self, mut bytes: &[u8]) {
        self.bytes += bytes.len();
        while !bytes.is_empty() {
            if self.gathered.as_ref().is_none_or(|buf| buf.room() == 0) {
                self.close_piece();
                let size = bytes.len().clamp(BLOCK_BYTES, CHUNK_BYTES_MAX);
                self.gathered = Some(self.core.buf(size));
                self.open = 0;
            }
            let buf = self.gathered.as_mut().expect("because it was just made");
            let (now, later) = bytes.split_at(bytes.len().min(buf.room()));
            buf.append(now);
            bytes = later;
        }
    }

    /// Puts lent bytes in, by reference.
    pub(crate) fn lend(&mut self, slice: Slice) {
        if !slice.is_empty() {
            self.close_piece();
            self.bytes += slice.len();
            self.pieces.push(slice);
        }
    }

    /// Keeps a grant until the answer is sent.
    pub(crate) fn hold(&mut self, grant: Grant) {
        self.grants.push(grant);
    }

    /// Everything that was put in, to be sent; give it back with [`Outbox::sent`].
    pub(crate) fn take(&mut self) -> Vec<Slice> {
        self.close_piece();
        self.gathered = None;
        self.bytes = 0;
        std::mem::take(&mut self.pieces)
    }

    /// The pieces were sent, or will never be.
    pub(crate) fn sent(&mut self, mut pieces: Vec<Slice>) {
        assert!(self.is_empty(), "nothing is put in while a send is on its way");
        pieces.clear();
        self.pieces = pieces;
        self.grants.clear();
    }

    fn close_piece(&mut self) {
        if let Some(buf) = &mut self.gathered
            && buf.len() > self.open
        {
            self.pieces.push(buf.share(self.open..buf.len()));
            self.open = buf.len();
        }
    }
}

#[cfg(test)]
#[path = "outbox_test.rs"]
mod outbox_test;
