//! Quotas over the wire: set, told, and honoured: answered first with the time to wait, then not
//! heard until it is over. Codes and words are those of a Kafka 4.3.1 node.

use std::time::Duration;

use net_wire::List;
use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, OpData, RequestEntityData, RequestEntryData,
};
use net_wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use net_wire::messages::describe_client_quotas::{ComponentData, DescribeClientQuotasRequest};
use net_wire::messages::metadata::MetadataRequest;

use crate::scene::{Scene, batch, fetch_request, play, produce_request};

type Entity<'e> = &'e [(&'e str, Option<&'e str>)];

async fn alter(scene: &Scene, entity: Entity<'_>, values: &[(&str, Option<f64>)]) -> (i16, String) {
    let entity = entity.iter().map(|(kind, name)| RequestEntityData {
        entity_type: (*kind).to_owned(),
        entity_name: name.map(str::to_owned),
    });
    let ops = values.iter().map(|(key, value)| OpData {
        key: (*key).to_owned(),
        value: value.unwrap_or(0.0),
        remove: value.is_none(),
    });
    let entry = RequestEntryData { entity: entity.collect(), ops: ops.collect() };
    let mut told = None;
    for version in 0..=1 {
        let request = AlterClientQuotasRequest {
            entries: List::from([entry.clone()]),
            validate_only: version == 0,
        };
        let answer = scene.peer().await.ask(&request, version).await;
        let said = &answer.entries[0];
        let said = (said.error_code, said.error_message.clone().unwrap_or_default());
        assert!(told.as_ref().is_none_or(|told| *told == said), "{told:?}, then {said:?}");
        told = Some(said);
    }
    told.expect("asked twice")
}

async fn set(scene: &Scene, entity: Entity<'_>, key: &str, value: f64) {
    assert_eq!(alter(scene, entity, &[(key, Some(value))]).await, (0, String::new()));
}

/// What a peer calls itself, and who it is.
const CLIENT: Entity<'_> = &[("client-id", Some("a test"))];
const USER: Entity<'_> = &[("user", Some("ANONYMOUS"))];

type Told = (Vec<(String, Option<String>)>, Vec<(String, f64)>);

async fn described(
    scene: &Scene,
    filter: &[(&str, i8, Option<&str>)],
    strict: bool,
) -> Result<Vec<Told>, (i16, String)> {
    let component = |(kind, match_type, name): &(&str, i8, Option<&str>)| ComponentData {
        entity_type: (*kind).to_owned(),
        match_type: *match_type,
        r#match: name.map(str::to_owned),
    };
    let components = filter.iter().map(component).collect();
    let request = DescribeClientQuotasRequest { components, strict };
    let answer = scene.peer().await.ask(&request, 1).await;
    let Some(entries) = answer.entries else {
        return Err((answer.error_code, answer.error_message.unwrap_or_default()));
    };
    assert_eq!(answer.error_code, 0);
    let entries = entries.into_iter().map(|entry| {
        let parts = entry.entity.into_iter().map(|part| (part.entity_type, part.entity_name));
        let values = entry.values.into_iter().map(|value| (value.key, value.value));
        (parts.collect(), values.collect())
    });
    Ok(entries.collect())
}

#[test]
fn quotas_are_set_found_and_taken_away_also_after_a_restart() {
    play(1, |scene| async move {
        let both: Entity<'_> = &[("user", Some("u")), ("client-id", None)];
        set(&scene, &[("user", Some("u"))], "producer_byte_rate", 1000.0).await;
        set(&scene, both, "request_percentage", 0.5).await;
        set(&scene, both, "controller_mutation_rate", 1.5).await;
        set(&scene, &[("ip", None)], "connection_creation_rate", 500.0).await;
        let scene = scene.again().await;
        let name = |kind: &str, name: Option<&str>| (kind.to_owned(), name.map(str::to_owned));
        let value = |key: &str, value: f64| (key.to_owned(), value);
        let ip = (vec![name("ip", None)], vec![value("connection_creation_rate", 500.0)]);
        let user = (vec![name("user", Some("u"))], vec![value("producer_byte_rate", 1000.0)]);
        let pair = (
            vec![name("client-id", None), name("user", Some("u"))],
            vec![value("request_percentage", 0.5), value("controller_mutation_rate", 1.5)],
        );
        let told = async |filter: &[(&str, i8, Option<&str>)], strict| {
            described(&scene, filter, strict).await.expect("a good filter")
        };
        assert_eq!(told(&[], false).await, [ip.clone(), user.clone(), pair.clone()]);
        assert_eq!(told(&[], true).await, []);
        let of_user = [("user", 0, Some("u"))];
        assert_eq!(told(&of_user, false).await, [user.clone(), pair.clone()]);
        assert_eq!(told(&of_user, true).await, [user]);
        assert_eq!(told(&[("client-id", 1, None)], false).await, [pair]);
        assert_eq!(told(&[("ip", 2, None)], true).await, [ip]);
        assert_eq!(told(&[("user", 1, None)], false).await, []);
        let gone = alter(&scene, &[("ip", None)], &[("connection_creation_rate", None)]).await;
        assert_eq!(gone.0, 0);
        assert_eq!(told(&[("ip", 2, None)], true).await, []);
    });
}

