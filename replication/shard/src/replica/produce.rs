//! Appending to one replica: check the batch, stamp it through the log, remember who waits.
//!
//! Kept true: a batch is either refused and leaves no trace, or appended and answered exactly once;
//! one that its producer sends again is answered like the first and not appended;
//! what is refused for want of room may be offered again as it is, without a second check.

use engine_base::settings::TopicSettings;
use engine_base::{Offset, Refusal, WallMs};
use engine_log::{NumberedBatch, Seq};
use engine_record::{BatchHeader, HEADER_BYTES, Rope, Rules, Validated, Validation};

use super::consensus::Event;
use super::sequence::{self, Sequenced};
use super::{Audience, Replica, Waiting};
use crate::command::{Acks, BatchBytes, ProduceCommand};
use crate::produced::AnswerSlot;

/// What the topic asks of every batch.
pub(crate) fn rules(settings: &TopicSettings) -> Rules {
    Rules::of_topic(settings, WallMs(0))
}

/// Pieces of a batch that are listed without an allocation.
const PIECES_INLINE: usize = 6;

/// Runs `act` over the batch as a list of slices, with `head` in place of its first bytes.
pub(crate) fn with_pieces<T>(
    batch: &BatchBytes,
    head: Option<&[u8; HEADER_BYTES]>,
    act: impl FnOnce(&[&[u8]]) -> T,
) -> T {
    let slices = batch.slices();
    let mut skip = head.map_or(0, |head| head.len());
    let rest = slices.iter().map(|slice| {
        let cut = skip.min(slice.len());
        skip -= cut;
        &slice[cut..]
    });
    let pieces = head.map(|head| head.as_slice()).into_iter().chain(rest);
    if slices.len() < PIECES_INLINE {
        let mut inline: [&[u8]; PIECES_INLINE] = [&[]; PIECES_INLINE];
        let mut count = 0;
        for piece in pieces {
            inline[count] = piece;
            count += 1;
        }
        return act(&inline[..count]);
    }
    let listed: Vec<&[u8]> = pieces.collect();
    act(&listed)
}

/// A compressed batch that opens within so many bytes is checked in the produce turn.
const OPENED_BYTES_AT_ONCE: usize = 16 * 1024;

/// What a check came to.
pub(crate) enum Checked {
    /// It may be appended.
    Ready(Validated),
    /// Its records must be opened first, which is more work than belongs into a produce turn.
    Opens,
}

/// Checks a batch as far as that is cheap.
pub(crate) fn check(rules: &Rules, batch: &BatchBytes) -> Result<Checked, Refusal> {
    with_pieces(batch, None, |pieces| {
        let mut validation = Validation::begin(Rope::new(pieces), rules)?;
        let at_once = if validation.opens() { OPENED_BYTES_AT_ONCE } else { usize::MAX };
        match validation.step(at_once)? {
            Some(validated) => {
                refuse_transactions(&validated.header).map(|()| Checked::Ready(validated))
            }
            None => Ok(Checked::Opens),
        }
    })
}

/// Trap 23: transactional batches are refused for good and never stored.
pub(crate) fn refuse_transactions(header: &BatchHeader) -> Result<(), Refusal> {
    if header.is_transactional() {
        let why = "transactions are not served by this version of Bobbin";
        return Err(Refusal::TransactionsNotServed(why.into()));
    }
    Ok(())
}

impl Replica {
    /// The rules for a batch that arrives now.
    pub(crate) fn rules_for(&self, command: &ProduceCommand, now: WallMs) -> Rules {
        let ProduceCommand { zstd_allowed, has_transactional_id, .. } = *command;
        Rules { now, zstd_allowed, has_transactional_id, ..self.rules }
    }

    /// Refuses if this replica takes no appends at all.
    pub(crate) fn admits(&self) -> Result<(), Refusal> {
        if self.consensus.is_stopped() {
            return Err(Refusal::StorageStopped);
        }
        self.consensus.epoch().map(|_| ()).ok_or(Refusal::LeaderNotAvailable)
    }

    /// Whether a checked batch came before; refuses one that its producer cannot send now.
    pub(crate) fn sequenced(&self, header: &BatchHeader) -> Result<Sequenced, Refusal> {
        self.admits()?;
        if !header.has_producer() {
            return Ok(Sequenced::Next);
        }
        self.log.with_producer(header.producer_id, |known| sequence::check(known, header))
    }

    /// Answers a batch that came again as its original was or will be: not before that is visible.
    pub(crate) fn answer_repeat(
        &mut self,
        original: &NumberedBatch,
        acks: Acks,
        slot: AnswerSlot,
        audience: &Audience,
    ) {
        let NumberedBatch { base, end, timestamp, .. } = *original;
        if acks == Acks::None || end <= self.consensus.visible() {
            audience.answers.send(slot, Ok(self.answer(base, timestamp)));
        } else {
            let again = Waiting { base, end, log_append_time: timestamp, answer: slot };
            self.repeated.push(again);
        }
    }

    /// Appends a checked batch. [`Refusal::Overloaded`] means that it may be offered again.
    pub(crate) fn append(
        &mut self,
        batch: &BatchBytes,
        validated: &Validated,
        audience: &Audience,
    ) -> Result<Append, Refusal> {
        self.admits()?;
        let epoch = self.consensus.epoch().expect("because it admits appends");
        let base = self.log.end();
        let seq = with_pieces(batch, validated.header_bytes.as_ref(), |pieces| {
            self.log.append(pieces, base, epoch)
        })?;
        let end = base + i64::from(validated.header.last_offset_delta) + 1;
        assert_eq!(self.log.end(), end, "the log grew by the batch");
        self.step(Event::Appended(end), audience);
        Ok(Append { seq, base, end, log_append_time: validated.log_append_time.unwrap_or(-1) })
    }

    /// Answers an append when its time has come.
    pub(crate) fn answer_when_visible(
        &mut self,
        append: &Append,
        acks: Acks,
        slot: AnswerSlot,
        audience: &Audience,
    ) {
        let Append { base, end, log_append_time, .. } = *append;
        match acks {
            Acks::None => {
                audience.answers.send(slot, Ok(self.answer(base, log_append_time)));
            }
            Acks::Leader | Acks::All => {
                assert!(self.waiting.back().is_none_or(|last| last.end <= base), "in log order");
                self.waiting.push_back(Waiting { base, end, log_append_time, answer: slot });
            }
        }
    }
}

/// A batch in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Append {
    pub(crate) seq: Seq,
    pub(crate) base: Offset,
    pub(crate) end: Offset,
    log_append_time: i64,
}

#[cfg(test)]
mod tests {
    use engine_rt::Slice;

    use super::*;

    #[test]
    fn a_new_head_takes_the_place_of_the_old_one_however_the_batch_is_cut() {
        let bytes: Vec<u8> = (0..200).collect();
        let head = [255u8; HEADER_BYTES];
        let mut expected = bytes.clone();
        expected[..HEADER_BYTES].copy_from_slice(&head);
        for piece in [1, 7, 30, 61, 62, 100, 199, 200] {
            let cut = bytes.chunks(piece).map(|part| Slice::of_vec(part.to_vec()));
            let batch = BatchBytes::from(cut.collect::<Vec<_>>());
            assert_eq!(batch.len(), 200);
            assert_eq!(with_pieces(&batch, None, |pieces| pieces.concat()), bytes);
            assert_eq!(with_pieces(&batch, Some(&head), |pieces| pieces.concat()), expected);
        }
    }
}
