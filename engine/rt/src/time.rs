//! Waiting for time, for the next turn and for the kernel to have taken what was started.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Resolves at its deadline. Dropping it takes the timer away.
pub struct Sleep(PhantomData<Rc<()>>);

impl Future for Sleep {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        unreachable!("not built yet")
    }
}

/// Resolves when the task comes round again, after everybody who was ready before it.
pub struct YieldNow(PhantomData<Rc<()>>);

impl Future for YieldNow {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        unreachable!("not built yet")
    }
}

/// Resolves when every operation started before it was made has been handed to the kernel.
pub struct Submitted(PhantomData<Rc<()>>);

impl Future for Submitted {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        unreachable!("not built yet")
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
