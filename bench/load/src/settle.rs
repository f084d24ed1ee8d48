//! A group that comes together: so many members join at once, each on a connection of its own, and
//! wait for their share.
//!
//! Kept true: the clock runs from the first join until every member has its share: in the classic
//! protocol that of one and the same generation, in the consumer protocol an even one, of which no
//! partition is anybody else's. A member that is told of a rebalance joins again at its next
//! heartbeat.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::group_request::{self as request, Heard, Joined};
use crate::options::Options;
use crate::request::{find_coordinator, find_coordinator_answer};
use crate::setup::exchange;

const GROUP: &str = "settling";
/// Between two heartbeats of a member.
const HEARTBEAT: Duration = Duration::from_millis(100);
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(60);
const STACK_BYTES: usize = 128 << 10;

/// Kafka's codes for a member that must join again, or beat again.
const REBALANCE_IN_PROGRESS: i16 = 27;
const ILLEGAL_GENERATION: i16 = 22;
const LOADING: i16 = 14;

/// What all members see.
struct Group {
    topic: String,
    partitions: usize,
    consumer: bool,
    /// What each member has: its generation and how many partitions, and since when.
    shares: Mutex<Vec<(i32, usize, Instant)>>,
    settled: AtomicBool,
}

impl Group {
    /// A member has a share; when all have theirs the group has settled.
    fn tell(&self, at: usize, generation: i32, partitions: usize) {
        let mut shares = self.shares.lock().expect("because nobody panics with it");
        if (shares[at].0, shares[at].1) == (generation, partitions) {
            return;
        }
        shares[at] = (generation, partitions, Instant::now());
        let even = self.partitions / shares.len();
        let is_even = shares.iter().all(|(_, held, _)| *held >= even);
        let all: usize = shares.iter().map(|(_, held, _)| held).sum();
        // Consumer groups' members come to an epoch when they must.
        let is_one = self.consumer || shares.iter().all(|(of, _, _)| *of == generation);
        if is_even && is_one && all == self.partitions {
            self.settled.store(true, Ordering::Release);
        }
    }

    fn has_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }
}

/// Lets the group come together; one line of JSON.
pub(crate) fn measure(options: &Options) -> Result<Value> {
    let group = Arc::new(Group {
        topic: options.topic.clone(),
        partitions: options.partitions,
        consumer: options.consumer,
        shares: Mutex::new(vec![(-1, 0, Instant::now()); options.members]),
        settled: AtomicBool::new(false),
    });
    wait_loaded(&mut connect(options.address)?)?;
    let ready = Arc::new(Barrier::new(options.members));
    let start = |at| {
        let (group, ready, address) = (group.clone(), ready.clone(), options.address);
        let member = move || member(&group, at, address, &ready);
        thread::Builder::new().stack_size(STACK_BYTES).spawn(member)
    };
    let threads: std::io::Result<Vec<_>> = (0..options.members).map(start).collect();
    let mut first: Option<Instant> = None;
    for thread in threads.context("a thread for every member")? {
        let joined = thread.join().map_err(|_| anyhow!("a member panicked"))??;
        first = Some(first.map_or(joined, |first| first.min(joined)));
    }
    let shares = group.shares.lock().expect("because nobody panics with it");
    let last = shares.iter().map(|(_, _, at)| *at).max().context("no members")?;
    let took = last.duration_since(first.context("no members")?);
    Ok(json!({
        "members": options.members,
        "partitions": options.partitions,
        "protocol": if options.consumer { "consumer" } else { "classic" },
        "generation": shares[0].0,
        "settle_ms": took.as_secs_f64() * 1e3,
    }))
}

fn wait_loaded(stream: &mut TcpStream) -> Result<()> {
    let found = exchange(stream, &find_coordinator(GROUP))?;
    ensure!(find_coordinator_answer(&found) == Some(0), "no coordinator: {found:?}");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let answer = exchange(stream, &request::heartbeat(GROUP, 0, "nobody"))?;
        if request::heartbeat_answer(&answer) != Some(LOADING) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    bail!("the coordinator never loaded")
}

