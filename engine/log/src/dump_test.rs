//! Every file that a life leaves behind can be described, and the facts are those that went in.

use std::collections::BTreeSet;

use engine_base::LogId;
use engine_record::{Codec, Header};
use engine_rt::sim::{Disk, Rot};

use super::*;
use crate::store::store_test::{batch, durable, fresh, on};
use crate::{LogOptions, Store};

async fn work(store: &Store) {
    let options = LogOptions { segment_bytes: 8 << 10, ..LogOptions::default() };
    let (log, _) = store.create_log(LogId(5), options).unwrap();
    let mut last = None;
    for i in 0..12 {
        let bytes = batch(3, &[b'x'; 700], 1_000_000 + i);
        last = Some(log.append(&[&bytes], log.end(), 4).unwrap());
    }
    durable(store, last.unwrap()).await;
}

fn all(disk: &Disk) -> Vec<(String, Vec<Finding>)> {
    let files = disk.files();
    on(disk, 2, |core| async move {
        let mut all = Vec::new();
        for (path, _) in files {
            let mut found = Vec::new();
            if dump(&core, &path, true, &mut |one| found.push(one)).await.is_ok() {
                all.push((path.display().to_string(), found));
            }
        }
        all
    })
}

fn fact<'a>(found: &'a Finding, name: &str) -> &'a Fact {
    let named = found.facts.iter().find(|(known, _)| *known == name);
    &named.unwrap_or_else(|| panic!("{found:?} has no {name}")).1
}

#[test]
fn a_batch_is_told_with_all_that_its_header_says_and_its_records() {
    let mut builder = engine_record::BatchBuilder::new().at(40, 3).producer(9, 2, 17);
    builder.append(1_000, Some(b"k"), Some(b"v"), &[Header { key: b"h", value: Some(b"1") }]);
    builder.append(2_000, None, None, &[]);
    let mut bytes = builder.finish(Codec::Zstd);
    let mut found = Vec::new();
    let mut tell = |one| found.push(one);
    Telling { tell: &mut tell, records: true }.batches(0, Some(SegmentName::appended(40)), &bytes);
    assert_eq!(found.iter().map(|f| f.what).collect::<Vec<_>>(), ["batch", "record", "record"]);
    for (name, number) in [
        ("first", 40),
        ("last", 41),
        ("epoch", 3),
        ("records", 2),
        ("producer_id", 9),
        ("producer_epoch", 2),
        ("sequence", 17),
    ] {
        assert_eq!(fact(&found[0], name), &Fact::Number(number), "{name}");
    }
    assert_eq!(fact(&found[0], "codec"), &Fact::Words("zstd".into()));
    assert_eq!(fact(&found[0], "max_timestamp"), &Fact::Moment(Some(2_000)));
    assert_eq!(fact(&found[0], "crc_ok"), &Fact::Flag(true));
    assert_eq!(fact(&found[1], "offset"), &Fact::Number(40));
    assert_eq!(fact(&found[1], "timestamp"), &Fact::Moment(Some(1_000)));
    assert_eq!(fact(&found[1], "key"), &Fact::Bytes(Some(b"k".to_vec())));
    let headers = vec![(b"h".to_vec(), Some(b"1".to_vec()))];
    assert_eq!(fact(&found[1], "headers"), &Fact::Headers(headers));
    assert_eq!(fact(&found[2], "value"), &Fact::Bytes(None));

    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    let mut found = Vec::new();
    let mut tell = |one| found.push(one);
    Telling { tell: &mut tell, records: false }.batches(0, Some(SegmentName::appended(39)), &bytes);
    assert_eq!(fact(&found[0], "crc_ok"), &Fact::Flag(false));
    assert!(matches!(fact(&found[0], "trouble"), Fact::Words(why) if why.contains("follow")));
}

#[test]
fn every_file_of_a_life_is_described() {
    let disk = Disk::new(16 << 20, 4096);
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        work(&store).await;
        store.close().await.unwrap();
    });
    let all = all(&disk);
    let kinds: BTreeSet<&str> =
        all.iter().flat_map(|(_, found)| found.iter().map(|f| f.what)).collect();
    for kind in ["shard", "block", "create", "append", "batch", "record", "run", "seal"] {
        assert!(kinds.contains(kind), "no {kind} in {kinds:?}");
    }
    for kind in ["checkpoint", "log", "sealed", "open"] {
        assert!(kinds.contains(kind), "no {kind} in {kinds:?}");
    }
    // The first segment holds the first records, and nothing in it is trouble.
    let first = all.iter().find(|(path, _)| path.ends_with("00000000000000000000.log"));
    let (_, found) = first.unwrap();
    let records: Vec<&Fact> =
        found.iter().filter(|f| f.what == "record").map(|f| fact(f, "offset")).collect();
    let expect: Vec<Fact> = (0..records.len() as i128).map(Fact::Number).collect();
    assert!(records.len() >= 3, "{found:?}");
    assert_eq!(records, expect.iter().collect::<Vec<_>>());
}

#[test]
fn rot_is_told_where_it_is_and_the_rest_goes_on() {
    let disk = Disk::new(16 << 20, 4096);
    on(&disk, 1, |core| async move {
        let store = fresh(&core).await;
        work(&store).await;
        store.close().await.unwrap();
    });
    let side =
        disk.files().into_iter().find(|(path, _)| path.extension().is_some_and(|e| e == "side"));
    let (path, _) = side.unwrap();
    disk.rot(&path, 70, Rot::Flip(1));
    let all = all(&disk);
    let (_, found) = all.iter().find(|(name, _)| *name == path.display().to_string()).unwrap();
    let holds: Vec<bool> = found.iter().map(|f| *fact(f, "crc_ok") == Fact::Flag(true)).collect();
    assert_eq!(holds.iter().filter(|holds| !**holds).count(), 1, "{found:?}");
    assert!(holds[0] && !holds[1], "{found:?}");
}

#[test]
fn a_batch_whose_end_is_elsewhere_is_told_from_rot() {
    let whole = batch(3, &[b'x'; 900], 1_000);
    let told = |bytes: &[u8]| {
        let mut found = Vec::new();
        let mut tell = |one| found.push(one);
        Telling { tell: &mut tell, records: false }.batches(
            0,
            Some(SegmentName::appended(0)),
            bytes,
        );
        found
    };
    let kinds = |found: &[Finding]| found.iter().map(|f| f.what).collect::<Vec<_>>();
    // Whole, then room that was allocated ahead.
    let mut file = whole.clone();
    file.resize(8192, 0);
    let found = told(&file);
    assert_eq!(kinds(&found), ["batch", "room"]);
    assert_eq!(fact(&found[0], "crc_ok"), &Fact::Flag(true));
    // Only its first two blocks are written.
    file[1024..].fill(0);
    let found = told(&file);
    assert_eq!(kinds(&found), ["batch"]);
    assert!(matches!(fact(&found[0], "rest"), Fact::Words(_)));
    // All of it is, and a byte is wrong.
    let mut rotten = whole.clone();
    rotten[1500] ^= 1;
    rotten.resize(8192, 0);
    assert_eq!(fact(&told(&rotten)[0], "crc_ok"), &Fact::Flag(false));
}
