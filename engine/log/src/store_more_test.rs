//! The store's further promises: faults, room, retention, setting aside.

use engine_base::FaultKind;
use engine_rt::sim::{DiskOp, FailRule};

use super::store_test::{batch, batches, dir, disk, durable, fresh, on, options, read_all};
use super::*;
use crate::ReadError;
use engine_rt::sim::Crash;
use std::time::Duration;

fn small_segments() -> LogOptions {
    LogOptions { segment_bytes: 20_000, retention_ms: -1, ..LogOptions::default() }
}

/// Appends `count` batches of two records with ascending timestamps.
async fn fill(store: &Store, log: &Log, count: i64, bytes: usize) -> Seq {
    let mut seq = Seq(0);
    for _ in 0..count {
        let bytes = batch(2, &vec![3; bytes], 1000 + log.end() * 10);
        store.room(bytes.len()).await.unwrap();
        seq = log.append(&[&bytes], log.end(), 1).unwrap();
    }
    seq
}

/// Waits until everything but remainders is in segments.
async fn settled(core: &Core, store: &Store) {
    for _ in 0..1000 {
        core.sleep(Duration::from_millis(1)).await;
        if store.stats().dirty_bytes < options().destage_bytes {
            return;
        }
    }
    panic!("never settled: {:?}", store.stats());
}

#[test]
fn records_are_found_by_time_in_files_and_in_memory() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), small_segments()).unwrap();
        let seq = fill(&store, &log, 200, 400).await;
        durable(&store, seq).await;
        settled(&core, &store).await;
        assert!(log.segments().iter().filter(|s| s.sealed).count() > 3);
        for offset in [0i64, 1, 57, 200, 399] {
            let timestamp = 1000 + offset / 2 * 20 + offset % 2;
            let found = log.offset_for_time(timestamp, 400).await.unwrap();
            let found = found.expect("there is a record");
            assert_eq!((found.offset, found.timestamp, found.epoch), (offset, timestamp, 1));
        }
        assert_eq!(log.offset_for_time(1_000_000, 400).await, Ok(None));
        assert_eq!(log.offset_for_time(1000 + 390 * 10, 390).await, Ok(None), "not to be seen");
        let newest = log.max_timestamp(400).await.unwrap().unwrap();
        assert_eq!((newest.offset, newest.timestamp), (399, 1000 + 398 * 10 + 1));
        let visible = log.max_timestamp(100).await.unwrap().unwrap();
        assert_eq!((visible.offset, visible.timestamp), (99, 1000 + 98 * 10 + 1));
    });
}

#[test]
fn retention_by_size_removes_whole_segments_and_their_files() {
    let disk = disk();
    let seen = disk.clone();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), small_segments()).unwrap();
        let seq = fill(&store, &log, 200, 400).await;
        durable(&store, seq).await;
        settled(&core, &store).await;
        let before = (log.segments().len(), log.size_bytes());
        log.set_options(LogOptions { retention_bytes: 50_000, ..small_segments() });
        assert_eq!(log.enforce_retention().map(|s| s.is_some()), Ok(true));
        assert!(
            log.size_bytes() >= 50_000 && log.size_bytes() < 50_000 + 20_000,
            "{before:?} {}",
            log.size_bytes()
        );
        assert_eq!(log.start(), log.segments()[0].base);
        core.sleep(Duration::from_millis(100)).await;
        let files = seen.files();
        let left = files.iter().filter(|(path, _)| path.to_string_lossy().ends_with(".log"));
        assert!(left.count() <= log.segments().len());
        let below = log.read(0, 400, 1000, true).await.map(|slices| slices.len());
        let (start, end) = (log.start(), log.end());
        assert_eq!(below, Err(ReadError::Refusal(Refusal::OffsetOutOfRange { start, end })));
        assert!(!read_all(&log).await.is_empty());
    });
}

/// A log to which something came between any two looks was never retained.
#[test]
fn a_log_that_is_never_at_rest_is_retained_too() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        let keep = LogOptions { retention_bytes: 50_000, ..small_segments() };
        let (log, _) = store.create_log(LogId(1), keep).unwrap();
        for _ in 0..100 {
            fill(&store, &log, 5, 400).await;
            core.sleep(Duration::from_millis(100)).await;
        }
        assert!(log.end() == 1000 && log.size_bytes() < 100_000, "{} bytes", log.size_bytes());
    });
}

