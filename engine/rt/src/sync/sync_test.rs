//! Waiting for one another, on a simulated core.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use super::*;
use crate::sim::{Disk, SimOptions, World};
use crate::{Class, Core};

fn on_a_core<F: Future<Output = ()> + 'static>(act: impl FnOnce(Core) -> F) {
    let world = World::new(1, SimOptions::default());
    let core = world.core(&Disk::new(1 << 20, 512));
    let future = act(core.clone());
    world.block_on(&core, future).expect("because every test here comes to its end");
}

/// Runs tasks until all have come to rest.
async fn rest(core: &Core) {
    for _ in 0..20 {
        core.yield_now().await;
    }
}

#[test]
fn a_oneshot_brings_a_value_or_the_news_that_none_comes() {
    on_a_core(|core| async move {
        let (sender, receiver) = oneshot();
        let waiting = core.spawn(Class::Net, "receive", receiver);
        rest(&core).await;
        sender.send(7).unwrap();
        assert_eq!(waiting.await, Ok(7));
        let (sender, receiver) = oneshot::<u8>();
        drop(sender);
        assert_eq!(receiver.await, Err(Closed));
        let (sender, receiver) = oneshot();
        drop(receiver);
        assert!(sender.is_closed());
        assert_eq!(sender.send(8), Err(8));
    });
}

#[test]
fn a_notification_reaches_those_who_asked_before_it() {
    on_a_core(|core| async move {
        let notify = Notify::new();
        let early = notify.notified();
        notify.notify_all();
        early.await;
        let late = notify.notified();
        let task = core.spawn(Class::Net, "late", late);
        rest(&core).await;
        assert!(!task.is_finished());
        drop(notify.notified());
        notify.notify_all();
        task.await;
    });
}

#[test]
fn a_watch_tells_of_any_difference() {
    on_a_core(|core| async move {
        let watch = Watch::new(1);
        assert_eq!(watch.changed(0).await, 1, "it differs already");
        let task = core.spawn(Class::Net, "watch", watch.changed(1));
        rest(&core).await;
        watch.set(1);
        rest(&core).await;
        assert!(!task.is_finished(), "the same is no change");
        watch.set(2);
        watch.set(3);
        assert_eq!(task.await, 3);
    });
}

#[test]
fn a_full_queue_holds_its_pushers_back() {
    on_a_core(|core| async move {
        let queue = Queue::new(2);
        let pusher = {
            let queue = queue.clone();
            core.spawn(Class::Net, "push", async move {
                for n in 0..10 {
                    queue.push(n).await.unwrap();
                }
                queue.close();
            })
        };
        rest(&core).await;
        assert_eq!((queue.len(), queue.try_push(99)), (2, Err(99)));
        assert!(!pusher.is_finished());
        let mut all = Vec::new();
        assert_eq!(queue.drain(&mut all), 2);
        while let Some(n) = queue.pop().await {
            all.push(n);
        }
        assert_eq!(all, (0..10).collect::<Vec<_>>());
        assert_eq!(queue.push(1).await, Err(1), "closed");
    });
}

#[test]
fn a_wake_that_is_not_used_goes_to_the_next() {
    on_a_core(|core| async move {
        let queue = Queue::<u32>::new(4);
        let first = core.spawn(Class::Net, "first", queue.pop());
        let second = core.spawn(Class::Net, "second", queue.pop());
        rest(&core).await;
        queue.try_push(5).unwrap();
        // The first was woken for the item, and goes before it takes it.
        first.cancel();
        assert_eq!(second.await, Some(5));
    });
}

#[test]
fn a_gate_closes_behind_the_last_one() {
    on_a_core(|core| async move {
        let gate = Gate::new();
        let pass = gate.enter().unwrap();
        let second = pass.clone();
        let closing = core.spawn(Class::Control, "close", gate.close());
        assert!(gate.enter().is_none(), "closed at the call");
        drop(pass);
        rest(&core).await;
        assert!(!closing.is_finished() && gate.inside() == 1);
        drop(second);
        closing.await;
    });
}

#[test]
fn a_race_drops_who_loses() {
    on_a_core(|core| async move {
        struct Told(Rc<Cell<bool>>);
        impl Drop for Told {
            fn drop(&mut self) {
                self.0.set(true);
            }
        }
        let dropped = Rc::new(Cell::new(false));
        let told = Told(Rc::clone(&dropped));
        let never = async move {
            let _told = told;
            std::future::pending::<()>().await;
        };
        let won = race(never, core.yield_now()).await;
        assert_eq!(won, Either::Right(()));
        assert!(dropped.get());
    });
}

#[test]
fn classes_get_their_shares_and_order_within_is_kept() {
    on_a_core(|core| async move {
        core.set_share(Class::Produce, 3);
        core.set_share(Class::Housekeeping, 1);
        let order = Rc::new(RefCell::new(String::new()));
        let mut tasks = Vec::new();
        for (class, letter) in [(Class::Housekeeping, 'h'), (Class::Produce, 'p')] {
            for _ in 0..6 {
                let order = Rc::clone(&order);
                tasks.push(core.spawn(class, "letter", async move {
                    order.borrow_mut().push(letter);
                }));
            }
        }
        for task in tasks {
            task.await;
        }
        // The root task waits between the rounds; it is of another class and in nobody's way.
        assert_eq!(order.take(), "ppphppphhhhh");
    });
}

#[test]
fn a_cancelled_task_is_dropped_at_once_even_by_itself() {
    on_a_core(|core| async move {
        let alive = Rc::new(());
        let held = Rc::clone(&alive);
        let task = core.spawn(Class::Net, "held", async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        rest(&core).await;
        assert_eq!(Rc::strong_count(&alive), 2);
        task.cancel();
        assert_eq!(Rc::strong_count(&alive), 1);
        let itself = Rc::new(RefCell::new(None::<crate::Task<()>>));
        let (held, place) = (Rc::clone(&alive), Rc::clone(&itself));
        let task = core.spawn(Class::Net, "itself", async move {
            let _held = held;
            place.borrow_mut().take().unwrap().cancel();
            std::future::pending::<()>().await;
        });
        itself.replace(Some(task));
        rest(&core).await;
        assert_eq!(Rc::strong_count(&alive), 1);
    });
}
