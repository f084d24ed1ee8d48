//! Checkpoints that are taken while the store lives on, files that nobody knows, logs that rest.

use engine_rt::sim::Crash;
use engine_rt::{Create, Open};

use super::store_test::{batch, dir, disk, durable, fresh, on, options, read_all};
use super::*;
use crate::{
    checkpointer,
    names::{self, SegmentName},
};

fn slow() -> StoreOptions {
    StoreOptions { checkpoint_turn_logs: 1, ..options() }
}

#[test]
fn logs_that_come_and_go_while_a_checkpoint_is_taken_are_what_they_were() {
    for met in 0..10u64 {
        let disk = disk();
        on(&disk, met, move |core| async move {
            format(&core, &dir(), Uuid([1; 16]), &slow()).await.unwrap();
            let (store, _) = Store::open(&core, &dir(), slow()).await.unwrap();
            let bytes = batch(1, &[7; 300], 1000);
            let mut seq = Seq(0);
            for id in 10..20 {
                let (log, _) = store.create_log(LogId(id), LogOptions::default()).unwrap();
                seq = log.append(&[&bytes], 0, 1).unwrap();
            }
            durable(&store, seq).await;
            let shard = Rc::clone(&store.shard);
            let walk =
                core.spawn(Class::Control, "walk", async move { checkpointer::take(&shard).await });
            for _ in 0..met {
                core.yield_now().await;
            }
            // The walk is somewhere: what comes lies before it or behind it, and so does what goes.
            for id in [1, 15, 30] {
                let (log, _) = match store.log(LogId(id)) {
                    Some(log) => (log, Seq(0)),
                    None => store.create_log(LogId(id), LogOptions::default()).unwrap(),
                };
                log.append(&[&bytes], log.end(), 1).unwrap();
            }
            for id in [11, 18] {
                store.log(LogId(id)).unwrap().append(&[&bytes], 1, 1).unwrap();
                seq = store.delete_log(LogId(id)).unwrap();
            }
            assert_eq!(walk.await, Ok(true));
            durable(&store, seq).await;
        });
        on(&disk.crash(met, Crash::Power), 50 + met, |core| async move {
            let (store, recovered) = Store::open(&core, &dir(), slow()).await.unwrap();
            assert!(recovered.report.faults.is_empty(), "{:?}", recovered.report);
            let ids: Vec<u64> = store.log_ids().iter().map(|id| id.0).collect();
            assert_eq!(ids, [1, 10, 12, 13, 14, 15, 16, 17, 19, 30]);
            for id in ids {
                let batches = read_all(&store.log(LogId(id)).unwrap()).await.len();
                assert_eq!(batches, if id == 15 { 2 } else { 1 }, "log {id}");
            }
            store.close().await.unwrap();
        });
    }
}

#[test]
fn files_that_nobody_knows_go_after_the_start() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let small = LogOptions { segment_bytes: 20_000, delete: false, ..LogOptions::default() };
        let (log, _) = store.create_log(LogId(7), small).unwrap();
        let bytes = batch(1, &[7; 3000], 1000);
        let mut seq = Seq(0);
        for i in 0..20 {
            seq = log.append(&[&bytes], i, 1).unwrap();
        }
        durable(&store, seq).await;
        core.sleep(std::time::Duration::from_secs(2)).await;
        store.close().await.unwrap();
        for (id, base) in [(LogId(7), 5000), (LogId(99), 0)] {
            core.create_dir_all(&names::log_dir(&dir(), id)).await.unwrap();
            for path in [
                names::segment(&dir(), id, SegmentName::appended(base)),
                names::sidecar(&dir(), id, SegmentName::appended(base)),
            ] {
                let how = Open { write: true, create: Create::Yes, direct: false };
                core.open(&path, how).await.unwrap().set_len(70_000).await.unwrap();
            }
        }
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert!(recovered.report.faults.is_empty(), "{:?}", recovered.report);
        core.sleep(std::time::Duration::from_millis(100)).await;
        let here = core.list_dir(&dir().join(names::LOGS)).await.unwrap();
        assert_eq!(here.len(), 1, "{here:?}");
        let here = core.list_dir(&names::log_dir(&dir(), LogId(7))).await.unwrap();
        assert!(here.len() >= 4 && here.iter().all(|f| !f.name.contains("5000")), "{here:?}");
        assert_eq!(read_all(&store.log(LogId(7)).unwrap()).await.len(), 20);
        store.close().await.unwrap();
    });
}

#[test]
fn a_log_that_rests_gives_back_what_only_caches_and_its_descriptors() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(7), LogOptions::default()).unwrap();
        let bytes = batch(1, &[7; 3000], core.wall().0);
        let mut seq = Seq(0);
        for i in 0..20 {
            seq = log.append(&[&bytes], i, 1).unwrap();
        }
        durable(&store, seq).await;
        core.sleep(std::time::Duration::from_millis(500)).await;
        let busy = store.stats().memory_bytes;
        assert!(store.shard.segments.open_count() > 0 && busy > 16384, "{:?}", store.stats());
        checkpointer::take(&store.shard).await.unwrap();
        core.sleep(std::time::Duration::from_secs(40)).await;
        let stats = store.stats();
        assert_eq!(store.shard.segments.open_count(), 0);
        assert!(stats.memory_bytes <= stats.dirty_bytes.next_multiple_of(4096), "{stats:?}");
        assert_eq!(read_all(&log).await.len(), 20, "from the file, opened again");
        log.append(&[&bytes], 20, 1).unwrap();
        assert_eq!(read_all(&log).await.len(), 21);
        store.close().await.unwrap();
    });
}
