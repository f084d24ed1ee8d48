//! Topics: created, created by use, deleted, told.

use engine_base::Uuid;
use net_server::Notice;
use net_wire::List;
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use net_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};

use crate::scene::{Scene, play};

fn named(names: &[&str], create: bool) -> MetadataRequest {
    let topic =
        |name: &&str| MetadataRequestTopic { name: Some((*name).to_owned()), ..Default::default() };
    MetadataRequest {
        topics: Some(names.iter().map(topic).collect()),
        allow_auto_topic_creation: create,
        ..Default::default()
    }
}

async fn ask(scene: &Scene, request: &MetadataRequest, version: i16) -> MetadataResponse {
    scene.peer().await.ask(request, version).await
}

fn codes(response: &MetadataResponse) -> Vec<(&str, i16)> {
    let topics = response.topics.iter();
    topics.map(|topic| (topic.name.as_deref().unwrap_or("-"), topic.error_code)).collect()
}

#[test]
fn all_some_or_no_topics() {
    play(1, |scene| async move {
        scene.create("a", 2, &[]).await;
        scene.create("b", 1, &[]).await;
        let all = MetadataRequest { topics: None, ..Default::default() };
        for version in 1..=13 {
            let response = ask(&scene, &all, version).await;
            assert_eq!(codes(&response), [("a", 0), ("b", 0)], "version {version}");
            assert_eq!(response.brokers[0].host, "localhost");
            assert_eq!((response.brokers[0].port, response.controller_id), (9092, 0));
            let partitions = &response.topics[0].partitions;
            assert_eq!(partitions.len(), 2);
            assert_eq!((partitions[1].partition_index, partitions[1].leader_id), (1, 0));
            assert_eq!(partitions[1].isr_nodes, *[0].as_slice());
        }
        assert_eq!(codes(&ask(&scene, &named(&[], false), 0).await).len(), 2, "empty is all");
        assert_eq!(codes(&ask(&scene, &named(&[], false), 1).await).len(), 0, "empty is none");
        let some = named(&["b", "x", "a b", "b"], false);
        assert_eq!(codes(&ask(&scene, &some, 9).await), [("b", 0), ("x", 3), ("a b", 17)]);
    });
}

#[test]
fn topics_are_found_by_id_from_version_12_on() {
    play(2, |scene| async move {
        scene.create("a", 1, &[]).await;
        let id = scene.node.image().topic("a").expect("created").id;
        let topic = |topic_id| MetadataRequestTopic { name: None, topic_id };
        let topics = Some(List::from([topic(id), topic(Uuid([9; 16]))]));
        let request = MetadataRequest { topics, ..Default::default() };
        assert_eq!(codes(&ask(&scene, &request, 12).await), [("a", 0), ("-", 100)]);
        let refused = ask(&scene, &request, 10).await;
        assert_eq!(codes(&refused), [("", 42), ("", 42)]);
        assert!(refused.brokers.is_empty());
    });
}

#[test]
fn asking_for_a_topic_creates_it_and_the_operator_learns_who_asked() {
    play(3, |scene| async move {
        let response = ask(&scene, &named(&["new", "..", "a b"], true), 9).await;
        assert_eq!(codes(&response), [("new", 0), ("..", 17), ("a b", 17)]);
        assert_eq!(response.topics[0].partitions.len(), 1);
        let told = scene.told();
        let [Notice::TopicCreatedByUse { topic, client, peer }] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!((&**topic, &**client), ("new", "a test"));
        assert!(peer.ip().is_loopback());
        let response = ask(&scene, &named(&["other"], false), 9).await;
        assert_eq!(codes(&response), [("other", 3)], "not without leave");
        ask(&scene, &named(&["old"], false), 3).await;
        assert!(scene.node.image().topic("old").is_some(), "before version 4 all leave is given");
    });
}

