//! Without space: what goes on below the disk's reserve, and that all goes on again by itself.

use std::time::Duration;

use engine_rt::sim::{Crash, Disk};

use super::store_test::{batch, dir, disk, durable, on, options, read_all};
use super::*;
use crate::HardState;

const METADATA: LogId = LogId(1);
const LARGE: LogId = LogId(2);
const LOG: LogId = LogId(3);

async fn opened(core: &Core) -> Store {
    let options = StoreOptions { disk_reserve_bytes: 64 << 10, ..options() };
    Store::open(core, &dir(), options).await.unwrap().0
}

/// Whether the ring has room for a client's batch.
fn has_room_for_clients(store: &Store) -> bool {
    let reserve = store.shard.reserve();
    store.shard.journal.borrow().admits(3100, Level::Client, reserve)
}

/// Nothing is free, and of the ring only what is not for clients.
async fn full(core: &Core, disk: &Disk) -> Store {
    format(core, &dir(), Uuid([1; 16]), &options()).await.unwrap();
    let store = opened(core).await;
    let all = LogOptions { segment_bytes: 40_000, delete: false, ..LogOptions::default() };
    let own = LogOptions { below_reserve: true, ..all.clone() };
    store.create_log(METADATA, own).unwrap();
    let (large, _) = store.create_log(LARGE, all.clone()).unwrap();
    for _ in 0..300 {
        let bytes = batch(1, &[7; 3000], 5);
        store.room(bytes.len()).await.unwrap();
        durable(&store, large.append(&[&bytes], large.end(), 1).unwrap()).await;
    }
    core.sleep(Duration::from_secs(2)).await;
    let (log, _) = store.create_log(LOG, all).unwrap();
    disk.set_capacity(disk.used());
    let bytes = batch(1, &[8; 3000], 5);
    while let Ok(seq) = log.append(&[&bytes], log.end(), 1) {
        durable(&store, seq).await;
    }
    for term in 1.. {
        if !has_room_for_clients(&store) {
            break;
        }
        let hard_state = HardState { term, ..HardState::default() };
        durable(&store, log.set_hard_state(hard_state).unwrap()).await;
    }
    store.shard.pressed.set(false);
    assert_eq!(store.room(3000).await, Err(Refusal::StorageFull));
    assert!(store.shard.pressed.get(), "the ring is pressed without space too");
    core.sleep(Duration::from_secs(5)).await;
    assert!(!has_room_for_clients(&store) && store.failed().is_none());
    store
}

/// What the metadata does to take a topic away and to make one.
async fn rule(store: &Store, made: u64) {
    let metadata = store.log(METADATA).unwrap();
    let bytes = batch(1, &[9; 200], 5);
    durable(store, metadata.append(&[&bytes], metadata.end(), 1).unwrap()).await;
    let (log, seq) = store.create_log(LogId(made), LogOptions::default()).unwrap();
    durable(store, seq).await;
    let term = HardState { term: 1, ..HardState::default() };
    durable(store, log.set_hard_state(term).unwrap()).await;
}

#[test]
fn below_the_reserve_the_metadata_goes_on_and_a_delete_lets_all_go_on_by_itself() {
    let disk = disk();
    let small = disk.clone();
    on(&disk, 1, |core| async move {
        let store = full(&core, &small).await;
        let log = store.log(LOG).unwrap();
        let memory = store.shard.gauge.get();
        store.shard.gauge.set(memory + store.shard.options.memory_bytes);
        rule(&store, 10).await;
        store.shard.gauge.set(store.shard.gauge.get() - store.shard.options.memory_bytes);
        durable(&store, store.delete_log(LARGE).unwrap()).await;
        core.sleep(Duration::from_secs(3)).await;
        // Nobody asked for room: what was freed is found, and the ring with it.
        assert!(has_room_for_clients(&store));
        let bytes = batch(1, &[8; 3000], 5);
        durable(&store, log.append(&[&bytes], log.end(), 1).unwrap()).await;
        store.room(3000).await.unwrap();
        assert_eq!(read_all(&log).await.len() as i64, log.end());
        rule(&store, 11).await;
        assert_eq!(store.failed(), None);
    });
    on(&disk.crash(2, Crash::Power), 3, |core| async move {
        let store = opened(&core).await;
        assert_eq!(store.log_ids(), [METADATA, LOG, LogId(10), LogId(11)]);
        assert_eq!(read_all(&store.log(METADATA).unwrap()).await.len(), 2);
    });
}

/// However much the metadata and its logs ask for: what each log needs once is still there.
#[test]
fn a_full_ring_has_room_for_each_delete() {
    let disk = disk();
    let small = disk.clone();
    on(&disk, 1, move |core| async move {
        let store = full(&core, &small).await;
        let metadata = store.log(METADATA).unwrap();
        let bytes = batch(1, &[9; 200], 5);
        let mut appends = 0;
        let refused = loop {
            match metadata.append(&[&bytes], metadata.end(), 1) {
                Ok(seq) => durable(&store, seq).await,
                Err(refused) => break refused,
            }
            appends += 1;
            assert!(appends < 1000, "the disk is full");
        };
        assert_eq!(refused, Refusal::Overloaded);
        assert!(appends >= 4, "{appends} appends, each in a block of its own");
        for id in [LOG, LARGE] {
            durable(&store, store.delete_log(id).unwrap()).await;
        }
        core.sleep(Duration::from_secs(3)).await;
        durable(&store, metadata.append(&[&bytes], metadata.end(), 1).unwrap()).await;
    });
}

/// Somebody else used the disk and gave it back: no file of ours went, nobody asks for room.
#[test]
fn space_that_others_give_back_frees_the_ring() {
    let disk = disk();
    let small = disk.clone();
    on(&disk, 1, move |core| async move {
        let store = full(&core, &small).await;
        core.sleep(Duration::from_secs(10)).await;
        small.set_capacity(64 << 20);
        core.sleep(Duration::from_secs(4)).await;
        assert!(has_room_for_clients(&store));
    });
}

#[test]
fn a_start_that_moves_over_whole_segments_frees_space_and_the_ring() {
    let disk = disk();
    let small = disk.clone();
    on(&disk, 1, |core| async move {
        let store = full(&core, &small).await;
        let large = store.log(LARGE).unwrap();
        assert_eq!(large.set_start(1), Err(Refusal::Overloaded), "it frees nothing");
        durable(&store, large.set_start(large.end()).unwrap()).await;
        core.sleep(Duration::from_secs(3)).await;
        assert!(has_room_for_clients(&store));
    });
}
