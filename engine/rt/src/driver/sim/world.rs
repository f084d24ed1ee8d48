//! The world's loop: deliver what is due, let one ready core take a turn, or move time on.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Mono, WallMs};

use super::disk::Disk;
use super::net;
use super::options::{SimOptions, Stuck};
use super::port::{Port, Shared, Waiter, What};
use crate::config::CoreConfig;
use crate::core::{Core, Inner, add};
use crate::driver::{Driver, Handle, Thing};
use crate::executor::Tasks;
use crate::op::{Key, Outcome, Request, Value};
use crate::task::Class;

/// What one turn of a core costs, in nanoseconds of virtual time: this, and up to ten times as
/// much.
const TURN_NANOS: u64 = 200;

/// A seeded world of cores with virtual time. A clone is another handle to the same world, which
/// ends with its last handle: its tasks are dropped then, and disk operations under way stay so. A
/// later world takes a [`Disk::crash`] or [`Disk::snapshot`] of the disk.
#[derive(Clone)]
pub struct World {
    hub: Rc<Hub>,
}

struct Hub {
    shared: Rc<Shared>,
    /// Shared, so that a step looks at them without holding the borrow.
    cores: RefCell<Rc<Vec<Rc<Inner>>>>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        let cores = std::mem::take(self.cores.get_mut());
        for core in cores.iter() {
            core.tasks.clear();
        }
        for core in cores.iter() {
            core.ops.clear();
        }
        self.shared.clear();
    }
}

fn port(core: &Inner) -> &Port {
    match &core.driver {
        Driver::Sim(port) => port,
        Driver::Uring(_) => unreachable!("a world makes its own cores"),
    }
}

impl World {
    /// A world in which the seed decides every order and every delay.
    pub fn new(seed: u64, options: SimOptions) -> World {
        let shared = Shared::new(seed, options);
        World { hub: Rc::new(Hub { shared, cores: RefCell::default() }) }
    }

    /// A core of this world that sees `disk`.
    pub fn core(&self, disk: &Disk) -> Core {
        let shared = &self.hub.shared;
        let mut cores = self.hub.cores.borrow_mut();
        let driver = Driver::Sim(Port::new(shared, cores.len(), disk));
        let config = CoreConfig {
            name: format!("sim-{}", cores.len()),
            pool_bytes_max: shared.options.pool_bytes_max,
            ..CoreConfig::default()
        };
        let inner = Inner::new(config, driver, shared.chance.next(), Tasks::new());
        inner.now.set(Mono(shared.time.get()));
        Rc::make_mut(&mut cores).push(Rc::clone(&inner));
        for late in disk.take_late() {
            let delay = late.delay(&shared.chance);
            shared.schedule(shared.time.get() + delay, What::Late { disk: disk.clone(), late });
        }
        Core { inner }
    }

    /// Runs the world until `future`, a task of `core`, is done.
    pub fn block_on<T: 'static>(
        &self,
        core: &Core,
        future: impl Future<Output = T> + 'static,
    ) -> Result<T, Stuck> {
        let task = core.spawn(Class::Control, "root", future);
        for _ in 0..self.hub.shared.options.steps_max {
            self.step(u64::MAX)?;
            if let Some(value) = task.take() {
                return Ok(value);
            }
        }
        Err(Stuck::Endless)
    }

    /// Runs the world for some virtual time. A world without anything to do lets the time pass.
    pub fn run_for(&self, time: Duration) -> Result<(), Stuck> {
        let until = (Mono(self.hub.shared.time.get()) + time).0;
        for _ in 0..self.hub.shared.options.steps_max {
            if self.hub.shared.time.get() >= until {
                return Ok(());
            }
            match self.step(until) {
                Ok(()) => {}
                Err(Stuck::Idle) => self.hub.shared.time.set(until),
                Err(stuck) => return Err(stuck),
            }
        }
        Err(Stuck::Endless)
    }

    /// One thing happens: what is due arrives and one core takes a turn, or time moves on.
    pub fn step_once(&self) -> Result<(), Stuck> {
        self.step(u64::MAX)
    }

    /// Ends a core as kill -9 would: its tasks are gone, its connections are reset, what it started
    /// in its last turn may be lost; what it handed to the disk goes on.
    pub fn kill(&self, core: &Core) {
        let port = port(&core.inner);
        port.dead.set(true);
        let lost = port.take_started();
        core.inner.tasks.clear();
        for key in lost {
            core.inner.ops.finish(key, Err(io::Error::from_raw_os_error(libc::ECANCELED)));
        }
    }

    /// Sets the wall clock of all cores.
    pub fn set_wall(&self, wall: WallMs) {
        let shared = &self.hub.shared;
        let passed = i64::try_from(shared.time.get() / 1_000_000).unwrap_or(i64::MAX);
        shared.wall_base.set(wall.0 - passed);
    }

    /// Sends every core of the world SIGTERM.
    pub fn terminate(&self) {
        self.hub.shared.terminated.set(true);
        for core in self.hub.cores.borrow().iter() {
            let waiting = std::mem::take(&mut *port(core).signals.borrow_mut());
            for key in waiting {
                core.ops.finish(key, Ok(Value::Done));
            }
        }
    }

    /// Virtual time since the world began.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.hub.shared.time.get())
    }

    /// A hash of everything that happened so far.
    pub fn trace_hash(&self) -> u64 {
        self.hub.shared.trace()
    }

    /// One thing happens. Time does not move beyond `until`.
    fn step(&self, until: u64) -> Result<(), Stuck> {
        let shared = &self.hub.shared;
        let cores = Rc::clone(&self.hub.cores.borrow());
        while let Some(event) = shared.due() {
            deliver(shared, &cores, event.what);
        }
        if let Some(core) = self.choose(&cores) {
            turn(shared, &cores, core);
            return Ok(());
        }
        let event = shared.next_event();
        let frozen = shared.frozen.get();
        if frozen > shared.options.frozen_operations_max || (frozen > 0 && event.is_none()) {
            return Err(Stuck::Frozen);
        }
        let timers = cores.iter().filter(|core| !port(core).dead.get());
        let timer = timers.filter_map(|core| core.timers.borrow().next()).min();
        match event.into_iter().chain(timer.map(|at| at.0)).min() {
            Some(next) => shared.time.set(next.min(until).max(shared.time.get())),
            None => return Err(Stuck::Idle),
        }
        Ok(())
    }

    /// One of the cores that have something to do.
    fn choose<'a>(&self, cores: &'a [Rc<Inner>]) -> Option<&'a Rc<Inner>> {
        let shared = &self.hub.shared;
        let now = Mono(shared.time.get());
        let is_ready = |core: &&Rc<Inner>| {
            let port = port(core);
            !port.dead.get()
                && (core.tasks.is_ready()
                    || port.has_started()
                    || core.timers.borrow().next().is_some_and(|at| at <= now))
        };
        let count = cores.iter().filter(is_ready).count() as u64;
        let chosen = if count > 1 { shared.chance.below(count) } else { 0 };
        cores.iter().filter(is_ready).nth(usize::try_from(chosen).ok()?)
    }
}