#[test]
fn retention_keeps_to_its_interval_but_for_new_options() {
    on(&disk(), 1, |core| async move {
        format(&core, &dir(), engine_base::Uuid([1; 16]), &options()).await.unwrap();
        let options = StoreOptions { retention_check_ms: 300_000, ..options() };
        let (store, _) = Store::open(&core, &dir(), options).await.unwrap();
        let keep = LogOptions { retention_ms: 1000, ..small_segments() };
        let (log, _) = store.create_log(LogId(1), keep.clone()).unwrap();
        let opened = core.now();
        let at = async |seconds: u64| {
            let since = core.now().since(opened);
            core.sleep(Duration::from_secs(seconds).saturating_sub(since)).await;
            log.size_bytes() > 0
        };
        fill(&store, &log, 10, 400).await;
        assert_eq!((at(25).await, at(40).await), (true, false), "the first look after a start");
        fill(&store, &log, 10, 400).await;
        assert_eq!((at(320).await, at(340).await), (true, false), "one interval later");
        fill(&store, &log, 10, 400).await;
        assert!(at(350).await);
        log.set_options(LogOptions { retention_ms: 999, ..keep });
        assert!(!at(360).await, "new options are heeded at once");
    });
}

#[test]
fn a_timestamp_from_the_future_does_not_keep_a_segment() {
    let world = engine_rt::sim::World::new(4, engine_rt::sim::SimOptions::default());
    let core = world.core(&disk());
    let (store, log) = world
        .block_on(&core.clone(), async move {
            let store = fresh(&core).await;
            let week = LogOptions { retention_ms: 3_600_000, ..small_segments() };
            let (log, _) = store.create_log(LogId(1), week).unwrap();
            let mut seq = Seq(0);
            for _ in 0..100 {
                let bytes = batch(1, &[1; 500], i64::MAX / 2);
                seq = log.append(&[&bytes], log.end(), 1).unwrap();
            }
            durable(&store, seq).await;
            core.sleep(Duration::from_millis(200)).await;
            log.set_retain_from(60);
            (store, log)
        })
        .unwrap();
    assert_eq!(log.start(), 0);
    world.set_wall(engine_base::WallMs(1_750_000_000_000 + 7_200_000));
    world.run_for(Duration::from_secs(3)).unwrap();
    assert!(log.start() > 20 && log.start() <= 60, "not beyond what is visible: {}", log.start());
    log.set_retain_from(100);
    world.run_for(Duration::from_secs(3)).unwrap();
    assert_eq!((log.start(), log.end()), (100, 100), "the open segment is rolled for it");
    assert_eq!(store.failed(), None);
}

#[test]
fn a_full_disk_refuses_produce_and_takes_it_up_again_by_itself() {
    let disk = disk();
    let small = disk.clone();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), small_segments()).unwrap();
        let (other, _) = store.create_log(LogId(2), small_segments()).unwrap();
        let seq = fill(&store, &other, 300, 1000).await;
        durable(&store, seq).await;
        small.set_capacity(small.used() + 65536);
        let mut seq = Seq(0);
        let refused = loop {
            let bytes = batch(2, &[1; 1000], 5);
            match store.room(bytes.len()).await {
                Ok(()) => seq = log.append(&[&bytes], log.end(), 1).unwrap(),
                Err(refused) => break refused,
            }
        };
        assert_eq!(refused, Refusal::StorageFull);
        let bytes = batch(2, &[1; 1000], 5);
        assert_eq!(log.append(&[&bytes], log.end(), 1), Err(Refusal::StorageFull));
        assert!(store.stats().storage_full || store.stats().dirty_bytes > 0);
        durable(&store, seq).await;
        assert_eq!(store.failed(), None, "no space is no fault");
        assert_eq!(read_all(&log).await.len() as i64 * 2, log.end(), "fetch goes on");
        store.delete_log(LogId(2)).unwrap();
        core.sleep(Duration::from_secs(3)).await;
        store.room(bytes.len()).await.unwrap();
        log.append(&[&bytes], log.end(), 1).unwrap();
    });
}

#[test]
fn a_failed_write_is_final_and_everybody_is_told() {
    for (op, path) in [(DiskOp::Write, "journal"), (DiskOp::Write, "logs"), (DiskOp::Flush, "logs")]
    {
        let disk = disk();
        let faulty = disk.clone();
        let acked = on(&disk, 1, |core| async move {
            let store = fresh(&core).await;
            let (log, seq) = store.create_log(LogId(1), small_segments()).unwrap();
            durable(&store, seq).await;
            let rule =
                FailRule { op: Some(op), path_contains: path.into(), skip: 3, times: 1, errno: 5 };
            faulty.fail(rule);
            let mut ends = vec![];
            for _ in 0..5000 {
                let bytes = batch(1, &[1; 900], 5);
                if store.room(bytes.len()).await.is_err() {
                    break;
                }
                let Ok(seq) = log.append(&[&bytes], log.end(), 1) else { break };
                ends.push((seq, log.end()));
            }
            let mut seen = store.progress();
            while let Ok(now) = store.progressed(seen).await {
                seen = now;
            }
            let fault = store.failed().expect("it stopped");
            assert_eq!(fault.kind, FaultKind::WriteFailed, "{fault}");
            assert!(fault.place.contains(path), "{fault}");
            assert!(store.progressed(seen).await.is_err(), "for ever");
            assert_eq!(store.room(10).await, Err(Refusal::StorageStopped));
            assert!(store.create_log(LogId(2), small_segments()).is_err());
            assert!(store.close().await.is_err());
            ends.iter().filter(|(seq, _)| *seq <= seen.durable).map(|(_, end)| *end).max()
        });
        let disk = disk.crash(3, Crash::Power);
        on(&disk, 2, |core| async move {
            let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
            let end = store.log(LogId(1)).unwrap().end();
            assert!(end >= acked.unwrap_or(0), "{end} of {acked:?} after {op:?} {path}");
        });
    }
}

