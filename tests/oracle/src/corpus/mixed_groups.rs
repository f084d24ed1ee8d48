//! Classic members and members of the consumer protocol in one group, and a group that moves from
//! one protocol to the other.

use anyhow::{Result, ensure};
use net_wire::List;
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use net_wire::messages::list_groups::ListGroupsRequest;

use super::consumer_groups::described;
use super::consumer_members::{Member, rounds, targeted};
use super::group::{
    ask_join, await_groups, await_state, heartbeat, join, leave, subscription, sync,
};
use super::make;
use crate::side::Side;

const VERSION: i16 = 1;
const JOIN: i16 = 9;
const SYNC: i16 = 5;
const BEAT: i16 = 4;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_groups(side)?;
    make(side, "mixed", 4, &[])?;
    classic_comes(side)?;
    consumer_comes(side)?;
    refused(side)
}

/// A classic member that wants the topic `mixed`, by the protocol that it calls `range`.
fn joins(group: &str, member_id: &str) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol {
        name: "range".to_owned(),
        metadata: subscription(&["mixed"]).into(),
    };
    JoinGroupRequest { protocols: List::from([protocol]), ..join(group, member_id) }
}

/// All of `mixed`: ConsumerProtocolAssignment, version 0. A group moves only if it can be read.
fn assignment() -> Result<String> {
    let mut bytes = vec![0, 0, 0, 0, 0, 1, 0, 5];
    bytes.extend(b"mixed");
    bytes.extend(4i32.to_be_bytes());
    (0..4i32).for_each(|index| bytes.extend(index.to_be_bytes()));
    bytes.extend(0i32.to_be_bytes());
    Ok(String::from_utf8(bytes)?)
}

/// A classic member joins and is let in; gives its generation.
fn let_in(side: &mut Side, what: &str, group: &str, id: &str) -> Result<i32> {
    let joined = ask_join(side, what, JOIN, &joins(group, id), "CLASSIC")?;
    ensure!(joined.error_code == 0, "{}: {what}: {}", side.name, joined.error_code);
    Ok(joined.generation_id)
}

/// Everything that tells what the group is.
fn seen(side: &mut Side, group: &str) -> Result<()> {
    described(side, VERSION, group)?;
    let types_filter = List::from(["classic".to_owned()]);
    side.ask("classic groups", 5, &ListGroupsRequest { types_filter, ..Default::default() })?;
    let groups = List::from([group.to_owned()]);
    side.ask("as a classic group", 4, &DescribeGroupsRequest { groups, ..Default::default() })?;
    Ok(())
}

/// A classic member joins consumers, and stays when they go.
fn classic_comes(side: &mut Side) -> Result<()> {
    let group = "mixed-from-consumer";
    let mut one = Member::new(VERSION, group, "one");
    let request = one.joins(&["mixed"]);
    one.ask(side, "the consumer joins", &request)?;
    rounds(side, "the consumer alone", &mut [&mut one])?;
    let first = ask_join(side, "a classic one, without an id", JOIN, &joins(group, ""), "CLASSIC")?;
    let id = first.member_id;
    let generation = let_in(side, "a classic one", group, &id)?;
    targeted(side, &one)?;
    seen(side, group)?;
    side.ask("by the classic one", SYNC, &sync(group, &id, generation, &[]))?;
    side.ask("of the classic one", BEAT, &heartbeat(group, &id, generation))?;
    rounds(side, "both", &mut [&mut one])?;
    side.ask("of the classic one, when it is its turn", BEAT, &heartbeat(group, &id, generation))?;
    let generation = let_in(side, "the classic one, again", group, &id)?;
    side.ask("by the classic one, again", SYNC, &sync(group, &id, generation, &[]))?;
    side.ask("of the classic one, at rest", BEAT, &heartbeat(group, &id, generation))?;
    seen(side, group)?;
    for (what, request) in [
        ("an older generation", heartbeat(group, &id, generation - 1)),
        ("a coming generation", heartbeat(group, &id, generation + 1)),
        ("a nobody", heartbeat(group, "nobody-at-all", generation)),
        ("a consumer as a classic one", heartbeat(group, &one.id, generation)),
    ] {
        side.ask(what, BEAT, &request)?;
    }
    one.leaves(side, "the consumer leaves", -1)?;
    seen(side, group)?;
    side.ask("of who is left", BEAT, &heartbeat(group, &id, generation))?;
    let generation = let_in(side, "who is left", group, &id)?;
    side.ask("by who is left", SYNC, &sync(group, &id, generation, &[(&id, "all")]))?;
    seen(side, group)?;
    side.ask("the last", 5, &leave(group, &[(&id, None)]))?;
    seen(side, group)
}

