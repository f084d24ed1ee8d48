//! Configs are changed over the wire: what is answered, what holds then, also after a restart.
//! Codes, words, sources and synonyms are those of a Kafka 4.3.1 node.

use net_wire::List;
use net_wire::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource as LegacyResource, AlterableConfig as LegacyConfig,
};
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use net_wire::messages::list_config_resources::ListConfigResourcesRequest;

use crate::scene::{Scene, batch, play, produce_request};

pub(crate) const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;

pub(crate) const SET: i8 = 0;
pub(crate) const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

type Change<'c> = (&'c str, i8, Option<&'c str>);

fn resource(kind: i8, name: &str, changes: &[Change<'_>]) -> AlterConfigsResource {
    let config = |(name, operation, value): &Change<'_>| AlterableConfig {
        name: (*name).to_owned(),
        config_operation: *operation,
        value: value.map(str::to_owned),
    };
    AlterConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configs: changes.iter().map(config).collect(),
    }
}

type Said = Vec<(i16, Option<String>)>;

async fn alter_all(scene: &Scene, resources: Vec<AlterConfigsResource>, dry: bool) -> Said {
    let mut said = Said::new();
    // A change that was made is made again without harm: each version says the same.
    for version in if dry { 0..=1 } else { 1..=1 } {
        let resources: List<_> = resources.iter().cloned().collect();
        let request = IncrementalAlterConfigsRequest { resources, validate_only: dry };
        let answer = scene.peer().await.ask(&request, version).await;
        said = answer.responses.into_iter().map(|r| (r.error_code, r.error_message)).collect();
    }
    said
}

pub(crate) async fn alter(
    scene: &Scene,
    kind: i8,
    name: &str,
    changes: &[Change<'_>],
) -> (i16, String) {
    let mut said = alter_all(scene, vec![resource(kind, name, changes)], false).await;
    let (code, words) = said.pop().expect("one answer");
    (code, words.unwrap_or_default())
}

type Row = (String, Option<String>, i8, Vec<(String, Option<String>, i8)>);

async fn described(scene: &Scene, kind: i8, name: &str, keys: &[&str]) -> Vec<Row> {
    let request = DescribeConfigsRequest {
        resources: List::from([DescribeConfigsResource {
            resource_type: kind,
            resource_name: name.to_owned(),
            configuration_keys: Some(keys.iter().map(|key| (*key).to_owned()).collect()),
        }]),
        include_synonyms: true,
        include_documentation: false,
    };
    let answer = scene.peer().await.ask(&request, 4).await.results[0].clone();
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let row = |config: net_wire::messages::describe_configs::DescribeConfigsResourceResult| {
        let synonyms = config.synonyms.into_iter().map(|s| (s.name, s.value, s.source));
        (config.name, config.value, config.config_source, synonyms.collect())
    };
    answer.configs.into_iter().map(row).collect()
}

fn row(name: &str, value: &str, source: i8, synonyms: &[(&str, &str, i8)]) -> Row {
    let synonym = |(name, value, source): &(&str, &str, i8)| {
        ((*name).to_owned(), Some((*value).to_owned()), *source)
    };
    (name.to_owned(), Some(value.to_owned()), source, synonyms.iter().map(synonym).collect())
}

async fn value(scene: &Scene, kind: i8, name: &str, key: &str) -> Option<String> {
    described(scene, kind, name, &[key]).await.pop().and_then(|row| row.1)
}

pub(crate) fn done() -> (i16, String) {
    (0, String::new())
}

#[test]
fn values_are_set_deleted_appended_and_subtracted() {
    play(1, |scene| async move {
        scene.create("t", 1, &[]).await;
        let policy = async |operation, text| {
            let said = alter(&scene, TOPIC, "t", &[("cleanup.policy", operation, text)]).await;
            (said.0, value(&scene, TOPIC, "t", "cleanup.policy").await.unwrap_or_default())
        };
        assert_eq!(policy(APPEND, Some("compact")).await, (0, "delete,compact".into()));
        assert_eq!(policy(APPEND, Some("compact,delete")).await, (0, "delete,compact".into()));
        assert_eq!(policy(SUBTRACT, Some("delete")).await, (0, "compact".into()));
        assert_eq!(policy(APPEND, Some("bogus")).await, (40, "compact".into()));
        assert_eq!(policy(SUBTRACT, Some("compact")).await, (0, String::new()));
        assert_eq!(policy(SET, Some("compact, delete")).await, (0, "compact,delete".into()));
        assert_eq!(policy(DELETE, Some("ignored")).await, (0, "delete".into()));
        let told = described(&scene, TOPIC, "t", &["cleanup.policy"]).await;
        let default = [("log.cleanup.policy", "delete", 5)];
        assert_eq!(told, [row("cleanup.policy", "delete", 5, &default)]);
    });
}

/// Whose configs, the changes, and what is said of them.
type Case<'c> = (i8, &'c str, &'c [Change<'c>], i16, &'c str);

