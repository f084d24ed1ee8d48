//! A store on the simulated disk: what was promised is kept.

use std::path::PathBuf;
use std::time::Duration;

use engine_base::{LogId, Uuid};
use engine_record::{BatchBuilder, BatchView, Codec, Rope};
use engine_rt::sim::{Crash, Disk, DiskOp, FailRule, SimOptions, World};
use engine_rt::{Core, Slice};

use super::*;

pub(crate) fn dir() -> PathBuf {
    PathBuf::from("/data/shard")
}

/// An empty disk of 64 MiB.
pub(crate) fn disk() -> Disk {
    Disk::new(64 << 20, 4096)
}

pub(crate) fn options() -> StoreOptions {
    StoreOptions {
        journal_files: 4,
        journal_file_bytes: 128 << 10,
        block_bytes_max: 16 << 10,
        memory_bytes: 1 << 20,
        disk_reserve_bytes: 0,
        destage_bytes: 16 << 10,
        chunk_bytes: [4 << 10, 8 << 10, 16 << 10],
        allocate_bytes: (16 << 10, 64 << 10),
        retention_check_ms: 0,
        ..StoreOptions::default()
    }
}

/// A batch of `records` records with this payload.
pub(crate) fn batch(records: usize, payload: &[u8], timestamp: i64) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for i in 0..records {
        builder.append(timestamp + i as i64, None, Some(payload), &[]);
    }
    builder.finish(Codec::None)
}

/// A batch of records with the key `shared`, each with its offset delta, as a client may write one;
/// the header says `count` records and one offset each.
pub(crate) fn crooked(deltas: &[i32], count: i32, codec: Codec) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    builder.append(1000, Some(b"shared"), Some(b"crooked"), &[]);
    let mut batch = builder.finish(Codec::None);
    batch.truncate(engine_record::HEADER_BYTES);
    for delta in deltas {
        let mut body = vec![0, 0];
        let mut bits = u64::from(((delta << 1) ^ (delta >> 31)).cast_unsigned());
        while bits > 0x7f {
            body.push(bits as u8 | 0x80);
            bits >>= 7;
        }
        body.push(bits as u8);
        body.extend_from_slice(b"\x0cshared\x0ecrooked\x00");
        batch.push(body.len() as u8 * 2);
        batch.extend(body);
    }
    let length = batch.len() as i32 - 12;
    batch[8..12].copy_from_slice(&length.to_be_bytes());
    batch[22] = codec as u8;
    batch[23..27].copy_from_slice(&(count - 1).to_be_bytes());
    batch[57..61].copy_from_slice(&count.to_be_bytes());
    let crc = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
    batch
}

pub(crate) fn on<T: 'static, F: Future<Output = T> + 'static>(
    disk: &Disk,
    seed: u64,
    work: impl FnOnce(Core) -> F,
) -> T {
    let world = World::new(seed, SimOptions::default());
    let core = world.core(disk);
    world.block_on(&core, work(core.clone())).unwrap()
}

pub(crate) async fn fresh(core: &Core) -> Store {
    format(core, &dir(), Uuid([1; 16]), &options()).await.unwrap();
    let (store, recovered) = Store::open(core, &dir(), options()).await.unwrap();
    assert!(recovered.logs.is_empty());
    store
}

pub(crate) async fn durable(store: &Store, seq: Seq) {
    let mut seen = store.progress();
    while seen.durable < seq {
        seen = store.progressed(seen).await.unwrap();
    }
}

/// Appends `count` batches of one record of 3,000 bytes, and waits until they are durable.
pub(crate) async fn append(core: &Core, store: &Store, log: &Log, count: usize) {
    let mut seq = Seq(0);
    for _ in 0..count {
        let bytes = batch(1, &[7; 3000], core.wall().0);
        store.room(bytes.len()).await.unwrap();
        seq = log.append(&[&bytes], log.end(), 1).unwrap();
    }
    durable(store, seq).await;
}

