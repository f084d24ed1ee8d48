//! What happens before the clock starts: the core, the topics, the requests, a first append to
//! every partition.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU64;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use rustix::thread::{CpuSet, sched_setaffinity, set_current_timer_slack};

use crate::options::Options;
use crate::request::{self, Template};

/// Kafka's code for a topic that is there already.
const TOPIC_ALREADY_EXISTS: i16 = 36;
/// How long a partition may take to accept its first append.
const PRIME_SECONDS_MAX: u64 = 60;

/// The requests of a run: round and round over every partition of every topic.
#[derive(Debug)]
pub(crate) struct Plan {
    templates: Vec<Template>,
    partitions: u32,
}

impl Plan {
    /// Requests until every partition has had one.
    pub(crate) fn targets(&self) -> u64 {
        self.templates.len() as u64 * u64::from(self.partitions)
    }

    /// Writes the request with that number.
    pub(crate) fn write(&self, number: u64, out: &mut Vec<u8>, correlation: u32) {
        let target = number % self.targets();
        let topic = target as usize % self.templates.len();
        let partition = (target / self.templates.len() as u64) as u32;
        self.templates[topic].write(out, correlation, partition);
    }

    /// Bytes of a request on the wire.
    pub(crate) fn request_bytes(&self) -> usize {
        self.templates[0].len()
    }
}

/// Stays on one core and asks for exact timers.
pub(crate) fn pin(options: &Options) -> Result<()> {
    if let Some(core) = options.core {
        let mut cores = CpuSet::new();
        cores.set(core);
        sched_setaffinity(None, &cores).with_context(|| format!("staying on core {core}"))?;
    }
    set_current_timer_slack(NonZeroU64::new(1)).context("timer slack of 1 ns")
}

/// What the topics are called.
pub(crate) fn names(options: &Options) -> Vec<String> {
    match options.topics {
        1 => vec![options.topic.clone()],
        topics => (0..topics).map(|index| format!("{}-{index}", options.topic)).collect(),
    }
}

/// A request for every topic; with keys as many as it takes to name each key once.
fn produces(options: &Options, names: &[String], timestamp_ms: i64) -> Vec<Template> {
    let mut templates = Vec::new();
    for at in 0..options.keys.div_ceil(options.records).max(1) {
        let first = (options.keys > 0).then_some((at * options.records) as u64);
        let batch = request::batch(options.records, options.record_bytes, timestamp_ms, first);
        templates.extend(names.iter().map(|name| Template::new(name, options.acks, &batch)));
    }
    templates
}

/// Encodes the requests, makes the topics, touches the partitions.
pub(crate) fn plan(options: &Options) -> Result<Plan> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("a clock before 1970")?;
    let timestamp_ms = i64::try_from(now.as_millis()).context("a clock far from now")?;
    let names = names(options);
    let at_once = if options.whole { options.partitions } else { 1 };
    let commit = |at| Template::commit(&names[0], &group(at), at_once);
    let templates = match options.groups {
        0 => produces(options, &names, timestamp_ms),
        groups => (0..groups).map(commit).collect(),
    };
    let partitions = u32::try_from(options.partitions).context("too many partitions")?;
    let plan = Plan { templates, partitions: if options.whole { 1 } else { partitions } };
    if options.create || options.prime {
        let mut stream = TcpStream::connect(options.address)
            .with_context(|| format!("connecting {}", options.address))?;
        stream.set_nodelay(true).context("TCP_NODELAY")?;
        stream.set_read_timeout(Some(Duration::from_secs(PRIME_SECONDS_MAX))).context("timeout")?;
        if options.create {
            for name in &names {
                create(
                    &mut stream,
                    &request::create_topic(name, partitions, &options.config),
                    name,
                )?;
            }
        }
        if options.groups > 0 {
            find_coordinator(&mut stream)?;
        }
        if options.prime {
            prime(&mut stream, &plan)?;
        }
    }
    Ok(plan)
}

fn group(at: usize) -> String {
    format!("group-{at}")
}

/// Makes the topic that keeps what groups commit.
fn find_coordinator(stream: &mut TcpStream) -> Result<()> {
    let answer = exchange(stream, &request::find_coordinator(&group(0)))?;
    match request::find_coordinator_answer(&answer).context("not a FindCoordinator answer")? {
        0 => Ok(()),
        error => bail!("looking for a coordinator: error {error}"),
    }
}

fn create(stream: &mut TcpStream, request: &[u8], name: &str) -> Result<()> {
    let answer = exchange(stream, request)?;
    match request::create_topic_answer(&answer).context("not a CreateTopics answer")? {
        0 | TOPIC_ALREADY_EXISTS => Ok(()),
        error => bail!("creating {name}: error {error}"),
    }
}

fn prime(stream: &mut TcpStream, plan: &Plan) -> Result<()> {
    let started = Instant::now();
    let mut number = 0;
    while number < plan.targets() {
        let mut request = Vec::new();
        plan.write(number, &mut request, 0);
        let answer = exchange(stream, &request)?;
        let (_, error) = request::produce_answer(&answer).context("not a Produce answer")?;
        if error == 0 {
            number += 1;
            continue;
        }
        let late = started.elapsed() > Duration::from_secs(PRIME_SECONDS_MAX);
        ensure!(!late, "partition {number} still answers with error {error}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

pub(crate) fn exchange(stream: &mut TcpStream, request: &[u8]) -> Result<Vec<u8>> {
    stream.write_all(request).context("sending")?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).context("receiving")?;
    let bytes = u32::from_be_bytes(head) as usize;
    ensure!(bytes <= 16 << 20, "an answer of {bytes} bytes");
    let mut answer = vec![0; bytes];
    stream.read_exact(&mut answer).context("receiving")?;
    Ok(answer)
}
