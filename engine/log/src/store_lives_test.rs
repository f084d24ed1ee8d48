//! The store's promises from one life to the next: what an earlier one left in flight, what is
//! told before it is durable, and how old a segment is that only a replay knows.

use std::time::Duration;

use engine_base::{FaultKind, WallMs};
use engine_rt::sim::{Crash, Disk, SimOptions, World};
use engine_rt::{Create, File, Open};

use super::store_test::{batch, dir, durable, fresh, on, options, read_all};
use super::*;
use crate::names;
use crate::segment::Segments;

const LOG: LogId = LogId(7);
const HOUR: i64 = 3_600_000;

fn disk() -> Disk {
    Disk::new(64 << 20, 4096)
}

/// Like `on`, in a world whose wall clock begins at `wall` milliseconds after the usual one.
fn on_at<T: 'static, F: Future<Output = T> + 'static>(
    disk: &Disk,
    after: i64,
    work: impl FnOnce(Core) -> F,
) -> T {
    let wall = WallMs(SimOptions::default().wall.0 + after);
    let world = World::new(3, SimOptions { wall, ..SimOptions::default() });
    let core = world.core(disk);
    world.block_on(&core, work(core.clone())).unwrap()
}

async fn append(core: &Core, store: &Store, log: &Log, count: usize) {
    let mut seq = Seq(0);
    for _ in 0..count {
        let bytes = batch(1, &[7; 3000], core.wall().0);
        store.room(bytes.len()).await.unwrap();
        seq = log.append(&[&bytes], log.end(), 1).unwrap();
    }
    durable(store, seq).await;
}

async fn reopened(core: &Core) -> Store {
    let (store, recovered) = Store::open(core, &dir(), options()).await.unwrap();
    assert_eq!(recovered.report.faults, vec![]);
    store
}

/// A shard whose checkpoint knows a part of a segment, and whose journal brings more of it.
fn a_segment_that_goes_on() -> Disk {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &store, &log, 10).await;
        core.sleep(Duration::from_millis(100)).await;
        store.close().await.unwrap();
    });
    let disk = disk.crash(1, Crash::Kill);
    on(&disk, 2, |core| async move {
        let store = reopened(&core).await;
        append(&core, &store, &store.log(LOG).unwrap(), 10).await;
    });
    disk.crash(2, Crash::Kill)
}

/// What a killed process has of a file until its last write has landed.
async fn held(core: &Core, path: &Path) -> File {
    let how = Open { write: true, create: Create::No, direct: false };
    let file = core.open(path, how).await.unwrap();
    assert!(file.try_lock().unwrap());
    file
}

/// A write of a killed process landed after the next life had written the same block anew: its
/// checksum no longer held, and acknowledged records were told to be rot.
#[test]
fn a_file_is_not_written_before_an_earlier_life_let_it_go() {
    let disk = a_segment_that_goes_on();
    for path in [names::segment(&dir(), LOG, 0), names::sidecar(&dir(), LOG, 0)] {
        let disk = disk.snapshot();
        let seen = disk.clone();
        on(&disk, 3, |core| async move {
            let before = seen.contents(&path).unwrap();
            let old = held(&core, &path).await;
            let opening = core.spawn(Class::Control, "open", {
                let core = core.clone();
                async move { reopened(&core).await }
            });
            core.sleep(Duration::from_secs(5)).await;
            assert!(!opening.is_finished(), "it waits for {}", path.display());
            assert_eq!(seen.contents(&path).unwrap(), before, "nothing is written meanwhile");
            drop(old);
            let store = opening.await;
            assert_ne!(seen.contents(&path).unwrap(), before);
            assert_eq!(read_all(&store.log(LOG).unwrap()).await.len(), 20);
        });
    }
}

#[test]
fn a_life_does_not_wait_for_ever_and_says_for_what() {
    let disk = a_segment_that_goes_on();
    on(&disk, 3, |core| async move {
        let path = names::segment(&dir(), LOG, 0);
        let _old = held(&core, &path).await;
        let began = core.now();
        let opened = Store::open(&core, &dir(), options()).await.map(|_| ());
        let fault = opened.expect_err("somebody has the file");
        assert_eq!((fault.kind, fault.place), (FaultKind::Refused, path.display().to_string()));
        assert!(core.now().since(began) < Duration::from_secs(20));
    });
}

