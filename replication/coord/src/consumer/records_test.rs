//! Records byte for byte as a Kafka 4.3.1 node wrote them, and what must not be read.

use std::collections::BTreeMap;

use engine_base::Uuid;
use replication_machine::RecordView;

use super::*;
use crate::records::{Entry, decode as decode_any};

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn id(text: &str) -> Uuid {
    Uuid(hex(text).try_into().unwrap())
}

const TA: &str = "75f7d681907c4f47bfea0f53fd5dceb8";

fn said(topics: &[&str], regex: &str) -> Subscription {
    Subscription {
        client_id: "cli".into(),
        client_host: "/127.0.0.1".into(),
        topics: topics.iter().map(|topic| Rc::from(*topic)).collect(),
        regex: regex.into(),
        rebalance_ms: 60_000,
        ..Subscription::default()
    }
}

fn owned(topic: &str, partitions: &[(i32, i32)]) -> Owned {
    BTreeMap::from([(id(topic), partitions.iter().copied().collect())])
}

/// What is written is this, and read it says the same.
fn check(written: &Record, key: &str, value: &str, fact: &Fact<'_>) {
    assert_eq!(written.key.as_deref(), Some(&*hex(key)));
    assert_eq!(written.value.as_deref(), Some(&*hex(value)));
    let (key, value) = (hex(key), hex(value));
    let view = RecordView { key: Some(&key), value: Some(&value), timestamp: 0, offset: 0 };
    match decode_any(&view).unwrap() {
        Entry::Consumer { fact: read, .. } => assert_eq!(read, *fact),
        other => panic!("{other:?}"),
    }
}

#[test]
fn epochs_are_as_kafka_writes_them() {
    let hash = 0x5dea_ee05_1639_33a0;
    let written = group("s1v0", 2, hash);
    check(
        &written,
        "0003000473317630",
        "0000000000020100085deaee05163933a0",
        &Fact::Group(Some((2, hash))),
    );
    check(&group("s1v0", 3, 0), "0003000473317630", "00000000000300", &Fact::Group(Some((3, 0))));
    let at = 0x1a1_ff53_5ce5;
    check(
        &targets("s1v0", 2, at),
        "0006000473317630",
        "000000000002010008000001a1ff535ce5",
        &Fact::Targets(Some((2, at))),
    );
    check(
        &targets("mig1", 1, 0),
        "000600046d696731",
        "00000000000100",
        &Fact::Targets(Some((1, 0))),
    );
}

#[test]
fn members_are_as_kafka_writes_them() {
    let topics = Subscription { rebalance_ms: 5_000, ..said(&["ta", "tb"], "") };
    check(
        &member("s1", "d", &topics),
        "000500027331000164",
        "0000000004636c690b2f3132372e302e302e310303746103746201000013880001000100",
        &Fact::Member("d", Some(topics)),
    );
    let instance_id = Some("i1".into());
    let statics = Subscription { instance_id, rebalance_ms: 5_000, ..said(&["ta"], "") };
    check(
        &member("s1", "s", &statics),
        "000500027331000173",
        "00000369310004636c690b2f3132372e302e302e310203746101000013880001000100",
        &Fact::Member("s", Some(statics)),
    );
    let regex = said(&["x"], "t[ab]");
    check(
        &member("rx1", "r2", &regex),
        "0005000372783100027232",
        "0000000004636c690b2f3132372e302e302e3102027806745b61625d0000ea600001000100",
        &Fact::Member("r2", Some(regex)),
    );
    let words = hex("000300000001000274610000000000000000ffffffffffff");
    let protocols = Rc::from([(Rc::from("range"), Rc::from(words))]);
    let classic = Some(Classic { session_ms: 45_000, protocols });
    let classic = Subscription { instance_id: Some("i1".into()), classic, ..said(&["ta"], "") };
    check(
        &member("mig3", "I569zec6Qay_F589M58BpQ", &classic),
        "000500046d6967330016493536397a6563365161795f463538394d3538427051",
        "00000369310004636c690b2f3132372e302e302e3102037461010000ea6000010027010000afc8020672616e\
         676519000300000001000274610000000000000000ffffffffffff0000",
        &Fact::Member("I569zec6Qay_F589M58BpQ", Some(classic)),
    );
}

#[test]
fn targets_are_as_kafka_writes_them() {
    let share = Share::from([(id(TA), BTreeSet::from([2, 3]))]);
    check(
        &target("mig1", "B", &share),
        "000700046d696731000142",
        "00000275f7d681907c4f47bfea0f53fd5dceb80300000002000000030000",
        &Fact::Target("B", Some(share)),
    );
    let nothing = Fact::Target("x", Some(Share::new()));
    check(&target("s1", "x", &Share::new()), "000700027331000178", "00000100", &nothing);
}

