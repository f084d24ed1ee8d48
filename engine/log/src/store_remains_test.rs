//! What an earlier life, or an earlier cut, left on the disk never counts again: checkpoints that
//! could not be read, files that somebody may still write to, segments behind a cut, directories
//! that were not flushed, files that are missing, and a shard that somebody still has.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use engine_base::FaultKind;
use engine_rt::sim::{Crash, Disk, DiskOp, FailRule, Rot, SimOptions, World};
use engine_rt::{Create, Open, Slice, Sync};

use super::store_test::{append, batch, batches, dir, disk, durable, fresh, on, options, read_all};
use super::*;
use crate::{
    ReadError, checkpointer,
    names::{self, SegmentName},
};

const LOG: LogId = LogId(7);
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

fn small() -> LogOptions {
    LogOptions { segment_bytes: 10_000, ..LogOptions::default() }
}

fn rule(op: DiskOp, path: &str, times: u64, errno: i32) -> FailRule {
    FailRule { op: Some(op), path_contains: path.into(), skip: 0, times, errno }
}

/// The names of a directory that end like this.
async fn listed(core: &Core, dir: &Path, end: &str) -> Vec<String> {
    let files = core.list_dir(dir).await.unwrap();
    files.into_iter().map(|file| file.name).filter(|name| name.ends_with(end)).collect()
}

/// A start could not read the newest checkpoint once, went on from the older one and wrote sidecars
/// and segments anew from there; the start after it could read the newest, which knew them
/// otherwise: sound records were told to be rot, or the process aborted.
/// (Crash states, seed 41100072 of an older tree.)
#[test]
fn a_checkpoint_that_could_not_be_read_once_never_counts_again() {
    for appends in 1..12 {
        let disk = disk();
        on(&disk, 1, move |core| async move {
            let store = fresh(&core).await;
            let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
            for _ in 0..2 {
                append(&core, &store, &log, 1 + appends).await;
                core.sleep(Duration::from_millis(100)).await;
                checkpointer::take(&store.shard).await.unwrap();
            }
        });
        let disk = disk.crash(1, Crash::Kill);
        let is_checkpoint = |path: &PathBuf| path.to_string_lossy().contains("/checkpoint-");
        let named: Vec<PathBuf> =
            disk.files().into_iter().map(|file| file.0).filter(is_checkpoint).collect();
        let newest = named.last().unwrap().to_string_lossy().into_owned();
        disk.fail(rule(DiskOp::Read, &newest, 1, EIO));
        // Nor is there one of its own that would stand above it.
        disk.fail(rule(DiskOp::Allocate, "/checkpoint", 1, ENOSPC));
        on(&disk, 2, move |core| async move {
            let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
            let faults = recovered.report.faults;
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!((faults[0].kind, &faults[0].place), (FaultKind::ReadFailed, &newest));
            while store.room(3000).await == Err(Refusal::StorageFull) {
                core.sleep(Duration::from_millis(100)).await;
            }
            append(&core, &store, &store.log(LOG).unwrap(), 3).await;
            core.sleep(Duration::from_millis(100)).await;
        });
        on(&disk.crash(2, Crash::Kill), 3, move |core| async move {
            let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
            assert_eq!(recovered.report.faults, vec![]);
            let log = store.log(LOG).unwrap();
            assert_eq!(read_all(&log).await.len(), 2 * appends + 5);
            append(&core, &store, &log, 3).await;
            core.sleep(Duration::from_millis(100)).await;
            assert_eq!(store.failed(), None);
        });
    }
}

/// A power loss brought a removed checkpoint back. With one of the two above it unreadable it was
/// taken for the older one: the chain it replays was gone, and it held the wrong file of the ring.
/// (Crash states, seed 77000017 of an older tree.)
#[test]
fn a_removed_checkpoint_that_came_back_is_none() {
    let disk = disk();
    let seen = disk.clone();
    let first = names::checkpoint(&dir(), 2);
    let of_first = first.clone();
    let first_bytes = on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let first_bytes = seen.contents(&of_first).unwrap();
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        for _ in 0..2 {
            append(&core, &store, &log, 5).await;
            checkpointer::take(&store.shard).await.unwrap();
        }
        first_bytes
    });
    let disk = disk.crash(1, Crash::Power);
    disk.put(&first, &first_bytes);
    let (older, newest) = (names::checkpoint(&dir(), 3), names::checkpoint(&dir(), 4));
    let names_of = |disk: &Disk| -> Vec<PathBuf> {
        let files = disk.files().into_iter().map(|file| file.0);
        files.filter(|path| path.to_string_lossy().contains("/checkpoint-")).collect()
    };
    assert_eq!(names_of(&disk), [first.clone(), older.clone(), newest.clone()]);
    assert!(disk.rot(&newest, 50, Rot::Flip(1)));
    let both = disk.snapshot();
    assert!(both.rot(&older, 50, Rot::Flip(1)));
    on(&both, 2, |core| async move {
        let opened = Store::open(&core, &dir(), options()).await.map(|_| ());
        let fault = opened.expect_err("both are rotten");
        assert_eq!((fault.kind, fault.place), (FaultKind::Rot, newest.display().to_string()));
    });
    assert_eq!(names_of(&both).len(), 3, "nothing is removed then");
    disk.fail(rule(DiskOp::Allocate, "/checkpoint", 1, ENOSPC));
    on(&disk, 3, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!(recovered.report.faults.len(), 1);
        assert_eq!(read_all(&store.log(LOG).unwrap()).await.len(), 10);
    });
    assert_eq!(names_of(&disk.crash(3, Crash::Power)), [older]);
}

