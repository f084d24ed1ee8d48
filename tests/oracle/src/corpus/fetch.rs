//! Fetch: from every place, with every bound, by name and by id. Sessions are not asked for.

use anyhow::Result;
use engine_base::Uuid;
use engine_record::Codec;
use net_wire::List;
use net_wire::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic};
use serde_json::{Value, json};

use super::{NOBODY, make, versions, write};
use crate::batches::packed;
use crate::side::Side;

pub(super) const CODECS: [Codec; 5] =
    [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

pub(super) fn play(side: &mut Side) -> Result<()> {
    let id = make(side, "read", 4, &[])?;
    for codec in &CODECS[..4] {
        write(side, "read", id, 0, &packed(&["a", "b", "c"], *codec))?;
    }
    write(side, "read", id, 1, &packed(&["d", "e"], Codec::None))?;
    write(side, "read", id, 2, &packed(&["f", "g"], Codec::Zstd))?;
    for version in versions::<FetchRequest>() {
        places(side, version, id)?;
        bounds(side, version, id)?;
        odd(side, version, id)?;
        twice(side, version, id)?;
    }
    Ok(())
}

/// In which order an answer names its topics and partitions.
pub(super) fn order(answer: &FetchResponse) -> Value {
    let topics = answer.responses.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|found| found.partition_index);
        json!([topic.topic, topic.topic_id.to_string(), partitions.collect::<Vec<i32>>()])
    });
    topics.collect()
}

/// Asks, and notes the order too.
fn ask_in_order(side: &mut Side, what: &str, version: i16, topics: &[Asked<'_>]) -> Result<()> {
    let answer = side.ask(what, version, &request(topics))?;
    side.note(&format!("{what}: order"), version, json!(answer.as_ref().map(order)));
    Ok(())
}

/// Partitions, and topics, that are named more than once.
fn twice(side: &mut Side, version: i16, id: Uuid) -> Result<()> {
    let at = |index, offset| partition(index, offset);
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("a partition twice", &[("read", id, &[at(1, 0), at(1, 0)])]),
        ("a partition at two offsets", &[("read", id, &[at(1, 0), at(1, 2)])]),
        ("a partition beyond its end and not", &[("read", id, &[at(1, 100), at(1, 0)])]),
        ("a partition not beyond its end and so", &[("read", id, &[at(1, 0), at(1, 100)])]),
        ("twice around another", &[("read", id, &[at(2, 0), at(1, 0), at(2, 2)])]),
        ("thrice", &[("read", id, &[at(0, 9), at(1, 0), at(0, 6), at(2, 0), at(0, 3)])]),
        ("none twice", &[("read", id, &[at(9, 0), at(1, 0), at(9, 0)])]),
        ("a topic twice", &[("read", id, &[at(1, 0)]), ("read", id, &[at(0, 0), at(1, 1)])]),
        (
            "a topic around another",
            &[
                ("read", id, &[at(1, 0), at(7, 0)]),
                ("nobody", NOBODY, &[at(0, 0), at(0, 1)]),
                ("read", id, &[at(0, 0), at(1, 1)]),
                ("nobody", NOBODY, &[at(0, 0), at(1, 1)]),
            ],
        ),
        ("backwards", &[("read", id, &[at(3, 0), at(2, 0), at(1, 0), at(0, 0)])]),
        ("those that are not there between", &[("read", id, &[at(8, 0), at(1, 0), at(5, 0)])]),
        ("one beyond the end between", &[("read", id, &[at(1, 100), at(2, 0), at(0, 0)])]),
    ];
    for (what, topics) in cases {
        ask_in_order(side, what, version, topics)?;
    }
    // More than are compared each with each.
    let mut many: Vec<FetchPartition> = (0..40).map(|index| at(index % 5, index.into())).collect();
    many.push(at(0, 0));
    ask_in_order(side, "many times", version, &[("read", id, &many)])
}

/// A topic by its name and its id, and what is asked of it.
type Asked<'a> = (&'a str, Uuid, &'a [FetchPartition]);

fn partition(partition: i32, fetch_offset: i64) -> FetchPartition {
    FetchPartition {
        partition,
        fetch_offset,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    }
}

