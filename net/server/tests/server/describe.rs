//! The cluster, configs, coordinators that are not there yet.

use net_wire::List;
use net_wire::messages::describe_cluster::DescribeClusterRequest;
use net_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResult,
};
use net_wire::messages::find_coordinator::FindCoordinatorRequest;

use crate::scene::{Scene, play, play_with};

async fn configs(
    scene: &Scene,
    resource_type: i8,
    name: &str,
    keys: Option<&[&str]>,
) -> DescribeConfigsResult {
    let keys = keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
    let request = DescribeConfigsRequest {
        resources: List::from([DescribeConfigsResource {
            resource_type,
            resource_name: name.to_owned(),
            configuration_keys: keys,
        }]),
        include_synonyms: true,
        include_documentation: true,
    };
    scene.peer().await.ask(&request, 4).await.results[0].clone()
}

#[test]
fn every_key_has_a_value_a_source_and_a_meaning() {
    play(1, |scene| async move {
        scene.create("t", 1, &[("max.message.bytes", "5000")]).await;
        let all = configs(&scene, 2, "t", None).await;
        assert!(all.configs.len() >= 33, "{}", all.configs.len());
        for config in &all.configs {
            assert!(config.value.is_some() && config.documentation.is_some(), "{}", config.name);
            assert!(config.config_type > 0 && config.config_source > 0, "{}", config.name);
        }
        let some = configs(&scene, 2, "t", Some(&["retention.ms", "max.message.bytes", "x"])).await;
        let told = some.configs.iter().map(|config| {
            let synonyms = config.synonyms.iter().map(|synonym| (&*synonym.name, synonym.source));
            (&*config.name, config.value.as_deref(), config.config_source, synonyms.collect())
        });
        let expected = [
            (
                "max.message.bytes",
                Some("5000"),
                1,
                vec![("max.message.bytes", 1), ("message.max.bytes", 5)],
            ),
            (
                "retention.ms",
                Some("7777777777777"),
                4,
                vec![("log.retention.ms", 4), ("log.retention.hours", 5)],
            ),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        let none = configs(&scene, 2, "t", Some(&[])).await;
        assert_eq!(none.configs.len(), all.configs.len(), "no keys are all keys");
        let node = configs(&scene, 4, "0", None).await;
        assert!(node.configs.len() > 300, "{}", node.configs.len());
        let set = node.configs.iter().find(|config| config.name == "log.retention.ms");
        assert_eq!(set.and_then(|config| config.value.as_deref()), Some("7777777777777"));
    });
}

/// Where the scene keeps its data.
const DIR: &str = "/data";

/// Sources, synonyms and types are those that a Kafka 4.3.1 node answered with.
#[test]
fn a_node_tells_the_number_the_addresses_and_the_directories_that_it_runs_with() {
    play(6, |scene| async move {
        let keys =
            ["broker.id", "node.id", "listeners", "advertised.listeners", "log.dir", "log.dirs"];
        let told = configs(&scene, 4, "0", Some(&keys)).await;
        let told = told.configs.iter().map(|config| {
            let synonyms = config.synonyms.iter();
            let synonyms = synonyms.map(|s| (s.value.clone().unwrap_or_default(), s.source));
            let value = config.value.clone().unwrap_or_default();
            (
                &*config.name,
                value,
                config.config_source,
                config.config_type,
                synonyms.collect::<Vec<_>>(),
            )
        });
        let bound = "PLAINTEXT://127.0.0.1:9092";
        let own = |text: &str| (text.to_owned(), 4);
        let expected = [
            (
                "advertised.listeners",
                "PLAINTEXT://localhost:9092".to_owned(),
                4,
                7,
                vec![own("PLAINTEXT://localhost:9092")],
            ),
            ("broker.id", "0".into(), 4, 3, vec![own("0"), ("-1".into(), 5)]),
            ("listeners", bound.into(), 4, 7, vec![own(bound), (bound.into(), 5)]),
            ("log.dir", DIR.into(), 5, 7, vec![(DIR.into(), 5)]),
            ("log.dirs", DIR.into(), 4, 7, vec![own(DIR)]),
            ("node.id", "0".into(), 4, 3, vec![own("0")]),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn resources_that_are_not_there_are_refused() {
    play(2, |scene| async move {
        for (resource_type, name, code) in
            [(2, "x", 3), (2, "a b", 17), (4, "", 0), (4, "5", 42), (4, "y", 42), (99, "", 42)]
        {
            let answer = configs(&scene, resource_type, name, None).await;
            assert_eq!(answer.error_code, code, "{resource_type} {name:?}");
        }
    });
}

#[test]
fn the_cluster_is_told_to_who_asks_for_brokers() {
    play(3, |scene| async move {
        let mut peer = scene.peer().await;
        for version in 0..=2 {
            let request = DescribeClusterRequest { endpoint_type: 1, ..Default::default() };
            let answer = peer.ask(&request, version).await;
            assert_eq!((answer.error_code, answer.controller_id), (0, 0));
            assert_eq!(answer.cluster_id, scene.node.report().cluster.to_string());
            assert_eq!((&*answer.brokers[0].host, answer.brokers[0].port), ("localhost", 9092));
        }
        for (endpoint_type, code) in [(2, 114), (7, 115)] {
            let request = DescribeClusterRequest { endpoint_type, ..Default::default() };
            assert_eq!(peer.ask(&request, 1).await.error_code, code);
        }
    });
}

#[test]
fn coordinators_of_anything_but_groups_are_refused_in_words() {
    play(4, |scene| async move {
        let mut peer = scene.peer().await;
        let share = "g:AAAAAAAAAAAAAAAAAAAAAQ:0";
        for (key, key_type, codes) in
            [("g", 1, [35; 3]), ("g", 2, [42; 3]), (share, 2, [42, 42, 15]), ("g", 9, [42; 3])]
        {
            let old = FindCoordinatorRequest { key: key.into(), key_type, ..Default::default() };
            let answer = peer.ask(&old, 3).await;
            assert_eq!((answer.error_code, answer.node_id), (codes[0], -1));
            assert!(answer.error_message.is_some_and(|words| !words.is_empty()));
            let keys = List::from([key.to_owned(), key.to_owned()]);
            let new =
                FindCoordinatorRequest { coordinator_keys: keys, key_type, ..Default::default() };
            // Share groups may be asked for from version 6 on.
            for (version, code) in [(4, codes[1]), (6, codes[2])] {
                let answer = peer.ask(&new, version).await;
                assert_eq!(answer.coordinators.len(), 2);
                assert!(answer.coordinators.iter().all(|one| one.error_code == code));
            }
        }
    });
}

#[test]
fn an_answer_that_would_be_too_large_is_not_begun() {
    let little = |options: &mut net_server::ServerOptions| options.answers_bytes_max = 100_000;
    play_with(5, little, |scene| async move {
        let resource = DescribeConfigsResource {
            resource_type: 4,
            resource_name: "0".to_owned(),
            configuration_keys: None,
        };
        let request = |count| DescribeConfigsRequest {
            resources: (0..count).map(|_| resource.clone()).collect(),
            ..Default::default()
        };
        let mut peer = scene.peer().await;
        assert_eq!(peer.ask(&request(1), 4).await.results.len(), 1);
        let bytes = peer.frame(&request(2), 4, &[]);
        peer.send(&bytes).await;
        assert_eq!(peer.receive().await, None);
        assert!(scene.told()[0].to_string().contains("its answer would take"));
    });
}
