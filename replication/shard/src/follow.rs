//! A shard makes itself match an image: creates, deletes and configures its replicas.
//!
//! Kept true: a log is created only for a partition that the committed metadata placed here, and
//! deleted only for one that a committed delete took away; what is there already is left as it is.
//! What was committed takes effect, however long the journal has no room for it: it is owed until
//! it is done, or until the store has failed. A replica is shown only once its epoch is journaled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine_base::settings::TopicSettings;
use engine_base::{LogId, Refusal};
use engine_log::{Log, Seq};
use engine_rt::sync::race;
use replication_control::{TopicChange, TopicFacts};

use crate::flights::{Flight, Landed};
use crate::partition::Partition;
use crate::replica::consensus::{Consensus, Event};
use crate::replica::{Replica, log_options};
use crate::shard::{SMALL_ENTRY_BYTES, Shard};

/// Logs created or deleted before other tasks of the core get a turn.
const LOGS_PER_TURN: usize = 64;

/// Between two tries while the disk is below its reserve and the journal stands still.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// What committed metadata demands of a shard and is not done yet.
#[derive(Default)]
pub(crate) struct Owed {
    deletes: BTreeSet<LogId>,
    creates: BTreeMap<LogId, TopicSettings>,
    /// Logs that are there, whose replica has no new epoch yet.
    stands: BTreeMap<LogId, (Log, TopicSettings)>,
    /// What must be durable before everything that was done is.
    done: Option<Seq>,
}

impl Owed {
    /// Whether a replica of this log is still to come.
    pub(crate) fn serves(&self, log: LogId) -> bool {
        self.creates.contains_key(&log) || self.stands.contains_key(&log)
    }
}

impl Shard {
    /// Follows these changes. What it answers must be durable before the new replicas lead. What
    /// the disk has no room for now is made up for by [`Shard::catch_up`].
    pub(crate) async fn follow(&self, changes: &[TopicChange]) -> Result<Option<Seq>, Refusal> {
        for change in changes {
            match (&change.before, &change.after) {
                (Some(before), None) => self.drop_logs(before),
                (before, Some(after)) => {
                    if before.as_ref().is_some_and(|before| before.settings != after.settings) {
                        self.configure(after);
                    }
                    self.owe_logs(after);
                }
                (None, None) => {}
            }
        }
        self.follow_owed().await
    }

    /// Does what is owed; gives up waiting, but not the debt, while the disk is full.
    pub(crate) async fn follow_owed(&self) -> Result<Option<Seq>, Refusal> {
        while !self.settle_owed().await? {
            match self.store.room(SMALL_ENTRY_BYTES).await {
                Ok(()) => {}
                Err(Refusal::StorageFull) => {
                    self.owes.notify_all();
                    break;
                }
                Err(why) => return Err(why),
            }
        }
        Ok(self.state.borrow().owed.done)
    }

    /// Does what is still owed as soon as there is room, until the store ends.
    pub(crate) async fn catch_up(&self) {
        loop {
            let more = self.owes.notified();
            match self.settle_owed().await {
                Ok(true) => more.await,
                Ok(false) if self.own_room(SMALL_ENTRY_BYTES).await.is_ok() => {}
                // The next start does what is left.
                Ok(false) | Err(_) => return,
            }
        }
    }

    /// Waits until the journal may have room for an entry of our own. The disk's reserve is there
    /// for such entries: below it this one looks again. Who finds no room for more than it waited
    /// for here would wait in vain, without ever giving way.
    pub(crate) async fn own_room(&self, bytes: usize) -> Result<(), Refusal> {
        let seen = self.store.progress();
        match self.store.room(bytes).await {
            Err(Refusal::StorageFull) => {
                race(self.store.progressed(seen), self.core.sleep(TRY_AGAIN)).await;
                Ok(())
            }
            room => room,
        }
    }

