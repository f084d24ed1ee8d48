//! One connection to one broker: requests go out in order, answers come back in order, several may
//! be under way.
//!
//! Kept true: the answer to a request is the one with its correlation id, or the connection is
//! broken; a broken connection fails every request that waits on it, each with the reason; a frame
//! takes memory as its bytes arrive, never as its length says.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use engine_base::limits::{CHUNK_BYTES_MAX, FRAME_BYTES_MAX};
use engine_rt::sync::{Notify, OneReceiver, OneSender, oneshot};
use engine_rt::{Class, Core, Slice, Stream};
use net_wire::api::Described;
use net_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use net_wire::{Message, Reader, Request, WireError, frame};

use crate::address::Address;
use crate::code::Code;
use crate::error::{ClientError, ErrorKind};
use crate::options::ClientOptions;

/// A connection; clones share it. It stays open until `close`.
#[derive(Clone)]
pub struct Connection(Rc<Line>);

struct Line {
    core: Core,
    address: Address,
    client_id: String,
    request_timeout: Duration,
    stream: Stream,
    versions: RefCell<BTreeMap<i16, (i16, i16)>>,
    next_correlation: Cell<i32>,
    waiting: RefCell<VecDeque<Waiting>>,
    outgoing: RefCell<Vec<Slice>>,
    written: Notify,
    broken: RefCell<Option<ClientError>>,
}

/// A frame that is still to come.
type Frame = OneReceiver<Result<Vec<u8>, ClientError>>;

struct Waiting {
    correlation: i32,
    answer: OneSender<Result<Vec<u8>, ClientError>>,
}

/// An answer, with the frame that record bytes lie in.
#[derive(Debug)]
pub struct Answer<R> {
    /// The decoded response.
    pub response: R,
    /// What was asked: the version that both sides speak.
    pub version: i16,
    /// The response's bytes, which its record ranges point into.
    pub frame: Vec<u8>,
}

/// An answer that is under way.
pub struct Pending<R: Request> {
    line: Rc<Line>,
    version: i16,
    receiver: Frame,
    timeout: Duration,
    request: std::marker::PhantomData<R>,
}

impl Connection {
    /// Connects and asks for the versions that the broker speaks.
    pub async fn open(
        core: &Core,
        address: &Address,
        options: &ClientOptions,
    ) -> Result<Connection, ClientError> {
        let stream = connect(core, address, options.connect_timeout).await?;
        let line = Rc::new(Line {
            core: core.clone(),
            address: address.clone(),
            client_id: options.client_id.clone(),
            request_timeout: options.request_timeout,
            stream,
            versions: RefCell::default(),
            next_correlation: Cell::new(0),
            waiting: RefCell::default(),
            outgoing: RefCell::default(),
            written: Notify::new(),
            broken: RefCell::default(),
        });
        let (reader, writer) = (line.clone(), line.clone());
        core.spawn(Class::Net, "client reader", async move { reader.read_answers().await });
        core.spawn(Class::Net, "client writer", async move { writer.write_requests().await });
        let connection = Connection(line);
        match connection.negotiate().await {
            Ok(()) => Ok(connection),
            Err(error) => {
                connection.close();
                Err(error)
            }
        }
    }

    /// Where it leads.
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    /// Whether requests can still be sent.
    pub fn is_open(&self) -> bool {
        self.0.broken.borrow().is_none()
    }

    /// Ends it; requests that wait are told so.
    pub fn close(&self) {
        self.0.fail(ClientError::new(
            ErrorKind::Unreachable,
            format!("{}: the connection was closed on our side", self.0.address),
        ));
    }

    /// The highest version of an API that both sides speak, at most `ceiling`.
    pub fn version_of(&self, api: &Described, ceiling: i16) -> Result<i16, ClientError> {
        let ours = api.versions;
        let versions = self.0.versions.borrow();
        let Some((min, max)) = versions.get(&api.key).copied() else {
            let what = format!("{}: this broker does not serve {}", self.0.address, api.name);
            return Err(ClientError::new(ErrorKind::NotServed, what));
        };
        let version = ours.max.min(max).min(ceiling);
        if version < ours.min.max(min) {
            let what = format!(
                "{}: of {} the broker serves versions {min} to {max}, we speak {} to {}",
                self.0.address,
                api.name,
                ours.min,
                ours.max.min(ceiling)
            );
            return Err(ClientError::new(ErrorKind::NotServed, what));
        }
        Ok(version)
    }

