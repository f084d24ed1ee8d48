//! A spawned task, as its spawner sees it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use crate::core::Inner;
use crate::executor::TaskId;

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
///
/// Waiting for a task that never ends, because its core ended first, waits for ever.
pub struct Task<T> {
    core: Weak<Inner>,
    id: TaskId,
    result: Rc<RefCell<Landing<T>>>,
}

/// Where the result lands.
pub(crate) struct Landing<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl<T: 'static> Task<T> {
    pub(crate) fn spawn(
        core: &Rc<Inner>,
        class: Class,
        name: &'static str,
        future: impl Future<Output = T> + 'static,
    ) -> Task<T> {
        let result = Rc::new(RefCell::new(Landing { value: None, waker: None }));
        let landing = Rc::clone(&result);
        let body = async move {
            let value = future.await;
            let waker = {
                let mut landing = landing.borrow_mut();
                landing.value = Some(value);
                landing.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        let id = core.tasks.spawn(class, name, Box::pin(body));
        Task { core: Rc::downgrade(core), id, result }
    }
}

impl<T> Task<T> {
    /// Ends the task: its future is dropped, now or after the poll under way.
    pub fn cancel(self) {
        if let Some(core) = self.core.upgrade() {
            core.tasks.cancel(self.id);
        }
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.core.upgrade().is_none_or(|core| !core.tasks.is_alive(self.id))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.result.borrow_mut().value.take()
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut landing = self.result.borrow_mut();
        if let Some(value) = landing.value.take() {
            return Poll::Ready(value);
        }
        match &landing.waker {
            Some(known) if known.will_wake(cx.waker()) => {}
            _ => landing.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}
