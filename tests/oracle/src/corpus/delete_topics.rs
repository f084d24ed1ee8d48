//! DeleteTopics: by name and by id, those that are not there, and a name that comes back.

use anyhow::Result;
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};

use super::{NOBODY, make, versions};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<DeleteTopicsRequest>() {
        let name = format!("gone-{version}");
        make(side, &name, 2, &[])?;
        side.ask("no time", version, &by_name(&[], 0))?;
        side.ask("one", version, &by_name(&[&name], 30_000))?;
        side.settle_gone(&name)?;
        side.ask("one again", version, &by_name(&[&name], 30_000))?;
        let id = make(side, &name, 1, &[])?;
        make(side, "gone-too", 1, &[])?;
        let three = [&*name, "gone-too", "nobody"];
        side.ask("three names", version, &by_name(&three, 30_000))?;
        side.settle_gone(&name)?;
        side.settle_gone("gone-too")?;
        let stays = format!("stays-{version}");
        make(side, &stays, 1, &[])?;
        side.ask("a name twice", version, &by_name(&[&stays, &stays], 30_000))?;
        side.ask("a name thrice", version, &by_name(&["x", "x", "x", "nobody"], 30_000))?;
        side.ask("a name after twice", version, &by_name(&[&stays], 30_000))?;
        side.ask("odd names", version, &by_name(&["", ".", "a b"], 30_000))?;
        side.ask("none", version, &by_name(&[], 30_000))?;
        if version >= 6 {
            by_id(side, version, id)?;
        }
    }
    Ok(())
}

fn by_name(names: &[&str], timeout_ms: i32) -> DeleteTopicsRequest {
    let named =
        |name: &&str| DeleteTopicState { name: Some((*name).to_owned()), topic_id: Uuid::ZERO };
    DeleteTopicsRequest {
        topics: names.iter().map(named).collect(),
        topic_names: names.iter().map(|name| (*name).to_owned()).collect(),
        timeout_ms,
    }
}

fn by_id(side: &mut Side, version: i16, gone: Uuid) -> Result<()> {
    let request = |topics: &[(Option<&str>, Uuid)]| DeleteTopicsRequest {
        topics: topics
            .iter()
            .map(|(name, topic_id)| DeleteTopicState {
                name: name.map(str::to_owned),
                topic_id: *topic_id,
            })
            .collect::<List<_>>(),
        topic_names: List::new(),
        timeout_ms: 30_000,
    };
    side.ask("an id that is gone", version, &request(&[(None, gone)]))?;
    side.ask("nobody's id", version, &request(&[(None, NOBODY)]))?;
    side.ask("nobody's id twice", version, &request(&[(None, NOBODY), (None, NOBODY)]))?;
    side.ask("neither name nor id", version, &request(&[(None, Uuid::ZERO)]))?;
    let id = make(side, "gone-by-id", 1, &[])?;
    side.ask("name and id", version, &request(&[(Some("gone-by-id"), id)]))?;
    side.ask("by id twice", version, &request(&[(None, id), (None, id)]))?;
    side.ask(
        "by name and by id",
        version,
        &request(&[(Some("gone-by-id"), Uuid::ZERO), (None, id)]),
    )?;
    side.ask("by id", version, &request(&[(None, id)]))?;
    side.settle_gone("gone-by-id")
}
