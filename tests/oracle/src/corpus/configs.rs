//! DescribeConfigs: every key of a topic and of the broker, with sources, synonyms and meaning.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};

use super::{make, versions};
use crate::side::Side;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

pub(super) fn play(side: &mut Side) -> Result<()> {
    make(side, "plain", 1, &[])?;
    let set = [("retention.ms", "1000"), ("cleanup.policy", "compact,delete")];
    make(side, "configured", 1, &set)?;
    for version in versions::<DescribeConfigsRequest>() {
        for (synonyms, meaning) in [(false, false), (true, false), (false, true)] {
            let flags = format!("synonyms {synonyms}, meaning {meaning}");
            for (kind, name) in [(TOPIC, "plain"), (TOPIC, "configured"), (BROKER, "0")] {
                let request = request(&[(kind, name, None)], synonyms, meaning);
                side.ask(&format!("{kind} {name}, {flags}"), version, &request)?;
            }
        }
        odd(side, version)?;
    }
    Ok(())
}

fn request(
    resources: &[(i8, &str, Option<&[&str]>)],
    include_synonyms: bool,
    include_documentation: bool,
) -> DescribeConfigsRequest {
    let one = |(resource_type, name, keys): &(i8, &str, Option<&[&str]>)| DescribeConfigsResource {
        resource_type: *resource_type,
        resource_name: (*name).to_owned(),
        configuration_keys: keys
            .map(|keys| keys.iter().map(|key| (*key).to_owned()).collect::<List<_>>()),
    };
    let resources = resources.iter().map(one).collect();
    DescribeConfigsRequest { resources, include_synonyms, include_documentation }
}

fn odd(side: &mut Side, version: i16) -> Result<()> {
    let keys = ["retention.ms", "no.such.key", "segment.bytes"];
    type Resource<'a> = (i8, &'a str, Option<&'a [&'a str]>);
    let cases: &[(&str, &[Resource<'_>])] = &[
        ("some keys", &[(TOPIC, "plain", Some(&keys))]),
        ("one unknown key", &[(TOPIC, "plain", Some(&keys[1..2]))]),
        ("no keys", &[(TOPIC, "configured", Some(&[]))]),
        ("two topics", &[(TOPIC, "plain", Some(&keys)), (TOPIC, "configured", Some(&keys))]),
        ("a topic twice", &[(TOPIC, "plain", Some(&keys)), (TOPIC, "plain", Some(&keys))]),
        ("nobody's topic", &[(TOPIC, "nobody", None)]),
        ("an odd topic", &[(TOPIC, "a b", None)]),
        ("the empty topic", &[(TOPIC, "", None)]),
        ("all brokers", &[(BROKER, "", None)]),
        ("another broker", &[(BROKER, "5", None)]),
        ("no broker", &[(BROKER, "zero", None)]),
        ("some keys of a broker", &[(BROKER, "0", Some(&["log.retention.ms", "node.id"]))]),
        ("an unknown type", &[(7, "x", None)]),
        ("no type", &[(0, "x", None)]),
        ("a user", &[(1, "x", None)]),
        ("none", &[]),
    ];
    for (what, resources) in cases {
        side.ask(what, version, &request(resources, true, false))?;
    }
    Ok(())
}
