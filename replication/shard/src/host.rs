//! A machine over its replica: decide, append, read back, apply, show, answer.
//!
//! Kept true: every record is applied by reading it back from the log, live as after a restart, and
//! only once it is visible; an answer leaves after that. What waits to be appended goes into one
//! batch. Once the replica stopped, everybody was told and nobody waits any more.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use engine_base::{Fault, FaultKind, Mono, Offset, Refusal};
use engine_log::{Log, ReadError};
use engine_record::{BatchBuilder, BatchView, Codec, RecordReader, Rope};
use engine_rt::sync::{Notify, OneSender, oneshot, race};
use engine_rt::{Core, Slice};
use replication_machine::{
    BadRecord, Driver, Machine, Now, Outcome, Proposal, Record, RecordView, Ticket,
};

use crate::host_snapshot::Snapshots;
use crate::partition::Partition;
use crate::shard::Shard;
use crate::watch::Watch;

/// Commands that may wait for those in flight before them.
pub(crate) const WAITING_MAX: usize = 4096;

/// Bytes read from the log at once.
const READ_BYTES: usize = 1024 * 1024;

/// The largest batch that is read back: a topic with as many partitions as may be asked for, or a
/// group with as many members.
const OPENED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Proposals are put into one batch up to this many bytes.
const BATCH_BYTES: usize = 256 * 1024;

/// Keys whose deadlines are over that are asked about before what follows is written.
const DUE_PER_BATCH: usize = 64;

/// Where a machine's records are kept.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) core: Core,
    /// The shard that keeps the log.
    pub(crate) shard: Shard,
    pub(crate) partition: Partition,
    pub(crate) log: Log,
    /// What it is called in faults.
    pub(crate) name: &'static str,
    /// Records between two snapshots; `None`: there are none.
    pub(crate) snapshot_records: Option<Offset>,
}

type Replies<A> = BTreeMap<Ticket, OneSender<Result<A, Refusal>>>;

/// A handle to a machine over its replica. Cheap to clone.
pub(crate) struct Host<M: Machine>(pub(crate) Rc<Inner<M>>);

pub(crate) struct Inner<M: Machine> {
    pub(crate) home: Home,
    pub(crate) driver: RefCell<Driver<M>>,
    replies: RefCell<Replies<M::Answer>>,
    next_ticket: Cell<u64>,
    proposals: RefCell<VecDeque<Proposal>>,
    stirred: Notify,
    /// Whether the whole log was applied and commands are taken.
    ready: Cell<bool>,
    /// Why it takes no more commands.
    ended: RefCell<Option<Refusal>>,
    pub(crate) snapshots: Snapshots,
}

impl<M: Machine> Clone for Host<M> {
    fn clone(&self) -> Host<M> {
        Host(self.0.clone())
    }
}

/// Feeds a machine with what its log holds up to `limit`.
pub(crate) async fn replay<M: Machine>(
    core: &Core,
    name: &str,
    log: &Log,
    limit: Offset,
    driver: &RefCell<Driver<M>>,
) -> Result<(), Fault> {
    loop {
        let from = driver.borrow().applied_end().max(log.start());
        if from >= limit {
            driver.borrow_mut().passed(limit);
            return Ok(());
        }
        let read = log.read(from, limit, READ_BYTES, true).await;
        let slices = read.map_err(|error| match error {
            ReadError::Fault(fault) => fault,
            ReadError::Refusal(refusal) => {
                Fault::new(FaultKind::ReadFailed, name, format!("{refusal:?}"))
            }
        })?;
        if slices.is_empty() {
            // Compaction may leave nothing below the limit.
            driver.borrow_mut().passed(limit);
            return Ok(());
        }
        apply_batches(name, &slices, &mut driver.borrow_mut())?;
        assert!(driver.borrow().applied_end() > from, "every read passes something");
        if driver.borrow().applied_end() < limit {
            core.yield_now().await;
        }
    }
}

fn apply_batches<M: Machine>(
    name: &str,
    slices: &[Slice],
    driver: &mut Driver<M>,
) -> Result<(), Fault> {
    let rot = |at: usize, why: String| Fault::at(FaultKind::Rot, name, at as u64, why);
    let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
    let rope = Rope::new(&pieces);
    let mut at = 0;
    while at < rope.len() {
        let batch = BatchView::parse(rope, at).map_err(|bad| rot(at, bad.to_string()))?;
        let mut records =
            RecordReader::new(batch, OPENED_BYTES_MAX).map_err(|bad| rot(at, bad.to_string()))?;
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
                Fault::new(kind, format!("{name}, offset {}", view.offset), bad.to_string())
            })?;
        }
        driver.passed(batch.header().last_offset() + 1);
        at += batch.header().total_bytes();
    }
    Ok(())
}

