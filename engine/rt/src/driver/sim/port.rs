//! A core's door to the world, and what all cores of a world share.

use std::cell::{Cell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use engine_base::{Mono, WallMs};

use super::disk::{Disk, Late, close_file};
use super::net::{Net, NetEvent, Socket};
use super::options::SimOptions;
use crate::chance::Chance;
use crate::core::Inner;
use crate::driver::{Handle, Thing};
use crate::op::{Key, Request};

/// An operation of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiter {
    pub(super) core: usize,
    pub(super) key: Key,
}

/// Something that will happen.
pub(super) enum What {
    Disk { waiter: Waiter, disk: Disk, number: u64 },
    Late { disk: Disk, late: Late },
    Net(NetEvent),
}

pub(super) struct Event {
    pub(super) at: u64,
    sequence: u64,
    pub(super) what: What,
}

impl PartialEq for Event {
    fn eq(&self, other: &Event) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Event) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Event) -> Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

/// What all cores of a world share. Times are nanoseconds since its start.
pub(crate) struct Shared {
    pub(super) options: SimOptions,
    pub(super) chance: Chance,
    pub(super) time: Cell<u64>,
    pub(super) wall_base: Cell<i64>,
    /// How often the precise clock was read.
    readings: Cell<u64>,
    pub(super) net: RefCell<Net>,
    /// Operations that a frozen disk will never complete.
    pub(super) frozen: Cell<u64>,
    pub(super) terminated: Cell<bool>,
    events: RefCell<BinaryHeap<Reverse<Event>>>,
    sequence: Cell<u64>,
    trace: Cell<u64>,
}

impl Shared {
    pub(super) fn new(seed: u64, options: SimOptions) -> Rc<Shared> {
        Rc::new(Shared {
            wall_base: Cell::new(options.wall.0),
            readings: Cell::new(0),
            options,
            chance: Chance::new(seed),
            time: Cell::new(0),
            net: RefCell::default(),
            frozen: Cell::new(0),
            terminated: Cell::new(false),
            events: RefCell::default(),
            sequence: Cell::new(0),
            trace: Cell::new(0),
        })
    }

    pub(super) fn schedule(&self, at: u64, what: What) {
        let sequence = self.sequence.get();
        self.sequence.set(sequence + 1);
        self.events.borrow_mut().push(Reverse(Event { at, sequence, what }));
    }

    /// The next event if its time has come.
    pub(super) fn due(&self) -> Option<Event> {
        let mut events = self.events.borrow_mut();
        if events.peek()?.0.at > self.time.get() {
            return None;
        }
        events.pop().map(|event| event.0)
    }

    /// When the next event happens.
    pub(super) fn next_event(&self) -> Option<u64> {
        self.events.borrow().peek().map(|event| event.0.at)
    }

    /// Forgets what was to happen, at the end of the world.
    pub(super) fn clear(&self) {
        let events = std::mem::take(&mut *self.events.borrow_mut());
        drop(events);
    }

    /// Makes facts part of the trace.
    pub(super) fn note(&self, facts: &[u64]) {
        let mut hash = self.trace.get();
        for &fact in facts {
            hash = (hash ^ fact).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        }
        self.trace.set(hash);
    }

    pub(super) fn trace(&self) -> u64 {
        self.trace.get()
    }
}

pub(crate) struct Port {
    pub(super) shared: Rc<Shared>,
    pub(super) index: usize,
    pub(super) disk: Disk,
    pub(super) dead: Cell<bool>,
    pub(super) signals: RefCell<Vec<Key>>,
    started: RefCell<Vec<Key>>,
    queued: Cell<u64>,
    handed: Cell<u64>,
    submits: Cell<u64>,
}

impl Port {
    pub(super) fn new(shared: &Rc<Shared>, index: usize, disk: &Disk) -> Port {
        Port {
            shared: Rc::clone(shared),
            index,
            disk: disk.clone(),
            dead: Cell::new(false),
            signals: RefCell::default(),
            started: RefCell::default(),
            queued: Cell::new(0),
            handed: Cell::new(0),
            submits: Cell::new(0),
        }
    }

    pub(crate) fn start(&self, key: Key) {
        self.queued.set(self.queued.get() + 1);
        self.started.borrow_mut().push(key);
    }

    /// Operations started and not handed over yet.
    pub(super) fn take_started(&self) -> Vec<Key> {
        let started = std::mem::take(&mut *self.started.borrow_mut());
        if !started.is_empty() {
            self.submits.set(self.submits.get() + 1);
            self.handed.set(self.queued.get());
        }
        started
    }

    pub(super) fn has_started(&self) -> bool {
        !self.started.borrow().is_empty()
    }

    pub(crate) fn abandoned(&self, core: &Rc<Inner>, key: Key) {
        let cancels = core.ops.with(key, |request| {
            matches!(
                request,
                Request::Recv { .. }
                    | Request::Accept { .. }
                    | Request::Send { .. }
                    | Request::Signal
            )
        });
        if cancels == Some(true) {
            self.signals.borrow_mut().retain(|&known| known != key);
            let waiter = Waiter { core: self.index, key };
            self.shared.schedule(self.shared.time.get(), What::Net(NetEvent::Cancel(waiter)));
        }
    }

    pub(crate) fn queued(&self) -> u64 {
        self.queued.get()
    }

    pub(crate) fn handed(&self) -> u64 {
        self.handed.get()
    }

    pub(crate) fn submits(&self) -> u64 {
        self.submits.get()
    }

    /// A microsecond later than when it was read last, beside the world's time.
    pub(crate) fn precise_now(&self) -> Mono {
        let reading = self.shared.readings.get() + 1;
        self.shared.readings.set(reading);
        Mono(self.shared.time.get() + reading * 1000)
    }

    pub(crate) fn wall(&self) -> WallMs {
        let passed = i64::try_from(self.shared.time.get() / 1_000_000)
            .expect("because a world's time is far below 2^63 nanoseconds");
        WallMs(self.shared.wall_base.get() + passed)
    }

    pub(crate) fn listen(
        &self,
        core: &Rc<Inner>,
        addr: SocketAddr,
    ) -> io::Result<(Handle, SocketAddr)> {
        let local = self.shared.net.borrow_mut().listen(addr)?;
        Ok((Handle::new(core, Thing::SimSocket(Socket::Listener(local))), local))
    }

    pub(crate) fn shutdown(&self, handle: &Handle) {
        if let Thing::SimSocket(Socket::End(end)) = handle.thing() {
            self.shared.schedule(self.shared.time.get(), What::Net(NetEvent::Shut(*end)));
        }
    }

    pub(crate) fn close(&self, thing: &Thing) {
        match thing {
            Thing::SimFile(file) => close_file(file),
            Thing::SimSocket(socket) => {
                let event = NetEvent::Close(*socket, self.dead.get());
                self.shared.schedule(self.shared.time.get(), What::Net(event));
            }
            Thing::Fd(_) => unreachable!("a simulated core opens no descriptors"),
        }
    }
}
