//! The loop: send what is due, sleep until something is, take the answers.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::connection::{Answer, Connection};
use crate::cpu;
use crate::options::Options;
use crate::setup::Plan;

/// The longest latency that is told apart, in nanoseconds.
const LATENCY_NS_MAX: u64 = 120_000_000_000;
/// How long answers may come after the last request.
const DRAIN: Duration = Duration::from_secs(20);
/// Events taken at once.
const EVENTS: usize = 256;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) latency_ns: Histogram<u64>,
    /// Answers without an error to requests that were due in the measured time.
    pub(crate) answered: u64,
    /// Answers that came within the measured time.
    pub(crate) answered_in_time: u64,
    pub(crate) errors: u64,
    /// The last error code that was not 0.
    pub(crate) last_error: i16,
    /// Requests due in the measured time that were never answered.
    pub(crate) unanswered: u64,
    pub(crate) measured: Duration,
    pub(crate) request_bytes: usize,
    /// CPU seconds within the measured time: the broker's, this process's, the machine's.
    pub(crate) broker_cpu: Option<f64>,
    pub(crate) client_cpu: f64,
    pub(crate) machine_cpu: f64,
}

/// Runs the load to its end.
pub(crate) fn run(options: &Options, plan: &Plan) -> Result<Outcome> {
    let mut load = Load::new(options, plan)?;
    let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
    while !load.over(Instant::now()) {
        load.send_due()?;
        let timeout = load.sleep();
        events.clear();
        epoll::wait(&load.epoll, spare_capacity(&mut events), Some(&timeout)).context("epoll")?;
        load.sample_cpu()?;
        for event in &events {
            load.on_event(event.data.u64() as usize, event.flags)?;
        }
    }
    load.outcome()
}

struct Load<'a> {
    plan: &'a Plan,
    epoll: OwnedFd,
    connections: Vec<Connection>,
    /// Connections whose socket was full: they wait for room.
    blocked: Vec<bool>,
    depth: usize,
    /// Between two requests of an open loop.
    interval: Option<f64>,
    began: Instant,
    measure_from: Instant,
    measure_until: Instant,
    next_request: u64,
    latency_ns: Histogram<u64>,
    answered: u64,
    answered_in_time: u64,
    errors: u64,
    last_error: i16,
    pid: Option<u32>,
    cpu_at_start: Option<Cpu>,
    cpu_at_end: Option<Cpu>,
}

#[derive(Clone, Copy)]
struct Cpu {
    broker: Option<f64>,
    client: f64,
    machine: f64,
}

impl Cpu {
    fn now(pid: Option<u32>) -> Result<Cpu> {
        Ok(Cpu {
            broker: pid.map(cpu::of_process).transpose()?,
            client: cpu::of_process(std::process::id())?,
            machine: cpu::of_machine()?,
        })
    }
}