/// A killed process was writing the next checkpoint: its write landed in the one that its heir had
/// written to the same file and named.
#[test]
fn a_checkpoint_is_written_to_a_file_that_no_earlier_life_has_open() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &store, &log, 5).await;
        let how = Open { write: true, create: Create::Yes, direct: false };
        let old = core.open(&dir().join(names::CHECKPOINT_NEW), how).await.unwrap();
        assert_eq!(checkpointer::take(&store.shard).await, Ok(true));
        old.write_at(Slice::copy_of(&core, &[0; 64]), 0, Sync::No).await.unwrap();
    });
    on(&disk.crash(1, Crash::Kill), 2, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!(recovered.report.faults, vec![]);
        assert_eq!(read_all(&store.log(LOG).unwrap()).await.len(), 5);
    });
}

/// A segment that was cut to nothing, and then cut away, left its file until the next start.
/// (Crash states, seed 31000007 of an older tree.)
#[test]
fn a_segment_that_is_cut_to_nothing_leaves_no_file() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, small()).unwrap();
        append(&core, &store, &log, 20).await;
        core.sleep(Duration::from_secs(2)).await;
        let bases: Vec<i64> = log.segments().iter().map(|segment| segment.base).collect();
        assert!(bases.len() > 4, "{bases:?}");
        log.truncate(bases[3]).await.unwrap();
        durable(&store, log.truncate(bases[2] + 1).await.unwrap()).await;
        core.sleep(Duration::from_secs(2)).await;
        let mut known: BTreeSet<i64> = log.segments().iter().map(|segment| segment.base).collect();
        let files = listed(&core, &names::log_dir(&dir(), LOG), "").await;
        assert!(files.len() >= 4, "{files:?}");
        let named: BTreeSet<i64> =
            files.iter().map(|name| names::segment_of(name).unwrap().0.base).collect();
        assert!(named.is_subset(&known), "{named:?} {known:?}");
        // It begins anew, as a new file.
        append(&core, &store, &log, 20).await;
        core.sleep(Duration::from_secs(2)).await;
        assert_eq!(read_all(&log).await.len() as i64, log.end());
        known = log.segments().iter().map(|segment| segment.base).collect();
        assert!(known.contains(&(bases[2] + 1)) || known.contains(&bases[3]), "{known:?}");
        assert_eq!(store.failed(), None);
    });
}

/// Files that a cut had made needless were not removed yet and moved aside with the log: among its
/// records were some that had been cut. (Crash states, seed 42000068 of an older tree.)
#[test]
fn what_is_set_aside_is_the_log_and_nothing_else() {
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, small()).unwrap();
        append(&core, &store, &log, 60).await;
        core.sleep(Duration::from_secs(2)).await;
        log.truncate(7).await.unwrap();
        append(&core, &store, &log, 2).await;
        let known = read_all(&log).await;
        assert_eq!(store.set_aside(LOG).await, Ok(true));
        let aside = dir().join(names::ASIDE);
        let [only] = listed(&core, &aside, "").await.try_into().unwrap();
        let mut found = Vec::new();
        for name in listed(&core, &aside.join(&only), ".log").await {
            let path = aside.join(&only).join(name);
            let bytes = crate::checkpoint_file::read_whole(&core, &path).await.unwrap();
            found.extend(batches(&[Slice::of_vec(bytes)]));
        }
        assert_eq!(found, known);
    });
}

/// A step of setting aside failed and was told; the store took it as if nothing had been, and what
/// had not been flushed was taken for flushed the next time.
#[test]
fn a_fault_while_a_log_is_set_aside_stops_the_store() {
    let of_log = "/logs/0000000000000007";
    for (op, path) in
        [(DiskOp::Rename, of_log), (DiskOp::CreateDir, "/aside"), (DiskOp::FlushDir, "/aside")]
    {
        let disk = disk();
        let failing = disk.clone();
        on(&disk, 1, move |core| async move {
            let store = fresh(&core).await;
            let (log, _) = store.create_log(LOG, small()).unwrap();
            append(&core, &store, &log, 10).await;
            core.sleep(Duration::from_secs(1)).await;
            failing.fail(rule(op, path, 1, EIO));
            let fault = store.set_aside(LOG).await.expect_err("it was to fail");
            assert_eq!(store.failed(), Some(fault));
            assert_eq!(store.delete_log(LOG), Err(Refusal::StorageStopped));
        });
    }
}

