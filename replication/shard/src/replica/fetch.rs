//! Reading from one replica: bounds from what is visible, bytes lent by the log.
//!
//! Kept true: nothing at or beyond the high watermark is ever handed out; a read that waited for a
//! disk answers with bounds no older than its request.

use engine_base::{Fault, FaultKind, Offset, Refusal};
use engine_log::{Log, ReadError};

use super::Replica;
use crate::command::{Isolation, Position, ReadAnswer, ReadCommand};

/// What a read needs, taken from the replica at once.
pub(crate) struct Bounds {
    pub(crate) log: Log,
    pub(crate) position: Position,
    /// One past the last offset that this reader may see.
    pub(crate) limit: Offset,
}

impl Replica {
    /// The bounds for a reader of this isolation.
    pub(crate) fn bounds(&self, isolation: Isolation) -> Bounds {
        let position = self.position();
        let limit = match isolation {
            Isolation::ReadUncommitted => position.high_watermark,
            Isolation::ReadCommitted => position.last_stable,
        };
        Bounds { log: self.log().clone(), position, limit }
    }
}

/// Reads visible batches.
pub(crate) async fn read(bounds: Bounds, command: ReadCommand) -> Result<ReadAnswer, ReadError> {
    let Bounds { log, position, limit } = bounds;
    let (start, end) = (position.log_start, position.high_watermark);
    if command.offset < start || command.offset > end {
        return Err(Refusal::OffsetOutOfRange { start, end }.into());
    }
    let slices = if command.offset >= limit {
        Vec::new()
    } else {
        log.read(command.offset, limit, command.bytes_max, command.at_least_one).await?
    };
    Ok(ReadAnswer {
        slices,
        high_watermark: end,
        last_stable: position.last_stable,
        log_start: start,
    })
}

/// What a client is told when bytes cannot be had: rot is not the client's to wait out.
pub(crate) fn refusal_of(fault: &Fault) -> Refusal {
    match fault.kind {
        FaultKind::Rot | FaultKind::Missing => {
            Refusal::CorruptBatch("the stored bytes are not what was written")
        }
        FaultKind::ReadFailed | FaultKind::WriteFailed | FaultKind::Refused => {
            Refusal::StorageStopped
        }
    }
}
