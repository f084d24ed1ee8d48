use std::path::PathBuf;

use engine_base::{LogId, Uuid};
use engine_record::{BatchBuilder, BatchView, Codec, Rope};
use engine_rt::sim::{Crash, Disk, SimOptions, World};
use engine_rt::{Core, Slice};

use super::*;

pub(super) fn dir() -> PathBuf {
    PathBuf::from("/data/shard")
}

pub(super) fn options() -> StoreOptions {
    StoreOptions {
        journal_files: 4,
        journal_file_bytes: 128 << 10,
        block_bytes_max: 16 << 10,
        memory_bytes: 1 << 20,
        disk_reserve_bytes: 0,
        destage_bytes: 16 << 10,
        chunk_bytes: [4 << 10, 8 << 10, 16 << 10],
        allocate_bytes: (16 << 10, 64 << 10),
        ..StoreOptions::default()
    }
}

/// A batch of `records` records with this payload.
pub(super) fn batch(records: usize, payload: &[u8], timestamp: i64) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for i in 0..records {
        builder.append(timestamp + i as i64, None, Some(payload), &[]);
    }
    builder.finish(Codec::None)
}

pub(super) fn on<T: 'static, F: Future<Output = T> + 'static>(
    disk: &Disk,
    seed: u64,
    work: impl FnOnce(Core) -> F,
) -> T {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    world.block_on(&core, work(core.clone())).unwrap()
}

pub(super) async fn fresh(core: &Core) -> Store {
    format(core, &dir(), Uuid([1; 16]), &options()).await.unwrap();
    let (store, recovered) = Store::open(core, &dir(), options()).await.unwrap();
    assert!(recovered.logs.is_empty());
    store
}

pub(super) async fn durable(store: &Store, seq: Seq) {
    let mut seen = store.progress();
    while seen.durable < seq {
        seen = store.progressed(seen).await.unwrap();
    }
}

/// The base offsets and payload bytes of what a read returned.
pub(super) fn batches(slices: &[Slice]) -> Vec<(i64, i32, usize)> {
    let pieces: Vec<&[u8]> = slices.iter().map(|s| &s[..]).collect();
    let rope = Rope::new(&pieces);
    let mut at = 0;
    let mut found = Vec::new();
    while at < rope.len() {
        let view = BatchView::parse(rope, at).unwrap();
        view.verify_crc().unwrap();
        found.push((view.header().base_offset, view.header().leader_epoch, view.bytes().len()));
        at += view.bytes().len();
    }
    found
}

pub(super) async fn read_all(log: &Log) -> Vec<(i64, i32, usize)> {
    let mut all = Vec::new();
    let mut at = log.start();
    while at < log.end() {
        let slices = log.read(at, log.end(), 64 << 10, true).await.unwrap();
        let found = batches(&slices);
        assert!(!found.is_empty(), "a read from {at} of {} found nothing", log.end());
        all.extend(&found);
        let pieces: Vec<&[u8]> = slices.iter().map(|s| &s[..]).collect();
        let last = found.iter().map(|f| f.2).sum::<usize>() - found.last().unwrap().2;
        at = BatchView::parse(Rope::new(&pieces), last).unwrap().header().last_offset() + 1;
    }
    all
}

#[test]
fn what_was_durable_comes_back_after_a_crash() {
    for crash in [Crash::Power, Crash::Kill] {
        let disk = Disk::new(64 << 20, 4096);
        on(&disk, 1, |core| async move {
            let store = fresh(&core).await;
            let (log, _) = store.create_log(LogId(7), LogOptions::default()).unwrap();
            let bytes = batch(3, &[7; 100], 1000);
            let mut seq = Seq(0);
            for i in 0..10 {
                seq = log.append(&[&bytes[..20], &bytes[20..]], i * 3, 1).unwrap();
            }
            durable(&store, seq).await;
            assert_eq!(read_all(&log).await.len(), 10);
        });
        let disk = disk.crash(5, crash);
        on(&disk, 2, |core| async move {
            let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
            assert_eq!((recovered.logs[0].id, recovered.logs[0].end), (LogId(7), 30));
            let log = store.log(LogId(7)).unwrap();
            let all = read_all(&log).await;
            assert_eq!(
                all.iter().map(|b| b.0).collect::<Vec<_>>(),
                (0..10).map(|i| i * 3).collect::<Vec<_>>()
            );
            assert!(all.iter().all(|b| b.1 == 1));
            assert_eq!(log.epochs(), vec![(1, 0)]);
            store.close().await.unwrap();
        });
    }
}

#[test]
fn many_laps_of_the_ring_with_rolls_destage_and_files_read_back() {
    let disk = Disk::new(64 << 20, 4096);
    let ends = on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let small = LogOptions { segment_bytes: 100_000, ..LogOptions::default() };
        let logs: Vec<Log> =
            (1..4).map(|i| store.create_log(LogId(i), small.clone()).unwrap().0).collect();
        let mut seq = Seq(0);
        for round in 0..600 {
            for (i, log) in logs.iter().enumerate() {
                // The third log gets little: its remainder is carried forward.
                if i == 2 && round % 100 != 0 {
                    continue;
                }
                let bytes = batch(2, &vec![i as u8; 100 + round * 13 % 3000], round as i64);
                store.room(bytes.len()).await.unwrap();
                seq = log.append(&[&bytes], log.end(), 1).unwrap();
            }
        }
        durable(&store, seq).await;
        let stats = store.stats();
        assert!(stats.destaged_bytes > 500_000 && stats.carried > 0, "{stats:?}");
        assert!(stats.journal_bytes > 3 * options().ring_bytes(), "{stats:?}");
        let mut ends = Vec::new();
        for log in &logs {
            let all = read_all(log).await;
            assert!(log.segments().len() > 2 || log.id() == LogId(3));
            ends.push((log.id(), log.end(), all.len()));
        }
        ends
    });
    let disk = disk.crash(9, Crash::Power);
    on(&disk, 2, |core| async move {
        let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
        assert_eq!(recovered.report.faults, vec![]);
        for (id, end, batches) in ends {
            let log = store.log(id).unwrap();
            assert_eq!(log.end(), end);
            assert_eq!(read_all(&log).await.len(), batches);
        }
    });
}
