//! The answer to a produce, on its way. A slot in a slab instead of an allocation per command.
//!
//! Kept true: every command that was handed in is answered exactly once; dropping the future gives up
//! the answer, never the batch.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use engine_base::Refusal;

use crate::command::ProduceAnswer;

/// Resolves when the batch is acknowledged as its `acks` and its topic's durability class say.
#[must_use = "the batch is written anyway, but its fate is lost"]
pub struct Produced {}

impl Future for Produced {
    type Output = Result<ProduceAnswer, Refusal>;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Self::Output> {
        unreachable!("not built yet")
    }
}
