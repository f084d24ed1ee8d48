//! The handle to a core: tasks, time, memory and chance. Files are in `disk`, sockets in `net`.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use engine_base::{Mono, WallMs};

use crate::buf::Buf;
use crate::chance::Chance;
use crate::config::{CoreConfig, CoreStats, Stall};
use crate::driver::{Driver, uring};
use crate::executor::Tasks;
use crate::op::Ops;
use crate::pool::Pool;
use crate::signal::SignalWait;
use crate::sync::{Either, race};
use crate::task::{Class, Task};
use crate::time::{Elapsed, Sleep, Submitted, YieldNow};
use crate::timer::Timers;

/// A handle to the core that this thread, or this simulated node, runs. Cloning counts.
#[derive(Clone)]
pub struct Core {
    pub(crate) inner: Rc<Inner>,
}

/// One core. Tasks hold handles to it, so it lives until `clear` has ended them.
pub(crate) struct Inner {
    pub(crate) config: CoreConfig,
    pub(crate) pool: Rc<Pool>,
    pub(crate) tasks: Tasks,
    pub(crate) timers: RefCell<Timers>,
    pub(crate) ops: Ops,
    pub(crate) driver: Driver,
    pub(crate) now: Cell<Mono>,
    pub(crate) chance: Chance,
    pub(crate) submit_waiters: RefCell<Vec<Waker>>,
    pub(crate) counts: Counts,
}

/// Counters that the drivers and the loop add to.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) turns: Cell<u64>,
    pub(crate) stalls: Cell<u64>,
    pub(crate) stall_worst: RefCell<Option<Stall>>,
    pub(crate) read: Cell<u64>,
    pub(crate) written: Cell<u64>,
    pub(crate) received: Cell<u64>,
    pub(crate) sent: Cell<u64>,
}

/// Adds bytes to a counter.
pub(crate) fn add(counter: &Cell<u64>, bytes: usize) {
    counter.set(counter.get() + bytes as u64);
}

impl Inner {
    pub(crate) fn new(config: CoreConfig, driver: Driver, seed: u64, tasks: Tasks) -> Rc<Inner> {
        Rc::new(Inner {
            pool: Pool::new(config.pool_bytes_max),
            config,
            tasks,
            timers: RefCell::default(),
            ops: Ops::default(),
            driver,
            now: Cell::new(Mono(0)),
            chance: Chance::new(seed),
            submit_waiters: RefCell::default(),
            counts: Counts::default(),
        })
    }

    /// Wakes whoever's time has come.
    pub(crate) fn fire_timers(&self) {
        let now = self.now.get();
        loop {
            let fired = self.timers.borrow_mut().fire(now);
            match fired {
                Some(waker) => waker.wake(),
                None => return,
            }
        }
    }

    /// Wakes whoever waited for the operations to be handed over.
    pub(crate) fn wake_submitted(&self) {
        // Whoever waits on registers again; the vector's memory is used again.
        let mut waiters = std::mem::take(&mut *self.submit_waiters.borrow_mut());
        waiters.drain(..).for_each(Waker::wake);
        let mut kept = self.submit_waiters.borrow_mut();
        if kept.is_empty() {
            *kept = waiters;
        }
    }

    pub(crate) fn stall(&self, stall: Stall) {
        let counts = &self.counts;
        counts.stalls.set(counts.stalls.get() + 1);
        if let Some(tell) = &self.config.on_stall {
            tell(&stall);
        }
        let mut worst = counts.stall_worst.borrow_mut();
        if worst.as_ref().is_none_or(|known| known.held < stall.held) {
            *worst = Some(stall);
        }
    }
}

