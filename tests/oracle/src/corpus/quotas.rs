//! DescribeClientQuotas, AlterClientQuotas: of users, clients and addresses, and their defaults.

use anyhow::Result;
use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, OpData, RequestEntityData, RequestEntryData,
};
use net_wire::messages::describe_client_quotas::{ComponentData, DescribeClientQuotasRequest};

use super::versions;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<AlterClientQuotasRequest>() {
        altered(side, version)?;
        side.agree()?;
        described(side, version)?;
        taken_away(side, version)?;
    }
    Ok(())
}

/// Kinds and names of an entity; no name: the default.
type Entity<'a> = &'a [(&'a str, Option<&'a str>)];
/// An entity, and the keys that are set, or taken away where there is no value.
type Change<'a> = (Entity<'a>, &'a [(&'a str, Option<f64>)]);

fn alter(changes: &[Change<'_>], validate_only: bool) -> AlterClientQuotasRequest {
    let part = |(kind, name): &(&str, Option<&str>)| RequestEntityData {
        entity_type: (*kind).to_owned(),
        entity_name: name.map(str::to_owned),
    };
    let op = |(key, value): &(&str, Option<f64>)| OpData {
        key: (*key).to_owned(),
        value: value.unwrap_or_default(),
        remove: value.is_none(),
    };
    let entry = |(entity, ops): &Change<'_>| RequestEntryData {
        entity: entity.iter().map(part).collect(),
        ops: ops.iter().map(op).collect(),
    };
    AlterClientQuotasRequest { entries: changes.iter().map(entry).collect(), validate_only }
}

/// Rates so high that they bind nobody here.
const RATE: f64 = 1e9;

