//! Waking a task, from its own thread or another one.
//!
//! Kept true: the ready queues are touched by the home thread alone; another thread brings what it
//! wakes to the door (`knocks`) and rings the bell if the core said that it sleeps. A wake
//! allocates nothing in steady state, and a task is queued at most once at a time.

use std::cell::{Cell, UnsafeCell};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::knocks::{Knocks, Queued};
use crate::task::Class;

/// Number of classes.
pub(crate) const CLASSES: usize = 5;

/// The queues of one core, as far as wakers know them.
pub(crate) struct Home {
    thread: u64,
    ready: UnsafeCell<[VecDeque<u32>; CLASSES]>,
    remote: Knocks<(Class, u32)>,
    /// An eventfd, none in the simulated world, whose cores never sleep. It closes with the last
    /// waker, so that nobody ever rings at a descriptor that is somebody else's by now.
    bell: OnceLock<OwnedFd>,
}

// SAFETY: `ready` is reached only through `ready()`, which asserts that the caller is the home
// thread; everything else is atomic or locked.
unsafe impl Send for Home {}
// SAFETY: as above.
unsafe impl Sync for Home {}

/// What a waker points to.
pub(crate) struct Header {
    home: Arc<Home>,
    index: u32,
    class: Class,
    queued: Queued,
}

impl Home {
    pub(crate) fn new() -> Arc<Home> {
        Arc::new(Home {
            thread: this_thread(),
            ready: UnsafeCell::default(),
            remote: Knocks::new(),
            bell: OnceLock::new(),
        })
    }

    /// Gives the core its bell; says the descriptor to listen at.
    pub(crate) fn set_bell(&self, bell: OwnedFd) -> RawFd {
        self.bell.get_or_init(|| bell).as_raw_fd()
    }

    fn with_ready<T>(&self, act: impl FnOnce(&mut [VecDeque<u32>; CLASSES]) -> T) -> T {
        assert_eq!(self.thread, this_thread(), "the ready queues belong to their thread");
        // SAFETY: only this thread gets here, and the closures below push, pop and count numbers:
        // none of them comes back here, so this is the only reference.
        act(unsafe { &mut *self.ready.get() })
    }

    pub(crate) fn pop(&self, class: Class) -> Option<u32> {
        self.with_ready(|ready| ready[class as usize].pop_front())
    }

    /// How many of a class are ready.
    pub(crate) fn ready(&self, class: Class) -> usize {
        self.with_ready(|ready| ready[class as usize].len())
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.with_ready(|ready| ready.iter().any(|queue| !queue.is_empty()))
    }

    fn push(&self, class: Class, index: u32) {
        if self.thread == this_thread() {
            self.with_ready(|ready| ready[class as usize].push_back(index));
            return;
        }
        if self.remote.bring((class, index)) {
            self.ring();
        }
    }

    /// Says that there is something in the remote queue, or elsewhere, for the core to look at.
    pub(crate) fn knock(&self) {
        if self.remote.knock() {
            self.ring();
        }
    }

    fn ring(&self) {
        if let Some(bell) = self.bell.get() {
            let one = 1u64.to_ne_bytes();
            // SAFETY: writes 8 readable bytes to our own descriptor. A full eventfd refuses: then
            // it is ringing already.
            unsafe { libc::write(bell.as_raw_fd(), one.as_ptr().cast(), one.len()) };
        }
    }

    /// Moves remote wakes to the ready queues. True if anybody knocked.
    pub(crate) fn take_remote(&self) -> bool {
        self.with_ready(|ready| {
            self.remote.answer(|(class, index)| ready[class as usize].push_back(index))
        })
    }

    /// Before sleeping: true if the core may sleep, and knocks will ring the bell from now on.
    pub(crate) fn fall_asleep(&self) -> bool {
        self.remote.fall_asleep()
    }

    pub(crate) fn wake_up(&self) {
        self.remote.wake_up();
    }
}

impl Header {
    pub(crate) fn new(home: &Arc<Home>, index: u32, class: Class) -> Arc<Header> {
        Arc::new(Header { home: Arc::clone(home), index, class, queued: Queued::new() })
    }

    pub(crate) fn wake(&self) {
        if self.queued.mark() {
            self.home.push(self.class, self.index);
        }
    }

    /// Before a poll: wakes from now on queue the task again.
    pub(crate) fn unqueue(&self) {
        self.queued.unmark();
    }

    /// A waker that borrows the header's count: for the length of one poll.
    pub(crate) fn borrowed_waker(self: &Arc<Header>) -> ManuallyDrop<Waker> {
        let raw = RawWaker::new(Arc::as_ptr(self).cast(), &TABLE);
        // SAFETY: the table keeps the waker contract over an `Arc<Header>`; this one's count is not
        // taken, therefore it is never dropped.
        ManuallyDrop::new(unsafe { Waker::from_raw(raw) })
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone_raw, wake_raw, wake_by_ref_raw, drop_raw);

unsafe fn clone_raw(data: *const ()) -> RawWaker {
    // SAFETY: `data` is an `Arc<Header>` kept alive by the waker that is cloned.
    unsafe { Arc::increment_strong_count(data.cast::<Header>()) };
    RawWaker::new(data, &TABLE)
}

unsafe fn wake_raw(data: *const ()) {
    // SAFETY: the waker gives its count up with this call.
    let header = unsafe { Arc::from_raw(data.cast::<Header>()) };
    header.wake();
}

unsafe fn wake_by_ref_raw(data: *const ()) {
    // SAFETY: the waker's count keeps the header alive through the call.
    unsafe { &*data.cast::<Header>() }.wake();
}

unsafe fn drop_raw(data: *const ()) {
    // SAFETY: the waker gives its count up with this call.
    drop(unsafe { Arc::from_raw(data.cast::<Header>()) });
}

/// A number that no other thread of this process ever has.
fn this_thread() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static NUMBER: Cell<u64> = const { Cell::new(0) };
    }
    // Wakers may be dropped or woken while a thread ends: number 0 is nobody's home then.
    NUMBER
        .try_with(|number| {
            if number.get() == 0 {
                number.set(NEXT.fetch_add(1, Ordering::Relaxed));
            }
            number.get()
        })
        .unwrap_or(0)
}
