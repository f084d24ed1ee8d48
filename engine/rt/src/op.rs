//! Operations: a slab that owns what the kernel works on, keyed by index and generation.
//!
//! Kept true: an operation's buffers, descriptors and paths stay in its slot from its start to its
//! completion, whoever drops the future; a dropped future orphans the operation, and its slot is
//! freed when the completion comes. A slot's index may come back, with another generation.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::buf::{Buf, Slice};
use crate::core::Inner;
use crate::disk::{DirEntry, DiskSpace, FileInner, Open, Sync};
use crate::driver::Handle;
use crate::net::{ListenerInner, StreamInner};

/// Names an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// What is asked, with everything that must stay alive until it is answered.
pub(crate) enum Request {
    Read {
        file: Rc<FileInner>,
        buf: Buf,
        offset: u64,
        len: usize,
        done: usize,
    },
    Write {
        file: Rc<FileInner>,
        data: Slice,
        offset: u64,
        sync: Sync,
        done: usize,
    },
    Flush {
        file: Rc<FileInner>,
        data_only: bool,
    },
    /// The whole file system that the file is on.
    FlushFileSystem {
        file: Rc<FileInner>,
    },
    Allocate {
        file: Rc<FileInner>,
        offset: u64,
        len: u64,
    },
    SetLen {
        file: Rc<FileInner>,
        len: u64,
    },
    Open {
        path: PathBuf,
        how: Open,
    },
    Names(NameCall),
    Recv {
        stream: Rc<StreamInner>,
        /// `None`: the driver lends one, of `lent_bytes(want)`, once bytes have come.
        buf: Option<Buf>,
        want: usize,
    },
    Send {
        stream: Rc<StreamInner>,
        slices: Vec<Slice>,
        sent: Sent,
    },
    Accept {
        listener: Rc<ListenerInner>,
    },
    /// The socket is made by the driver and lives in the slot until it is connected.
    Connect {
        addr: SocketAddr,
        socket: Option<Handle>,
    },
    Signal,
    /// One read of standard input, from wherever it stands.
    Stdin {
        buf: Buf,
    },
    /// The reader of standard output going away.
    StdoutClosed,
}

/// How far a send has come: whole slices, and bytes of the next one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sent {
    pub(crate) slices: usize,
    pub(crate) bytes: usize,
}

/// Calls about names: rare, and blocking on a real disk, so that a helper thread makes them.
#[derive(Clone, Debug)]
pub(crate) enum NameCall {
    CreateDirAll(PathBuf),
    RemoveFile(PathBuf),
    RemoveDir(PathBuf),
    Rename(PathBuf, PathBuf),
    SyncDir(PathBuf),
    ListDir(PathBuf),
    Exists(PathBuf),
    DiskSpace(PathBuf),
    DirectAlignment(PathBuf),
    BootId,
}

/// What came out of it.
#[derive(Debug)]
pub(crate) enum Value {
    Done,
    Count(usize),
    Flag(bool),
    Handle(Handle),
    Connection(Handle, SocketAddr),
    Entries(Vec<DirEntry>),
    Space(DiskSpace),
    Text(String),
}

pub(crate) type Outcome = io::Result<Value>;

/// All operations of one core.
#[derive(Default)]
pub(crate) struct Ops {
    slots: RefCell<Slots>,
    started: Cell<u64>,
    running: Cell<usize>,
}

#[derive(Default)]
struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
}

struct Slot {
    generation: u32,
    orphan: bool,
    request: Option<Request>,
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

impl Ops {
    pub(crate) fn started(&self) -> u64 {
        self.started.get()
    }

    /// Operations whose completion has not come.
    pub(crate) fn running(&self) -> usize {
        self.running.get()
    }

    pub(crate) fn insert(&self, request: Request) -> Key {
        self.started.set(self.started.get() + 1);
        self.running.set(self.running.get() + 1);
        let mut slots = self.slots.borrow_mut();
        let index = match slots.free.pop() {
            Some(index) => index,
            None => {
                slots.all.push(Slot {
                    generation: 0,
                    orphan: false,
                    request: None,
                    outcome: None,
                    waker: None,
                });
                u32::try_from(slots.all.len() - 1).expect("because fewer than 2^32 operations run")
            }
        };
        let slot = &mut slots.all[index as usize];
        slot.generation = slot.generation.wrapping_add(1);
        slot.request = Some(request);
        Key { index, generation: slot.generation }
    }

