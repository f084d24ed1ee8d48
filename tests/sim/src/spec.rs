//! What the log promised: the state after every acknowledged entry, and the entries since.
//!
//! Kept true: a recovered state is right only if it is the state after some block that is not older
//! than what was acknowledged.

use std::collections::{BTreeMap, VecDeque};

use engine_base::{Epoch, LogId, Offset};
use engine_log::{HardState, NumberedBatch};

/// A batch as it should read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its base offset.
    pub base: Offset,
    /// One past its last offset.
    pub next: Offset,
    /// Its leader epoch.
    pub epoch: Epoch,
    /// CRC32C of all its bytes, stamps included, and their number.
    pub print: (u32, usize),
    /// Who numbered it: producer, its epoch, the numbers.
    pub by: Option<(i64, i16, NumberedBatch)>,
}

/// A producer as it should be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Its epoch.
    pub epoch: i16,
    /// Sequence of its last record.
    pub last_sequence: i32,
    /// Its last five batches of this epoch.
    pub batches: Vec<NumberedBatch>,
}

/// A log as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSpec {
    /// The first readable offset.
    pub start: Offset,
    /// One past the last.
    pub end: Offset,
    /// The hard state.
    pub hard_state: HardState,
    /// Every batch from the one that holds `start` on.
    pub batches: VecDeque<Batch>,
    /// Who numbered batches, those below `start` included.
    pub producers: BTreeMap<i64, Numbered>,
}

impl LogSpec {
    fn number(&mut self, id: i64, epoch: i16, batch: NumberedBatch) {
        let known = self.producers.remove(&id).filter(|known| known.epoch == epoch);
        let mut batches = known.map_or(Vec::new(), |known| known.batches);
        batches.push(batch);
        let batches = batches.split_off(batches.len().saturating_sub(5));
        self.producers.insert(id, Numbered { epoch, last_sequence: batch.last_sequence, batches });
    }

    /// After a cut the last batch that is left says how far a producer is; if none is, the sequence
    /// before the first one that was cut.
    fn cut_numbers(&mut self, to: Offset) {
        self.producers.retain(|_, known| {
            let Some(cut) = known.batches.iter().position(|batch| batch.end > to) else {
                return true;
            };
            known.last_sequence = known.batches[cut].first_sequence - 1;
            known.batches.truncate(cut);
            if let Some(last) = known.batches.last() {
                known.last_sequence = last.last_sequence;
            }
            known.last_sequence >= 0
        });
    }
}

/// All logs.
pub type State = BTreeMap<LogId, LogSpec>;

/// What was journalled.
#[derive(Clone, Debug)]
pub enum Change {
    /// A batch was appended.
    Append(Batch),
    /// Everything from this offset on was cut.
    Truncate(Offset),
    /// The start moved.
    Start(Offset),
    /// The hard state changed.
    HardState(HardState),
    /// The log was created.
    Create,
    /// The log was deleted.
    Delete,
}

/// A promise and what came after it.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// The state at the last time that something was settled.
    pub settled: State,
    /// What came since, with the journal sequence that holds it.
    pub since: VecDeque<(u64, LogId, Change)>,
    /// The state now.
    pub now: State,
    /// The store moved these starts when it failed: nobody knows with which sequence.
    pub maybe: Vec<(LogId, Offset)>,
    /// This log is being set aside: nothing is promised of it.
    pub aside: Option<LogId>,
}

impl Spec {
    /// A new beginning from a recovered state.
    pub fn from_recovered(state: State) -> Spec {
        Spec {
            settled: state.clone(),
            since: VecDeque::new(),
            now: state,
            maybe: Vec::new(),
            aside: None,
        }
    }

    /// Something was journalled with this sequence.
    pub fn note(&mut self, sequence: u64, log: LogId, change: Change) {
        apply(&mut self.now, log, &change);
        self.since.push_back((sequence, log, change));
    }

    /// The log's start was moved by the store itself, with this sequence: others, of blocks behind
    /// it, may have been noted since.
    pub fn note_start(&mut self, sequence: u64, log: LogId, to: Offset) {
        let change = Change::Start(to);
        apply(&mut self.now, log, &change);
        let at = self.since.partition_point(|(other, ..)| *other <= sequence);
        self.since.insert(at, (sequence, log, change));
    }

