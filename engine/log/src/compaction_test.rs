//! What compaction leaves of a log, while it lives and after it comes back.

use std::collections::BTreeMap;
use std::time::Duration;

use engine_base::{LogId, Uuid};
use engine_record::{BatchBuilder, Codec};
use engine_rt::Core;
use engine_rt::sim::Disk;

use crate::store::store_test::{self, crooked, dir, durable, on};
use crate::{Log, LogOptions, Seq, Store, StoreOptions, format, verify};

const LOG: LogId = LogId(5);

fn options() -> StoreOptions {
    StoreOptions { compaction_pause_ms: 20, ..store_test::options() }
}

fn compacted() -> LogOptions {
    LogOptions {
        segment_bytes: 8 << 10,
        retention_ms: -1,
        delete: false,
        compact: true,
        delete_retention_ms: 60_000,
        min_dirty_millionths: 100_000,
        ..LogOptions::default()
    }
}

fn new_disk() -> Disk {
    let disk = Disk::new(256 << 20, 512);
    disk.make_dir(std::path::Path::new("/data"));
    disk
}

/// Opens the store, which is formatted first if it is new, and its log.
async fn open(core: &Core, options: StoreOptions) -> (Store, Log) {
    if !core.exists(&dir().join("shard")).await.unwrap() {
        format(core, &dir(), Uuid([1; 16]), &options).await.unwrap();
    }
    let (store, recovered) = Store::open(core, &dir(), options).await.unwrap();
    assert_eq!(recovered.report.faults, []);
    let log = match store.log(LOG) {
        Some(log) => log,
        None => store.create_log(LOG, compacted()).unwrap().0,
    };
    log.set_options(compacted());
    (store, log)
}

/// Every record by its offset: key, value, timestamp.
type Records = BTreeMap<i64, (Vec<u8>, Option<Vec<u8>>, i64)>;

/// A batch of these keys and values; `model` hears of it.
async fn append(
    store: &Store,
    log: &Log,
    codec: Codec,
    records: &[(&str, Option<&str>)],
    model: &mut Records,
) -> Seq {
    let mut builder = BatchBuilder::new();
    let base = log.end();
    for (i, (key, value)) in records.iter().enumerate() {
        let (key, value) = (key.as_bytes(), value.map(str::as_bytes));
        let at = base + i as i64;
        builder.append(1000 + at, Some(key), value, &[]);
        model.insert(at, (key.to_vec(), value.map(<[u8]>::to_vec), 1000 + at));
    }
    let batch = builder.finish(codec);
    store.room(batch.len()).await.unwrap();
    log.append(&[&batch], base, 1).unwrap()
}

/// Reads all of a log from `from` on, batch by batch as a client goes.
async fn read(log: &Log, from: i64) -> Records {
    let mut found = Records::new();
    let mut at = from;
    while at < log.end() {
        let slices = log.read(at, log.end(), 4096, true).await.unwrap();
        let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
        let rope = engine_record::Rope::new(&pieces);
        assert!(!rope.is_empty(), "a read at {at} goes on");
        let mut place = 0;
        while place < rope.len() {
            let view = engine_record::BatchView::parse(rope, place).unwrap();
            view.verify_crc().unwrap();
            place += view.bytes().len();
            assert!(view.header().last_offset() >= at);
            at = view.header().last_offset() + 1;
            let mut records = engine_record::RecordReader::new(view, 1 << 20).unwrap();
            while let Some(record) = records.next_record() {
                let record = record.unwrap();
                let value = record.value.map(<[u8]>::to_vec);
                let key = record.key.unwrap().to_vec();
                if record.offset >= from {
                    found.insert(record.offset, (key, value, record.timestamp));
                }
            }
        }
    }
    found
}

/// The last record of each key, of those in `all`.
fn last_of_each(all: &Records) -> Records {
    let mut by_key = BTreeMap::new();
    for (offset, (key, ..)) in all {
        by_key.insert(key.clone(), *offset);
    }
    by_key.values().map(|offset| (*offset, all[offset].clone())).collect()
}

