//! The real world: one io_uring per core, entered once per turn, and two helper threads for what
//! blocks.
//!
//! Kept true: only this thread touches the ring; entries are handed over in the order of starts;
//! what an entry points to stays in its operation's slot and frame until its completion has come.

mod clerk;
pub(crate) mod clock;
mod complete;
mod frame;
pub(crate) mod names;
mod prepare;
pub(crate) mod probe;
mod provided;
mod ring;
mod signals;
pub(crate) mod socket;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;

use io_uring::{IoUring, opcode, squeue, types};

use self::clerk::{Clerk, Job};
use self::frame::Frames;
use self::provided::Provided;
use crate::buf::Buf;
use crate::core::Inner;
use crate::net::{LENT_BYTES, lent_group};
use crate::op::{Key, NameCall, Request, Value};
use crate::pool::Pool;

pub(crate) use self::ring::start;

/// Completions that nobody waits for: closes and cancels.
const NOBODY: u64 = u64::MAX;
/// The bell rang.
const BELL: u64 = u64::MAX - 1;

pub(crate) struct Uring {
    ring: RefCell<IoUring>,
    flags: &'static str,
    frames: RefCell<Frames>,
    /// Behind the ring, whose end comes first.
    provided: Provided,
    /// Entries that found the submission ring full.
    backlog: RefCell<VecDeque<squeue::Entry>>,
    /// Started when first asked.
    clerk: RefCell<Option<Clerk>>,
    flusher: RefCell<Option<Clerk>>,
    /// Entries made so far, and those of them that the kernel has taken.
    queued: Cell<u64>,
    handed: Cell<u64>,
    /// Entries whose completion has not come.
    running: Cell<u64>,
    submits: Cell<u64>,
    /// The core has ended: nothing starts any more.
    closed: Cell<bool>,
}

fn user_data(key: Key) -> u64 {
    u64::from(key.generation) << 32 | u64::from(key.index)
}

fn key_of(user_data: u64) -> Key {
    let half = |bits: u64| u32::try_from(bits & 0xffff_ffff).expect("because it is masked");
    Key { index: half(user_data), generation: half(user_data >> 32) }
}

fn cancelled<T>() -> io::Result<T> {
    Err(io::Error::from_raw_os_error(libc::ECANCELED))
}

