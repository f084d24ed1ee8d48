//! What may begin beside what.

use super::*;

fn other(bytes: usize) -> Flight {
    let never = std::future::pending::<Outcome>();
    Flight { work: Work::Other(Box::pin(never)), frame_bytes: bytes, asked: None, _grant: None }
}

#[test]
fn other_requests_are_alone() {
    let flights = Flights::new(4, 1000);
    assert!(flights.admits_other() && flights.admits_produce(10));
    flights.begin(other(10));
    assert!(!flights.admits_other() && !flights.admits_produce(10));
    let flight = flights.next().expect("it was put in");
    assert!(flights.next().is_none());
    assert!(!flights.admits_other(), "still on its way");
    flights.done(flight);
    assert!(flights.is_empty() && flights.admits_other() && flights.admits_produce(10));
}

#[test]
fn a_request_above_the_bound_may_be_alone() {
    let flights = Flights::new(4, 1000);
    assert!(flights.admits_produce(1_000_000));
}
