//! A shard: one store, the replicas in it, one inbox.
//!
//! Kept true: a replica is touched only through its shard; what is appended together goes into one
//! journal block; once the store failed, everybody was told and nothing is acknowledged any more.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Fault, IntMap, LogId, NodeId, Offset, Refusal, ShardIndex};
use engine_log::{Progress, Seq, Store};
use engine_rt::sync::{Gate, Notify, Watch as Value};
use engine_rt::{Class, Core, Task};

use crate::disk::DiskPlace;
use crate::flights::{Flight, Flights, Landed};
use crate::follow::Owed;
use crate::inbox::Inbox;
use crate::open::Behind;
use crate::partition::Partition;
use crate::replica::consensus::Event;
use crate::replica::{Audience, Replica};
use crate::watch::{Interest, WatchKey};

/// Bytes that a hard state or another small entry takes in the journal, generously.
pub(crate) const SMALL_ENTRY_BYTES: usize = 4096;

/// How long an entry of our own waits for room in the journal while the disk is full.
const CONTROL_PATIENCE: Duration = Duration::from_secs(5);

/// A handle to a shard of this core. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shard(Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) index: ShardIndex,
    pub(crate) node: NodeId,
    pub(crate) core: Core,
    pub(crate) store: Store,
    pub(crate) disk: DiskPlace,
    pub(crate) inbox: Inbox,
    pub(crate) audience: Audience,
    pub(crate) state: RefCell<State>,
    /// Something of what is owed could not be done at once.
    pub(crate) owes: Notify,
    /// Holds those inside that open batches.
    pub(crate) opening: Gate,
    standing: Value<Standing>,
    /// Whether the inbox was closed and everything in it was taken.
    emptied: Value<bool>,
}

/// How far the journal has come, and whether it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    progress: Progress,
    failed: bool,
}

/// What only changes between two awaits.
#[derive(Default)]
pub(crate) struct State {
    replicas: Vec<Option<Replica>>,
    free: Vec<u32>,
    by_log: IntMap<LogId, u32>,
    to_submit: Flights,
    to_flush: Flights,
    pub(crate) behind: Behind,
    pub(crate) owed: Owed,
    /// Faults met since the start; the first that stopped the store is the last one added by it.
    faults: Vec<Fault>,
    stopped: bool,
}

/// Faults that a shard remembers; later ones are counted by the log that has them.
const FAULTS_MAX: usize = 64;

impl std::ops::Deref for Shard {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Shard {
    /// A shard over an open store, without replicas.
    pub(crate) fn new(
        core: &Core,
        index: ShardIndex,
        node: NodeId,
        store: Store,
        disk: DiskPlace,
        inbox: Inbox,
        audience: Audience,
    ) -> Shard {
        let standing = Standing { progress: store.progress(), failed: false };
        Shard(Rc::new(Inner {
            index,
            node,
            core: core.clone(),
            store,
            disk,
            inbox,
            audience,
            state: RefCell::default(),
            owes: Notify::new(),
            opening: Gate::new(),
            standing: Value::new(standing),
            emptied: Value::new(false),
        }))
    }

    /// Starts its tasks: for the journal's progress, for the inbox, for what is owed, for the disk.
    pub(crate) fn start(&self) -> [Task<()>; 4] {
        let (follower, taker, debtor) = (self.clone(), self.clone(), self.clone());
        let watcher = self.clone();
        [
            self.core.spawn(Class::Produce, "shard progress", async move {
                follower.follow_progress().await;
            }),
            self.core.spawn(Class::Produce, "shard inbox", async move {
                taker.take_commands().await;
                taker.emptied.set(true);
            }),
            self.core.spawn(Class::Control, "shard debts", async move {
                debtor.catch_up().await;
            }),
            self.core.spawn(Class::Housekeeping, "shard disk", async move {
                watcher.watch_disk().await;
            }),
        ]
    }

