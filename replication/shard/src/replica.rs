//! One replica: this node's copy of one partition, and who waits for it.
//!
//! Kept true: an answer leaves only when its batch is visible, in the order of the appends; whoever
//! watches is woken once per watch; after a stop everybody was told and nobody is told again.

use std::collections::VecDeque;
use std::rc::Rc;

use engine_base::settings::TopicSettings;
use engine_base::{Epoch, LogId, Offset, Refusal};
use engine_log::{HardState, Log, LogOptions};
use engine_record::Rules;
use engine_rt::sync::Notify;

use crate::command::{Position, ProduceAnswer};
use crate::disk::DiskChanges;
use crate::produced::{AnswerSlot, Answers};
use crate::watch::{Interest, WatchKey, Watches};

pub(crate) mod consensus;
pub(crate) mod fetch;
pub(crate) mod offsets;
pub(crate) mod produce;
pub(crate) mod recover;
pub(crate) mod sequence;

use consensus::{Consensus, Event};

/// A batch that was appended and not acknowledged yet.
#[derive(Debug)]
struct Waiting {
    base: Offset,
    end: Offset,
    log_append_time: i64,
    answer: AnswerSlot,
}

/// Who is told what happens to the replicas of a shard.
#[derive(Clone, Default)]
pub(crate) struct Audience {
    pub(crate) answers: Answers,
    pub(crate) watches: Watches,
    /// Told of every fault that a shard meets.
    pub(crate) faults: Rc<Notify>,
    /// Told when a shard's disk passes its reserve.
    pub(crate) disks: Rc<DiskChanges>,
}

/// One replica.
pub(crate) struct Replica {
    log: Log,
    id: LogId,
    consensus: Consensus,
    /// What the topic asks of a batch; the moment and the request's part are filled in per batch.
    rules: Rules,
    settings: TopicSettings,
    waiting: VecDeque<Waiting>,
    /// Batches that came again while they were on their way.
    repeated: Vec<Waiting>,
    interests: Vec<Interest>,
}

impl Replica {
    /// A replica over its log, resting until it is told to stand.
    pub(crate) fn new(log: Log, consensus: Consensus, settings: TopicSettings) -> Replica {
        let mut replica = Replica {
            id: log.id(),
            log,
            consensus,
            rules: produce::rules(&settings),
            settings,
            waiting: VecDeque::new(),
            repeated: Vec::new(),
            interests: Vec::new(),
        };
        replica.consensus.step(Event::WriteCaching(replica.settings.write_caching));
        replica
    }

    /// The log.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// The log's id.
    pub(crate) fn id(&self) -> LogId {
        self.id
    }

    /// The topic's settings.
    pub(crate) fn settings(&self) -> &TopicSettings {
        &self.settings
    }

    /// Follows a change of the topic's configs.
    pub(crate) fn configure(&mut self, settings: TopicSettings, audience: &Audience) {
        self.rules = produce::rules(&settings);
        self.log.set_options(log_options(&settings));
        self.step(Event::WriteCaching(settings.write_caching), audience);
        self.settings = settings;
    }

    /// Takes an event in and tells whom it concerns. What is to be persisted is the caller's to
    /// write.
    pub(crate) fn step(&mut self, event: Event, audience: &Audience) -> Option<HardState> {
        let effects = self.consensus.step(event);
        if let Some(visible) = effects.visible {
            self.show(visible, audience);
        }
        effects.persist
    }

    /// Readers may see up to `visible` now.
    fn show(&mut self, visible: Offset, audience: &Audience) {
        self.log.set_retain_from(visible);
        while let Some(done) = self.waiting.pop_front_if(|waiting| waiting.end <= visible) {
            let answer = self.answer(done.base, done.log_append_time);
            audience.answers.send(done.answer, Ok(answer));
        }
        let (done, left) = std::mem::take(&mut self.repeated)
            .into_iter()
            .partition(|repeated: &Waiting| repeated.end <= visible);
        self.repeated = left;
        for repeated in done as Vec<Waiting> {
            let answer = self.answer(repeated.base, repeated.log_append_time);
            audience.answers.send(repeated.answer, Ok(answer));
        }
        self.interests.retain(|interest| {
            let moved = visible > interest.seen;
            if moved {
                audience.watches.fire(*interest);
            }
            !moved
        });
    }

