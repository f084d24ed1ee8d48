//! The loop: sleeping, being woken from elsewhere, signals, stalls.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::{Class, CoreConfig, run};

#[test]
fn a_sleep_takes_its_time_and_one_system_call() {
    let stats = run(CoreConfig::default(), |core| async move {
        let start = Instant::now();
        core.sleep(Duration::from_millis(20)).await;
        assert!(start.elapsed() >= Duration::from_millis(19));
        core.stats()
    })
    .unwrap();
    assert!(stats.submits <= 3, "slept in the ring, did not spin: {stats:?}");
}

#[test]
fn an_idle_core_polls_for_a_bounded_time() {
    let config = CoreConfig { idle_poll: Duration::from_millis(2), ..CoreConfig::default() };
    let stats = run(config, |core| async move {
        core.sleep(Duration::from_millis(50)).await;
        core.stats()
    })
    .unwrap();
    assert!(stats.submits > 3, "it polled: {stats:?}");
}

/// A future that another thread completes.
fn from_thread(delay: Duration) -> impl Future<Output = ()> {
    let shared: Arc<(AtomicU32, Mutex<Option<Waker>>)> = Arc::default();
    let theirs = Arc::clone(&shared);
    let mut thread = Some(move || {
        std::thread::spawn(move || {
            std::thread::sleep(delay);
            theirs.0.store(1, Ordering::SeqCst);
            if let Some(waker) = theirs.1.lock().unwrap().take() {
                waker.wake();
            }
        })
    });
    poll_fn(move |cx| {
        *shared.1.lock().unwrap() = Some(cx.waker().clone());
        if let Some(start) = thread.take() {
            start();
        }
        if shared.0.load(Ordering::SeqCst) == 1 { Poll::Ready(()) } else { Poll::Pending }
    })
}

#[test]
fn other_threads_wake_a_sleeping_core() {
    let stats = run(CoreConfig::default(), |core| async move {
        for round in 0..50u64 {
            from_thread(Duration::from_micros(round * 20)).await;
        }
        let mut tasks = Vec::new();
        for _ in 0..20 {
            tasks.push(core.spawn(Class::Net, "remote", from_thread(Duration::from_millis(3))));
        }
        for task in tasks {
            task.await;
        }
        core.stats()
    })
    .unwrap();
    assert!(stats.submits < 1000, "it slept in between: {stats:?}");
}

#[test]
fn wakers_may_outlive_their_core() {
    let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
    let theirs = Arc::clone(&kept);
    run(CoreConfig::default(), |core| async move {
        let task = core.spawn(
            Class::Net,
            "never",
            poll_fn(move |cx| {
                *theirs.lock().unwrap() = Some(cx.waker().clone());
                Poll::<()>::Pending
            }),
        );
        core.yield_now().await;
        core.yield_now().await;
        drop(task);
    })
    .unwrap();
    let waker = kept.lock().unwrap().take().unwrap();
    waker.wake_by_ref();
    std::thread::spawn(move || waker.wake()).join().unwrap();
}

#[test]
fn a_signal_to_the_process_arrives() {
    run(CoreConfig::default(), |core| async move {
        let first = core.signal();
        // SAFETY: sends a signal to this process, which the line above has a handler for.
        assert_eq!(unsafe { libc::kill(libc::getpid(), libc::SIGTERM) }, 0);
        first.await;
        let waiting = core.spawn(Class::Control, "signal", core.signal());
        core.sleep(Duration::from_millis(5)).await;
        assert!(!waiting.is_finished());
        // SAFETY: as above.
        assert_eq!(unsafe { libc::kill(libc::getpid(), libc::SIGINT) }, 0);
        waiting.await;
        assert!(core.timeout(Duration::from_millis(5), core.signal()).await.is_err());
    })
    .unwrap();
}

#[test]
fn a_task_that_holds_the_core_is_named() {
    let told = Rc::new(RefCell::new(Vec::new()));
    let told2 = Rc::clone(&told);
    let config = CoreConfig {
        stall_limit: Duration::from_millis(10),
        on_stall: Some(Rc::new(move |stall| told2.borrow_mut().push(stall.task))),
        ..CoreConfig::default()
    };
    let stats = run(config, |core| async move {
        core.spawn(Class::Fetch, "quick", async {}).await;
        core.spawn(Class::Fetch, "hog", async {
            std::thread::sleep(Duration::from_millis(60));
        })
        .await;
        core.stats()
    })
    .unwrap();
    assert!(told.borrow().contains(&"hog"), "{told:?}");
    assert_eq!(stats.stall_worst.unwrap().task, "hog");
}

#[test]
fn a_pinned_core_runs_on_its_cpu() {
    let thread = std::thread::spawn(|| {
        let config = CoreConfig { cpu: Some(0), ..CoreConfig::default() };
        run(config, |_core| async {
            // SAFETY: no memory is involved.
            assert_eq!(unsafe { libc::sched_getcpu() }, 0);
        })
        .unwrap();
    });
    thread.join().unwrap();
}

#[test]
fn what_was_spawned_ends_with_the_root() {
    struct Told(Rc<Cell<bool>>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let told = Told(Rc::clone(&dropped));
    run(CoreConfig::default(), |core| async move {
        drop(core.spawn(Class::Housekeeping, "for ever", async move {
            let _told = told;
            std::future::pending::<()>().await;
        }));
    })
    .unwrap();
    assert!(dropped.get());
}
