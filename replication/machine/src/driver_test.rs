//! The driver's promises, shown with a machine of counters.

use std::collections::BTreeMap;
use std::time::Duration;

use engine_base::{Mono, Refusal, WallMs};

use crate::{
    BadRecord, Decision, Driver, Harness, Machine, Now, Outcome, Record, RecordView, StateHash,
    Ticket,
};

/// Counters by name. `Meet` keeps its ticket until a second one comes or a deadline passes.
#[derive(Default)]
struct Counters {
    counts: BTreeMap<u8, u64>,
    meeting: BTreeMap<u8, Ticket>,
}

enum Ask {
    Add(u8),
    Read(u8),
    Meet(u8),
}

impl Machine for Counters {
    type Command = Ask;
    type Answer = u64;
    type Key = u8;

    fn key(&self, command: &Ask) -> u8 {
        match command {
            Ask::Add(key) | Ask::Read(key) | Ask::Meet(key) => *key,
        }
    }

    fn decide(&mut self, ticket: Ticket, command: Ask, now: Now) -> Decision<u64> {
        match command {
            Ask::Add(key) => {
                let count = self.counts.get(&key).copied().unwrap_or(0);
                Decision::write(vec![Record::of_value(vec![key])], ticket, count + 1)
            }
            Ask::Read(key) => Decision::answer(ticket, self.counts.get(&key).copied().unwrap_or(0)),
            Ask::Meet(key) => match self.meeting.remove(&key) {
                Some(first) => Decision {
                    records: vec![Record::of_value(vec![key]); 2],
                    answers: vec![(first, 1), (ticket, 2)],
                    deadline: None,
                },
                None => {
                    self.meeting.insert(key, ticket);
                    let mut keep = Decision::nothing();
                    keep.deadline = Some(now.mono + Duration::from_nanos(50));
                    keep
                }
            },
        }
    }

    fn due(&mut self, key: &u8, _now: Now) -> Decision<u64> {
        match self.meeting.remove(key) {
            Some(ticket) => Decision::answer(ticket, 0),
            None => Decision::nothing(),
        }
    }

    fn apply(&mut self, record: &RecordView<'_>) -> Result<(), BadRecord> {
        let Some([key]) = record.value else { return Err(BadRecord::Broken("one byte".into())) };
        *self.counts.entry(*key).or_default() += 1;
        Ok(())
    }

    fn begin(&mut self, now: Now) -> Vec<(u8, Mono)> {
        self.counts
            .keys()
            .map(|key| (*key, now.mono + Duration::from_nanos(u64::from(*key))))
            .collect()
    }

    fn state_hash(&self) -> u64 {
        let mut hash = StateHash::default();
        for (key, count) in &self.counts {
            hash.number(u64::from(*key)).number(*count);
        }
        hash.finish()
    }
}

#[test]
fn the_next_command_of_a_key_waits_until_the_last_is_applied() {
    let mut h = Harness::new(Counters::default());
    let first = h.offer(Ask::Add(1));
    let second = h.offer(Ask::Read(1));
    let other = h.offer(Ask::Read(2));
    assert_eq!(h.answers(), vec![(other, Ok(0))], "another key does not wait");
    assert!(h.commit_one());
    assert_eq!(h.answers(), vec![(first, Ok(1)), (second, Ok(1))]);
    h.check_replay(Counters::default());
}

#[test]
fn what_cannot_be_replicated_is_refused_and_the_key_goes_on() {
    let mut h = Harness::new(Counters::default());
    let first = h.offer(Ask::Add(1));
    let second = h.offer(Ask::Add(1));
    assert!(h.reject_one(&Refusal::StorageFull));
    assert_eq!(h.answers(), vec![(first, Err(Refusal::StorageFull))]);
    h.settle();
    assert_eq!(h.answers(), vec![(second, Ok(1))], "it was decided anew");
}

#[test]
fn one_command_answers_many_and_a_deadline_answers_the_lonely() {
    let mut h = Harness::new(Counters::default());
    let first = h.offer(Ask::Meet(7));
    assert!(h.answers().is_empty(), "the ticket is kept");
    let second = h.offer(Ask::Meet(7));
    h.settle();
    assert_eq!(h.answers(), vec![(first, Ok(1)), (second, Ok(2))]);
    let lonely = h.offer(Ask::Meet(7));
    h.pass(49);
    assert!(h.answers().is_empty());
    h.pass(1);
    assert_eq!(h.answers(), vec![(lonely, Ok(0))]);
    assert_eq!(h.log().len(), 2);
}

#[test]
fn waiting_is_bounded() {
    let mut h = Harness::new(Counters::default());
    for _ in 0..=1_000 {
        h.offer(Ask::Add(1));
    }
    assert!(h.answers().is_empty());
    let one_too_many = h.offer(Ask::Add(1));
    assert_eq!(h.answers(), vec![(one_too_many, Err(Refusal::Overloaded))]);
    h.settle();
    assert_eq!(h.answers().len(), 1_001);
}

#[test]
fn deadlines_come_in_order_whoever_set_them_and_are_forgotten_with_their_reason() {
    let mut h = Harness::new(Counters::default());
    let late = h.offer(Ask::Meet(1));
    h.pass(20);
    let later = h.offer(Ask::Meet(2));
    h.pass(10);
    let met = h.offer(Ask::Meet(3));
    let other = h.offer(Ask::Meet(3));
    h.settle();
    assert_eq!(h.answers(), vec![(met, Ok(1)), (other, Ok(2))]);
    h.pass(20);
    assert_eq!(h.answers(), vec![(late, Ok(0))]);
    h.pass(20);
    assert_eq!(h.answers(), vec![(later, Ok(0))]);
    h.pass(1_000);
    assert_eq!(h.answers(), vec![]);
}

#[test]
fn a_machine_that_begins_names_whom_its_state_alone_knows() {
    let now = |mono| Now { mono: Mono(mono), wall: WallMs(0) };
    let mut driver = Driver::new(Counters::default(), 10);
    for (offset, key) in [9, 4, 7].into_iter().enumerate() {
        driver.apply(&RecordView::of_value(&[key], offset as i64)).unwrap();
    }
    driver.passed(5);
    assert_eq!((driver.applied_end(), driver.deadline()), (5, None));
    driver.begin(now(100));
    assert_eq!(driver.deadline(), Some(Mono(104)));
    driver.due(now(107), usize::MAX, &mut Outcome::default());
    assert_eq!(driver.deadline(), Some(Mono(109)), "4 and 7 were asked");
}

/// Many keys whose deadlines are over at once are asked about a few at a time, the oldest first.
#[test]
fn deadlines_that_are_over_at_once_are_taken_in_turns() {
    let now = |mono| Now { mono: Mono(mono), wall: WallMs(0) };
    let mut driver = Driver::new(Counters::default(), 10);
    for (offset, key) in [9, 4, 7].into_iter().enumerate() {
        driver.apply(&RecordView::of_value(&[key], offset as i64)).unwrap();
    }
    driver.begin(now(100));
    for left in [Some(107), Some(109), None] {
        driver.due(now(200), 1, &mut Outcome::default());
        assert_eq!(driver.deadline(), left.map(Mono));
    }
}
