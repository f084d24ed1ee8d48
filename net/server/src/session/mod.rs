//! One connection, one task: reads requests, lets them begin in order, answers them in order.
//!
//! Kept true: every frame that is ready is taken per wake; all answers that are ready leave in one
//! send; while too much is on its way nothing more is read, which is all the backpressure there is.
//! The two halves are polled together by one task, so neither needs to wake the other.

pub(crate) mod answered;
pub(crate) mod flight;
pub(crate) mod frame;
pub(crate) mod inbound;
pub(crate) mod outbox;
pub(crate) mod pulse;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use engine_base::Mono;
use engine_base::limits::CHUNK_BYTES_MAX;
use engine_rt::{Buf, Slice, Stream};

use crate::budget::Grant;
use crate::handle::{self, Client, produce};
use crate::notice::{Answered, Closed};
use crate::serve::Server;
use answered::Record;
use flight::{Flight, Flights, Work};
use frame::Frame;
use inbound::{Inbound, Next};
use outbox::Outbox;
use pulse::{End, Pulse};

/// The bytes of one send, unless one piece is larger.
const SEND_BYTES_MAX: usize = 1024 * 1024;

/// One connection.
pub(crate) struct Session {
    server: Rc<Server>,
    stream: Stream,
    client: Rc<Client>,
    pulse: Rc<Pulse>,
    flights: Flights,
    /// What was answered, where somebody wants to know.
    record: Option<Record>,
    /// Answers are encoded and not sent.
    unsent: Cell<bool>,
    /// A request was answered since the reading half was polled last.
    progress: Cell<bool>,
    /// No request begins before: the client is over a quota.
    muted_until: Cell<Option<Mono>>,
}

impl Session {
    pub(crate) fn new(
        server: Rc<Server>,
        stream: Stream,
        peer: SocketAddr,
        pulse: Rc<Pulse>,
    ) -> Session {
        let options = &server.options;
        let flights = Flights::new(options.in_flight_requests_max, options.in_flight_bytes_max);
        let client = Rc::new(Client::new(peer));
        let (unsent, progress) = (Cell::new(false), Cell::new(false));
        let muted_until = Cell::new(None);
        let record = options.tells_answered.then(Record::default);
        Session { server, stream, client, pulse, flights, record, unsent, progress, muted_until }
    }

    /// What is told of this connection at its end.
    pub(crate) fn answered(&self) -> Option<Answered> {
        self.record.as_ref()?.told(&self.client)
    }

    /// Runs until the connection is over; says why if it was our decision.
    pub(crate) async fn run(&self) -> Option<Closed> {
        let mut reading = pin!(Some(self.read()));
        let mut answering = pin!(self.answer());
        let mut last_word = None;
        let why = poll_fn(|context| {
            match self.pulse.told(context.waker()) {
                Some(End::Now(why)) => return Poll::Ready(why),
                Some(End::Drained) => reading.set(None),
                None => (),
            }
            loop {
                if let Some(half) = reading.as_mut().as_pin_mut()
                    && let Poll::Ready(end) = half.poll(context)
                {
                    match end {
                        Some(_) => last_word = end,
                        None => return Poll::Ready(None),
                    }
                    reading.set(None);
                }
                self.progress.set(false);
                if let Poll::Ready(why) = answering.as_mut().poll(context) {
                    return Poll::Ready(why);
                }
                let is_over = self.flights.is_empty() && !self.unsent.get();
                if reading.is_none() && is_over {
                    return Poll::Ready(last_word.take());
                }
                if !self.progress.get() {
                    return Poll::Pending;
                }
            }
        });
        let why = why.await;
        self.stream.shutdown();
        why
    }

    /// The reading half: ends when the client has closed (`None`) or must be closed.
    async fn read(&self) -> Option<Closed> {
        let core = &self.server.core;
        let mut inbound = Inbound::new(core.clone(), self.server.options.frame_bytes_max);
        let mut grant = None;
        loop {
            loop {
                match inbound.next_frame() {
                    Ok(Some(frame)) => {
                        self.pulse.frame_done();
                        if let Err(why) = self.take(frame, grant.take()).await {
                            return Some(why);
                        }
                    }
                    Ok(None) => break,
                    Err(why) => return Some(why),
                }
            }
            if let Some(len) = inbound.frame_len()
                && len > CHUNK_BYTES_MAX
                && grant.is_none()
            {
                self.pulse.frame_done();
                grant = Some(self.server.large_frames.take(len).await);
            }
            if inbound.is_begun() {
                self.pulse.frame_begun(core.now());
            }
            let (buf, bytes) = self.receive(inbound.next()).await?;
            self.pulse.beat(core.now());
            self.server.counts.received(bytes);
            inbound.received(buf, bytes);
        }
    }

    /// The next bytes with how many they are; `None` when the client has closed.
    async fn receive(&self, next: Next) -> Option<(Buf, usize)> {
        match next {
            Next::Into(buf) => {
                let (received, buf) = self.stream.recv(buf).await;
                received.ok().filter(|bytes| *bytes > 0).map(|bytes| (buf, bytes))
            }
            Next::Lent(want) => {
                let buf = self.stream.recv_lent(want).await.ok().flatten()?;
                let bytes = buf.len();
                Some((buf, bytes))
            }
        }
    }

