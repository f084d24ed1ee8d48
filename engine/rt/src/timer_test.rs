//! Timers against a plain sorted list.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Wake;

use super::*;
use crate::chance::Chance;

/// Says which timer woke it.
struct Bell(u64, Arc<AtomicU64>);

impl Wake for Bell {
    fn wake(self: Arc<Bell>) {
        self.1.store(self.0, Ordering::SeqCst);
    }
}

#[test]
fn timers_fire_in_order_whatever_is_cleared_between() {
    let chance = Chance::new(5);
    let below = |bound: u64| chance.next() % bound;
    let rung = Arc::new(AtomicU64::new(0));
    let mut timers = Timers::default();
    let mut list: Vec<(Mono, u64, TimerId)> = Vec::new();
    let mut now = Mono(0);
    for number in 1..20_000 {
        match below(4) {
            0 | 1 => {
                let at = Mono(now.0 + below(500));
                let waker = Waker::from(Arc::new(Bell(number, Arc::clone(&rung))));
                list.push((at, number, timers.set(at, waker)));
            }
            2 if !list.is_empty() => {
                let place = usize::try_from(below(list.len() as u64)).unwrap();
                let (_, _, id) = list.swap_remove(place);
                assert!(timers.clear(id).is_some());
            }
            _ => {
                now = Mono(now.0 + below(50));
                list.sort_by_key(|timer| (timer.0, timer.1));
                while let Some(&(at, number, id)) = list.first().filter(|timer| timer.0 <= now) {
                    assert_eq!(timers.next(), Some(at));
                    timers.fire(now).unwrap().wake();
                    assert_eq!(rung.load(Ordering::SeqCst), number);
                    assert!(timers.clear(id).is_none(), "it fired");
                    list.remove(0);
                }
                assert!(timers.fire(now).is_none());
            }
        }
        assert_eq!(timers.next(), list.iter().map(|timer| timer.0).min());
    }
}
