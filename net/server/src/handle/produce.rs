//! Produce: hands each batch in by reference, waits until they are acknowledged, answers in place.
//!
//! Kept true: batches are handed in in the order of the request, synchronously, so requests that
//! were sent ahead keep their order too; a produce of one partition allocates nothing but its
//! answer; `acks=0` is answered with no byte at all, and an error there closes the connection, as
//! by Kafka. With `acks=all` it is answered once its `timeout.ms` is over (looked at every second).

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use engine_base::{Mono, Refusal};
use net_wire::api;
use net_wire::messages::produce::{
    API, BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
};
use net_wire::produce_view::{ProduceAnswer, ProduceStep, ProduceView, TopicKey};
use net_wire::{FrameRange, RequestHeader, frame};
use replication_shard::{Acks, Image, ProduceAnswer as Acknowledged, ProduceCommand, Produced};
use replication_shard::{QuotaKey, TopicFacts, refuse_name};

use crate::acl::{self, Acl, Operation};
use crate::handle::leaders::Leaders;
use crate::handle::produce_twice::superseded;
use crate::handle::{flush_time, header, malformed, millis, not_served};
use crate::notice::Closed;
use crate::quota::Stopwatch;
use crate::refusal::{Code, code, words};
use crate::serve::Server;
use crate::session::frame::Frame;
use crate::session::outbox::Outbox;

/// What the client must be allowed.
pub(crate) const ACLS: &[Acl] = &[
    acl::topic(Operation::Write),
    acl::transactional_id(Operation::Write),
    acl::cluster(Operation::IdempotentWrite),
];

/// zstd is known from this version on.
const ZSTD_FROM: i16 = 7;

/// Topics go by their ids from this version on.
const BY_ID_FROM: i16 = 13;

/// The current leader is told from this version on.
const LEADER_FROM: i16 = 10;

/// The memory kept for the next answer.
const SCRATCH_BYTES_MAX: usize = 16 * 1024;

/// A Produce that was handed in.
pub(crate) struct Producing {
    version: i16,
    correlation_id: i32,
    is_silent: bool,
    /// When those who wait for every replica are told that it took too long.
    late_at: Option<Mono>,
    topic_count: usize,
    /// The first topic and its first partition lie here: most requests have no other.
    first: [Option<Step>; 2],
    rest: Vec<Step>,
    /// Steps before this one are settled.
    settled: usize,
    /// Who is counted, where quotas are set.
    counted: Option<Box<Counted>>,
}

/// A request that counts towards its client's quotas.
struct Counted {
    client_id: String,
    frame_bytes: usize,
    stopwatch: Stopwatch,
}

/// A topic, and then each of its partitions, as in the request.
enum Step {
    Topic { name: Name, partition_count: usize },
    Partition { index: i32, state: State },
}

