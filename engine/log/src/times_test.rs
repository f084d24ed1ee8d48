//! Records are found by their time whatever a client wrote beside them, and while segments go.

use std::cell::Cell;
use std::rc::Rc;

use engine_base::LogId;
use engine_record::{BatchBuilder, Codec};
use engine_rt::Class;
use engine_rt::sim::Crash;

use crate::store::store_test::{batch, crooked, dir, disk, durable, fresh, on, options};
use crate::{Log, LogOptions, Store};

/// Appends a batch; returns its base offset.
async fn append(store: &Store, log: &Log, batch: &[u8]) -> i64 {
    store.room(batch.len()).await.unwrap();
    let base = log.end();
    durable(store, log.append(&[batch], base, 1).unwrap()).await;
    base
}

/// A compressed batch of a `delete` topic is stored as it came: one that could not be unpacked made
/// every look for a time at or below its own fail, and was told as rot of the disk; a record far
/// behind its batch's end made ListOffsets name offsets that there are not.
#[test]
fn what_a_client_wrote_wrongly_is_passed_over() {
    let batches = [
        crooked(&[0, 1], 2, Codec::Gzip),
        crooked(&[0, 1], 2, Codec::Lz4),
        crooked(&[0, 1], 2, Codec::Zstd),
        crooked(&[i32::MAX], 1, Codec::None),
        crooked(&[-7], 1, Codec::None),
    ];
    on(&disk(), 1, |core| async move {
        let store = fresh(&core).await;
        for (i, crooked) in batches.iter().enumerate() {
            let (log, _) = store.create_log(LogId(1 + i as u64), LogOptions::default()).unwrap();
            append(&store, &log, &batch(1, b"before", 10)).await;
            append(&store, &log, crooked).await;
            let sound = append(&store, &log, &batch(1, b"sound", 999)).await;
            let end = log.end();
            let found = |at| {
                let log = log.clone();
                async move {
                    let found = log.offset_for_time(at, end).await;
                    found.unwrap_or_else(|bad| panic!("{i}: {bad:?}")).map(|found| found.offset)
                }
            };
            assert_eq!((found(5).await, found(500).await), (Some(0), Some(sound)), "{i}");
            assert_eq!(found(1000).await, None, "{i}");
            let newest = log.max_timestamp(end).await.unwrap().unwrap();
            assert_eq!((newest.offset, newest.timestamp), (sound, 999), "{i}");
        }
    });
}

/// Some hundred KiB of a client's batch unpacked to a GiB in one turn of the core.
#[test]
fn a_bomb_is_opened_as_far_as_its_topic_lets_it_and_in_turns() {
    let mut bomb = BatchBuilder::new();
    (0..4000).for_each(|i| bomb.append(i, None, Some(&[0; 1000]), &[]));
    let bomb = bomb.finish(Codec::Zstd);
    assert!(bomb.len() < 40_000, "{} bytes", bomb.len());
    on(&disk(), 2, |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), LogOptions::default()).unwrap();
        append(&store, &log, &bomb).await;
        let sound = append(&store, &log, &batch(1, b"sound", 3_990)).await;
        let (turns, over) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let (count, until, other) = (Rc::clone(&turns), Rc::clone(&over), core.clone());
        let others = core.spawn(Class::Fetch, "others", async move {
            while !until.get() {
                count.set(count.get() + 1);
                other.yield_now().await;
            }
        });
        let find = async || log.offset_for_time(3_985, log.end()).await.unwrap().unwrap().offset;
        assert_eq!(find().await, 3_985);
        assert!(turns.get() >= 4_000_000 / (64 << 10), "{} turns of others", turns.get());
        over.set(true);
        others.await;
        log.set_options(LogOptions { unpacked_bytes_max: 1 << 20, ..LogOptions::default() });
        assert_eq!(find().await, sound);
        let early = log.offset_for_time(700, log.end()).await.unwrap().unwrap();
        assert_eq!(early.offset, 700, "what comes before the bound is read");
    });
}

fn small_segments() -> LogOptions {
    LogOptions { segment_bytes: 20_000, retention_ms: -1, ..LogOptions::default() }
}

/// Retention or DeleteRecords took segments between the moment at which they were listed and the
/// one at which they were read: their files were told to be missing, a fault that is remembered.
#[test]
fn segments_that_go_while_a_time_is_looked_for_are_not_missed() {
    // Headers that promise a later time than their records have: all are looked into, the newest
    // first, while the oldest go.
    let promising = |later: i64| {
        let mut batch = batch(1, &[7; 3000], 1000);
        batch[35..43].copy_from_slice(&(9_000 + later).to_be_bytes());
        let crc = crc32c::crc32c(&batch[21..]);
        batch[17..21].copy_from_slice(&crc.to_be_bytes());
        batch
    };
    let filled = disk();
    on(&filled, 1, move |core| async move {
        let store = fresh(&core).await;
        let (log, _) = store.create_log(LogId(1), small_segments()).unwrap();
        for later in 0..300 {
            append(&store, &log, &promising(later)).await;
        }
        store.close().await.unwrap();
    });
    on(&filled.crash(1, Crash::Kill), 2, |core| async move {
        let (store, _) = Store::open(&core, &dir(), options()).await.unwrap();
        let log = store.log(LogId(1)).unwrap();
        log.set_options(small_segments());
        let asked = log.clone();
        let look = core.spawn(Class::Fetch, "look", async move { asked.max_timestamp(300).await });
        core.yield_now().await;
        let start = log.segments()[20].base;
        durable(&store, log.set_start(start).unwrap()).await;
        let found = look.await.unwrap().unwrap();
        assert_eq!((found.offset, found.timestamp), (start, 1000));
    });
}
