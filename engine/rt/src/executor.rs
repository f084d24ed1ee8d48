//! Tasks of one core and whose turn it is: classes with shares, bounded work per turn.
//!
//! Kept true: a task is polled by its core's thread alone, never while it is being polled; a
//! finished or cancelled task's future is dropped at once; every class gets its share of each
//! round.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;

use crate::task::Class;
use crate::wake::{CLASSES, Header, Home};

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

const ORDER: [Class; CLASSES] =
    [Class::Control, Class::Net, Class::Produce, Class::Fetch, Class::Housekeeping];
/// Polls per round, until `set_share` says otherwise.
const SHARES: [u32; CLASSES] = [64, 32, 32, 16, 8];

/// Names a task; numbers are used again, generations are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId {
    index: u32,
    generation: u32,
}

pub(crate) struct Tasks {
    home: Arc<Home>,
    slots: RefCell<Slots>,
    shares: [Cell<u32>; CLASSES],
    alive: Cell<usize>,
    polled: Cell<u64>,
    running: Cell<Option<TaskId>>,
    cancel_running: Cell<bool>,
}

#[derive(Default)]
struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
}

struct Slot {
    generation: u32,
    name: &'static str,
    /// Away while the task is being polled.
    body: Option<(Arc<Header>, Boxed)>,
    alive: bool,
}

impl Tasks {
    pub(crate) fn new() -> Tasks {
        Tasks {
            home: Home::new(),
            slots: RefCell::default(),
            shares: SHARES.map(Cell::new),
            alive: Cell::new(0),
            polled: Cell::new(0),
            running: Cell::new(None),
            cancel_running: Cell::new(false),
        }
    }

    pub(crate) fn home(&self) -> &Arc<Home> {
        &self.home
    }

    pub(crate) fn alive(&self) -> usize {
        self.alive.get()
    }

    pub(crate) fn polled(&self) -> u64 {
        self.polled.get()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.home.is_ready()
    }

    pub(crate) fn set_share(&self, class: Class, share: u32) {
        self.shares[class as usize].set(share.max(1));
    }

    pub(crate) fn spawn(&self, class: Class, name: &'static str, future: Boxed) -> TaskId {
        let mut slots = self.slots.borrow_mut();
        let index = match slots.free.pop() {
            Some(index) => index,
            None => {
                slots.all.push(Slot { generation: 0, name, body: None, alive: false });
                u32::try_from(slots.all.len() - 1).expect("because fewer than 2^32 tasks are alive")
            }
        };
        let header = Header::new(&self.home, index, class);
        let slot = &mut slots.all[index as usize];
        slot.name = name;
        slot.alive = true;
        slot.generation = slot.generation.wrapping_add(1);
        slot.body = Some((Arc::clone(&header), future));
        self.alive.set(self.alive.get() + 1);
        let id = TaskId { index, generation: slot.generation };
        drop(slots);
        header.wake();
        id
    }

    pub(crate) fn is_alive(&self, id: TaskId) -> bool {
        let slots = self.slots.borrow();
        let slot = &slots.all[id.index as usize];
        slot.alive && slot.generation == id.generation
    }

    /// Drops the task's future: now, or after the poll that runs.
    pub(crate) fn cancel(&self, id: TaskId) {
        if !self.is_alive(id) {
            return;
        }
        if self.running.get() == Some(id) {
            self.cancel_running.set(true);
            return;
        }
        let body = self.slots.borrow_mut().all[id.index as usize].body.take();
        self.retire(id.index);
        drop(body);
    }

    fn retire(&self, index: u32) {
        let mut slots = self.slots.borrow_mut();
        slots.all[index as usize].alive = false;
        slots.free.push(index);
        self.alive.set(self.alive.get() - 1);
    }

    /// Polls ready tasks round by round until none is ready, `polls_max` is reached, or
    /// `after_poll` (given the task's name) says that this is enough for one turn.
    pub(crate) fn run(&self, polls_max: u32, mut after_poll: impl FnMut(&'static str) -> bool) {
        let mut left = polls_max;
        while left > 0 {
            let before = left;
            for class in ORDER {
                // Those ready now: who yields comes round again behind all other classes.
                let ready = u32::try_from(self.home.ready(class)).unwrap_or(u32::MAX);
                for _ in 0..self.shares[class as usize].get().min(ready).min(left) {
                    let Some(index) = self.home.pop(class) else { break };
                    left -= 1;
                    if let Some(name) = self.poll(index)
                        && !after_poll(name)
                    {
                        return;
                    }
                }
            }
            if left == before {
                return;
            }
        }
    }

    fn poll(&self, index: u32) -> Option<&'static str> {
        let (header, mut future, id, name) = {
            let mut slots = self.slots.borrow_mut();
            let slot = &mut slots.all[index as usize];
            let (header, future) = slot.body.take()?;
            (header, future, TaskId { index, generation: slot.generation }, slot.name)
        };
        header.unqueue();
        self.polled.set(self.polled.get() + 1);
        let outer = self.running.replace(Some(id));
        assert_eq!(outer, None, "tasks are not polled from within a task");
        let waker = header.borrowed_waker();
        let done = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        self.running.set(None);
        if self.cancel_running.replace(false) || done {
            self.retire(index);
            drop(future);
        } else {
            self.slots.borrow_mut().all[index as usize].body = Some((header, future));
        }
        Some(name)
    }

    /// Ends all tasks. Their destructors may wake and cancel one another.
    pub(crate) fn clear(&self) {
        let count = self.slots.borrow().all.len();
        for index in 0..count {
            let body = self.slots.borrow_mut().all[index].body.take();
            if body.is_some() {
                self.retire(u32::try_from(index).expect("because slots are numbered with u32"));
                drop(body);
            }
        }
    }
}
