//! Patterns over more topics than one turn looks at, and patterns that cost as much as they may.

use super::super::group_test::{Scene, a_join};
use super::*;
use crate::command::ConsumerHeartbeat;

fn by(id: &str, epoch: i32, regex: &str) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        regex: Some(regex.into()),
        topics: None,
        ..ConsumerHeartbeat { member_epoch: epoch, ..a_join(id, &[]) }
    }
}

/// How many partitions a member has.
fn has(s: &mut Scene, id: &str, epoch: i32) -> (i32, usize) {
    let beat = s.beat(by(id, epoch, &s.member(id).regex.unwrap())).unwrap();
    s.h.settle();
    let assigned = beat.assignment.into_iter().flatten();
    (beat.member_epoch, assigned.map(|(_, partitions)| partitions.len()).sum())
}

/// A pattern that may do 3 million steps for each name was matched against all of them in the
/// decision, with all others of its group: the core was held for seconds.
#[test]
fn a_pattern_is_looked_up_in_turns() {
    let mut s = Scene::new();
    let long = "ab".repeat(120);
    // One that fits into a turn stands for its topics at once.
    let light = s.beat(by("light", 0, "t[ab]")).unwrap();
    assert_eq!(light.assignment.unwrap().len(), 2);
    (0..200).for_each(|at| s.topics.put(&format!("{at:03}{long}"), 1));
    s.pass(1);
    let costly = format!("x?[0-9]+(?:{})", "[a-z]*[b-z]*".repeat(200));
    let compiled = pattern::compile(&costly).unwrap();
    let names = PATTERN_TURN_COST / (compiled.bytes * (long.len() + 3 + NAME_COST)) + 1;
    assert!((1..20).contains(&names), "{} bytes", compiled.bytes);
    let heavy = s.beat(by("heavy", 0, &costly)).unwrap();
    assert_eq!(heavy.assignment, Some(Vec::new()));
    let mut turns = 0;
    while !s.h.machine().groups["g"].consumer.as_ref().unwrap().patterns.contains_key(&*costly) {
        s.pass(0);
        turns += 1;
        assert!(turns <= 201, "it comes to an end");
    }
    assert!(turns >= 200 / names - 1, "{turns} turns of {names} names");
    s.pass(1);
    assert_eq!(has(&mut s, "heavy", heavy.member_epoch).1, 200);
    let light = has(&mut s, "light", light.member_epoch);
    assert_eq!(light.1, 7, "ta and tb stay where they were");
    s.h.check_replay(s.fresh());
    // Topics come: both patterns are looked up again, after a rest, one after the other.
    s.topics.put("tb", 4);
    s.topics.put(&format!("x1{long}"), 1);
    s.pass(10);
    let epoch = light.0;
    s.stays("light", epoch).unwrap();
    (0..300).for_each(|_| s.pass(0));
    s.pass(1);
    let patterns = s.h.machine().groups["g"].consumer.as_ref().unwrap().patterns.clone();
    assert_eq!(patterns[&*costly].topics.len(), 201);
    s.h.check_replay(s.fresh());
}

/// Whatever a pattern is, finding that out takes no longer than a turn, and is bounded.
#[test]
fn patterns_that_would_take_a_turn_to_compile_are_refused() {
    for bad in [
        "(?:(?:[a-z]?){1000}){10}".to_owned(),
        format!("(?i){}", r"\pL".repeat(1_000)),
        format!("{}é", "[^a]".repeat(40)),
        "a".repeat(9_000),
        "(?:.*x){900}.{1000}".to_owned(),
    ] {
        assert!(pattern::compile(&bad).is_err(), "{bad}");
    }
    for good in [
        ".*",
        "orders-.*",
        r"[\w.-]+-\d{4}-\d{2}",
        ".{1,249}",
        r"\p{L}+",
        r"(?i)\PL*-[\p{Lu}é]+",
        "(orders|payments|users)\\..*\\.v[0-9]+",
        "(?:[^.]+\\.){3}[^.]+",
        "a{1000}|ta",
    ] {
        assert!(pattern::compile(good).is_ok(), "{good}");
    }
    assert_eq!(pattern::compile("orders-.*").unwrap().bytes, 1024);
    assert!(pattern::compile(r"[\w.-]+-\d{4}-\d{2}").unwrap().bytes <= 4096);
}