/// How a topic was named.
enum Name {
    /// It is there: its facts have the name and the id.
    Known(Rc<TopicFacts>),
    Unknown(TopicKey<'static>),
}

enum State {
    Waiting(Produced),
    Settled(Result<Acknowledged, Refusal>),
}

/// Hands the batches of a request in.
pub(crate) fn begin(server: &Rc<Server>, frame: &Frame) -> Result<Producing, Closed> {
    let counted = if server.options.quotas.is_set() { count(server, frame)? } else { None };
    let mut producing = begin_uncounted(server, frame)?;
    if let Some(counted) = counted.as_ref().filter(|_| server.options.quotas.times()) {
        counted.stopwatch.end(&server.core);
    }
    producing.counted = counted;
    Ok(producing)
}

/// Who sent it; where time is bounded the clock runs from here on.
fn count(server: &Server, frame: &Frame) -> Result<Option<Box<Counted>>, Closed> {
    let stopwatch = Stopwatch::default();
    if server.options.quotas.times() {
        stopwatch.begin(&server.core);
    }
    let header = frame.read(|mut reader| header(&mut reader))?;
    let client_id = header.client_id.unwrap_or_default();
    Ok(Some(Box::new(Counted { client_id, frame_bytes: frame.len(), stopwatch })))
}

fn begin_uncounted(server: &Rc<Server>, frame: &Frame) -> Result<Producing, Closed> {
    frame.read(|mut reader| {
        let body = |why| malformed(API.name, why);
        let header = RequestHeader::decode_nameless(&mut reader).map_err(body)?;
        if !api::find(API.key).is_some_and(|api| api.handles(header.api_version)) {
            return Err(not_served(&header));
        }
        let most = server.options.partitions_per_request_max;
        let view = ProduceView::decode(&mut reader, header.api_version, most).map_err(body)?;
        let mut producing = Producing {
            version: header.api_version,
            correlation_id: header.correlation_id,
            is_silent: view.acks == 0,
            late_at: (view.acks == -1).then(|| server.core.now() + flush_time(view.timeout_ms)),
            topic_count: view.topic_count(),
            first: [None, None],
            rest: Vec::new(),
            settled: 0,
            counted: None,
        };
        hand_in(server, frame, &view, &mut producing);
        Ok(producing)
    })
}

fn hand_in(server: &Server, frame: &Frame, view: &ProduceView<'_>, into: &mut Producing) {
    let image = server.node.image();
    let whole = judge_request(view);
    let mut topic = Ok(None);
    let superseded = superseded(view);
    let mut place = 0;
    for step in view.steps() {
        match step {
            ProduceStep::Topic(asked) => {
                let places = place..place + asked.partition_count;
                let partition_count = asked.partition_count - superseded.range(places).count();
                // A topic of which nothing is written is not answered, as by Kafka.
                if partition_count == 0 {
                    into.topic_count -= 1;
                    continue;
                }
                let found = find(&image, &asked.key);
                let name = match &found {
                    Ok(facts) => Name::Known(facts.clone()),
                    Err(_) => Name::Unknown(asked.key.into_owned()),
                };
                topic = found.and_then(writable).map(Some);
                into.push(Step::Topic { name, partition_count });
            }
            ProduceStep::Partition(asked) => {
                place += 1;
                if superseded.contains(&(place - 1)) {
                    continue;
                }
                let facts = topic.as_ref().map_err(Refusal::clone);
                let produced = facts.and_then(|facts| {
                    let acks = whole.clone()?;
                    let facts = facts.as_ref().expect("because a topic goes before its partitions");
                    let partition = server.node.partition_of(facts, asked.index)?;
                    let batch = frame.range(records(asked.records)?);
                    let zstd_allowed = view.version() >= ZSTD_FROM;
                    let has_transactional_id = view.transactional_id.is_some();
                    let command = ProduceCommand {
                        partition,
                        batch,
                        acks,
                        zstd_allowed,
                        has_transactional_id,
                    };
                    Ok(server.node.produce(command))
                });
                let state = match produced {
                    Ok(produced) => State::Waiting(produced),
                    Err(refusal) => State::Settled(Err(refusal)),
                };
                into.push(Step::Partition { index: asked.index, state });
            }
        }
    }
}

/// What is wrong with all of a request, or its acks.
fn judge_request(view: &ProduceView<'_>) -> Result<Acks, Refusal> {
    match view.acks {
        -1 => Ok(Acks::All),
        0 => Ok(Acks::None),
        1 => Ok(Acks::Leader),
        _ => Err(Refusal::InvalidRequiredAcks),
    }
}

fn find(image: &Image, key: &TopicKey<'_>) -> Result<Rc<TopicFacts>, Refusal> {
    match key {
        TopicKey::Name(name) => image.topic(name).cloned().ok_or_else(|| match refuse_name(name) {
            Some(why) => Refusal::InvalidTopic(why),
            None => Refusal::UnknownTopicOrPartition,
        }),
        TopicKey::Id(id) => image.topic_by_id(*id).cloned().ok_or(Refusal::UnknownTopicId),
    }
}

fn writable(topic: Rc<TopicFacts>) -> Result<Rc<TopicFacts>, Refusal> {
    match topic.is_internal() {
        true => Err(Refusal::InvalidTopic("clients do not write to internal topics".into())),
        false => Ok(topic),
    }
}

fn records(records: Option<FrameRange>) -> Result<FrameRange, Refusal> {
    match records {
        Some(range) if range.len > 0 => Ok(range),
        _ => Err(Refusal::NotOneBatch("no records")),
    }
}

impl Producing {
    /// When it is to be polled again although nothing was acknowledged.
    pub(crate) fn late_at(&self) -> Option<Mono> {
        self.late_at
    }