#[test]
fn operations_are_told_when_asked_for() {
    play(4, |scene| async move {
        scene.create("a", 1, &[]).await;
        let request = MetadataRequest {
            include_cluster_authorized_operations: true,
            include_topic_authorized_operations: true,
            ..named(&["a", "x"], false)
        };
        let response = ask(&scene, &request, 9).await;
        assert_eq!(response.cluster_authorized_operations, 8096);
        assert_eq!(response.topics[0].topic_authorized_operations, 3576);
        assert_eq!(response.topics[1].topic_authorized_operations, i32::MIN);
    });
}

#[test]
fn creation_tells_what_became() {
    play(5, |scene| async move {
        let topic = |name: &str, num_partitions, replication_factor| CreatableTopic {
            name: name.to_owned(),
            num_partitions,
            replication_factor,
            configs: List::from([CreatableTopicConfig {
                name: "retention.ms".to_owned(),
                value: Some("12345".to_owned()),
            }]),
            ..Default::default()
        };
        let mut request = CreateTopicsRequest {
            topics: List::from([
                topic("a", -1, -1),
                topic("b", 3, 1),
                topic("b", 2, 1),
                topic("c", 0, 1),
                topic("a b", 1, 1),
                topic("d", 1, 2),
            ]),
            timeout_ms: 5000,
            validate_only: true,
        };
        let mut peer = scene.peer().await;
        let only = peer.ask(&request, 7).await;
        assert_eq!(scene.node.image().topic_count(), 0, "nothing came of it");
        request.validate_only = false;
        let created = peer.ask(&request, 7).await;
        for answer in [only, created] {
            let codes = answer.topics.iter().map(|topic| (&*topic.name, topic.error_code));
            let expected = [("a", 0), ("b", 42), ("c", 37), ("a b", 17), ("d", 38)];
            assert_eq!(codes.collect::<Vec<_>>(), expected);
            let topic = &answer.topics[0];
            assert_eq!((topic.num_partitions, topic.replication_factor), (1, 1));
            let configs = topic.configs.as_ref().expect("told");
            let retention = configs.iter().find(|config| config.name == "retention.ms");
            let retention = retention.expect("every key is told");
            assert_eq!((retention.value.as_deref(), retention.config_source), (Some("12345"), 1));
            assert!(configs.iter().all(|config| config.value.is_some()));
        }
        let facts = scene.node.image();
        let id = facts.topic("a").expect("created").id;
        let again = peer.ask(&request, 7).await;
        assert_eq!(again.topics[0].error_code, 36);
        assert!(!id.is_zero());
    });
}

#[test]
fn deletion_by_name_and_id() {
    play(6, |scene| async move {
        for name in ["a", "b", "c"] {
            scene.create(name, 1, &[]).await;
        }
        let id = scene.node.image().topic("b").expect("created").id;
        let by = |name: Option<&str>, topic_id| DeleteTopicState {
            name: name.map(str::to_owned),
            topic_id,
        };
        let request = DeleteTopicsRequest {
            topics: List::from([
                by(Some("a"), Uuid::ZERO),
                by(None, id),
                by(Some("c"), id),
                by(Some("x"), Uuid::ZERO),
                by(None, Uuid([9; 16])),
            ]),
            timeout_ms: 5000,
            ..Default::default()
        };
        let answer = scene.peer().await.ask(&request, 6).await;
        let mut codes: Vec<(Option<&str>, i16)> = answer
            .responses
            .iter()
            .map(|topic| (topic.name.as_deref(), topic.error_code))
            .collect();
        codes.sort();
        let expected =
            [(None, 100), (Some("a"), 0), (Some("b"), 0), (Some("c"), 42), (Some("x"), 3)];
        assert_eq!(codes, expected);
        let left = ask(&scene, &MetadataRequest { topics: None, ..Default::default() }, 9).await;
        assert_eq!(self::codes(&left), [("c", 0)]);
        let unknown = ask(&scene, &named(&["a"], false), 9).await;
        assert_eq!(self::codes(&unknown), [("a", 3)]);
    });
}
