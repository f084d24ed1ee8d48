//! JoinGroup, SyncGroup, Heartbeat, LeaveGroup: a group's whole life, version by version, and what
//! does not belong to it.

use anyhow::Result;
use net_wire::messages::delete_groups::DeleteGroupsRequest;
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::heartbeat::HeartbeatRequest;
use net_wire::messages::join_group::JoinGroupRequest;
use net_wire::messages::leave_group::LeaveGroupRequest;
use net_wire::messages::sync_group::SyncGroupRequest;
use net_wire::{List, Request};

use super::group::{
    ask_join, await_groups, await_state, heartbeat, join, leave, protocols, stable, subscription,
    sync,
};
use super::versions;
use crate::names::Own;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_groups(side)?;
    for version in versions::<JoinGroupRequest>() {
        refused(side, version)?;
        life(side, version)?;
        if version >= 5 {
            instances(side, version)?;
        }
    }
    for version in versions::<SyncGroupRequest>() {
        synced(side, version)?;
    }
    for version in versions::<HeartbeatRequest>() {
        alive(side, version)?;
    }
    for version in versions::<LeaveGroupRequest>() {
        left(side, version)?;
    }
    expired(side)
}

/// The version of another request that goes with this one of JoinGroup.
fn beside<R: Request>(version: i16) -> i16 {
    version.min(*versions::<R>().end())
}

fn describe(side: &mut Side, what: &str, group: &str) -> Result<()> {
    let groups = List::from([group.to_owned()]);
    let request = DescribeGroupsRequest { groups, ..Default::default() };
    side.ask(what, 5, &request)?;
    Ok(())
}

fn refused(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("refused-{version}");
    let good = join(&group, "");
    let long = |length: usize| "x".repeat(length);
    let cases = [
        ("no group", join("", "")),
        ("a nobody", join(&group, "nobody")),
        ("a long nobody", join(&group, &long(3000))),
        ("no session", JoinGroupRequest { session_timeout_ms: 0, ..good.clone() }),
        ("a negative session", JoinGroupRequest { session_timeout_ms: -1, ..good.clone() }),
        ("a short session", JoinGroupRequest { session_timeout_ms: 99, ..good.clone() }),
        ("a long session", JoinGroupRequest { session_timeout_ms: 1_800_001, ..good.clone() }),
        ("no protocols", JoinGroupRequest { protocols: List::new(), ..good.clone() }),
        ("no protocol type", JoinGroupRequest { protocol_type: String::new(), ..good.clone() }),
        (
            "no protocols of no type",
            JoinGroupRequest {
                protocol_type: String::new(),
                protocols: List::new(),
                ..good.clone()
            },
        ),
    ];
    for (what, request) in cases {
        side.ask(what, version, &request)?;
    }
    if version >= 5 {
        for instance in ["", ".", "..", "a b", "a/b", &long(250)] {
            let short = &instance[..instance.len().min(5)];
            // A group for each: who is let in would keep the next waiting.
            let group = format!("{group}-{}", short.replace('/', "-"));
            let group_instance_id = Some(instance.to_owned());
            let request = JoinGroupRequest { group_instance_id, ..join(&group, "") };
            ask_join(side, &format!("the instance {short}"), version, &request, "INSTANCE")?;
        }
        let static_nobody = JoinGroupRequest {
            group_instance_id: Some("one".to_owned()),
            ..join(&group, "nobody")
        };
        side.ask("an instance that is nobody", version, &static_nobody)?;
    }
    // Kafka keeps an empty group for a while when it refuses the first member: not looked at.
    side.quietly(2, &DeleteGroupsRequest { groups_names: List::from([group]) }, &[])?;
    Ok(())
}

fn life(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("life-{version}");
    let good = JoinGroupRequest {
        protocols: protocols(&["range", "roundrobin"]),
        reason: Some("first".to_owned()),
        ..join(&group, "")
    };
    let first = ask_join(side, "the first", version, &good, "FIRST")?;
    let id = first.member_id;
    let again = JoinGroupRequest { member_id: id.clone(), ..good.clone() };
    let joined = ask_join(side, "the first, again", version, &again, "FIRST")?;
    describe(side, "before it is synced", &group)?;
    let syncs = beside::<SyncGroupRequest>(version);
    let beats = beside::<HeartbeatRequest>(version);
    let generation = joined.generation_id;
    side.ask("before it is synced", beats, &heartbeat(&group, &id, generation))?;
    side.ask("by the first", syncs, &sync(&group, &id, generation, &[(&id, "all")]))?;
    describe(side, "of one", &group)?;
    let odd = [
        ("of another type", JoinGroupRequest { protocol_type: "connect".into(), ..good.clone() }),
        ("of other protocols", JoinGroupRequest { protocols: protocols(&["x"]), ..good.clone() }),
        ("no protocols", JoinGroupRequest { protocols: List::new(), ..good.clone() }),
        ("a nobody, to a full house", join(&group, "nobody")),
    ];
    for (what, request) in odd {
        side.ask(what, version, &request)?;
        let known = JoinGroupRequest { member_id: id.clone(), ..request };
        if !what.starts_with("a nobody") {
            side.ask(&format!("the first, {what}"), version, &known)?;
        }
    }
    let second = second(side, version, &good, &id)?;
    goes(side, version, &good, &id, &second)
}