fn turn(shared: &Rc<Shared>, cores: &[Rc<Inner>], core: &Rc<Inner>) {
    core.now.set(Mono(shared.time.get()));
    add(&core.counts.turns, 1);
    core.tasks.home().take_remote();
    core.fire_timers();
    core.tasks.run(core.config.polls_per_turn_max, |_| true);
    let started = port(core).take_started();
    if !started.is_empty() {
        for key in started {
            hand_over(shared, cores, core, key);
        }
        core.wake_submitted();
    }
    let cost = TURN_NANOS + shared.chance.below(TURN_NANOS * 9);
    shared.time.set(shared.time.get() + cost);
}

/// The kernel takes an operation.
fn hand_over(shared: &Rc<Shared>, cores: &[Rc<Inner>], core: &Rc<Inner>, key: Key) {
    let port = port(core);
    let waiter = Waiter { core: port.index, key };
    if core.ops.with(key, |request| matches!(request, Request::Stdin { .. })) == Some(true) {
        // A simulated process is started with its input closed.
        core.ops.finish(key, Ok(Value::Count(0)));
        return;
    }
    let begun = core.ops.with(key, |request| match request {
        Request::Signal => {
            port.signals.borrow_mut().push(key);
            None
        }
        Request::Recv { .. }
        | Request::Send { .. }
        | Request::Accept { .. }
        | Request::Connect { .. } => Some(None),
        _ => Some(Some(port.disk.begin(request))),
    });
    match begun.flatten() {
        Some(None) => net::begin(shared, cores, waiter),
        Some(Some(begun)) => {
            shared.note(&[shared.time.get(), port.index as u64, begun.number, begun.fact]);
            if let Some(code) = begun.refused {
                core.ops.finish(key, Err(io::Error::from_raw_os_error(code)));
                return;
            }
            if begun.frozen {
                shared.frozen.set(shared.frozen.get() + 1);
                return;
            }
            let at = shared.time.get() + shared.chance.delay(&shared.options.disk_delay);
            let disk = port.disk.clone();
            shared.schedule(at, What::Disk { waiter, disk, number: begun.number });
        }
        None if shared.terminated.get() => {
            port.signals.borrow_mut().retain(|&known| known != key);
            core.ops.finish(key, Ok(Value::Done));
        }
        None => {}
    }
}

fn deliver(shared: &Rc<Shared>, cores: &[Rc<Inner>], what: What) {
    match what {
        What::Net(event) => net::deliver(shared, cores, event),
        What::Late { disk, late } => {
            shared.note(&[shared.time.get(), late.number()]);
            disk.land_late(late, &shared.chance);
        }
        What::Disk { waiter, disk, number } => {
            let core = &cores[waiter.core];
            let outcome = core.ops.with(waiter.key, |request| {
                let outcome = disk.finish(number, &shared.chance, request);
                count_bytes(core, request, &outcome);
                outcome
            });
            let outcome = outcome.expect("because a disk operation's slot lives until it is done");
            shared.note(&[shared.time.get(), number, u64::from(outcome.is_ok())]);
            core.ops.finish(waiter.key, attach(core, outcome));
        }
    }
}

fn count_bytes(core: &Inner, request: &Request, outcome: &Result<super::disk::Answer, io::Error>) {
    match (request, outcome) {
        (Request::Write { data, .. }, Ok(_)) => add(&core.counts.written, data.len()),
        (Request::Read { done, .. }, Ok(_)) => add(&core.counts.read, *done),
        _ => {}
    }
}

/// Makes a core's own value of the disk's answer.
fn attach(core: &Rc<Inner>, answer: io::Result<super::disk::Answer>) -> Outcome {
    answer.map(|answer| match answer {
        super::disk::Answer::Value(value) => value,
        super::disk::Answer::Opened(file) => Value::Handle(Handle::new(core, Thing::SimFile(file))),
    })
}
