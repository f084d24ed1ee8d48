//! Waiting until a partition has something new: how a long poll sleeps.
//!
//! Kept true: a watch is woken by an event, exactly once; nothing polls. One that is dropped leaves
//! nothing behind.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Resolves once any watched partition moved past the high watermark that was seen, was deleted, moved
/// its log start past nothing the reader could still want, or stopped.
#[must_use = "a watch does nothing unless it is awaited"]
pub struct Watch {}

impl Future for Watch {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        unreachable!("not built yet")
    }
}