/// A consumer joins a classic group, which is one of consumers from then on.
fn consumer_comes(side: &mut Side) -> Result<()> {
    let group = "mixed-from-classic";
    let id = ask_join(side, "alone, without an id", JOIN, &joins(group, ""), "CLASSIC")?.member_id;
    let_in(side, "alone", group, &id)?;
    side.ask("alone", SYNC, &sync(group, &id, 1, &[(&id, &assignment()?)]))?;
    await_state(side, group, "Stable")?;
    seen(side, group)?;
    let mut one = Member::new(VERSION, group, "one");
    let request = one.joins(&["mixed"]);
    one.ask(side, "a consumer joins a classic group", &request)?;
    targeted(side, &one)?;
    seen(side, group)?;
    side.ask("of the classic one", BEAT, &heartbeat(group, &id, 1))?;
    let generation = let_in(side, "the classic one, again", group, &id)?;
    side.ask("by the classic one", SYNC, &sync(group, &id, generation, &[]))?;
    rounds(side, "beside the classic one", &mut [&mut one])?;
    seen(side, group)?;
    side.ask("the classic one leaves", 5, &leave(group, &[(&id, None)]))?;
    side.ask("after it left", BEAT, &heartbeat(group, &id, generation))?;
    one.leaves(side, "the last leaves", -1)?;
    seen(side, group)
}

/// Who cannot be in one group with the other kind.
fn refused(side: &mut Side) -> Result<()> {
    let group = "mixed-refused";
    let mut one = Member::new(VERSION, group, "one");
    let request = one.joins(&["mixed"]);
    one.ask(side, "the consumer joins", &request)?;
    rounds(side, "the consumer alone", &mut [&mut one])?;
    let odd =
        JoinGroupRequestProtocol { name: "range".to_owned(), metadata: b"\x00".to_vec().into() };
    for (what, request) in [
        (
            "a connect worker",
            JoinGroupRequest { protocol_type: "connect".to_owned(), ..joins(group, "") },
        ),
        ("no protocols", JoinGroupRequest { protocols: List::new(), ..joins(group, "") }),
        ("odd bytes", JoinGroupRequest { protocols: List::from([odd]), ..joins(group, "") }),
        ("a nobody", joins(group, "nobody-at-all")),
        ("the consumer itself", joins(group, &one.id)),
    ] {
        ask_join(side, &format!("{what}, to consumers"), JOIN, &request, "ODD")?;
    }
    one.leaves(side, "it leaves", -1)?;
    // A group of another type takes no consumer.
    let group = "mixed-connect";
    let connect = JoinGroupRequest { protocol_type: "connect".to_owned(), ..joins(group, "") };
    let first = ask_join(side, "a worker, without an id", JOIN, &connect, "WORKER")?;
    let again = JoinGroupRequest { member_id: first.member_id, ..connect };
    ask_join(side, "a worker", JOIN, &again, "WORKER")?;
    let mut late = Member::new(VERSION, group, "late");
    let request = late.joins(&["mixed"]);
    late.ask(side, "a consumer, to workers", &request)?;
    seen(side, group)
}