    /// The log's start was moved by a store that failed in the same turn.
    pub fn maybe_start(&mut self, log: LogId, to: Offset) {
        apply(&mut self.now, log, &Change::Start(to));
        self.maybe.push((log, to));
    }

    /// This log was set aside for good.
    pub fn forget(&mut self, log: LogId) {
        self.now.remove(&log);
        self.settled.remove(&log);
        self.since.retain(|(_, other, _)| *other != log);
        self.aside = None;
    }

    /// Everything up to this sequence is acknowledged.
    pub fn settle(&mut self, upto: u64) {
        while self.since.front().is_some_and(|(sequence, ..)| *sequence <= upto) {
            let (_, log, change) = self.since.pop_front().expect("there was one");
            apply(&mut self.settled, log, &change);
        }
    }

    /// Whether `found` is the state after some block at or behind `floor`; else what speaks against
    /// it.
    pub fn admits(&self, found: &State, floor: u64) -> Result<(), String> {
        let mut state = self.settled.clone();
        let mut last = 0;
        for (sequence, log, change) in &self.since {
            if *sequence > floor && *sequence != last && self.same(&state, found) {
                return Ok(());
            }
            last = *sequence;
            apply(&mut state, *log, change);
        }
        if self.same(&state, found) {
            return Ok(());
        }
        let mut floor_state = self.settled.clone();
        for (_, log, change) in self.since.iter().filter(|(s, ..)| *s <= floor) {
            apply(&mut floor_state, *log, change);
        }
        Err(difference(&floor_state, &state, found))
    }
}

impl Spec {
    fn same(&self, state: &State, found: &State) -> bool {
        if state == found {
            return true;
        }
        if let Some(aside) = self.aside
            && (state.contains_key(&aside) || found.contains_key(&aside))
        {
            let without = |state: &State| {
                let mut state = state.clone();
                state.remove(&aside);
                state
            };
            return self.same(&without(state), &without(found));
        }
        let mut moved = state.clone();
        for (log, to) in &self.maybe {
            if state.contains_key(log) && found.get(log).is_some_and(|log| log.start == *to) {
                apply(&mut moved, *log, &Change::Start(*to));
            }
        }
        moved == *found
    }
}

fn apply(state: &mut State, id: LogId, change: &Change) {
    if let Change::Create = change {
        let log = LogSpec {
            start: 0,
            end: 0,
            hard_state: HardState::default(),
            batches: VecDeque::new(),
            producers: BTreeMap::new(),
        };
        state.insert(id, log);
        return;
    }
    if let Change::Delete = change {
        state.remove(&id);
        return;
    }
    let log = state.get_mut(&id).expect("the workload changes what is there");
    match change {
        Change::Append(batch) => {
            assert_eq!(batch.base, log.end);
            log.end = batch.next;
            log.batches.push_back(*batch);
            if let Some((id, epoch, numbers)) = batch.by {
                log.number(id, epoch, numbers);
            }
        }
        Change::Truncate(to) => {
            log.end = *to;
            while log.batches.back().is_some_and(|batch| batch.next > *to) {
                log.batches.pop_back();
            }
            log.cut_numbers(*to);
        }
        Change::Start(to) => {
            log.start = *to;
            while log.batches.front().is_some_and(|batch| batch.next <= *to) {
                log.batches.pop_front();
            }
        }
        Change::HardState(hard_state) => log.hard_state = hard_state.clone(),
        Change::Create | Change::Delete => unreachable!("handled above"),
    }
}

/// The first log in which two states differ, in words.
fn difference(floor: &State, latest: &State, found: &State) -> String {
    let words = |state: &State, id: &LogId| match state.get(id) {
        None => "is not there".to_string(),
        Some(log) => format!(
            "{}..{} term {} with {} batches, producers {:?}",
            log.start,
            log.end,
            log.hard_state.term,
            log.batches.len(),
            log.producers
        ),
    };
    let mut said = Vec::new();
    let ids: std::collections::BTreeSet<&LogId> =
        floor.keys().chain(latest.keys()).chain(found.keys()).collect();
    for id in ids {
        if floor.get(id) != found.get(id) || latest.get(id) != found.get(id) {
            said.push(format!(
                "log {}: found {}, acknowledged {}, last {}",
                id.0,
                words(found, id),
                words(floor, id),
                words(latest, id)
            ));
        }
    }
    format!("no state between the acknowledged and the last is this one: {}", said.join("; "))
}