    /// Sends a request in the highest common version and waits for its answer.
    pub async fn call<R: Request>(&self, request: &R) -> Result<Answer<R::Response>, ClientError> {
        self.begin(request, i16::MAX, &[])?.answer().await
    }

    /// Hands a request over to be sent, in at most version `ceiling`, its record gaps filled with
    /// `records` in order. Requests go out in the order of these calls.
    pub fn begin<R: Request>(
        &self,
        request: &R,
        ceiling: i16,
        records: &[&[u8]],
    ) -> Result<Pending<R>, ClientError> {
        let version = self.version_of(R::API, ceiling)?;
        let receiver = self.0.hand_over(request, version, records, true)?;
        Ok(self.pending(version, receiver.expect("because an answer was asked for")))
    }

    /// As `begin`, for the one request that is never answered: Produce with `acks=0`.
    pub fn begin_unanswered<R: Request>(
        &self,
        request: &R,
        ceiling: i16,
        records: &[&[u8]],
    ) -> Result<(), ClientError> {
        let version = self.version_of(R::API, ceiling)?;
        self.0.hand_over(request, version, records, false).map(drop)
    }

    /// Waits until everything handed over has been written to the socket, or cannot be.
    pub async fn drained(&self) {
        loop {
            let changed = self.0.written.notified();
            if self.0.outgoing.borrow().is_empty() || !self.is_open() {
                return;
            }
            changed.await;
        }
    }

    fn pending<R: Request>(&self, version: i16, receiver: Frame) -> Pending<R> {
        Pending {
            line: self.0.clone(),
            version,
            receiver,
            timeout: self.0.request_timeout,
            request: std::marker::PhantomData,
        }
    }

    /// Asks in the newest version we have; a broker that does not know it answers in version 0 with
    /// what it has (KIP-511).
    async fn negotiate(&self) -> Result<(), ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: "bobbin".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
        };
        let api = <ApiVersionsRequest as Message>::API;
        let mut version = api.versions.max;
        loop {
            let receiver = self.0.hand_over(&request, version, &[], true)?;
            let receiver = receiver.expect("because an answer was asked for");
            let frame = self.pending::<ApiVersionsRequest>(version, receiver).frame().await?;
            let response = decode_versions(&frame, version)
                .map_err(|error| self.0.malformed(api, &error.to_string()))?;
            match Code(response.error_code) {
                Code::NONE => {
                    let served = response.api_keys.iter();
                    *self.0.versions.borrow_mut() =
                        served.map(|k| (k.api_key, (k.min_version, k.max_version))).collect();
                    return Ok(());
                }
                Code::UNSUPPORTED_VERSION if version > 0 => {
                    let listed = response.api_keys.iter().find(|k| k.api_key == api.key);
                    version = listed.map_or(0, |k| k.max_version).clamp(0, version - 1);
                }
                code => {
                    let subject = format!("{}: ApiVersions", self.0.address);
                    return Err(ClientError::refused(code, subject, None));
                }
            }
        }
    }
}

/// The answer to ApiVersions comes in version 0 if the broker does not know ours.
fn decode_versions(frame: &[u8], version: i16) -> Result<ApiVersionsResponse, WireError> {
    match decode::<ApiVersionsResponse>(frame, version) {
        Ok(response) if response.error_code != Code::UNSUPPORTED_VERSION.0 => Ok(response),
        _ => decode::<ApiVersionsResponse>(frame, 0),
    }
}

/// A frame's length and correlation id, in bytes.
const FRAME_HEAD_BYTES: usize = 8;

