//! The table is whole, values are judged in Kafka's words, and layers lie in Kafka's order.

use super::*;
use crate::Refusal;
use std::collections::BTreeMap;

fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect()
}

fn broker(pairs: &[(&str, &str)]) -> BrokerConfig {
    BrokerConfig::new(pairs.iter().copied()).expect("good values")
}

#[test]
fn every_row_is_whole() {
    let shown = |keys: &'static [Key]| keys.iter().filter(|key| !key.hidden).count();
    // What Kafka 4.3.1 describes, and our own.
    assert_eq!(shown(topic_keys()), 33 + 2);
    assert_eq!(shown(broker_keys()), 340 + 4);
    assert_eq!((shown(group_keys()), shown(client_metrics_keys())), (17, 3));
    let all = topic_keys().iter().chain(broker_keys()).chain(group_keys());
    for key in all.chain(client_metrics_keys()) {
        if let Some(default) = key.default {
            assert!(key.parse(default).is_ok(), "{} cannot be its default {default}", key.name);
            assert!(key.accept(default).is_ok(), "{} refuses its default", key.name);
        }
        assert!(key.documentation.ends_with('.'), "{}", key.name);
        assert!(key.effect == Effect::Honoured || !key.note.is_empty(), "{}", key.name);
        for synonym in &key.synonyms {
            assert!(broker_key(synonym).is_some(), "{} knows no {synonym}", key.name);
        }
    }
    for key in topic_keys() {
        assert_eq!(key.hidden, key.name.starts_with("internal."), "{}", key.name);
        assert!(key.default.is_some() || key.hidden, "a topic's {} is never null", key.name);
    }
    assert_eq!(lookup("retention.ms").map(|key| key.scope), Some(Scope::Topic));
    assert_eq!(lookup("ssl.key.password").map(|key| key.sensitive), Some(true));
    assert_eq!(lookup("nothing"), None);
}

#[test]
fn a_wrong_value_is_refused_in_kafkas_words() {
    let wrong = [
        ("retention.ms", "abc", "Not a number of type LONG"),
        ("retention.ms", "", "Not a number of type LONG"),
        ("retention.ms", "1.5", "Not a number of type LONG"),
        ("retention.ms", "9223372036854775808", "Not a number of type LONG"),
        ("retention.ms", "-5", "Value must be at least -1"),
        ("segment.bytes", "1", "Value must be at least 1048576"),
        ("segment.bytes", "2147483648", "Not a number of type INT"),
        ("min.insync.replicas", "1.0", "Not a number of type INT"),
        ("min.insync.replicas", "0", "Value must be at least 1"),
        ("preallocate", "yes", "Expected value to be either true or false"),
        ("cleanup.policy", "foo", "String must be one of: compact, delete"),
        (
            "message.timestamp.type",
            "createtime",
            "String must be one of: CreateTime, LogAppendTime",
        ),
        ("min.cleanable.dirty.ratio", "1.5", "Value must be no more than 1"),
        ("min.cleanable.dirty.ratio", "-0.1", "Value must be at least 0"),
        ("min.cleanable.dirty.ratio", "x", "Not a number of type DOUBLE"),
        ("compression.gzip.level", "0", "Value must be between 1 and 9 or equal to -1"),
        ("compression.lz4.level", "18", "Value must be no more than 17"),
        ("record.validation", "all", "String must be one of: batch, records, full"),
        ("offsets.topic.replication.factor", "40000", "Not a number of type SHORT"),
        ("remote.storage.enable", "true", "tiered storage is not served"),
    ];
    for (name, text, why) in wrong {
        let message = format!("Invalid value {text} for configuration {name}: {why}");
        let key = lookup(name).expect("a key of the table");
        assert_eq!(key.accept(text), Err(message), "{name}={text}");
    }
    let right = [
        ("retention.ms", " 5 "),
        ("retention.ms", "+5"),
        ("retention.ms", "-1"),
        ("retention.ms", "9223372036854775807"),
        ("retention.bytes", "-100"),
        ("preallocate", " TRUE "),
        ("cleanup.policy", "compact, delete"),
        ("cleanup.policy", "compact,compact"),
        ("cleanup.policy", ""),
        ("min.cleanable.dirty.ratio", "0.5d"),
        ("min.cleanable.dirty.ratio", "NaN"),
        ("compression.gzip.level", "-1"),
        ("leader.replication.throttled.replicas", "*"),
        ("leader.replication.throttled.replicas", "0:1,1:2"),
        ("group.consumer.migration.policy", "Upgrade"),
    ];
    for (name, text) in right {
        assert_eq!(validate(name, text), Ok(()), "{name}={text}");
    }
    assert_eq!(
        validate("cleanup.policy", ","),
        Err("Configuration 'cleanup.policy' values must not be empty.".into())
    );
    assert_eq!(
        validate("ssl.cipher.suites", "a,a"),
        Err("Configuration 'ssl.cipher.suites' values must not be duplicated.".into())
    );
    assert!(validate("leader.replication.throttled.replicas", "*,0:1").is_err());
    assert!(validate("nothing", "1").is_err());
}