/// A second member joins: the first is told, and comes again. Gives the second's id.
fn second(side: &mut Side, version: i16, good: &JoinGroupRequest, id: &str) -> Result<String> {
    let group = &*good.group_id;
    let syncs = beside::<SyncGroupRequest>(version);
    let beats = beside::<HeartbeatRequest>(version);
    // Only the second's second choice is known to both.
    let mut new = JoinGroupRequest { protocols: protocols(&["x", "roundrobin"]), ..good.clone() };
    if version >= 4 {
        new.member_id = ask_join(side, "the second", version, &new, "SECOND")?.member_id;
    }
    let begun = side.begin("the second joins", version, &new)?;
    await_state(side, group, "PreparingRebalance")?;
    side.ask("while another joins", beats, &heartbeat(group, id, 1))?;
    side.ask("while another joins", beats, &heartbeat(group, id, 0))?;
    side.ask("while another joins", syncs, &sync(group, id, 1, &[]))?;
    if version >= 4 {
        describe(side, "while another joins", group)?;
    }
    let again = JoinGroupRequest { member_id: id.to_owned(), ..good.clone() };
    let begun_again = side.begin("the first, as the second joins", version, &again)?;
    let named = format!("SECOND-OF-{group}");
    let other =
        side.end_naming(begun, |answer| vec![Own::Word(answer.member_id.clone(), named)])?;
    let answer = side.end(begun_again)?;
    let generation = answer.generation_id;
    let follows = SyncGroupRequest {
        protocol_name: Some("roundrobin".into()),
        ..sync(group, &other.member_id, generation, &[])
    };
    let following = side.begin("by the second", syncs, &follows)?;
    let assigned = [(id, "some"), (&*other.member_id, "others"), ("nobody", "none")];
    let leads = SyncGroupRequest {
        protocol_name: Some("roundrobin".into()),
        ..sync(group, id, generation, &assigned)
    };
    side.ask("by the first, of two", syncs, &leads)?;
    side.end(following)?;
    describe(side, "of two", group)?;
    Ok(other.member_id)
}

/// The members go, one after the other.
fn goes(
    side: &mut Side,
    version: i16,
    good: &JoinGroupRequest,
    id: &str,
    second: &str,
) -> Result<()> {
    let group = &*good.group_id;
    let leaves = beside::<LeaveGroupRequest>(version);
    let beats = beside::<HeartbeatRequest>(version);
    side.ask("the first of two", leaves, &leave(group, &[(id, None)]))?;
    side.ask("after it left", beats, &heartbeat(group, id, 2))?;
    side.ask("after the other left", beats, &heartbeat(group, second, 2))?;
    let again = JoinGroupRequest { member_id: second.to_owned(), ..good.clone() };
    ask_join(side, "the second, alone", version, &again, "SECOND")?;
    // As when its answer was lost.
    ask_join(side, "the second, alone, again", version, &again, "SECOND")?;
    describe(side, "of the second", group)?;
    side.ask("the last", leaves, &leave(group, &[(second, None)]))?;
    describe(side, "of nobody", group)?;
    let of_another_type = JoinGroupRequest {
        protocol_type: "connect".to_owned(),
        protocols: protocols(&["sessioned"]),
        ..join(group, "")
    };
    let other =
        ask_join(side, "of another type, when it is empty", version, &of_another_type, "3")?;
    describe(side, "of another type", group)?;
    side.quietly(0, &leave(group, &[(&other.member_id, None)]), &[])?;
    Ok(())
}

/// Static members: they come back under another id, and the one before is fenced.
fn instances(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("instances-{version}");
    let syncs = beside::<SyncGroupRequest>(version);
    let beats = beside::<HeartbeatRequest>(version);
    let good = JoinGroupRequest { group_instance_id: Some("one".to_owned()), ..join(&group, "") };
    let first = ask_join(side, "an instance", version, &good, "OLD")?;
    let instance = Some("one".to_owned());
    let own = sync(&group, &first.member_id, 1, &[(&first.member_id, "all")]);
    let own = SyncGroupRequest { group_instance_id: instance.clone(), ..own };
    side.ask("by an instance", syncs, &own)?;
    describe(side, "of an instance", &group)?;
    let back = ask_join(side, "an instance, again", version, &good, "NEW")?;
    describe(side, "of an instance that came again", &group)?;
    let changed = JoinGroupRequest { protocols: protocols(&["x"]), ..good.clone() };
    side.ask(
        "an instance under its old id",
        version,
        &JoinGroupRequest { member_id: first.member_id.clone(), ..good.clone() },
    )?;
    let beat = |id: &str, generation| HeartbeatRequest {
        group_instance_id: instance.clone(),
        ..heartbeat(&group, id, generation)
    };
    side.ask("of an instance", beats, &beat(&back.member_id, 1))?;
    side.ask("of an instance under its old id", beats, &beat(&first.member_id, 1))?;
    side.ask("of an instance without its name", beats, &heartbeat(&group, &back.member_id, 1))?;
    side.ask("of a nobody as an instance", beats, &beat("nobody", 1))?;
    let other = HeartbeatRequest {
        group_instance_id: Some("two".to_owned()),
        ..heartbeat(&group, &back.member_id, 1)
    };
    side.ask("of another instance", beats, &other)?;
    side.ask("by an instance under its old id", syncs, &own)?;
    let changed = ask_join(side, "an instance that changed", version, &changed, "CHANGED")?;
    describe(side, "of an instance that changed", &group)?;
    let leaves = beside::<LeaveGroupRequest>(version);
    let gone = [("", Some("two")), (&*first.member_id, Some("one")), ("nobody", None)];
    side.ask("instances that are not there", leaves, &leave(&group, &gone))?;
    side.ask("an instance", leaves, &leave(&group, &[("", Some("one"))]))?;
    side.ask("an instance, again", leaves, &leave(&group, &[("", Some("one"))]))?;
    side.ask("an instance that left", beats, &beat(&changed.member_id, 2))?;
    describe(side, "of no instance", &group)
}

