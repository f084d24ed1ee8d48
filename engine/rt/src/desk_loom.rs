//! Every order in which a core and its helper thread may meet at their desk: full, closed with jobs
//! on it, closed while the helper waits; those with two interruptions, answered while the core
//! falls asleep.

use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::*;
use crate::knocks::Knocks;

type Numbers = Desk<usize, usize>;

/// The helper thread's work, as `clerk` does it.
fn work(desk: &Numbers, knock: impl Fn()) {
    while let Some(job) = desk.take() {
        desk.answer(job + 10);
        knock();
    }
}

#[test]
fn loom_a_desk_that_closes_is_worked_off() {
    loom::model(|| {
        let desk = Arc::new(Numbers::new(2));
        let desk2 = Arc::clone(&desk);
        let helper = thread::spawn(move || work(&desk2, || {}));
        assert_eq!(desk.put(1), Ok(()));
        assert_eq!(desk.put(2), Ok(()));
        desk.close();
        helper.join().unwrap();
        assert_eq!(desk.answers(), [11, 12], "every job once, in order");
    });
}

#[test]
fn loom_an_empty_desk_that_closes_ends_its_helper() {
    loom::model(|| {
        let desk = Arc::new(Numbers::new(1));
        let desk2 = Arc::clone(&desk);
        let helper = thread::spawn(move || work(&desk2, || {}));
        desk.close();
        helper.join().unwrap();
        assert_eq!(desk.answers(), []);
    });
}

/// What finds the desk full is put there after an answer: nothing waits for ever, as long as
/// answers wake the core.
#[test]
fn loom_a_full_desk_is_fed_by_its_answers() {
    // Every order of desk and doorbell together takes minutes.
    let mut orders = loom::model::Builder::new();
    orders.preemption_bound = Some(2);
    orders.check(|| {
        let desk = Arc::new(Numbers::new(1));
        let knocks = Arc::new(Knocks::<()>::new());
        let bell = Arc::new((Mutex::new(0), Condvar::new()));
        let (desk2, knocks2, bell2) = (Arc::clone(&desk), Arc::clone(&knocks), Arc::clone(&bell));
        let helper = thread::spawn(move || {
            work(&desk2, || {
                if knocks2.knock() {
                    *bell2.0.lock().unwrap() += 1;
                    bell2.1.notify_one();
                }
            });
        });
        let mut waiting = vec![2, 1];
        let mut seen = Vec::new();
        while seen.len() < 2 {
            if knocks.answer(|()| {}) {
                seen.extend(desk.answers());
            }
            while let Some(job) = waiting.pop() {
                if let Err(job) = desk.put(job) {
                    waiting.push(job);
                    break;
                }
            }
            if seen.len() < 2 && knocks.fall_asleep() {
                let mut count = bell.0.lock().unwrap();
                while *count == 0 {
                    count = bell.1.wait(count).unwrap();
                }
                *count = 0;
                drop(count);
                knocks.wake_up();
            }
        }
        assert_eq!(seen, [11, 12]);
        desk.close();
        helper.join().unwrap();
    });
}
