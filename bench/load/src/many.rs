//! Many partitions at rest: how long they take to come into being, what it costs to name them all,
//! and what a fetch costs over a session of all of them when a few have something to read.
//!
//! Kept true: the broker's CPU time is that of its whole process as the kernel counts it, socket
//! and all; a hot partition is read again from its start by every fetch, so each fetch finds the
//! same. Metadata is version 5 and Fetch version 11, the last layouts without tagged fields.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::cpu;
use crate::options::Options;
use crate::request::{self, Frame};
use crate::setup;

const METADATA: (i16, i16) = (3, 5);
const FETCH: (i16, i16) = (1, 11);
/// Partitions with something to read.
const HOT: usize = 10;
const METADATA_ROUNDS: usize = 21;
const FETCHES: u32 = 5_000;
/// How long the broker may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer: all partitions and what the hot ones hold.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Measures; the topics must not be there yet.
pub(crate) fn measure(options: &Options) -> Result<Value> {
    let mut stream = TcpStream::connect(options.address)
        .with_context(|| format!("connecting {}", options.address))?;
    stream.set_nodelay(true).context("TCP_NODELAY")?;
    stream.set_read_timeout(Some(PATIENCE)).context("timeout")?;
    let started = Instant::now();
    let plan = setup::plan(&Options { create: true, prime: false, ..options.clone() })?;
    let create_seconds = started.elapsed().as_secs_f64();
    let pid = options.pid.context("--pid tells whose CPU time counts")?;

    let metadata_ms = metadata(&mut stream, plan.targets())?;
    let topics: Vec<String> = setup::names(options);
    ensure!(topics.len() >= HOT, "at least {HOT} topics: the first partition of each is hot");
    for number in 0..HOT as u64 {
        let mut request = Vec::new();
        plan.write(number, &mut request, 0);
        let (_, error) = request::produce_answer(&exchange(&mut stream, &request)?)
            .context("not a Produce answer")?;
        ensure!(error == 0, "producing: error {error}");
    }
    let all: Vec<(&str, Vec<(i32, i64)>)> = topics
        .iter()
        .map(|name| (&**name, (0..options.partitions as i32).map(|at| (at, 0)).collect()))
        .collect();
    let (session, full_bytes) = fetch(&mut stream, 0, 0, &all)?;
    ensure!(session > 0, "no session");
    let hot = |offset| topics.iter().take(HOT).map(move |name| (&**name, vec![(0, offset)]));
    let hot_again: Vec<_> = hot(0).collect();
    let (mut epoch, mut hot_bytes) = (0, 0);
    let mut cost = |stream: &mut TcpStream, asked: &[(&str, Vec<(i32, i64)>)]| {
        let (cpu_before, before) = (cpu::of_process(pid)?, Instant::now());
        for _ in 0..FETCHES {
            epoch += 1;
            hot_bytes = fetch(stream, session, epoch, asked)?.1;
        }
        let cpu_us = (cpu::of_process(pid)? - cpu_before) * 1e6 / f64::from(FETCHES);
        let took_us = before.elapsed().as_secs_f64() * 1e6 / f64::from(FETCHES);
        anyhow::Ok((cpu_us, took_us, hot_bytes))
    };
    let (hot_cpu_us, hot_us, hot_bytes) = cost(&mut stream, &hot_again)?;
    ensure!(hot_bytes > HOT * options.record_bytes, "only {hot_bytes} bytes of the hot ones");
    // Read to their ends they rest too.
    cost(&mut stream, &hot(options.records as i64).collect::<Vec<_>>())?;
    let (idle_cpu_us, idle_us, idle_bytes) = cost(&mut stream, &[])?;
    ensure!(idle_bytes < 100, "{idle_bytes} bytes although nothing is new");
    let (bare_cpu_us, bare_us) = bare(&mut stream, pid)?;
    Ok(json!({
        "partitions": plan.targets(),
        "bare_request_cpu_us": bare_cpu_us,
        "bare_request_us": bare_us,
        "create_seconds": create_seconds,
        "metadata_ms": metadata_ms,
        "full_fetch_bytes": full_bytes,
        "hot_partitions": HOT,
        "hot_fetch_cpu_us": hot_cpu_us,
        "hot_fetch_us": hot_us,
        "idle_fetch_cpu_us": idle_cpu_us,
        "idle_fetch_us": idle_us,
    }))
}

/// The median time to name every partition, in milliseconds.
fn metadata(stream: &mut TcpStream, partitions: u64) -> Result<f64> {
    let mut frame = Frame::of(METADATA);
    // Null: all topics; none is created.
    let request = frame.int32(-1).bytes(&[0]).sealed();
    let mut times = Vec::new();
    for _ in 0..METADATA_ROUNDS {
        let started = Instant::now();
        let answer = exchange(stream, &request)?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        // Error, number, leader, three arrays of one, one and none.
        let least = partitions as usize * 30;
        ensure!(answer.len() >= least, "{} bytes for {partitions} partitions", answer.len());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[METADATA_ROUNDS / 2])
}

/// What a request costs that asks for nothing: the socket's share of every other.
fn bare(stream: &mut TcpStream, pid: u32) -> Result<(f64, f64)> {
    let request = Frame::of(METADATA).int32(0).bytes(&[0]).sealed();
    let (cpu_before, before) = (cpu::of_process(pid)?, Instant::now());
    for _ in 0..FETCHES {
        exchange(stream, &request)?;
    }
    let cpu_us = (cpu::of_process(pid)? - cpu_before) * 1e6 / f64::from(FETCHES);
    Ok((cpu_us, before.elapsed().as_secs_f64() * 1e6 / f64::from(FETCHES)))
}

/// One fetch that does not wait; gives the session's id and the answer's length.
fn fetch(
    stream: &mut TcpStream,
    session: i32,
    epoch: i32,
    topics: &[(&str, Vec<(i32, i64)>)],
) -> Result<(i32, usize)> {
    let mut frame = Frame::of(FETCH);
    frame.int32(-1).int32(0).int32(1).int32(50 << 20).bytes(&[0]);
    frame.int32(session).int32(epoch).int32(topics.len() as i32);
    for (name, partitions) in topics {
        frame.string(name).int32(partitions.len() as i32);
        for (partition, offset) in partitions {
            frame.int32(*partition).int32(-1).int64(*offset).int64(-1).int32(1 << 20);
        }
    }
    // Nothing is forgotten, and the reader stands in no rack.
    let request = frame.int32(0).string("").sealed();
    let answer = exchange(stream, &request)?;
    let number = |at: usize| answer.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    let error = answer.get(8..10).context("an answer without an error")?;
    ensure!(error == [0, 0], "a fetch of epoch {epoch}: error {error:?}");
    let id = number(10).map(i32::from_be_bytes).context("an answer without a session")?;
    Ok((id, answer.len()))
}

fn exchange(stream: &mut TcpStream, request: &[u8]) -> Result<Vec<u8>> {
    stream.write_all(request).context("sending")?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).context("receiving")?;
    let bytes = u32::from_be_bytes(head) as usize;
    ensure!(bytes <= ANSWER_BYTES_MAX, "an answer of {bytes} bytes");
    let mut answer = vec![0; bytes];
    stream.read_exact(&mut answer).context("receiving")?;
    Ok(answer)
}
