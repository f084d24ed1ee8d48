//! A producer: records gather into a batch per partition, batches go to the partition's leader.
//!
//! Kept true: records of one partition are written in the order of `send`, since at most one batch
//! of a partition is on its way and a batch that must be tried again goes first; every record's
//! fate is told exactly once; bytes that wait are bounded by `buffer_bytes`.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Mono, TopicPartition};
use engine_record::{BatchBuilder, Header};
use engine_rt::Class;
use engine_rt::sync::{Notify, OneReceiver, OneSender, oneshot};

use crate::client::Client;
use crate::error::{ClientError, ErrorKind};
use crate::options::{Acks, ProducerOptions};
use crate::partitioner::partition_of_key;
use crate::produce_call::{self, Outcome};

/// Pause before a batch is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Bytes a record takes besides its key, value and headers, at most.
const RECORD_OVERHEAD_BYTES: usize = 64;

/// A record to be written.
#[derive(Clone, Debug, Default)]
pub struct NewRecord<'a> {
    /// Where to; none: by key, or wherever a batch is being filled.
    pub partition: Option<i32>,
    /// Milliseconds since 1970 UTC; none: now.
    pub timestamp: Option<i64>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; none is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Names and values.
    pub headers: &'a [(String, Option<Vec<u8>>)],
}

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its partition.
    pub partition: i32,
    /// Its offset; -1 with `acks=0`, where nobody tells.
    pub offset: i64,
}

/// What becomes of a record: resolves once the broker has answered, or has not in time.
pub type Delivery = OneReceiver<Result<Delivered, ClientError>>;

type Teller = OneSender<Result<Delivered, ClientError>>;

/// A producer. Cheap to clone; `flush` before it goes.
#[derive(Clone)]
pub struct Producer(Rc<Desk>);

struct Desk {
    client: Client,
    options: ProducerOptions,
    lanes: RefCell<BTreeMap<TopicPartition, Lane>>,
    sticky: RefCell<BTreeMap<String, Sticky>>,
    held: RefCell<Held>,
    /// Something to send may have appeared.
    work: Notify,
    /// Something was answered.
    answered: Notify,
}

/// What waits in all lanes.
#[derive(Default)]
struct Held {
    bytes: usize,
    records: usize,
    /// Flushes that wait: batches go at once, whatever `linger` says.
    hurried: usize,
    closed: bool,
}

/// Where keyless records of a topic go until about a batch of them has gone there.
struct Sticky {
    partition: i32,
    bytes: usize,
}

/// One partition's records, in order.
#[derive(Default)]
struct Lane {
    open: Option<Batch>,
    ready: VecDeque<Batch>,
    on_its_way: bool,
    not_before: Mono,
}

/// Records that travel together.
struct Batch {
    builder: BatchBuilder,
    sealed: Option<Vec<u8>>,
    tellers: Vec<Teller>,
    bytes: usize,
    opened: Mono,
}

impl Batch {
    fn new(opened: Mono) -> Batch {
        let builder = BatchBuilder::new();
        Batch { builder, sealed: None, tellers: Vec::new(), bytes: 0, opened }
    }

    fn tell(self, partition: i32, outcome: Result<i64, ClientError>) {
        for (i, teller) in self.tellers.into_iter().enumerate() {
            let fate = match &outcome {
                Ok(-1) => Ok(Delivered { partition, offset: -1 }),
                Ok(base) => Ok(Delivered { partition, offset: base + i as i64 }),
                Err(error) => Err(error.clone()),
            };
            // Whoever dropped the delivery does not want to know.
            let _ = teller.send(fate);
        }
    }
}

impl Producer {
    /// A producer over `client`.
    pub fn new(client: &Client, options: ProducerOptions) -> Producer {
        let desk = Rc::new(Desk {
            client: client.clone(),
            options,
            lanes: RefCell::default(),
            sticky: RefCell::default(),
            held: RefCell::default(),
            work: Notify::new(),
            answered: Notify::new(),
        });
        let sender = desk.clone();
        client.core().spawn(Class::Net, "client producer", async move { sender.run().await });
        Producer(desk)
    }

