//! IncrementalAlterConfigs, AlterConfigs, ListConfigResources: what is set, taken away, refused,
//! told afterwards.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource as WholeResource, AlterableConfig as WholeConfig,
};
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use net_wire::messages::list_config_resources::ListConfigResourcesRequest;

use super::{make, versions};
use crate::side::Side;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGER: i8 = 8;
const METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<IncrementalAlterConfigsRequest>() {
        one_by_one(side, version)?;
        of_others(side, version)?;
    }
    for version in versions::<AlterConfigsRequest>() {
        whole(side, version)?;
    }
    for version in versions::<ListConfigResourcesRequest>() {
        listed(side, version)?;
    }
    cleared(side)
}

/// What a key becomes.
type Change<'a> = (&'a str, i8, Option<&'a str>);
/// A resource and its changes.
type Asked<'a> = (i8, &'a str, &'a [Change<'a>]);

fn request(resources: &[Asked<'_>], validate_only: bool) -> IncrementalAlterConfigsRequest {
    let change = |(name, config_operation, value): &Change<'_>| AlterableConfig {
        name: (*name).to_owned(),
        config_operation: *config_operation,
        value: value.map(str::to_owned),
    };
    let one = |(resource_type, name, changes): &Asked<'_>| AlterConfigsResource {
        resource_type: *resource_type,
        resource_name: (*name).to_owned(),
        configs: changes.iter().map(change).collect(),
    };
    let resources = resources.iter().map(one).collect();
    IncrementalAlterConfigsRequest { resources, validate_only }
}

/// Asks for the keys, and who set them.
fn seen(side: &mut Side, what: &str, resource_type: i8, name: &str, keys: &[&str]) -> Result<()> {
    let resource = DescribeConfigsResource {
        resource_type,
        resource_name: name.to_owned(),
        configuration_keys: Some(keys.iter().map(|key| (*key).to_owned()).collect()),
    };
    let request = DescribeConfigsRequest {
        resources: List::from([resource]),
        include_synonyms: true,
        include_documentation: false,
    };
    side.ask(what, 4, &request)?;
    Ok(())
}