#[test]
fn a_topics_overrides_are_judged() {
    let kept = check_topic([("retention.ms", Some(" 5 ")), ("cleanup.policy", Some("compact"))]);
    assert_eq!(kept, Ok(set(&[("retention.ms", " 5 "), ("cleanup.policy", "compact")])));
    let no = |pairs: &[(&str, Option<&str>)]| match check_topic(pairs.iter().copied()) {
        Err(Refusal::InvalidConfig(message)) => message,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        no(&[("retention.msx", Some("1"))]),
        "Unknown topic config name: retention.msx (did you mean retention.ms?)"
    );
    assert_eq!(no(&[("", Some("1"))]), "Unknown topic config name: ");
    assert_eq!(
        no(&[("retention.ms", None), ("segment.ms", None)]),
        "Null value not supported for topic configs: retention.ms,segment.ms"
    );
    assert_eq!(
        no(&[("min.compaction.lag.ms", Some("10")), ("max.compaction.lag.ms", Some("5"))]),
        "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)"
    );
}

#[test]
fn a_topic_stands_over_the_node_over_the_table() {
    let plain = TopicSettings::default();
    assert_eq!(plain.retention_ms, Some(604_800_000));
    assert_eq!(plain.retention_bytes, None);
    assert_eq!(plain.segment_bytes, 1 << 30);
    assert_eq!(plain.max_message_bytes, 1_048_588);
    assert_eq!(plain.cleanup, CleanupPolicy { delete: true, compact: false });
    assert_eq!(plain.record_validation, Depth::Records);
    assert!(!plain.write_caching);

    let node = broker(&[
        ("log.retention.hours", "24"),
        ("log.roll.hours", "12"),
        ("message.max.bytes", "2000000"),
        ("record.validation", "full"),
        ("log.retention.bytes", "5"),
        ("write.caching", "true"),
    ]);
    let topic = TopicSettings::new(&set(&[("message.timestamp.type", "LogAppendTime")]), &node);
    assert_eq!(topic.retention_ms, Some(86_400_000));
    assert_eq!(topic.segment_ms, 43_200_000);
    assert_eq!(topic.max_message_bytes, 2_000_000);
    assert_eq!(topic.record_validation, Depth::Full);
    assert_eq!(topic.retention_bytes, Some(5));
    assert_eq!(topic.timestamp_type, TimestampType::LogAppendTime);
    assert!(topic.write_caching);

    let overrides = set(&[
        ("retention.ms", "-1"),
        ("cleanup.policy", "compact, delete"),
        ("write.caching", "false"),
        ("internal.segment.bytes", "100"),
        ("record.validation", "batch"),
        ("not.known.any.more", "1"),
        ("segment.ms", "nonsense"),
    ]);
    let topic = TopicSettings::new(&overrides, &node);
    assert_eq!(topic.retention_ms, None);
    assert_eq!(topic.cleanup, CleanupPolicy { delete: true, compact: true });
    assert_eq!(topic.segment_bytes, 100);
    assert_eq!(topic.record_validation, Depth::Header);
    assert_eq!(topic.segment_ms, 43_200_000);
    assert!(!topic.write_caching);
}

