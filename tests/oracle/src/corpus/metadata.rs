//! Metadata: all topics, some, none; by name and by id; created on first use.

use anyhow::Result;
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use super::{NOBODY, make, versions};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    let id = make(side, "seen", 3, &[])?;
    make(side, "seen.too", 1, &[])?;
    for version in versions::<MetadataRequest>() {
        listed(side, version)?;
        named(side, version)?;
        by_id(side, version, id)?;
        created(side, version)?;
    }
    Ok(())
}

/// A topic by its id or its name.
type Named<'a> = (Uuid, Option<&'a str>);

fn request(topics: Option<&[Named<'_>]>) -> MetadataRequest {
    let topic = |(topic_id, name): &(Uuid, Option<&str>)| MetadataRequestTopic {
        topic_id: *topic_id,
        name: name.map(str::to_owned),
    };
    MetadataRequest {
        topics: topics.map(|topics| topics.iter().map(topic).collect::<List<_>>()),
        allow_auto_topic_creation: false,
        ..Default::default()
    }
}

fn listed(side: &mut Side, version: i16) -> Result<()> {
    side.ask("all topics", version, &request(None))?;
    side.ask("an empty list", version, &request(Some(&[])))?;
    for topics in [None, Some(&[(Uuid::ZERO, Some("seen"))][..])] {
        let all = MetadataRequest {
            include_cluster_authorized_operations: true,
            include_topic_authorized_operations: true,
            ..request(topics)
        };
        side.ask(&format!("with operations, {}", topics.is_none()), version, &all)?;
    }
    Ok(())
}

fn named(side: &mut Side, version: i16) -> Result<()> {
    let names: &[&[&str]] = &[
        &["seen"],
        &["seen", "seen.too"],
        &["seen", "seen"],
        &["", "."],
        &[".."],
        &["a/b"],
        &["é"],
        &["seen", "a b"],
    ];
    for names in names {
        let topics: Vec<_> = names.iter().map(|name| (Uuid::ZERO, Some(*name))).collect();
        side.ask(&format!("by name {names:?}"), version, &request(Some(&topics)))?;
    }
    let long = "x".repeat(250);
    side.ask("a long name", version, &request(Some(&[(Uuid::ZERO, Some(&long))])))?;
    if version >= 4 {
        let unknown = request(Some(&[(Uuid::ZERO, Some("nobody"))]));
        side.ask("nobody's name", version, &unknown)?;
    }
    Ok(())
}

fn by_id(side: &mut Side, version: i16, id: Uuid) -> Result<()> {
    if version < 10 {
        return Ok(());
    }
    let cases: &[(&str, &[Named<'_>])] = &[
        ("by id", &[(id, None)]),
        ("by nobody's id", &[(NOBODY, None)]),
        ("by both ids", &[(id, None), (NOBODY, None)]),
        ("by one id twice", &[(id, None), (id, None)]),
        ("by id and name", &[(id, Some("seen"))]),
        ("by id, and another by name", &[(id, None), (Uuid::ZERO, Some("seen.too"))]),
        ("by nothing", &[(Uuid::ZERO, None)]),
        ("by nothing and a name", &[(Uuid::ZERO, None), (Uuid::ZERO, Some("seen"))]),
    ];
    for (what, topics) in cases {
        side.ask(what, version, &request(Some(topics)))?;
    }
    Ok(())
}

fn created(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("first-use-{version}");
    let create = MetadataRequest {
        allow_auto_topic_creation: true,
        ..request(Some(&[(Uuid::ZERO, Some(&name))]))
    };
    // Quietly: Kafka's first answer says that it is being created, one way or another.
    side.quietly(version, &create, &[])?;
    side.settle(&name)?;
    side.ask("created on first use", version, &create)?;
    Ok(())
}