#[test]
fn what_members_have_is_as_kafka_writes_it() {
    let nothing = Current { previous: 0, ..Current::nothing(1) };
    check(
        &current("s1", "x", &nothing),
        "000800027331000178",
        "0000000000010000000000010100",
        &Fact::Current("x", Some(nothing)),
    );
    let revoking = Current {
        epoch: 1,
        previous: 1,
        state: MemberState::Unrevoked,
        assigned: owned(TA, &[(0, 1), (1, 1)]),
        revoking: owned(TA, &[(2, 1), (3, 1)]),
    };
    let classic = "cli-6f13a520-d712-418c-a1bb-56c62b20bb5b";
    check(
        &current("mig1", classic, &revoking),
        "000800046d6967310028636c692d36663133613532302d643731322d343138632d613162622d3536633632\
         62323062623562",
        "00000000000100000001010275f7d681907c4f47bfea0f53fd5dceb803000000000000000101000903000000\
         01000000010275f7d681907c4f47bfea0f53fd5dceb8030000000200000003010009030000000100000001\
         00",
        &Fact::Current(classic, Some(revoking)),
    );
}

#[test]
fn patterns_are_as_kafka_writes_them() {
    let topics = Rc::from([Rc::from("ta"), Rc::from("tb")]);
    let resolved = Resolved { topics, version: 0x244, at_ms: 0x1a1_ff54_f0eb };
    check(
        &pattern("rx1", "t[ab]", &resolved),
        "001000037278310005745b61625d",
        "0000030374610374620000000000000244000001a1ff54f0eb00",
        &Fact::Pattern("t[ab]", Some(resolved)),
    );
}

/// Kafka's order, as its node wrote it when a group of three was converted.
#[test]
fn a_group_goes_in_kafkas_order() {
    let members: Vec<Rc<str>> = vec!["B".into(), "c".into()];
    let patterns: Vec<Rc<str>> = vec!["p".into()];
    let gone = no_group("g", members.iter(), patterns.iter());
    let kinds: Vec<u8> = gone.iter().map(|record| record.key.as_ref().unwrap()[1]).collect();
    assert_eq!(kinds, [8, 8, 7, 7, 6, 5, 5, 16, 4, 3]);
    assert!(gone.iter().all(|record| record.value.is_none()));
}

#[test]
fn an_owner_of_an_older_version_has_its_partitions_since_ever() {
    // As Kafka before 4.3 wrote it: without the tagged epochs.
    let value = hex("00000000000100000001000275f7d681907c4f47bfea0f53fd5dceb80200000005000100");
    let key = hex("000800027331000178");
    let view = RecordView { key: Some(&key), value: Some(&value), timestamp: 0, offset: 0 };
    let Entry::Consumer { fact: Fact::Current(_, Some(read)), .. } = decode_any(&view).unwrap()
    else {
        panic!("not what a member has")
    };
    assert_eq!(read.assigned, owned(TA, &[(5, 0)]));
}

#[test]
fn topics_of_older_versions_say_nothing_and_newer_values_stop_the_machine() {
    let view = |key: &str, value: &str| {
        let (key, value) = (hex(key), hex(value));
        let view = RecordView { key: Some(&key), value: Some(&value), timestamp: 0, offset: 0 };
        decode_any(&view).map(|entry| matches!(entry, Entry::Consumer { .. }))
    };
    assert_eq!(view("0004000473317630", "000000"), Ok(true));
    for kind in ["0003", "0005", "0006", "0007", "0008", "0010"] {
        let key = format!("{kind}000473317630000161");
        assert!(matches!(view(&key, "000100"), Err(BadRecord::Newer(_))), "{kind}");
        assert!(matches!(view(&key, "ffff00"), Err(BadRecord::Broken(_))), "{kind}");
        assert!(matches!(view(&key, "0000"), Err(BadRecord::Broken(_))), "{kind}");
    }
}

#[test]
fn no_cut_and_no_length_breaks_more_than_the_record() {
    let classic =
        Classic { session_ms: 1, protocols: Rc::from([(Rc::from("range"), Rc::from([1, 2, 3]))]) };
    let said = Subscription { classic: Some(classic), ..said(&["ta", "tb"], "x.*") };
    let has = Current { assigned: owned(TA, &[(1, 2), (3, 4)]), ..Current::nothing(4) };
    let topics = Rc::from([Rc::from("ta")]);
    let whole = [
        member("g", "m", &said),
        current("g", "m", &has),
        target("g", "m", &share_of(&has.assigned)),
        pattern("g", "p", &Resolved { topics, version: 1, at_ms: 2 }),
        group("g", 1, 2),
        targets("g", 1, 2),
    ];
    for record in &whole {
        let (key, value) = (record.key.as_ref().unwrap(), record.value.as_ref().unwrap());
        let read = |value: &[u8]| {
            let view = RecordView { key: Some(key), value: Some(value), timestamp: 0, offset: 0 };
            decode_any(&view).map(|_| ())
        };
        assert!(read(value).is_ok());
        for cut in 0..value.len() {
            assert!(matches!(read(&value[..cut]), Err(BadRecord::Broken(_))), "cut at {cut}");
        }
        for at in 0..value.len() {
            for byte in [0x00, 0x7f, 0x80, 0xff] {
                let mut bad = value.clone();
                bad[at] = byte;
                // Whatever it says, it allocates nothing and ends.
                _ = read(&bad);
            }
        }
    }
}