    /// Looks at a running operation's request. `None` if the operation is over.
    pub(crate) fn with<T>(&self, key: Key, act: impl FnOnce(&mut Request) -> T) -> Option<T> {
        let mut slots = self.slots.borrow_mut();
        let slot = slots.all.get_mut(key.index as usize)?;
        if slot.generation != key.generation || slot.outcome.is_some() {
            return None;
        }
        slot.request.as_mut().map(act)
    }

    /// The completion came: wakes who waits, or frees the slot of an orphan. False if it is not
    /// known.
    pub(crate) fn finish(&self, key: Key, outcome: Outcome) -> bool {
        let (waker, orphaned) = {
            let mut slots = self.slots.borrow_mut();
            let Some(slot) = slots.all.get_mut(key.index as usize) else { return false };
            if slot.generation != key.generation || slot.request.is_none() || slot.outcome.is_some()
            {
                return false;
            }
            self.running.set(self.running.get() - 1);
            if slot.orphan {
                slot.orphan = false;
                let request = slot.request.take();
                slots.free.push(key.index);
                (None, Some((request, outcome)))
            } else {
                slot.outcome = Some(outcome);
                (slot.waker.take(), None)
            }
        };
        // Dropped and woken outside of the borrow: both may come back here.
        drop(orphaned);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    fn poll(&self, key: Key, cx: &Context<'_>) -> Poll<(Request, Outcome)> {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots.all[key.index as usize];
        assert_eq!(slot.generation, key.generation, "a future's slot is its own until it is done");
        if let Some(outcome) = slot.outcome.take() {
            let request = slot.request.take().expect("because the request stays until it is taken");
            slots.free.push(key.index);
            return Poll::Ready((request, outcome));
        }
        match &slot.waker {
            Some(known) if known.will_wake(cx.waker()) => {}
            _ => slot.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Nobody waits any more. True if the operation still runs.
    fn abandon(&self, key: Key) -> bool {
        let (_leftover, waker, running) = {
            let mut slots = self.slots.borrow_mut();
            let slot = &mut slots.all[key.index as usize];
            assert_eq!(
                slot.generation, key.generation,
                "a future's slot is its own until it is done"
            );
            let waker = slot.waker.take();
            match slot.outcome.take() {
                Some(outcome) => {
                    let request = slot.request.take();
                    slots.free.push(key.index);
                    (Some((request, outcome)), waker, false)
                }
                None => {
                    slot.orphan = true;
                    (None, waker, true)
                }
            }
        };
        drop(waker);
        running
    }

    /// The operations whose completion has not come.
    pub(crate) fn running_keys(&self) -> Vec<Key> {
        let slots = self.slots.borrow();
        let keys = slots.all.iter().zip(0..).map(|(slot, index)| {
            let key = Key { index, generation: slot.generation };
            (slot.request.is_some() && slot.outcome.is_none()).then_some(key)
        });
        keys.flatten().collect()
    }

    /// Takes everything out, at the end of a core whose driver has no operation under way.
    pub(crate) fn clear(&self) {
        let count = self.slots.borrow().all.len();
        for index in 0..count {
            let left = {
                let mut slots = self.slots.borrow_mut();
                let slot = &mut slots.all[index];
                (slot.request.take(), slot.outcome.take(), slot.waker.take())
            };
            drop(left);
        }
    }
}

/// A future of an operation; the request comes back with the outcome.
pub(crate) struct Op {
    core: Rc<Inner>,
    key: Key,
    taken: bool,
}

impl Op {
    /// Starts the operation now.
    pub(crate) fn start(core: &Rc<Inner>, request: Request) -> Op {
        let key = core.ops.insert(request);
        core.driver.start(core, key);
        Op { core: Rc::clone(core), key, taken: false }
    }
}

impl Future for Op {
    type Output = (Request, Outcome);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(Request, Outcome)> {
        let polled = self.core.ops.poll(self.key, cx);
        self.taken = polled.is_ready();
        polled
    }
}

impl Drop for Op {
    fn drop(&mut self) {
        if !self.taken && self.core.ops.abandon(self.key) {
            self.core.driver.abandoned(&self.core, self.key);
        }
    }
}