/// Appends so that `rounds` batches of three records each are there.
async fn fill(store: &Store, log: &Log, rounds: usize, model: &mut Records) {
    let mut last = Seq(0);
    for round in 0..rounds {
        let codec = Codec::ALL[round % 5];
        let value = format!("value {round} {}", "x".repeat(200));
        let keys = [format!("a{}", round % 7), format!("b{}", round % 3), format!("c{round}")];
        let gone = (round % 4 != 3).then_some(value.as_str());
        let records = [
            (keys[0].as_str(), Some(value.as_str())),
            (keys[1].as_str(), gone),
            (keys[round % 2 * 2].as_str(), Some("last")),
        ];
        last = append(store, log, codec, &records, model).await;
    }
    durable(store, last).await;
}

/// Waits until a round was done since `before`.
async fn until_compacted(core: &Core, store: &Store, before: u64) {
    for _ in 0..2000 {
        if store.stats().compactions > before {
            return;
        }
        core.sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing is compacted: {:?}", store.stats());
}

#[test]
fn the_last_record_of_each_key_stays_at_its_offset() {
    let disk = new_disk();
    let model = on(&disk, 1, |core| async move {
        let (store, log) = open(&core, options()).await;
        let mut model = Records::new();
        fill(&store, &log, 300, &mut model).await;
        until_compacted(&core, &store, 0).await;
        core.sleep(Duration::from_secs(2)).await;
        assert_eq!(store.failed(), None);
        let open = log.segments().last().unwrap().base;
        let sealed: Records = model.range(..open).map(|(k, v)| (*k, v.clone())).collect();
        let mut wanted = last_of_each(&sealed);
        assert!(wanted.len() * 3 < sealed.len());
        wanted.extend(model.range(open..).map(|(k, v)| (*k, v.clone())));
        assert_eq!(read(&log, 0).await, wanted);
        assert_eq!((log.start(), log.end()), (0, 900));
        // From every offset the next record follows, in holes too.
        for from in (0..900).step_by(7) {
            let rest: Records = wanted.range(from..).map(|(k, v)| (*k, v.clone())).collect();
            assert_eq!(read(&log, from).await, rest, "from {from}");
            let found = log.offset_for_time(1000 + from, 900).await.unwrap();
            assert_eq!(found.map(|found| found.offset), rest.keys().next().copied());
        }
        let stats = store.stats();
        assert!(stats.compacted_to_bytes * 2 < stats.compacted_bytes, "{stats:?}");
        wanted
    });
    // A life that ends without a word, and one that is closed.
    for seed in [2, 3] {
        let wanted = model.clone();
        on(&disk, seed, |core| async move {
            let (store, log) = open(&core, StoreOptions { compaction: false, ..options() }).await;
            assert_eq!(read(&log, 0).await, wanted);
            assert_eq!((log.start(), log.end()), (0, 900));
            store.close().await.unwrap();
        });
        let report = on(&disk, 9, |core| async move { verify(&core, &dir()).await.unwrap() });
        assert_eq!(report.faults, []);
        assert!(report.batches > 10);
    }
}

/// Keys that are written once, then deleted: their offsets.
async fn delete_some(store: &Store, log: &Log, name: &str, model: &mut Records) -> Vec<i64> {
    let keys: Vec<String> = (0..9).map(|i| format!("{name} {i}")).collect();
    let written: Vec<_> = keys.iter().map(|key| (key.as_str(), Some("a value"))).collect();
    append(store, log, Codec::None, &written, model).await;
    let deleted: Vec<_> = keys.iter().map(|key| (key.as_str(), None)).collect();
    let from = log.end();
    durable(store, append(store, log, Codec::Lz4, &deleted, model).await).await;
    (from..log.end()).collect()
}

#[test]
fn a_tombstone_goes_once_its_time_has_come_and_nothing_comes_back() {
    on(&new_disk(), 4, |core| async move {
        let (store, log) = open(&core, options()).await;
        let mut model = Records::new();
        let early = delete_some(&store, &log, "early", &mut model).await;
        fill(&store, &log, 100, &mut model).await;
        until_compacted(&core, &store, 0).await;
        core.sleep(Duration::from_secs(40)).await;
        // Nothing but its time would take it.
        let late = delete_some(&store, &log, "late", &mut model).await;
        fill(&store, &log, 60, &mut model).await;
        core.sleep(Duration::from_secs(5)).await;
        let found = read(&log, 0).await;
        for at in early.iter().chain(&late) {
            assert_eq!(found.get(at), Some(&model[at]), "too early");
            assert!(!found.contains_key(&(at - 9)), "the value went first");
        }
        core.sleep(Duration::from_secs(30)).await;
        let before = store.stats().compactions;
        fill(&store, &log, 60, &mut model).await;
        until_compacted(&core, &store, before).await;
        core.sleep(Duration::from_secs(5)).await;
        let found = read(&log, 0).await;
        let is_there = |at: &i64| found.contains_key(at);
        assert!(!early.iter().any(is_there), "its time had come");
        assert!(late.iter().all(is_there), "its had not");
        let of_early = |(key, ..): &&(Vec<u8>, _, _)| key.starts_with(b"early");
        assert_eq!(found.values().filter(of_early).count(), 0, "what was deleted is back");
    });
}

/// Fills the log until another round was over it, and lets it come to its end.
async fn another_round(core: &Core, store: &Store, log: &Log, model: &mut Records) {
    let before = store.stats().compactions;
    fill(store, log, 60, model).await;
    until_compacted(core, store, before).await;
    core.sleep(Duration::from_secs(5)).await;
}

/// A group was deleted behind the end of its coordinator's snapshot. Compaction took what it had
/// been, in its time the tombstone too, and the next start, which began with the snapshot, never
/// heard of the deletion: the group was back.
#[test]
fn a_tombstone_stays_while_a_start_may_go_on_from_before_it() {
    let snapshot = |end| crate::Snapshot { end, parts: vec![b"it is there".to_vec()] };
    let disk = new_disk();
    let later = Duration::from_secs(90);
    let (tombstone, mut model) = on(&disk, 11, move |core| async move {
        let (store, log) = open(&core, options()).await;
        let mut model = Records::new();
        append(&store, &log, Codec::None, &[("group", Some("it is"))], &mut model).await;
        assert_eq!(log.save_snapshot(snapshot(1)).await, Ok(true));
        append(&store, &log, Codec::Zstd, &[("group", None)], &mut model).await;
        fill(&store, &log, 100, &mut model).await;
        until_compacted(&core, &store, 0).await;
        core.sleep(later).await;
        another_round(&core, &store, &log, &mut model).await;
        let found = read(&log, 0).await;
        assert!(found.contains_key(&1) && !found.contains_key(&0), "the value alone went");
        (1, model)
    });
    let disk = disk.crash(1, engine_rt::sim::Crash::Kill);
    on(&disk, 12, move |core| async move {
        let (store, log) = open(&core, options()).await;
        assert_eq!(log.load_snapshot().await, Ok(Some(snapshot(1))));
        core.sleep(later).await;
        another_round(&core, &store, &log, &mut model).await;
        assert!(read(&log, 0).await.contains_key(&tombstone), "the snapshot was found by a start");
        assert_eq!(log.save_snapshot(snapshot(tombstone + 1)).await, Ok(true));
        another_round(&core, &store, &log, &mut model).await;
        assert!(!read(&log, 0).await.contains_key(&tombstone), "nobody needs it any more");
        assert_eq!(log.save_snapshot(snapshot(tombstone)).await, Ok(false), "it is gone");
        assert_eq!(log.load_snapshot().await, Ok(Some(snapshot(tombstone + 1))));
    });
}

/// The same batch, as a client that claims a delete horizon sends it: its base timestamp.
fn claiming(mut batch: Vec<u8>) -> Vec<u8> {
    batch[22] |= 0x40;
    let crc = crc32c::crc32c(&batch[21..]).to_be_bytes();
    batch[17..21].copy_from_slice(&crc);
    batch
}

/// A client's tombstone that claimed a horizon went in the round that met it first.
#[test]
fn a_horizon_that_a_client_claims_takes_no_tombstone_early() {
    on(&new_disk(), 7, |core| async move {
        let (store, log) = open(&core, options()).await;
        let mut model = Records::new();
        let at = log.end();
        let mut batch = BatchBuilder::new();
        batch.append(1000, Some(b"deleted"), None, &[]);
        batch.append(1001, Some(b"kept"), Some(b"a value"), &[]);
        let batch = claiming(batch.finish(Codec::None));
        log.append(&[&batch], at, 1).unwrap();
        assert!(core.wall().0 > 1001, "what it claims is over");
        fill(&store, &log, 100, &mut model).await;
        until_compacted(&core, &store, 0).await;
        core.sleep(Duration::from_secs(5)).await;
        let found = read(&log, 0).await;
        assert_eq!(found.get(&at), Some(&(b"deleted".to_vec(), None, 1000)), "too early");
        assert_eq!(found.get(&(at + 1)).map(|kept| kept.2), Some(1001));
        core.sleep(Duration::from_secs(60)).await;
        let before = store.stats().compactions;
        fill(&store, &log, 60, &mut model).await;
        until_compacted(&core, &store, before).await;
        core.sleep(Duration::from_secs(5)).await;
        let found = read(&log, 0).await;
        assert!(!found.contains_key(&at), "by the horizon that it was given here");
        assert!(found.contains_key(&(at + 1)));
    });
}

#[test]
fn however_few_keys_fit_into_memory_it_goes_on() {
    for key_bytes in [0, 200] {
        on(&new_disk(), 5, move |core| async move {
            let few = StoreOptions { compaction_key_bytes: key_bytes, ..options() };
            let (store, log) = open(&core, few).await;
            let mut model = Records::new();
            fill(&store, &log, 100, &mut model).await;
            core.sleep(Duration::from_secs(120)).await;
            let found = read(&log, 0).await;
            for (at, record) in last_of_each(&model) {
                assert_eq!(found.get(&at), Some(&record));
            }
            assert!(found.iter().all(|(at, record)| model.get(at) == Some(record)));
            let stats = store.stats();
            assert!(found.len() * 3 < model.len() * 2, "{} left, {stats:?}", found.len());
            assert!(stats.compactions > 10, "{stats:?}");
        });
    }
}

#[test]
fn what_is_rotten_is_told_and_left_alone() {
    let disk = new_disk();
    let rotten = disk.clone();
    on(&disk, 6, |core| async move {
        let (store, log) = open(&core, options()).await;
        log.set_options(LogOptions { compact: false, ..compacted() });
        let mut model = Records::new();
        fill(&store, &log, 100, &mut model).await;
        core.sleep(Duration::from_secs(2)).await;
        let segments = log.segments();
        let second = crate::names::SegmentName::appended(segments[1].base);
        let path = crate::names::segment(&dir(), LOG, second);
        assert!(rotten.rot(&path, 700, engine_rt::sim::Rot::Flip(3)));
        log.set_options(compacted());
        core.sleep(Duration::from_secs(5)).await;
        let stats = store.stats();
        assert_eq!((stats.compactions, stats.compaction_faults), (0, 1), "{stats:?}");
        assert_eq!((store.failed(), log.segments()), (None, segments.clone()));
        assert!(log.compaction_fault().is_some_and(|fault| fault.place.contains(".log")));
        assert!(log.read(segments[2].base, log.end(), 100, true).await.is_ok());
    });
}

/// Where `record.validation` does not look into compressed batches, a client may have written what
/// it liked before the topic became a compacted one: offsets that fell made the round abort, after
/// each start again.
#[test]
fn records_that_make_no_sense_stay_and_do_no_harm() {
    let disk = new_disk();
    let batches = [
        crooked(&[1, 0], 2, Codec::None),
        crooked(&[0, 0], 2, Codec::None),
        crooked(&[i32::MAX], 1, Codec::None),
        crooked(&[0, 5], 2, Codec::None),
        crooked(&[-7], 1, Codec::None),
        crooked(&[0, 1], 3, Codec::None),
        crooked(&[0, 1], 1, Codec::None),
        crooked(&[0, 1], 2, Codec::Gzip),
        crooked(&[0, 1], 2, Codec::Zstd),
    ];
    for (i, crooked) in batches.into_iter().enumerate() {
        let disk = disk.crash(1, engine_rt::sim::Crash::Kill);
        on(&disk, 10, |core| async move {
            let (store, log) = open(&core, options()).await;
            log.set_options(LogOptions { compact: false, ..compacted() });
            let mut model = Records::new();
            let shared = [("shared", Some("sound"))];
            append(&store, &log, Codec::Lz4, &shared, &mut model).await;
            let at = log.end();
            log.append(&[&crooked], at, 1).unwrap();
            fill(&store, &log, 60, &mut model).await;
            log.set_options(compacted());
            until_compacted(&core, &store, 0).await;
            let stats = store.stats();
            assert_eq!((store.failed(), stats.compaction_faults), (None, 0), "{i}: {stats:?}");
            assert!(stats.compacted_to_bytes * 2 < stats.compacted_bytes, "{i}: {stats:?}");
            // It stands as it was written, and superseded nothing.
            let kept = log.read(at, log.end(), 1, true).await.unwrap();
            let kept: Vec<u8> = kept.iter().flat_map(|slice| slice.to_vec()).collect();
            assert_eq!(kept[16..], crooked[16..], "{i}");
            let first = log.read(0, at, 1, true).await.unwrap();
            let pieces: Vec<&[u8]> = first.iter().map(|slice| &slice[..]).collect();
            let view = engine_record::BatchView::parse(engine_record::Rope::new(&pieces), 0);
            assert_eq!(view.unwrap().header().base_offset, 0, "{i}: what came before is gone");
        });
    }
}

#[test]
fn a_log_may_go_and_a_store_may_close_in_the_middle() {
    for deletes in [true, false] {
        let disk = new_disk();
        let model = on(&disk, 7, move |core| async move {
            let slow = StoreOptions { compaction_bytes_per_second: 20_000, ..options() };
            let (store, log) = open(&core, slow).await;
            let mut model = Records::new();
            fill(&store, &log, 200, &mut model).await;
            while store.stats().compacting == 0 {
                core.sleep(Duration::from_millis(5)).await;
            }
            core.sleep(Duration::from_millis(900)).await;
            assert_eq!(store.stats().compacting, 1, "it is slow");
            if deletes {
                durable(&store, store.delete_log(LOG).unwrap()).await;
                core.sleep(Duration::from_secs(3)).await;
                assert!(!core.exists(&crate::names::log_dir(&dir(), LOG)).await.unwrap());
                assert_eq!(store.failed(), None);
            } else {
                store.close().await.unwrap();
            }
            model
        });
        on(&disk, 8, move |core| async move {
            let (store, recovered) = Store::open(&core, &dir(), options()).await.unwrap();
            assert_eq!(recovered.report.faults, []);
            let Some(log) = store.log(LOG) else {
                assert!(deletes, "it was not deleted");
                return;
            };
            assert!(!deletes);
            let found = read(&log, 0).await;
            let wanted = last_of_each(&model);
            assert!(wanted.iter().all(|(at, record)| found.get(at) == Some(record)));
        });
    }
}

#[test]
fn it_keeps_to_its_rate() {
    on(&new_disk(), 9, |core| async move {
        let rate = 200_000;
        let slow = StoreOptions { compaction_bytes_per_second: rate, ..options() };
        let (store, log) = open(&core, slow).await;
        log.set_options(LogOptions { compact: false, ..compacted() });
        fill(&store, &log, 400, &mut Records::new()).await;
        core.sleep(Duration::from_secs(2)).await;
        let bytes: u64 = log.segments().iter().filter(|s| s.sealed).map(|s| s.bytes).sum();
        log.set_options(compacted());
        let began = core.now();
        until_compacted(&core, &store, 0).await;
        // All is read for its keys, then to be judged and rewritten, and a third or so is written.
        let took = core.now().since(began).as_secs_f64();
        let least = bytes as f64 * 2.0 / rate as f64;
        assert!(took > least && took < 3.0 * least, "{took} s for {bytes} bytes, {least}");
    });
}

/// A log of closed segments, and a store that never waits to compact it.
async fn dirty_log(core: &Core, options: StoreOptions) -> (Store, Log) {
    let (store, log) = open(core, options).await;
    log.set_options(LogOptions { compact: false, ..compacted() });
    fill(&store, &log, 100, &mut Records::new()).await;
    core.sleep(Duration::from_secs(2)).await;
    (store, log)
}

/// At a low rate the sleep for what one read owed was minutes long, and nothing ended it: an
/// orderly stop became an unclean one, and a deleted log's files stayed.
#[test]
fn however_low_its_rate_it_hears_that_it_is_to_end_or_to_hurry() {
    for what in ["close", "delete", "hurry"] {
        on(&new_disk(), 12, move |core| async move {
            let slow = StoreOptions { compaction_bytes_per_second: 20, ..options() };
            let (store, log) = dirty_log(&core, slow).await;
            log.set_options(compacted());
            while store.stats().compacting == 0 {
                core.sleep(Duration::from_millis(5)).await;
            }
            core.sleep(Duration::from_secs(1)).await;
            let began = core.now();
            match what {
                "close" => store.close().await.unwrap(),
                "delete" => {
                    durable(&store, store.delete_log(LOG).unwrap()).await;
                    while core.exists(&crate::names::log_dir(&dir(), LOG)).await.unwrap() {
                        core.sleep(Duration::from_millis(5)).await;
                    }
                }
                _ => {
                    let fast = u64::MAX;
                    let live = store.live_options();
                    store.set_live_options(crate::LiveOptions {
                        compaction_bytes_per_second: fast,
                        ..live
                    });
                    until_compacted(&core, &store, 0).await;
                }
            }
            let took = core.now().since(began);
            assert!(took < Duration::from_secs(1), "{what}: {took:?}");
        });
    }
}

/// A topic that was switched to `compact` waited out the pause that had begun before.
#[test]
fn what_is_to_be_compacted_now_waits_for_no_pause_of_before() {
    for live in [true, false] {
        on(&new_disk(), 13, move |core| async move {
            let seldom = StoreOptions { compaction_pause_ms: 3_600_000, ..options() };
            let (store, log) = open(&core, seldom).await;
            if live {
                fill(&store, &log, 100, &mut Records::new()).await;
                core.sleep(Duration::from_secs(20)).await;
                assert_eq!(store.stats().compactions, 0);
                let pause =
                    crate::LiveOptions { compaction_pause_ms: 1000, ..store.live_options() };
                store.set_live_options(pause);
            } else {
                let mut other = compacted();
                other.compact = false;
                log.set_options(other);
                fill(&store, &log, 100, &mut Records::new()).await;
                core.sleep(Duration::from_secs(20)).await;
                log.set_options(compacted());
            }
            until_compacted(&core, &store, 0).await;
        });
    }
}

/// One read that failed for want of descriptors ended the compaction of its log for good.
#[test]
fn what_could_not_be_read_once_is_tried_again() {
    let disk = new_disk();
    let failing = disk.clone();
    on(&disk, 14, |core| async move {
        let (store, log) = dirty_log(&core, options()).await;
        failing.fail(engine_rt::sim::FailRule {
            op: Some(engine_rt::sim::DiskOp::Read),
            path_contains: ".log".into(),
            skip: 0,
            times: 3,
            errno: 24,
        });
        log.set_options(compacted());
        until_compacted(&core, &store, 0).await;
        assert_eq!((store.stats().compaction_faults, log.compaction_fault()), (3, None));
    });
}

/// Where the table ran full in the middle of a batch, a tombstone behind that place was given its
/// horizon although its round had not rewritten everything before it.
#[test]
fn a_tombstone_gets_no_horizon_before_its_round_came_to_it() {
    on(&new_disk(), 15, |core| async move {
        let few =
            StoreOptions { compaction_key_bytes: 0, compaction_pause_ms: 10_000, ..options() };
        let (store, log) = open(&core, few).await;
        let mut model = Records::new();
        let two = [("a", Some("value")), ("b", None)];
        append(&store, &log, Codec::None, &two, &mut model).await;
        fill(&store, &log, 60, &mut model).await;
        let mut horizons = Vec::new();
        for rounds in 0..2 {
            until_compacted(&core, &store, rounds).await;
            let slices = log.read(0, log.end(), 1, true).await.unwrap();
            let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
            let view = engine_record::BatchView::parse(engine_record::Rope::new(&pieces), 0);
            horizons.push(view.unwrap().header().has_delete_horizon());
        }
        assert_eq!(horizons, [false, true]);
    });
}

/// The disk is full: the look ends, and not every log takes a checkpoint to find the same.
#[test]
fn on_a_full_disk_a_look_ends_with_the_first_log() {
    let disk = new_disk();
    let filling = disk.clone();
    on(&disk, 16, |core| async move {
        // A ring that nothing but compaction takes a checkpoint for.
        let seldom = StoreOptions {
            compaction_pause_ms: 3_600_000,
            journal_file_bytes: 4 << 20,
            memory_bytes: 32 << 20,
            ..options()
        };
        let (store, first) = open(&core, seldom).await;
        let mut logs = vec![first];
        for id in 20..30 {
            logs.push(store.create_log(LogId(id), compacted()).unwrap().0);
        }
        for log in &logs {
            fill(&store, log, 100, &mut Records::new()).await;
        }
        core.sleep(Duration::from_secs(2)).await;
        let allocate = Some(engine_rt::sim::DiskOp::Allocate);
        filling.fail(engine_rt::sim::FailRule {
            op: allocate,
            path_contains: String::new(),
            skip: 0,
            times: u64::MAX,
            errno: 28,
        });
        let before = filling.writes();
        let pause = crate::LiveOptions { compaction_pause_ms: 10_000, ..store.live_options() };
        store.set_live_options(pause);
        core.sleep(Duration::from_secs(5)).await;
        let writes = filling.writes() - before;
        assert!(writes > 0 && writes < 8, "{writes} writes, some for each checkpoint");
        assert_eq!(store.stats().compactions, 0);
        filling.heal();
        core.sleep(Duration::from_secs(120)).await;
        assert_eq!((store.failed(), store.stats().compactions), (None, logs.len() as u64));
    });
}

/// What one batch unpacks to was noted, judged and packed anew in one turn each: for some ten MiB
/// of records the core did nothing else for hundreds of milliseconds.
#[test]
fn a_batch_of_many_records_takes_many_turns() {
    on(&new_disk(), 17, |core| async move {
        let seldom = StoreOptions { compaction_pause_ms: 3_600_000, ..options() };
        let (store, log) = open(&core, seldom).await;
        let mut model = Records::new();
        let (keys, value) = ((0..2000).map(|i| format!("k{i}")), "x".repeat(1000));
        let keys: Vec<String> = keys.collect();
        let all: Vec<_> = keys.iter().map(|key| (key.as_str(), Some(value.as_str()))).collect();
        append(&store, &log, Codec::Zstd, &all, &mut model).await;
        let half: Vec<_> = all.iter().step_by(2).copied().collect();
        append(&store, &log, Codec::Gzip, &half, &mut model).await;
        fill(&store, &log, 30, &mut model).await;
        core.sleep(Duration::from_secs(5)).await;
        let polls = core.stats().polls;
        store.set_live_options(crate::LiveOptions {
            compaction_pause_ms: 3_599_999,
            ..store.live_options()
        });
        until_compacted(&core, &store, 0).await;
        // Noted twice, judged twice or once, rebuilt: each at most 64 KiB of records a turn.
        let polls = core.stats().polls - polls;
        assert!(polls > 4 * 3_000_000 / (64 << 10), "{polls} turns");
        let found = read(&log, 0).await;
        let stay = (0..3000).filter(|at| *at >= 2000 || at % 2 == 1);
        assert!(found.range(..3000).map(|(at, _)| *at).eq(stay));
        assert!(found.iter().all(|(at, record)| model.get(at) == Some(record)));
    });
}
