//! Fetch sessions: begun, gone on with, changed, ended, and those that nobody keeps.

use anyhow::Result;
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, ForgottenTopic,
};

use serde_json::json;

use super::fetch::order;
use super::{NOBODY, make, versions, write};
use crate::batches::RawBatch;
use crate::names::Own;
use crate::side::Side;

/// The version in which sessions came.
const SINCE: i16 = 7;
/// The version from which topics are named by their ids.
const IDS_SINCE: i16 = 13;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<FetchRequest>().filter(|version| *version >= SINCE) {
        life(side, version)?;
        turns(side, version)?;
        refused(side, version)?;
    }
    Ok(())
}

/// A topic, its id, and partitions with the offset that is asked for.
type Asked<'a> = (&'a str, Uuid, &'a [(i32, i64)]);

fn request(
    (session_id, session_epoch): (i32, i32),
    topics: &[Asked<'_>],
    forgotten: &[Asked<'_>],
) -> FetchRequest {
    let partition = |(partition, fetch_offset): &(i32, i64)| FetchPartition {
        partition: *partition,
        fetch_offset: *fetch_offset,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let topic = |(name, topic_id, partitions): &Asked<'_>| FetchTopic {
        topic: (*name).to_owned(),
        topic_id: *topic_id,
        partitions: partitions.iter().map(partition).collect(),
    };
    let gone = |(name, topic_id, partitions): &Asked<'_>| ForgottenTopic {
        topic: (*name).to_owned(),
        topic_id: *topic_id,
        partitions: partitions.iter().map(|(index, _)| *index).collect(),
    };
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 0,
        min_bytes: 0,
        max_bytes: 1 << 20,
        session_id,
        session_epoch,
        topics: topics.iter().map(topic).collect::<List<_>>(),
        forgotten_topics_data: forgotten.iter().map(gone).collect(),
        ..Default::default()
    }
}

/// Asks, and calls the session by the same name on both sides.
fn ask(side: &mut Side, what: &str, version: i16, request: &FetchRequest) -> Result<i32> {
    let named = |answer: &FetchResponse| match answer.session_id {
        0 => Vec::new(),
        id => vec![Own::Number("sessionId", i64::from(id), "SESSION".to_owned())],
    };
    let what = format!("session: {what}");
    let answer = side.ask_naming(&what, version, request, named)?;
    side.note(&format!("{what}: order"), version, json!(answer.as_ref().map(order)));
    Ok(answer.map_or(0, |answer| answer.session_id))
}

fn life(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("watched-{version}");
    let id = make(side, &name, 3, &[])?;
    let batch = RawBatch::of(&["a", "b"]).bytes();
    write(side, &name, id, 0, &batch)?;
    let all: Asked<'_> = (&name, id, &[(0, 0), (1, 0), (2, 0)]);
    let session = ask(side, "begun", version, &request((0, 0), &[all], &[]))?;
    let next =
        |epoch, topics: &[Asked<'_>], gone: &[Asked<'_>]| request((session, epoch), topics, gone);
    ask(side, "as it is", version, &next(1, &[], &[]))?;
    let on: Asked<'_> = (&name, id, &[(0, 2)]);
    ask(side, "at the end of one", version, &next(2, &[on], &[]))?;
    ask(side, "nothing new", version, &next(3, &[], &[]))?;
    write(side, &name, id, 1, &batch)?;
    ask(side, "one is new", version, &next(4, &[], &[]))?;
    let gone: Asked<'_> = (&name, id, &[(1, 0), (7, 0)]);
    ask(side, "one is forgotten", version, &next(5, &[], &[gone]))?;
    let beyond: Asked<'_> = (&name, id, &[(2, 9)]);
    ask(side, "beyond the end", version, &next(6, &[beyond], &[]))?;
    ask(side, "still so", version, &next(7, &[], &[]))?;
    let good: Asked<'_> = (&name, id, &[(2, 0)]);
    let none: Asked<'_> = (&name, id, &[(5, 0)]);
    ask(side, "mended, and no such partition", version, &next(8, &[good, none], &[]))?;
    ask(side, "no such partition", version, &next(9, &[], &[]))?;
    ask(side, "no such partition is forgotten", version, &next(10, &[], &[none]))?;
    let nobody: Asked<'_> = ("nobody", NOBODY, &[(0, 0)]);
    ask(side, "nobody's topic too", version, &next(11, &[nobody], &[]))?;
    ask(side, "nobody's topic still", version, &next(12, &[], &[]))?;
    ask(side, "nobody's topic forgotten", version, &next(13, &[], &[nobody]))?;
    ask(side, "an epoch again", version, &next(13, &[], &[]))?;
    ask(side, "an epoch too far", version, &next(20, &[], &[]))?;
    ask(side, "after a wrong epoch", version, &next(14, &[], &[]))?;
    // By the other kind of name than it was begun with.
    if version == IDS_SINCE {
        ask(side, "by names", IDS_SINCE - 1, &next(15, &[good], &[]))?;
    }
    ask(side, "ended", version, &next(-1, &[all], &[]))?;
    ask(side, "after its end", version, &next(16, &[], &[]))?;
    Ok(())
}

