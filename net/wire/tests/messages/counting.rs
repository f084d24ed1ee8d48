//! Counts what is allocated, so that a test can tell the peak of one decoding.
//!
//! Kept true: only one test counts at a time, the one that holds [`Alone`]; tests that do not count
//! hold it too, so that they do not add to it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static TAKEN: AtomicBool = AtomicBool::new(false);
static HELD: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);

/// No other test of this program runs meanwhile.
pub(crate) struct Alone;

impl Alone {
    pub(crate) fn wait() -> Alone {
        while TAKEN.swap(true, std::sync::atomic::Ordering::Acquire) {
            std::thread::yield_now();
        }
        Alone
    }

    /// Runs `work` and tells what it took.
    pub(crate) fn measure<T>(&self, work: impl FnOnce() -> T) -> (T, Taken) {
        HELD.store(0, Relaxed);
        PEAK.store(0, Relaxed);
        LARGEST.store(0, Relaxed);
        let result = work();
        let peak = PEAK.load(Relaxed).max(0) as usize;
        (result, Taken { peak, largest: LARGEST.load(Relaxed) })
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        TAKEN.store(false, std::sync::atomic::Ordering::Release);
    }
}

/// What a piece of work took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    /// The most bytes held at once.
    pub(crate) peak: usize,
    /// The largest single allocation.
    pub(crate) largest: usize,
}

fn count(more: isize, one: usize) {
    let held = HELD.fetch_add(more, Relaxed) + more;
    PEAK.fetch_max(held, Relaxed);
    LARGEST.fetch_max(one, Relaxed);
}

// SAFETY: everything is handed to the system's allocator as it came; the counters neither allocate
// nor touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize, layout.size());
        // SAFETY: the caller's promise is passed on unchanged.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize), 0);
        // SAFETY: the caller's promise is passed on unchanged.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While it is moved both are held.
        count(size as isize, size);
        count(-(layout.size() as isize), 0);
        // SAFETY: the caller's promise is passed on unchanged.
        unsafe { System.realloc(memory, layout, size) }
    }
}