#[test]
fn what_cannot_be_is_refused_in_kafkas_words() {
    play(2, |scene| async move {
        let rate = |value| [("producer_byte_rate", Some(value))];
        let connections = |value| [("connection_creation_rate", Some(value))];
        let local: Entity<'_> = &[("ip", Some("127.0.0.2"))];
        let user: Entity<'_> = &[("user", Some("u"))];
        type Values<'v> = &'v [(&'v str, Option<f64>)];
        let cases: &[(Entity<'_>, Values<'_>, &str)] = &[
            (user, &rate(0.0), "Quota producer_byte_rate must be greater than 0"),
            (user, &rate(-1.0), "Quota producer_byte_rate must be greater than 0"),
            (user, &rate(f64::NAN), "Quota producer_byte_rate must be greater than 0"),
            (user, &rate(1000.5), "producer_byte_rate cannot be a fractional value."),
            (user, &rate(1e30), "Proposed value for producer_byte_rate is too large for a LONG."),
            (user, &connections(5.0), "Invalid configuration key connection_creation_rate"),
            (user, &[("nope", Some(5.0))], "Invalid configuration key nope"),
            (local, &rate(5.0), "Invalid configuration key producer_byte_rate"),
            (
                local,
                &connections(5e10),
                "Proposed value for connection_creation_rate is too large for an INT.",
            ),
            (
                &[("ip", Some("no host!"))],
                &connections(5.0),
                "no host! is not a valid IP or resolvable host.",
            ),
            (
                &[("ip", Some("127.0.0.2")), ("user", Some("u"))],
                &connections(5.0),
                "Invalid quota entity combination, IP entity shouldnot be combined with User or \
                 ClientId",
            ),
            (&[("user", Some(""))], &rate(1.0), "Empty user not supported"),
            (&[], &rate(1.0), "Invalid empty client quota entity"),
            (&[("zz", Some("u"))], &rate(1.0), "Unhandled client quota entity type: zz"),
            (
                user,
                &[("producer_byte_rate", Some(1.0)), ("producer_byte_rate", None)],
                "Ignoring duplicate entity ClientQuotaEntity(entries={user=u})",
            ),
        ];
        for (entity, values, words) in cases {
            let said = alter(&scene, entity, values).await;
            assert_eq!((said.0, &*said.1), (42, *words), "{entity:?} {values:?}");
        }
        assert_eq!(alter(&scene, user, &[("nope", None)]).await.0, 0, "nothing to take away");
        let one = |value| RequestEntryData {
            entity: List::from([RequestEntityData {
                entity_type: "user".to_owned(),
                entity_name: Some("u".to_owned()),
            }]),
            ops: List::from([OpData {
                key: "producer_byte_rate".to_owned(),
                value,
                remove: false,
            }]),
        };
        let entries = List::from([one(1.0), one(2.0)]);
        let request = AlterClientQuotasRequest { entries, validate_only: false };
        let answer = scene.peer().await.ask(&request, 1).await;
        assert_eq!((answer.entries.len(), answer.entries[0].error_code), (1, 42), "{answer:?}");
        assert_eq!(described(&scene, &[], false).await, Ok(vec![]));
        type Filter<'f> = &'f [(&'f str, i8, Option<&'f str>)];
        let cases: &[(Filter<'_>, i16, &str)] = &[
            (&[("user", 0, None)], 42, "Request specified MATCH_TYPE_EXACT, but set match string"),
            (&[("user", 1, Some("x"))], 42, "Request specified MATCH_TYPE_DEFAULT, but also"),
            (&[("user", 2, Some("x"))], 42, "Request specified MATCH_TYPE_SPECIFIED, but also"),
            (&[("user", 3, None)], 42, "Unknown match type 3"),
            (&[("zz", 0, Some("x"))], 35, "Unsupported entity type zz"),
            (&[("", 0, Some("x"))], 42, "Invalid empty entity type."),
            (
                &[("user", 1, None), ("user", 2, None)],
                42,
                "Entity type user cannot appear more than once in the filter.",
            ),
            (&[("ip", 2, None), ("user", 2, None)], 42, "Invalid entity filter component"),
        ];
        for (filter, code, words) in cases {
            let said = described(&scene, filter, false).await.expect_err("a bad filter");
            assert_eq!(said.0, *code, "{filter:?}");
            assert!(said.1.starts_with(words), "{filter:?}: {}", said.1);
        }
    });
}

/// Trap 18: the answer comes first and says how long; the next request waits that long.
#[test]
fn a_producer_over_its_rate_is_answered_first_and_then_not_heard() {
    play(3, |scene| async move {
        scene.create("t", 1, &[]).await;
        set(&scene, CLIENT, "producer_byte_rate", 1000.0).await;
        let bytes = batch(&["x".repeat(20_000).as_str()]);
        let request = produce_request("t", 0, bytes.len());
        let mut peer = scene.peer().await;
        let begun = scene.core.now();
        let answer = peer.ask_with(&request, 9, &[&bytes]).await;
        assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
        // Twice what ten seconds allow, and a little for the header.
        let told = answer.throttle_time_ms;
        assert!((10_000..10_500).contains(&told), "{told}");
        assert!(scene.core.now() - begun < Duration::from_secs(1), "answered at once");
        let next = peer.ask(&MetadataRequest::default(), 9).await;
        let waited = scene.core.now() - begun;
        let due = Duration::from_millis(u64::try_from(told).expect("positive"));
        assert!(waited >= due && waited < due + Duration::from_secs(1), "{waited:?}");
        assert_eq!(next.throttle_time_ms, 0);
        // Others with another name are heard meanwhile; this one shares the rate by its name.
        let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
        assert!(answer.throttle_time_ms > 10_000, "what was used before counts");
        let gone = alter(&scene, CLIENT, &[("producer_byte_rate", None)]).await;
        assert_eq!(gone.0, 0);
        let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
        assert_eq!(answer.throttle_time_ms, 0);
    });
}

#[test]
fn a_produce_without_an_answer_is_waited_for_too() {
    play(4, |scene| async move {
        scene.create("t", 1, &[]).await;
        set(&scene, USER, "producer_byte_rate", 1000.0).await;
        let bytes = batch(&["x".repeat(20_000).as_str()]);
        let mut request = produce_request("t", 0, bytes.len());
        request.acks = 0;
        let mut peer = scene.peer().await;
        let frame = peer.frame(&request, 9, &[&bytes]);
        peer.send(&frame).await;
        let begun = scene.core.now();
        peer.ask(&MetadataRequest::default(), 9).await;
        let waited = scene.core.now() - begun;
        assert!((9_900..10_600).contains(&waited.as_millis()), "{waited:?}");
    });
}

#[test]
fn a_consumer_over_its_rate_waits() {
    play(5, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["x".repeat(20_000).as_str()]).await;
        let all: Entity<'_> = &[("user", None), ("client-id", None)];
        set(&scene, all, "consumer_byte_rate", 1000.0).await;
        let mut peer = scene.peer().await;
        let begun = scene.core.now();
        let answer = peer.ask(&fetch_request("t", 0, 0), 11).await;
        let told = answer.throttle_time_ms;
        assert!((10_000..10_500).contains(&told), "{told}");
        peer.ask(&MetadataRequest::default(), 9).await;
        assert!((scene.core.now() - begun).as_millis() >= u128::try_from(told).expect("positive"));
        // Before version 1 nothing was told, and version 4 tells it too.
        let answer = peer.ask(&fetch_request("t", 0, 0), 4).await;
        assert!(answer.throttle_time_ms > 10_000);
    });
}

/// Each reading of the simulated clock is a microsecond, so that a request takes a few of them.
#[test]
fn the_time_that_requests_take_is_bounded() {
    play(6, |scene| async move {
        set(&scene, USER, "request_percentage", 0.000_001).await;
        let mut peer = scene.peer().await;
        let answer = peer.ask(&MetadataRequest::default(), 9).await;
        assert_eq!(answer.throttle_time_ms, 1000, "never longer than a second, as by Kafka");
        let begun = scene.core.now();
        peer.ask(&MetadataRequest::default(), 9).await;
        assert!(scene.core.now() - begun >= Duration::from_millis(990));
        set(&scene, USER, "request_percentage", 50.0).await;
        let answer = scene.peer().await.ask(&MetadataRequest::default(), 9).await;
        assert_eq!(answer.throttle_time_ms, 0);
    });
}

fn topics(names: &[&str], partitions: i32, validate_only: bool) -> CreateTopicsRequest {
    let topic = |name: &&str| CreatableTopic {
        name: (*name).to_owned(),
        num_partitions: partitions,
        replication_factor: 1,
        ..Default::default()
    };
    let topics = names.iter().map(topic).collect();
    CreateTopicsRequest { topics, timeout_ms: 5000, validate_only }
}

/// KIP-599: eleven seconds' worth at once and one request beyond; then 89 until it is paid back.
/// Older versions do it and wait.
#[test]
fn mutations_over_the_rate_are_refused_or_waited_for() {
    play(7, |scene| async move {
        set(&scene, USER, "controller_mutation_rate", 1.0).await;
        let codes = |answer: &net_wire::messages::create_topics::CreateTopicsResponse| {
            answer.topics.iter().map(|topic| topic.error_code).collect::<Vec<_>>()
        };
        let mut peer = scene.peer().await;
        // The names that cannot be are refused for that, and cost nothing.
        let answer = peer.ask(&topics(&["a", "a b", "b", "c"], 10, false), 7).await;
        assert_eq!(codes(&answer), [0, 17, 0, 89], "{answer:?}");
        let why = answer.topics[3].error_message.as_deref();
        assert_eq!(why, Some("The throttling quota has been exceeded."));
        assert_eq!(answer.throttle_time_ms, 9000);
        let begun = scene.core.now();
        let answer = peer.ask(&topics(&["c"], 1, false), 7).await;
        let waited = (scene.core.now() - begun).as_millis();
        assert!((8_900..9_500).contains(&waited), "{waited}");
        assert_eq!((codes(&answer), answer.throttle_time_ms), (vec![0], 0));
        // Asking costs too, as by Kafka; and more partitions and deletions are mutations.
        let answer = peer.ask(&topics(&["d"], 1, true), 7).await;
        assert_eq!(codes(&answer), [89]);
        let more = CreatePartitionsRequest {
            topics: List::from([CreatePartitionsTopic {
                name: "c".to_owned(),
                count: 6,
                assignments: None,
            }]),
            timeout_ms: 5000,
            validate_only: false,
        };
        let answer = peer.ask(&more, 3).await;
        assert_eq!(answer.results[0].error_code, 0, "the debt was waited for");
        let answer = scene.peer().await.ask(&more, 3).await;
        assert_eq!(answer.results[0].error_code, 37, "it has as many: that costs nothing");
        let named =
            |name: &str| DeleteTopicState { name: Some(name.to_owned()), ..Default::default() };
        let delete = DeleteTopicsRequest {
            topics: List::from([named("a"), named("nobody")]),
            timeout_ms: 5000,
            ..Default::default()
        };
        let mut other = scene.peer().await;
        let answer = other.ask(&delete, 6).await;
        let told: Vec<i16> = answer.responses.iter().map(|one| one.error_code).collect();
        assert_eq!(told, [89, 3]);
        let old = DeleteTopicsRequest {
            topic_names: List::from(["a".to_owned()]),
            timeout_ms: 5000,
            ..Default::default()
        };
        let answer = scene.peer().await.ask(&old, 4).await;
        assert_eq!(answer.responses[0].error_code, 0, "done, and waited for afterwards");
        assert!(answer.throttle_time_ms >= 10_000, "{}", answer.throttle_time_ms);
    });
}

#[test]
fn an_address_that_connects_too_often_is_held_and_closed() {
    play(8, |scene| async move {
        set(&scene, &[("ip", Some("127.0.0.1"))], "connection_creation_rate", 1.0).await;
        let mut closed = 0;
        for _ in 0..14 {
            let mut peer = scene.peer().await;
            let frame = peer.frame(&MetadataRequest::default(), 9, &[]);
            peer.send(&frame).await;
            let begun = scene.core.now();
            if peer.receive().await.is_none() {
                closed += 1;
                assert!(scene.core.now() - begun >= Duration::from_millis(50), "held for a while");
            }
        }
        assert!((1..=4).contains(&closed), "{closed}: ten in the first second are let in");
        assert!(scene.told().iter().any(|told| told.to_string().contains("too often")
            || told.to_string().contains("more often than its quota")));
    });
}