fn one_by_one(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("altered-{version}");
    let set = [("retention.ms", "1000"), ("cleanup.policy", "delete")];
    make(side, &name, 1, &set)?;
    let cases: &[(&str, &[Change<'_>])] = &[
        ("set", &[("retention.ms", SET, Some("2000"))]),
        ("set to what it is", &[("retention.ms", SET, Some("2000"))]),
        ("set with spaces", &[("retention.bytes", SET, Some(" 7 "))]),
        ("set two", &[("segment.bytes", SET, Some("1048576")), ("flush.ms", SET, Some("5"))]),
        ("append", &[("cleanup.policy", APPEND, Some("compact"))]),
        ("append what is there", &[("cleanup.policy", APPEND, Some("compact"))]),
        ("subtract", &[("cleanup.policy", SUBTRACT, Some("delete"))]),
        ("subtract what is not there", &[("cleanup.policy", SUBTRACT, Some("delete"))]),
        ("append two", &[("cleanup.policy", APPEND, Some("delete,compact"))]),
        ("subtract the last", &[("cleanup.policy", SUBTRACT, Some("delete,compact"))]),
        ("append to a number", &[("retention.ms", APPEND, Some("1"))]),
        ("append an unknown word", &[("cleanup.policy", APPEND, Some("keep"))]),
        ("delete", &[("retention.ms", DELETE, None)]),
        ("delete what is not there", &[("retention.ms", DELETE, None)]),
        ("delete with a value", &[("flush.ms", DELETE, Some("5"))]),
        ("set to null", &[("retention.ms", SET, None)]),
        ("append null", &[("cleanup.policy", APPEND, None)]),
        ("an unknown operation", &[("retention.ms", 4, Some("1"))]),
        ("a negative operation", &[("retention.ms", -1, Some("1"))]),
        ("an unknown key", &[("no.such.key", SET, Some("1"))]),
        ("delete an unknown key", &[("no.such.key", DELETE, None)]),
        ("no key", &[("", SET, Some("1"))]),
        ("a bad number", &[("retention.ms", SET, Some("soon"))]),
        ("out of range", &[("retention.ms", SET, Some("-2"))]),
        (
            "a good one and a bad one",
            &[("flush.ms", SET, Some("9")), ("retention.ms", SET, Some("-2"))],
        ),
        ("a key twice", &[("flush.ms", SET, Some("6")), ("flush.ms", SET, Some("7"))]),
        ("set and deleted", &[("flush.ms", SET, Some("6")), ("flush.ms", DELETE, None)]),
        ("none", &[]),
    ];
    let keys = ["retention.ms", "retention.bytes", "segment.bytes", "flush.ms", "cleanup.policy"];
    for (what, changes) in cases {
        let only = request(&[(TOPIC, &name, changes)], true);
        side.ask(&format!("{what}, validated only"), version, &only)?;
        let done = side.ask(what, version, &request(&[(TOPIC, &name, changes)], false))?;
        if done.is_some_and(|done| done.responses[0].error_code == 0) {
            side.agree()?;
        }
        seen(side, &format!("after {what}"), TOPIC, &name, &keys)?;
    }
    Ok(())
}

fn of_others(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("altered-{version}");
    let flush: &[Change<'_>] = &[("flush.ms", SET, Some("8"))];
    let retention: &[Change<'_>] = &[("log.retention.ms", SET, Some("100000"))];
    let session: &[Change<'_>] = &[("consumer.session.timeout.ms", SET, Some("50000"))];
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("two, and nobody's", &[(TOPIC, &name, flush), (TOPIC, "nobody", flush)]),
        ("a resource twice", &[(TOPIC, &name, flush), (TOPIC, &name, flush)]),
        ("an odd topic", &[(TOPIC, "a b", flush)]),
        ("no topic", &[(TOPIC, "", flush)]),
        ("a broker", &[(BROKER, "0", retention)]),
        ("all brokers", &[(BROKER, "", &[("log.retention.ms", SET, Some("200000"))])]),
        ("another broker", &[(BROKER, "5", retention)]),
        ("no broker", &[(BROKER, "zero", retention)]),
        ("a read-only key", &[(BROKER, "0", &[("node.id", SET, Some("1"))])]),
        ("a read-only key of all", &[(BROKER, "", &[("broker.rack", SET, Some("r"))])]),
        ("a bad number of a broker", &[(BROKER, "0", &[("log.retention.ms", SET, Some("x"))])]),
        ("an unknown key of a broker", &[(BROKER, "", &[("no.such.key", SET, Some("1"))])]),
        ("a group", &[(GROUP, "altered", session)]),
        ("no group", &[(GROUP, "", session)]),
        (
            "out of a group's range",
            &[(GROUP, "altered", &[("consumer.session.timeout.ms", SET, Some("1"))])],
        ),
        ("an unknown key of a group", &[(GROUP, "altered", &[("no.such.key", SET, Some("1"))])]),
        ("metrics", &[(METRICS, "seen", &[("interval.ms", SET, Some("60000"))])]),
        ("metrics too often", &[(METRICS, "seen", &[("interval.ms", SET, Some("1"))])]),
        ("no metrics", &[(METRICS, "", &[("interval.ms", SET, Some("60000"))])]),
        ("a logger's level", &[(LOGGER, "0", &[("kafka", SET, Some("LOUD"))])]),
        ("an unknown type", &[(7, "x", flush)]),
        ("no type", &[(0, "x", flush)]),
        ("none", &[]),
    ];
    for (what, resources) in cases {
        side.ask(what, version, &request(resources, true))?;
        side.ask(what, version, &request(resources, false))?;
    }
    side.agree()?;
    let key = ["log.retention.ms"];
    seen(side, "after its own were set", BROKER, "0", &key)?;
    seen(side, "after those of all were set", BROKER, "", &key)?;
    seen(side, "after the broker's were set", TOPIC, &name, &["retention.ms", "flush.ms"])?;
    seen(side, "after a group's were set", GROUP, "altered", &["consumer.session.timeout.ms"])?;
    seen(side, "after metrics were set", METRICS, "seen", &["interval.ms"])
}

fn whole(side: &mut Side, version: i16) -> Result<()> {
    let name = format!("replaced-{version}");
    make(side, &name, 1, &[("retention.ms", "1000"), ("flush.ms", "5")])?;
    type Whole<'a> = (i8, &'a str, &'a [(&'a str, Option<&'a str>)]);
    let request = |(resource_type, name, configs): &Whole<'_>, validate_only| AlterConfigsRequest {
        resources: List::from([WholeResource {
            resource_type: *resource_type,
            resource_name: (*name).to_owned(),
            configs: configs
                .iter()
                .map(|(name, value)| WholeConfig {
                    name: (*name).to_owned(),
                    value: value.map(str::to_owned),
                })
                .collect(),
        }]),
        validate_only,
    };
    let cases: &[(&str, Whole<'_>)] = &[
        ("replace", (TOPIC, &name, &[("retention.ms", Some("3000"))])),
        ("replace by null", (TOPIC, &name, &[("retention.ms", None)])),
        ("replace by an unknown key", (TOPIC, &name, &[("no.such.key", Some("1"))])),
        ("replace by a bad value", (TOPIC, &name, &[("flush.ms", Some("-1"))])),
        ("replace by nothing", (TOPIC, &name, &[])),
        ("nobody's", (TOPIC, "nobody", &[("flush.ms", Some("1"))])),
        ("another broker's", (BROKER, "5", &[("log.retention.ms", Some("1"))])),
        ("a read-only key", (BROKER, "0", &[("node.id", Some("1"))])),
        ("an unknown type", (7, "x", &[])),
    ];
    for (what, whole) in cases {
        side.ask(&format!("{what}, validated only"), version, &request(whole, true))?;
        let done = side.ask(what, version, &request(whole, false))?;
        if done.is_some_and(|done| done.responses[0].error_code == 0) {
            side.agree()?;
        }
        seen(side, &format!("after {what}"), TOPIC, &name, &["retention.ms", "flush.ms"])?;
    }
    let none = AlterConfigsRequest { resources: List::new(), validate_only: false };
    side.ask("none", version, &none)?;
    Ok(())
}

fn listed(side: &mut Side, version: i16) -> Result<()> {
    let types: &[&[i8]] = match version {
        0 => &[&[]],
        _ => &[&[], &[METRICS], &[GROUP], &[BROKER], &[LOGGER], &[GROUP, METRICS], &[7], &[0]],
    };
    for types in types {
        let request =
            ListConfigResourcesRequest { resource_types: types.iter().copied().collect() };
        side.ask(&format!("of {types:?}"), version, &request)?;
    }
    Ok(())
}

/// What holds for all is taken away again, so that the rest of the corpus does not depend on it.
fn cleared(side: &mut Side) -> Result<()> {
    let retention: &[Change<'_>] = &[("log.retention.ms", DELETE, None)];
    for name in ["0", ""] {
        side.ask("cleared", 1, &request(&[(BROKER, name, retention)], false))?;
        side.agree()?;
        seen(side, "after it was cleared", BROKER, name, &["log.retention.ms"])?;
    }
    let interval: &[Change<'_>] = &[("interval.ms", DELETE, None)];
    side.ask("cleared", 1, &request(&[(METRICS, "seen", interval)], false))?;
    let session: &[Change<'_>] = &[("consumer.session.timeout.ms", DELETE, None)];
    side.ask("cleared", 1, &request(&[(GROUP, "altered", session)], false))?;
    side.agree()
}
