//! The inbox of a shard: produce commands in the order they were handed in, bounded.
//!
//! Kept true: commands leave in the order they came; what does not fit is given back at once, never
//! queued beyond the bounds, and a session that asks for room first is never turned away.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use engine_rt::sync::{Notified, Notify};

use crate::command::ProduceCommand;
use crate::produced::AnswerSlot;

/// A command and where its answer goes.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) command: ProduceCommand,
    pub(crate) bytes: usize,
    pub(crate) answer: AnswerSlot,
}

/// Commands for one shard.
pub(crate) struct Inbox {
    queue: RefCell<VecDeque<Queued>>,
    bytes: Cell<usize>,
    /// Commands taken out that wait elsewhere for their turn; they still count.
    held: Cell<usize>,
    commands_max: usize,
    bytes_max: usize,
    closed: Cell<bool>,
    arrived: Notify,
    room: Notify,
}

impl Inbox {
    pub(crate) fn new(commands_max: usize, bytes_max: usize) -> Inbox {
        Inbox {
            queue: RefCell::new(VecDeque::new()),
            bytes: Cell::new(0),
            held: Cell::new(0),
            commands_max,
            bytes_max,
            closed: Cell::new(false),
            arrived: Notify::new(),
            room: Notify::new(),
        }
    }

    /// Whether a batch of `bytes` fits. An empty inbox takes a batch of any size.
    pub(crate) fn fits(&self, bytes: usize) -> bool {
        let waiting = self.queue.borrow().len() + self.held.get();
        waiting == 0
            || (waiting < self.commands_max
                && self.bytes.get().saturating_add(bytes) <= self.bytes_max)
    }

    /// Queues a command, or gives it back if it does not fit or the inbox is closed.
    pub(crate) fn push(&self, queued: Queued) -> Result<(), Queued> {
        if self.closed.get() || !self.fits(queued.bytes) {
            return Err(queued);
        }
        self.bytes.set(self.bytes.get() + queued.bytes);
        let mut queue = self.queue.borrow_mut();
        queue.push_back(queued);
        if queue.len() == 1 {
            self.arrived.notify_all();
        }
        Ok(())
    }

    /// The oldest command.
    pub(crate) fn pop(&self) -> Option<Queued> {
        let queued = self.queue.borrow_mut().pop_front()?;
        self.bytes.set(self.bytes.get() - queued.bytes);
        Some(queued)
    }

    /// A command that was taken out waits elsewhere: it counts as if it were here.
    pub(crate) fn hold(&self, bytes: usize) {
        self.held.set(self.held.get() + 1);
        self.bytes.set(self.bytes.get() + bytes);
    }

    /// A command that was held waits no more.
    pub(crate) fn release(&self, bytes: usize) {
        self.held.set(self.held.get().checked_sub(1).expect("because it was held"));
        self.bytes.set(self.bytes.get() - bytes);
        self.room.notify_all();
    }

    /// Tells those who wait for room that there may be some.
    pub(crate) fn made_room(&self) {
        self.room.notify_all();
    }

    /// Resolves when a command arrives in the empty inbox, or when it closes.
    pub(crate) fn arrival(&self) -> Notified {
        self.arrived.notified()
    }

    /// Waits until a batch of `bytes` fits. A closed inbox keeps nobody waiting.
    pub(crate) async fn has_room(&self, bytes: usize) {
        loop {
            let room = self.room.notified();
            if self.closed.get() || self.fits(bytes) {
                return;
            }
            room.await;
        }
    }

    /// Takes no more commands.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        self.arrived.notify_all();
        self.room.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }
}
