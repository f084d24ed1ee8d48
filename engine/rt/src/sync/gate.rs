//! Shutting down in order: nobody new gets in, and closing waits for those inside.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::waiters::{Place, Waiters};

/// Counts who is inside. A clone is another handle to the same gate.
#[derive(Clone, Default)]
pub struct Gate(Rc<Shared>);

#[derive(Default)]
struct Shared {
    inside: Cell<usize>,
    closed: Cell<bool>,
    waiters: Waiters,
}

impl Gate {
    /// An open gate with nobody inside.
    pub fn new() -> Gate {
        Gate::default()
    }

    /// Enters, unless the gate is closed. Dropping the pass leaves.
    pub fn enter(&self) -> Option<Pass> {
        if self.0.closed.get() {
            return None;
        }
        self.0.inside.set(self.0.inside.get() + 1);
        Some(Pass(self.clone()))
    }

    /// Whether the gate was closed.
    pub fn is_closed(&self) -> bool {
        self.0.closed.get()
    }

    /// How many are inside.
    pub fn inside(&self) -> usize {
        self.0.inside.get()
    }

    /// Closes at once, at the call; the future resolves when the last one has left.
    pub fn close(&self) -> GateClose {
        self.0.closed.set(true);
        GateClose { gate: self.clone(), place: None }
    }
}

/// Being inside. Whoever holds it may clone it.
pub struct Pass(Gate);

impl Clone for Pass {
    fn clone(&self) -> Pass {
        self.0.0.inside.set(self.0.0.inside.get() + 1);
        Pass(self.0.clone())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let shared = &self.0.0;
        shared.inside.set(shared.inside.get() - 1);
        if shared.inside.get() == 0 && shared.closed.get() {
            shared.waiters.wake_all();
        }
    }
}

/// See [`Gate::close`].
pub struct GateClose {
    gate: Gate,
    place: Place,
}

impl Future for GateClose {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.gate.inside() == 0 {
            this.gate.0.waiters.leave(&mut this.place);
            return Poll::Ready(());
        }
        this.gate.0.waiters.wait(&mut this.place, cx.waker());
        Poll::Pending
    }
}

impl Drop for GateClose {
    fn drop(&mut self) {
        self.gate.0.waiters.leave(&mut self.place);
    }
}
