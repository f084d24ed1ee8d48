//! One connection: requests go out in order, answers come back in order, and each answer is matched
//! with the time at which its request was meant to be sent.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::request::produce_answer;

/// Free room asked of the receive buffer before each read, in bytes.
const RECEIVE_BYTES: usize = 64 * 1024;
/// The longest answer that makes sense, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// An answer: when its request was meant to be sent, and the broker's error code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) intended: Instant,
    pub(crate) error: i16,
}

/// A non-blocking connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    /// Requests not yet taken by the kernel, from `sent` on.
    out: Vec<u8>,
    sent: usize,
    received: Vec<u8>,
    filled: usize,
    waiting: VecDeque<(u32, Instant)>,
    next_correlation: u32,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Connection> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("connecting {address}"))?;
        stream.set_nodelay(true).context("TCP_NODELAY")?;
        stream.set_nonblocking(true).context("O_NONBLOCK")?;
        Ok(Connection {
            stream,
            out: Vec::new(),
            sent: 0,
            received: vec![0; RECEIVE_BYTES],
            filled: 0,
            waiting: VecDeque::new(),
            next_correlation: 0,
        })
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Requests without an answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.waiting.len()
    }

    /// Puts a request, written by `write` with its correlation id, behind those that wait to be
    /// sent.
    pub(crate) fn push(&mut self, intended: Instant, write: impl FnOnce(&mut Vec<u8>, u32)) {
        let correlation = self.next_correlation;
        self.next_correlation = correlation.wrapping_add(1) & 0x7fff_ffff;
        write(&mut self.out, correlation);
        self.waiting.push_back((correlation, intended));
    }

    /// Hands the kernel what it takes; true when something is left over.
    pub(crate) fn flush(&mut self) -> Result<bool> {
        while self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(0) => bail!("the broker closed the connection"),
                Ok(bytes) => self.sent += bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("sending"),
            }
        }
        self.out.clear();
        self.sent = 0;
        Ok(false)
    }

    /// Reads what has come and hands over each whole answer.
    pub(crate) fn receive(&mut self, mut on_answer: impl FnMut(Answer)) -> Result<()> {
        loop {
            if self.received.len() - self.filled < RECEIVE_BYTES / 2 {
                self.received.resize(self.filled + RECEIVE_BYTES, 0);
            }
            let room = self.received.len() - self.filled;
            match self.stream.read(&mut self.received[self.filled..]) {
                Ok(0) => bail!("the broker closed the connection"),
                Ok(bytes) => {
                    self.filled += bytes;
                    self.answers(&mut on_answer)?;
                    if bytes < room {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("receiving"),
            }
        }
    }

    fn answers(&mut self, on_answer: &mut impl FnMut(Answer)) -> Result<()> {
        let mut at = 0;
        while let Some(head) = self.received[at..self.filled].first_chunk::<4>() {
            let bytes = u32::from_be_bytes(*head) as usize;
            ensure!(bytes <= ANSWER_BYTES_MAX, "an answer of {bytes} bytes");
            if self.filled - at < 4 + bytes {
                break;
            }
            let answer = &self.received[at + 4..at + 4 + bytes];
            let (correlation, error) = produce_answer(answer).context("not a Produce answer")?;
            let (wanted, intended) = self.waiting.pop_front().context("an answer too many")?;
            ensure!(correlation == wanted, "answer {correlation} where {wanted} was due");
            on_answer(Answer { intended, error });
            at += 4 + bytes;
        }
        self.received.copy_within(at..self.filled, 0);
        self.filled -= at;
        Ok(())
    }
}