    async fn follow_progress(&self) {
        let mut seen = self.standing.get().progress;
        loop {
            match self.store.progressed(seen).await {
                Ok(progress) => {
                    seen = progress;
                    self.progressed(progress);
                }
                Err(fault) => return self.fail(fault),
            }
        }
    }

    /// Settles what this progress of the journal covers.
    pub(crate) fn progressed(&self, progress: Progress) {
        {
            let state = &mut *self.state.borrow_mut();
            while let Some(flight) = state.to_submit.settle(progress.submitted) {
                state.land(flight, &self.audience, Event::Submitted);
            }
            while let Some(flight) = state.to_flush.settle(progress.durable) {
                state.land(flight, &self.audience, Event::Durable);
            }
        }
        self.standing.set(Standing { progress, failed: false });
    }

    /// The store failed: every replica stops, everybody who waits is told.
    fn fail(&self, fault: Fault) {
        {
            let state = &mut *self.state.borrow_mut();
            state.stopped = true;
            state.remember(fault);
            self.audience.faults.notify_all();
            state.to_submit.clear();
            state.to_flush.clear();
            for replica in state.replicas.iter_mut().flatten() {
                replica.stop(&Refusal::StorageStopped, &self.audience);
            }
        }
        self.standing.set(Standing { failed: true, ..self.standing.get() });
    }

    /// Waits until this sequence is durable.
    pub(crate) async fn durable(&self, seq: Seq) -> Result<(), Refusal> {
        loop {
            let standing = self.standing.get();
            if standing.failed {
                return Err(Refusal::StorageStopped);
            }
            if standing.progress.durable >= seq {
                return Ok(());
            }
            self.standing.changed(standing).await;
        }
    }

    /// Does something that takes `bytes` at most, which the journal may have no room for right now,
    /// as soon as it has. It is of our own, so the disk's reserve is there for it; it is
    /// [`Refusal::StorageFull`] only if the journal finds no room for [`CONTROL_PATIENCE`].
    pub(crate) async fn when_room<T>(
        &self,
        bytes: usize,
        mut act: impl FnMut() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let begun = self.core.now();
        loop {
            match act() {
                Err(Refusal::Overloaded) => self.own_room(bytes).await?,
                done => return done,
            }
            let is_full = self.store.stats().storage_full;
            if is_full && self.core.now() - begun >= CONTROL_PATIENCE {
                return Err(Refusal::StorageFull);
            }
        }
    }

    /// Puts a replica in.
    pub(crate) fn add(&self, replica: Replica) -> Partition {
        let state = &mut *self.state.borrow_mut();
        let log = replica.id();
        let slot = state.free.pop().unwrap_or_else(|| {
            state.replicas.push(None);
            u32::try_from(state.replicas.len() - 1).expect("because memory bounds their number")
        });
        let before = state.by_log.insert(log, slot);
        assert!(before.is_none(), "a log has one replica");
        state.replicas[slot as usize] = Some(replica);
        Partition { shard: self.index, slot, log }
    }

    /// Takes a replica out; whoever waits for it is told that it is unknown now.
    pub(crate) fn remove(&self, log: LogId) {
        let state = &mut *self.state.borrow_mut();
        let Some(slot) = state.by_log.remove(&log) else { return };
        let mut replica = state.replicas[slot as usize].take().expect("because it was listed");
        state.free.push(slot);
        replica.stop(&Refusal::UnknownTopicOrPartition, &self.audience);
    }

    /// The handle of a log's replica.
    pub(crate) fn partition(&self, log: LogId) -> Option<Partition> {
        let slot = *self.state.borrow().by_log.get(&log)?;
        Some(Partition { shard: self.index, slot, log })
    }

    /// Why there is no replica of a log that the metadata placed here.
    pub(crate) fn why_not_served(&self, log: LogId) -> Refusal {
        let state = self.state.borrow();
        match (state.stopped, state.owed.serves(log)) {
            (true, _) => Refusal::StorageStopped,
            (false, true) => Refusal::LeaderNotAvailable,
            (false, false) => Refusal::UnknownTopicOrPartition,
        }
    }