    /// Takes a record; waits while too many bytes wait. The delivery tells what became of it.
    pub async fn send(&self, topic: &str, record: NewRecord<'_>) -> Result<Delivery, ClientError> {
        let desk = &self.0;
        let bytes = record.bytes();
        if bytes > desk.options.message_bytes_max {
            return Err(ClientError::usage(format!(
                "a record of {bytes} bytes is larger than message.max.bytes, {}",
                desk.options.message_bytes_max
            ))
            .next("raise it with -X message.max.bytes=N, and the topic's max.message.bytes"));
        }
        while desk.is_full(bytes) {
            desk.answered.notified().await;
        }
        let partition = desk.choose(topic, &record, bytes).await?;
        Ok(desk.put(topic, partition, &record, bytes))
    }

    /// Sends what waits and returns once every record has been answered for.
    pub async fn flush(&self) {
        let desk = &self.0;
        desk.held.borrow_mut().hurried += 1;
        desk.work.notify_all();
        while desk.held.borrow().records > 0 {
            desk.answered.notified().await;
        }
        desk.held.borrow_mut().hurried -= 1;
    }

    /// Flushes and ends.
    pub async fn close(&self) {
        self.flush().await;
        self.0.held.borrow_mut().closed = true;
        self.0.work.notify_all();
    }
}

impl NewRecord<'_> {
    fn bytes(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, Vec::len) + 10).sum();
        self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len) + headers
    }
}

impl Desk {
    fn is_full(&self, bytes: usize) -> bool {
        let held = self.held.borrow();
        // A single record may exceed the buffer: it goes when nothing else waits.
        held.records > 0 && held.bytes + bytes > self.options.buffer_bytes
    }

    async fn choose(
        &self,
        topic: &str,
        record: &NewRecord<'_>,
        bytes: usize,
    ) -> Result<i32, ClientError> {
        let partitions = self.client.partitions_of(topic).await?;
        if let Some(partition) = record.partition {
            if !(0..partitions).contains(&partition) {
                return Err(no_partition(topic, partition, partitions));
            }
            return Ok(partition);
        }
        if let Some(key) = record.key {
            return Ok(partition_of_key(key, partitions));
        }
        let core = self.client.core();
        let random = || (core.random() % u64::from(partitions.unsigned_abs())) as i32;
        let mut sticky = self.sticky.borrow_mut();
        let stick = sticky
            .entry(topic.to_string())
            .or_insert_with(|| Sticky { partition: random(), bytes: 0 });
        if stick.bytes >= self.options.batch_bytes || stick.partition >= partitions {
            let step = if partitions > 1 { 1 + random() % (partitions - 1) } else { 0 };
            *stick = Sticky { partition: (stick.partition + step) % partitions, bytes: 0 };
        }
        stick.bytes += bytes;
        Ok(stick.partition)
    }

    fn put(&self, topic: &str, partition: i32, record: &NewRecord<'_>, bytes: usize) -> Delivery {
        let (teller, delivery) = oneshot();
        let core = self.client.core();
        let timestamp = record.timestamp.unwrap_or_else(|| core.wall().0);
        let headers: Vec<Header<'_>> = record
            .headers
            .iter()
            .map(|(name, value)| Header { key: name.as_bytes(), value: value.as_deref() })
            .collect();
        let key = TopicPartition { topic: topic.to_string(), partition };
        let mut lanes = self.lanes.borrow_mut();
        let lane = lanes.entry(key).or_default();
        let too_big = |open: &mut Batch| {
            open.builder.bytes() + bytes + RECORD_OVERHEAD_BYTES > self.options.batch_bytes
        };
        if let Some(full) = lane.open.take_if(too_big) {
            lane.ready.push_back(full);
        }
        let batch = lane.open.get_or_insert_with(|| Batch::new(core.now()));
        batch.builder.append(timestamp, record.key, record.value, &headers);
        batch.tellers.push(teller);
        batch.bytes += bytes;
        if batch.builder.bytes() >= self.options.batch_bytes
            || batch.builder.count() >= self.options.batch_records
        {
            lane.ready.extend(lane.open.take());
        }
        let mut held = self.held.borrow_mut();
        held.bytes += bytes;
        held.records += 1;
        self.work.notify_all();
        delivery
    }

    /// Sends what is due until the producer is closed.
    async fn run(self: Rc<Desk>) {
        loop {
            if self.held.borrow().closed {
                return;
            }
            let core = self.client.core().clone();
            let changed = self.work.notified();
            let (due, next) = self.take_due(core.now());
            if !due.is_empty() {
                self.clone().dispatch(due).await;
                continue;
            }
            match next {
                Some(at) => drop(engine_rt::sync::race(changed, core.sleep_until(at)).await),
                None => changed.await,
            }
        }
    }

