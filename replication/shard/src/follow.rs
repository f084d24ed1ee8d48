//! A shard makes itself match an image: creates, deletes and configures its replicas.
//!
//! Kept true: a log is created only for a partition that the committed metadata placed here, and
//! deleted only for one that a committed delete took away; what is there already is left as it is.

use engine_base::settings::TopicSettings;
use engine_base::{LogId, Refusal};
use engine_log::{Log, Seq};
use replication_control::{TopicChange, TopicFacts};

use crate::partition::Partition;
use crate::replica::consensus::Consensus;
use crate::replica::{Replica, log_options};
use crate::shard::{SMALL_ENTRY_BYTES, Shard};

/// Logs created or deleted before other tasks of the core get a turn.
const LOGS_PER_TURN: usize = 64;

impl Shard {
    /// Follows these changes. What it answers must be durable before the new replicas lead.
    pub(crate) async fn follow(&self, changes: &[TopicChange]) -> Result<Option<Seq>, Refusal> {
        let mut last = None;
        for change in changes {
            match (&change.before, &change.after) {
                (Some(before), None) => self.drop_logs(before).await?,
                (before, Some(after)) => {
                    if before.as_ref().is_some_and(|before| before.settings != after.settings) {
                        self.configure(after);
                    }
                    last = last.max(self.make_logs(after).await?);
                }
                (None, None) => {}
            }
        }
        Ok(last)
    }

    fn logs_here<'a>(&self, topic: &'a TopicFacts) -> impl Iterator<Item = LogId> + use<'a> {
        let (node, shard) = (self.node, self.index);
        let here = topic.partitions.iter().filter(move |p| p.shard_on(node) == Some(shard));
        here.map(|partition| partition.log)
    }

    async fn drop_logs(&self, topic: &TopicFacts) -> Result<(), Refusal> {
        for (at, log) in self.logs_here(topic).enumerate() {
            self.remove(log);
            self.delete_log(log).await?;
            self.breathe(at).await;
        }
        Ok(())
    }

    /// Deletes a log that a committed delete named.
    pub(crate) async fn delete_log(&self, log: LogId) -> Result<(), Refusal> {
        match self.when_room(SMALL_ENTRY_BYTES, || self.store.delete_log(log)).await {
            // It was never created: the crash came between the two.
            Ok(_) | Err(Refusal::UnknownTopicOrPartition) => Ok(()),
            Err(why) => Err(why),
        }
    }

    async fn make_logs(&self, topic: &TopicFacts) -> Result<Option<Seq>, Refusal> {
        let mut last = None;
        for (at, log) in self.logs_here(topic).enumerate() {
            if self.partition(log).is_none() {
                last = Some(self.make_log(log, &topic.settings).await?);
                self.breathe(at).await;
            }
        }
        Ok(last)
    }

    async fn breathe(&self, at: usize) {
        if (at + 1).is_multiple_of(LOGS_PER_TURN) {
            self.core.yield_now().await;
        }
    }

    async fn make_log(&self, id: LogId, settings: &TopicSettings) -> Result<Seq, Refusal> {
        let create = || self.store.create_log(id, log_options(settings));
        let (log, _) = self.when_room(SMALL_ENTRY_BYTES, create).await?;
        // The journal keeps the order, so the new epoch is durable only after the creation is.
        let partition = self.adopt(log, settings.clone());
        self.stand(partition).await
    }

    /// Makes a replica of a log that the store has.
    pub(crate) fn adopt(&self, log: Log, settings: TopicSettings) -> Partition {
        log.set_options(log_options(&settings));
        let (hard_state, start, end) = (log.hard_state(), log.start(), log.end());
        let consensus = Consensus::recovered(self.node, &hard_state, start, end);
        self.add(Replica::new(log, consensus, settings))
    }

    fn configure(&self, topic: &TopicFacts) {
        for log in self.logs_here(topic) {
            if let Some(partition) = self.partition(log) {
                _ = self.with(partition, |replica| {
                    replica.configure(topic.settings.clone(), &self.audience);
                });
            }
        }
    }
}