    fn push(&mut self, step: Step) {
        match self.first.iter_mut().find(|first| first.is_none()) {
            Some(first) if self.rest.is_empty() => *first = Some(step),
            _ => self.rest.push(step),
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.first.iter().flatten().chain(&self.rest)
    }

    /// Puts the answer into the outbox once every batch is acknowledged or refused; gives how long
    /// the client must wait.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        server: &Server,
        outbox: &mut Outbox,
    ) -> Poll<Result<Duration, Closed>> {
        let Some(counted) = self.counted.take() else {
            let settled = self.poll_uncounted(context, server);
            return settled.map(|()| self.end(server, outbox, Duration::ZERO));
        };
        counted.stopwatch.begin(&server.core);
        match self.poll_uncounted(context, server) {
            Poll::Ready(()) => Poll::Ready(self.end(server, outbox, counted.used(server))),
            Poll::Pending => {
                counted.stopwatch.end(&server.core);
                self.counted = Some(counted);
                Poll::Pending
            }
        }
    }

    fn poll_uncounted(&mut self, context: &mut Context<'_>, server: &Server) -> Poll<()> {
        let steps = self.first.iter_mut().flatten().chain(&mut self.rest);
        for step in steps.skip(self.settled) {
            if let Step::Partition { state, .. } = step
                && let State::Waiting(produced) = state
            {
                match Pin::new(produced).poll(context) {
                    Poll::Ready(settled) => *state = State::Settled(settled),
                    // What was appended stays, and counts for whoever reads it later.
                    Poll::Pending if self.late_at.is_some_and(|at| server.core.now() >= at) => {
                        *state = State::Settled(Err(Refusal::RequestTimedOut));
                    }
                    Poll::Pending => return Poll::Pending,
                }
            }
            self.settled += 1;
        }
        Poll::Ready(())
    }

    fn end(
        &self,
        server: &Server,
        outbox: &mut Outbox,
        throttle: Duration,
    ) -> Result<Duration, Closed> {
        match self.is_silent {
            true => self.close_if_refused()?,
            false => self.put(server, outbox, throttle)?,
        }
        Ok(throttle)
    }

    /// Nobody waits for an answer: the only way to tell of a failure is to close.
    fn close_if_refused(&self) -> Result<(), Closed> {
        for step in self.steps() {
            if let Step::Partition { state: State::Settled(Err(refusal)), .. } = step {
                return Err(Closed::SilentProduceFailed(words(refusal)));
            }
        }
        Ok(())
    }

