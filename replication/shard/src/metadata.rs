//! The metadata partition: an ordinary replica with the cluster's machine on top.
//!
//! Kept true: every record is applied by reading it back from the log, live as after a restart; an
//! image is published only when every shard matches it; an answer leaves after that, so whoever was
//! told that a topic exists can produce to it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use engine_base::{Fault, FaultKind, Offset, Refusal};
use engine_log::{Log, ReadError};
use engine_record::{BatchBuilder, BatchView, Codec, RecordReader, Rope};
use engine_rt::sync::{Notify, OneSender, Watch as Value, oneshot, race};
use engine_rt::{Class, Core, Slice, Task};
use replication_control::{Answer, Cluster, Command, Image};
use replication_machine::{BadRecord, Driver, Now, Outcome, Proposal, RecordView, Ticket};

use crate::partition::Partition;
use crate::shard::Shard;
use crate::watch::Watch;

/// Commands that may wait for the one in flight.
pub(crate) const WAITING_MAX: usize = 4096;

/// Bytes read from the metadata log at once.
const READ_BYTES: usize = 1024 * 1024;

/// The largest record of metadata that is read back: a topic with as many partitions as may be
/// asked for.
const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

type Reply = OneSender<Result<Answer, Refusal>>;

/// A handle to the cluster's facts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metadata(Rc<Inner>);

struct Inner {
    core: Core,
    /// The shard that keeps the metadata log.
    home: Shard,
    partition: Partition,
    log: Log,
    /// Every open shard, the home included.
    shards: Vec<Shard>,
    driver: RefCell<Driver<Cluster>>,
    replies: RefCell<BTreeMap<Ticket, Reply>>,
    next_ticket: Cell<u64>,
    proposals: RefCell<VecDeque<Proposal>>,
    stirred: Notify,
    published: RefCell<Rc<Image>>,
    version: Value<u64>,
    /// Why it takes no more commands.
    ended: RefCell<Option<Refusal>>,
}

/// Feeds a machine with what its log holds from `from` up to `limit`.
pub(crate) async fn replay(
    log: &Log,
    limit: Offset,
    driver: &RefCell<Driver<Cluster>>,
) -> Result<(), Fault> {
    loop {
        let from = driver.borrow().applied_end().max(log.start());
        if from >= limit {
            return Ok(());
        }
        let read = log.read(from, limit, READ_BYTES, true).await;
        let slices = read.map_err(|error| match error {
            ReadError::Fault(fault) => fault,
            ReadError::Refusal(refusal) => {
                Fault::new(FaultKind::ReadFailed, "metadata log", format!("{refusal:?}"))
            }
        })?;
        assert!(!slices.is_empty(), "there is a batch below the limit");
        apply_batches(&slices, &mut driver.borrow_mut())?;
        assert!(driver.borrow().applied_end() > from, "every read applies something");
    }
}

fn apply_batches(slices: &[Slice], driver: &mut Driver<Cluster>) -> Result<(), Fault> {
    let rot = |at: usize, why: String| Fault::at(FaultKind::Rot, "metadata log", at as u64, why);
    let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
    let rope = Rope::new(&pieces);
    let mut at = 0;
    while at < rope.len() {
        let batch = BatchView::parse(rope, at).map_err(|bad| rot(at, bad.to_string()))?;
        let mut records =
            RecordReader::new(batch, RECORD_BYTES_MAX).map_err(|bad| rot(at, bad.to_string()))?;
        while let Some(record) = records.next_record() {
            let record = record.map_err(|bad| rot(at, bad.to_string()))?;
            if record.offset < driver.applied_end() {
                continue;
            }
            let view = RecordView {
                key: record.key,
                value: record.value,
                timestamp: record.timestamp,
                offset: record.offset,
            };
            driver.apply(&view).map_err(|bad| {
                let kind = match bad {
                    BadRecord::Broken(_) => FaultKind::Rot,
                    BadRecord::Newer(_) => FaultKind::Refused,
                };
                Fault::new(kind, format!("metadata log, offset {}", record.offset), bad.to_string())
            })?;
        }
        at += batch.header().total_bytes();
    }
    Ok(())
}

impl Metadata {
    /// The metadata over its replica, with a machine that has replayed its log.
    pub(crate) fn new(
        core: &Core,
        home: &Shard,
        partition: Partition,
        log: Log,
        shards: Vec<Shard>,
        driver: RefCell<Driver<Cluster>>,
    ) -> Metadata {
        Metadata(Rc::new(Inner {
            core: core.clone(),
            home: home.clone(),
            partition,
            log,
            shards,
            driver,
            replies: RefCell::default(),
            next_ticket: Cell::new(0),
            proposals: RefCell::default(),
            stirred: Notify::new(),
            published: RefCell::new(Rc::new(Image::default())),
            version: Value::new(0),
            ended: RefCell::new(None),
        }))
    }

    /// Starts its task.
    pub(crate) fn start(&self) -> Task<()> {
        let metadata = self.clone();
        self.0.core.spawn(Class::Control, "metadata", async move { metadata.run().await })
    }

    /// The published image.
    pub(crate) fn image(&self) -> Rc<Image> {
        self.0.published.borrow().clone()
    }

