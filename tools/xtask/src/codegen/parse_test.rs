//! The language of the descriptions, and what it refuses.

use super::*;

const METADATA: &str = "\
# What topics there are.
api 3 Metadata
versions 0-13
flexible 9+

request
    topics  [Topic]?1+   # all where null
        id    uuid  10+
        name  string?10+
    create  bool  4-7 = true

response
    brokers  [Broker]  9+  tag 0
    more     [Broker]  2
        node_id  int32  = -1
";

#[test]
fn a_description_says_all_it_says() {
    let api = api(METADATA).unwrap();
    assert_eq!((api.key, api.name.as_str(), api.module().as_str()), (3, "Metadata", "metadata"));
    assert_eq!(api.versions, Versions { min: 0, max: 13 });
    assert_eq!(api.flexible, Some(9));
    let [topics, create] = &api.request.root().fields[..] else { panic!("two fields") };
    assert_eq!(topics.kind, Kind::Array(Box::new(Kind::Struct("Topic".to_owned()))));
    assert_eq!(topics.nullable, Some(Versions { min: 1, max: 13 }));
    assert_eq!(topics.doc, "all where null");
    assert_eq!(create.versions, Versions { min: 4, max: 7 });
    assert_eq!(create.default.as_deref(), Some("true"));
    let topic = api.request.shape("Topic").unwrap();
    assert_eq!(topic.fields[1].nullable, Some(Versions { min: 10, max: 13 }));
    assert_eq!(topic.fields[1].versions, api.versions);
}

#[test]
fn a_struct_is_in_the_versions_of_all_its_users() {
    let api = api(METADATA).unwrap();
    let broker = api.response.shape("Broker").unwrap();
    assert_eq!(broker.versions, Versions { min: 2, max: 13 });
    assert_eq!(broker.fields[0].versions, broker.versions);
    assert_eq!(api.response.root().fields[0].tag, Some(0));
}

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    let wrong = [
        ("bool  4-7", "boolean  4-7", "no such type"),
        ("bool  4-7", "bool  4-14", "not all described"),
        ("bool  4-7", "bool  7-4", "not a range"),
        ("bool  4-7", "bool?  4-7", "never null"),
        ("    create", "            create", "indented too far"),
        ("    create", "     create", "four spaces"),
        ("    create", "    topics", "there already"),
        ("        node_id  int32  = -1\n", "", "has no fields"),
        ("tag 0", "tag 0 0", "too many words"),
        ("int32  = -1", "Topic", "has no fields"),
        ("flexible 9+\n", "", "expected `flexible`"),
        ("# What topics there are.\n", "", "first line"),
    ];
    for (from, to, why) in wrong {
        assert!(METADATA.contains(from), "{from}");
        let refused = api(&METADATA.replacen(from, to, 1)).unwrap_err();
        assert!(format!("{refused:#}").contains(why), "{to}: {refused:#}");
    }
}

#[test]
fn conditions_say_only_what_is_not_known() {
    let known = Versions { min: 4, max: 18 };
    let text = |min, max| Versions { min, max }.condition(known);
    assert_eq!(text(4, 18), None);
    assert_eq!(text(0, 99), None);
    assert_eq!(text(12, 18).as_deref(), Some("v >= 12"));
    assert_eq!(text(4, 12).as_deref(), Some("v <= 12"));
    assert_eq!(text(8, 10).as_deref(), Some("(8..=10).contains(&v)"));
    assert_eq!(text(8, 8).as_deref(), Some("v == 8"));
}