impl Uring {
    fn new(setup: probe::Setup) -> Uring {
        Uring {
            ring: RefCell::new(setup.ring),
            flags: setup.flags,
            frames: RefCell::default(),
            provided: Provided::default(),
            backlog: RefCell::default(),
            clerk: RefCell::new(None),
            flusher: RefCell::new(None),
            queued: Cell::new(0),
            handed: Cell::new(0),
            running: Cell::new(0),
            submits: Cell::new(0),
            closed: Cell::new(false),
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

    pub(crate) fn describe(&self) -> String {
        let ring = self.ring.borrow();
        let entries = ring.params().sq_entries();
        format!("io_uring {} ({entries} entries)", self.flags)
    }

    pub(crate) fn start(&self, core: &Rc<Inner>, key: Key) {
        if self.closed.get() {
            core.ops.finish(key, cancelled());
            return;
        }
        if let Err(error) = self.try_start(core, key) {
            core.ops.finish(key, Err(error));
        }
    }

    fn try_start(&self, core: &Rc<Inner>, key: Key) -> io::Result<()> {
        let started = core.ops.with(key, |request| self.first(core, request));
        match started.expect("because the request was just put there")? {
            First::Ring => self.enqueue(core, key),
            First::Clerk(job) => self.ask_clerk(core, key, job),
            First::Nothing => {
                core.ops.finish(key, Ok(Value::Done));
                Ok(())
            }
        }
    }

    fn ask_clerk(&self, core: &Rc<Inner>, key: Key, job: Job) -> io::Result<()> {
        let (clerk, name) = match job.is_flush() {
            true => (&self.flusher, "flusher"),
            false => (&self.clerk, "clerk"),
        };
        let mut clerk = clerk.borrow_mut();
        if clerk.is_none() {
            *clerk = Some(Clerk::start(name, core.tasks.home().clone())?);
        }
        clerk.as_mut().expect("because it was just started").ask(key, job);
        Ok(())
    }

    pub(crate) fn take_provided(&self, pool: &Rc<Pool>, want: usize, id: u16) -> Buf {
        self.provided.take(pool, want, id)
    }

    /// What a fresh request needs before it goes to the ring, or where else it goes.
    fn first(&self, core: &Rc<Inner>, request: &mut Request) -> io::Result<First> {
        match request {
            Request::Names(call) => {
                let call = std::mem::replace(call, NameCall::BootId);
                return Ok(First::Clerk(Job::Names(call)));
            }
            Request::Open { path, how } => {
                return Ok(First::Clerk(Job::Open(path.clone(), *how)));
            }
            Request::Flush { file, data_only } => {
                return Ok(First::Clerk(Job::Flush(file.handle.fd(), *data_only)));
            }
            Request::FlushFileSystem { file } => {
                return Ok(First::Clerk(Job::FlushFileSystem(file.handle.fd())));
            }
            Request::Allocate { file, offset, len } => {
                return Ok(First::Clerk(Job::Allocate(file.handle.fd(), *offset, *len)));
            }
            Request::SetLen { file, len } => {
                return Ok(First::Clerk(Job::SetLen(file.handle.fd(), *len)));
            }
            Request::Connect { addr, socket } => {
                *socket = Some(socket::for_connecting(core, addr)?);
            }
            Request::Send { slices, sent, .. } => {
                complete::advance(slices, sent, 0);
                if sent.slices == slices.len() {
                    return Ok(First::Nothing);
                }
            }
            Request::Write { data, .. } if data.is_empty() => return Ok(First::Nothing),
            // Where the kernel provides no buffers a receive waits with one, and works.
            Request::Recv { buf: buf @ None, want, .. }
                if self.provided.ready(&self.ring.borrow(), &core.pool, *want).is_err() =>
            {
                *buf = Some(Buf::of_pool(&core.pool, LENT_BYTES[lent_group(*want)]));
            }
            _ => {}
        }
        Ok(First::Ring)
    }

    /// Makes the entry for (what is left of) an operation.
    fn enqueue(&self, core: &Rc<Inner>, key: Key) -> io::Result<()> {
        let entry: Option<io::Result<squeue::Entry>> = core.ops.with(key, |request| {
            let signals = match request {
                Request::Signal => signals::eventfd()?,
                _ => -1,
            };
            let mut frames = self.frames.borrow_mut();
            Ok(prepare::entry(request, frames.get(key.index), signals))
        });
        let entry = entry.expect("because only running operations get here")?;
        self.push(entry.user_data(user_data(key)));
        Ok(())
    }

    fn push(&self, entry: squeue::Entry) {
        self.queued.set(self.queued.get() + 1);
        self.running.set(self.running.get() + 1);
        let mut backlog = self.backlog.borrow_mut();
        if !backlog.is_empty() || !try_push(&mut self.ring.borrow_mut(), &entry) {
            backlog.push_back(entry);
        }
    }

    /// The future of a running operation was dropped: what would wait for a peer is cancelled.
    pub(crate) fn abandoned(&self, core: &Rc<Inner>, key: Key) {
        let waits = core.ops.with(key, |request| {
            matches!(
                request,
                Request::Recv { .. }
                    | Request::Send { .. }
                    | Request::Accept { .. }
                    | Request::Connect { .. }
                    | Request::Signal
                    | Request::Stdin { .. }
                    | Request::StdoutClosed
            )
        });
        if waits == Some(true) && !self.closed.get() {
            let cancel = opcode::AsyncCancel::new(user_data(key)).build();
            self.push(cancel.user_data(NOBODY));
        }
    }

    pub(crate) fn close(&self, fd: RawFd) {
        if self.closed.get() {
            socket::close_now(fd);
        } else {
            self.push(opcode::Close::new(types::Fd(fd)).build().user_data(NOBODY));
        }
    }
}

/// Where a fresh request goes.
enum First {
    Ring,
    Clerk(Job),
    /// It asks for nothing.
    Nothing,
}

fn try_push(ring: &mut IoUring, entry: &squeue::Entry) -> bool {
    // SAFETY: what the entry points to lies in its operation's slot (buffers, in memory that does
    // not move) and frame, or in the ring's own bell word; none is freed before the completion was
    // seen.
    unsafe { ring.submission().push(entry) }.is_ok()
}

#[cfg(test)]
#[path = "file_test.rs"]
mod file_test;
#[cfg(test)]
#[path = "net_test.rs"]
mod net_test;
#[cfg(test)]
#[path = "ring_test.rs"]
mod ring_test;
