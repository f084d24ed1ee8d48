//! The store's promises from one life to the next: what an earlier one left in flight, what is
//! told before it is durable, and how old a segment is that only a replay knows.

use std::path::PathBuf;
use std::time::Duration;

use engine_base::{FaultKind, WallMs};
use engine_rt::sim::{Crash, Disk, Rot, SimOptions, World};
use engine_rt::{Create, File, Open};

use super::store_test::{append, batch, dir, disk, durable, fresh, on, options, read_all};
use super::*;
use crate::block::{BlockHeader, JournalKey};
use crate::names::SegmentName;
use crate::segment::Segments;
use crate::{HardState, names};

const LOG: LogId = LogId(7);
const HOUR: i64 = 3_600_000;

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
    for path in [
        names::segment(&dir(), LOG, SegmentName::appended(0)),
        names::sidecar(&dir(), LOG, SegmentName::appended(0)),
    ] {
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
        let path = names::segment(&dir(), LOG, SegmentName::appended(0));
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
            let key = (LOG, SegmentName::appended(0));
            let first = segments.open(key, 0, true).await.unwrap();
            segments.forget(key);
            let reading = core.spawn(Class::Fetch, "read", {
                let segments = Rc::clone(&segments);
                async move { segments.open(key, 0, false).await.map(|segment| segment.key) }
            });
            core.yield_now().await;
            let (path, side) = (
                names::segment(&dir(), LOG, SegmentName::appended(0)),
                names::sidecar(&dir(), LOG, SegmentName::appended(0)),
            );
            core.remove_file(&path).await.unwrap();
            core.remove_file(&side).await.unwrap();
            let second = segments.open(key, 0, true).await.unwrap();
            second.make_writable(&core, 0, 0).await.unwrap();
            second.log.allocate(0, 4096).await.unwrap();
            assert_eq!(seen.contents(&path).unwrap().len(), 4096, "seed {seed}");
            // It is another file, too, if nobody removed the first: that one's lock is still held.
            let third = segments.open(key, 0, true).await.unwrap();
            third.make_writable(&core, 0, 0).await.unwrap();
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

/// Write-back lost a block and told it to another program's flush; the checkpoint opened the
/// directory anew to flush it, heard nothing and counted.
#[test]
fn a_flush_of_everything_hears_of_what_was_lost_before_it() {
    let disk = disk();
    let lossy = disk.clone();
    on(&disk, 1, |core| async move {
        let options = StoreOptions { destage_bytes: 4096, ..options() };
        format(&core, &dir(), Uuid([1; 16]), &options).await.unwrap();
        let (store, _) = Store::open(&core, &dir(), options).await.unwrap();
        let mut seq = Seq(0);
        for id in 0..20 {
            let (log, _) = store.create_log(LogId(id), LogOptions::default()).unwrap();
            let bytes = batch(1, &[7; 4500], 1000);
            store.room(bytes.len()).await.unwrap();
            seq = log.append(&[&bytes], 0, 1).unwrap();
        }
        durable(&store, seq).await;
        core.sleep(Duration::from_millis(100)).await;
        assert_eq!(store.stats().checkpoints, 1);
        assert!(store.stats().destaged_bytes >= 20 * 4096, "{:?}", store.stats());
        lossy.lose_write_back();
        let fault = store.close().await.expect_err("a segment's write was lost");
        assert_eq!(fault.kind, FaultKind::WriteFailed);
    });
}

/// Somebody else had filled the disk while the node was down: it did not start, so nothing could be
/// deleted through it.
#[test]
fn a_shard_opens_on_a_full_disk_serves_and_goes_on_when_there_is_space() {
    for crash in [Crash::Kill, Crash::Power] {
        let disk = disk();
        on(&disk, 1, |core| async move {
            let store = fresh(&core).await;
            let small = LogOptions { segment_bytes: 40_000, ..LogOptions::default() };
            let (large, _) = store.create_log(LogId(2), small.clone()).unwrap();
            append(&core, &store, &large, 150).await;
            for id in [1, 3] {
                let (log, _) = store.create_log(LogId(id), small.clone()).unwrap();
                append(&core, &store, &log, 30).await;
            }
        });
        let disk = disk.crash(4, crash);
        let all = disk.snapshot();
        for round in 0..3u64 {
            // Nothing at all, then less than a file's first step.
            disk.set_capacity(disk.used() + round * 4096);
            on(&disk, 5, |core| async move {
                let store = reopened(&core).await;
                assert!(store.stats().checkpoints == 0 || round > 0, "no space for one");
                for id in [1, 3] {
                    assert_eq!(read_all(&store.log(LogId(id)).unwrap()).await.len(), 30);
                }
                assert_eq!(store.room(3000).await, Err(Refusal::StorageFull));
                let log = store.log(LogId(1)).unwrap();
                let hard_state = HardState { term: round as i32 + 1, ..HardState::default() };
                durable(&store, log.set_hard_state(hard_state).unwrap()).await;
            });
            let crashed = disk.crash(6 + round, crash);
            on(&crashed.snapshot(), 7, |core| async move {
                let store = reopened(&core).await;
                let log = store.log(LogId(1)).unwrap();
                assert_eq!((log.end(), log.hard_state().term), (30, round as i32 + 1));
            });
        }
        let disk = all;
        disk.set_capacity(disk.used());
        on(&disk, 8, |core| async move {
            let store = reopened(&core).await;
            durable(&store, store.delete_log(LogId(2)).unwrap()).await;
            core.sleep(Duration::from_secs(5)).await;
            append(&core, &store, &store.log(LogId(1)).unwrap(), 5).await;
            assert_eq!(store.failed(), None);
        });
        on(&disk.crash(9, crash), 10, |core| async move {
            let store = reopened(&core).await;
            assert_eq!(store.log_ids(), [LogId(1), LogId(3)]);
            assert_eq!(read_all(&store.log(LogId(1)).unwrap()).await.len(), 35);
            assert_eq!(read_all(&store.log(LogId(3)).unwrap()).await.len(), 30);
        });
    }
}

/// A life that had no space for its first checkpoint used the files that the older of the two on
/// disk replays from: when the newer one rotted, there was none to start from.
#[test]
fn without_space_for_a_checkpoint_both_that_are_there_still_suffice() {
    (6..20).for_each(|i| both_checkpoints_suffice_after(i * 10));
}

fn both_checkpoints_suffice_after(appends: usize) {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &store, &log, appends).await;
    });
    let disk = disk.crash(1, Crash::Kill);
    disk.set_capacity(disk.used());
    let term = on(&disk, 2, |core| async move {
        let store = reopened(&core).await;
        let log = store.log(LOG).unwrap();
        let mut term = 0;
        for next in 1..200 {
            match log.set_hard_state(HardState { term: next, ..HardState::default() }) {
                Ok(seq) => durable(&store, seq).await,
                Err(refused) => assert_eq!(refused, Refusal::Overloaded),
            }
            term = log.hard_state().term;
        }
        term
    });
    assert!(term < 199, "the ring is used up: {term}");
    let disk = disk.crash(3, Crash::Power);
    let is_checkpoint = |path: &PathBuf| path.to_string_lossy().contains("checkpoint-");
    let newest = disk.files().into_iter().map(|file| file.0).rfind(is_checkpoint);
    assert!(disk.rot(&newest.unwrap(), 50, Rot::Flip(3)));
    disk.set_capacity(64 << 20);
    on(&disk, 4, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!(recovered.report.faults.len(), 1, "the rotten checkpoint");
        let log = store.log(LOG).unwrap();
        assert_eq!((read_all(&log).await.len(), log.hard_state().term), (appends, term));
    });
}

