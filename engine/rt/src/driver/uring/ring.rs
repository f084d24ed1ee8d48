//! The core's loop: reap what is done, run what is ready, enter the kernel once.
//!
//! Kept true: one system call per turn; the core never spins outside of the ring; it sleeps only if
//! nothing is ready, nobody waits for a hand-over and nobody knocked. At its end every operation is
//! cancelled or waited for before its memory goes.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::ptr::NonNull;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;
use io_uring::{opcode, types};

use super::clerk::Clerk;
use super::complete::Next;
use super::{BELL, NOBODY, Uring, clock, complete, key_of, prepare, probe, socket, try_push};
use crate::config::{CoreConfig, Stall};
use crate::core::{Inner, add};
use crate::driver::{Driver, Handle, Thing};
use crate::executor::Tasks;
use crate::op::{Key, Outcome, Request, Value};

/// IORING_ENTER_GETEVENTS and IORING_ENTER_EXT_ARG of `linux/io_uring.h`.
const GET_EVENTS: u32 = 1;
const EXT_ARG: u32 = 8;

/// A turn enters the ring again after this long, however much is ready.
const TURN_TIME_MAX: Duration = Duration::from_micros(500);
/// The fine clock is read after this many polls.
const POLLS_PER_LOOK: u32 = 16;
/// At the end of a core, operations get this long to finish.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// `struct io_uring_getevents_arg` of `linux/io_uring.h`.
#[repr(C)]
struct GetEvents {
    sigmask: u64,
    sigmask_bytes: u32,
    min_wait_micros: u32,
    timeout: u64,
}

#[derive(Clone, Copy)]
struct Completion {
    user_data: u64,
    result: i32,
    flags: u32,
}

/// A core with its ring, for as long as it runs.
pub(crate) struct Ring {
    core: Rc<Inner>,
    bell: RawFd,
    /// Where the bell's count is read to. The kernel writes it, nobody reads it; it is freed when
    /// the kernel is done.
    bell_word: NonNull<u64>,
    reaped: RefCell<Vec<Completion>>,
    /// Since when nothing has happened, while polling.
    idle_since: Cell<Option<Mono>>,
}

/// Sets a core up on the calling thread.
pub(crate) fn start(config: CoreConfig) -> io::Result<Ring> {
    if let Some(cpu) = config.cpu {
        pin(cpu)?;
    }
    let setup = probe::set_up(config.ring_entries, config.plain_ring)?;
    // SAFETY: no memory is involved.
    let bell = socket::checked(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) })?;
    // SAFETY: the descriptor is fresh and nobody else's.
    let bell = unsafe { OwnedFd::from_raw_fd(bell) };
    let tasks = Tasks::new();
    let bell = tasks.home().set_bell(bell);
    let driver = Driver::Uring(Box::new(Uring::new(setup)));
    let core = Inner::new(config, driver, clock::seed(), tasks);
    core.now.set(clock::mono());
    let ring = Ring {
        core,
        bell,
        bell_word: NonNull::from(Box::leak(Box::new(0))),
        reaped: RefCell::default(),
        idle_since: Cell::new(None),
    };
    ring.listen_to_bell();
    Ok(ring)
}

fn pin(cpu: usize) -> io::Result<()> {
    // SAFETY: all zeros is an empty set; the calls only touch it and this thread's affinity.
    // CPU_SET checks the number against the set's size.
    let failed = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of_val(&set), &raw const set)
    };
    socket::checked(failed).map(drop)
}

impl Ring {
    pub(crate) fn core(&self) -> &Rc<Inner> {
        &self.core
    }

    fn uring(&self) -> &Uring {
        match &self.core.driver {
            Driver::Uring(uring) => uring,
            #[cfg(feature = "sim")]
            Driver::Sim(_) => unreachable!("`start` made the driver"),
        }
    }

    fn listen_to_bell(&self) {
        let entry = prepare::eventfd_entry(self.bell, self.bell_word.as_ptr());
        self.uring().push(entry.user_data(BELL));
    }

