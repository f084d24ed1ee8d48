//! The budget's order and bounds, polled by hand.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::{Budget, Grant, Take};

fn poll(take: &mut Take) -> Option<Grant> {
    let mut context = Context::from_waker(Waker::noop());
    match Pin::new(take).poll(&mut context) {
        Poll::Ready(grant) => Some(grant),
        Poll::Pending => None,
    }
}

#[test]
fn grants_go_out_in_order_and_within_the_total() {
    let budget = Budget::new(100);
    let first = poll(&mut budget.take(60)).expect("there is room");
    let mut large = budget.take(60);
    assert!(poll(&mut large).is_none());
    let mut small = budget.take(10);
    assert!(poll(&mut small).is_none(), "nobody overtakes");
    drop(first);
    let large = poll(&mut large).expect("its turn");
    let small = poll(&mut small).expect("it fits beside");
    assert_eq!(budget.taken(), 70);
    drop((large, small));
    assert_eq!(budget.taken(), 0);
}

#[test]
fn one_taker_alone_may_take_more_than_there_is() {
    let budget = Budget::new(100);
    let huge = poll(&mut budget.take(1000)).expect("alone");
    let mut next = budget.take(1);
    assert!(poll(&mut next).is_none());
    drop(huge);
    assert!(poll(&mut next).is_some());
}

#[test]
fn a_dropped_take_leaves_the_queue() {
    let budget = Budget::new(10);
    let held = poll(&mut budget.take(10)).expect("there is room");
    let mut gone = budget.take(5);
    assert!(poll(&mut gone).is_none());
    let mut next = budget.take(5);
    assert!(poll(&mut next).is_none());
    drop(gone);
    drop(held);
    assert!(poll(&mut next).is_some());
}
