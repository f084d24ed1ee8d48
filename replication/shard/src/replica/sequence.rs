//! Whether a numbered batch is the next one of its producer, one that the log has, or neither: as
//! Kafka 4.3 decides it.
//!
//! Kept true: a batch that is among the last five of its producer is never appended again; one that
//! does not follow the last is refused and leaves no trace.

use engine_base::Refusal;
use engine_log::{NumberedBatch, Producer, sequence_after};
use engine_record::BatchHeader;

/// What a batch is to what its log knows of its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequenced {
    /// It follows, or nobody numbered it, or nothing is known of who did.
    Next,
    /// The log has it already.
    Repeat(NumberedBatch),
}

/// Decides for a batch of which the numbers were found to be some.
///
/// # Errors
/// [`Refusal::InvalidProducerEpoch`] for an epoch that is over,
/// [`Refusal::OutOfOrderSequence`] for a batch that does not follow.
pub(crate) fn check(known: Option<&Producer>, header: &BatchHeader) -> Result<Sequenced, Refusal> {
    let first = header.base_sequence;
    let Some(known) = known else { return Ok(Sequenced::Next) };
    let (id, epoch) = (header.producer_id, header.producer_epoch);
    if epoch < known.epoch {
        let why = format!("producer {id} is in epoch {}, this batch of {epoch}", known.epoch);
        return Err(Refusal::InvalidProducerEpoch(why));
    }
    if epoch > known.epoch {
        if first == 0 {
            return Ok(Sequenced::Next);
        }
        let why = format!("epoch {epoch} of producer {id} begins with sequence {first}, not 0");
        return Err(Refusal::OutOfOrderSequence(why));
    }
    let last = sequence_after(first, header.last_offset_delta);
    let same =
        |batch: &&NumberedBatch| (batch.first_sequence, batch.last_sequence) == (first, last);
    if let Some(original) = known.batches.iter().find(same) {
        return Ok(Sequenced::Repeat(*original));
    }
    let due = sequence_after(known.last_sequence, 1);
    if first == due {
        return Ok(Sequenced::Next);
    }
    let why = format!("producer {id} sent sequence {first} where {due} was due");
    Err(Refusal::OutOfOrderSequence(why))
}