fn request(topics: &[Asked<'_>]) -> FetchRequest {
    let topic = |(name, topic_id, partitions): &Asked<'_>| FetchTopic {
        topic: (*name).to_owned(),
        topic_id: *topic_id,
        partitions: partitions.iter().cloned().collect(),
    };
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: topics.iter().map(topic).collect::<List<_>>(),
        ..Default::default()
    }
}

fn places(side: &mut Side, version: i16, id: Uuid) -> Result<()> {
    for offset in [0, 1, 3, 5, 11, 12, 13, 100, -1, -2, i64::MAX] {
        let one = request(&[("read", id, &[partition(0, offset)])]);
        side.ask(&format!("from {offset}"), version, &one)?;
        let committed = FetchRequest { isolation_level: 1, ..one };
        side.ask(&format!("from {offset}, committed"), version, &committed)?;
    }
    side.ask("an empty one", version, &request(&[("read", id, &[partition(3, 0)])]))?;
    side.ask("zstd", version, &request(&[("read", id, &[partition(2, 0)])]))?;
    let all = [partition(3, 0), partition(1, 0), partition(0, 6)];
    let beyond = [partition(1, 0), partition(0, 100)];
    side.ask("several", version, &request(&[("read", id, &all)]))?;
    side.ask("one of two is beyond", version, &request(&[("read", id, &beyond)]))?;
    Ok(())
}

fn bounds(side: &mut Side, version: i16, id: Uuid) -> Result<()> {
    let all = [partition(0, 0), partition(1, 0)];
    for max_bytes in [0, 1, 100, 200, 300] {
        let request = FetchRequest { max_bytes, ..request(&[("read", id, &all)]) };
        side.ask(&format!("bounded: {max_bytes} bytes at most"), version, &request)?;
    }
    for partition_max_bytes in [0, 1, 100, 150, 300, -1] {
        let [first, second] = all.clone();
        let bounded = [
            FetchPartition { partition_max_bytes, ..first },
            FetchPartition { partition_max_bytes, ..second },
        ];
        let what = format!("{partition_max_bytes} bytes of each partition");
        side.ask(&what, version, &request(&[("read", id, &bounded)]))?;
    }
    for (min_bytes, max_wait_ms) in [(0, 0), (-1, 100), (1 << 30, 50), (1, -1)] {
        let request = FetchRequest { min_bytes, max_wait_ms, ..request(&[("read", id, &all)]) };
        side.ask(&format!("{min_bytes} bytes in {max_wait_ms} ms"), version, &request)?;
    }
    Ok(())
}

fn odd(side: &mut Side, version: i16, id: Uuid) -> Result<()> {
    for epoch in [0, 1, 100, -2] {
        let at = FetchPartition { current_leader_epoch: epoch, ..partition(0, 0) };
        side.ask(&format!("at epoch {epoch}"), version, &request(&[("read", id, &[at])]))?;
    }
    for epoch in [0, 1, 100] {
        let after = FetchPartition { last_fetched_epoch: epoch, ..partition(0, 3) };
        side.ask(&format!("after epoch {epoch}"), version, &request(&[("read", id, &[after])]))?;
    }
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("no such partition", &[("read", id, &[partition(4, 0), partition(-1, 0)])]),
        ("nobody's topic", &[("nobody", NOBODY, &[partition(0, 0)])]),
        ("no topic", &[("", Uuid::ZERO, &[partition(0, 0)])]),
        (
            "nobody's and a good one",
            &[("nobody", NOBODY, &[partition(0, 0)]), ("read", id, &[partition(1, 0)])],
        ),
        ("no partitions", &[("read", id, &[])]),
        ("none", &[]),
    ];
    for (what, topics) in cases {
        side.ask(what, version, &request(topics))?;
    }
    let one = request(&[("read", id, &[partition(1, 0)])]);
    side.ask("isolation 2", version, &FetchRequest { isolation_level: 2, ..one.clone() })?;
    side.ask("rack", version, &FetchRequest { rack_id: "r1".to_owned(), ..one })?;
    Ok(())
}
