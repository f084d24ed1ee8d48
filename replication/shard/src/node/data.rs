//! Records of partitions as sessions ask for them: handed in, read, found by time, deleted.
//!
//! Kept true: whatever is asked of a partition is first asked of its replica, which knows whether
//! it serves; batches of one partition are taken in the order in which they were handed in.

use engine_base::{Epoch, Offset, Refusal};
use engine_log::{Producer, ReadError};

use crate::command::{
    Isolation, ListOffsetAnswer, ListOffsetCommand, Position, ProduceCommand, ReadAnswer,
    ReadCommand,
};
use crate::inbox::Queued;
use crate::node::Node;
use crate::partition::Partition;
use crate::produced::Produced;
use crate::replica::fetch::{self, Bounds};
use crate::replica::offsets;
use crate::watch::Watch;

impl Node {
    /// Where the partition stands now.
    pub fn position(&self, partition: Partition) -> Result<Position, Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(-1)?;
                Ok(replica.position())
            })
            .flatten()
    }

    /// Hands a batch in. Batches of one partition are appended in the order of these calls.
    /// Nothing waits here: see [`Node::room`].
    pub fn produce(&self, command: ProduceCommand) -> Produced {
        let shard = self.shard(command.partition);
        let (answer, produced) = self.0.audience.answers.expect();
        let bytes = command.batch.len();
        if let Err(turned_away) = shard.inbox.push(Queued { command, bytes, answer }) {
            let why = if shard.inbox.is_closed() { Refusal::Stopping } else { Refusal::Overloaded };
            self.0.audience.answers.send(turned_away.answer, Err(why));
        }
        produced
    }

    /// Backpressure: waits until every shard's inbox has room for a batch of `bytes`. A session
    /// calls it before it takes the next produce from its socket; one that does not meets
    /// [`Refusal::Overloaded`].
    pub async fn room(&self, bytes: usize) {
        for shard in self.0.seats.open() {
            shard.inbox.has_room(bytes).await;
        }
    }

    fn bounds(
        &self,
        partition: Partition,
        epoch: Epoch,
        isolation: Isolation,
    ) -> Result<Bounds, Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(epoch)?;
                Ok(replica.bounds(isolation))
            })
            .flatten()
    }

    /// What a failed read is to its reader. A fault is noted, unless the log was deleted meanwhile.
    fn failed(&self, partition: Partition, error: ReadError) -> Refusal {
        match error {
            ReadError::Refusal(why) => why,
            ReadError::Fault(fault) => {
                let shard = self.shard(partition);
                if let Err(gone) = shard.with(partition, |_| ()) {
                    return gone;
                }
                let why = fetch::refusal_of(&fault);
                shard.note(fault);
                why
            }
        }
    }

    /// Reads visible batches.
    pub async fn read(&self, command: ReadCommand) -> Result<ReadAnswer, Refusal> {
        let ReadCommand { partition, current_leader_epoch, isolation, .. } = command;
        let bounds = self.bounds(partition, current_leader_epoch, isolation)?;
        fetch::read(bounds, command).await.map_err(|error| self.failed(partition, error))
    }

    /// Waits until any of these partitions moved past the high watermark that was seen of it.
    pub fn watch(&self, seen: &[(Partition, Offset)]) -> Watch {
        let seen = seen.iter();
        Watch::new(
            &self.0.audience.watches,
            seen.map(|(partition, seen)| (self.shard(*partition).clone(), *partition, *seen)),
        )
    }

    /// Watches one more partition at this position of a watch, in place of the one that is there.
    pub fn watch_at(&self, watch: &mut Watch, at: usize, partition: Partition, seen: Offset) {
        watch.put(at, self.shard(partition).clone(), partition, seen);
    }

    /// The offset that belongs to a moment.
    pub async fn list_offset(
        &self,
        command: ListOffsetCommand,
    ) -> Result<ListOffsetAnswer, Refusal> {
        let ListOffsetCommand { partition, current_leader_epoch, timestamp, isolation } = command;
        let bounds = self.bounds(partition, current_leader_epoch, isolation)?;
        let listed = offsets::list_offset(bounds, timestamp).await;
        listed.map_err(|error| self.failed(partition, error))
    }

    /// OffsetForLeaderEpoch: the largest epoch not above `epoch`, and where it ends.
    /// Both are -1 when there is none.
    pub fn end_of_epoch(
        &self,
        partition: Partition,
        current_leader_epoch: Epoch,
        epoch: Epoch,
    ) -> Result<(Epoch, Offset), Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(current_leader_epoch)?;
                Ok(replica.end_of_epoch(epoch))
            })
            .flatten()
    }

    /// Moves the partition's start to `before` (-1: the high watermark) once that is durable, and
    /// answers the new start. Beyond the high watermark is [`Refusal::OffsetOutOfRange`].
    pub async fn delete_records(
        &self,
        partition: Partition,
        before: Offset,
    ) -> Result<Offset, Refusal> {
        let shard = self.shard(partition);
        let (start, due) = shard.delete_records(partition, before).await?;
        if let Some(seq) = due {
            shard.durable(seq).await?;
        }
        Ok(start)
    }

    /// The producers that this partition's log knows, ascending by id.
    pub fn producers(&self, partition: Partition) -> Result<Vec<(i64, Producer)>, Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(-1)?;
                Ok(replica.log().producers())
            })
            .flatten()
    }

    /// How many there are.
    pub fn producer_count(&self, partition: Partition) -> Result<usize, Refusal> {
        self.shard(partition).with(partition, |replica| replica.log().producer_count())
    }
}