    /// The hash of the machine's whole state.
    #[cfg(test)]
    pub(crate) fn state_hash(&self) -> u64 {
        use replication_machine::Machine;
        self.0.driver.borrow().machine().state_hash()
    }

    /// Waits for an image later than `seen`.
    pub(crate) async fn image_changed(&self, seen: u64) -> Rc<Image> {
        loop {
            let version = self.0.version.get();
            if version > seen {
                return self.image();
            }
            self.0.version.changed(version).await;
        }
    }

    /// Asks the machine; the answer leaves after commit and after every shard matches.
    pub(crate) async fn ask(&self, command: Command) -> Result<Answer, Refusal> {
        if let Some(why) = &*self.0.ended.borrow() {
            return Err(why.clone());
        }
        let ticket = Ticket(self.0.next_ticket.get());
        self.0.next_ticket.set(ticket.0 + 1);
        let (reply, answer) = oneshot();
        self.0.replies.borrow_mut().insert(ticket, reply);
        let mut outcome = Outcome::default();
        self.0.driver.borrow_mut().offer(ticket, command, self.now(), &mut outcome);
        self.dispatch(outcome);
        answer.await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Takes no more commands; whoever waits is told.
    pub(crate) fn end(&self, why: &Refusal) {
        self.0.ended.borrow_mut().get_or_insert_with(|| why.clone());
        let mut outcome = Outcome::default();
        self.0.driver.borrow_mut().abandon(why, &mut outcome);
        self.0.proposals.borrow_mut().clear();
        self.dispatch(outcome);
    }

    fn now(&self) -> Now {
        Now { mono: self.0.core.now(), wall: self.0.core.wall() }
    }

    fn dispatch(&self, outcome: Outcome<Answer>) {
        self.0.proposals.borrow_mut().extend(outcome.proposals);
        for (ticket, answer) in outcome.answers {
            let reply = self.0.replies.borrow_mut().remove(&ticket);
            // Whoever asked may have gone away.
            _ = reply.expect("because every ticket is answered once").send(answer);
        }
        self.0.stirred.notify_all();
    }

    async fn run(&self) {
        loop {
            let stirred = self.0.stirred.notified();
            if self.0.ended.borrow().is_some() {
                return;
            }
            self.propose().await;
            if let Err(fault) = self.take_in().await {
                self.0.home.note(fault);
                return self.end(&Refusal::StorageStopped);
            }
            if self.0.home.is_stopped() {
                return self.end(&Refusal::StorageStopped);
            }
            let seen = self.0.driver.borrow().applied_end();
            let here = (self.0.home.clone(), self.0.partition, seen);
            race(stirred, Watch::new(&self.0.home.audience.watches, std::iter::once(here))).await;
        }
    }

    /// Appends what the machine decided.
    async fn propose(&self) {
        loop {
            let proposal = self.0.proposals.borrow_mut().pop_front();
            let Some(proposal) = proposal else { return };
            let now = self.now();
            let mut batch = BatchBuilder::new();
            for record in &proposal.records {
                let timestamp = record.timestamp.unwrap_or(now.wall.0);
                batch.append(timestamp, record.key.as_deref(), record.value.as_deref(), &[]);
            }
            let batch = Slice::of_vec(batch.finish(Codec::None));
            let mut outcome = Outcome::default();
            let appended = self.0.home.append_own(self.0.partition, batch).await;
            if self.0.ended.borrow().is_some() {
                // Whoever waited for it was told meanwhile.
                return;
            }
            match appended {
                Ok(end) => self.0.driver.borrow_mut().appended(proposal.id, end - 1),
                Err(why) => {
                    let mut driver = self.0.driver.borrow_mut();
                    driver.rejected(proposal.id, &why, now, &mut outcome);
                }
            }
            self.dispatch(outcome);
        }
    }

    /// Applies what became visible, lets the shards follow, publishes, answers.
    async fn take_in(&self) -> Result<(), Fault> {
        let visible =
            self.0.home.with(self.0.partition, |replica| replica.position().high_watermark);
        let visible = visible.expect("because the metadata's replica is never removed");
        if self.0.driver.borrow().applied_end() >= visible {
            return Ok(());
        }
        replay(&self.0.log, visible, &self.0.driver).await?;
        self.publish().await;
        let mut outcome = Outcome::default();
        self.0.driver.borrow_mut().release(self.now(), &mut outcome);
        self.dispatch(outcome);
        Ok(())
    }

    /// Lets every shard match the machine's image, then shows the image to everybody.
    pub(crate) async fn publish(&self) {
        let image = self.0.driver.borrow().machine().image().clone();
        let changes = image.changes_since(&self.image());
        let mut due = Vec::new();
        for shard in &self.0.shards {
            // A shard whose store failed matches nothing and says so itself.
            if let Ok(Some(seq)) = shard.follow(&changes).await {
                due.push((shard, seq));
            }
        }
        for (shard, seq) in due {
            _ = shard.durable(seq).await;
        }
        assert!(image.version >= self.0.version.get(), "images only move forward");
        let version = image.version;
        *self.0.published.borrow_mut() = image;
        self.0.version.set(version);
    }
}