/// Decodes a response; ranges in it count from the frame's first byte.
fn decode<M: Message>(frame: &[u8], version: i16) -> Result<M, WireError> {
    let slices = [frame];
    let mut reader = Reader::new(&slices);
    reader.skip(FRAME_HEAD_BYTES)?;
    if M::API.response_header(version) >= 1 {
        reader.skip_tags()?;
    }
    M::decode(&mut reader, version)
}

impl<R: Request> Pending<R> {
    /// Waits for the answer, as long as a request may take.
    pub async fn answer(self) -> Result<Answer<R::Response>, ClientError> {
        let (line, version) = (self.line.clone(), self.version);
        let frame = self.frame().await?;
        match decode::<R::Response>(&frame, version) {
            Ok(response) => Ok(Answer { response, version, frame }),
            Err(error) => {
                let error = line.malformed(R::API, &error.to_string());
                line.fail(error.clone());
                Err(error)
            }
        }
    }

    /// Gives the answer more time than the connection's requests usually get.
    #[must_use]
    pub fn more_time(mut self, more: Duration) -> Pending<R> {
        self.timeout += more;
        self
    }

    async fn frame(self) -> Result<Vec<u8>, ClientError> {
        match self.line.core.timeout(self.timeout, self.receiver).await {
            Ok(Ok(frame)) => frame,
            Ok(Err(_)) => Err(self.line.reason()),
            Err(_) => {
                let seconds = self.timeout.as_secs_f32();
                let what = format!(
                    "{}: {} was not answered within {seconds} s",
                    self.line.address,
                    R::API.name
                );
                let error = ClientError::new(ErrorKind::TimedOut, what)
                    .next("look at the broker's log, or give it more with -X request.timeout.ms=N");
                // Answers come in order: what is late holds up everything behind it.
                self.line.fail(error.clone());
                Err(error)
            }
        }
    }
}

async fn connect(core: &Core, address: &Address, timeout: Duration) -> Result<Stream, ClientError> {
    let mut last = String::new();
    for socket in address.resolve(core).await? {
        match core.timeout(timeout, core.connect(socket)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error_in_words(&error),
            Err(_) => last = format!("no answer within {} s", timeout.as_secs_f32()),
        }
    }
    Err(ClientError::new(ErrorKind::Unreachable, format!("could not reach {address}: {last}")))
}

/// The kernel's word without Rust's number behind it.
fn error_in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".into(),
        std::io::ErrorKind::ConnectionReset => "the connection was reset".into(),
        std::io::ErrorKind::BrokenPipe => "the connection is gone".into(),
        _ => error.to_string(),
    }
}

impl Line {
    fn hand_over<R: Request>(
        &self,
        request: &R,
        version: i16,
        records: &[&[u8]],
        answered: bool,
    ) -> Result<Option<Frame>, ClientError> {
        if let Some(error) = self.broken.borrow().as_ref() {
            return Err(error.clone());
        }
        let correlation = self.next_correlation.get();
        self.next_correlation.set(correlation.wrapping_add(1) & i32::MAX);
        let framed = frame::request(request, version, correlation, Some(&self.client_id));
        let encoded = framed.map_err(|error| {
            ClientError::usage(format!("{}: {} cannot be sent: {error}", self.address, R::API.name))
        })?;
        self.outgoing.borrow_mut().push(Slice::of_vec(encoded.join(records)));
        self.written.notify_all();
        if !answered {
            return Ok(None);
        }
        let (answer, receiver) = oneshot();
        self.waiting.borrow_mut().push_back(Waiting { correlation, answer });
        Ok(Some(receiver))
    }

    fn malformed(&self, api: &Described, why: &str) -> ClientError {
        let what = format!("{}: the answer to {} makes no sense: {why}", self.address, api.name);
        ClientError::new(ErrorKind::Malformed, what)
            .next("check that this is a Kafka port, without TLS")
    }

    fn reason(&self) -> ClientError {
        let broken = self.broken.borrow();
        broken.clone().unwrap_or_else(|| {
            ClientError::new(ErrorKind::Unreachable, format!("{}: disconnected", self.address))
        })
    }