#[test]
fn a_closed_store_opens_whole_and_is_sound() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), small_segments()).unwrap();
        fill(&store, &log, 100, 300).await;
        store.close().await.unwrap();
        let bytes = batch(1, &[1; 10], 5);
        assert_eq!(log.append(&[&bytes], log.end(), 1), Err(Refusal::Stopping));
    });
    let disk = disk.crash(3, Crash::Power);
    on(&disk, 2, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert!(!recovered.report.torn, "{:?}", recovered.report);
        assert_eq!(read_all(&store.log(LogId(1)).unwrap()).await.len(), 100);
        store.close().await.unwrap();
        let report = crate::verify(&core, &dir()).await.unwrap();
        assert_eq!((report.faults, report.batches, report.logs), (vec![], 100, 1));
    });
}

#[test]
fn two_processes_never_have_one_shard() {
    on(&disk(), 1, |core| async move {
        let _store = fresh(&core).await;
        let second = Store::open(&core, &dir(), options()).await.map(|_| ());
        assert_eq!(second.map_err(|fault| fault.kind), Err(FaultKind::Refused));
        let again = format(&core, &dir(), Uuid([2; 16]), &options()).await;
        assert_eq!(again.map_err(|fault| fault.kind), Err(FaultKind::Refused));
    });
}

#[test]
fn a_log_that_is_set_aside_keeps_its_bytes_outside_of_the_shard() {
    let disk = disk();
    let seen = disk.clone();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(9), small_segments()).unwrap();
        fill(&store, &log, 50, 700).await;
        assert_eq!(store.set_aside(LogId(9)).await, Ok(true));
        assert!(store.log(LogId(9)).is_none());
        let files = seen.files();
        let aside = files.iter().filter(|(path, _)| {
            let path = path.to_string_lossy();
            path.contains("aside/0000000000000009-") && path.ends_with(".log")
        });
        let bytes: u64 = aside.map(|(_, len)| len).sum();
        assert_eq!(bytes, 50 * batch(2, &[3; 700], 5).len() as u64);
        store.close().await.unwrap();
    });
    let disk = disk.crash(5, Crash::Power);
    on(&disk, 2, |core| async move {
        let (_, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!((recovered.logs, recovered.report.faults), (vec![], vec![]));
    });
}

#[test]
fn reads_keep_to_their_bounds() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), small_segments()).unwrap();
        let seq = fill(&store, &log, 150, 400).await;
        durable(&store, seq).await;
        settled(&core, &store).await;
        let one = batch(2, &[3; 400], 5).len();
        for from in [0, 1, 7, 150, 299] {
            let first = from / 2 * 2;
            let got = log.read(from, 300, one * 3 + 10, true).await.unwrap();
            let got = batches(&got);
            assert!(!got.is_empty() && got.len() <= 3 && got[0].0 == first, "{from}: {got:?}");
            let least = batches(&log.read(from, 300, 0, true).await.unwrap());
            assert_eq!(least.len(), 1);
            assert!(log.read(from, 300, 1, false).await.unwrap().is_empty());
            let hidden = log.read(from, first + 1, 1000, true).await.unwrap();
            assert!(hidden.is_empty(), "the limit cuts the batch");
        }
        assert!(log.read(300, 300, 1000, true).await.unwrap().is_empty());
        assert!(log.read(301, 400, 1000, true).await.is_err());
    });
}

#[test]
fn idle_logs_give_way_within_the_memory_budget() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        for id in 0..60 {
            let (log, _) = store.create_log(LogId(id), small_segments()).unwrap();
            fill(&store, &log, 9, 900).await;
        }
        let busy = store.log(LogId(0)).unwrap();
        for _ in 0..40 {
            fill(&store, &busy, 20, 1500).await;
            let held = store.stats().memory_bytes;
            assert!(held <= options().memory_bytes, "{held}");
        }
        assert!(store.stats().appended_bytes > options().memory_bytes);
        for id in 1..60 {
            assert_eq!(read_all(&store.log(LogId(id)).unwrap()).await.len(), 9);
        }
    });
}
