//! Being told to stop.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A signal that the process was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: finish and leave.
    Terminate,
}

/// A future of the next signal. One core of a process waits for signals.
pub struct SignalWait(PhantomData<Rc<()>>);

impl Future for SignalWait {
    type Output = Signal;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Signal> {
        unreachable!("not built yet")
    }
}
