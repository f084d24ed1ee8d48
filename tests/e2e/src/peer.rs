//! A client made of bytes: sends whatever it is told, well formed or not, and sees what comes back.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use net_wire::{Message, Reader, Request, frame};

/// How long an answer may take, where nobody says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// One raw connection.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    correlation: i32,
    patience: Duration,
}

/// What came of something that was sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The broker closed the connection; this many bytes came before.
    Closed(usize),
    /// Nothing came in the time given.
    Silence,
    /// Bytes came.
    Bytes,
}

impl Peer {
    /// Connects to `HOST:PORT`.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn connect(bootstrap: &str) -> Result<Peer> {
        let stream = TcpStream::connect(bootstrap).context("connecting")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Peer { stream, correlation: 0, patience: PATIENCE })
    }

    /// How long an answer may take from now on.
    ///
    /// # Errors
    /// When the time cannot be set.
    pub fn set_patience(&mut self, patience: Duration) -> Result<()> {
        self.patience = patience;
        self.stream.set_read_timeout(Some(patience)).context("setting a time-out")
    }

    /// Sends bytes as they are. A broker that has closed already is not an error here.
    ///
    /// # Errors
    /// When the connection fails otherwise.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match self.stream.write_all(bytes) {
            Err(error) if is_closed(error.kind()) => Ok(()),
            other => other.context("sending"),
        }
    }

    /// The frame of a request, its length first.
    ///
    /// # Errors
    /// When the request cannot be encoded.
    pub fn frame<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        records: &[&[u8]],
    ) -> Result<Vec<u8>> {
        self.correlation += 1;
        let encoded = frame::request(request, version, self.correlation, Some("bad-input"))?;
        Ok(encoded.join(records))
    }

    /// Sends a request and reads its response.
    ///
    /// # Errors
    /// When the connection is closed or what comes is not the response.
    pub fn ask<R: Request>(&mut self, request: &R, version: i16) -> Result<R::Response> {
        self.ask_with(request, version, &[])
    }

    /// Sends a request with record bytes and reads its response.
    ///
    /// # Errors
    /// When the connection is closed or what comes is not the response.
    pub fn ask_with<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        records: &[&[u8]],
    ) -> Result<R::Response> {
        let bytes = self.frame(request, version, records)?;
        self.send(&bytes)?;
        self.response::<R>(version).with_context(|| format!("{} {version}", R::API.name))
    }

    /// Reads the response to the request sent last.
    ///
    /// # Errors
    /// When the connection is closed or what comes is not the response.
    pub fn response<R: Request>(&mut self, version: i16) -> Result<R::Response> {
        let bytes = self.receive()?;
        let slices = [&*bytes];
        let mut reader = Reader::new(&slices);
        let correlation = frame::response_header(&mut reader, R::API, version)?;
        ensure!(correlation == self.correlation, "the answer to another request");
        let response = <R::Response as Message>::decode(&mut reader, version)?;
        ensure!(reader.remaining() == 0, "{} bytes after the response", reader.remaining());
        Ok(response)
    }

    /// Reads one frame, its length taken off.
    ///
    /// # Errors
    /// When the connection is closed before.
    pub fn receive(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).context("waiting for an answer")?;
        let length = usize::try_from(i32::from_be_bytes(length)).context("its length")?;
        ensure!(length < 1 << 30, "an answer of {length} bytes");
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).context("the rest of an answer")?;
        Ok(bytes)
    }

    /// What the broker does within a time.
    ///
    /// # Errors
    /// When the connection fails in a way that is neither.
    pub fn reaction(&mut self, within: Duration) -> Result<Reaction> {
        let start = Instant::now();
        let mut bytes = [0; 4096];
        loop {
            let left = within.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(Reaction::Silence);
            }
            self.stream.set_read_timeout(Some(left))?;
            let read = self.stream.read(&mut bytes);
            self.stream.set_read_timeout(Some(self.patience))?;
            match read {
                Ok(0) => return Ok(Reaction::Closed(0)),
                Ok(_) => return Ok(Reaction::Bytes),
                Err(error) if is_closed(error.kind()) => return Ok(Reaction::Closed(0)),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => bail!("{error}"),
            }
        }
    }

    /// Whether something comes within a time; it is left to be read.
    ///
    /// # Errors
    /// When the time cannot be set.
    pub fn answers_within(&mut self, within: Duration) -> Result<bool> {
        self.stream.set_read_timeout(Some(within))?;
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_read_timeout(Some(self.patience))?;
        Ok(peeked.is_ok_and(|bytes| bytes > 0))
    }
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted
    )
}
