//! Client properties by librdkafka's names: honoured, or refused by name.

use std::time::Duration;

use net_client::{Acks, Codec};

use super::*;
use crate::failure::Exit;

fn read(brokers: &[&str], set: &[&str], environment: Option<&str>) -> Result<Chosen, Failure> {
    let args = BrokerArgs {
        brokers: brokers.iter().map(|s| s.to_string()).collect(),
        set: set.iter().map(|s| s.to_string()).collect(),
    };
    Chosen::read(&args, environment, false)
}

#[test]
fn brokers_come_from_the_nearest_word() {
    let first =
        |chosen: Result<Chosen, Failure>| chosen.expect("understood").client.brokers[0].to_string();
    assert_eq!(first(read(&[], &[], None)), "127.0.0.1:9092");
    assert_eq!(first(read(&[], &[], Some("a:1"))), "a:1");
    assert_eq!(first(read(&[], &["bootstrap.servers=b:2"], Some("a:1"))), "b:2");
    assert_eq!(first(read(&["c:3"], &["bootstrap.servers=b:2"], Some("a:1"))), "c:3");
}

#[test]
fn names_of_librdkafka_are_honoured() {
    let set = ["client.id=me", "acks=1", "compression.codec=zstd", "linger.ms=7", "acks=all"];
    let chosen = read(&[], &set, None).expect("understood");
    assert_eq!(chosen.client.client_id, "me");
    assert_eq!(chosen.producer.acks, Acks::All);
    assert_eq!(chosen.producer.codec, Codec::Zstd);
    assert_eq!(chosen.producer.linger, Duration::from_millis(7));
    for name in NAMES {
        let value = match name {
            "bootstrap.servers" | "metadata.broker.list" => "a:1",
            "acks" | "request.required.acks" => "-1",
            "compression.type" | "compression.codec" => "none",
            "isolation.level" => "read_committed",
            "check.crcs" | "allow.auto.create.topics" => "true",
            "security.protocol" => "PLAINTEXT",
            _ => "5",
        };
        let property = format!("{name}={value}");
        assert!(read(&[], &[&property], None).is_ok(), "{name}");
    }
}

#[test]
fn the_rest_is_refused_by_name() {
    let cases = [
        ("linger.msec=5", "linger.msec", "linger.ms"),
        ("acks=2", "acks 2", ""),
        ("linger.ms=soon", "linger.ms=soon", ""),
        ("security.protocol=ssl", "only plaintext", ""),
        ("isolation.level=none", "read_committed", ""),
        ("compression.type=brotli", "brotli", ""),
        ("bootstrap.servers=nowhere", "nowhere", ""),
        ("client.id", "needs a value", "client.id=VALUE"),
    ];
    for (property, what, next) in cases {
        let failure = read(&[], &[property], None).expect_err(property);
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.what.contains(what), "{failure}");
        assert!(failure.next.unwrap_or_default().contains(next), "{property}");
    }
}