fn altered(side: &mut Side, version: i16) -> Result<()> {
    let produce = &[("producer_byte_rate", Some(RATE))];
    let ann: Entity<'_> = &[("user", Some("ann"))];
    let cases: &[(&str, &[Change<'_>])] = &[
        ("a user", &[(ann, produce)]),
        ("a user again", &[(ann, &[("producer_byte_rate", Some(RATE + 0.5))])]),
        ("a client", &[(&[("client-id", Some("app"))], &[("consumer_byte_rate", Some(RATE))])]),
        ("a user's client", &[(&[("client-id", Some("app")), ("user", Some("ann"))], produce)]),
        ("any user", &[(&[("user", None)], &[("request_percentage", Some(5000.0))])]),
        ("any client", &[(&[("client-id", None)], &[("controller_mutation_rate", Some(RATE))])]),
        ("any user's client", &[(&[("user", None), ("client-id", Some("app"))], produce)]),
        (
            "an address",
            &[(&[("ip", Some("127.0.0.9"))], &[("connection_creation_rate", Some(1e6))])],
        ),
        ("any address", &[(&[("ip", None)], &[("connection_creation_rate", Some(1e6))])]),
        ("two", &[(ann, produce), (&[("user", Some("bob"))], produce)]),
        ("one twice", &[(ann, produce), (ann, &[("consumer_byte_rate", Some(RATE))])]),
        (
            "a key twice",
            &[(ann, &[("request_percentage", Some(1e4)), ("request_percentage", None)])],
        ),
        ("taken away", &[(&[("user", Some("bob"))], &[("producer_byte_rate", None)])]),
        ("taken away again", &[(&[("user", Some("bob"))], &[("producer_byte_rate", None)])]),
        ("no keys", &[(ann, &[])]),
        ("an unknown key", &[(ann, &[("no_such_rate", Some(1.0))])]),
        ("an unknown key taken away", &[(ann, &[("no_such_rate", None)])]),
        ("another kind's key", &[(ann, &[("connection_creation_rate", Some(1.0))])]),
        ("a user's key of an address", &[(&[("ip", Some("127.0.0.9"))], produce)]),
        ("zero", &[(ann, &[("producer_byte_rate", Some(0.0))])]),
        ("negative", &[(ann, &[("producer_byte_rate", Some(-1.0))])]),
        ("a part of a byte", &[(ann, &[("producer_byte_rate", Some(1000.5))])]),
        ("an unknown kind", &[(&[("group", Some("x"))], produce)]),
        ("no kind", &[(&[("", Some("x"))], produce)]),
        ("no entity", &[(&[], produce)]),
        ("no name", &[(&[("user", Some(""))], produce)]),
        ("a kind twice", &[(&[("user", Some("x")), ("user", Some("y"))], produce)]),
        ("a user's address", &[(&[("user", Some("x")), ("ip", Some("127.0.0.9"))], produce)]),
        (
            "no address",
            &[(&[("ip", Some("not an address"))], &[("connection_creation_rate", Some(9.0))])],
        ),
        ("a good one and a bad one", &[(ann, produce), (&[("group", Some("x"))], produce)]),
        ("none", &[]),
    ];
    for (what, changes) in cases {
        side.ask(&format!("{what}, validated only"), version, &alter(changes, true))?;
        side.ask(what, version, &alter(changes, false))?;
    }
    Ok(())
}

fn described(side: &mut Side, version: i16) -> Result<()> {
    const EXACT: i8 = 0;
    const DEFAULT: i8 = 1;
    const ANY: i8 = 2;
    type Part<'a> = (&'a str, i8, Option<&'a str>);
    let cases: &[(&str, &[Part<'_>])] = &[
        ("all", &[]),
        ("a user", &[("user", EXACT, Some("ann"))]),
        ("any named user", &[("user", ANY, None)]),
        ("the default user", &[("user", DEFAULT, None)]),
        ("a user's client", &[("user", EXACT, Some("ann")), ("client-id", EXACT, Some("app"))]),
        ("clients of users", &[("user", ANY, None), ("client-id", ANY, None)]),
        ("a client", &[("client-id", EXACT, Some("app"))]),
        ("addresses", &[("ip", ANY, None)]),
        ("the default address", &[("ip", DEFAULT, None)]),
        ("nobody", &[("user", EXACT, Some("nobody"))]),
        ("a user without a name", &[("user", EXACT, None)]),
        ("the default with a name", &[("user", DEFAULT, Some("ann"))]),
        ("any with a name", &[("user", ANY, Some("ann"))]),
        ("an unknown match", &[("user", 3, None)]),
        ("an unknown kind", &[("group", EXACT, Some("x"))]),
        ("no kind", &[("", EXACT, Some("x"))]),
        ("a kind twice", &[("user", EXACT, Some("ann")), ("user", ANY, None)]),
        ("a user's address", &[("user", ANY, None), ("ip", ANY, None)]),
    ];
    for (what, parts) in cases {
        for strict in [false, true] {
            let part = |(kind, match_type, name): &Part<'_>| ComponentData {
                entity_type: (*kind).to_owned(),
                match_type: *match_type,
                r#match: name.map(str::to_owned),
            };
            let components = parts.iter().map(part).collect();
            let request = DescribeClientQuotasRequest { components, strict };
            side.ask(&format!("{what}, strict {strict}"), version, &request)?;
        }
    }
    Ok(())
}

fn taken_away(side: &mut Side, version: i16) -> Result<()> {
    let keys = [
        "producer_byte_rate",
        "consumer_byte_rate",
        "request_percentage",
        "controller_mutation_rate",
    ];
    let none: Vec<(&str, Option<f64>)> = keys.iter().map(|key| (*key, None)).collect();
    let address = &[("connection_creation_rate", None)];
    let changes: &[Change<'_>] = &[
        (&[("user", Some("ann"))], &none),
        (&[("client-id", Some("app"))], &none),
        (&[("client-id", Some("app")), ("user", Some("ann"))], &none),
        (&[("user", None)], &none),
        (&[("client-id", None)], &none),
        (&[("user", None), ("client-id", Some("app"))], &none),
        (&[("ip", Some("127.0.0.9"))], address),
        (&[("ip", None)], address),
    ];
    side.ask("all taken away", version, &alter(changes, false))?;
    side.agree()?;
    let all = DescribeClientQuotasRequest::default();
    side.ask("all, when they were taken away", version, &all)?;
    Ok(())
}