/// The power went when a log had moved into a directory that was not flushed: every byte was gone.
#[test]
fn at_every_moment_a_log_that_is_set_aside_is_somewhere() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, small()).unwrap();
        append(&core, &store, &log, 10).await;
        core.sleep(Duration::from_secs(1)).await;
        store.close().await.unwrap();
    });
    let mut ended = false;
    for writes in 0.. {
        let disk = disk.crash(1, Crash::Power);
        let freezing = disk.clone();
        let world = World::new(2, SimOptions::default());
        let core = world.core(&disk);
        let aside = world.block_on(&core.clone(), async move {
            let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
            freezing.freeze_after(freezing.writes() + writes);
            core.timeout(Duration::from_secs(60), store.set_aside(LOG)).await.ok()
        });
        ended = matches!(aside, Ok(Some(_)));
        for seed in 0..20 {
            let found = disk.crash(seed, Crash::Power);
            let of_log = |path: &Path| path.to_string_lossy().contains("/0000000000000007");
            let files = found.files().into_iter().filter(|(path, _)| of_log(path));
            let bytes: u64 = files
                .filter(|(path, _)| path.extension().is_some_and(|end| end == "log"))
                .map(|(_, len)| len)
                .sum();
            assert!(bytes >= 27_000, "{writes} writes, seed {seed}: {bytes} {:?}", found.files());
        }
        if ended || writes > 200 {
            break;
        }
    }
    assert!(ended, "it was set aside at last");
}

/// An open segment's file was missing: the first write to it stopped the shard, start after start.
/// What was in it is never passed over in silence, and what comes behind it is kept.
#[test]
fn a_missing_open_segment_is_told_and_what_comes_behind_it_is_kept() {
    let whole = disk();
    on(&whole, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        append(&core, &store, &log, 10).await;
        core.sleep(Duration::from_millis(100)).await;
        store.close().await.unwrap();
    });
    for path in [
        names::segment(&dir(), LOG, SegmentName::appended(0)),
        names::sidecar(&dir(), LOG, SegmentName::appended(0)),
    ] {
        let mut disk = whole.crash(1, Crash::Power);
        disk.remove(&path);
        for life in 0..3 {
            let path = path.clone();
            on(&disk, 2 + life, move |core| async move {
                let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
                let faults = recovered.report.faults;
                let missing = |fault: &Fault| fault.kind == FaultKind::Missing;
                assert_eq!(faults.iter().filter(|f| missing(f)).count(), usize::from(life == 0));
                assert!(faults.iter().all(|f| f.place == path.display().to_string()));
                let log = store.log(LOG).unwrap();
                let lost = log.read(0, log.end(), 1000, true).await;
                assert!(matches!(lost, Err(ReadError::Fault(_))), "life {life}: {lost:?}");
                append(&core, &store, &log, 10).await;
                core.sleep(Duration::from_millis(100)).await;
                for at in 10..log.end() {
                    let behind = log.read(at, at + 1, 1000, true).await.unwrap();
                    assert_eq!(batches(&behind).len(), 1, "life {life}: {at}");
                }
                assert_eq!((log.end(), store.failed()), (20 + 10 * life as i64, None));
            });
            disk = disk.crash(life, Crash::Power);
        }
    }
}

/// Two processes want one shard: the second is refused while the first lives, and the first does
/// not notice; after its death the second takes over, but not before the last write of the dead.
#[test]
fn the_second_of_two_processes_takes_over_after_the_last_write_of_the_first() {
    let mut waited = 0;
    for seed in 0..40 {
        let disk = disk();
        let world = World::new(seed, SimOptions::default());
        let core = world.core(&disk);
        let submitted = world.block_on(&core.clone(), async move {
            let store = fresh(&core).await;
            let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
            append(&core, &store, &log, 5).await;
            let second = Store::open(&core, &dir(), options()).await.map(|_| ());
            assert_eq!(second.expect_err("the first lives").kind, FaultKind::Refused);
            append(&core, &store, &log, 5).await;
            let bytes = batch(1, &[7; 3000], 1000);
            let seq = log.append(&[&bytes], log.end(), 1).unwrap();
            let mut seen = store.progress();
            while seen.submitted < seq {
                seen = store.progressed(seen).await.unwrap();
            }
            (store, seen.durable < seq)
        });
        // The first is there until here.
        let dead = disk.kill_late(seed);
        let (_store, is_under_way) = submitted.unwrap();
        assert_eq!(dead.late() > 0, is_under_way, "seed {seed}");
        waited += u64::from(is_under_way);
        on(&dead, 100 + seed, |core| async move {
            let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
            assert_eq!((recovered.report.faults, recovered.report.torn), (vec![], false));
            assert_eq!(read_all(&store.log(LOG).unwrap()).await.len(), 11);
        });
    }
    assert!(waited > 5, "{waited} had a write under way");
}
