//! Tasks: a future, its class of work, and the way to wake it.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// What kind of work a task is; each class has its share of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The core's own order of business; goes first.
    Control,
    /// Sessions: frames in, answers out.
    Net,
    /// Appends.
    Produce,
    /// Reads.
    Fetch,
    /// Destage, retention, checkpoints.
    Housekeeping,
}

/// A spawned task: a future of its result. Dropping it lets the task run on.
pub struct Task<T>(PhantomData<Rc<T>>);

impl<T> Task<T> {
    /// Ends the task: its future is dropped, now or after the poll under way.
    pub fn cancel(self) {
        unreachable!("not built yet")
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        unreachable!("not built yet")
    }
}

impl<T> Future for Task<T> {
    type Output = T;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        unreachable!("not built yet")
    }
}
