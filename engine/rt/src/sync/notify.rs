//! "Something changed": every future made before the call resolves.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::waiters::{Place, Waiters};

/// Wakes whoever waits. A clone is another handle to the same.
#[derive(Clone, Default)]
pub struct Notify(Rc<Shared>);

#[derive(Default)]
struct Shared {
    round: Cell<u64>,
    waiters: Waiters,
}

impl Notify {
    /// Nobody waits yet.
    pub fn new() -> Notify {
        Notify::default()
    }

    /// Resolves every [`Notified`] made before this call.
    pub fn notify_all(&self) {
        self.0.round.set(self.0.round.get() + 1);
        self.0.waiters.wake_all();
    }

    /// A future of the next `notify_all` after this call, polled in between or not.
    pub fn notified(&self) -> Notified {
        Notified { notify: self.clone(), round: self.0.round.get(), place: None }
    }
}

/// See [`Notify::notified`].
pub struct Notified {
    notify: Notify,
    round: u64,
    place: Place,
}

impl Future for Notified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.notify.0.round.get() != this.round {
            this.notify.0.waiters.leave(&mut this.place);
            return Poll::Ready(());
        }
        this.notify.0.waiters.wait(&mut this.place, cx.waker());
        Poll::Pending
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        self.notify.0.waiters.leave(&mut self.place);
    }
}