/// A segment was removed while a reader opened it, and made again under the same name: what was
/// written went into the file that had lost its name.
#[test]
fn a_segment_that_is_made_again_is_a_file_that_has_the_name() {
    for seed in 0..40 {
        let disk = disk();
        let seen = disk.clone();
        disk.make_dir(&names::log_dir(&dir(), LOG));
        on(&disk, seed, |core| async move {
            let segments = Rc::new(Segments::new(&core, &dir(), &options()));
            let key = (LOG, 0);
            let first = segments.open(key, 0, true).await.unwrap();
            segments.forget(key);
            let reading = core.spawn(Class::Fetch, "read", {
                let segments = Rc::clone(&segments);
                async move { segments.open(key, 0, false).await.map(|segment| segment.key) }
            });
            core.yield_now().await;
            let (path, side) = (names::segment(&dir(), LOG, 0), names::sidecar(&dir(), LOG, 0));
            core.remove_file(&path).await.unwrap();
            core.remove_file(&side).await.unwrap();
            let second = segments.open(key, 0, true).await.unwrap();
            second.make_writable(&core, 0).await.unwrap();
            second.log.allocate(0, 4096).await.unwrap();
            assert_eq!(seen.contents(&path).unwrap().len(), 4096, "seed {seed}");
            // It is another file, too, if nobody removed the first: that one's lock is still held.
            let third = segments.open(key, 0, true).await.unwrap();
            third.make_writable(&core, 0).await.unwrap();
            assert_eq!(seen.contents(&path).unwrap().len(), 0);
            let _ = reading.await;
            drop((first, second));
        });
    }
}

/// A fetch was told a start that a crash took back: the offsets below it were there again.
#[test]
fn a_start_is_not_told_before_it_is_durable() {
    for write_caching in [false, true] {
        on(&disk(), 1, |core| async move {
            let store = fresh(&core).await;
            let small = LogOptions {
                segment_bytes: 20_000,
                retention_ms: -1,
                write_caching,
                ..LogOptions::default()
            };
            let (log, _) = store.create_log(LOG, small).unwrap();
            append(&core, &store, &log, 40).await;
            core.sleep(Duration::from_secs(3)).await;
            let files = log.segments().len();
            assert!(files > 4);
            let first = log.set_start(20).unwrap();
            let second = log.set_start(30).unwrap();
            let mut seen = store.progress();
            assert!(seen.submitted < first && first <= second);
            while seen.durable < second {
                let told = if write_caching { seen.submitted } else { seen.durable };
                let due = if told >= second {
                    30
                } else if told >= first {
                    20
                } else {
                    0
                };
                assert_eq!((log.start(), log.visible_start()), (30, due), "{seen:?} {first:?}");
                if due == 0 {
                    let read = log.read(0, log.end(), 1000, true).await;
                    // The progress may have moved while it read.
                    assert!(read.is_ok() || store.progress() != seen, "{read:?}");
                }
                seen = store.progressed(seen).await.unwrap();
            }
            assert_eq!(log.visible_start(), 30);
            assert!(log.read(29, log.end(), 1000, true).await.is_err());
            core.sleep(Duration::from_secs(1)).await;
            assert!(log.segments().len() < files);
            assert_eq!(read_all(&log).await.len(), 10);
        });
    }
}

/// A follower that repeated a cut was told that it was durable while the first was on its way.
#[test]
fn a_cut_to_the_end_is_durable_with_what_brought_the_end_there() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &store, &log, 3).await;
        let cut = log.truncate(2).await.unwrap();
        assert!(store.progress().durable < cut);
        assert_eq!(log.truncate(2).await, Ok(cut));
        let bytes = batch(1, &[7; 100], 1000);
        let appended = log.append(&[&bytes], 2, 1).unwrap();
        assert!(store.progress().durable < appended);
        assert_eq!(log.truncate(3).await, Ok(appended));
        durable(&store, appended).await;
    });
}

