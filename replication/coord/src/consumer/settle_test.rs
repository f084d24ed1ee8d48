//! How much it takes until a large group has settled: no decision looks at more than one member,
//! unless it finds targets for all of them.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Uuid, WallMs};
use replication_machine::{Driver, Now, Outcome, RecordView, Ticket};

use super::group_test::{a_beat, a_join};
use crate::answer::{ConsumerBeat, GroupAnswer};
use crate::cluster::cluster_test::Topics;
use crate::command::{ConsumerHeartbeat, GroupCommand};
use crate::groups::Groups;
use crate::limits::GroupLimits;

const MEMBERS: usize = 500;
const PARTITIONS: i32 = 1_000;

/// A coordinator whose log is in memory.
struct Coordinator {
    driver: Driver<Groups>,
    now: Now,
    records: i64,
    asked: u64,
}

impl Coordinator {
    fn ask(&mut self, beat: ConsumerHeartbeat) -> ConsumerBeat {
        let mut out = Outcome::default();
        self.asked += 1;
        let command = GroupCommand::ConsumerHeartbeat(beat);
        self.driver.offer(Ticket(self.asked), command, self.now, &mut out);
        for proposal in std::mem::take(&mut out.proposals) {
            self.driver.appended(proposal.id, self.records + proposal.records.len() as i64 - 1);
            for record in &proposal.records {
                let (key, value) = (record.key.as_deref(), record.value.as_deref());
                let view = RecordView { key, value, timestamp: 0, offset: self.records };
                self.driver.apply(&view).unwrap();
                self.records += 1;
            }
        }
        self.driver.release(self.now, &mut out);
        match out.answers.pop() {
            Some((_, Ok(GroupAnswer::ConsumerHeartbeat(answer)))) => answer.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

type Places = Vec<(Uuid, Vec<i32>)>;

/// The rounds of heartbeats until everybody has its share, and the records that this took.
fn settle() -> (usize, i64) {
    let topics = Topics::of(&[("t", PARTITIONS)]);
    let machine = Groups::new(GroupLimits::default(), topics);
    let now = Now { wall: WallMs(1_700_000_000_000), ..Now::default() };
    let mut c = Coordinator { driver: Driver::new(machine, 1_000), now, records: 0, asked: 0 };
    let mut members: BTreeMap<Rc<str>, (i32, Places)> = BTreeMap::new();
    for at in 0..MEMBERS {
        let answer = c.ask(a_join(&format!("member {at:03}"), &["t"]));
        members.insert(answer.member_id, (answer.member_epoch, answer.assignment.unwrap()));
    }
    for round in 1..10 {
        c.now.mono = c.now.mono + Duration::from_secs(1);
        c.now.wall.0 += 1_000;
        let mut settled = true;
        for (id, (epoch, owned)) in &mut members {
            let beat = ConsumerHeartbeat { owned: Some(owned.clone()), ..a_beat(id, *epoch) };
            let answer = c.ask(beat);
            *epoch = answer.member_epoch;
            if let Some(assignment) = answer.assignment {
                *owned = assignment;
            }
            let has: usize = owned.iter().map(|(_, of)| of.len()).sum();
            settled &= has == PARTITIONS as usize / MEMBERS;
        }
        if settled {
            return (round, c.records);
        }
    }
    panic!("it does not settle");
}

#[test]
fn a_large_group_settles_in_a_few_rounds() {
    #[expect(clippy::disallowed_methods, reason = "what it takes is what is measured here")]
    let began = std::time::Instant::now();
    let (rounds, records) = settle();
    let took = began.elapsed();
    println!("{MEMBERS} members, {PARTITIONS} partitions: {rounds} rounds, {records} records");
    println!("{took:?}");
    assert!(rounds <= 4, "{rounds} rounds");
    // Three for each that joins, targets and what each has: not the square of the members.
    assert!(records < 8 * MEMBERS as i64, "{records} records");
    if !cfg!(debug_assertions) {
        assert!(took < Duration::from_millis(200), "{took:?}");
    }
}