/// A member from its first join, whose moment it gives, until the whole group has settled.
fn member(group: &Group, at: usize, address: SocketAddr, ready: &Barrier) -> Result<Instant> {
    let connected = connect(address);
    ready.wait();
    let (mut stream, begun) = (connected?, Instant::now());
    match group.consumer {
        true => consumer(group, at, &mut stream, begun)?,
        false => classic(group, at, &mut stream, begun)?,
    }
    Ok(begun)
}

fn classic(group: &Group, at: usize, stream: &mut TcpStream, begun: Instant) -> Result<()> {
    let mut id = String::new();
    while begun.elapsed() < PATIENCE {
        let answer = exchange(stream, &request::join(GROUP, &id, &group.topic))?;
        let joined = request::join_answer(&answer).context("not a JoinGroup answer")?;
        id.clone_from(&joined.member);
        if joined.error != 0 {
            ensure!(joined.error == REBALANCE_IN_PROGRESS, "a join: error {}", joined.error);
            continue;
        }
        let answer = exchange(stream, &sync(group, &joined))?;
        let share = match request::sync_answer(&answer).context("not a SyncGroup answer")? {
            (0, bytes) => bytes,
            (REBALANCE_IN_PROGRESS | ILLEGAL_GENERATION, _) => continue,
            (error, _) => bail!("a sync: error {error}"),
        };
        // Behind the topic's name there are four bytes for each partition.
        let fixed = request::assignment(&group.topic, 0..0).len();
        let held = share.checked_sub(fixed).context("a member without a share")? / 4;
        group.tell(at, joined.generation, held);
        if rests(group, &joined, stream)? {
            return Ok(());
        }
    }
    bail!("member {at} did not settle within {PATIENCE:?}")
}

/// The leader's sync shares all partitions out; everybody else's is empty.
fn sync(group: &Group, joined: &Joined) -> Vec<u8> {
    let members = joined.members.len();
    let share = |at| at * group.partitions / members;
    let shares: Vec<(&str, Vec<u8>)> = (0..members)
        .map(|at| {
            let share = request::assignment(&group.topic, share(at)..share(at + 1));
            (&*joined.members[at], share)
        })
        .collect();
    request::sync(GROUP, joined.generation, &joined.member, &shares)
}

/// Beats until everybody has a share; false: it must join again.
fn rests(group: &Group, joined: &Joined, stream: &mut TcpStream) -> Result<bool> {
    let beat = request::heartbeat(GROUP, joined.generation, &joined.member);
    while !group.has_settled() {
        thread::sleep(HEARTBEAT);
        let answer = exchange(stream, &beat)?;
        match request::heartbeat_answer(&answer).context("not a Heartbeat answer")? {
            0 => {}
            REBALANCE_IN_PROGRESS | ILLEGAL_GENERATION => return Ok(false),
            error => bail!("a heartbeat: error {error}"),
        }
    }
    Ok(true)
}

fn consumer(group: &Group, at: usize, stream: &mut TcpStream, begun: Instant) -> Result<()> {
    let (mut heard, mut owned) = (Heard::default(), None::<(Vec<u8>, Vec<i32>)>);
    while begun.elapsed() < PATIENCE {
        let changed = owned.take();
        let said = changed.as_ref().map(|(id, partitions)| (&**id, &**partitions));
        let beat = request::consumer_heartbeat(GROUP, &heard, &group.topic, said);
        let answer = exchange(stream, &beat)?;
        let now =
            request::consumer_heartbeat_answer(&answer).context("not a heartbeat's answer")?;
        ensure!(now.error == 0, "a heartbeat of epoch {}: error {}", heard.epoch, now.error);
        heard = now;
        if let Some(share) = heard.share.take() {
            // What was taken away is given up at once: the next heartbeat says so.
            group.tell(at, heard.epoch, share.1.len());
            owned = Some(share).filter(|(id, _)| !id.is_empty());
            continue;
        }
        if group.has_settled() {
            return Ok(());
        }
        thread::sleep(HEARTBEAT);
    }
    bail!("member {at} did not settle within {PATIENCE:?}")
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).with_context(|| format!("connecting {address}"))?;
    stream.set_nodelay(true).context("TCP_NODELAY")?;
    stream.set_read_timeout(Some(PATIENCE)).context("timeout")?;
    Ok(stream)
}
