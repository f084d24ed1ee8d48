//! The driver of a machine: decide, replicate, apply, answer, in that order and never otherwise.
//!
//! Kept true: an answer leaves only after the records of its decision are committed and applied;
//! per key one decision is in flight at a time; every ticket that was offered is answered, exactly
//! as often as the machine answers it, or refused once. It does no I/O: it hands out proposals and
//! is told what became of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use engine_base::{Mono, Offset, Refusal};

use crate::contract::{BadRecord, Decision, Machine, Now, Record, RecordView, Ticket};

/// Names a proposal between [`Outcome`] and [`Driver::appended`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProposalId(pub u64);

/// Records that the shell must append to the machine's log, all in one batch; a batch may hold
/// several proposals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its name.
    pub id: ProposalId,
    /// Never empty.
    pub records: Vec<Record>,
}

/// What the shell must do next. Collected over any number of calls.
#[derive(Debug)]
pub struct Outcome<A> {
    /// To be appended, in this order.
    pub proposals: Vec<Proposal>,
    /// To be sent.
    pub answers: Vec<(Ticket, Result<A, Refusal>)>,
}

impl<A> Default for Outcome<A> {
    fn default() -> Outcome<A> {
        Outcome { proposals: Vec::new(), answers: Vec::new() }
    }
}

/// What one key waits for.
struct Lane<C> {
    in_flight: Option<ProposalId>,
    waiting: VecDeque<(Ticket, C)>,
    deadline: Option<Mono>,
}

impl<C> Lane<C> {
    fn new() -> Lane<C> {
        Lane { in_flight: None, waiting: VecDeque::new(), deadline: None }
    }
}

/// A decision whose records are on their way.
struct Flight<K, A> {
    key: K,
    /// The tickets that the decision came from: told if it cannot be replicated.
    answers: Vec<(Ticket, A)>,
    last: Option<Offset>,
}

/// A machine with its queues.
pub struct Driver<M: Machine> {
    machine: M,
    lanes: BTreeMap<M::Key, Lane<M::Command>>,
    /// The deadlines of the lanes that have nothing in flight.
    deadlines: BTreeSet<(Mono, M::Key)>,
    flights: BTreeMap<ProposalId, Flight<M::Key, M::Answer>>,
    next_proposal: u64,
    waiting: usize,
    waiting_max: usize,
    applied_end: Offset,
}

impl<M: Machine> Driver<M> {
    /// A driver that lets at most `waiting_max` commands wait behind others of their keys.
    pub fn new(machine: M, waiting_max: usize) -> Driver<M> {
        Driver {
            machine,
            lanes: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            flights: BTreeMap::new(),
            next_proposal: 0,
            waiting: 0,
            waiting_max,
            applied_end: 0,
        }
    }

    /// The machine, to read.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Whether records of this key are on their way: what was decided with them does not show yet.
    pub fn is_busy(&self, key: &M::Key) -> bool {
        self.lanes.get(key).is_some_and(|lane| lane.in_flight.is_some())
    }

    /// One past the last record applied.
    pub fn applied_end(&self) -> Offset {
        self.applied_end
    }

    /// A command arrived.
    pub fn offer(
        &mut self,
        ticket: Ticket,
        command: M::Command,
        now: Now,
        out: &mut Outcome<M::Answer>,
    ) {
        let key = self.machine.key(&command);
        let lane = self.lanes.entry(key.clone()).or_insert_with(Lane::new);
        if lane.in_flight.is_some() {
            if self.waiting >= self.waiting_max {
                out.answers.push((ticket, Err(Refusal::Overloaded)));
                return;
            }
            self.waiting += 1;
            lane.waiting.push_back((ticket, command));
            return;
        }
        let decision = self.machine.decide(ticket, command, now);
        self.take(key.clone(), decision, out);
        self.go_on(&key, now, out);
    }

    /// The shell appended a proposal; its last record has this offset.
    pub fn appended(&mut self, id: ProposalId, last: Offset) {
        let flight = self.flights.get_mut(&id).expect("because only a proposal is appended");
        assert!(flight.last.is_none(), "a proposal is appended once");
        flight.last = Some(last);
    }

    /// The shell could not append a proposal: everything that waits for it is refused.
    pub fn rejected(
        &mut self,
        id: ProposalId,
        why: &Refusal,
        now: Now,
        out: &mut Outcome<M::Answer>,
    ) {
        let flight = self.flights.remove(&id).expect("because only a proposal is rejected");
        assert!(flight.last.is_none(), "what was appended can no longer be rejected");
        out.answers.extend(flight.answers.into_iter().map(|(t, _)| (t, Err(why.clone()))));
        self.land(&flight.key, now, out);
    }

    /// Takes in the next committed record.
    pub fn apply(&mut self, record: &RecordView<'_>) -> Result<(), BadRecord> {
        assert!(record.offset >= self.applied_end, "records are applied once, in order");
        self.machine.apply(record)?;
        self.applied_end = record.offset + 1;
        Ok(())
    }

