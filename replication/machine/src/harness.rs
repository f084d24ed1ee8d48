//! A machine on a log in memory, for the property tests of every machine: replay equals live.
//!
//! Kept true: it checks at every step that deciding changes no state, that no ticket is answered
//! before its records are applied, and at the end that a fresh machine fed with the log has the
//! same hash.

use std::collections::VecDeque;

use engine_base::{Mono, Offset, Refusal, WallMs};

use crate::contract::{Machine, Now, Record, RecordView, Ticket};
use crate::driver::{Driver, Outcome, Proposal};

/// A machine, its driver and a log in memory whose appends commit when the test says so.
pub struct Harness<M: Machine> {
    driver: Driver<M>,
    /// Committed records, by offset.
    log: Vec<Record>,
    pending: VecDeque<Proposal>,
    answers: Vec<(Ticket, Result<M::Answer, Refusal>)>,
    next_ticket: u64,
    now: Now,
}

impl<M: Machine> Harness<M> {
    /// A harness around a fresh machine.
    pub fn new(machine: M) -> Harness<M> {
        let now = Now { mono: Mono(1), wall: WallMs(1_700_000_000_000) };
        Harness {
            driver: Driver::new(machine, 1_000),
            log: Vec::new(),
            pending: VecDeque::new(),
            answers: Vec::new(),
            next_ticket: 0,
            now,
        }
    }

    /// The machine, to read.
    pub fn machine(&self) -> &M {
        self.driver.machine()
    }

    /// The committed records, by offset; every one has its timestamp.
    pub fn log(&self) -> &[Record] {
        &self.log
    }

    /// The moment it is.
    pub fn now(&self) -> Now {
        self.now
    }

    /// What a restart makes of the first `cut` records of this log: a fresh machine that replayed
    /// them and begins now.
    pub fn restarted(&self, fresh: M, cut: usize) -> Harness<M> {
        let mut harness = Harness::new(fresh);
        harness.now = self.now;
        harness.log = self.log[..cut].to_vec();
        for (offset, record) in harness.log.iter().enumerate() {
            let view = view(record, offset as Offset);
            harness.driver.apply(&view).expect("because it was applied before");
        }
        harness.driver.passed(cut as Offset);
        harness.driver.begin(harness.now);
        harness
    }

    /// Hands a command in.
    pub fn offer(&mut self, command: M::Command) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let before = self.machine().state_hash();
        let mut out = Outcome::default();
        self.driver.offer(ticket, command, self.now, &mut out);
        assert_eq!(self.machine().state_hash(), before, "deciding changes no state");
        self.collect(out);
        ticket
    }

    /// Lets time pass.
    pub fn pass(&mut self, nanos: u64) {
        self.now.mono.0 += nanos;
        self.now.wall.0 += i64::try_from(nanos / 1_000_000).expect("because a test is short");
        let mut out = Outcome::default();
        self.driver.due(self.now, usize::MAX, &mut out);
        self.collect(out);
    }

    /// Commits the oldest proposal; false if none is waiting.
    pub fn commit_one(&mut self) -> bool {
        let Some(proposal) = self.pending.pop_front() else { return false };
        let last = self.log.len() + proposal.records.len() - 1;
        self.driver.appended(proposal.id, last as Offset);
        for mut record in proposal.records {
            record.timestamp.get_or_insert(self.now.wall.0);
            let view = view(&record, self.log.len() as Offset);
            self.driver.apply(&view).expect("because the machine wrote it itself");
            self.log.push(record);
        }
        self.driver.passed(self.log.len() as Offset);
        let mut out = Outcome::default();
        self.driver.release(self.now, &mut out);
        self.collect(out);
        true
    }

    /// Refuses the oldest proposal, as a full disk would; false if none is waiting.
    pub fn reject_one(&mut self, why: &Refusal) -> bool {
        let Some(proposal) = self.pending.pop_front() else { return false };
        let mut out = Outcome::default();
        self.driver.rejected(proposal.id, why, self.now, &mut out);
        self.collect(out);
        true
    }

    /// Commits everything, with all that follows from it.
    pub fn settle(&mut self) {
        while self.commit_one() {}
    }

    /// The answers since the last call.
    pub fn answers(&mut self) -> Vec<(Ticket, Result<M::Answer, Refusal>)> {
        std::mem::take(&mut self.answers)
    }

    /// Hands a command in, commits everything and takes its answer.
    pub fn ask(&mut self, command: M::Command) -> Result<M::Answer, Refusal> {
        let ticket = self.offer(command);
        self.settle();
        let found = self.answers.iter().position(|(t, _)| *t == ticket);
        self.answers.remove(found.expect("because a settled command was answered")).1
    }

    /// Feeds the whole log to a fresh machine and compares it with the live one.
    pub fn check_replay(&self, mut fresh: M) -> M {
        for (offset, record) in self.log.iter().enumerate() {
            fresh
                .apply(&view(record, offset as Offset))
                .expect("because the live machine took the same record");
        }
        assert_eq!(fresh.state_hash(), self.machine().state_hash(), "replay equals live");
        fresh
    }

    fn collect(&mut self, out: Outcome<M::Answer>) {
        self.pending.extend(out.proposals);
        self.answers.extend(out.answers);
    }
}

/// A record of the log as a machine sees it.
pub fn view(record: &Record, offset: Offset) -> RecordView<'_> {
    RecordView {
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        timestamp: record.timestamp.expect("because the append gave it one"),
        offset,
    }
}