    fn put(&self, server: &Server, outbox: &mut Outbox, throttle: Duration) -> Result<(), Closed> {
        let mut leaders = Leaders::default();
        let (memory, version) = (server.scratch.take(), self.version);
        let encoded = frame::small_response(memory, &API, version, self.correlation_id, |writer| {
            let mut answer = ProduceAnswer::begin(writer, self.version, self.topic_count);
            let mut topic = None;
            for step in self.steps() {
                match step {
                    Step::Topic { name, partition_count } => {
                        answer.topic(&name.key(self.version), *partition_count);
                        topic = name.facts();
                    }
                    Step::Partition { index, state } => {
                        let settled = state.settled();
                        let mut response = response(*index, settled);
                        if settled.as_ref().is_err_and(|refusal| tells_start(refusal, self.version))
                            && let Some(topic) = topic
                        {
                            response.log_start_offset = log_start(server, topic, *index);
                        }
                        if self.version >= LEADER_FROM
                            && let (Err(Refusal::NotLeader), Some(topic)) = (settled, topic)
                        {
                            let (leader_id, leader_epoch) = leaders.of(server, topic, *index);
                            response.current_leader = LeaderIdAndEpoch { leader_id, leader_epoch };
                        }
                        answer.partition(&response);
                    }
                }
            }
            let endpoints = leaders.endpoints(server, |node, endpoint| NodeEndpoint {
                node_id: node.id.0,
                host: endpoint.host.clone(),
                port: i32::from(endpoint.port),
                rack: node.rack.clone(),
            });
            answer.end(millis(throttle), &endpoints);
        });
        let encoded = encoded.map_err(|why| malformed(API.name, why))?;
        outbox.gather(&encoded);
        if encoded.capacity() <= SCRATCH_BYTES_MAX {
            server.scratch.set(encoded);
        }
        Ok(())
    }
}

impl Counted {
    /// Counts it; gives how long the client must wait.
    fn used(&self, server: &Server) -> Duration {
        let (quotas, now) = (&server.options.quotas, server.core.now());
        let bytes = self.frame_bytes as f64;
        let wait = quotas.record(QuotaKey::ProducerBytes, &self.client_id, bytes, now);
        if !quotas.times() {
            return wait;
        }
        let took = self.stopwatch.spent(&server.core);
        wait.max(quotas.record_time(&self.client_id, took, now))
    }
}

impl Name {
    /// As it stood in the request.
    fn key(&self, version: i16) -> TopicKey<'_> {
        match self {
            Name::Known(facts) if version >= BY_ID_FROM => TopicKey::Id(facts.id),
            Name::Known(facts) => TopicKey::Name(Cow::Borrowed(&facts.name)),
            Name::Unknown(TopicKey::Id(id)) => TopicKey::Id(*id),
            Name::Unknown(TopicKey::Name(name)) => TopicKey::Name(Cow::Borrowed(name)),
        }
    }

    fn facts(&self) -> Option<&TopicFacts> {
        match self {
            Name::Known(facts) => Some(facts),
            Name::Unknown(_) => None,
        }
    }
}

impl State {
    fn settled(&self) -> &Result<Acknowledged, Refusal> {
        match self {
            State::Settled(settled) => settled,
            State::Waiting(_) => unreachable!("an answer is put once everything is settled"),
        }
    }
}

fn response(index: i32, settled: &Result<Acknowledged, Refusal>) -> PartitionProduceResponse {
    match settled {
        Ok(acknowledged) => PartitionProduceResponse {
            index,
            error_code: Code::NONE.0,
            base_offset: acknowledged.base_offset,
            log_append_time_ms: acknowledged.log_append_time,
            log_start_offset: acknowledged.log_start,
            ..Default::default()
        },
        Err(refusal) => PartitionProduceResponse {
            index,
            error_code: code(refusal).0,
            base_offset: -1,
            record_errors: record_errors(refusal),
            error_message: Some(words(refusal)),
            ..Default::default()
        },
    }
}

/// Whether the log's start is told with a refusal: as by Kafka with those of a batch that reached
/// its log, unless the batch was damaged or too large, or met by
/// the check for zstd, which old versions do not know.
fn tells_start(refusal: &Refusal, version: i16) -> bool {
    let is_met_before = version < ZSTD_FROM && *refusal == Refusal::UnknownCodec;
    !is_met_before
        && matches!(
            refusal,
            Refusal::InvalidRecord { .. }
                | Refusal::InvalidTimestamp { .. }
                | Refusal::UnknownCodec
                | Refusal::OutOfOrderSequence(_)
                | Refusal::InvalidProducerEpoch(_)
                | Refusal::NotEnoughReplicas
                | Refusal::TransactionsNotServed(_)
        )
}

fn log_start(server: &Server, topic: &TopicFacts, index: i32) -> i64 {
    let partition = server.node.partition_of(topic, index);
    let position = partition.and_then(|partition| server.node.position(partition));
    position.map_or(-1, |position| position.log_start)
}

/// The single records that a refusal names.
fn record_errors(refusal: &Refusal) -> net_wire::List<BatchIndexAndErrorMessage> {
    let records = match refusal {
        Refusal::InvalidRecord { records, .. } | Refusal::InvalidTimestamp { records, .. } => {
            records.as_slice()
        }
        _ => &[],
    };
    let errors = records.iter().map(|record| BatchIndexAndErrorMessage {
        batch_index: record.index,
        batch_index_error_message: Some(record.reason.clone()),
    });
    errors.collect()
}