    /// Does something with a replica that is there.
    pub(crate) fn with<T>(
        &self,
        partition: Partition,
        act: impl FnOnce(&mut Replica) -> T,
    ) -> Result<T, Refusal> {
        let mut state = self.state.borrow_mut();
        state
            .replica(partition.slot, partition.log)
            .map(act)
            .ok_or(Refusal::UnknownTopicOrPartition)
    }

    /// Remembers an interest; false if there is something to see already, or nothing ever.
    pub(crate) fn watch(&self, partition: Partition, interest: Interest) -> bool {
        self.with(partition, |replica| replica.watch(interest)).unwrap_or(false)
    }

    /// Forgets an interest.
    pub(crate) fn unwatch(&self, partition: Partition, key: WatchKey, at: u32) {
        _ = self.with(partition, |replica| replica.unwatch(key, at));
    }

    /// Whether the store failed.
    pub(crate) fn is_stopped(&self) -> bool {
        self.state.borrow().stopped
    }

    /// Notes a fault that did not stop the store, such as rot met by a read.
    pub(crate) fn note(&self, fault: Fault) {
        self.state.borrow_mut().remember(fault);
        self.audience.faults.notify_all();
    }

    /// The faults met since the start.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.state.borrow().faults.clone()
    }

    /// How many replicas it serves.
    pub(crate) fn replica_count(&self) -> usize {
        self.state.borrow().by_log.len()
    }

    /// Interests that its replicas remember.
    #[cfg(test)]
    pub(crate) fn interest_count(&self) -> usize {
        let state = self.state.borrow();
        state.replicas.iter().flatten().map(Replica::interest_count).sum()
    }

    /// Moves a partition's start; answers the new start and what must be durable before it is told.
    pub(crate) async fn delete_records(
        &self,
        partition: Partition,
        before: Offset,
    ) -> Result<(Offset, Option<Seq>), Refusal> {
        self.when_room(SMALL_ENTRY_BYTES, || {
            self.with(partition, |replica| {
                replica.serve(-1)?;
                replica.delete_records(before)
            })
            .flatten()
        })
        .await
    }

    /// Takes what is in the inbox and no more, then flushes and closes the store and tells whoever
    /// still waits.
    pub(crate) async fn close(&self) -> Result<(), Fault> {
        self.inbox.close();
        while !self.emptied.get() {
            self.emptied.changed(false).await;
        }
        // Only the inbox lets new ones in, and it is empty.
        self.opening.close().await;
        let closed = self.store.close().await;
        if closed.is_ok() {
            self.progressed(self.store.progress());
        }
        let state = &mut *self.state.borrow_mut();
        for replica in state.replicas.iter_mut().flatten() {
            replica.stop(&Refusal::Stopping, &self.audience);
        }
        closed
    }
}

impl State {
    /// The replica in this slot, if it still is the one of this log.
    pub(crate) fn replica(&mut self, slot: u32, log: LogId) -> Option<&mut Replica> {
        let replica = self.replicas.get_mut(slot as usize)?.as_mut()?;
        (replica.id() == log).then_some(replica)
    }

    /// Something of a replica was appended to the journal.
    pub(crate) fn fly(&mut self, flight: Flight, write_caching: bool) {
        if write_caching {
            self.to_submit.push(flight);
        }
        self.to_flush.push(flight);
    }

    fn land(&mut self, flight: Flight, audience: &Audience, event: impl FnOnce(Offset) -> Event) {
        // A replica that was deleted meanwhile needs no news.
        let Some(replica) = self.replica(flight.slot, flight.log) else { return };
        let persist = replica.step(
            match flight.what {
                Landed::End(end) => event(end),
                Landed::Term(term) => Event::TermDurable(term),
            },
            audience,
        );
        assert!(persist.is_none(), "only standing writes hard state");
    }

    fn remember(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}