impl Core {
    /// Starts a task. It runs whether or not its handle is kept; it ends with the core.
    pub fn spawn<T: 'static>(
        &self,
        class: Class,
        name: &'static str,
        future: impl Future<Output = T> + 'static,
    ) -> Task<T> {
        Task::spawn(&self.inner, class, name, future)
    }

    /// Task polls that a class gets in one round of a turn (at least 1).
    pub fn set_share(&self, class: Class, share: u32) {
        self.inner.tasks.set_share(class, share);
    }

    /// The monotonic clock, read once per turn.
    pub fn now(&self) -> Mono {
        self.inner.now.get()
    }

    /// The monotonic clock, read now: for how long work takes. Where time is simulated a step
    /// passes between two readings, for these alone.
    pub fn precise_now(&self) -> Mono {
        self.inner.driver.precise_now()
    }

    /// The wall clock.
    pub fn wall(&self) -> WallMs {
        self.inner.driver.wall()
    }

    /// Waits for some time.
    pub fn sleep(&self, time: Duration) -> Sleep {
        self.sleep_until(self.now() + time)
    }

    /// Waits until a moment.
    pub fn sleep_until(&self, at: Mono) -> Sleep {
        Sleep::new(&self.inner, at)
    }

    /// Waits for `future`, but not longer than `time`; then it is dropped.
    pub async fn timeout<F: Future>(
        &self,
        time: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        match race(future, self.sleep(time)).await {
            Either::Left(value) => Ok(value),
            Either::Right(()) => Err(Elapsed),
        }
    }

    /// Lets other ready tasks of all classes go first, as far as their shares go.
    pub fn yield_now(&self) -> YieldNow {
        YieldNow::default()
    }

    /// Resolves once every operation started before this call has been handed to the kernel: from
    /// then on the death of this process does not stop it, if it needs no kernel worker: direct
    /// writes into blocks that were written before. (Names, flushes, space and lengths are not
    /// counted.)
    pub fn submitted(&self) -> Submitted {
        Submitted::new(&self.inner)
    }

    /// Bytes that nobody can guess, from the kernel; the world's seed decides them in the
    /// simulation.
    ///
    /// # Errors
    /// If the kernel has none.
    pub fn secret(&self) -> std::io::Result<[u8; 16]> {
        self.inner.driver.secret(&self.inner)
    }

    /// A random number, not for secrets; the world's seed decides it in the simulation.
    pub fn random(&self) -> u64 {
        self.inner.chance.next()
    }

    /// Memory for at least `capacity` bytes, aligned to 4096, from this core's pool. It is empty.
    pub fn buf(&self, capacity: usize) -> Buf {
        Buf::of_pool(&self.inner.pool, capacity)
    }

    /// The next SIGTERM or SIGINT of this process.
    pub fn signal(&self) -> SignalWait {
        SignalWait::new(&self.inner)
    }

    /// Counters. Looks at `/proc` for kernel workers: not for every request.
    pub fn stats(&self) -> CoreStats {
        let inner = &self.inner;
        let counts = &inner.counts;
        CoreStats {
            turns: counts.turns.get(),
            polls: inner.tasks.polled(),
            tasks: inner.tasks.alive(),
            stalls: counts.stalls.get(),
            stall_worst: counts.stall_worst.borrow().clone(),
            operations: inner.ops.started(),
            operations_running: inner.ops.running(),
            submits: inner.driver.submits(),
            read_bytes: counts.read.get(),
            written_bytes: counts.written.get(),
            received_bytes: counts.received.get(),
            sent_bytes: counts.sent.get(),
            kernel_workers: match inner.driver {
                Driver::Uring(_) => uring::probe::kernel_workers(),
                #[cfg(feature = "sim")]
                Driver::Sim(_) => 0,
            },
            pool_lent_bytes: inner.pool.lent_bytes(),
            pool_free_bytes: inner.pool.free_bytes(),
        }
    }

    /// The driver and the ring flags in force, in words, for banners and result files.
    pub fn ring_flags(&self) -> String {
        self.inner.driver.describe()
    }
}

/// Runs one core on the calling thread until the root future ends; what was spawned ends with it.
///
/// Errors say in words what this kernel or container lacks for io_uring.
pub fn run<T, F, R>(config: CoreConfig, root: R) -> io::Result<T>
where
    T: 'static,
    F: Future<Output = T> + 'static,
    R: FnOnce(Core) -> F,
{
    let ring = uring::start(config)?;
    let core = Core { inner: Rc::clone(ring.core()) };
    let future = root(core.clone());
    let task = core.spawn(Class::Control, "root", future);
    loop {
        ring.run_ready();
        if let Some(value) = task.take() {
            return Ok(value);
        }
        ring.submit()?;
    }
}
