//! Clerks: helper threads for calls that block, which the ring would give to kernel workers. One
//! for names, lengths and space, one for flushes, so that nobody who opens a file waits for a
//! flush.
//!
//! Kept true: at most `QUEUE` calls wait at a clerk, the rest wait on the core; answers are given
//! in the order of the calls; the thread ends before its core does. It takes no signals.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{IntoRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::names;
use crate::core::Inner;
use crate::desk::Desk;
use crate::disk::{DirEntry, DiskSpace, Open};
use crate::driver::{Handle, Thing};
use crate::op::{Key, NameCall, Value};
use crate::wake::Home;

const QUEUE: usize = 64;

/// What a clerk is asked. Descriptors stay open until the answer, because the operation's slot has
/// them.
pub(super) enum Job {
    Names(NameCall),
    Open(PathBuf, Open),
    Flush(RawFd, bool),
    FlushFileSystem(RawFd),
    Allocate(RawFd, u64, u64),
    SetLen(RawFd, u64),
}

impl Job {
    /// Whether it waits for the device, perhaps for long.
    pub(super) fn is_flush(&self) -> bool {
        match self {
            Job::Flush(..) | Job::FlushFileSystem(..) | Job::Names(NameCall::SyncDir(_)) => true,
            Job::Names(_) | Job::Open(..) | Job::Allocate(..) | Job::SetLen(..) => false,
        }
    }
}

/// An answer that may cross threads.
pub(super) enum Told {
    Done,
    Count(usize),
    Flag(bool),
    Entries(Vec<DirEntry>),
    Space(DiskSpace),
    Text(String),
    Opened(OwnedFd),
}

impl Told {
    pub(super) fn into_value(self, core: &Rc<Inner>) -> Value {
        match self {
            Told::Opened(fd) => Value::Handle(Handle::new(core, Thing::Fd(fd.into_raw_fd()))),
            Told::Done => Value::Done,
            Told::Count(count) => Value::Count(count),
            Told::Flag(flag) => Value::Flag(flag),
            Told::Entries(entries) => Value::Entries(entries),
            Told::Space(space) => Value::Space(space),
            Told::Text(text) => Value::Text(text),
        }
    }
}

type Answer = (Key, io::Result<Told>);

pub(super) struct Clerk {
    desk: Arc<Desk<(Key, Job), Answer>>,
    waiting: VecDeque<(Key, Job)>,
    /// `None`: it was told to stop.
    thread: Option<JoinHandle<()>>,
}

impl Clerk {
    pub(super) fn start(name: &str, home: Arc<Home>) -> io::Result<Clerk> {
        let desk = Arc::new(Desk::new(QUEUE));
        let theirs = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&theirs, &home))?;
        Ok(Clerk { desk, waiting: VecDeque::new(), thread: Some(thread) })
    }

    pub(super) fn ask(&mut self, key: Key, job: Job) {
        self.waiting.push_back((key, job));
        self.feed();
    }

    fn feed(&mut self) {
        if self.thread.is_none() {
            return;
        }
        while let Some(job) = self.waiting.pop_front() {
            if let Err(job) = self.desk.put(job) {
                self.waiting.push_front(job);
                return;
            }
        }
    }

    /// Takes the answers that have come.
    pub(super) fn answers(&mut self) -> Vec<Answer> {
        let answers = self.desk.answers();
        self.feed();
        answers
    }

    /// Lets the clerk finish what it has and leave; calls that still wait are not made.
    pub(super) fn stop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.desk.close();
            // A clerk that panicked has printed why; its callers are gone by now.
            let _ = thread.join();
        }
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work(desk: &Desk<(Key, Job), Answer>, home: &Home) {
    block_signals();
    while let Some((key, job)) = desk.take() {
        let answer = match job {
            Job::Names(call) => names::call(&call),
            Job::Open(path, how) => names::open(&path, how).map(Told::Opened),
            Job::Flush(fd, data_only) => names::flush(fd, data_only).map(|()| Told::Done),
            Job::FlushFileSystem(fd) => names::flush_file_system(fd).map(|()| Told::Done),
            Job::Allocate(fd, at, len) => names::allocate(fd, at, len).map(|()| Told::Done),
            Job::SetLen(fd, len) => names::set_len(fd, len).map(|()| Told::Done),
        };
        desk.answer((key, answer));
        home.knock();
    }
}

fn block_signals() {
    // SAFETY: an all-zero set is valid to be filled; both calls only touch it and this thread's
    // mask.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
    }
}
