//! What came over the socket and is not yet a request: the receive buffer, and the cutting of
//! frames.
//!
//! Kept true: received bytes are never moved or copied; between frames a connection holds no
//! buffer, the core lends one when bytes have come; within a frame it holds the frame and at most
//! one large buffer besides. Frame lengths are checked before anything is done for them.

use engine_base::limits::{BLOCK_BYTES, CHUNK_BYTES_MAX};
use engine_rt::{Buf, Core, Slice};

use crate::notice::Closed;
use crate::session::frame::Frame;

/// The shortest frame that can hold a request: API key, version, correlation id.
const FRAME_BYTES_MIN: usize = 8;

/// The length before every frame.
const LENGTH_BYTES: usize = 4;

/// With less room than this a receive would cut frames in pieces for nothing.
const ROOM_BYTES_MIN: usize = 512;

/// Where the next bytes go.
pub(crate) enum Next {
    /// Into the buffer of the frame that is begun.
    Into(Buf),
    /// Into memory that the core lends when they have come: room for so many bytes.
    Lent(usize),
}

/// The bytes between the socket and the requests.
pub(crate) struct Inbound {
    core: Core,
    /// `None` between frames, and while a receive has it.
    buf: Option<Buf>,
    /// Where the bytes begin that are not cut yet.
    start: usize,
    /// What earlier buffers hold of the frame that is being received.
    carried: Vec<Slice>,
    carried_bytes: usize,
    /// How long the frame is that is being received, once its length is read.
    frame: Option<usize>,
    frame_bytes_max: usize,
    /// The size of the latest receive: the next buffer is made for it.
    received: usize,
    is_receiving: bool,
}

impl Inbound {
    pub(crate) fn new(core: Core, frame_bytes_max: usize) -> Inbound {
        Inbound {
            core,
            buf: None,
            start: 0,
            carried: Vec::new(),
            carried_bytes: 0,
            frame: None,
            frame_bytes_max,
            received: 0,
            is_receiving: false,
        }
    }

    /// Whether bytes of a frame are here that is not complete.
    pub(crate) fn is_begun(&self) -> bool {
        self.frame.is_some() || self.waiting() > 0
    }

    /// The length of the frame that is being received, once it is known.
    pub(crate) fn frame_len(&self) -> Option<usize> {
        self.frame
    }

    /// Where to receive the next bytes. Call [`Inbound::received`] with them afterwards.
    pub(crate) fn next(&mut self) -> Next {
        assert!(!self.is_receiving, "one receive at a time");
        self.is_receiving = true;
        // What comes next is probably as long as what came last, and had better lie in one piece.
        let want = (2 * self.received).next_power_of_two().clamp(BLOCK_BYTES, CHUNK_BYTES_MAX);
        if self.is_begun() {
            return Next::Into(self.buffer(want));
        }
        self.buf = None;
        self.start = 0;
        Next::Lent(want)
    }

    /// A buffer with room for more of the frame that is begun.
    fn buffer(&mut self, want: usize) -> Buf {
        let missing = self.frame.map_or(0, |len| len.saturating_sub(self.waiting()));
        let want = want.max(missing.min(CHUNK_BYTES_MAX));
        let Some(mut buf) = self.buf.take() else { return self.core.buf(want) };
        if buf.room() >= missing.clamp(ROOM_BYTES_MIN, want / 2) {
            return buf;
        }
        let left = buf.len() - self.start;
        if left > 0 {
            self.carried.push(buf.share(self.start..buf.len()));
            self.carried_bytes += left;
        }
        self.start = 0;
        self.core.buf(want)
    }

    /// Takes the buffer with `bytes` more in it.
    pub(crate) fn received(&mut self, buf: Buf, bytes: usize) {
        assert!(self.is_receiving && self.buf.is_none(), "one receive at a time");
        self.is_receiving = false;
        self.received = bytes;
        self.buf = Some(buf);
    }

    /// Cuts the next frame, if it is complete.
    pub(crate) fn next_frame(&mut self) -> Result<Option<Frame>, Closed> {
        let len = match self.frame {
            Some(len) => len,
            None if self.waiting() < LENGTH_BYTES => return Ok(None),
            None => {
                let len = self.read_length()?;
                self.frame = Some(len);
                len
            }
        };
        if self.waiting() < len {
            return Ok(None);
        }
        self.frame = None;
        Ok(Some(self.cut(len)))
    }

    /// How many bytes are received and not cut.
    fn waiting(&self) -> usize {
        self.carried_bytes + self.buf.as_ref().map_or(0, |buf| buf.len() - self.start)
    }

    fn read_length(&mut self) -> Result<usize, Closed> {
        let mut bytes = [0; LENGTH_BYTES];
        match &self.buf {
            Some(buf) if self.carried.is_empty() => {
                bytes.copy_from_slice(&buf.filled()[self.start..self.start + LENGTH_BYTES]);
                self.start += LENGTH_BYTES;
            }
            _ => {
                let mut at = 0;
                for piece in self.cut(LENGTH_BYTES).pieces() {
                    bytes[at..at + piece.len()].copy_from_slice(piece);
                    at += piece.len();
                }
            }
        }
        frame_len(bytes, self.frame_bytes_max)
    }

    /// Cuts `len` bytes that are known to be here.
    fn cut(&mut self, len: usize) -> Frame {
        if self.carried.is_empty() {
            return Frame::of(self.cut_from_buffer(len), Vec::new());
        }
        let mut pieces = Vec::with_capacity(self.carried.len() + 1);
        let mut missing = len;
        for piece in std::mem::take(&mut self.carried) {
            if missing == 0 {
                self.carried.push(piece);
            } else if piece.len() <= missing {
                missing -= piece.len();
                pieces.push(piece);
            } else {
                pieces.push(piece.slice(0..missing));
                self.carried.push(piece.slice(missing..piece.len()));
                missing = 0;
            }
        }
        self.carried_bytes -= len - missing;
        if missing > 0 {
            pieces.push(self.cut_from_buffer(missing));
        }
        let first = pieces.remove(0);
        Frame::of(first, pieces)
    }

    fn cut_from_buffer(&mut self, len: usize) -> Slice {
        let buf = self.buf.as_mut().expect("because the bytes were counted as waiting");
        let slice = buf.share(self.start..self.start + len);
        self.start += len;
        slice
    }
}

/// Judges the four bytes before a frame, and recognises what strangers speak instead.
fn frame_len(bytes: [u8; LENGTH_BYTES], frame_bytes_max: usize) -> Result<usize, Closed> {
    let len = i32::from_be_bytes(bytes);
    match usize::try_from(len) {
        Ok(len) if (FRAME_BYTES_MIN..=frame_bytes_max).contains(&len) => Ok(len),
        _ if matches!(&bytes, b"GET " | b"POST" | b"HEAD" | b"PUT " | b"OPTI" | b"DELE") => {
            Err(Closed::Http)
        }
        // A TLS record of type handshake, whatever its version (RFC 8446, 5.1).
        _ if bytes[0] == 22 && bytes[1] == 3 => Err(Closed::Tls),
        Ok(n) if n > frame_bytes_max => Err(Closed::TooLong(len)),
        _ => Err(Closed::BadLength(len)),
    }
}

#[cfg(test)]
#[path = "inbound_test.rs"]
mod inbound_test;