fn synced(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("synced-{version}");
    let id = stable(side, &join(&group, ""), "MEMBER")?;
    let good = sync(&group, &id, 1, &[(&id, "other")]);
    let cases = [
        ("again", good.clone()),
        ("of an old generation", SyncGroupRequest { generation_id: 0, ..good.clone() }),
        ("of a coming generation", SyncGroupRequest { generation_id: 2, ..good.clone() }),
        ("of no generation", SyncGroupRequest { generation_id: -1, ..good.clone() }),
        ("of a nobody", sync(&group, "nobody", 1, &[])),
        ("of no member", sync(&group, "", 1, &[])),
        ("of no group", sync("", &id, 1, &[])),
        ("of nobody's group", sync("nobody", &id, 1, &[])),
        (
            "of another type",
            SyncGroupRequest { protocol_type: Some("connect".into()), ..good.clone() },
        ),
        (
            "of another protocol",
            SyncGroupRequest { protocol_name: Some("x".into()), ..good.clone() },
        ),
        ("of no type", SyncGroupRequest { protocol_type: None, ..good.clone() }),
        ("of no protocol", SyncGroupRequest { protocol_name: None, ..good.clone() }),
        (
            "of an instance",
            SyncGroupRequest { group_instance_id: Some("one".into()), ..good.clone() },
        ),
    ];
    for (what, request) in cases {
        side.ask(what, version, &request)?;
    }
    describe(side, &format!("synced by version {version}"), &group)
}

fn alive(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("alive-{version}");
    let id = stable(side, &join(&group, ""), "MEMBER")?;
    let good = heartbeat(&group, &id, 1);
    let cases = [
        ("good", good.clone()),
        ("of an old generation", heartbeat(&group, &id, 0)),
        ("of a coming generation", heartbeat(&group, &id, 2)),
        ("of no generation", heartbeat(&group, &id, -1)),
        ("of a nobody", heartbeat(&group, "nobody", 1)),
        ("of no member", heartbeat(&group, "", 1)),
        ("of no group", heartbeat("", &id, 1)),
        ("of nobody's group", heartbeat("nobody", &id, 1)),
        ("of an instance", HeartbeatRequest { group_instance_id: Some("one".into()), ..good }),
    ];
    for (what, request) in cases {
        side.ask(what, version, &request)?;
    }
    Ok(())
}

fn left(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("left-{version}");
    let id = stable(side, &join(&group, ""), "MEMBER")?;
    type Member<'a> = (&'a str, Option<&'a str>);
    let cases: &[(&str, &str, &[Member<'_>])] = &[
        ("a nobody", &group, &[("nobody", None)]),
        ("no member", &group, &[("", None)]),
        ("nobody at all", &group, &[]),
        ("of no group", "", &[(&id, None)]),
        ("of nobody's group", "nobody", &[(&id, None)]),
        ("an instance that nobody is", &group, &[(&id, Some("one"))]),
        ("it, and a nobody", &group, &[(&id, None), ("nobody", None), (&id, None)]),
        ("it, again", &group, &[(&id, None)]),
    ];
    for (what, group, members) in cases {
        side.ask(what, version, &leave(group, members))?;
    }
    describe(side, &format!("left by version {version}"), &group)
}

/// A member that is silent goes by itself.
fn expired(side: &mut Side) -> Result<()> {
    let group = "expired";
    let other = JoinGroupRequest {
        // Long enough to join in on a slow machine.
        session_timeout_ms: 3000,
        protocols: List::from([net_wire::messages::join_group::JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: subscription(&[]).into(),
        }]),
        ..join(group, "")
    };
    let id = stable(side, &other, "MEMBER")?;
    await_state(side, group, "Empty")?;
    describe(side, "of a member that went silent", group)?;
    side.ask("after silence", 4, &heartbeat(group, &id, 1))?;
    side.ask("after silence", 9, &JoinGroupRequest { member_id: id, ..other })?;
    Ok(())
}
