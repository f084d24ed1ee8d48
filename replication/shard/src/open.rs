//! Batches whose records must be opened are checked beside the produce turn, a piece at a time.
//!
//! Kept true: while a batch of a partition is being opened, later commands of that partition wait
//! behind it, in order, and still count in the inbox; other partitions go on.

use std::collections::VecDeque;

use engine_base::{IntMap, LogId, Refusal};
use engine_record::{Rope, Validated, Validation};
use engine_rt::Class;

use crate::inbox::Queued;
use crate::replica::produce::refuse_transactions;
use crate::shard::Shard;
use crate::take::Taken;

/// Bytes of a batch that are opened before other tasks of the core get a turn.
const OPENED_BYTES_PER_TURN: usize = 64 * 1024;

/// What waits behind a batch that is being opened, by log. Nothing waits behind a log without an
/// entry.
#[derive(Default)]
pub(crate) struct Behind(IntMap<LogId, VecDeque<Queued>>);

impl Behind {
    fn begin(&mut self, log: LogId) {
        let before = self.0.insert(log, VecDeque::new());
        assert!(before.is_none(), "one batch of a partition is opened at a time");
    }

    /// The next one that waits; after the last, nothing is being opened any more.
    fn next(&mut self, log: LogId) -> Option<Queued> {
        let waiting = self.0.get_mut(&log).expect("because a batch of it is being opened");
        let next = waiting.pop_front();
        if next.is_none() {
            self.0.remove(&log);
        }
        next
    }
}

impl Shard {
    /// Puts a command behind the batch of its partition that is being opened, or gives it back if
    /// there is none.
    pub(crate) fn hold_back(&self, queued: Queued) -> Option<Queued> {
        let behind = &mut self.state.borrow_mut().behind;
        if behind.0.is_empty() {
            return Some(queued);
        }
        let Some(waiting) = behind.0.get_mut(&queued.command.partition.log) else {
            return Some(queued);
        };
        self.inbox.hold(queued.bytes);
        waiting.push_back(queued);
        None
    }

    /// Opens a batch in a task of its own, then takes what came behind it.
    pub(crate) fn open(&self, first: Queued) {
        let log = first.command.partition.log;
        self.state.borrow_mut().behind.begin(log);
        let (shard, pass) = (self.clone(), self.opening.enter());
        self.core.spawn(Class::Housekeeping, "open batches", async move {
            shard.open_one(first).await;
            loop {
                let next = shard.state.borrow_mut().behind.next(log);
                let Some(queued) = next else { break };
                shard.inbox.release(queued.bytes);
                match shard.take(queued) {
                    Taken::Done => {}
                    Taken::Opens(queued) => shard.open_one(queued).await,
                    Taken::Full(queued, validated) => {
                        shard.wait_for_room(queued, &validated).await;
                    }
                }
            }
            drop(pass);
        });
    }

    async fn open_one(&self, queued: Queued) {
        match self.opened(&queued).await {
            Ok(validated) => {
                if let Err(queued) = self.append(queued, &validated) {
                    self.wait_for_room(queued, &validated).await;
                }
            }
            Err(why) => _ = self.refuse(queued, why),
        }
    }

    async fn opened(&self, queued: &Queued) -> Result<Validated, Refusal> {
        let now = self.core.wall();
        let command = &queued.command;
        let rules = self.with(command.partition, |replica| replica.rules_for(command, now))?;
        let slices = command.batch.slices();
        let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
        let mut validation = Validation::begin(Rope::new(&pieces), &rules)?;
        loop {
            if let Some(validated) = validation.step(OPENED_BYTES_PER_TURN)? {
                refuse_transactions(&validated.header)?;
                return Ok(validated);
            }
            self.core.yield_now().await;
        }
    }
}
