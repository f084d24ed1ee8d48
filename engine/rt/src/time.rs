//! Waiting for time, for the next turn and for the kernel to have taken what was started.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use engine_base::Mono;

use crate::core::Inner;
use crate::timer::TimerId;

/// Resolves at its deadline. Dropping it takes the timer away.
pub struct Sleep {
    core: Rc<Inner>,
    at: Mono,
    timer: Option<TimerId>,
}

impl Sleep {
    pub(crate) fn new(core: &Rc<Inner>, at: Mono) -> Sleep {
        Sleep { core: Rc::clone(core), at, timer: None }
    }

    /// When it resolves.
    pub fn deadline(&self) -> Mono {
        self.at
    }

    fn clear(&mut self) {
        if let Some(timer) = self.timer.take() {
            let waker = self.core.timers.borrow_mut().clear(timer);
            drop(waker);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.core.now.get() >= self.at {
            self.clear();
            return Poll::Ready(());
        }
        match self.timer {
            Some(timer) => self.core.timers.borrow_mut().renew(timer, cx.waker()),
            None => {
                let timer = self.core.timers.borrow_mut().set(self.at, cx.waker().clone());
                self.timer = Some(timer);
            }
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Resolves when the task comes round again: behind all of its class that were ready before it, and
/// behind the other classes' shares of a round.
#[derive(Default)]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Resolves when every operation started before it was made has been handed to the kernel.
pub struct Submitted {
    core: Rc<Inner>,
    target: u64,
}

impl Submitted {
    pub(crate) fn new(core: &Rc<Inner>) -> Submitted {
        Submitted { core: Rc::clone(core), target: core.driver.queued() }
    }
}

impl Future for Submitted {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.core.driver.handed() >= self.target {
            return Poll::Ready(());
        }
        let mut waiters = self.core.submit_waiters.borrow_mut();
        if !waiters.iter().any(|known| known.will_wake(cx.waker())) {
            waiters.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// The time was up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is up")
    }
}

impl std::error::Error for Elapsed {}