/// A record that held a block of its own, sealed with the shard's name, made a start find rot
/// once the block around it was torn; with a sequence near the largest number it made it abort.
#[test]
fn what_a_client_sends_never_passes_for_a_block() {
    let disk = a_segment_that_goes_on();
    let forge = |key: [u8; 16], sequence: u64| {
        let header = BlockHeader {
            generation: 1,
            sequence,
            durable: sequence - 1,
            previous_crc: 7,
            length: 64,
            entries: 0,
        };
        let mut block = vec![0; 4096];
        header.seal(JournalKey(key), &mut block);
        block
    };
    let own = disk.contents(&names::identity(&dir())).unwrap();
    let own = crate::identity::Identity::decode(&own, "shard").unwrap();
    for (block, is_rot) in [
        (forge(own.shard.0, 1 << 40), false),
        (forge(own.shard.0, u64::MAX), false),
        (forge(own.journal_key().0, u64::MAX), false),
        (forge(own.journal_key().0, 1 << 40), true),
    ] {
        let disk = disk.snapshot();
        let path = names::journal_file(&dir(), 2);
        let mut bytes = disk.contents(&path).unwrap();
        bytes[8192..12288].copy_from_slice(&block);
        disk.put(&path, &bytes);
        let opened = on(&disk, 3, |core| async move {
            Store::open(&core, &dir(), options()).await.map(|(_, recovered)| recovered.logs[0].end)
        });
        match is_rot {
            true => assert_eq!(opened.map_err(|fault| fault.kind), Err(FaultKind::Rot)),
            false => assert_eq!(opened, Ok(20)),
        }
    }
}