    /// The batches whose time has come, at most one of a partition, and when to look again.
    fn take_due(&self, now: Mono) -> (Vec<(TopicPartition, Batch)>, Option<Mono>) {
        let hurried = self.held.borrow().hurried > 0;
        let mut due = Vec::new();
        let mut next: Option<Mono> = None;
        let mut look_again = |at: Mono| next = Some(next.map_or(at, |n| n.min(at)));
        for (place, lane) in self.lanes.borrow_mut().iter_mut() {
            if lane.on_its_way {
                continue;
            }
            if now < lane.not_before {
                look_again(lane.not_before);
                continue;
            }
            if lane.ready.is_empty()
                && let Some(open) = &lane.open
            {
                let ripe = open.opened + self.options.linger;
                if hurried || now >= ripe {
                    lane.ready.extend(lane.open.take());
                } else {
                    look_again(ripe);
                }
            }
            if let Some(batch) = lane.ready.pop_front() {
                lane.on_its_way = true;
                due.push((place.clone(), batch));
            }
        }
        (due, next)
    }

    /// Groups batches by leader and lets a task carry each group.
    async fn dispatch(self: Rc<Desk>, due: Vec<(TopicPartition, Batch)>) {
        let mut groups: BTreeMap<i32, Vec<(TopicPartition, Batch)>> = BTreeMap::new();
        for (place, mut batch) in due {
            if batch.sealed.is_none() {
                let builder = std::mem::take(&mut batch.builder);
                batch.sealed = Some(builder.finish(self.options.codec));
            }
            match self.client.leader_of(&place.topic, place.partition).await {
                Ok(leader) => groups.entry(leader).or_default().push((place, batch)),
                Err(error) => self.settle(place, batch, Err(error)),
            }
        }
        for (leader, group) in groups {
            let desk = self.clone();
            let carry = async move { desk.carry(leader, group).await };
            self.client.core().spawn(Class::Net, "client produce", carry);
        }
    }

    async fn carry(self: Rc<Desk>, leader: i32, mut group: Vec<(TopicPartition, Batch)>) {
        let batches: Vec<(TopicPartition, Vec<u8>)> = group
            .iter_mut()
            .map(|(place, batch)| {
                let bytes = batch.sealed.take().expect("because dispatch sealed it");
                (place.clone(), bytes)
            })
            .collect();
        let outcomes =
            produce_call::produce(&self.client, leader, self.options.acks, &batches).await;
        for (((place, mut batch), (_, bytes)), outcome) in
            group.into_iter().zip(batches).zip(outcomes)
        {
            batch.sealed = Some(bytes);
            self.settle(place, batch, outcome);
        }
    }

    /// Tells the records of a batch what became of them, or puts it back to be tried again.
    fn settle(&self, place: TopicPartition, batch: Batch, outcome: Outcome) {
        let core = self.client.core();
        let mut lanes = self.lanes.borrow_mut();
        let lane = lanes.get_mut(&place).expect("because a lane outlives its batches");
        lane.on_its_way = false;
        let outcome = match outcome {
            Err(error) if error.is_retriable() && self.options.acks != Acks::None => {
                self.client.forget_topic(&place.topic);
                let deadline = batch.opened + self.options.delivery_timeout;
                if core.now() + RETRY_PAUSE < deadline {
                    lane.not_before = core.now() + RETRY_PAUSE;
                    lane.ready.push_front(batch);
                    drop(lanes);
                    self.work.notify_all();
                    return;
                }
                let seconds = self.options.delivery_timeout.as_secs_f32();
                let kind = match error.kind {
                    ErrorKind::Unreachable => ErrorKind::Unreachable,
                    _ => ErrorKind::TimedOut,
                };
                let what = format!("{place}: not delivered within {seconds} s: {}", error.what);
                Err(ClientError { kind, what, next: error.next })
            }
            outcome => outcome,
        };
        drop(lanes);
        {
            let mut held = self.held.borrow_mut();
            held.bytes -= batch.bytes;
            held.records -= batch.tellers.len();
        }
        batch.tell(place.partition, outcome);
        self.answered.notify_all();
        self.work.notify_all();
    }
}

/// A partition that the topic does not have.
pub(crate) fn no_partition(topic: &str, partition: i32, partitions: i32) -> ClientError {
    let what = format!("{topic} has no partition {partition}");
    ClientError::new(ErrorKind::Refused(crate::Code::UNKNOWN_TOPIC_OR_PARTITION), what)
        .next(format!("its partitions are 0 to {}", partitions - 1))
}
