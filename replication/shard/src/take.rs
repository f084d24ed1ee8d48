//! The shard takes commands out of its inbox: the produce turn.
//!
//! Kept true: batches of one partition are appended in the order they were handed in; a command
//! that waits for room holds back those behind it; other work of the core gets its turn between
//! commands.

use engine_base::{Offset, Refusal};
use engine_record::{BatchHeader, Validated};
use engine_rt::Slice;

use crate::command::BatchBytes;
use crate::flights::{Flight, Landed};
use crate::inbox::Queued;
use crate::partition::Partition;
use crate::replica::produce::{Checked, check};
use crate::replica::sequence::Sequenced;
use crate::shard::Shard;

/// Commands taken before other tasks of the core get a turn.
const COMMANDS_PER_TURN: usize = 128;

/// Bytes of batches taken before other tasks of the core get a turn.
const BYTES_PER_TURN: usize = 1024 * 1024;

/// What became of a command at once.
pub(crate) enum Taken {
    /// It was answered or will be.
    Done,
    /// Its records must be opened.
    Opens(Queued),
    /// It was checked, but there is no room for it now.
    Full(Queued, Box<Validated>),
}

impl Shard {
    /// Takes commands until the inbox is closed and empty.
    pub(crate) async fn take_commands(&self) {
        loop {
            let arrival = self.inbox.arrival();
            let (mut taken, mut bytes) = (0, 0);
            while let Some(queued) = self.inbox.pop() {
                taken += 1;
                bytes += queued.bytes;
                if let Some(queued) = self.hold_back(queued) {
                    match self.take(queued) {
                        Taken::Done => {}
                        Taken::Opens(queued) => self.open(queued),
                        Taken::Full(queued, validated) => {
                            self.wait_for_room(queued, &validated).await;
                        }
                    }
                }
                if taken >= COMMANDS_PER_TURN || bytes >= BYTES_PER_TURN {
                    (taken, bytes) = (0, 0);
                    self.inbox.made_room();
                    self.core.yield_now().await;
                }
            }
            self.inbox.made_room();
            if self.inbox.is_closed() {
                return;
            }
            arrival.await;
        }
    }

    /// Checks a command and appends its batch.
    pub(crate) fn take(&self, queued: Queued) -> Taken {
        let partition = queued.command.partition;
        let now = self.core.wall();
        let checked = self
            .with(partition, |replica| {
                replica.admits()?;
                Ok(replica.rules_for(&queued.command, now))
            })
            .flatten()
            .and_then(|rules| check(&rules, &queued.command.batch));
        match checked {
            Ok(Checked::Ready(validated)) => match self.append(queued, &validated) {
                Ok(()) => Taken::Done,
                Err(queued) => Taken::Full(queued, Box::new(validated)),
            },
            Ok(Checked::Opens) => Taken::Opens(queued),
            Err(why) => self.refuse(queued, why),
        }
    }

    pub(crate) fn refuse(&self, queued: Queued, why: Refusal) -> Taken {
        self.audience.answers.send(queued.answer, Err(why));
        Taken::Done
    }

    /// Appends a checked batch, or gives it back for want of room.
    pub(crate) fn append(&self, queued: Queued, validated: &Validated) -> Result<(), Queued> {
        let state = &mut *self.state.borrow_mut();
        let partition = queued.command.partition;
        let Some(replica) = state.replica(partition.slot, partition.log) else {
            self.refuse(queued, Refusal::UnknownTopicOrPartition);
            return Ok(());
        };
        match replica.sequenced(&validated.header) {
            Ok(Sequenced::Next) => {}
            Ok(Sequenced::Repeat(original)) => {
                let acks = queued.command.acks;
                replica.answer_repeat(&original, acks, queued.answer, &self.audience);
                return Ok(());
            }
            Err(why) => {
                self.refuse(queued, why);
                return Ok(());
            }
        }
        let append = match replica.append(&queued.command.batch, validated, &self.audience) {
            Ok(append) => append,
            Err(Refusal::Overloaded) => return Err(queued),
            Err(why) => {
                self.refuse(queued, why);
                return Ok(());
            }
        };
        replica.answer_when_visible(&append, queued.command.acks, queued.answer, &self.audience);
        let cached = replica.settings().write_caching;
        let what = Landed::End(append.end);
        let flight = Flight { seq: append.seq, slot: partition.slot, log: partition.log, what };
        state.fly(flight, cached);
        Ok(())
    }

    /// Waits until the store has room, then appends. Everything behind waits too.
    pub(crate) async fn wait_for_room(&self, mut queued: Queued, validated: &Validated) {
        loop {
            if let Err(why) = self.store.room(queued.bytes).await {
                self.refuse(queued, why);
                return;
            }
            match self.append(queued, validated) {
                Ok(()) => return,
                Err(again) => queued = again,
            }
        }
    }
}

impl Shard {
    /// Appends a batch of our own making, such as metadata; answers where the log ends then.
    pub(crate) async fn append_own(
        &self,
        partition: Partition,
        batch: Slice,
    ) -> Result<Offset, Refusal> {
        let header = batch.first_chunk().expect("because a batch that was built has a header");
        let header = BatchHeader::read(header);
        let validated = Validated { header, header_bytes: None, log_append_time: None };
        let bytes = batch.len();
        let batch = BatchBytes::One(batch);
        self.when_room(bytes, || {
            let state = &mut *self.state.borrow_mut();
            let replica = state
                .replica(partition.slot, partition.log)
                .ok_or(Refusal::UnknownTopicOrPartition)?;
            let append = replica.append(&batch, &validated, &self.audience)?;
            let cached = replica.settings().write_caching;
            let what = Landed::End(append.end);
            let flight = Flight { seq: append.seq, slot: partition.slot, log: partition.log, what };
            state.fly(flight, cached);
            Ok(append.end)
        })
        .await
    }
}
