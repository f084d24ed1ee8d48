//! A bounded queue between tasks of one core: a full one is backpressure, not an allocation.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::waiters::{Place, Waiters};

/// First in, first out, at most `bound` items. A clone is another handle to the same.
pub struct Queue<T>(Rc<Shared<T>>);

struct Shared<T> {
    items: RefCell<VecDeque<T>>,
    bound: usize,
    closed: Cell<bool>,
    pushers: Waiters,
    poppers: Waiters,
}

impl<T> Queue<T> {
    /// An empty queue for at most `bound` items (at least one).
    pub fn new(bound: usize) -> Queue<T> {
        assert!(bound > 0, "a queue holds at least one item");
        Queue(Rc::new(Shared {
            items: RefCell::default(),
            bound,
            closed: Cell::new(false),
            pushers: Waiters::default(),
            poppers: Waiters::default(),
        }))
    }

    /// Appends, or gives the item back if the queue is full or closed.
    pub fn try_push(&self, item: T) -> Result<(), T> {
        {
            let mut items = self.0.items.borrow_mut();
            if self.0.closed.get() || items.len() >= self.0.bound {
                return Err(item);
            }
            items.push_back(item);
        }
        self.0.poppers.wake_one();
        Ok(())
    }

    /// Waits for room and appends; gives the item back if the queue is or gets closed.
    pub fn push(&self, item: T) -> Push<T> {
        Push { queue: self.clone(), item: Some(item), place: None }
    }

    /// The oldest item, if there is one.
    pub fn try_pop(&self) -> Option<T> {
        let item = self.0.items.borrow_mut().pop_front();
        if item.is_some() {
            self.0.pushers.wake_one();
        }
        item
    }

    /// Waits for the oldest item; `None` once the queue is closed and empty.
    pub fn pop(&self) -> Pop<T> {
        Pop { queue: self.clone(), place: None }
    }

    /// Moves everything queued to the end of `into`; says how many items.
    pub fn drain(&self, into: &mut Vec<T>) -> usize {
        let moved = {
            let mut items = self.0.items.borrow_mut();
            let moved = items.len();
            into.extend(items.drain(..));
            moved
        };
        if moved > 0 {
            self.0.pushers.wake_all();
        }
        moved
    }

    /// Refuses further items; what is queued can still be popped.
    pub fn close(&self) {
        self.0.closed.set(true);
        self.0.pushers.wake_all();
        self.0.poppers.wake_all();
    }

    /// Whether [`Queue::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.0.closed.get()
    }

    /// Items queued now.
    pub fn len(&self) -> usize {
        self.0.items.borrow().len()
    }

    /// Whether nothing is queued.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Queue<T> {
        Queue(Rc::clone(&self.0))
    }
}

/// See [`Queue::push`].
pub struct Push<T> {
    queue: Queue<T>,
    item: Option<T>,
    place: Place,
}

impl<T> Unpin for Push<T> {}

impl<T> Future for Push<T> {
    type Output = Result<(), T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T>> {
        let this = &mut *self;
        let item = this.item.take().expect("because a finished push is not polled again");
        match this.queue.try_push(item) {
            Ok(()) => {
                this.queue.0.pushers.leave(&mut this.place);
                Poll::Ready(Ok(()))
            }
            Err(item) if this.queue.is_closed() => Poll::Ready(Err(item)),
            Err(item) => {
                this.item = Some(item);
                this.queue.0.pushers.wait(&mut this.place, cx.waker());
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Push<T> {
    fn drop(&mut self) {
        // Woken for room it will not use: the next one gets it.
        if self.queue.0.pushers.leave(&mut self.place) && self.item.is_some() {
            self.queue.0.pushers.wake_one();
        }
    }
}

/// See [`Queue::pop`].
pub struct Pop<T> {
    queue: Queue<T>,
    place: Place,
}

impl<T> Future for Pop<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        let item = this.queue.try_pop();
        if item.is_some() || this.queue.is_closed() {
            this.queue.0.poppers.leave(&mut this.place);
            return Poll::Ready(item);
        }
        this.queue.0.poppers.wait(&mut this.place, cx.waker());
        Poll::Pending
    }
}

impl<T> Drop for Pop<T> {
    fn drop(&mut self) {
        // Woken for an item it did not take: the next one gets it.
        if self.queue.0.poppers.leave(&mut self.place) && !self.queue.is_empty() {
            self.queue.0.poppers.wake_one();
        }
    }
}