    /// Everything below `end` was read, whole batches: what was there and is not any more was
    /// compacted away.
    pub fn passed(&mut self, end: Offset) {
        self.applied_end = self.applied_end.max(end);
        self.machine.batch_ended();
    }

    /// Takes in the next part of a snapshot; after the last one [`Driver::passed`] says what the
    /// whole one stands for. After an error the driver is thrown away.
    pub fn load(&mut self, part: &[u8]) -> Result<(), BadRecord> {
        assert_eq!(self.applied_end, 0, "a snapshot goes into a fresh machine");
        self.machine.load(part)
    }

    /// The whole log was applied: commands may come.
    pub fn begin(&mut self, now: Now) {
        assert!(self.lanes.is_empty(), "it begins before the first command");
        for (key, at) in self.machine.begin(now) {
            self.lanes.entry(key.clone()).or_insert_with(Lane::new).deadline = Some(at);
            assert!(self.deadlines.insert((at, key)), "one deadline per key");
        }
    }

    /// Every record applied so far is also visible to others now: sends the answers that waited for
    /// them and decides what waited behind them.
    pub fn release(&mut self, now: Now, out: &mut Outcome<M::Answer>) {
        while let Some((&id, flight)) = self.flights.first_key_value() {
            // Proposals are appended in the order of their names.
            if flight.last.is_none_or(|last| last >= self.applied_end) {
                break;
            }
            let flight = self.flights.remove(&id).expect("because it was just seen");
            out.answers.extend(flight.answers.into_iter().map(|(t, a)| (t, Ok(a))));
            self.land(&flight.key, now, out);
        }
    }

    /// The next moment at which [`Driver::due`] wants to be called.
    pub fn deadline(&self) -> Option<Mono> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Time passed: asks the machine about the keys whose deadlines are over, the oldest first, but
    /// about no more than `most`: [`Driver::deadline`] says whether some are left.
    pub fn due(&mut self, now: Now, most: usize, out: &mut Outcome<M::Answer>) {
        // Only those of before the call: a deadline that is set again at once waits for the next.
        let mut over = Vec::new();
        while over.len() < most
            && let Some((at, key)) = self.deadlines.pop_first()
        {
            if at > now.mono {
                self.deadlines.insert((at, key));
                break;
            }
            over.push(key);
        }
        for key in over {
            let lane = self.lanes.get_mut(&key).expect("because it has a deadline");
            lane.deadline = None;
            let decision = self.machine.due(&key, now);
            self.take(key.clone(), decision, out);
            self.go_on(&key, now, out);
        }
    }

    /// The replica no longer serves: everything that waits is refused and nothing is in flight.
    pub fn abandon(&mut self, why: &Refusal, out: &mut Outcome<M::Answer>) {
        for flight in std::mem::take(&mut self.flights).into_values() {
            out.answers.extend(flight.answers.into_iter().map(|(t, _)| (t, Err(why.clone()))));
        }
        for lane in std::mem::take(&mut self.lanes).into_values() {
            out.answers.extend(lane.waiting.into_iter().map(|(t, _)| (t, Err(why.clone()))));
        }
        self.deadlines.clear();
        self.waiting = 0;
    }

    fn take(&mut self, key: M::Key, decision: Decision<M::Answer>, out: &mut Outcome<M::Answer>) {
        let lane = self.lanes.get_mut(&key).expect("because its command came through it");
        assert!(lane.in_flight.is_none(), "one decision per key at a time");
        if let Some(before) = lane.deadline.take() {
            self.deadlines.remove(&(before, key.clone()));
        }
        lane.deadline = decision.deadline;
        if decision.records.is_empty() {
            if let Some(at) = lane.deadline {
                self.deadlines.insert((at, key));
            }
            out.answers.extend(decision.answers.into_iter().map(|(t, a)| (t, Ok(a))));
            return;
        }
        let id = ProposalId(self.next_proposal);
        self.next_proposal += 1;
        lane.in_flight = Some(id);
        self.flights.insert(id, Flight { key, answers: decision.answers, last: None });
        out.proposals.push(Proposal { id, records: decision.records });
    }

    fn land(&mut self, key: &M::Key, now: Now, out: &mut Outcome<M::Answer>) {
        let lane = self.lanes.get_mut(key).expect("because something of it was in flight");
        lane.in_flight = None;
        if let Some(at) = lane.deadline {
            self.deadlines.insert((at, key.clone()));
        }
        self.go_on(key, now, out);
    }

    /// Decides what waits in a lane until something is in flight again, and forgets an empty lane.
    fn go_on(&mut self, key: &M::Key, now: Now, out: &mut Outcome<M::Answer>) {
        loop {
            let lane = self.lanes.get_mut(key).expect("because only this loop removes it");
            if lane.in_flight.is_some() {
                return;
            }
            let Some((ticket, command)) = lane.waiting.pop_front() else {
                if lane.deadline.is_none() {
                    self.lanes.remove(key);
                }
                return;
            };
            self.waiting -= 1;
            let decision = self.machine.decide(ticket, command, now);
            self.take(key.clone(), decision, out);
        }
    }
}