/// Records from the future whose segment only a replay knew were kept for ever.
#[test]
fn a_replayed_segment_is_not_older_than_its_recovery_and_does_not_stay_for_ever() {
    let disk = disk();
    on_at(&disk, 0, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        let bytes = batch(1, &[7; 3000], i64::MAX / 2);
        let mut seq = Seq(0);
        for _ in 0..10 {
            seq = log.append(&[&bytes], log.end(), 1).unwrap();
        }
        durable(&store, seq).await;
    });
    let wall = WallMs(SimOptions::default().wall.0 + 9 * HOUR);
    let world = World::new(3, SimOptions { wall, ..SimOptions::default() });
    let core = world.core(&disk.crash(1, Crash::Kill));
    let first = core.clone();
    let opened = async move {
        let store = reopened(&core).await;
        let log = store.log(LOG).unwrap();
        log.set_options(LogOptions { retention_ms: HOUR, ..LogOptions::default() });
        log.set_retain_from(log.end());
        (store, log)
    };
    let (store, log) = world.block_on(&first, opened).unwrap();
    world.run_for(Duration::from_secs(3)).unwrap();
    assert_eq!((log.start(), log.end()), (0, 10), "nobody knows that it is older");
    world.set_wall(WallMs(wall.0 + HOUR + 60_000));
    world.run_for(Duration::from_secs(5)).unwrap();
    assert_eq!((log.start(), log.end()), (10, 10));
    assert_eq!(store.failed(), None);
}

/// A segment that was begun long before a restart was taken for as old as its first record: what
/// had been appended minutes before the restart was removed with it.
#[test]
fn retention_counts_from_the_last_append_also_after_a_restart() {
    let disk = disk();
    let keep = LogOptions { retention_ms: HOUR, ..LogOptions::default() };
    let (first, second) = (keep.clone(), keep.clone());
    on_at(&disk, 0, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, first).unwrap();
        append(&core, &store, &log, 10).await;
        store.close().await.unwrap();
    });
    let disk = disk.crash(1, Crash::Kill);
    on_at(&disk, HOUR * 5 / 6, |core| async move {
        let store = reopened(&core).await;
        let log = store.log(LOG).unwrap();
        log.set_options(second);
        append(&core, &store, &log, 10).await;
    });
    let disk = disk.crash(1, Crash::Kill);
    on_at(&disk, HOUR * 7 / 6, |core| async move {
        let store = reopened(&core).await;
        let log = store.log(LOG).unwrap();
        log.set_options(keep);
        core.sleep(Duration::from_secs(5)).await;
        assert_eq!((log.start(), log.end()), (0, 20));
    });
}

/// A clock that had been wrong by years left times in its future: retention waited for them.
#[test]
fn a_wall_clock_that_went_back_does_not_keep_a_segment() {
    let year = 365 * 24 * HOUR;
    let disk = disk();
    let wall = SimOptions::default().wall.0;
    let world = World::new(3, SimOptions { wall: WallMs(wall + year), ..SimOptions::default() });
    let core = world.core(&disk);
    let first = core.clone();
    let work = async move {
        let store = fresh(&core).await;
        let keep =
            LogOptions { segment_bytes: 20_000, retention_ms: HOUR, ..LogOptions::default() };
        let (log, _) = store.create_log(LOG, keep).unwrap();
        append(&core, &store, &log, 20).await;
        core.sleep(Duration::from_millis(500)).await;
        (store, log)
    };
    let (store, log) = world.block_on(&first, work).unwrap();
    world.set_wall(WallMs(wall));
    world.run_for(Duration::from_secs(3)).unwrap();
    assert_eq!(log.start(), 0);
    world.set_wall(WallMs(wall + HOUR + 60_000));
    world.run_for(Duration::from_secs(8)).unwrap();
    assert!(log.start() > 0, "{:?}", log.segments());
    assert_eq!(store.failed(), None);
}
