//! What the kernel reads beside the buffers: vectors and addresses. One frame per operation slot.
//!
//! Kept true: a frame does not move and is not used again before its operation's completion has
//! come.

use std::ptr::NonNull;

use super::socket::RawAddr;
use crate::buf::Slice;
use crate::op::Sent;

/// The kernel takes no more vectors at once (UIO_MAXIOV).
const VECTORS_MAX: usize = 1024;

pub(super) struct Frame {
    vectors: Vec<libc::iovec>,
    message: libc::msghdr,
    pub(super) addr: RawAddr,
    /// What is read from an eventfd.
    pub(super) word: u64,
}

impl Frame {
    fn new() -> Frame {
        Frame {
            vectors: Vec::new(),
            // SAFETY: all zeros is a valid empty message.
            message: unsafe { std::mem::zeroed() },
            addr: RawAddr::new(),
            word: 0,
        }
    }

    /// The message header for what is left of a send.
    pub(super) fn message_of(&mut self, slices: &[Slice], sent: Sent) -> *const libc::msghdr {
        self.vectors.clear();
        let mut skip = sent.bytes;
        for slice in slices[sent.slices..].iter().take(VECTORS_MAX) {
            let rest = &slice[skip..];
            skip = 0;
            self.vectors.push(libc::iovec {
                iov_base: rest.as_ptr().cast_mut().cast(),
                iov_len: rest.len(),
            });
        }
        self.message.msg_iov = self.vectors.as_mut_ptr();
        self.message.msg_iovlen = self.vectors.len();
        &raw const self.message
    }
}

/// Frames by slot. They are reached through pointers, since the kernel has pointers into them.
#[derive(Default)]
pub(super) struct Frames {
    all: Vec<NonNull<Frame>>,
}

impl Frames {
    /// The frame of a slot.
    pub(super) fn get(&mut self, index: u32) -> &mut Frame {
        let index = index as usize;
        while self.all.len() <= index {
            self.all.push(NonNull::from(Box::leak(Box::new(Frame::new()))));
        }
        // SAFETY: frames live until `self` does, and only this method refers to them. The kernel
        // reads (an accept: writes) a frame only between an operation's start and its completion,
        // when nobody calls this for its slot.
        unsafe { self.all[index].as_mut() }
    }

    /// Leaves all frames to the kernel, for operations that would not end.
    pub(super) fn leak(&mut self) {
        self.all.clear();
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        for frame in self.all.drain(..) {
            // SAFETY: the frame came from a box, is in the list once, and its operation is over.
            drop(unsafe { Box::from_raw(frame.as_ptr()) });
        }
    }
}