    fn logs_here<'a>(&self, topic: &'a TopicFacts) -> impl Iterator<Item = LogId> + use<'a> {
        let (node, shard) = (self.node, self.index);
        let here = topic.partitions.iter().filter(move |p| p.shard_on(node) == Some(shard));
        here.map(|partition| partition.log)
    }

    fn drop_logs(&self, topic: &TopicFacts) {
        for log in self.logs_here(topic) {
            self.remove(log);
            self.owe_delete(log);
        }
    }

    /// A committed delete names this log.
    pub(crate) fn owe_delete(&self, log: LogId) {
        let owed = &mut self.state.borrow_mut().owed;
        owed.stands.remove(&log);
        if owed.creates.remove(&log).is_none() {
            owed.deletes.insert(log);
        }
    }

    /// A log that the store has is to be served in a new epoch.
    pub(crate) fn owe_stand(&self, log: Log, settings: TopicSettings) {
        self.state.borrow_mut().owed.stands.insert(log.id(), (log, settings));
    }

    fn owe_logs(&self, topic: &TopicFacts) {
        for log in self.logs_here(topic) {
            let is_there = self.partition(log).is_some();
            let owed = &mut self.state.borrow_mut().owed;
            if !is_there && !owed.serves(log) {
                owed.creates.insert(log, topic.settings.clone());
            }
        }
    }

    /// Does what is owed while the journal has room. False: something is left.
    async fn settle_owed(&self) -> Result<bool, Refusal> {
        for at in 1usize.. {
            match self.settle_one() {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(Refusal::Overloaded) => return Ok(false),
                Err(why) => return Err(why),
            }
            if at.is_multiple_of(LOGS_PER_TURN) {
                self.core.yield_now().await;
            }
        }
        unreachable!("no shard owes that much")
    }

    /// Does one thing that is owed: what makes room goes first. False: nothing is.
    fn settle_one(&self) -> Result<bool, Refusal> {
        let delete = self.state.borrow().owed.deletes.first().copied();
        if let Some(log) = delete {
            match self.store.delete_log(log) {
                // Unknown: it was never created, because a crash came between the two.
                Ok(_) | Err(Refusal::UnknownTopicOrPartition) => {}
                Err(why) => return Err(why),
            }
            self.state.borrow_mut().owed.deletes.remove(&log);
            return Ok(true);
        }
        let stand = self.state.borrow().owed.stands.first_key_value().map(|(_, due)| due.clone());
        if let Some((log, settings)) = stand {
            let (_, seq) = self.serve_log(&log, &settings)?;
            let owed = &mut self.state.borrow_mut().owed;
            owed.stands.remove(&log.id());
            owed.done = owed.done.max(Some(seq));
            return Ok(true);
        }
        let create = self.state.borrow().owed.creates.first_key_value().map(|(id, _)| *id);
        let Some(id) = create else { return Ok(false) };
        let settings = self.state.borrow().owed.creates[&id].clone();
        let (log, _) = self.store.create_log(id, log_options(&settings))?;
        let owed = &mut self.state.borrow_mut().owed;
        owed.creates.remove(&id);
        owed.stands.insert(id, (log, settings));
        Ok(true)
    }

    /// Makes a replica of a log that the store has, standing for a new epoch: it leads once the
    /// answered sequence is durable. The journal keeps the order, so that is after a creation.
    pub(crate) fn serve_log(
        &self,
        log: &Log,
        settings: &TopicSettings,
    ) -> Result<(Partition, Seq), Refusal> {
        log.set_options(log_options(settings));
        let (before, start, end) = (log.hard_state(), log.start(), log.end());
        let consensus = Consensus::recovered(self.node, &before, start, end);
        let mut replica = Replica::new(log.clone(), consensus, settings.clone());
        let persist = replica.step(Event::Stand, &self.audience);
        let hard_state = persist.expect("because a new term is written down");
        let term = hard_state.term;
        let seq = log.set_hard_state(hard_state)?;
        let partition = self.add(replica);
        let what = Landed::Term(term);
        let flight = Flight { seq, slot: partition.slot, log: partition.log, what };
        self.state.borrow_mut().fly(flight, false);
        Ok((partition, seq))
    }

    fn configure(&self, topic: &TopicFacts) {
        for log in self.logs_here(topic) {
            if let Some(partition) = self.partition(log) {
                _ = self.with(partition, |replica| {
                    replica.configure(topic.settings.clone(), &self.audience);
                });
            }
            let owed = &mut self.state.borrow_mut().owed;
            if let Some(settings) = owed.creates.get_mut(&log) {
                *settings = topic.settings.clone();
            }
            if let Some((_, settings)) = owed.stands.get_mut(&log) {
                *settings = topic.settings.clone();
            }
        }
    }
}
