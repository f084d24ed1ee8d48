//! The loop of a real core: run what is ready, enter the ring once, take what came.
//!
//! Kept true: whatever a turn started is handed over at the turn's end; a core sleeps only if nothing is
//! ready, nobody waits for the hand-over and no other thread has knocked; the ring goes away only after
//! its last operation.

use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;
use io_uring::{IoUring, opcode, types};

use super::entry::{self, Step};
use super::names::{Helper, Reply};
use super::{BELL, CANCEL, CLOSE, Uring, clock, key_of, probe, signal};
use crate::config::{CoreConfig, Stall};
use crate::core::{Inner, add};
use crate::driver::{Driver, Handle, Thing};
use crate::executor::Tasks;
use crate::op::{Key, Outcome, Value};

/// How long a core that ends waits for operations that nothing can cancel.
const FAREWELL: Duration = Duration::from_secs(10);

/// A core's ring and its place in the loop.
pub(crate) struct Ring {
    ring: IoUring,
    core: Rc<Inner>,
    bell: RawFd,
    completions: Vec<(u64, i32, u32)>,
    replies: Vec<(Key, io::Result<Reply>)>,
    active: Mono,
}

/// Makes the core of the calling thread.
pub(crate) fn start(config: CoreConfig) -> io::Result<Ring> {
    if let Some(cpu) = config.cpu {
        pin(cpu)?;
    }
    let made = probe::make_ring(config.ring_entries, config.plain_ring)?;
    // Saves a look-up of the descriptor per call; an older kernel does without.
    let _ = made.ring.submitter().register_ring_fd();
    let tasks = Tasks::new();
    let bell = tasks.home().set_bell(signal::event()?);
    let helper = Helper::start(tasks.home())?;
    let driver = Driver::Uring(Box::new(Uring::new(helper, made.flags)));
    let core = Inner::new(config, driver, seed()?, tasks);
    core.now.set(clock::now());
    let ring = Ring {
        ring: made.ring,
        core,
        bell,
        completions: Vec::new(),
        replies: Vec::new(),
        active: clock::now(),
    };
    ring.listen_to_bell();
    Ok(ring)
}

fn pin(cpu: usize) -> io::Result<()> {
    // SAFETY: all zeros are an empty CPU set; CPU_SET checks its bounds by its array.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    if cpu >= libc::CPU_SETSIZE as usize {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("there is no CPU {cpu}")));
    }
    // SAFETY: `cpu` is below CPU_SETSIZE.
    unsafe { libc::CPU_SET(cpu, &mut set) };
    // SAFETY: the set is valid and of the size told; 0 is the calling thread.
    if unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) } < 0 {
        let error = io::Error::last_os_error();
        return Err(io::Error::new(error.kind(), format!("cannot run on CPU {cpu}: {error}")));
    }
    Ok(())
}

fn seed() -> io::Result<u64> {
    let mut bytes = [0u8; 8];
    // SAFETY: writes at most the eight bytes there are.
    let n = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if n == 8 { Ok(u64::from_ne_bytes(bytes)) } else { Err(io::Error::last_os_error()) }
}

fn uring_of(core: &Inner) -> &Uring {
    match &core.driver {
        Driver::Uring(uring) => uring,
        #[cfg(feature = "sim")]
        Driver::Sim(_) => unreachable!("this ring made its own driver"),
    }
}

impl Ring {
    pub(crate) fn core(&self) -> &Rc<Inner> {
        &self.core
    }

    fn uring(&self) -> &Uring {
        uring_of(&self.core)
    }

    fn listen_to_bell(&self) {
        let events = u32::try_from(libc::POLLIN).expect("because the flag is positive");
        let entry = opcode::PollAdd::new(types::Fd(self.bell), events).build();
        self.uring().push(entry.user_data(BELL));
    }

    /// One round. It does not sleep once `is_over`.
    pub(crate) fn turn(&mut self, is_over: impl Fn() -> bool) -> io::Result<()> {
        self.core.now.set(clock::now());
        add(&self.core.counts.turns, 1);
        self.take_remote();
        self.core.fire_timers();
        self.run_tasks();
        self.enter(is_over())?;
        self.reap();
        Ok(())
    }

    fn take_remote(&mut self) {
        if !self.core.tasks.home().take_remote() {
            return;
        }
        let mut replies = std::mem::take(&mut self.replies);
        self.uring().helper.take(&mut replies);
        for (key, reply) in replies.drain(..) {
            self.core.ops.finish(key, self.outcome(reply));
        }
        self.replies = replies;
    }

    fn outcome(&self, reply: io::Result<Reply>) -> Outcome {
        reply.map(|reply| match reply {
            Reply::Done => Value::Done,
            Reply::Flag(flag) => Value::Flag(flag),
            Reply::Count(count) => Value::Count(count),
            Reply::Opened(fd) => {
                let fd = std::os::fd::IntoRawFd::into_raw_fd(fd);
                Value::Handle(Handle::new(&self.core, Thing::Fd(fd)))
            }
            Reply::Entries(entries) => Value::Entries(entries),
            Reply::Space(space) => Value::Space(space),
            Reply::Text(text) => Value::Text(text),
        })
    }

