//! Rates and buckets count as Kafka's do.

use super::*;

fn at(ms: u64) -> Mono {
    Mono(1_000_000_000_000) + Duration::from_millis(ms)
}

/// 50,000 bytes at once where 1,000 a second may be: over ten seconds that is 5,000 a second, four
/// times too much, so four times ten seconds must pass.
#[test]
fn a_burst_is_paid_for_in_time() {
    let mut rate = Rate::default();
    assert_eq!(rate.record(50_000.0, 1000.0, at(0)), Duration::from_secs(40));
    let mut rate = Rate::default();
    assert_eq!(rate.record(10_000.0, 1000.0, at(0)), Duration::ZERO, "the whole window's quota");
    assert_eq!(rate.record(1.0, 1000.0, at(0)), Duration::from_millis(1));
}

#[test]
fn whoever_keeps_to_the_rate_never_waits() {
    let mut rate = Rate::default();
    for second in 0..100 {
        for part in 0..4 {
            let now = at(second * 1000 + part * 250);
            // A sample that has just begun counts with its bytes before it counts with its time.
            assert_eq!(rate.record(240.0, 1000.0, now), Duration::ZERO, "{second}.{part}");
        }
    }
    assert!(rate.samples.len() <= 12);
}

/// Whoever waits as long as told has the rate in the long run. As with Kafka, one request that is
/// larger than the whole window's quota is let off with its window.
#[test]
fn waiting_as_told_keeps_the_rate() {
    for (size, most) in [(10.0, 1050.0), (700.0, 1120.0), (5_000.0, 1120.0), (40_000.0, 1340.0)] {
        let (mut rate, mut now, mut used) = (Rate::default(), at(0), 0.0);
        while now < at(600_000) {
            used += size;
            now = now + rate.record(size, 1000.0, now) + Duration::from_millis(1);
        }
        let per_second = used / (now - at(0)).as_secs_f64();
        assert!((900.0..=most).contains(&per_second), "{size}: {per_second}");
    }
}

#[test]
fn what_is_old_is_forgotten() {
    let mut rate = Rate::default();
    assert!(rate.record(1e9, 1000.0, at(0)) > Duration::from_secs(1000));
    assert!(rate.record(0.0, 1000.0, at(10_999)) > Duration::ZERO);
    assert_eq!(rate.record(0.0, 1000.0, at(22_000)), Duration::ZERO);
}

#[test]
fn a_bucket_lets_through_what_it_has_and_once_more() {
    let mut tokens = Tokens::full(2.0, at(0));
    tokens.take(22.0);
    assert_eq!(tokens.debt(2.0), Duration::ZERO, "eleven seconds' worth");
    tokens.take(10.0);
    assert_eq!(tokens.debt(2.0), Duration::from_secs(5));
    tokens.fill(2.0, at(4000));
    assert_eq!(tokens.debt(2.0), Duration::from_secs(1));
    tokens.fill(2.0, at(1_000_000));
    tokens.take(22.0);
    assert_eq!(tokens.debt(2.0), Duration::ZERO, "never more than its burst");
}

/// A debt that no `Duration` holds was none.
#[test]
fn a_debt_without_end_is_the_longest_wait() {
    let mut tokens = Tokens::full(f64::MIN_POSITIVE, at(0));
    tokens.take(1.0);
    assert_eq!(tokens.debt(f64::MIN_POSITIVE), THROTTLE_MAX);
    assert_eq!(tokens.debt(0.0), THROTTLE_MAX, "without anything to fill it");
}