/// Who is told first, and that a topic is named once whatever is told of it.
fn turns(side: &mut Side, version: i16) -> Result<()> {
    let (name, other) = (format!("turns-{version}"), format!("turns-too-{version}"));
    let (id, other_id) = (make(side, &name, 4, &[])?, make(side, &other, 2, &[])?);
    let batch = RawBatch::of(&["a", "b"]).bytes();
    let begun: &[Asked<'_>] = &[
        (&name, id, &[(2, 0), (0, 0), (9, 0), (1, 0), (2, 0)]),
        ("nobody", NOBODY, &[(0, 0)]),
        (&other, other_id, &[(1, 0), (0, 0)]),
        (&name, id, &[(3, 0), (0, 0)]),
    ];
    let session = ask(side, "begun out of order", version, &request((0, 0), begun, &[]))?;
    let mut epoch = 0;
    let mut next = |side: &mut Side, what: &str, topics: &[Asked<'_>], gone: &[Asked<'_>]| {
        epoch += 1;
        ask(side, what, version, &request((session, epoch), topics, gone))
    };
    next(side, "errors stay", &[], &[])?;
    for index in [1, 0, 2] {
        write(side, &name, id, index, &batch)?;
    }
    write(side, &other, other_id, 0, &batch)?;
    next(side, "three and one are new", &[], &[])?;
    next(side, "they are read again", &[], &[])?;
    let on: Asked<'_> = (&name, id, &[(0, 2), (1, 1)]);
    next(side, "one is read to its end", &[on], &[])?;
    write(side, &name, id, 0, &batch)?;
    write(side, &name, id, 3, &batch)?;
    next(side, "one that was read, one that was not", &[], &[])?;
    let beyond: Asked<'_> = (&name, id, &[(3, 100), (2, 2), (1, 2), (0, 4)]);
    let beyond_too: Asked<'_> = (&other, other_id, &[(0, 100)]);
    next(side, "two are beyond their ends", &[beyond, beyond_too], &[])?;
    write(side, &name, id, 1, &batch)?;
    next(side, "one is new beside one that is beyond", &[], &[])?;
    let twice: Asked<'_> = (&name, id, &[(3, 0), (8, 0), (3, 2), (2, 0)]);
    next(side, "one twice, and none", &[twice], &[(&name, id, &[(9, 0)])])?;
    let again: Asked<'_> = (&name, id, &[(2, 0), (0, 0)]);
    next(side, "forgotten and asked for", &[again], &[(&name, id, &[(2, 0), (0, 0)])])?;
    next(side, "back again", &[again], &[])?;
    next(side, "all of it", &[], &[])?;
    // Who was given something as the session began does not go to the back for it.
    let both: Asked<'_> = (&other, other_id, &[(0, 0), (1, 0)]);
    let session = ask(side, "begun with something", version, &request((0, 0), &[both], &[]))?;
    write(side, &other, other_id, 1, &batch)?;
    ask(side, "both have something", version, &request((session, 1), &[], &[]))?;
    Ok(())
}

fn refused(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("watched-{version}");
    let id = side.settle(&name)?;
    let all: Asked<'_> = (&name, id, &[(0, 0)]);
    for at in [(0, 1), (0, 5), (0, -2), (9, 1), (9, i32::MAX), (-1, 7), (-1, 0), (-1, -1)] {
        ask(side, &format!("{at:?}"), version, &request(at, &[all], &[]))?;
    }
    ask(side, "begun with nothing", version, &request((0, 0), &[], &[]))?;
    Ok(())
}