    /// Lets one request begin, once those before it allow it.
    async fn take(&self, frame: Frame, mut grant: Option<Grant>) -> Result<(), Closed> {
        self.server.counts.request();
        let frame_bytes = frame.len();
        let asked = self.record.as_ref().and_then(|record| record.asked(&frame));
        let work = if handle::is_produce(&frame) {
            self.until(|| self.flights.admits_produce(frame_bytes)).await;
            self.server.node.room(frame_bytes).await;
            self.until_heard().await;
            Work::Produce(produce::begin(&self.server, &frame)?)
        } else if frame_bytes > self.server.options.plain_frame_bytes_max {
            return Err(Closed::TooLong(i32::try_from(frame_bytes).unwrap_or(i32::MAX)));
        } else {
            let answering = handle::understand(&self.server, &self.client, &frame, grant.take())?;
            self.until(|| self.flights.admits_other()).await;
            self.until_heard().await;
            self.client.stopwatch.reset();
            Work::Other(answering)
        };
        self.flights.begin(Flight { work, frame_bytes, asked, _grant: grant });
        Ok(())
    }

    /// Waits while the client is muted.
    async fn until_heard(&self) {
        while let Some(until) = self.muted_until.get() {
            if self.server.core.now() >= until {
                self.muted_until.set(None);
                return;
            }
            self.server.core.sleep_until(until).await;
        }
    }

    /// The client is not heard for some time.
    fn mute(&self, throttle: Duration) {
        if throttle > Duration::ZERO {
            let until = self.server.core.now() + throttle;
            self.muted_until.set(self.muted_until.get().max(Some(until)));
        }
    }

    /// Waits for the answering half to make a condition true.
    async fn until(&self, condition: impl Fn() -> bool) {
        poll_fn(|_| if condition() { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// The answering half: ends when the client is gone (`None`) or must be closed.
    async fn answer(&self) -> Option<Closed> {
        let mut outbox = Outbox::new(self.server.core.clone());
        let mut current = None;
        loop {
            let end = poll_fn(|context| self.collect(context, &mut current, &mut outbox)).await;
            if !outbox.is_empty() {
                let (is_sent, pieces) = self.send(outbox.take()).await;
                outbox.sent(pieces);
                if !is_sent {
                    return None;
                }
            }
            self.unsent.set(false);
            self.progress.set(true);
            if end.is_some() {
                return end;
            }
        }
    }

    /// Sends all pieces, many bytes in several sends, so that a client that takes them slowly is
    /// told from one that takes none.
    async fn send(&self, mut pieces: Vec<Slice>) -> (bool, Vec<Slice>) {
        let mut later = Vec::new();
        while !pieces.is_empty() {
            let mut bytes = 0;
            let is_over = |piece: &Slice| {
                bytes += piece.len();
                bytes > SEND_BYTES_MAX
            };
            if let Some(over) = pieces.iter().position(is_over) {
                later = pieces.split_off(over.max(1));
            }
            let bytes = pieces.iter().map(|piece| piece.len()).sum();
            self.pulse.send_begun(self.server.core.now());
            let (sent, old) = self.stream.send(pieces).await;
            self.pulse.send_done(self.server.core.now());
            if sent.is_err() {
                return (false, old);
            }
            self.server.counts.sent(bytes);
            if later.is_empty() {
                return (true, old);
            }
            pieces = std::mem::take(&mut later);
        }
        (true, pieces)
    }

    /// Puts every answer that is ready into the outbox, in order. Ready when there is something to
    /// send, with the reason when the connection must end after it.
    fn collect(
        &self,
        context: &mut Context<'_>,
        current: &mut Option<Flight>,
        outbox: &mut Outbox,
    ) -> Poll<Option<Closed>> {
        loop {
            if current.is_none() {
                *current = self.flights.next();
            }
            let polled = match current.as_mut().map(|flight| &mut flight.work) {
                Some(Work::Produce(producing)) => producing.poll(context, &self.server, outbox),
                Some(Work::Other(answering)) => {
                    let is_timed = self.server.options.quotas.times();
                    if is_timed {
                        self.client.stopwatch.begin(&self.server.core);
                    }
                    let polled = answering.as_mut().poll(context);
                    if is_timed {
                        self.client.stopwatch.end(&self.server.core);
                    }
                    polled.map(|outcome| outcome.put(outbox))
                }
                None => Poll::Pending,
            };
            self.pulse.waits_until(match (&polled, current.as_ref().map(|flight| &flight.work)) {
                (Poll::Pending, Some(Work::Produce(producing))) => producing.late_at(),
                _ => None,
            });
            let put = match polled {
                Poll::Ready(put) => put,
                Poll::Pending if outbox.is_empty() => return Poll::Pending,
                Poll::Pending => return Poll::Ready(None),
            };
            self.progress.set(true);
            self.unsent.set(!outbox.is_empty());
            let flight = current.take().expect("because it was just polled");
            if let (Ok(_), Some(asked), Some(record)) = (&put, flight.asked, &self.record) {
                record.answered(asked);
            }
            self.flights.done(flight);
            match put {
                Err(why) => return Poll::Ready(Some(why)),
                Ok(throttle) => self.mute(throttle),
            }
            if outbox.is_full() {
                return Poll::Ready(None);
            }
        }
    }
}