#[test]
fn retention_never_overflows() {
    let forever = set(&[("retention.ms", "9223372036854775807")]);
    let topic = TopicSettings::new(&forever, &BrokerConfig::default());
    assert!(!topic.is_expired(0, i64::MAX));
    assert!(!topic.is_expired(i64::MIN, i64::MAX));
    let topic = TopicSettings::default();
    assert!(topic.is_expired(i64::MIN, i64::MAX));
    assert!(!topic.is_expired(i64::MAX, 0));
    let node = broker(&[("log.retention.hours", "2147483647")]);
    assert_eq!(
        TopicSettings::new(&BTreeMap::new(), &node).retention_ms,
        Some(2_147_483_647 * 3_600_000)
    );
    let node = broker(&[("log.retention.hours", "-1")]);
    assert_eq!(TopicSettings::new(&BTreeMap::new(), &node).retention_ms, None);
}

#[test]
fn a_description_tells_where_each_value_comes_from() {
    let node = broker(&[("log.retention.hours", "24"), ("log.segment.bytes", "2097152")]);
    let rows = describe_topic(&set(&[("max.message.bytes", " 7 ")]), &node);
    assert_eq!(rows.len(), 35);
    let row = |name: &str| rows.iter().find(|row| row.key.name == name).expect("a row");
    let synonym = |name, value: &str, source| Synonym { name, value: Some(value.into()), source };

    assert_eq!(row("retention.ms").value.as_deref(), Some("86400000"));
    assert_eq!(row("retention.ms").source, Source::Default);
    assert_eq!(row("retention.ms").synonyms, []);
    assert_eq!(row("segment.bytes").value.as_deref(), Some("2097152"));
    assert_eq!(row("segment.bytes").source, Source::StaticBroker);
    assert_eq!(
        row("segment.bytes").synonyms,
        [
            synonym("log.segment.bytes", "2097152", Source::StaticBroker),
            synonym("log.segment.bytes", "1073741824", Source::Default)
        ]
    );
    assert_eq!(row("max.message.bytes").value.as_deref(), Some("7"));
    assert_eq!(row("max.message.bytes").source, Source::Topic);
    assert_eq!(row("max.message.bytes").synonyms.len(), 2);
    assert!(rows.iter().all(|row| row.value.is_some()), "clients expect no null on a topic");
}

#[test]
fn a_node_tells_what_it_took_and_what_it_did_not() {
    let node = broker(&[
        ("ssl.keystore.password", "secret"),
        ("num.io.threads", "3"),
        ("zookeeper.connect", "localhost:2181"),
        ("node.id", "7"),
    ]);
    let rows = node.describe();
    let row = |name: &str| rows.iter().find(|row| row.key.name == name).expect("a row");
    assert_eq!(row("ssl.keystore.password").value, None);
    assert_eq!(row("ssl.keystore.password").source, Source::StaticBroker);
    assert!(rows.iter().all(|row| row.value.as_deref() != Some("secret")));
    assert_eq!(node.int("node.id"), Some(7));
    assert_eq!(node.list("log.dirs"), Vec::<String>::new());
    assert!(node.bool("auto.create.topics.enable"));
    assert_eq!(node.text("broker.rack"), None);
    let idle = node.without_effect();
    assert_eq!(idle.len(), 3, "{idle:?}");
    assert!(idle.iter().any(|line| line.starts_with("num.io.threads has no effect: each core")));
    assert!(idle.iter().any(|line| line == "zookeeper.connect has no effect"));

    let wrong = [("num.partition", "1"), ("node.id", "x"), ("authorizer.class.name", "a.B")];
    let problems = BrokerConfig::new(wrong).expect_err("three wrong values");
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "num.partition: no such configuration key; did you mean num.partitions?",
            "node.id: Invalid value x for configuration node.id: Not a number of type INT",
            "authorizer.class.name: Invalid value a.B for configuration authorizer.class.name: \
             access rules are not served yet",
        ]
    );
    let hidden = BrokerConfig::new([("ssl.client.auth", "maybe")]).expect_err("a wrong word");
    assert!(hidden[0].message.contains("maybe"));
}

