//! ListGroups, DescribeGroups, DeleteGroups: groups as an administrator sees them.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::delete_groups::DeleteGroupsRequest;
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::join_group::JoinGroupRequest;
use net_wire::messages::list_groups::ListGroupsRequest;
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use super::group::{await_groups, join, leave, protocols, stable};
use super::{make, produce_of, versions};
use crate::batches::RawBatch;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_groups(side)?;
    make(side, "administered", 1, &[])?;
    stable(side, &join("admin-stable", ""), "MEMBER")?;
    let second =
        JoinGroupRequest { group_instance_id: Some("one".into()), ..join("admin-static", "") };
    stable(side, &second, "MEMBER")?;
    let emptied = stable(side, &join("admin-empty", ""), "MEMBER")?;
    side.quietly(0, &leave("admin-empty", &[(&emptied, None)]), &[])?;
    committed(side, "admin-committed")?;
    let connect = JoinGroupRequest {
        protocol_type: "connect".to_owned(),
        protocols: protocols(&["sessioned"]),
        ..join("admin-connect", "")
    };
    super::group::ask_join(side, "a worker", 0, &connect, "WORKER")?;
    for version in versions::<ListGroupsRequest>() {
        listed(side, version)?;
    }
    for version in versions::<DescribeGroupsRequest>() {
        described(side, version)?;
    }
    for version in versions::<DeleteGroupsRequest>() {
        deleted(side, version)?;
    }
    internal_topic(side)
}

/// A group that has nothing but an offset.
fn committed(side: &mut Side, group: &str) -> Result<()> {
    let partition = OffsetCommitRequestPartition { committed_offset: 3, ..Default::default() };
    let topic = OffsetCommitRequestTopic {
        name: "administered".to_owned(),
        partitions: List::from([partition]),
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: group.to_owned(),
        generation_id_or_member_epoch: -1,
        topics: List::from([topic]),
        ..Default::default()
    };
    side.quietly(8, &request, &[])?;
    Ok(())
}

fn listed(side: &mut Side, version: i16) -> Result<()> {
    let request = |states: &[&str], types: &[&str]| ListGroupsRequest {
        states_filter: states.iter().map(|state| (*state).to_owned()).collect(),
        types_filter: types.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    side.ask("all", version, &request(&[], &[]))?;
    if version >= 4 {
        let states: &[&[&str]] = &[
            &["Stable"],
            &["stable"],
            &["STABLE", "x"],
            &["Empty"],
            &["Empty", "Stable"],
            &["CompletingRebalance"],
            &["completingrebalance"],
            &["Dead"],
            &["Assigning"],
            &["x"],
            &[""],
        ];
        for states in states {
            side.ask(&format!("in {states:?}"), version, &request(states, &[]))?;
        }
    }
    if version >= 5 {
        let types: &[&[&str]] =
            &[&["classic"], &["Classic"], &["consumer"], &["consumer", "classic"], &["x"], &[""]];
        for types in types {
            side.ask(&format!("of {types:?}"), version, &request(&[], types))?;
        }
        side.ask("stable classic ones", version, &request(&["Stable"], &["classic"]))?;
    }
    Ok(())
}

fn described(side: &mut Side, version: i16) -> Result<()> {
    let cases: &[&[&str]] = &[
        &["admin-stable"],
        &["admin-static", "admin-empty"],
        &["admin-committed"],
        &["admin-connect"],
        &["nobody"],
        &[""],
        &["admin-stable", "nobody", "admin-stable"],
        &["a b"],
        &[],
    ];
    for groups in cases {
        for include_authorized_operations in [false, true] {
            let request = DescribeGroupsRequest {
                groups: groups.iter().map(|group| (*group).to_owned()).collect(),
                include_authorized_operations,
            };
            let what = format!("{groups:?}, operations {include_authorized_operations}");
            side.ask(&what, version, &request)?;
        }
    }
    Ok(())
}

fn deleted(side: &mut Side, version: i16) -> Result<()> {
    let (one, two) = (format!("deleted-{version}"), format!("deleted-too-{version}"));
    committed(side, &one)?;
    committed(side, &two)?;
    let cases: &[(&str, &[&str])] = &[
        ("one with members", &["admin-stable"]),
        ("one", &[&one]),
        ("one again", &[&one]),
        ("one among others", &["nobody", &two, "admin-static", ""]),
        ("no name", &[""]),
        ("one twice", &["nobody", "nobody"]),
        ("none", &[]),
    ];
    for (what, groups) in cases {
        let request = DeleteGroupsRequest {
            groups_names: groups.iter().map(|group| (*group).to_owned()).collect(),
        };
        side.ask(what, version, &request)?;
    }
    Ok(())
}

/// The topic behind it, as anybody sees it.
fn internal_topic(side: &mut Side) -> Result<()> {
    const NAME: &str = "__consumer_offsets";
    let id = side.settle(NAME)?;
    let named = MetadataRequestTopic { name: Some(NAME.to_owned()), ..Default::default() };
    let topics = Some(List::from([named]));
    let request = MetadataRequest { topics, ..Default::default() };
    for version in [1, 12] {
        side.ask("the topic of offsets", version, &request)?;
    }
    let resource = DescribeConfigsResource {
        resource_type: 2,
        resource_name: NAME.to_owned(),
        configuration_keys: None,
    };
    let request = DescribeConfigsRequest {
        resources: List::from([resource]),
        include_synonyms: true,
        include_documentation: false,
    };
    side.ask("the topic of offsets", 4, &request)?;
    let batch = RawBatch::of(&["x"]).bytes();
    for version in [3, 13] {
        let request = produce_of(NAME, id, &[(0, batch.len())]);
        side.ask_with("the topic of offsets", version, &request, &[&batch])?;
    }
    Ok(())
}