    fn run_tasks(&self) {
        let core = &self.core;
        let limit = core.config.stall_limit;
        let mut before = clock::coarse();
        core.tasks.run(core.config.polls_per_turn_max, |task| {
            let after = clock::coarse();
            let held = after.since(before);
            before = after;
            if held > limit {
                core.stall(Stall { task, held });
                return false;
            }
            true
        });
    }

    /// Hands over what was queued, and waits if there is nothing else to do.
    fn enter(&mut self, is_over: bool) -> io::Result<()> {
        let uring_empty = self.fill();
        let core = Rc::clone(&self.core);
        let is_busy = is_over
            || !uring_empty
            || core.tasks.is_ready()
            || !core.submit_waiters.borrow().is_empty()
            || !self.ring.completion().is_empty();
        if is_busy {
            self.active = core.now.get();
            self.hand_over()?;
        } else {
            self.idle()?;
        }
        let in_ring = self.ring.submission().len() as u64;
        let uring = uring_of(&core);
        let left = uring.entries.borrow().len() as u64 + in_ring;
        uring.handed.set(uring.queued.get() - left);
        core.wake_submitted();
        Ok(())
    }

    /// Moves queued entries into the ring. False if some did not fit.
    fn fill(&mut self) -> bool {
        let mut entries = uring_of(&self.core).entries.borrow_mut();
        let mut submission = self.ring.submission();
        while let Some(entry) = entries.front() {
            // SAFETY: what the entry points to lives until its completion: see `entry`.
            if unsafe { submission.push(entry) }.is_err() {
                return false;
            }
            entries.pop_front();
        }
        true
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let submission = self.ring.submission();
        let needless = submission.is_empty() && !submission.taskrun() && !submission.cq_overflow();
        drop(submission);
        if needless {
            return Ok(());
        }
        self.count_submit();
        check(self.ring.submitter().submit_and_wait(0))
    }

    /// Nothing is ready: polls for a while if told so, then sleeps until a completion, a timer or a
    /// knock.
    fn idle(&mut self) -> io::Result<()> {
        let now = clock::now();
        let next = self.core.timers.borrow().next();
        let due = next.map(|at| at.since(now));
        if due == Some(Duration::ZERO) {
            return self.hand_over();
        }
        let poll = self.core.config.idle_poll;
        if !poll.is_zero() && now.since(self.active) < poll {
            self.count_submit();
            let to_submit = u32::try_from(self.ring.submission().len())
                .expect("because a ring has fewer than 2^32 entries");
            // `IORING_ENTER_GETEVENTS`: lets the kernel finish what waits for this core.
            // SAFETY: no argument is passed, and the entries in the ring are sound.
            return check(unsafe {
                self.ring.submitter().enter::<libc::sigset_t>(to_submit, 0, 1, None)
            });
        }
        if !self.core.tasks.home().fall_asleep() {
            return self.hand_over();
        }
        self.count_submit();
        let result = match due {
            None => self.ring.submitter().submit_and_wait(1),
            Some(due) => {
                let time = types::Timespec::from(due);
                let args = types::SubmitArgs::new().timespec(&time);
                self.ring.submitter().submit_with_args(1, &args)
            }
        };
        self.core.tasks.home().wake_up();
        check(result)
    }

    fn count_submit(&self) {
        let submits = &self.uring().submits;
        submits.set(submits.get() + 1);
    }

    /// Takes completions in.
    fn reap(&mut self) {
        let mut completions = std::mem::take(&mut self.completions);
        completions.extend(self.ring.completion().map(|c| (c.user_data(), c.result(), c.flags())));
        for (user_data, result, flags) in completions.drain(..) {
            match user_data {
                BELL => {
                    signal::drain(self.bell);
                    self.listen_to_bell();
                }
                CANCEL | CLOSE => {}
                _ => self.completed(key_of(user_data), result, flags),
            }
        }
        self.completions = completions;
    }

    fn completed(&self, key: Key, result: i32, flags: u32) {
        let core = &self.core;
        let step = core.ops.with(key, |request| entry::complete(core, request, result, flags));
        match step {
            Some(Step::Again) => self.uring().start(core, key),
            Some(Step::Over(outcome)) => {
                core.ops.finish(key, outcome);
            }
            None => unreachable!("a slot is free only after its operation's completion"),
        }
    }
}

/// An interrupted or timed out wait is nothing; a full completion ring is emptied by the next reap.
fn check(result: io::Result<usize>) -> io::Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => match error.raw_os_error() {
            Some(libc::EINTR | libc::ETIME | libc::EBUSY | libc::EAGAIN) => Ok(()),
            _ => Err(error),
        },
    }
}

impl Drop for Ring {
    /// Ends the tasks, then waits for what the kernel still has in its hands.
    fn drop(&mut self) {
        let core = Rc::clone(&self.core);
        core.tasks.clear();
        let until = clock::now() + FAREWELL;
        while core.ops.running() > 0 && clock::now() < until {
            self.take_remote();
            self.fill();
            let time = types::Timespec::from(Duration::from_millis(10));
            let args = types::SubmitArgs::new().timespec(&time);
            let want = usize::from(core.ops.running() > 0);
            if check(self.ring.submitter().submit_with_args(want, &args)).is_err() {
                break;
            }
            self.reap();
        }
        if core.ops.running() > 0 {
            // The kernel may still write to these buffers: they stay for ever.
            std::mem::forget(core);
            return;
        }
        core.ops.clear();
        self.fill();
        let _ = self.ring.submitter().submit();
    }
}