#[test]
fn kafkas_own_server_properties_starts_as_it_is() {
    // The keys that Kafka 4.3's config/server.properties sets, with values of its kind.
    let text = "process.roles=broker,controller\nnode.id=1\n\
        controller.quorum.bootstrap.servers=localhost:9093\n\
        listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
        inter.broker.listener.name=PLAINTEXT\n\
        advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n\
        controller.listener.names=CONTROLLER\n\
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,\\\n\
        \tSASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL\n\
        num.network.threads=3\nnum.io.threads=8\nsocket.send.buffer.bytes=102400\n\
        socket.receive.buffer.bytes=102400\nsocket.request.max.bytes=104857600\n\
        log.dirs=/tmp/kraft-combined-logs\nnum.partitions=1\n\
        num.recovery.threads.per.data.dir=1\noffsets.topic.replication.factor=1\n\
        share.coordinator.state.topic.replication.factor=1\n\
        share.coordinator.state.topic.min.isr=1\ntransaction.state.log.replication.factor=1\n\
        transaction.state.log.min.isr=1\nlog.retention.hours=168\n\
        log.segment.bytes=1073741824\nlog.retention.check.interval.ms=300000\n\
        group.initial.rebalance.delay.ms=0\n";
    let entries = properties::parse(text).expect("a properties file");
    let pairs = entries.iter().map(|entry| (entry.name.as_str(), entry.value.as_str()));
    let node = BrokerConfig::new(pairs).expect("Kafka's own file");
    assert_eq!(node.list("listeners"), ["PLAINTEXT://:9092", "CONTROLLER://:9093"]);
    assert_eq!(node.list("log.dirs"), ["/tmp/kraft-combined-logs"]);
}

/// As a Kafka 4.3.1 node tells it: what stands before the key in its family is left out.
#[test]
fn what_is_set_in_several_units_has_them_all_as_synonyms() {
    let told = |given: &[(&str, &str)], name: &str| {
        let rows = broker(given).describe();
        let row = rows.into_iter().find(|row| row.key.name == name).expect("a row");
        row.synonyms.iter().map(|synonym| (synonym.name, synonym.source)).collect::<Vec<_>>()
    };
    let ms = [("log.retention.ms", "5")];
    let (given, default) = (Source::StaticBroker, Source::Default);
    assert_eq!(
        told(&ms, "log.retention.ms"),
        [("log.retention.ms", given), ("log.retention.hours", default)]
    );
    assert_eq!(told(&ms, "log.retention.hours"), [("log.retention.hours", default)]);
    assert_eq!(told(&[], "log.retention.ms"), []);
    assert_eq!(told(&ms, "log.retention.bytes"), [("log.retention.bytes", default)]);
}