    /// Runs what is ready: completions first, then whose time has come, then tasks by class.
    pub(crate) fn run_ready(&self) {
        let core = &self.core;
        core.now.set(clock::mono());
        add(&core.counts.turns, 1);
        let reaped = self.reap();
        let knocked = core.tasks.home().take_remote();
        if knocked {
            self.hear_clerks();
        }
        core.fire_timers();
        let polled = core.tasks.polled();
        self.run_tasks();
        if reaped > 0 || knocked || core.tasks.polled() != polled {
            self.idle_since.set(None);
        }
    }

    fn run_tasks(&self) {
        let core = &self.core;
        let turn_start = core.now.get();
        let mut last = clock::coarse();
        let mut polls = 0;
        core.tasks.run(core.config.polls_per_turn_max, |task| {
            let now = clock::coarse();
            let held = now - last;
            last = now;
            if held > core.config.stall_limit {
                core.stall(Stall { task, held });
                return false;
            }
            polls += 1;
            polls % POLLS_PER_LOOK != 0 || clock::mono() - turn_start < TURN_TIME_MAX
        });
    }

    /// Hands everything over, and sleeps if there is nothing to do.
    pub(crate) fn submit(&self) -> io::Result<()> {
        let core = &self.core;
        let home = core.tasks.home();
        let is_idle = !core.tasks.is_ready()
            && core.submit_waiters.borrow().is_empty()
            && self.uring().backlog.borrow().is_empty();
        let wait = if is_idle && !self.keeps_polling() { self.time_to_timer() } else { None };
        match wait {
            Some(time) if home.fall_asleep() => {
                let entered = self.enter(Some(time));
                home.wake_up();
                entered?;
            }
            _ => self.enter(None)?,
        }
        core.wake_submitted();
        Ok(())
    }

    /// Whether an idle core looks once more before it sleeps.
    fn keeps_polling(&self) -> bool {
        let limit = self.core.config.idle_poll;
        if limit.is_zero() {
            return false;
        }
        let now = self.core.now.get();
        let since = self.idle_since.get().unwrap_or(now);
        self.idle_since.set(Some(since));
        now - since < limit
    }

    /// How long until the next timer. `None`: it is due.
    fn time_to_timer(&self) -> Option<Duration> {
        let Some(at) = self.core.timers.borrow().next() else { return Some(Duration::MAX) };
        let left = at - clock::mono();
        (!left.is_zero()).then_some(left)
    }