/// The base offsets and payload bytes of what a read returned.
pub(crate) fn batches(slices: &[Slice]) -> Vec<(i64, i32, usize)> {
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

pub(crate) async fn read_all(log: &Log) -> Vec<(i64, i32, usize)> {
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
        let disk = disk();
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
    let disk = disk();
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

/// A shard of a node was open for a second before its metadata said what its topics keep: retention
/// by the default of seven days removed what was to be kept for ever.
#[test]
fn nothing_is_retained_away_before_the_owner_says_what_a_log_keeps() {
    let keep = LogOptions { segment_bytes: 20_000, retention_ms: -1, ..LogOptions::default() };
    let disk = disk();
    let end = on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(7), keep).unwrap();
        let bytes = batch(1, &[7; 3000], core.wall().0);
        for _ in 0..40 {
            store.room(bytes.len()).await.unwrap();
            log.append(&[&bytes], log.end(), 1).unwrap();
        }
        core.sleep(Duration::from_secs(3)).await;
        assert!(log.segments().iter().filter(|segment| segment.sealed).count() > 3);
        store.close().await.unwrap();
        log.end()
    });
    let month = 30 * 24 * 3_600_000;
    let wall = engine_base::WallMs(SimOptions::default().wall.0 + month);
    let world = World::new(2, SimOptions { wall, ..SimOptions::default() });
    let core = world.core(&disk.crash(1, Crash::Kill));
    let later = core.clone();
    let work = async move {
        let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
        core.sleep(Duration::from_secs(5)).await;
        let log = store.log(LogId(7)).unwrap();
        assert_eq!((log.start(), log.end()), (0, end));
        assert_eq!(read_all(&log).await.len(), 40);
    };
    world.block_on(&later, work).unwrap();
}

/// A device that refuses at once: the write had failed before this core looked whether it was
/// handed over, and appends of write-cached topics were acknowledged by it.
#[test]
fn a_block_that_failed_at_once_is_never_told_to_be_submitted() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (_, seq) = store.create_log(LogId(7), LogOptions::default()).unwrap();
        durable(&store, seq).await;
        store.close().await.unwrap();
    });
    let at_once =
        SimOptions { disk_delay: Duration::ZERO..Duration::from_nanos(1), ..SimOptions::default() };
    let disk = disk.crash(1, Crash::Kill);
    let world = World::new(2, at_once);
    let core = world.core(&disk);
    let later = core.clone();
    let work = async move {
        let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
        let log = store.log(LogId(7)).unwrap();
        core.sleep(Duration::from_secs(5)).await;
        let bytes = batch(1, &[7; 100], 1000);
        // The first write of a life counts when it is flushed.
        durable(&store, log.append(&[&bytes], log.end(), 1).unwrap()).await;
        core.sleep(Duration::from_secs(1)).await;
        disk.fail(FailRule {
            op: Some(DiskOp::Write),
            path_contains: "journal".into(),
            skip: 0,
            times: 1,
            errno: 5,
        });
        let seq = log.append(&[&bytes], log.end(), 1).unwrap();
        while store.failed().is_none() {
            core.sleep(Duration::from_micros(1)).await;
        }
        assert!(store.progress().submitted < seq, "{:?} {seq:?}", store.progress());
    };
    world.block_on(&later, work).unwrap();
}

/// The first write into a file of the ring, and those beside the writing of zeros, go through a
/// worker of the kernel that dies with the process: they are not submitted before they are flushed.
#[test]
fn the_first_block_of_a_file_is_submitted_when_it_is_flushed() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, seq) = store.create_log(LogId(7), LogOptions::default()).unwrap();
        let mut seen = store.progress();
        while seen.submitted < seq {
            seen = store.progressed(seen).await.unwrap();
        }
        assert!(seen.durable >= seq, "{seen:?}");
        // The ring is zeroed, and an idle journal has closed itself.
        core.sleep(Duration::from_secs(5)).await;
        seen = store.progress();
        let bytes = batch(1, &[7; 100], 1000);
        let seq = log.append(&[&bytes], 0, 1).unwrap();
        while seen.submitted < seq {
            seen = store.progressed(seen).await.unwrap();
        }
        assert!(seen.durable < seq, "the second one is submitted first: {seen:?}");
    });
}

/// A DeleteRecords that repeated one still on its way to the disk was answered before it was
/// durable.
#[test]
fn a_start_that_is_there_already_is_durable_with_the_entry_that_moved_it() {
    let disk = disk();
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(7), LogOptions::default()).unwrap();
        let bytes = batch(3, &[7; 100], 1000);
        durable(&store, log.append(&[&bytes], 0, 1).unwrap()).await;
        let first = log.set_start(3).unwrap();
        assert!(store.progress().durable < first);
        assert_eq!((log.set_start(3), log.set_start(1)), (Ok(first), Ok(first)));
    });
}
