//! What a log knows of the producers that number their batches: epoch, the last batches, when it
//! was last heard of.
//!
//! Kept true:
//! - It is what the batches below `upto` say, in the order of their offsets, each taken in once. A
//!   checkpoint has it as of the sequence at which it took the log, so a replay leaves it alone up
//!   to there.
//! - A producer has at most [`BATCHES_KEPT`] batches, a log at most [`PRODUCERS_MAX`] producers: a
//!   new one takes the place of the one that was silent for longest.

use std::collections::{BTreeMap, VecDeque};

use engine_base::Offset;
use engine_record::BatchHeader;

use crate::fields::Fields;

/// Batches that are remembered of a producer: as many as clients have in flight at most.
pub const BATCHES_KEPT: usize = 5;

/// Producers that are remembered of a log.
pub const PRODUCERS_MAX: usize = 5_000;

/// A batch that a producer numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedBatch {
    /// Sequence of its first record.
    pub first_sequence: i32,
    /// Sequence of its last record.
    pub last_sequence: i32,
    /// Its base offset.
    pub base: Offset,
    /// One past its last offset.
    pub end: Offset,
    /// Its largest timestamp, in ms.
    pub timestamp: i64,
}

/// What is known of a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    /// The epoch of its last batch.
    pub epoch: i16,
    /// Sequence of its last record; -1 if nothing is known of it.
    pub last_sequence: i32,
    /// Its last batches in this epoch, oldest first. None after a cut that reached all of them.
    pub batches: VecDeque<NumberedBatch>,
    /// The wall clock when it was last heard of, in ms; after a replay not earlier than that.
    pub heard_ms: i64,
    /// What it is kept under in the order of silence: the base of its last batch, ever.
    rank: Offset,
}

/// The producers of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Producers {
    by_id: BTreeMap<i64, Producer>,
    /// The same, those silent for longest first.
    by_rank: BTreeMap<Offset, i64>,
    /// Batches below are taken in.
    upto: Offset,
}

/// The sequence `n` records behind this one: after the largest comes 0.
pub fn sequence_after(sequence: i32, n: i32) -> i32 {
    let sum = i64::from(sequence) + i64::from(n);
    let wrapped = sum % (i64::from(i32::MAX) + 1);
    i32::try_from(wrapped).expect("because it was reduced below the largest")
}

impl Producers {
    /// Of a log that begins here.
    pub(crate) fn new(start: Offset) -> Producers {
        Producers { upto: start, ..Producers::default() }
    }