    /// One system call: hands over what is queued, and waits for a completion if told to.
    fn enter(&self, wait: Option<Duration>) -> io::Result<()> {
        let uring = self.uring();
        add(&uring.submits, 1);
        let mut ring = uring.ring.borrow_mut();
        let queued = u32::try_from(ring.submission().len()).expect("because rings are small");
        let timeout = wait
            .filter(|wait| *wait != Duration::MAX)
            .map(|wait| types::Timespec::new().sec(wait.as_secs()).nsec(wait.subsec_nanos()));
        let argument = GetEvents {
            sigmask: 0,
            sigmask_bytes: 0,
            min_wait_micros: 0,
            timeout: timeout
                .as_ref()
                .map_or(0, |time| std::ptr::from_ref(time).expose_provenance() as u64),
        };
        let wanted = u32::from(wait.is_some());
        // SAFETY: the argument and its timespec live through the call and have the layout that the
        // kernel expects for EXT_ARG; the queued entries' memory is kept as `try_push` says.
        let entered = unsafe {
            ring.submitter().enter(queued, wanted, GET_EVENTS | EXT_ARG, Some(&argument))
        };
        let left = {
            let mut submission = ring.submission();
            submission.sync();
            submission.len() as u64
        };
        uring.handed.set(uring.queued.get() - uring.backlog.borrow().len() as u64 - left);
        let mut backlog = uring.backlog.borrow_mut();
        while let Some(entry) = backlog.pop_front() {
            if !try_push(&mut ring, &entry) {
                backlog.push_front(entry);
                break;
            }
        }
        match entered {
            Ok(_) => Ok(()),
            // The time is up; a signal came; completions are waiting to be reaped first.
            Err(error) => match error.raw_os_error() {
                Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// Takes completions off the ring and passes them on. Says how many there were.
    fn reap(&self) -> usize {
        let mut reaped = self.reaped.take();
        // Copied out first: what follows from a completion may use the ring.
        reaped.extend(self.uring().ring.borrow_mut().completion().map(|entry| Completion {
            user_data: entry.user_data(),
            result: entry.result(),
            flags: entry.flags(),
        }));
        let count = reaped.len();
        for completion in reaped.drain(..) {
            self.uring().running.set(self.uring().running.get() - 1);
            self.on_completion(completion);
        }
        self.reaped.replace(reaped);
        count
    }

    fn on_completion(&self, completion: Completion) {
        match completion.user_data {
            NOBODY => {}
            BELL if self.uring().closed.get() => {}
            BELL => self.listen_to_bell(),
            user_data => self.on_operation(key_of(user_data), completion),
        }
    }

    fn on_operation(&self, key: Key, completion: Completion) {
        let uring = self.uring();
        let next = self.core.ops.with(key, |request| match request {
            Request::Accept { .. } => self.accepted(key, completion.result),
            _ => complete::next(&self.core, request, completion.result, completion.flags),
        });
        match next.expect("because a slot lives until its completion") {
            Next::Over(outcome) => self.finish(key, outcome),
            Next::Again if uring.closed.get() => self.finish(key, super::cancelled()),
            Next::Again => {
                if let Err(error) = uring.enqueue(&self.core, key) {
                    self.finish(key, Err(error));
                }
            }
        }
    }

    fn finish(&self, key: Key, outcome: Outcome) {
        let known = self.core.ops.finish(key, outcome);
        assert!(known, "an operation completes once");
    }

    fn accepted(&self, key: Key, result: i32) -> Next {
        if result < 0 {
            if complete::is_passing_accept(-result) {
                return Next::Again;
            }
            return Next::Over(Err(io::Error::from_raw_os_error(-result)));
        }
        let handle = Handle::new(&self.core, Thing::Fd(result));
        match self.uring().frames.borrow_mut().get(key.index).addr.get() {
            Some(peer) => Next::Over(Ok(Value::Connection(handle, peer))),
            None => Next::Over(Err(io::Error::other("the peer has no internet address"))),
        }
    }

    fn hear_clerks(&self) {
        for clerk in [&self.uring().clerk, &self.uring().flusher] {
            let answers = clerk.borrow_mut().as_mut().map(Clerk::answers);
            for (key, answer) in answers.into_iter().flatten() {
                self.finish(key, answer.map(|told| told.into_value(&self.core)));
            }
        }
    }

    /// Ends everything: tasks, then operations.
    fn shut_down(&self) {
        let uring = self.uring();
        self.core.tasks.clear();
        // The clerks' calls are made to the end: their answers free their slots.
        for clerk in [&uring.clerk, &uring.flusher] {
            if let Some(clerk) = clerk.borrow_mut().as_mut() {
                clerk.stop();
            }
        }
        self.hear_clerks();
        // What waits for a peer would wait for ever. Writes are not touched: they go on to their
        // end.
        for key in self.core.ops.running_keys() {
            uring.abandoned(&self.core, key);
        }
        uring.push(opcode::AsyncCancel::new(BELL).build().user_data(NOBODY));
        uring.closed.set(true);
        let deadline = clock::mono() + LAST_WAIT;
        while uring.running.get() > 0 {
            let left = deadline - clock::mono();
            if left.is_zero() || self.enter(Some(left)).is_err() {
                break;
            }
            self.reap();
        }
        if uring.running.get() > 0 {
            // A device that does not answer: its operations keep their memory for ever.
            uring.frames.borrow_mut().leak();
            std::mem::forget(Rc::clone(&self.core));
        } else {
            self.core.ops.clear();
            // SAFETY: it came from a box, the bell's last completion has come, and this runs once.
            drop(unsafe { Box::from_raw(self.bell_word.as_ptr()) });
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.shut_down();
    }
}
