//! The orders in which threads may knock at a core that is about to sleep, or polls a task: all of
//! them for two threads, those with two interruptions for three.

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::*;

/// An eventfd and a read of it.
struct Bell {
    count: Mutex<u64>,
    rung: Condvar,
}

struct Door {
    knocks: Knocks<usize>,
    bell: Bell,
}

impl Door {
    fn new() -> Arc<Door> {
        let bell = Bell { count: Mutex::new(0), rung: Condvar::new() };
        Arc::new(Door { knocks: Knocks::new(), bell })
    }

    fn ring(&self) {
        *self.bell.count.lock().unwrap() += 1;
        self.bell.rung.notify_one();
    }

    fn bring(&self, what: usize) {
        if self.knocks.bring(what) {
            self.ring();
        }
    }

    fn knock(&self) {
        if self.knocks.knock() {
            self.ring();
        }
    }

    /// A sleep in the ring: it ends when the bell rings, never by itself. A wake-up that is lost
    /// is a sleep without end, which loom calls a deadlock.
    fn sleep(&self) {
        if self.knocks.fall_asleep() {
            let mut count = self.bell.count.lock().unwrap();
            while *count == 0 {
                count = self.bell.rung.wait(count).unwrap();
            }
            *count = 0;
            drop(count);
            self.knocks.wake_up();
        }
    }
}

#[test]
fn loom_no_wake_up_of_two_threads_is_lost() {
    // Every order of three threads takes minutes.
    let mut orders = loom::model::Builder::new();
    orders.preemption_bound = Some(2);
    orders.check(|| {
        let door = Door::new();
        let wakers: Vec<_> = (0..2)
            .map(|number| {
                let door = Arc::clone(&door);
                thread::spawn(move || door.bring(number))
            })
            .collect();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            if !door.knocks.answer(|what| seen.push(what)) {
                door.sleep();
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1], "each once");
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
    });
}

#[test]
fn loom_one_thread_that_knocks_twice_is_heard_twice() {
    loom::model(|| {
        let door = Door::new();
        let door2 = Arc::clone(&door);
        let waker = thread::spawn(move || {
            door2.bring(0);
            door2.bring(1);
        });
        let mut seen = Vec::new();
        while seen.len() < 2 {
            if !door.knocks.answer(|what| seen.push(what)) {
                door.sleep();
            }
        }
        assert_eq!(seen, [0, 1], "in order");
        waker.join().unwrap();
    });
}

#[test]
fn loom_a_knock_shows_what_was_written_before_it() {
    loom::model(|| {
        let door = Door::new();
        let word = Arc::new(AtomicUsize::new(0));
        let (door2, word2) = (Arc::clone(&door), Arc::clone(&word));
        let waker = thread::spawn(move || {
            word2.store(7, Ordering::Relaxed);
            door2.knock();
        });
        while !door.knocks.answer(|_| unreachable!("nothing was brought")) {
            door.sleep();
        }
        assert_eq!(word.load(Ordering::Relaxed), 7);
        waker.join().unwrap();
    });
}

/// A task that is woken while it is polled is polled again, and sees what it was woken for.
#[test]
fn loom_a_task_woken_while_it_is_polled_runs_again() {
    loom::model(|| {
        let door = Door::new();
        let queued = Arc::new(Queued::new());
        let word = Arc::new(AtomicUsize::new(0));
        assert!(queued.mark(), "it is ready at the start");
        let (door2, queued2, word2) = (Arc::clone(&door), Arc::clone(&queued), Arc::clone(&word));
        let waker = thread::spawn(move || {
            word2.store(1, Ordering::Relaxed);
            if queued2.mark() {
                door2.bring(0);
            }
        });
        let mut ready = 1;
        loop {
            while ready > 0 {
                ready -= 1;
                queued.unmark();
                if word.load(Ordering::Relaxed) == 1 {
                    waker.join().unwrap();
                    return;
                }
            }
            if !door.knocks.answer(|_| ready += 1) {
                door.sleep();
            }
            assert!(ready <= 1, "queued at most once");
        }
    });
}