impl<M: Machine + 'static> Host<M> {
    /// Where its records are kept.
    pub(crate) fn home(&self) -> &Home {
        &self.0.home
    }

    /// A host of a machine. Nothing happens before [`Host::run`].
    pub(crate) fn new(home: Home, driver: RefCell<Driver<M>>) -> Host<M> {
        Host(Rc::new(Inner {
            home,
            driver,
            replies: RefCell::default(),
            next_ticket: Cell::new(0),
            proposals: RefCell::default(),
            stirred: Notify::new(),
            ready: Cell::new(false),
            ended: RefCell::new(None),
            snapshots: Snapshots::default(),
        }))
    }

    /// The log was applied: commands are taken from now on.
    pub(crate) fn begin(&self) {
        if !self.0.ready.replace(true) {
            self.0.driver.borrow_mut().begin(self.now());
            self.0.stirred.notify_all();
        }
    }

    /// Waits until commands are taken; false if none ever will be.
    pub(crate) async fn begun(&self) -> bool {
        loop {
            let stirred = self.0.stirred.notified();
            match self.serves() {
                Ok(false) => stirred.await,
                Ok(true) => return true,
                Err(_) => return false,
            }
        }
    }

    /// Looks at the machine as of the last record applied.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&M) -> T) -> T {
        look(self.0.driver.borrow().machine())
    }

    /// Whether records of this key are on their way.
    pub(crate) fn is_busy(&self, key: &M::Key) -> bool {
        self.0.driver.borrow().is_busy(key)
    }

    /// Whether commands are taken: the log was applied and the replica has not stopped.
    pub(crate) fn serves(&self) -> Result<bool, Refusal> {
        match &*self.0.ended.borrow() {
            Some(why) => Err(why.clone()),
            None => Ok(self.0.ready.get()),
        }
    }

    /// Asks the machine; the answer leaves after its records are committed, applied and shown.
    /// Commands are decided in the order of these calls, whether or not they are awaited.
    pub(crate) fn ask(
        &self,
        command: M::Command,
    ) -> impl Future<Output = Result<M::Answer, Refusal>> + use<M> {
        assert!(self.0.ready.get(), "nothing is asked of a machine that is behind its log");
        let ended = self.0.ended.borrow().clone();
        let (reply, answer) = oneshot();
        match ended {
            Some(why) => _ = reply.send(Err(why)),
            None => {
                let ticket = Ticket(self.0.next_ticket.get());
                self.0.next_ticket.set(ticket.0 + 1);
                self.0.replies.borrow_mut().insert(ticket, reply);
                let mut outcome = Outcome::default();
                self.0.driver.borrow_mut().offer(ticket, command, self.now(), &mut outcome);
                self.dispatch(outcome);
            }
        }
        async move { answer.await.unwrap_or(Err(Refusal::Stopping)) }
    }

    /// Takes no more commands; whoever waits is told, whether a decision or the machine keeps its
    /// ticket.
    pub(crate) fn end(&self, why: &Refusal) {
        self.0.ended.borrow_mut().get_or_insert_with(|| why.clone());
        let mut outcome = Outcome::default();
        self.0.driver.borrow_mut().abandon(why, &mut outcome);
        self.0.proposals.borrow_mut().clear();
        self.dispatch(outcome);
        for reply in std::mem::take(&mut *self.0.replies.borrow_mut()).into_values() {
            _ = reply.send(Err(why.clone()));
        }
    }

    fn now(&self) -> Now {
        Now { mono: self.0.home.core.now(), wall: self.0.home.core.wall() }
    }

    fn dispatch(&self, outcome: Outcome<M::Answer>) {
        self.0.proposals.borrow_mut().extend(outcome.proposals);
        for (ticket, answer) in outcome.answers {
            let reply = self.0.replies.borrow_mut().remove(&ticket);
            // Whoever asked may have gone away.
            _ = reply.expect("because every ticket is answered once").send(answer);
        }
        self.0.stirred.notify_all();
    }

    /// Serves the machine until its replica stops. `show` lets others follow what was applied,
    /// before whoever asked for it is answered.
    pub(crate) async fn run(&self, show: impl AsyncFn()) {
        let Home { core, shard, partition, log, name, .. } = &self.0.home;
        let why = loop {
            let stirred = self.0.stirred.notified();
            if self.0.ended.borrow().is_some() {
                return;
            }
            let visible = match self.visible() {
                Ok(visible) => visible,
                Err(why) => break why,
            };
            if self.0.driver.borrow().applied_end() < visible {
                if let Err(fault) = replay(core, name, log, visible, &self.0.driver).await {
                    if self.visible().is_ok() {
                        shard.note(fault);
                    }
                    break Refusal::StorageStopped;
                }
                show().await;
                if self.0.ended.borrow().is_some() {
                    return;
                }
            }
            self.begin();
            self.take_snapshot().await;
            self.release();
            self.wake().await;
            if self.0.ended.borrow().is_some() {
                return;
            }
            self.propose().await;
            if self.visible().is_ok_and(|now| now > visible) {
                continue;
            }
            let here = (shard.clone(), *partition, visible);
            let watch = Watch::new(&shard.audience.watches, std::iter::once(here));
            let deadline = self.0.driver.borrow().deadline();
            race(race(stirred, watch), until(core, deadline)).await;
        };
        self.end(&why);
    }

    /// What may be applied.
    fn visible(&self) -> Result<Offset, Refusal> {
        let Home { shard, partition, .. } = &self.0.home;
        let stopped = || match shard.is_stopped() {
            true => Refusal::StorageStopped,
            false => Refusal::Stopping,
        };
        shard
            .with(*partition, |replica| {
                (!replica.is_stopped()).then(|| replica.position().high_watermark)
            })?
            .ok_or_else(stopped)
    }

    /// Answers what was applied and shown.
    fn release(&self) {
        let mut outcome = Outcome::default();
        self.0.driver.borrow_mut().release(self.now(), &mut outcome);
        if !outcome.proposals.is_empty() || !outcome.answers.is_empty() {
            self.dispatch(outcome);
        }
    }

    /// Asks the machine about deadlines: key by key, so that others get their turns when those of
    /// many are over at once.
    async fn wake(&self) {
        for _ in 0..DUE_PER_BATCH {
            let now = self.now();
            let is_due = self.0.driver.borrow().deadline().is_some_and(|at| at <= now.mono);
            if !is_due || self.0.ended.borrow().is_some() {
                return;
            }
            let mut outcome = Outcome::default();
            self.0.driver.borrow_mut().due(now, 1, &mut outcome);
            self.dispatch(outcome);
            self.0.home.core.yield_now().await;
        }
    }

    /// Appends what the machine decided, as much in one batch as fits.
    async fn propose(&self) {
        loop {
            let taken = self.take_proposals();
            if taken.is_empty() {
                return;
            }
            let now = self.now();
            let mut batch = BatchBuilder::new();
            for record in taken.iter().flat_map(|proposal| &proposal.records) {
                let timestamp = record.timestamp.unwrap_or(now.wall.0);
                batch.append(timestamp, record.key.as_deref(), record.value.as_deref(), &[]);
            }
            let batch = Slice::of_vec(batch.finish(Codec::None));
            let Home { shard, partition, .. } = &self.0.home;
            let appended = shard.append_own(*partition, batch).await;
            if self.0.ended.borrow().is_some() {
                // Whoever waited for it was told meanwhile.
                return;
            }
            self.settle(&taken, appended, now);
        }
    }

    fn take_proposals(&self) -> Vec<Proposal> {
        let mut proposals = self.0.proposals.borrow_mut();
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(next) = proposals.front() {
            bytes += next.records.iter().map(size).sum::<usize>();
            if bytes > BATCH_BYTES && !taken.is_empty() {
                break;
            }
            taken.extend(proposals.pop_front());
        }
        taken
    }

    /// Tells the driver what became of proposals that were offered in one batch.
    fn settle(&self, taken: &[Proposal], appended: Result<Offset, Refusal>, now: Now) {
        let mut outcome = Outcome::default();
        {
            let driver = &mut *self.0.driver.borrow_mut();
            match appended {
                Ok(end) => {
                    let records: usize = taken.iter().map(|proposal| proposal.records.len()).sum();
                    let mut next = end - records as Offset;
                    for proposal in taken {
                        next += proposal.records.len() as Offset;
                        driver.appended(proposal.id, next - 1);
                    }
                }
                Err(why) => {
                    for proposal in taken {
                        driver.rejected(proposal.id, &why, now, &mut outcome);
                    }
                }
            }
        }
        self.dispatch(outcome);
    }
}

/// About how many bytes a record takes in a batch.
fn size(record: &Record) -> usize {
    let part = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    32 + part(&record.key) + part(&record.value)
}

/// Sleeps until a moment, for ever if there is none.
async fn until(core: &Core, at: Option<Mono>) {
    match at {
        Some(at) => core.sleep_until(at).await,
        None => std::future::pending().await,
    }
}
