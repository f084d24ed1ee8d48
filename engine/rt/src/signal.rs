//! Being told to stop.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::core::Inner;
use crate::op::{Op, Request};

/// A signal that the process was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: finish and leave.
    Terminate,
}

/// A future of the next signal. One core of a process waits for signals.
pub struct SignalWait(Op);

impl SignalWait {
    pub(crate) fn new(core: &Rc<Inner>) -> SignalWait {
        SignalWait(Op::start(core, Request::Signal))
    }
}

impl Future for SignalWait {
    type Output = Signal;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Signal> {
        // An eventfd that cannot be read is as good a reason to stop as a signal.
        Pin::new(&mut self.0).poll(cx).map(|_| Signal::Terminate)
    }
}
