//! The real world: one io_uring per core, entered once per turn, and one helper thread for calls that
//! block.
//!
//! Kept true: an operation's memory stays in its slot (and in [`entry::Extra`]) from the moment its entry
//! is queued until its completion is reaped; entries reach the kernel in the order in which they were
//! queued; nothing here blocks but the one wait of an idle core.

pub(crate) mod clock;
mod entry;
pub(crate) mod names;
pub(crate) mod probe;
mod ring;
mod signal;
pub(crate) mod socket;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::rc::Rc;

use io_uring::{opcode, squeue, types};

use crate::core::Inner;
use crate::op::{Key, NameCall, Request};

use entry::Extra;
use names::{Call, Helper};
pub(crate) use ring::start;

/// Completions of entries that are no operation of a slot.
const BELL: u64 = u64::MAX;
const CANCEL: u64 = u64::MAX - 1;
const CLOSE: u64 = u64::MAX - 2;

/// The side of the driver that operations see: a queue of entries for the ring.
pub(crate) struct Uring {
    entries: RefCell<VecDeque<squeue::Entry>>,
    /// Memory that the kernel reads beside the request, by the operation's index; kept for reuse.
    extras: RefCell<Vec<Option<Box<Extra>>>>,
    helper: Helper,
    queued: Cell<u64>,
    handed: Cell<u64>,
    submits: Cell<u64>,
    flags: &'static str,
}

fn user_data(key: Key) -> u64 {
    u64::from(key.generation) << 32 | u64::from(key.index)
}

fn key_of(user_data: u64) -> Key {
    let index = u32::try_from(user_data & u64::from(u32::MAX)).expect("because it is masked");
    let generation = u32::try_from(user_data >> 32).expect("because it is shifted");
    Key { index, generation }
}

impl Uring {
    fn new(helper: Helper, flags: &'static str) -> Uring {
        Uring {
            entries: RefCell::default(),
            extras: RefCell::default(),
            helper,
            queued: Cell::new(0),
            handed: Cell::new(0),
            submits: Cell::new(0),
            flags,
        }
    }

    /// Queues the entry of an operation, or hands its call to the helper.
    pub(crate) fn start(&self, core: &Rc<Inner>, key: Key) {
        let call = core.ops.with(key, take_call).expect("because the operation was just started");
        if let Some(call) = call {
            if let Err(error) = self.helper.ask(key, call) {
                core.ops.finish(key, Err(error));
            }
            return;
        }
        let prepared = core.ops.with(key, |request| entry::prepare(core, request));
        if let Some(Err(error)) = prepared {
            core.ops.finish(key, Err(error));
            return;
        }
        let mut extras = self.extras.borrow_mut();
        let index = key.index as usize;
        if extras.len() <= index {
            extras.resize_with(index + 1, || None);
        }
        let built = core.ops.with(key, |request| entry::build(request, &mut extras[index]));
        drop(extras);
        match built.expect("because the operation was just started") {
            Ok(entry) => self.push(entry.user_data(user_data(key))),
            Err(outcome) => {
                core.ops.finish(key, outcome);
            }
        }
    }

    fn push(&self, entry: squeue::Entry) {
        self.queued.set(self.queued.get() + 1);
        self.entries.borrow_mut().push_back(entry);
    }

    /// A socket's operation would wait for ever: cancel it. Files' operations end by themselves.
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
            )
        });
        if waits == Some(true) {
            self.push(opcode::AsyncCancel::new(user_data(key)).build().user_data(CANCEL));
        }
    }

    /// Closes a descriptor that no operation uses any more.
    pub(crate) fn close(&self, fd: RawFd) {
        self.push(opcode::Close::new(types::Fd(fd)).build().user_data(CLOSE));
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
        format!("io_uring {}", self.flags)
    }
}

/// The call that the helper makes for this request, if it is one of the helper's. What it needs of the
/// request's own values is moved out; the descriptor stays in the slot.
fn take_call(request: &mut Request) -> Option<Call> {
    match request {
        Request::Names(call) => Some(Call::Names(std::mem::replace(call, NameCall::BootId))),
        Request::Open { path, how } => Some(Call::Open(path.clone(), *how)),
        Request::Flush { file, data_only } => Some(Call::Flush(file.handle.fd(), *data_only)),
        Request::Allocate { file, offset, len } => {
            Some(Call::Allocate(file.handle.fd(), *offset, *len))
        }
        Request::SetLen { file, len } => Some(Call::SetLen(file.handle.fd(), *len)),
        Request::Read { .. }
        | Request::Write { .. }
        | Request::Recv { .. }
        | Request::Send { .. }
        | Request::Accept { .. }
        | Request::Connect { .. }
        | Request::Signal
        | Request::Stdin { .. } => None,
    }
}

#[cfg(test)]
#[path = "uring_test.rs"]
mod uring_test;
