//! What is remembered of clients is bounded, and shared by whom Kafka lets share it.

use super::*;

#[test]
fn clients_that_used_nothing_lately_are_forgotten_first() {
    let quotas = Quotas::default();
    let entity = |n: usize| {
        let client_id = Some(QuotaName::Named(n.to_string()));
        QuotaEntity { client_id, ..QuotaEntity::default() }
    };
    let use_at = |n: usize, ms: u64| {
        let now = Mono(0) + Duration::from_millis(ms);
        quotas.with_rate(QuotaKey::ProducerBytes, entity(n), now, |rate| {
            _ = rate.record(1.0, 1.0, now);
        });
    };
    for n in 0..METERS_MAX {
        use_at(n, n as u64);
    }
    assert_eq!(quotas.0.meters.borrow().len(), METERS_MAX);
    use_at(METERS_MAX, METERS_MAX as u64);
    let known = |n| quotas.0.meters.borrow().contains_key(&(QuotaKey::ProducerBytes, entity(n)));
    assert_eq!(quotas.0.meters.borrow().len(), METERS_MAX / 2 + 1);
    assert!(!known(0) && known(METERS_MAX - 1) && known(METERS_MAX));
    for n in 0..METERS_MAX {
        use_at(n, 100_000);
    }
    assert!(!known(METERS_MAX), "nothing for a minute and a half");
    assert!(quotas.0.meters.borrow().len() <= METERS_MAX);
}

#[test]
fn what_bounds_a_client_is_known_of_a_bounded_number() {
    let quotas = Quotas::default();
    for n in 0..25_000 {
        let id = n.to_string();
        assert_eq!(quotas.record(QuotaKey::ProducerBytes, &id, 1.0, Mono(0)), Duration::ZERO);
        assert!(matches!(quotas.0.clients.borrow().get(QuotaKey::ProducerBytes, &id), Some(None)));
    }
    let count = quotas.0.clients.borrow().count();
    assert!((1..=10_000).contains(&count), "{count}");
}
