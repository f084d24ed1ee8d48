//! A snapshot comes back as it was given, or not at all: over crashes at every step, rot, another
//! log's file, a start that moved, and logs that are gone.

use std::path::PathBuf;

use engine_rt::sim::{Crash, Disk, DiskOp, FailRule, SimOptions, World};

use super::*;
use crate::store::store_test::{batch, dir, durable, fresh, on, options};
use crate::{Log, LogOptions, Store};

const LOG: LogId = LogId(7);

fn owner() -> Owner {
    Owner { shard: Uuid([3; 16]), log: LOG, start: 4 }
}

fn snapshot(end: Offset) -> Snapshot {
    Snapshot { end, parts: vec![vec![1; 300], Vec::new(), end.to_le_bytes().to_vec()] }
}

fn file(owner: Owner, snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = encode_header(owner, snapshot).to_vec();
    for part in &snapshot.parts {
        bytes.extend(part_length(part));
        bytes.extend(part);
    }
    bytes
}

#[test]
fn a_file_reads_back_and_any_flipped_byte_or_cut_is_found() {
    let bytes = file(owner(), &snapshot(9));
    assert_eq!(decode(owner(), 9, &bytes), Ok(Some(snapshot(9))));
    for at in 0..bytes.len() {
        let mut rotten = bytes.clone();
        rotten[at] ^= 0x10;
        assert!(decode(owner(), 9, &rotten).is_err(), "byte {at}");
        assert!(decode(owner(), 9, &bytes[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_sound_file_of_something_else_is_none() {
    let bytes = file(owner(), &snapshot(9));
    for other in [
        Owner { shard: Uuid([4; 16]), ..owner() },
        Owner { log: LogId(8), ..owner() },
        Owner { start: 5, ..owner() },
    ] {
        assert_eq!(decode(other, 9, &bytes), Ok(None), "{other:?}");
    }
    assert_eq!(decode(owner(), 8, &bytes), Ok(None), "it is ahead of its log");
}

/// Appends this many batches of a record each.
async fn append(store: &Store, log: &Log, count: usize) -> Seq {
    let mut seq = Seq(0);
    for _ in 0..count {
        let bytes = batch(1, &[7; 3000], 1_000);
        store.room(bytes.len()).await.unwrap();
        seq = log.append(&[&bytes], log.end(), 1).unwrap();
    }
    seq
}

/// Files of snapshots, finished or not.
fn left(disk: &Disk) -> Vec<PathBuf> {
    let of_snapshots = |path: &PathBuf| path.starts_with(dir().join(names::SNAPSHOTS));
    disk.files().into_iter().map(|(path, _)| path).filter(of_snapshots).collect()
}

/// Killed or without power at any moment of a save, the next life finds the one before or the new
/// one, whole, and no file that nobody finishes.
#[test]
fn a_save_that_is_cut_short_leaves_the_one_before() {
    let first = Disk::new(64 << 20, 4096);
    on(&first, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        durable(&store, append(&store, &log, 4).await).await;
        assert_eq!(log.load_snapshot().await, Ok(None));
        assert_eq!(log.save_snapshot(snapshot(4)).await, Ok(true));
        durable(&store, append(&store, &log, 4).await).await;
        store.close().await.unwrap();
    });
    let (mut ended, mut olds) = (false, 0);
    for writes in 0..200 {
        let disk = first.crash(1, Crash::Kill);
        let freezing = disk.clone();
        let world = World::new(2, SimOptions::default());
        let core = world.core(&disk);
        let saved = world.block_on(&core.clone(), async move {
            let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
            let log = store.log(LOG).unwrap();
            assert_eq!(log.load_snapshot().await, Ok(Some(snapshot(4))));
            freezing.freeze_after(freezing.writes() + writes);
            log.save_snapshot(snapshot(8)).await
        });
        ended = saved == Ok(Ok(true));
        for (seed, crash) in (0..8).flat_map(|s| [(s, Crash::Power), (s, Crash::Kill)]) {
            let disk = disk.crash(seed, crash);
            let found = on(&disk, 3, |core| async move {
                let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
                assert_eq!(recovered.report.faults, vec![]);
                store.log(LOG).unwrap().load_snapshot().await.unwrap().unwrap()
            });
            assert_eq!(left(&disk), [names::snapshot(&dir(), LOG)], "{writes} writes, {seed}");
            assert!(found == snapshot(8) || (found == snapshot(4) && !ended), "{found:?}");
            olds += usize::from(found == snapshot(4));
        }
        if ended {
            break;
        }
    }
    assert!(ended && olds > 30, "saves were cut short and came to an end: {olds}");
}

/// What a snapshot stands for is in the log that is left, however soon after the append it is
/// asked for and wherever the disk stops.
#[test]
fn none_is_ahead_of_what_is_durable() {
    let mut found = 0;
    for writes in 0..60 {
        let disk = Disk::new(64 << 20, 4096);
        on(&disk, 1, |core| async move {
            let store = fresh(&core).await;
            durable(&store, store.create_log(LOG, LogOptions::default()).unwrap().1).await;
        });
        let disk = disk.crash(1, Crash::Kill);
        let freezing = disk.clone();
        let world = World::new(2, SimOptions::default());
        let core = world.core(&disk);
        _ = world.block_on(&core.clone(), async move {
            let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
            let log = store.log(LOG).unwrap();
            freezing.freeze_after(freezing.writes() + writes);
            for _ in 0..4 {
                append(&store, &log, 3).await;
                // Nothing waits for the appends.
                assert_eq!(log.save_snapshot(snapshot(log.end())).await, Ok(true));
            }
        });
        for seed in 0..8 {
            let disk = disk.crash(seed, Crash::Power);
            let named = left(&disk).contains(&names::snapshot(&dir(), LOG));
            let snapshot = on(&disk, 3, |core| async move {
                let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
                store.log(LOG).unwrap().load_snapshot().await.unwrap()
            });
            assert_eq!(named, snapshot.is_some(), "one that is named fits: {writes} writes");
            found += usize::from(named);
        }
    }
    assert!(found > 100, "most lives come to a snapshot: {found}");
}

/// A journal that fails never makes them durable.
#[test]
fn records_that_never_become_durable_get_no_snapshot() {
    let disk = Disk::new(64 << 20, 4096);
    let failing = disk.clone();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        durable(&store, append(&store, &log, 4).await).await;
        let path_contains = format!("/{}/", names::JOURNAL);
        let op = Some(DiskOp::Write);
        failing.fail(FailRule { op, path_contains, skip: 0, times: 1, errno: 5 });
        append(&store, &log, 1).await;
        assert_eq!(log.save_snapshot(snapshot(5)).await, Ok(false));
        assert!(store.failed().is_some());
    });
    assert_eq!(left(&disk), Vec::<PathBuf>::new());
}

#[test]
fn a_deleted_log_leaves_no_snapshot_even_if_one_is_being_saved() {
    for before in [true, false] {
        let disk = Disk::new(64 << 20, 4096);
        on(&disk, 1, move |core| async move {
            let store = fresh(&core).await;
            let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
            durable(&store, append(&store, &log, 4).await).await;
            if before {
                assert_eq!(log.save_snapshot(snapshot(4)).await, Ok(true));
            }
            let saving = core.spawn(engine_rt::Class::Housekeeping, "save", async move {
                log.save_snapshot(snapshot(3)).await
            });
            core.yield_now().await;
            durable(&store, store.delete_log(LOG).unwrap()).await;
            assert_eq!(saving.await, Ok(false));
            store.close().await.unwrap();
        });
        assert_eq!(left(&disk), Vec::<PathBuf>::new(), "saved before: {before}");
    }
}

/// A delete that was durable when the process died takes the snapshot along at the next start.
#[test]
fn the_next_start_removes_the_snapshot_of_a_log_that_is_gone() {
    let disk = Disk::new(64 << 20, 4096);
    let stray = names::snapshot(&dir(), LogId(99));
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        durable(&store, append(&store, &log, 4).await).await;
        assert_eq!(log.save_snapshot(snapshot(4)).await, Ok(true));
        store.close().await.unwrap();
    });
    let disk = disk.crash(1, Crash::Kill);
    disk.put(&stray, b"whatever it is");
    // An operator's own, and nothing that this shard ever wrote.
    let all = dir().join(names::SNAPSHOTS);
    let kept = [all.join("0000000000000007.bak"), all.join("kept/0000000000000007.new")];
    disk.make_dir(&all.join("kept"));
    kept.iter().for_each(|path| disk.put(path, b"a copy"));
    disk.put(&all.join("0000000000000007-0000000000000001.new"), b"never finished");
    on(&disk, 2, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!(recovered.report.faults, vec![]);
        while core.exists(&names::snapshot(&dir(), LogId(99))).await.unwrap() {
            core.sleep(std::time::Duration::from_millis(1)).await;
        }
        for path in &kept {
            assert!(core.exists(path).await.unwrap(), "{path:?}");
        }
        assert!(!core.exists(&all.join("0000000000000007-0000000000000001.new")).await.unwrap());
        let log = store.log(LOG).unwrap();
        assert_eq!(log.load_snapshot().await, Ok(Some(snapshot(4))), "the other's stays");
        // Its records from before the new start are gone: what they built is not served either.
        durable(&store, log.set_start(2).unwrap()).await;
        assert_eq!(log.load_snapshot().await, Ok(None));
    });
    // A rotten one is told and harms nothing else; the offline check does not even look.
    let disk = disk.crash(3, Crash::Kill);
    disk.put(&names::snapshot(&dir(), LOG), b"rotten");
    on(&disk, 4, |core| async move {
        let report = crate::verify(&core, &dir()).await.unwrap();
        assert_eq!(report.faults, vec![]);
        let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
        let log = store.log(LOG).unwrap();
        assert_eq!(log.load_snapshot().await.unwrap_err().kind, FaultKind::Rot);
        assert_eq!(log.save_snapshot(snapshot(4)).await, Ok(true));
        assert_eq!(log.load_snapshot().await, Ok(Some(snapshot(4))));
    });
}
