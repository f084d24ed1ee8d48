//! The faster way is found, kept and followed; the operator's word goes before it.

use std::cell::Cell;
use std::path::PathBuf;

use engine_base::Uuid;
use engine_rt::sim::{Disk, SimOptions, World};

use super::*;
use crate::{Store, format};

fn dir() -> PathBuf {
    PathBuf::from("/data/shard")
}

fn options(flush: FlushChoice) -> StoreOptions {
    StoreOptions {
        journal_files: 4,
        journal_file_bytes: 128 << 10,
        block_bytes_max: 16 << 10,
        memory_bytes: 1 << 20,
        disk_reserve_bytes: 0,
        flush,
        ..StoreOptions::default()
    }
}

/// One life of the store; what its stats say once it has had time to measure.
fn life(disk: &Disk, seed: u64, flush: FlushChoice) -> (bool, Option<FlushTimes>) {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    let said = Rc::new(Cell::new(None));
    let (c, tell) = (core.clone(), Rc::clone(&said));
    let work = async move {
        let options = options(flush);
        if !c.exists(&names::identity(&dir())).await.unwrap() {
            format(&c, &dir(), Uuid([1; 16]), &options).await.unwrap();
        }
        let (store, _) = Store::open(&c, &dir(), options).await.unwrap();
        c.sleep(Duration::from_secs(2)).await;
        let stats = store.stats();
        assert!(!c.exists(&names::calibration_scratch(&dir())).await.unwrap());
        store.close().await.unwrap();
        tell.set(Some((stats.dsync, stats.flush_times)));
    };
    world.block_on(&core, work).unwrap();
    said.get().unwrap()
}

#[test]
fn a_fresh_shard_measures_once_and_keeps_the_answer() {
    let disk = Disk::new(64 << 20, 4096);
    let (dsync, first) = life(&disk, 1, FlushChoice::Measured);
    let times = first.expect("measured");
    assert!(times.dsync_ns > 0 && times.fdatasync_ns > 0, "{times:?}");
    assert_eq!(dsync, choose(&times) == FlushMethod::Dsync);
    assert_eq!(life(&disk, 2, FlushChoice::Measured), (dsync, first), "another seed, kept");
    let again = life(&disk, 3, FlushChoice::Measure).1;
    assert!(again.is_some() && again != first, "measured again: {again:?}");
    assert_eq!(life(&disk, 4, FlushChoice::Measured).1, again);
    let forced = life(&disk, 5, FlushChoice::Always(FlushMethod::Fdatasync));
    assert_eq!(forced, (false, None));
}

#[test]
fn the_other_way_is_taken_when_it_is_faster_by_a_quarter() {
    let of = |dsync_ns, fdatasync_ns| choose(&FlushTimes { dsync_ns, fdatasync_ns });
    assert_eq!(of(100, 100), FlushMethod::Dsync);
    assert_eq!(of(124, 100), FlushMethod::Dsync);
    assert_eq!(of(126, 100), FlushMethod::Fdatasync);
    assert_eq!(of(100, 240), FlushMethod::Dsync);
}

#[test]
fn an_answer_reads_back_and_any_flipped_byte_is_none() {
    let times = FlushTimes { dsync_ns: 83_000, fdatasync_ns: 190_000 };
    let bytes = encode(&times);
    assert_eq!(decode(&bytes), Some(times));
    for i in 0..bytes.len() {
        let mut rotten = bytes;
        rotten[i] ^= 0x11;
        assert_eq!(decode(&rotten), None, "byte {i}");
    }
    assert_eq!(decode(&bytes[..31]), None);
}