impl<'a> Load<'a> {
    fn new(options: &Options, plan: &'a Plan) -> Result<Load<'a>> {
        let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll")?;
        let mut connections = Vec::with_capacity(options.connections);
        for index in 0..options.connections {
            let connection = Connection::open(options.address)?;
            let data = EventData::new_u64(index as u64);
            epoll::add(&epoll, connection.stream(), data, EventFlags::IN).context("epoll")?;
            connections.push(connection);
        }
        let began = Instant::now();
        let measure_from = began + options.warmup;
        Ok(Load {
            plan,
            epoll,
            blocked: vec![false; connections.len()],
            connections,
            depth: options.depth,
            interval: options.rate.map(|rate| 1.0 / rate),
            began,
            measure_from,
            measure_until: measure_from + options.measured,
            next_request: 0,
            latency_ns: Histogram::new_with_bounds(1, LATENCY_NS_MAX, 3).context("histogram")?,
            answered: 0,
            answered_in_time: 0,
            errors: 0,
            last_error: 0,
            pid: options.pid,
            cpu_at_start: None,
            cpu_at_end: None,
        })
    }

    /// When request `number` of an open loop is meant to be sent.
    fn due(&self, number: u64, interval: f64) -> Instant {
        self.began + Duration::from_secs_f64(number as f64 * interval)
    }

    /// Sends every request that is due: by the clock in an open loop, by the depth in a closed one.
    fn send_due(&mut self) -> Result<()> {
        match self.interval {
            Some(interval) => self.send_by_clock(interval),
            None if self.next_request == 0 => {
                (0..self.connections.len()).try_for_each(|index| self.fill(index))
            }
            None => Ok(()),
        }
    }

    fn send_by_clock(&mut self, interval: f64) -> Result<()> {
        let now = Instant::now();
        loop {
            let intended = self.due(self.next_request, interval);
            if intended > now || intended >= self.measure_until {
                return Ok(());
            }
            let index = (self.next_request % self.connections.len() as u64) as usize;
            self.push(index, intended);
            self.flush(index)?;
        }
    }

    /// Brings a connection of a closed loop to its depth.
    fn fill(&mut self, index: usize) -> Result<()> {
        let now = Instant::now();
        while now < self.measure_until && self.connections[index].in_flight() < self.depth {
            self.push(index, now);
        }
        self.flush(index)
    }

    fn push(&mut self, index: usize, intended: Instant) {
        let (number, plan) = (self.next_request, self.plan);
        self.next_request += 1;
        self.connections[index].push(intended, |out, id| plan.write(number, out, id));
    }

    fn flush(&mut self, index: usize) -> Result<()> {
        let connection = &mut self.connections[index];
        let blocked = connection.flush()?;
        if blocked != self.blocked[index] {
            self.blocked[index] = blocked;
            let flags = if blocked { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN };
            let data = EventData::new_u64(index as u64);
            epoll::modify(&self.epoll, connection.stream(), data, flags).context("epoll")?;
        }
        Ok(())
    }

    fn on_event(&mut self, index: usize, flags: EventFlags) -> Result<()> {
        if flags.contains(EventFlags::OUT) {
            self.flush(index)?;
        }
        let mut answers = Vec::new();
        self.connections[index].receive(|answer| answers.push(answer))?;
        let now = Instant::now();
        for answer in answers {
            self.on_answer(answer, now);
        }
        if self.interval.is_none() { self.fill(index) } else { Ok(()) }
    }

    fn on_answer(&mut self, answer: Answer, now: Instant) {
        if now >= self.measure_from && now < self.measure_until {
            self.answered_in_time += 1;
        }
        if answer.intended < self.measure_from {
            return;
        }
        if answer.error != 0 {
            self.errors += 1;
            self.last_error = answer.error;
            return;
        }
        self.answered += 1;
        let latency = now.duration_since(answer.intended).as_nanos();
        self.latency_ns.saturating_record(u64::try_from(latency).unwrap_or(LATENCY_NS_MAX).max(1));
    }

    fn sample_cpu(&mut self) -> Result<()> {
        let now = Instant::now();
        if self.cpu_at_start.is_none() && now >= self.measure_from {
            self.cpu_at_start = Some(Cpu::now(self.pid)?);
        }
        if self.cpu_at_end.is_none() && now >= self.measure_until {
            self.cpu_at_end = Some(Cpu::now(self.pid)?);
        }
        Ok(())
    }

    /// How long there is nothing to do: until the next request is due or a mark of the clock.
    fn sleep(&self) -> Timespec {
        let now = Instant::now();
        let marks = [self.measure_from, self.measure_until, self.measure_until + DRAIN];
        let mark = marks.into_iter().find(|mark| *mark > now).unwrap_or(now);
        let request = self.interval.map(|interval| self.due(self.next_request, interval));
        let next =
            request.filter(|due| *due < self.measure_until).map_or(mark, |due| due.min(mark));
        let left = next.saturating_duration_since(now);
        Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) }
    }

    fn over(&self, now: Instant) -> bool {
        let idle = self.connections.iter().all(|connection| connection.in_flight() == 0);
        now >= self.measure_until && (idle || now >= self.measure_until + DRAIN)
    }

    fn outcome(mut self) -> Result<Outcome> {
        if self.cpu_at_end.is_none() {
            self.cpu_at_end = Some(Cpu::now(self.pid)?);
        }
        let start = self.cpu_at_start.context("the run ended before it began to measure")?;
        let end = self.cpu_at_end.context("sampled above")?;
        let unanswered =
            self.connections.iter().map(|connection| connection.in_flight() as u64).sum();
        Ok(Outcome {
            latency_ns: self.latency_ns,
            answered: self.answered,
            answered_in_time: self.answered_in_time,
            errors: self.errors,
            last_error: self.last_error,
            unanswered,
            measured: self.measure_until - self.measure_from,
            request_bytes: self.plan.request_bytes(),
            broker_cpu: end.broker.zip(start.broker).map(|(end, start)| end - start),
            client_cpu: end.client - start.client,
            machine_cpu: end.machine - start.machine,
        })
    }
}
