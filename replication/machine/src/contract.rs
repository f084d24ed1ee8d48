//! What a machine is: state that changes only by applying the records of its log.
//!
//! Kept true by every machine: [`Machine::decide`] and [`Machine::due`] change nothing that a
//! record could not rebuild, except what is volatile by name (who waits, deadlines);
//! [`Machine::apply`] asks neither clock nor chance, so that replaying the log gives the same
//! state, hash for hash.

use std::fmt;

use engine_base::{Mono, Offset, WallMs};

/// Names one command that awaits its answer. Given out by the shell, never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// The moment of a decision, on both clocks. Decisions may look at it, applying never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For timeouts.
    pub mono: Mono,
    /// For what is written down.
    pub wall: WallMs,
}

/// A record to be written to the machine's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// What compaction keeps the latest of.
    pub key: Option<Vec<u8>>,
    /// What is said of the key; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Milliseconds since 1970; `None`: the moment of the append.
    pub timestamp: Option<i64>,
}

impl Record {
    /// A record without a key, stamped with the moment of the append.
    pub fn of_value(value: Vec<u8>) -> Record {
        Record { key: None, value: Some(value), timestamp: None }
    }
}

/// A committed record as it was read back from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Its place in the log.
    pub offset: Offset,
}

impl RecordView<'_> {
    /// The record at `offset` without a key, as a machine that needs none reads it.
    pub fn of_value(value: &[u8], offset: Offset) -> RecordView<'_> {
        RecordView { key: None, value: Some(value), timestamp: 0, offset }
    }
}

/// What follows from a command or a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<A> {
    /// Records to replicate, all or none, in this order. Empty: nothing changes.
    pub records: Vec<Record>,
    /// Answers that leave once the records are committed and applied. May name tickets that earlier
    /// decisions kept, and need not name this one: a command may keep its ticket.
    pub answers: Vec<(Ticket, A)>,
    /// When the key wants to be asked again ([`Machine::due`]); replaces what it asked before.
    pub deadline: Option<Mono>,
}

impl<A> Decision<A> {
    /// An answer that changes nothing.
    pub fn answer(ticket: Ticket, answer: A) -> Decision<A> {
        Decision { records: Vec::new(), answers: vec![(ticket, answer)], deadline: None }
    }

    /// Records, and an answer once they are committed.
    pub fn write(records: Vec<Record>, ticket: Ticket, answer: A) -> Decision<A> {
        Decision { records, answers: vec![(ticket, answer)], deadline: None }
    }

    /// Nothing to do.
    pub fn nothing() -> Decision<A> {
        Decision { records: Vec::new(), answers: Vec::new(), deadline: None }
    }
}

/// A part of a machine's snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPart<K> {
    /// The machine's own form.
    pub bytes: Vec<u8>,
    /// The last key in it, if more follow.
    pub more_after: Option<K>,
}

/// A committed record that the machine cannot take in. It is a fault of the log or of the version,
/// never of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRecord {
    /// The bytes are not a record of this machine, or contradict what came before.
    Broken(String),
    /// Written by a newer version in a way that this one must not pass over.
    Newer(String),
}

impl fmt::Display for BadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadRecord::Broken(why) => write!(f, "broken record: {why}"),
            BadRecord::Newer(why) => write!(f, "record of a newer version: {why}"),
        }
    }
}

impl std::error::Error for BadRecord {}

/// Deterministic state fed by a replicated log.
pub trait Machine {
    /// What can be asked of it.
    type Command;
    /// What it answers.
    type Answer;
    /// What commands are ordered by: commands of one key see each other's effects, others need not.
    type Key: Ord + Clone;

    /// The key of a command.
    fn key(&self, command: &Self::Command) -> Self::Key;

    /// Decides a command. Called only when every record of its key was applied.
    fn decide(
        &mut self,
        ticket: Ticket,
        command: Self::Command,
        now: Now,
    ) -> Decision<Self::Answer>;

    /// A deadline of this key passed.
    fn due(&mut self, key: &Self::Key, now: Now) -> Decision<Self::Answer>;

    /// Takes in a committed record. Offsets grow from call to call; compaction leaves gaps.
    fn apply(&mut self, record: &RecordView<'_>) -> Result<(), BadRecord>;

    /// The last record of a batch was applied: what follows from its records together is looked up
    /// once.
    fn batch_ended(&mut self) {}

    /// Called once, when the whole log was applied and commands are about to come: whoever state
    /// alone knows of (members with sessions, offsets that expire) and when [`Machine::due`] is to
    /// be called for it.
    fn begin(&mut self, _now: Now) -> Vec<(Self::Key, Mono)> {
        Vec::new()
    }

    /// A part of the state that records build, in a versioned form of its own: that of the keys
    /// behind `after`, of all at first, bounded so that it takes no longer than a turn may. Nothing
    /// is applied between the parts of one snapshot. It is a cache: it may vanish at any time.
    /// `None`: this machine is always replayed from the start of its log.
    fn snapshot(&self, _after: Option<&Self::Key>) -> Option<SnapshotPart<Self::Key>> {
        None
    }

    /// Takes in the parts of one snapshot, in their order; only ever called on a fresh machine.
    /// After an error the machine is thrown away and its log is replayed from the start.
    fn load(&mut self, _part: &[u8]) -> Result<(), BadRecord> {
        Err(BadRecord::Newer("this machine takes no snapshots".into()))
    }

    /// A hash over the whole state that records build; equal for equal states, on every machine.
    fn state_hash(&self) -> u64;
}
