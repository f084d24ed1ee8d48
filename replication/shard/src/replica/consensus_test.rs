//! Transcripts of one replica.

use super::*;

fn replica(end: Offset) -> Consensus {
    let hard_state = HardState { term: 4, ..HardState::default() };
    Consensus::recovered(NodeId(7), &hard_state, 0, end)
}

fn leader(end: Offset) -> Consensus {
    let mut c = replica(end);
    c.step(Event::Stand);
    c.step(Event::TermDurable(5));
    c
}

fn visible(c: &mut Consensus, event: Event) -> Option<Offset> {
    c.step(event).visible
}

#[test]
fn nothing_is_visible_before_the_new_term_is_durable() {
    let mut c = replica(10);
    assert_eq!((c.epoch(), c.visible()), (None, 0));
    let effects = c.step(Event::Stand);
    let hard = effects.persist.expect("a new term is written down");
    assert_eq!((hard.term, hard.log_term, hard.vote), (5, 5, NodeId(7)));
    assert_eq!(hard.members, [NodeId(7)]);
    assert_eq!((effects.visible, c.leads(), c.epoch()), (None, false, Some(5)));
    assert_eq!(visible(&mut c, Event::Appended(12)), None);
    assert_eq!(visible(&mut c, Event::Durable(12)), None, "its term may still be lost");
    assert_eq!(visible(&mut c, Event::TermDurable(5)), Some(12));
    assert!(c.leads());
}

#[test]
fn an_fsync_topic_shows_what_is_durable() {
    let mut c = leader(10);
    assert_eq!(c.visible(), 10);
    assert_eq!(visible(&mut c, Event::Appended(11)), None);
    assert_eq!(visible(&mut c, Event::Appended(15)), None);
    assert_eq!(visible(&mut c, Event::Submitted(15)), None);
    assert_eq!(visible(&mut c, Event::Durable(11)), Some(11));
    assert_eq!(visible(&mut c, Event::Durable(11)), None, "told once");
    assert_eq!(visible(&mut c, Event::Durable(15)), Some(15));
}

#[test]
fn a_write_cached_topic_shows_what_is_submitted() {
    let mut c = leader(10);
    assert_eq!(visible(&mut c, Event::WriteCaching(true)), None);
    c.step(Event::Appended(12));
    assert_eq!(visible(&mut c, Event::Submitted(12)), Some(12));
    assert_eq!(visible(&mut c, Event::Durable(12)), None);
}

#[test]
fn a_change_of_class_breaks_no_promise_and_takes_nothing_back() {
    let mut c = leader(10);
    c.step(Event::Appended(12));
    c.step(Event::WriteCaching(true));
    c.step(Event::Appended(14));
    assert_eq!(visible(&mut c, Event::Submitted(14)), None, "10 and 11 were promised a flush");
    assert_eq!(visible(&mut c, Event::Durable(12)), Some(14));
    c.step(Event::Appended(16));
    assert_eq!(visible(&mut c, Event::Submitted(16)), Some(16));
    assert_eq!(visible(&mut c, Event::WriteCaching(false)), None, "seen stays seen");
    c.step(Event::Appended(18));
    assert_eq!(visible(&mut c, Event::Submitted(18)), None);
    assert_eq!(visible(&mut c, Event::Durable(18)), Some(18));
}

#[test]
fn a_stopped_replica_says_nothing_more() {
    let mut c = leader(10);
    c.step(Event::Appended(12));
    c.step(Event::Stop);
    assert_eq!(c.step(Event::Durable(12)), Effects::default());
    assert_eq!((c.epoch(), c.leads(), c.is_stopped(), c.visible()), (None, false, true, 10));
}

#[test]
#[should_panic(expected = "only what was appended is flushed")]
fn a_flush_of_what_was_never_appended_is_a_broken_invariant() {
    leader(10).step(Event::Durable(11));
}
