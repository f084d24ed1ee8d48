//! A value that others wait to see changed.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::waiters::{Place, Waiters};

/// A small value and those who wait for another one. A clone is another handle to the same.
pub struct Watch<T: Copy>(Rc<Shared<T>>);

struct Shared<T> {
    value: Cell<T>,
    waiters: Waiters,
}

impl<T: Copy + PartialEq> Watch<T> {
    /// Starts with `value`.
    pub fn new(value: T) -> Watch<T> {
        Watch(Rc::new(Shared { value: Cell::new(value), waiters: Waiters::default() }))
    }

    /// The value now.
    pub fn get(&self) -> T {
        self.0.value.get()
    }

    /// Sets the value and wakes the waiters if it differs.
    pub fn set(&self, value: T) {
        if self.0.value.replace(value) != value {
            self.0.waiters.wake_all();
        }
    }

    /// A future of the value as soon as it differs from `seen`. It may have changed more than once.
    pub fn changed(&self, seen: T) -> Changed<T> {
        Changed { watch: self.clone(), seen, place: None }
    }
}

impl<T: Copy> Clone for Watch<T> {
    fn clone(&self) -> Watch<T> {
        Watch(Rc::clone(&self.0))
    }
}

/// See [`Watch::changed`].
pub struct Changed<T: Copy> {
    watch: Watch<T>,
    seen: T,
    place: Place,
}

impl<T: Copy> Unpin for Changed<T> {}

impl<T: Copy + PartialEq> Future for Changed<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        let value = this.watch.0.value.get();
        if value != this.seen {
            this.watch.0.waiters.leave(&mut this.place);
            return Poll::Ready(value);
        }
        this.watch.0.waiters.wait(&mut this.place, cx.waker());
        Poll::Pending
    }
}

impl<T: Copy> Drop for Changed<T> {
    fn drop(&mut self) {
        self.watch.0.waiters.leave(&mut self.place);
    }
}
