//! OffsetCommit, OffsetFetch, OffsetDelete: what a group keeps, for members and for nobody.

use anyhow::Result;
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::join_group::JoinGroupRequest;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use net_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use net_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};

use super::group::{await_groups, await_state, join, leave, protocols, stable};
use super::{NOBODY, make, versions};
use crate::names::Own;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_groups(side)?;
    let wanted = make(side, "wanted", 3, &[])?;
    let beside = make(side, "beside", 1, &[])?;
    let topics = [("wanted", wanted), ("beside", beside)];
    for version in versions::<OffsetCommitRequest>() {
        by_nobody(side, version, topics)?;
        by_a_member(side, version, topics[0])?;
    }
    for version in versions::<OffsetFetchRequest>() {
        fetched(side, version, topics)?;
    }
    deleted(side, topics)
}

/// A topic's name and id.
type Topic<'a> = (&'a str, Uuid);

fn partition(partition_index: i32, committed_offset: i64) -> OffsetCommitRequestPartition {
    OffsetCommitRequestPartition {
        partition_index,
        committed_offset,
        committed_leader_epoch: -1,
        committed_metadata: Some(format!("at {committed_offset}")),
    }
}

fn commit(
    group: &str,
    topics: &[(Topic<'_>, &[OffsetCommitRequestPartition])],
) -> OffsetCommitRequest {
    let one = |((name, topic_id), partitions): &(Topic<'_>, &[OffsetCommitRequestPartition])| {
        OffsetCommitRequestTopic {
            name: (*name).to_owned(),
            topic_id: *topic_id,
            partitions: partitions.iter().cloned().collect(),
        }
    };
    OffsetCommitRequest {
        group_id: group.to_owned(),
        generation_id_or_member_epoch: -1,
        member_id: String::new(),
        group_instance_id: None,
        retention_time_ms: -1,
        topics: topics.iter().map(one).collect(),
    }
}

/// What is asked of a group; no topics: all.
fn fetch(group: &str, topics: Option<&[(Topic<'_>, &[i32])]>) -> OffsetFetchRequest {
    let old = |((name, _), indexes): &(Topic<'_>, &[i32])| OffsetFetchRequestTopic {
        name: (*name).to_owned(),
        partition_indexes: indexes.iter().copied().collect(),
    };
    OffsetFetchRequest {
        group_id: group.to_owned(),
        topics: topics.map(|topics| topics.iter().map(old).collect()),
        groups: List::from([of_group(group, topics)]),
        require_stable: false,
    }
}

fn of_group(group: &str, topics: Option<&[(Topic<'_>, &[i32])]>) -> OffsetFetchRequestGroup {
    let one = |((name, topic_id), indexes): &(Topic<'_>, &[i32])| OffsetFetchRequestTopics {
        name: (*name).to_owned(),
        topic_id: *topic_id,
        partition_indexes: indexes.iter().copied().collect(),
    };
    OffsetFetchRequestGroup {
        group_id: group.to_owned(),
        topics: topics.map(|topics| topics.iter().map(one).collect()),
        ..Default::default()
    }
}

fn by_nobody(side: &mut Side, version: i16, topics: [Topic<'_>; 2]) -> Result<()> {
    let group = format!("commits-{version}");
    let [wanted, beside] = topics;
    let with = |metadata: Option<&str>| OffsetCommitRequestPartition {
        committed_metadata: metadata.map(str::to_owned),
        ..partition(2, 5)
    };
    let epoch = |committed_leader_epoch| OffsetCommitRequestPartition {
        committed_leader_epoch,
        ..partition(1, 6)
    };
    let nobody = ("nobody", NOBODY);
    type Asked<'a> = (Topic<'a>, &'a [OffsetCommitRequestPartition]);
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("a good one", &[(wanted, &[partition(0, 3)])]),
        (
            "of two topics",
            &[(wanted, &[partition(0, 4), partition(1, 5)]), (beside, &[partition(0, 1)])],
        ),
        ("backwards", &[(wanted, &[partition(0, 1)])]),
        ("offset 0", &[(wanted, &[partition(1, 0)])]),
        ("offset -1", &[(wanted, &[partition(1, -1)])]),
        ("offset -5", &[(wanted, &[partition(1, -5)])]),
        ("the last offset", &[(wanted, &[partition(1, i64::MAX)])]),
        ("no words", &[(wanted, &[with(None)])]),
        ("empty words", &[(wanted, &[with(Some(""))])]),
        ("as many words as may be", &[(wanted, &[with(Some(&"x".repeat(4096)))])]),
        ("too many words", &[(wanted, &[with(Some(&"x".repeat(4097))), partition(0, 9)])]),
        ("a leader epoch", &[(wanted, &[epoch(0)])]),
        ("a leader epoch to come", &[(wanted, &[epoch(7)])]),
        ("a negative leader epoch", &[(wanted, &[epoch(-2)])]),
        ("a partition twice", &[(wanted, &[partition(0, 7), partition(0, 8)])]),
        ("a topic twice", &[(wanted, &[partition(0, 9)]), (wanted, &[partition(1, 9)])]),
        ("no such partition", &[(wanted, &[partition(3, 1), partition(-1, 1), partition(0, 2)])]),
        ("nobody's topic", &[(nobody, &[partition(0, 1)]), (wanted, &[partition(0, 3)])]),
        ("no topic", &[(("", Uuid::ZERO), &[partition(0, 1)])]),
        ("no partitions", &[(wanted, &[])]),
        ("no partitions of nobody's topic", &[(nobody, &[]), (wanted, &[partition(0, 3)])]),
        ("none", &[]),
    ];
    for (what, topics) in cases {
        side.ask(what, version, &commit(&group, topics))?;
    }
    let good = commit(&group, &[(wanted, &[partition(0, 4)])]);
    for retention_time_ms in [0, 1000, -2] {
        let request = OffsetCommitRequest { retention_time_ms, ..good.clone() };
        side.ask(&format!("kept for {retention_time_ms} ms"), version, &request)?;
    }
    let odd = [
        ("no group", OffsetCommitRequest { group_id: String::new(), ..good.clone() }),
        ("a generation", OffsetCommitRequest { generation_id_or_member_epoch: 0, ..good.clone() }),
        ("a nobody", OffsetCommitRequest { member_id: "nobody".into(), ..good.clone() }),
        (
            "an instance",
            OffsetCommitRequest { group_instance_id: Some("one".into()), ..good.clone() },
        ),
        (
            "a member of a new group",
            OffsetCommitRequest {
                group_id: format!("new-{version}"),
                member_id: "nobody".into(),
                generation_id_or_member_epoch: 1,
                ..good
            },
        ),
    ];
    for (what, request) in odd {
        side.ask(what, version, &request)?;
    }
    side.ask(&format!("after version {version} of commits"), 9, &fetch(&group, None))?;
    side.ask(&format!("after version {version} of commits"), 9, &fetch("", None))?;
    Ok(())
}

fn by_a_member(side: &mut Side, version: i16, topic: Topic<'_>) -> Result<()> {
    let group = format!("members-{version}");
    let request = JoinGroupRequest { group_instance_id: Some("one".into()), ..join(&group, "") };
    let id = stable(side, &request, "MEMBER")?;
    let of = |member_id: &str, generation: i32, instance: Option<&str>| OffsetCommitRequest {
        generation_id_or_member_epoch: generation,
        member_id: member_id.to_owned(),
        group_instance_id: instance.map(str::to_owned),
        ..commit(&group, &[(topic, &[partition(0, i64::from(generation) + 10)])])
    };
    let cases = [
        ("of a member", of(&id, 1, None)),
        ("of an instance", of(&id, 1, Some("one"))),
        ("of another instance", of(&id, 1, Some("two"))),
        ("of an old generation", of(&id, 0, None)),
        ("of a coming generation", of(&id, 2, None)),
        ("of no generation", of(&id, -1, None)),
        ("of no member", of("", 1, None)),
        ("of a nobody", of("nobody", 1, None)),
        ("of a nobody as an instance", of("nobody", 1, Some("one"))),
        ("of neither", of("", -1, None)),
        ("of nobody's words", OffsetCommitRequest { topics: List::new(), ..of("nobody", 1, None) }),
    ];
    for (what, request) in &cases {
        side.ask(what, version, request)?;
    }
    side.ask(&format!("after version {version} of a member's commits"), 9, &fetch(&group, None))?;
    // Another joins: what was done may still be told.
    let second = JoinGroupRequest { group_instance_id: Some("two".into()), ..join(&group, "") };
    let second = side.begin("the second", 5, &second)?;
    await_state(side, &group, "PreparingRebalance")?;
    side.ask("while another joins", version, &of(&id, 1, None))?;
    let again = JoinGroupRequest { member_id: id.clone(), ..request };
    let again = side.begin("the first, as the second joins", 5, &again)?;
    let named = format!("SECOND-OF-{group}");
    let second =
        side.end_naming(second, |answer| vec![Own::Word(answer.member_id.clone(), named)])?;
    side.end(again)?;
    side.ask("before it is synced", version, &of(&id, 2, None))?;
    side.ask("before it is synced, of before", version, &of(&id, 1, None))?;
    let both = [("", Some("one")), (&*second.member_id, Some("two"))];
    side.quietly(3, &leave(&group, &both), &[])?;
    side.ask("of who left", version, &of(&id, 2, None))?;
    side.ask("of neither, when it is empty", version, &of("", -1, None))?;
    side.ask(&format!("after all, version {version}"), 9, &fetch(&group, None))?;
    Ok(())
}

fn fetched(side: &mut Side, version: i16, topics: [Topic<'_>; 2]) -> Result<()> {
    let group = format!("fetched-{version}");
    let [wanted, beside] = topics;
    let stored = [(wanted, &[partition(0, 3), partition(2, 4)][..]), (beside, &[partition(0, 5)])];
    side.quietly(9, &commit(&group, &stored), &[])?;
    let nobody = ("nobody", NOBODY);
    type Asked<'a> = (Topic<'a>, &'a [i32]);
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("one", &[(wanted, &[0])]),
        ("several", &[(wanted, &[0, 1, 2]), (beside, &[0])]),
        ("a partition twice", &[(wanted, &[0, 0])]),
        ("a topic twice", &[(wanted, &[0]), (wanted, &[2])]),
        ("no such partition", &[(wanted, &[3, -1])]),
        ("nobody's topic", &[(nobody, &[0]), (wanted, &[0])]),
        ("no topic", &[(("", Uuid::ZERO), &[0])]),
        ("no partitions", &[(wanted, &[])]),
        ("none", &[]),
    ];
    for (what, topics) in cases {
        let request = fetch(&group, Some(topics));
        side.ask(what, version, &request)?;
        if version >= 7 {
            let stable = OffsetFetchRequest { require_stable: true, ..request };
            side.ask(&format!("{what}, stable"), version, &stable)?;
        }
    }
    let of_nobody = format!("nobody-{version}");
    side.ask("nobody's group", version, &fetch(&of_nobody, Some(cases[1].1)))?;
    side.ask("no group", version, &fetch("", Some(cases[1].1)))?;
    if version >= 2 {
        for group in [&*group, &*of_nobody, ""] {
            side.ask(&format!("all of {group:?}"), version, &fetch(group, None))?;
        }
    }
    if version >= 8 {
        several(side, version, &group, wanted)?;
    }
    Ok(())
}

fn several(side: &mut Side, version: i16, group: &str, topic: Topic<'_>) -> Result<()> {
    let of = |groups: Vec<OffsetFetchRequestGroup>| OffsetFetchRequest {
        groups: List::from(groups),
        ..Default::default()
    };
    let one = of_group(group, Some(&[(topic, &[0, 1])]));
    let all = of_group(group, None);
    side.ask("two groups", version, &of(vec![one.clone(), of_group("nobody", None)]))?;
    side.ask("a group twice", version, &of(vec![one.clone(), all.clone()]))?;
    side.ask(
        "two groups, one without a name",
        version,
        &of(vec![one.clone(), of_group("", None)]),
    )?;
    side.ask("no groups", version, &of(Vec::new()))?;
    let members: [(Option<&str>, i32); 5] =
        [(Some("nobody"), 0), (Some("nobody"), -1), (None, 0), (Some(""), -1), (Some(""), 5)];
    for (member_id, member_epoch) in members {
        let what = format!("as {member_id:?} of epoch {member_epoch}");
        let member_id = member_id.map(str::to_owned);
        for (kind, asked) in [("some", &one), ("all", &all)] {
            let member_id = member_id.clone();
            let asked = OffsetFetchRequestGroup { member_id, member_epoch, ..asked.clone() };
            side.ask(&format!("{kind} {what}"), version, &of(vec![asked]))?;
        }
    }
    Ok(())
}

fn delete(group: &str, topics: &[(&str, &[i32])]) -> OffsetDeleteRequest {
    let partition = |index: &i32| OffsetDeleteRequestPartition { partition_index: *index };
    let one = |(name, indexes): &(&str, &[i32])| OffsetDeleteRequestTopic {
        name: (*name).to_owned(),
        partitions: indexes.iter().map(partition).collect(),
    };
    OffsetDeleteRequest { group_id: group.to_owned(), topics: topics.iter().map(one).collect() }
}

fn deleted(side: &mut Side, topics: [Topic<'_>; 2]) -> Result<()> {
    let group = "deletes";
    let [wanted, beside] = topics;
    let stored = [(wanted, &[partition(0, 3), partition(2, 4)][..]), (beside, &[partition(0, 5)])];
    side.quietly(9, &commit(group, &stored), &[])?;
    type Asked<'a> = (&'a str, &'a [i32]);
    let cases: &[(&str, &str, &[Asked<'_>])] = &[
        ("of no group", "", &[("wanted", &[0])]),
        ("of nobody's group", "nobody", &[("wanted", &[0])]),
        ("nobody's topic", group, &[("nobody", &[0])]),
        ("no topic", group, &[("", &[0])]),
        ("no such partition", group, &[("wanted", &[7, -1])]),
        ("one that is not there", group, &[("wanted", &[1])]),
        ("one", group, &[("wanted", &[0])]),
        ("one again", group, &[("wanted", &[0])]),
        ("a partition twice", group, &[("wanted", &[2, 2])]),
        ("no partitions", group, &[("wanted", &[])]),
        ("no partitions of nobody's topic", group, &[("nobody", &[])]),
        ("none", group, &[]),
    ];
    for (what, group, topics) in cases {
        side.ask(what, 0, &delete(group, topics))?;
    }
    side.ask("after deletions", 9, &fetch(group, None))?;
    let id = stable(side, &join(group, ""), "MEMBER")?;
    let both: [(&str, &[i32]); 2] = [("wanted", &[0]), ("beside", &[0])];
    side.ask("a topic that is subscribed, and one that is not", 0, &delete(group, &both))?;
    side.ask("after deletions beside a member", 9, &fetch(group, None))?;
    side.quietly(0, &leave(group, &[(&id, None)]), &[])?;
    let connect = JoinGroupRequest {
        protocol_type: "connect".to_owned(),
        protocols: protocols(&["sessioned"]),
        ..join("connected", "")
    };
    let id = super::group::ask_join(side, "a worker", 0, &connect, "WORKER")?.member_id;
    side.ask("of a group that consumes nothing", 0, &delete("connected", &both))?;
    side.quietly(0, &leave("connected", &[(&id, None)]), &[])?;
    side.ask("of an empty group that consumes nothing", 0, &delete("connected", &both))?;
    Ok(())
}
