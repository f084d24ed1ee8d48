//! What must not come before something else, where the moment of harm is too short for the crash
//! states: each of these fails for a mutant that they let live
//! (`docs/decisions/2026-11-21-mutants-of-the-log.md`).

use std::cell::Cell;
use std::time::Duration;

use engine_rt::sim::{Crash, Disk};

use super::store_test::{batch, dir, disk, durable, fresh, on, options, read_all};
use super::*;
use crate::block::BlockHeader;
use crate::identity::Identity;
use crate::names::{self, SegmentName};

const LOG: LogId = LogId(7);
const OTHER: LogId = LogId(8);

fn small() -> LogOptions {
    LogOptions { segment_bytes: 20_000, retention_ms: -1, ..LogOptions::default() }
}

async fn append(store: &Store, log: &Log, count: usize) -> Seq {
    let bytes = batch(1, &[7; 3000], 1000);
    let mut seq = Seq(0);
    for _ in 0..count {
        store.room(bytes.len()).await.unwrap();
        seq = log.append(&[&bytes], log.end(), 1).unwrap();
    }
    seq
}

/// A killed shard with a log of `count` batches, `after` of them since its last start.
fn killed(count: usize, after: usize) -> Disk {
    let disk = disk();
    on(&disk, 1, move |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LOG, LogOptions::default()).unwrap();
        let seq = append(&store, &log, count - after).await;
        durable(&store, seq).await;
        core.sleep(Duration::from_millis(100)).await;
        store.close().await.unwrap();
    });
    let disk = disk.crash(1, Crash::Kill);
    on(&disk, 2, move |core| async move {
        let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
        let seq = append(&store, &store.log(LOG).unwrap(), after).await;
        durable(&store, seq).await;
    });
    disk.crash(2, Crash::Kill)
}

/// A block that a crash left behind the chain's end is cut, and a later one like it must never
/// make it part of the chain again: no number that stands in it is used a second time.
#[test]
fn a_new_life_counts_above_every_block_that_is_found() {
    let disk = killed(20, 10);
    let identity = disk.contents(&names::identity(&dir())).unwrap();
    let key = Identity::decode(&identity, "shard").unwrap().journal_key();
    let (generation, sequence) = (9, 1 << 20);
    let header =
        BlockHeader { generation, sequence, durable: 0, previous_crc: 7, length: 64, entries: 0 };
    let mut block = vec![0; 4096];
    header.seal(key, &mut block);
    let path = names::journal_file(&dir(), 2);
    let mut bytes = disk.contents(&path).unwrap();
    bytes[8192..12288].copy_from_slice(&block);
    disk.put(&path, &bytes);
    on(&disk, 3, move |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert!(recovered.report.torn);
        assert!(recovered.report.generation > generation, "{}", recovered.report.generation);
        let log = store.log(LOG).unwrap();
        let seq = append(&store, &log, 1).await;
        assert!(seq > Seq(sequence), "{seq:?}");
        durable(&store, seq).await;
        assert_eq!(read_all(&log).await.len(), 21);
    });
}

/// Entries that no checkpoint counts are of an earlier life: they go before this one writes its
/// own.
#[test]
fn what_an_earlier_life_left_behind_in_a_sidecar_is_cut() {
    const STALE: u8 = 0xee;
    let disk = killed(20, 10);
    let path = names::sidecar(&dir(), LOG, SegmentName::appended(0));
    let mut bytes = disk.contents(&path).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(written.next_multiple_of(64));
    bytes.resize(bytes.len() + 16_384, STALE);
    disk.put(&path, &bytes);
    let seen = disk.clone();
    on(&disk, 3, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!(recovered.report.faults, vec![]);
        assert_eq!(read_all(&store.log(LOG).unwrap()).await.len(), 20);
        let now = seen.contents(&path).unwrap();
        assert!(now.len() > written, "this life wrote");
        assert!(!now.ends_with(&[STALE; 64]), "{} of {} bytes", now.len(), bytes.len());
    });
}

/// A crash takes back a cut, or that a log was deleted, which is not durable: every file is needed
/// then.
#[test]
fn files_stay_until_what_makes_them_needless_is_durable() {
    for delete in [false, true] {
        for seed in 0..40 {
            files_stay(seed, delete);
        }
    }
}

fn files_stay(seed: u64, delete: bool) {
    let disk = disk();
    let seen = disk.clone();
    on(&disk, seed, move |core| async move {
        let one_by_one = StoreOptions { blocks_in_flight: 1, ..options() };
        format(&core, &dir(), Uuid([1; 16]), &one_by_one).await.unwrap();
        let (store, _) = Store::open(&core, &dir(), one_by_one).await.unwrap();
        let (log, _) = store.create_log(LOG, small()).unwrap();
        let (other, _) = store.create_log(OTHER, LogOptions::default()).unwrap();
        let seq = append(&store, &log, 40).await;
        durable(&store, seq).await;
        core.sleep(Duration::from_secs(3)).await;
        let files = move || {
            let files = seen.files().into_iter().map(|file| file.0);
            let segments = files.filter(|path| path.starts_with(names::log_dir(&dir(), LOG)));
            segments.count()
        };
        let before = files();
        assert!(before > 8, "{before}");
        // Blocks that become durable one after the other before the cut does.
        let ended = Rc::new(Cell::new(false));
        let filler = core.spawn(Class::Control, "fill", {
            let (store, ended) = (store.clone(), Rc::clone(&ended));
            async move {
                while !ended.get() {
                    append(&store, &other, 1).await;
                }
            }
        });
        core.sleep(Duration::from_millis(5)).await;
        let cut = match delete {
            true => store.delete_log(LOG).unwrap(),
            false => log.truncate(5).await.unwrap(),
        };
        while store.progress().durable < cut {
            assert_eq!(files(), before, "seed {seed}: {:?} of {cut:?}", store.progress());
            core.sleep(Duration::from_micros(20)).await;
        }
        ended.set(true);
        filler.await;
        core.sleep(Duration::from_secs(1)).await;
        assert!(files() < before, "then they go");
    });
}