    /// Breaks the connection, once: everybody who waits is told why.
    fn fail(&self, error: ClientError) {
        if self.broken.borrow().is_some() {
            return;
        }
        *self.broken.borrow_mut() = Some(error.clone());
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        for one in waiting {
            // Whoever gave up waiting needs no answer.
            let _ = one.answer.send(Err(error.clone()));
        }
        self.outgoing.borrow_mut().clear();
        self.written.notify_all();
        self.stream.shutdown();
    }

    async fn write_requests(self: Rc<Line>) {
        loop {
            let changed = self.written.notified();
            if self.broken.borrow().is_some() {
                return;
            }
            // What is being sent stays in the list, so that `drained` waits for it.
            let slices = self.outgoing.borrow().clone();
            if slices.is_empty() {
                changed.await;
                continue;
            }
            let count = slices.len();
            let (sent, _) = self.stream.send(slices).await;
            match sent {
                Ok(()) => {
                    let mut outgoing = self.outgoing.borrow_mut();
                    let sent = count.min(outgoing.len());
                    drop(outgoing.drain(..sent));
                }
                Err(error) => {
                    self.fail(self.lost(&error_in_words(&error)));
                    return;
                }
            }
            self.written.notify_all();
        }
    }

    fn lost(&self, why: &str) -> ClientError {
        let what = format!("{}: the connection was lost: {why}", self.address);
        ClientError::new(ErrorKind::Unreachable, what)
    }

    async fn read_answers(self: Rc<Line>) {
        let mut frame: Vec<u8> = Vec::new();
        let mut buf = self.core.buf(CHUNK_BYTES_MAX);
        while self.broken.borrow().is_none() {
            let (received, mut back) = self.stream.recv(buf).await;
            match received {
                Ok(0) => {
                    self.fail(self.lost("the broker closed it"));
                    return;
                }
                Ok(_) => {
                    if let Err(error) = self.take(&mut frame, back.filled()) {
                        self.fail(error);
                        return;
                    }
                    back.clear();
                    buf = back;
                }
                Err(error) => {
                    self.fail(self.lost(&error_in_words(&error)));
                    return;
                }
            }
        }
    }

    /// Cuts frames out of what arrived and hands each to whoever waits for it.
    fn take(&self, frame: &mut Vec<u8>, mut bytes: &[u8]) -> Result<(), ClientError> {
        while !bytes.is_empty() {
            let missing = match frame.get(..4) {
                None => 4 - frame.len(),
                Some(length) => {
                    let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
                    match usize::try_from(length) {
                        Ok(length) if (4..=FRAME_BYTES_MAX).contains(&length) => {
                            4 + length - frame.len()
                        }
                        _ => return Err(self.no_frame(length)),
                    }
                }
            };
            let (now, later) = bytes.split_at(missing.min(bytes.len()));
            frame.extend_from_slice(now);
            bytes = later;
            // Four bytes are only the length; a frame has at least four more.
            if now.len() == missing && frame.len() > 4 {
                self.deliver(std::mem::take(frame))?;
            }
        }
        Ok(())
    }

    fn no_frame(&self, length: i32) -> ClientError {
        let what = format!("{}: a frame of {length} bytes makes no sense", self.address);
        ClientError::new(ErrorKind::Malformed, what)
            .next("check that this is a Kafka port, without TLS")
    }

    fn deliver(&self, frame: Vec<u8>) -> Result<(), ClientError> {
        let correlation = i32::from_be_bytes([frame[4], frame[5], frame[6], frame[7]]);
        let front = self.waiting.borrow_mut().pop_front();
        match front {
            Some(waiting) if waiting.correlation == correlation => {
                // Whoever gave up waiting needs no answer.
                let _ = waiting.answer.send(Ok(frame));
                Ok(())
            }
            _ => {
                let what = format!(
                    "{}: an answer came that nobody waits for (correlation id {correlation})",
                    self.address
                );
                Err(ClientError::new(ErrorKind::Malformed, what))
            }
        }
    }
}