    pub(crate) fn get(&self, id: i64) -> Option<&Producer> {
        self.by_id.get(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.by_id.iter().map(|(id, producer)| (*id, producer))
    }

    /// One past the last offset that was taken in.
    pub(crate) fn upto(&self) -> Offset {
        self.upto
    }

    /// Takes in the next batch.
    ///
    /// # Panics
    /// If it does not stand where the last one ended.
    pub(crate) fn note(&mut self, header: &BatchHeader, base: Offset, wall_ms: i64) {
        assert_eq!(base, self.upto, "batches are taken in one after the other");
        let end = base + i64::from(header.last_offset_delta) + 1;
        self.upto = end;
        // Markers of transactions have no sequence.
        if !header.has_producer() || header.is_control() || header.base_sequence < 0 {
            return;
        }
        let first_sequence = header.base_sequence;
        let last_sequence = sequence_after(first_sequence, header.last_offset_delta);
        let timestamp = header.max_timestamp;
        let batch = NumberedBatch { first_sequence, last_sequence, base, end, timestamp };
        let (id, epoch) = (header.producer_id, header.producer_epoch);
        if !self.by_id.contains_key(&id) && self.by_id.len() >= PRODUCERS_MAX {
            self.forget_most_silent();
        }
        let producer = self.by_id.entry(id).or_insert_with(|| Producer {
            epoch,
            last_sequence,
            batches: VecDeque::new(),
            heard_ms: wall_ms,
            rank: base,
        });
        if producer.epoch != epoch {
            producer.epoch = epoch;
            producer.batches.clear();
        }
        if producer.batches.len() == BATCHES_KEPT {
            producer.batches.pop_front();
        }
        producer.batches.push_back(batch);
        producer.last_sequence = last_sequence;
        producer.heard_ms = wall_ms;
        self.by_rank.remove(&producer.rank);
        producer.rank = base;
        self.by_rank.insert(base, id);
        assert_eq!(self.by_id.len(), self.by_rank.len(), "each producer has one rank");
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Makes room for another one.
    pub(crate) fn forget_most_silent(&mut self) {
        if let Some((_, id)) = self.by_rank.pop_first() {
            self.by_id.remove(&id);
        }
    }

    /// The log was cut to `to`. A producer whose batches in this epoch were all cut goes back to
    /// the sequence before them; one of which nothing is left to know is forgotten.
    pub(crate) fn cut(&mut self, to: Offset) {
        self.upto = to;
        let cut = self.by_rank.split_off(&to);
        for (_, id) in cut {
            let producer = self.by_id.get_mut(&id).expect("each rank has its producer");
            let kept = producer.batches.partition_point(|batch| batch.end <= to);
            let first_cut = producer.batches.get(kept).map_or(0, |batch| batch.first_sequence);
            producer.batches.truncate(kept);
            producer.last_sequence = match producer.batches.back() {
                Some(last) => last.last_sequence,
                None => first_cut - 1,
            };
            if producer.last_sequence < 0 {
                self.by_id.remove(&id);
                continue;
            }
            // One without batches is as silent as can be: below every base that is still there.
            let mut rank = producer.batches.back().map_or(-1, |last| last.base);
            while self.by_rank.contains_key(&rank) {
                rank -= 1;
            }
            producer.rank = rank;
            self.by_rank.insert(rank, id);
        }
    }

    /// Forgets those that were silent since before `before_ms`.
    pub(crate) fn expire(&mut self, before_ms: i64) {
        let by_rank = &mut self.by_rank;
        self.by_id.retain(|_, producer| {
            let stays = producer.heard_ms >= before_ms;
            if !stays {
                by_rank.remove(&producer.rank);
            }
            stays
        });
    }

    /// After a replay, or with a clock that was wrong: nobody was heard of later than now, and who
    /// was heard of at an unknown time was so just now.
    pub(crate) fn settle_walls(&mut self, now_ms: i64) {
        for producer in self.by_id.values_mut() {
            if producer.heard_ms == 0 || producer.heard_ms > now_ms {
                producer.heard_ms = now_ms;
            }
        }
    }

    /// Little-endian: upto i64, count u32, then each producer ascending by id: id i64, epoch i16,
    /// batches u16, last sequence i32, heard i64, rank i64, then its batches: first and last
    /// sequence i32, base i64, end i64, timestamp i64.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.upto.to_le_bytes());
        let count = u32::try_from(self.by_id.len()).expect("because their number is bounded");
        out.extend(count.to_le_bytes());
        for (id, producer) in &self.by_id {
            out.extend(id.to_le_bytes());
            out.extend(producer.epoch.to_le_bytes());
            let count = u16::try_from(producer.batches.len()).expect("because it is at most 5");
            out.extend(count.to_le_bytes());
            out.extend(producer.last_sequence.to_le_bytes());
            out.extend(producer.heard_ms.to_le_bytes());
            out.extend(producer.rank.to_le_bytes());
            for batch in &producer.batches {
                out.extend(batch.first_sequence.to_le_bytes());
                out.extend(batch.last_sequence.to_le_bytes());
                out.extend(batch.base.to_le_bytes());
                out.extend(batch.end.to_le_bytes());
                out.extend(batch.timestamp.to_le_bytes());
            }
        }
    }

    /// Reads what [`Producers::encode`] wrote; `None` if it is none.
    pub(crate) fn decode(fields: &mut Fields<'_>) -> Option<Producers> {
        let mut producers = Producers::new(fields.i64()?);
        for _ in 0..fields.count(PRODUCER_BYTES)? {
            let (id, epoch) = (fields.i64()?, fields.u16()?.cast_signed());
            let count = usize::from(fields.u16()?);
            let (last_sequence, heard_ms) = (fields.i32()?, fields.i64()?);
            let rank = fields.i64()?;
            if count > BATCHES_KEPT {
                return None;
            }
            let batches = (0..count).map(|_| {
                Some(NumberedBatch {
                    first_sequence: fields.i32()?,
                    last_sequence: fields.i32()?,
                    base: fields.i64()?,
                    end: fields.i64()?,
                    timestamp: fields.i64()?,
                })
            });
            let batches = batches.collect::<Option<_>>()?;
            let producer = Producer { epoch, last_sequence, batches, heard_ms, rank };
            let alone = producers.by_rank.insert(rank, id).is_none();
            if !alone || producers.by_id.insert(id, producer).is_some() {
                return None;
            }
        }
        Some(producers)
    }
}

/// Bytes of a producer without batches.
const PRODUCER_BYTES: usize = 32;

#[cfg(test)]
#[path = "producers_test.rs"]
mod producers_test;
