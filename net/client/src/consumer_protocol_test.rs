//! Subscriptions and assignments as Kafka's own consumer writes them, and the range assignor's
//! arithmetic.

use super::*;

fn places(text: &str) -> Vec<TopicPartition> {
    let place = |word: &str| {
        let (topic, partition) = word.split_once('/').expect("topic/partition");
        TopicPartition { topic: topic.into(), partition: partition.parse().expect("a number") }
    };
    text.split_whitespace().map(place).collect()
}

#[test]
fn the_bytes_are_kafkas() {
    // ConsumerProtocolSubscription, version 0: version, one topic "ab", null user data.
    let bytes = [0, 0, 0, 0, 0, 1, 0, 2, b'a', b'b', 0xff, 0xff, 0xff, 0xff];
    assert_eq!(subscription(&["ab".into()]), bytes);
    // Version 3 begins alike; owned partitions, a generation and a rack follow.
    let newer =
        [&[0, 3][..], &bytes[2..], &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..]].concat();
    assert_eq!(subscribed(&newer), Some(vec!["ab".into()]));
    let bytes = [
        &[0, 0, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5][..],
        &[0xff, 0xff, 0xff, 0xff][..],
    ]
    .concat();
    assert_eq!(assignment(&places("t/0 t/5")), bytes);
    assert_eq!(assigned(&bytes), Some(places("t/0 t/5")));
    assert_eq!(assigned(&[]), Some(Vec::new()));
}

#[test]
fn bytes_that_lie_are_refused() {
    let whole = assignment(&places("topic/0 topic/1 other/7"));
    for end in 1..whole.len() - 4 {
        assert_eq!(assigned(&whole[..end]), None, "cut at {end}");
    }
    assert_eq!(subscribed(&[0, 0, 0x7f, 0xff, 0xff, 0xff]), None, "no memory for a lie");
    assert_eq!(subscribed(&[0xff, 0xff, 0, 0, 0, 0]), None, "no version below 0");
}

#[test]
fn ranges_are_given_in_the_members_order() {
    let member = |id: &str, instance: Option<&str>, topics: &str| Subscriber {
        id: id.into(),
        instance: instance.map(String::from),
        topics: topics.split(' ').map(String::from).collect(),
    };
    let counts = BTreeMap::from([("t".to_string(), 7), ("u".to_string(), 1)]);
    let members =
        [member("c", None, "t u"), member("a", None, "t"), member("z", Some("first"), "t u")];
    let given = range(&members, &counts);
    assert_eq!(given["z"], places("t/0 t/1 t/2 u/0"), "a static member stands first");
    assert_eq!(given["a"], places("t/3 t/4"));
    assert_eq!(given["c"], places("t/5 t/6"));
    let alone = range(&[member("m", None, "x")], &counts);
    assert_eq!(alone["m"], [], "nothing of topics it did not ask for");
}