/// The start of a node that had a log to set aside spun on a full disk.
#[test]
fn a_log_is_not_set_aside_without_space_for_it() {
    let disk = disk();
    let small = disk.clone();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &store, &log, 3).await;
        small.set_capacity(small.used());
        assert_eq!(store.set_aside(LOG).await, Ok(false));
        assert_eq!(read_all(&store.log(LOG).unwrap()).await.len(), 3);
        small.set_capacity(64 << 20);
        core.sleep(Duration::from_secs(3)).await;
        assert_eq!(store.set_aside(LOG).await, Ok(true));
        assert_eq!(store.log_ids(), []);
    });
}

/// A store that was closed wrote all that was due first, segment after segment.
#[test]
fn a_store_that_closes_leaves_what_is_due_to_the_journal() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let small = LogOptions { segment_bytes: 5_000, ..LogOptions::default() };
        let (log, _) = store.create_log(LOG, small).unwrap();
        append(&core, &store, &log, 60).await;
        store.close().await.unwrap();
        let stats = store.stats();
        assert!(stats.destaged_bytes < stats.appended_bytes / 2, "{stats:?}");
    });
    on(&disk.crash(1, Crash::Power), 2, |core| async move {
        assert_eq!(read_all(&reopened(&core).await.log(LOG).unwrap()).await.len(), 60);
    });
}

/// As many logs as there are pages of memory had a few bytes each: nothing could be written in
/// whole blocks, nothing evicted, and whoever waited for room waited for ever.
#[test]
fn more_small_logs_than_memory_has_pages_for_go_on() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let logs = 2 * options().memory_bytes / 4096;
        for id in 0..logs {
            let bytes = batch(1, &[7; 100], core.wall().0);
            let room = || core.timeout(Duration::from_secs(60), store.room(bytes.len()));
            assert_eq!(room().await, Ok(Ok(())), "log {id} of {logs}: {:?}", store.stats());
            let (log, _) = store.create_log(LogId(id), LogOptions::default()).unwrap();
            assert_eq!(room().await, Ok(Ok(())), "log {id} of {logs}: {:?}", store.stats());
            durable(&store, log.append(&[&bytes], 0, 1).unwrap()).await;
            assert!(store.stats().memory_bytes <= options().memory_bytes);
        }
        for id in 0..logs {
            assert_eq!(read_all(&store.log(LogId(id)).unwrap()).await.len(), 1);
        }
    });
}

/// As in Kafka, a bad block of an old segment is no reason to refuse what producers send.
#[test]
fn a_log_with_rot_is_appended_to_and_serves_what_lies_behind_it() {
    let disk = a_segment_that_goes_on();
    assert!(disk.rot(&names::segment(&dir(), LOG, SegmentName::appended(0)), 5000, Rot::Flip(3)));
    on(&disk, 3, |core| async move {
        let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
        let log = store.log(LOG).unwrap();
        let rotten = log.read(1, log.end(), 1000, true).await;
        assert!(matches!(&rotten, Err(crate::ReadError::Fault(f)) if f.kind == FaultKind::Rot));
        append(&core, &store, &log, 5).await;
        assert_eq!((log.start(), log.end(), store.failed()), (0, 25, None));
        let behind = log.read(15, log.end(), 64 << 10, true).await.unwrap();
        assert_eq!(super::store_test::batches(&behind).len(), 10);
    });
}

/// The node of a test may be there while the next one starts: its files are not.
#[test]
fn a_closed_store_keeps_no_segment_from_the_next() {
    on(&disk(), 12, |core| async move {
        let first = fresh(&core).await;
        let (log, _) = first.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &first, &log, 40).await;
        core.sleep(Duration::from_secs(1)).await;
        assert!(first.stats().destaged_bytes > 0);
        first.close().await.unwrap();
        let next = reopened(&core).await;
        append(&core, &next, &next.log(LOG).unwrap(), 40).await;
        core.sleep(Duration::from_secs(20)).await;
        assert_eq!(next.failed(), None);
        assert!(next.stats().destaged_bytes > 0);
        next.close().await.unwrap();
        drop((first, log));
    });
}