async fn refused(scene: &Scene, cases: &[Case<'_>]) {
    for (kind, name, changes, code, words) in cases {
        let said = alter(scene, *kind, name, changes).await;
        assert_eq!(said.0, *code, "{kind} {name} {changes:?}: {said:?}");
        assert!(said.1.contains(words), "{kind} {name} {changes:?}: {said:?}");
        assert!(!said.1.contains("hush"), "{said:?}");
    }
}

#[test]
fn what_cannot_be_is_refused_in_kafkas_words() {
    play(2, |scene| async move {
        scene.create("t", 1, &[]).await;
        let cases: &[Case<'_>] = &[
            (TOPIC, "t", &[("retention.ms", SET, Some("x"))], 40, "Not a number of type LONG"),
            (TOPIC, "t", &[("no.such", SET, Some("x"))], 40, "Unknown topic config name: no.such"),
            (TOPIC, "t", &[("no.such", DELETE, None)], 0, ""),
            (
                TOPIC,
                "t",
                &[("retention.ms", APPEND, Some("1"))],
                40,
                "Can't APPEND to key retention.ms because its type is not LIST.",
            ),
            (
                TOPIC,
                "t",
                &[("retention.ms", SET, None)],
                42,
                "Null value not supported for : retention.ms",
            ),
            (
                TOPIC,
                "t",
                &[("retention.ms", SET, Some("1")), ("retention.ms", DELETE, None)],
                42,
                "Error due to duplicate config keys",
            ),
            (TOPIC, "t", &[("retention.ms", 9, Some("1"))], -1, ""),
            (TOPIC, "u", &[("retention.ms", SET, Some("1"))], 3, "The topic 'u' does not exist."),
            (TOPIC, "u", &[("retention.ms", SET, Some("x"))], 40, "Not a number"),
            (TOPIC, "a b", &[("retention.ms", SET, Some("1"))], 17, "Topic name is invalid: 'a b'"),
            (TOPIC, "", &[], 42, "Default topic resources are not allowed."),
            (
                TOPIC,
                "t",
                &[
                    ("min.compaction.lag.ms", SET, Some("10")),
                    ("max.compaction.lag.ms", SET, Some("5")),
                ],
                40,
                "conflict topic config setting",
            ),
            (
                BROKER,
                "0",
                &[("broker.id", SET, Some("5"))],
                42,
                "Cannot update these configs dynamically: [broker.id]",
            ),
            (BROKER, "5", &[], 42, "Unexpected broker id, expected 0, but received 5"),
            (BROKER, "x", &[], 42, "Node id must be an integer, but it is: x"),
            (BROKER, "", &[("log.retention.ms", SET, Some("x"))], 42, "Not a number of type LONG"),
            (BROKER, "0", &[("log.retention.ms", 9, Some("1"))], 42, "Unknown operations type 9"),
            (
                BROKER,
                "0",
                &[("log.retention.ms", APPEND, Some("1"))],
                40,
                "Config value append is not allowed for config key: log.retention.ms",
            ),
            (BROKER, "0", &[("no.such", SET, Some("1"))], 40, "Unknown config name: no.such"),
            (
                BROKER,
                "0",
                &[("ssl.keystore.password", SET, Some("hush"))],
                42,
                "These security configs can be dynamically updated only per-listener",
            ),
            (
                BROKER,
                "0",
                &[("listener.name.x.ssl.keystore.password", SET, Some("hush"))],
                40,
                "Invalid value [hidden]",
            ),
            (
                BROKER,
                "",
                &[("listener.name.x.ssl.keystore.location", SET, Some("/x"))],
                42,
                "Cannot update these configs at default cluster level, broker id must be specified",
            ),
            (
                BROKER,
                "0",
                &[("log.cleaner.dedupe.buffer.size", SET, Some("20"))],
                42,
                "must be at least 1MB per cleaner thread",
            ),
            (BROKER, "0", &[("sasl.jaas.config", SET, Some("hush"))], 40, "Invalid value [hidden]"),
            (
                BROKER,
                "0",
                &[("min.insync.replicas", SET, Some("1"))],
                40,
                "Broker-level min.insync.replicas cannot be altered",
            ),
        ];
        refused(&scene, cases).await;
        assert!(described(&scene, BROKER, "", &[]).await.is_empty(), "nothing was set");
    });
}

#[test]
fn what_cannot_be_on_groups_and_others_is_refused_in_kafkas_words() {
    play(10, |scene| async move {
        let cases: &[Case<'_>] = &[
            (
                GROUP,
                "g",
                &[("consumer.session.timeout.ms", SET, Some("5"))],
                40,
                "consumer.session.timeout.ms must be greater than or equal to \
                 group.consumer.min.session.timeout.ms",
            ),
            (
                GROUP,
                "g",
                &[("streams.num.standby.replicas", SET, Some("3"))],
                40,
                "streams.num.standby.replicas must be less than or equal to \
                 group.streams.max.standby.replicas",
            ),
            (GROUP, "g", &[("x", SET, Some("5"))], 40, "Unknown group config name: x"),
            (GROUP, "", &[], 42, "Default group resources are not allowed."),
            (
                CLIENT_METRICS,
                "c",
                &[("interval.ms", SET, Some("1"))],
                42,
                "interval must be between 100 and 3600000 (1 hour)",
            ),
            (
                CLIENT_METRICS,
                "c",
                &[("match", SET, Some("client_id=["))],
                40,
                "Illegal client matching pattern: client_id=[",
            ),
            (CLIENT_METRICS, "c", &[("x", SET, Some("1"))], 42, "Unknown client metrics"),
            (CLIENT_METRICS, "", &[], 42, "Subscription name can't be empty"),
            (8, "0", &[("root", SET, Some("INFO"))], 40, "Logger root does not exist!"),
            (8, "", &[], 42, "Node id must be an integer, but it is: "),
            (1, "0", &[], 42, "Unknown resource type 1"),
        ];
        refused(&scene, cases).await;
    });
}

#[test]
fn each_resource_has_its_own_answer_and_a_look_changes_nothing() {
    play(3, |scene| async move {
        scene.create("t", 1, &[]).await;
        let set = |name, value| resource(TOPIC, name, &[("retention.ms", SET, Some(value))]);
        let said = alter_all(&scene, vec![set("t", "77"), set("u", "1")], true).await;
        assert_eq!(said[0], (0, None));
        assert_eq!(said[1], (3, Some("The topic 'u' does not exist.".into())));
        assert_eq!(value(&scene, TOPIC, "t", "retention.ms").await, Some("7777777777777".into()));
        let twice = alter_all(&scene, vec![set("t", "1"), set("t", "2")], false).await;
        let no = (42, Some("Each resource must appear at most once.".into()));
        assert_eq!(twice, [no.clone(), no]);
        let said = alter_all(&scene, vec![set("u", "1"), set("t", "78")], false).await;
        assert_eq!((said[0].0, said[1].0), (3, 0));
        assert_eq!(value(&scene, TOPIC, "t", "retention.ms").await, Some("78".into()));
        assert_eq!(alter_all(&scene, Vec::new(), false).await, []);
    });
}

#[test]
fn a_nodes_layers_lie_in_kafkas_order_also_after_a_restart() {
    play(4, |scene| async move {
        scene.create("t", 1, &[]).await;
        let retention = |value| [("log.retention.ms", SET, Some(value))];
        assert_eq!(alter(&scene, BROKER, "", &retention("4000000")).await, done());
        assert_eq!(alter(&scene, BROKER, "0", &retention("3000000")).await, done());
        let rate = [("leader.replication.throttled.rate", SET, Some("1000"))];
        assert_eq!(alter(&scene, BROKER, "0", &rate).await, done());
        let layers = [
            ("log.retention.ms", "3000000", 2),
            ("log.retention.ms", "4000000", 3),
            ("log.retention.ms", "7777777777777", 4),
            ("log.retention.hours", "168", 5),
        ];
        let mut scene = scene;
        for _life in 0..2 {
            let told = described(&scene, BROKER, "0", &["log.retention.ms"]).await;
            assert_eq!(told, [row("log.retention.ms", "3000000", 2, &layers)]);
            let told = described(&scene, TOPIC, "t", &["retention.ms"]).await;
            assert_eq!(told, [row("retention.ms", "3000000", 2, &layers)]);
            let told = described(&scene, BROKER, "", &[]).await;
            let own = [("log.retention.ms", "4000000", 3)];
            assert_eq!(told, [row("log.retention.ms", "4000000", 3, &own)]);
            let name = "leader.replication.throttled.rate";
            let told = described(&scene, BROKER, "0", &[name]).await;
            assert_eq!(told, [row(name, "1000", 2, &[(name, "1000", 2)])]);
            scene = scene.again().await;
        }
        let gone = [("log.retention.ms", DELETE, None)];
        assert_eq!(alter(&scene, BROKER, "0", &gone).await, done());
        assert_eq!(value(&scene, TOPIC, "t", "retention.ms").await, Some("4000000".into()));
    });
}

#[test]
fn groups_and_subscriptions_keep_what_was_set_on_them() {
    play(5, |scene| async move {
        let session = [("consumer.session.timeout.ms", SET, Some("50000"))];
        assert_eq!(alter(&scene, GROUP, "g", &session).await, done());
        let metrics = [("metrics", SET, Some("a.,b.")), ("interval.ms", SET, Some(" 100 "))];
        assert_eq!(alter(&scene, CLIENT_METRICS, "c", &metrics).await, done());
        let scene = scene.again().await;
        let told = described(&scene, GROUP, "g", &[]).await;
        assert_eq!(told.len(), 17);
        let keys = ["consumer.session.timeout.ms", "share.auto.offset.reset"];
        let told = described(&scene, GROUP, "g", &keys).await;
        let name = keys[0];
        let layers = [(name, "50000", 8), ("group.consumer.session.timeout.ms", "45000", 5)];
        let expected =
            [row(name, "50000", 8, &layers), row(keys[1], "latest", 5, &[(keys[1], "latest", 5)])];
        assert_eq!(told, expected);
        let told = described(&scene, CLIENT_METRICS, "c", &[]).await;
        let expected = [
            row("interval.ms", "100", 7, &[("interval.ms", "100", 7)]),
            row("match", "", 5, &[]),
            row("metrics", "a.,b.", 7, &[("metrics", "a.,b.", 7)]),
        ];
        assert_eq!(told, expected);
        let told = described(&scene, CLIENT_METRICS, "nobody", &[]).await;
        assert_eq!(told[0], row("interval.ms", "300000", 5, &[]));
    });
}

#[test]
fn what_has_configs_is_listed() {
    play(6, |scene| async move {
        scene.create("t", 1, &[]).await;
        let session = [("consumer.session.timeout.ms", SET, Some("50000"))];
        assert_eq!(alter(&scene, GROUP, "g", &session).await, done());
        assert_eq!(alter(&scene, GROUP, "h", &session).await, done());
        let gone = [("consumer.session.timeout.ms", DELETE, None)];
        assert_eq!(alter(&scene, GROUP, "h", &gone).await, done());
        assert_eq!(alter(&scene, CLIENT_METRICS, "c", &[("match", SET, Some(""))]).await, done());
        let mut peer = scene.peer().await;
        let mut list = async |types: &[i8], version| {
            let request =
                ListConfigResourcesRequest { resource_types: types.iter().copied().collect() };
            let answer = peer.ask(&request, version).await;
            let told = answer.config_resources.into_iter();
            let told = told.map(|r| (r.resource_type, r.resource_name)).collect::<Vec<_>>();
            (answer.error_code, told)
        };
        let named = |kind: i8, name: &str| (kind, name.to_owned());
        let (g, c) = (named(32, "g"), named(16, "c"));
        let (logger, node, t) = (named(8, "0"), named(4, "0"), named(2, "t"));
        assert_eq!(list(&[], 1).await, (0, vec![g.clone(), c.clone(), logger, node.clone(), t]));
        assert_eq!(list(&[32], 1).await, (0, vec![g]));
        assert_eq!(list(&[4, 4], 1).await, (0, vec![node]));
        assert_eq!(list(&[16, 99], 1).await, (35, vec![]));
        // Version 0 knows nothing else, and has no types in its answers.
        assert_eq!(list(&[], 0).await.1.len(), 1);
        assert_eq!(list(&[], 0).await.1[0].1, "c");
    });
}

pub(crate) async fn legacy(
    scene: &Scene,
    version: i16,
    kind: i8,
    name: &str,
    configs: &[(&str, Option<&str>)],
) -> (i16, String) {
    let config = |(name, value): &(&str, Option<&str>)| LegacyConfig {
        name: (*name).to_owned(),
        value: value.map(str::to_owned),
    };
    let request = AlterConfigsRequest {
        resources: List::from([LegacyResource {
            resource_type: kind,
            resource_name: name.to_owned(),
            configs: configs.iter().map(config).collect(),
        }]),
        validate_only: false,
    };
    let answer = scene.peer().await.ask(&request, version).await;
    let said = answer.responses.into_iter().next().expect("one answer");
    (said.error_code, said.error_message.unwrap_or_default())
}

#[test]
fn the_older_way_sets_everything_at_once() {
    play(7, |scene| async move {
        scene.create("t", 1, &[("retention.ms", "5"), ("cleanup.policy", "compact")]).await;
        for version in 0..=2 {
            let set = [("segment.ms", Some("9")), ("retention.ms", Some("6"))];
            assert_eq!(legacy(&scene, version, TOPIC, "t", &set).await, done());
            let keys = ["cleanup.policy", "retention.ms", "segment.ms"];
            let told = described(&scene, TOPIC, "t", &keys).await;
            let told: Vec<(&str, i8)> =
                told.iter().map(|row| (row.1.as_deref().unwrap_or_default(), row.2)).collect();
            assert_eq!(told, [("delete", 5), ("6", 1), ("9", 1)]);
            assert_eq!(legacy(&scene, version, TOPIC, "t", &[]).await, done());
            assert_eq!(described(&scene, TOPIC, "t", &["segment.ms"]).await[0].2, 5);
            let no = legacy(&scene, version, TOPIC, "t", &[("retention.ms", None)]).await;
            assert_eq!(no, (42, "Null value not supported for : retention.ms".into()));
            assert_eq!(legacy(&scene, version, TOPIC, "u", &[]).await.0, 3);
            assert_eq!(legacy(&scene, version, 8, "0", &[]).await.0, 42);
            let set = [("log.segment.bytes", Some("2000000"))];
            assert_eq!(legacy(&scene, version, BROKER, "", &set).await, done());
            assert_eq!(described(&scene, BROKER, "", &[]).await.len(), 1);
            assert_eq!(legacy(&scene, version, BROKER, "", &[]).await, done());
            assert_eq!(described(&scene, BROKER, "", &[]).await.len(), 0);
        }
    });
}

/// A change holds for the first batch after its answer: on the topic, and through the node.
#[test]
fn a_changed_bound_holds_at_once() {
    play(8, |scene| async move {
        scene.create("t", 1, &[]).await;
        let bytes = batch(&["some bytes to be too many"]);
        let produce = async || {
            let request = produce_request("t", 0, bytes.len());
            let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
            answer.responses[0].partition_responses[0].error_code
        };
        assert_eq!(produce().await, 0);
        let bound = |key, value| [(key, SET, Some(value))];
        assert_eq!(alter(&scene, BROKER, "", &bound("message.max.bytes", "50")).await, done());
        assert_eq!(produce().await, 10, "MESSAGE_TOO_LARGE");
        assert_eq!(alter(&scene, TOPIC, "t", &bound("max.message.bytes", "5000")).await, done());
        assert_eq!(produce().await, 0, "the topic's own counts");
        assert_eq!(alter(&scene, TOPIC, "t", &bound("max.message.bytes", "60")).await, done());
        assert_eq!(produce().await, 10);
        let policy = bound("cleanup.policy", "compact");
        assert_eq!(alter(&scene, TOPIC, "t", &policy).await, done());
        let large = bound("max.message.bytes", "5000");
        assert_eq!(alter(&scene, TOPIC, "t", &large).await, done());
        assert_eq!(produce().await, 87, "each record needs a key now");
    });
}

/// Who connects beyond a bound that was set while the node runs is turned away from then on.
#[test]
fn a_nodes_own_bounds_hold_at_once() {
    play(9, |scene| async move {
        let few = [("max.connections", SET, Some("2"))];
        assert_eq!(alter(&scene, BROKER, "0", &few).await, done());
        let (_one, _two) = (scene.peer().await, scene.peer().await);
        let request = ListConfigResourcesRequest::default();
        let mut third = scene.peer().await;
        let frame = third.frame(&request, 0, &[]);
        third.send(&frame).await;
        assert_eq!(third.receive().await, None);
        assert!(scene.told().iter().any(|told| told.to_string().contains("max.connections")));
    });
}