/// Each bound that a node sets for its groups is one of its keys, and what it shows of a group's
/// key is what a Kafka 4.3.1 node shows.
#[test]
fn a_groups_values_stay_within_the_nodes_bounds() {
    let node = broker(&[("group.consumer.max.session.timeout.ms", "70000")]);
    let no = |pairs: &[(&str, &str)]| match check_group(&set(pairs), &node) {
        Err(Refusal::InvalidConfig(message)) => message,
        other => panic!("{other:?}"),
    };
    let too_much = [
        ("consumer.assignment.interval.ms", "group.consumer.max.assignment.interval.ms"),
        ("consumer.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"),
        ("consumer.session.timeout.ms", "group.consumer.max.session.timeout.ms"),
        ("share.assignment.interval.ms", "group.share.max.assignment.interval.ms"),
        ("share.delivery.count.limit", "group.share.max.delivery.count.limit"),
        ("share.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"),
        ("share.partition.max.record.locks", "group.share.max.partition.max.record.locks"),
        ("share.record.lock.duration.ms", "group.share.max.record.lock.duration.ms"),
        ("share.session.timeout.ms", "group.share.max.session.timeout.ms"),
        ("streams.assignment.interval.ms", "group.streams.max.assignment.interval.ms"),
        ("streams.heartbeat.interval.ms", "group.streams.max.heartbeat.interval.ms"),
        ("streams.num.standby.replicas", "group.streams.max.standby.replicas"),
        ("streams.session.timeout.ms", "group.streams.max.session.timeout.ms"),
    ];
    for (key, bound) in too_much {
        let why = format!("{key} must be less than or equal to {bound}");
        assert_eq!(no(&[(key, "100000000")]), why);
    }
    let why = "consumer.session.timeout.ms must be greater than or equal to \
               group.consumer.min.session.timeout.ms";
    assert_eq!(no(&[("consumer.session.timeout.ms", "1")]), why);
    assert_eq!(no(&[("x", "1")]), "Unknown group config name: x");
    let reset = |text| check_group(&set(&[("share.auto.offset.reset", text)]), &node);
    for good in ["earliest", "latest", "by_duration:PT1H", "by_duration:p2dt3h4m5.678s"] {
        assert_eq!(reset(good), Ok(()), "{good}");
    }
    for bad in ["LATEST", "by_duration:-PT1H", "by_duration:", "by_duration:PT", "by_duration:P1H"]
    {
        assert!(reset(bad).is_err(), "{bad}");
    }
    let own = set(&[("consumer.session.timeout.ms", "65000")]);
    assert_eq!(check_group(&own, &node), Ok(()));
    assert_eq!(GroupSettings::new(&own, &node).consumer_session_ms, 65_000);
    // The node's bound came later.
    let settings = GroupSettings::new(&own, &broker(&[]));
    assert_eq!(settings.consumer_session_ms, 60_000);
    assert_eq!((settings.consumer_heartbeat_ms, settings.consumer_assignment_ms), (5000, 1000));
}

#[test]
fn what_is_set_while_a_node_runs_lies_over_its_start() {
    let start = broker(&[("log.retention.hours", "1"), ("log.segment.bytes", "2000000")]);
    let cluster = set(&[("log.retention.ms", " 5 "), ("no.such", "1"), ("log.roll.ms", "bad")]);
    let node = set(&[("log.segment.bytes", "3000000"), ("compression.type", "zstd")]);
    let now = start.with_dynamic(&cluster, &node);
    assert_eq!(now.given("log.retention.ms"), Some("5"), "trimmed");
    assert_eq!((now.given("no.such"), now.given("log.roll.ms")), (None, None), "not known");
    assert_eq!(now.given("log.segment.bytes"), Some("3000000"));
    assert_eq!(now.given_since("log.retention.hours"), None);
    let settings = TopicSettings::new(&BTreeMap::new(), &now);
    assert_eq!((settings.retention_ms, settings.segment_bytes), (Some(5), 3_000_000));
    let names = now.describe_cluster().into_iter().map(|row| row.key.name).collect::<Vec<_>>();
    assert_eq!(names, ["log.retention.ms"]);
    let rows = now.describe();
    let row = rows.iter().find(|row| row.key.name == "log.segment.bytes").expect("a row");
    let sources: Vec<i8> = row.synonyms.iter().map(|synonym| synonym.source.id()).collect();
    assert_eq!((row.source.id(), sources), (2, vec![2, 4, 5]));
    let row = rows.iter().find(|row| row.key.name == "log.retention.hours").expect("a row");
    assert_eq!(row.source, Source::StaticBroker, "its own layer, not that of its family's first");
    // Again from the start, not from what was set before.
    let later = now.with_dynamic(&BTreeMap::new(), &BTreeMap::new());
    assert_eq!(later, start);
}

#[test]
fn values_are_shown_as_java_writes_them() {
    let shown = |name, text| parse(name, text).expect("a value").shown();
    assert_eq!(shown("retention.ms", " +5 "), "5");
    assert_eq!(shown("preallocate", "TRUE"), "true");
    assert_eq!(shown("cleanup.policy", "compact, delete"), "compact,delete");
    for (text, java) in [
        ("0.50", "0.5"),
        ("1", "1.0"),
        ("0", "0.0"),
        ("0.0001", "1.0E-4"),
        ("0.00012", "1.2E-4"),
        ("NaN", "NaN"),
    ] {
        assert_eq!(shown("min.cleanable.dirty.ratio", text), java);
    }
}
