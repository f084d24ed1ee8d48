//! Of several quotas the one counts that Kafka would take, and the clients share it that would
//! there.

use super::*;

fn named(name: &str) -> Option<QuotaName> {
    Some(QuotaName::Named(name.to_owned()))
}

fn entity(user: Option<QuotaName>, client_id: Option<QuotaName>) -> QuotaEntity {
    QuotaEntity { user, client_id, ip: None }
}

#[test]
fn the_nearest_quota_counts() {
    let default = || Some(QuotaName::Default);
    let key = QuotaKey::ProducerBytes;
    // From the farthest to the nearest; whoever else shares it.
    let layers = [
        (entity(None, default()), entity(None, named("c"))),
        (entity(None, named("c")), entity(None, named("c"))),
        (entity(default(), None), entity(named("u"), None)),
        (entity(default(), default()), entity(named("u"), named("c"))),
        (entity(default(), named("c")), entity(named("u"), named("c"))),
        (entity(named("u"), None), entity(named("u"), None)),
        (entity(named("u"), default()), entity(named("u"), named("c"))),
        (entity(named("u"), named("c")), entity(named("u"), named("c"))),
    ];
    let mut quotas = Quotas::default();
    assert!(quotas.is_empty() && quotas.of_client(key, "u", "c").is_none());
    for (at, (set_on, shared_by)) in layers.iter().enumerate() {
        quotas.put(set_on.clone(), key, Some(1.0 + at as f64));
        let found = quotas.of_client(key, "u", "c");
        assert_eq!(found, Some((shared_by.clone(), 1.0 + at as f64)), "{set_on:?}");
        assert_eq!(quotas.of_client(QuotaKey::ConsumerBytes, "u", "c"), None, "of another key");
    }
    assert_eq!(quotas.of_client(key, "v", "d"), Some((entity(named("v"), named("d")), 4.0)));
    for (set_on, _) in layers {
        quotas.put(set_on, key, None);
    }
    assert!(quotas.is_empty());
}

#[test]
fn an_address_has_its_own_quota_or_the_default() {
    let ip = |name| QuotaEntity { ip: Some(name), ..QuotaEntity::default() };
    let mut quotas = Quotas::default();
    assert_eq!(quotas.of_address("127.0.0.1"), None);
    quotas.put(ip(QuotaName::Default), QuotaKey::Connections, Some(5.0));
    quotas.put(ip(QuotaName::Named("127.0.0.2".into())), QuotaKey::Connections, Some(7.0));
    assert_eq!(quotas.of_address("127.0.0.1"), Some(5.0));
    assert_eq!(quotas.of_address("127.0.0.2"), Some(7.0));
    assert!(quotas.bounds(QuotaKey::Connections) && !quotas.bounds(QuotaKey::Mutations));
}
