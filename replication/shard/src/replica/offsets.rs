//! Offsets by moment: ListOffsets with its special timestamps, OffsetForLeaderEpoch, DeleteRecords.
//!
//! Kept true: nothing beyond the high watermark is ever named; the answers to special timestamps
//! are those of a Kafka 4.3.1 node without tiered storage.

use engine_base::{Epoch, Offset, Refusal};
use engine_log::{Log, ReadError, Seq, TimedOffset};

use super::Replica;
use super::fetch::Bounds;
use crate::command::ListOffsetAnswer;

/// The end: the high watermark, or the last stable offset for a read_committed reader.
const LATEST: i64 = -1;
/// The first offset there is.
const EARLIEST: i64 = -2;
/// The first record with the largest timestamp.
const MAX_TIMESTAMP: i64 = -3;
/// The first offset on this node's own disk: everything is.
const EARLIEST_LOCAL: i64 = -4;
/// The last offset in tiered storage: there is none.
const LATEST_TIERED: i64 = -5;
/// The first offset not yet in tiered storage: Kafka without it says there is none.
const EARLIEST_PENDING_UPLOAD: i64 = -6;

const NOTHING: ListOffsetAnswer = ListOffsetAnswer { timestamp: -1, offset: -1, leader_epoch: -1 };

/// The offset that belongs to a moment or to a special timestamp.
pub(crate) async fn list_offset(
    bounds: Bounds,
    timestamp: i64,
) -> Result<ListOffsetAnswer, ReadError> {
    let Bounds { log, position, limit } = bounds;
    let at = |offset, leader_epoch| ListOffsetAnswer { timestamp: -1, offset, leader_epoch };
    match timestamp {
        LATEST => Ok(at(limit, position.leader_epoch)),
        EARLIEST | EARLIEST_LOCAL => {
            let start = position.log_start;
            Ok(at(start, epoch_at(&log, start).unwrap_or(position.leader_epoch)))
        }
        MAX_TIMESTAMP => Ok(found(log.max_timestamp(limit).await?)),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(NOTHING),
        0.. => Ok(found(log.offset_for_time(timestamp, limit).await?)),
        _ => {
            let why = format!("no offset has the special timestamp {timestamp}");
            Err(Refusal::UnsupportedVersion(why).into())
        }
    }
}

fn found(record: Option<TimedOffset>) -> ListOffsetAnswer {
    record.map_or(NOTHING, |TimedOffset { offset, timestamp, epoch }| ListOffsetAnswer {
        timestamp,
        offset,
        leader_epoch: epoch,
    })
}

/// The epoch of the batch that holds this offset; `None` at the end of the log.
fn epoch_at(log: &Log, offset: Offset) -> Option<Epoch> {
    if offset >= log.end() {
        return None;
    }
    log.epochs().into_iter().rev().find(|(_, first)| *first <= offset).map(|(epoch, _)| epoch)
}

impl Replica {
    /// The largest epoch not above `epoch`, and where it ends for a reader. An epoch below the
    /// first that the log knows of ended where that one began.
    pub(crate) fn end_of_epoch(&self, epoch: Epoch) -> (Epoch, Offset) {
        let position = self.position();
        // The epoch we lead with ends where readers stand, also before its first batch.
        if epoch == position.leader_epoch {
            return (epoch, position.high_watermark);
        }
        if epoch > position.leader_epoch {
            return (-1, -1);
        }
        let (found, end) = match self.log().end_offset_for_epoch(epoch) {
            (-1, _) if epoch != -1 => {
                let first = self.log().epochs().first().map(|(_, first)| *first);
                (epoch, first.unwrap_or(self.log().end()).max(position.log_start))
            }
            found => found,
        };
        (found, end.min(position.high_watermark))
    }

    /// Moves the start. Answers what must be durable before the new start is told.
    pub(crate) fn delete_records(&self, before: Offset) -> Result<(Offset, Option<Seq>), Refusal> {
        if !self.settings().cleanup.delete {
            let why = "Records can not be deleted due to the configured cleanup.policy";
            return Err(Refusal::PolicyViolation(why.into()));
        }
        let position = self.position();
        let (start, end) = (position.log_start, position.high_watermark);
        let to = if before == -1 { end } else { before };
        if to < 0 || to > end {
            return Err(Refusal::OffsetOutOfRange { start, end });
        }
        // Also if it moves nothing: what moved it there may not be durable yet.
        let to = to.max(self.log().start());
        let seq = self.log().set_start(to)?;
        Ok((to, Some(seq)))
    }
}