    fn answer(&self, base_offset: Offset, log_append_time: i64) -> ProduceAnswer {
        ProduceAnswer { base_offset, log_append_time, log_start: self.log.visible_start() }
    }

    /// Nothing more comes of this replica: whoever waits is told why.
    pub(crate) fn stop(&mut self, why: &Refusal, audience: &Audience) {
        self.consensus.step(Event::Stop);
        for waiting in self.waiting.drain(..).chain(self.repeated.drain(..)) {
            audience.answers.send(waiting.answer, Err(why.clone()));
        }
        for interest in self.interests.drain(..) {
            audience.watches.fire(interest);
        }
    }

    /// Whether nothing more comes of it.
    pub(crate) fn is_stopped(&self) -> bool {
        self.consensus.is_stopped()
    }

    /// Remembers a watch; false if there is something to see already.
    pub(crate) fn watch(&mut self, interest: Interest) -> bool {
        if self.consensus.is_stopped() || self.consensus.visible() > interest.seen {
            return false;
        }
        self.interests.push(interest);
        true
    }

    /// Forgets a watch of this position.
    pub(crate) fn unwatch(&mut self, key: WatchKey, at: u32) {
        let is_it = |interest: &Interest| interest.key == key && interest.at == at;
        if let Some(at) = self.interests.iter().position(is_it) {
            self.interests.swap_remove(at);
        }
    }

    /// Watches that it remembers.
    #[cfg(test)]
    pub(crate) fn interest_count(&self) -> usize {
        self.interests.len()
    }

    /// Refuses what a replica that does not lead must not answer, and epochs that are not ours
    /// (traps 8 and 9: older 74, newer 75, -1 does not ask).
    pub(crate) fn serve(&self, current_leader_epoch: Epoch) -> Result<(), Refusal> {
        if self.consensus.is_stopped() {
            return Err(Refusal::StorageStopped);
        }
        if !self.consensus.leads() {
            return Err(Refusal::LeaderNotAvailable);
        }
        let current = self.consensus.term();
        match current_leader_epoch {
            -1 => Ok(()),
            asked if asked < current => Err(Refusal::FencedLeaderEpoch),
            asked if asked > current => Err(Refusal::UnknownLeaderEpoch { current }),
            _ => Ok(()),
        }
    }

    /// Where it stands.
    pub(crate) fn position(&self) -> Position {
        let visible = self.consensus.visible();
        Position {
            leader_epoch: self.consensus.term(),
            log_start: self.log.visible_start(),
            high_watermark: visible,
            last_stable: visible,
        }
    }
}

/// What a topic's settings say about a log.
pub(crate) fn log_options(settings: &TopicSettings) -> LogOptions {
    LogOptions {
        segment_bytes: settings.segment_bytes as u64,
        segment_ms: settings.segment_ms,
        retention_ms: settings.retention_ms.unwrap_or(-1),
        retention_bytes: settings.retention_bytes.map_or(-1, |bytes| bytes.cast_signed().max(0)),
        delete: settings.cleanup.delete,
        compact: settings.cleanup.compact,
        delete_retention_ms: settings.delete_retention_ms,
        min_compaction_lag_ms: settings.min_compaction_lag_ms,
        max_compaction_lag_ms: settings.max_compaction_lag_ms,
        min_dirty_millionths: (settings.min_cleanable_dirty_ratio.clamp(0.0, 1.0) * 1e6) as u32,
        unpacked_bytes_max: engine_record::unpacked_bytes_max(settings.max_message_bytes),
        write_caching: settings.write_caching,
        below_reserve: false,
    }
}
