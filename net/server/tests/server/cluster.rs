//! What tools ask of the cluster as a whole: directories, leaders, moves, the quorum, features,
//! users.

use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use net_wire::messages::api_versions::ApiVersionsRequest;
use net_wire::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsRequest, DescribeLogDirsResult,
};
use net_wire::messages::describe_quorum::{
    DescribeQuorumRequest, RequestPartitionData, RequestTopicData,
};
use net_wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, RequestCursor, TopicRequest,
};
use net_wire::messages::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, UserName,
};
use net_wire::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};
use net_wire::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use net_wire::messages::unregister_broker::UnregisterBrokerRequest;
use net_wire::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};

use crate::scene::{Scene, play};

fn pages(names: &[&str], limit: i32, from: Option<(&str, i32)>) -> DescribeTopicPartitionsRequest {
    DescribeTopicPartitionsRequest {
        topics: names.iter().map(|name| TopicRequest { name: (*name).to_owned() }).collect(),
        response_partition_limit: limit,
        cursor: from.map(|(topic, partition_index)| RequestCursor {
            topic_name: topic.to_owned(),
            partition_index,
        }),
    }
}

/// Each topic with its error and the numbers of its partitions, and where the next page begins.
type Page = (Vec<(String, i16, Vec<i32>)>, Option<(String, i32)>);

fn page(answer: &DescribeTopicPartitionsResponse) -> Page {
    let topics = answer.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| partition.partition_index);
        let name = topic.name.clone().expect("every topic has its name");
        (name, topic.error_code, partitions.collect())
    });
    let next = answer.next_cursor.as_ref();
    (topics.collect(), next.map(|next| (next.topic_name.clone(), next.partition_index)))
}

async fn ask_page(scene: &Scene, request: &DescribeTopicPartitionsRequest) -> Page {
    page(&scene.peer().await.ask(request, 0).await)
}

fn told(topics: &[(&str, i16, &[i32])], next: Option<(&str, i32)>) -> Page {
    let topics = topics.iter().map(|(name, code, all)| ((*name).to_owned(), *code, all.to_vec()));
    (topics.collect(), next.map(|(name, index)| (name.to_owned(), index)))
}

/// The pages are those that a Kafka 4.3.1 node gave for topics like these.
#[test]
fn topics_are_described_page_by_page() {
    play(1, |scene| async move {
        for name in ["da", "db", "dc"] {
            scene.create(name, 3, &[]).await;
        }
        type From<'a> = Option<(&'a str, i32)>;
        let all: &[i32] = &[0, 1, 2];
        let cases: [(&[&str], i32, From<'_>, Page); 13] = [
            (&[], 5, None, told(&[("da", 0, all), ("db", 0, &[0, 1])], Some(("db", 2)))),
            (&["db", "da"], 2000, None, told(&[("da", 0, all), ("db", 0, all)], None)),
            (&["db", "da"], 3, None, told(&[("da", 0, all)], Some(("db", 0)))),
            (&["da"], 0, None, told(&[("da", 0, &[0])], Some(("da", 1)))),
            (&["da"], i32::MIN, None, told(&[("da", 0, &[0])], Some(("da", 1)))),
            (&["da", "da"], 9, None, told(&[("da", 0, all)], None)),
            (&["da", "db"], 9, Some(("da", 1)), told(&[("da", 0, &[1, 2]), ("db", 0, all)], None)),
            (&["da"], 9, Some(("da", i32::MAX)), told(&[("da", 0, &[])], None)),
            (&["da", "dc"], 9, Some(("db", 1)), told(&[("da", 42, &[]), ("dc", 42, &[])], None)),
            (&["da"], 9, Some(("da", -1)), told(&[("da", 42, &[])], None)),
            (&[], 4, Some(("db", 2)), told(&[("db", 0, &[2]), ("dc", 0, all)], None)),
            (
                &["x", "da", "a b"],
                1,
                None,
                told(&[("a b", 17, &[]), ("da", 0, &[0])], Some(("da", 1))),
            ),
            (&["x", "db"], 3, None, told(&[("db", 0, all)], Some(("x", 0)))),
        ];
        for (names, limit, from, expected) in cases {
            let found = ask_page(&scene, &pages(names, limit, from)).await;
            assert_eq!(found, expected, "{names:?} {limit} {from:?}");
        }
        let answer = scene.peer().await.ask(&pages(&["da"], 9, None), 0).await;
        let topic = &answer.topics[0];
        assert_eq!(topic.topic_id, scene.node.image().topic("da").expect("created").id);
        assert_eq!(topic.topic_authorized_operations, 3576);
        let partition = &topic.partitions[1];
        assert_eq!((partition.leader_id, partition.leader_epoch), (0, 0));
        assert!(partition.eligible_leader_replicas.is_some() && partition.last_known_elr.is_some());
    });
}

#[test]
fn a_page_never_holds_more_than_the_node_allows() {
    play(2, |scene| async move {
        scene.create("wide", 2100, &[]).await;
        let first = scene.peer().await.ask(&pages(&[], 1_000_000, None), 0).await;
        assert_eq!(first.topics[0].partitions.len(), 2000);
        let (_, next) = page(&first);
        assert_eq!(next, Some(("wide".to_owned(), 2000)));
        let (rest, next) = ask_page(&scene, &pages(&[], 2000, Some(("wide", 2000)))).await;
        assert_eq!((rest[0].2.len(), next), (100, None));
    });
}

async fn log_dirs(
    scene: &Scene,
    topics: Option<&[(&str, &[i32])]>,
    version: i16,
) -> List<DescribeLogDirsResult> {
    let topic = |(name, partitions): &(&str, &[i32])| DescribableLogDirTopic {
        topic: (*name).to_owned(),
        partitions: partitions.iter().copied().collect(),
    };
    let topics = topics.map(|topics| topics.iter().map(topic).collect());
    let answer = scene.peer().await.ask(&DescribeLogDirsRequest { topics }, version).await;
    assert_eq!(answer.error_code, 0);
    answer.results
}

#[test]
fn directories_tell_their_room_and_how_much_lies_in_them() {
    play(3, |scene| async move {
        scene.create("a", 2, &[]).await;
        scene.create("b", 1, &[]).await;
        scene.produce("a", 1, &["some bytes"]).await;
        for version in 1..=5 {
            let dirs = log_dirs(&scene, None, version).await;
            assert_eq!((dirs.len(), dirs[0].error_code, &*dirs[0].log_dir), (1, 0, "/data"));
            let sizes: Vec<(&str, i32, bool)> = dirs[0]
                .topics
                .iter()
                .flat_map(|topic| topic.partitions.iter().map(|p| (&*topic.name, p)))
                .map(|(name, p)| (name, p.partition_index, p.partition_size > 0))
                .collect();
            assert_eq!(sizes, [("a", 0, false), ("a", 1, true), ("b", 0, false)], "{version}");
            let room = (dirs[0].total_bytes, dirs[0].usable_bytes);
            match version {
                ..=3 => assert_eq!(room, (-1, -1)),
                _ => assert!(0 < room.1 && room.1 < room.0, "{room:?}"),
            }
        }
        let bytes = log_dirs(&scene, Some(&[("a", &[1])]), 5).await[0].topics[0].partitions[0]
            .partition_size;
        scene.produce("a", 1, &["some bytes"]).await;
        let twice = log_dirs(&scene, Some(&[("a", &[1])]), 5).await;
        assert_eq!(twice[0].topics[0].partitions[0].partition_size, 2 * bytes);
        let some = log_dirs(&scene, Some(&[("a", &[0, 0, 7]), ("a", &[1]), ("x", &[0])]), 5).await;
        let told = some[0].topics.iter().map(|topic| (&*topic.name, topic.partitions.len()));
        assert_eq!(told.collect::<Vec<_>>(), [("a", 2)]);
        let none = log_dirs(&scene, Some(&[]), 5).await;
        assert_eq!(
            (none.len(), none[0].topics.len()),
            (1, 0),
            "the directory is told all the same"
        );
    });
}

#[test]
fn nobody_needs_to_be_elected() {
    play(4, |scene| async move {
        scene.create("a", 2, &[]).await;
        let topic = |topic: &str, partitions: &[i32]| TopicPartitions {
            topic: topic.to_owned(),
            partitions: partitions.iter().copied().collect(),
        };
        let asked = [topic("a", &[0, 9, 0]), topic("x", &[0]), topic("a", &[])];
        let request = |election_type, topics: Option<&[TopicPartitions]>| ElectLeadersRequest {
            election_type,
            topic_partitions: topics.map(|topics| topics.iter().cloned().collect()),
            timeout_ms: 5000,
        };
        let mut peer = scene.peer().await;
        for version in 0..=2 {
            let answer = peer.ask(&request(0, Some(&asked)), version).await;
            let codes: Vec<Vec<i16>> = answer
                .replica_election_results
                .iter()
                .map(|topic| topic.partition_result.iter().map(|one| one.error_code).collect())
                .collect();
            assert_eq!((answer.error_code, codes), (0, vec![vec![84, 3, 84], vec![3], vec![]]));
            let all = peer.ask(&request(0, None), version).await;
            let topics = all.replica_election_results.iter();
            let told: Vec<(&str, usize)> =
                topics.map(|topic| (&*topic.topic, topic.partition_result.len())).collect();
            assert_eq!(told, [("a", 0)]);
            let none = peer.ask(&request(0, Some(&[])), version).await;
            assert!(none.replica_election_results.is_empty());
        }
        let odd = peer.ask(&request(2, Some(&asked[..1])), 2).await;
        assert_eq!((odd.error_code, odd.replica_election_results.len()), (42, 1));
        let results = &odd.replica_election_results[0].partition_result;
        assert!(results.iter().all(|one| one.error_code == 42));
        let late = ElectLeadersRequest { timeout_ms: 0, ..request(0, Some(&asked[..1])) };
        assert_eq!(peer.ask(&late, 2).await.error_code, 7);
    });
}

#[test]
fn nothing_moves_and_what_cannot_be_is_refused() {
    play(5, |scene| async move {
        scene.create("a", 2, &[]).await;
        let to = |partition_index, replicas: Option<&[i32]>| ReassignablePartition {
            partition_index,
            replicas: replicas.map(|ids| ids.iter().copied().collect()),
        };
        let partitions = [
            to(0, Some(&[0])),
            to(0, None),
            to(0, Some(&[])),
            to(0, Some(&[0, 0])),
            to(1, Some(&[5])),
            to(9, Some(&[0])),
        ];
        let topic = |name: &str| ReassignableTopic {
            name: name.to_owned(),
            partitions: partitions.iter().cloned().collect(),
        };
        let request = AlterPartitionReassignmentsRequest {
            timeout_ms: 5000,
            topics: List::from([topic("a"), topic("x")]),
            ..Default::default()
        };
        let mut peer = scene.peer().await;
        for version in 0..=1 {
            let answer = peer.ask(&request, version).await;
            let codes: Vec<Vec<i16>> = answer
                .responses
                .iter()
                .map(|topic| topic.partitions.iter().map(|one| one.error_code).collect())
                .collect();
            assert_eq!(codes, [[0, 85, 39, 39, 39, 3], [3; 6]]);
            assert_eq!(answer.error_code, 0);
        }
        let late = AlterPartitionReassignmentsRequest { timeout_ms: 0, ..request };
        let late = peer.ask(&late, 1).await;
        assert_eq!((late.error_code, late.responses[0].partitions[0].error_code), (7, 7));
        let some = ListPartitionReassignmentsTopics {
            name: "x".into(),
            partition_indexes: List::from([3]),
        };
        for topics in [None, Some(List::new()), Some(List::from([some]))] {
            let request = ListPartitionReassignmentsRequest { topics, timeout_ms: 0 };
            let answer = peer.ask(&request, 0).await;
            assert_eq!((answer.error_code, answer.topics.len()), (0, 0));
        }
    });
}

#[test]
fn the_quorum_is_this_node_and_its_log_grows_with_every_fact() {
    play(6, |scene| async move {
        let request = |topics: &[(&str, &[i32])]| DescribeQuorumRequest {
            topics: topics
                .iter()
                .map(|(name, partitions)| RequestTopicData {
                    topic_name: (*name).to_owned(),
                    partitions: partitions
                        .iter()
                        .map(|at| RequestPartitionData { partition_index: *at })
                        .collect(),
                })
                .collect(),
        };
        let ours = ("__cluster_metadata", [0].as_slice());
        let mut peer = scene.peer().await;
        let mut before = 0;
        for version in 0..=2 {
            scene.create(&format!("t{version}"), 1, &[]).await;
            let answer = peer.ask(&request(&[ours]), version).await;
            let partition = &answer.topics[0].partitions[0];
            assert_eq!((partition.error_code, partition.leader_id), (0, 0));
            assert!(partition.high_watermark > before && partition.leader_epoch >= 0);
            before = partition.high_watermark;
            let voters = &partition.current_voters;
            assert_eq!((voters.len(), voters[0].replica_id), (1, 0));
            assert_eq!(voters[0].log_end_offset, before);
            assert_eq!(voters[0].last_fetch_timestamp > 0, version > 0);
            assert_eq!(voters[0].replica_directory_id == Uuid::ZERO, version < 2);
            assert_eq!(answer.nodes.len(), usize::from(version == 2));
        }
        let others: [&[(&str, &[i32])]; 4] =
            [&[("t0", &[0])], &[ours, ("t0", &[0])], &[(ours.0, &[1])], &[(ours.0, &[0, 1])]];
        for topics in others {
            let answer = peer.ask(&request(topics), 2).await;
            let partitions = answer.topics.iter().flat_map(|topic| topic.partitions.iter());
            assert!(partitions.into_iter().all(|partition| partition.error_code == 3));
            assert_eq!((answer.topics.len(), answer.nodes.len()), (topics.len(), 0));
        }
        assert!(peer.ask(&request(&[]), 2).await.topics.is_empty());
    });
}

#[test]
fn features_have_the_one_level_that_is_told() {
    play(7, |scene| async move {
        let mut peer = scene.peer().await;
        let name = "test".to_owned();
        let hello = ApiVersionsRequest {
            client_software_name: name.clone(),
            client_software_version: name,
        };
        for version in 0..=4 {
            let told = peer.ask(&hello, version).await;
            let level = told.finalized_features.iter().find(|at| at.name == "metadata.version");
            match version {
                ..=2 => assert!(level.is_none()),
                _ => {
                    let level = level.expect("it is told").max_version_level;
                    let supported = told.supported_features.iter();
                    let range = supported.clone().find(|at| at.name == "metadata.version");
                    let range = range.expect("what is so is supported");
                    assert_eq!((level, range.min_version, range.max_version), (30, 30, 30));
                    assert!(told.finalized_features_epoch > 0);
                    assert!(supported.into_iter().all(|at| at.name != "transaction.version"));
                }
            }
        }
        let to = |feature: &str, max_version_level| FeatureUpdateKey {
            feature: feature.to_owned(),
            max_version_level,
            upgrade_type: 1,
            ..Default::default()
        };
        let request = |updates: &[FeatureUpdateKey]| UpdateFeaturesRequest {
            timeout_ms: 0,
            feature_updates: updates.iter().cloned().collect(),
            validate_only: false,
        };
        for version in 0..=2 {
            let so = peer.ask(&request(&[to("metadata.version", 30)]), version).await;
            assert_eq!((so.error_code, so.results.len()), (0, usize::from(version < 2)));
            for bad in [to("metadata.version", 29), to("x", 1), to("metadata.version", -1)] {
                let mixed = request(&[to("metadata.version", 30), bad]);
                let no = peer.ask(&mixed, version).await;
                assert_eq!((no.error_code, no.results.len()), (95, 0));
            }
            assert_eq!(peer.ask(&request(&[]), version).await.error_code, 0);
        }
    });
}

#[test]
fn a_node_that_is_not_there_is_unknown_and_this_one_stays() {
    play(8, |scene| async move {
        let mut peer = scene.peer().await;
        for (broker_id, code) in [(7, 102), (-1, 102), (0, 42)] {
            let answer = peer.ask(&UnregisterBrokerRequest { broker_id }, 0).await;
            assert_eq!(answer.error_code, code, "{broker_id}");
        }
        scene.create("still", 1, &[]).await;
        assert_eq!(scene.produce("still", 0, &["served"]).await, 0);
    });
}

/// As by a Kafka 4.3.1 node whose users have no passwords.
#[test]
fn no_user_has_a_password() {
    play(9, |scene| async move {
        let mut peer = scene.peer().await;
        let request = |names: Option<&[&str]>| DescribeUserScramCredentialsRequest {
            users: names.map(|names| {
                names.iter().map(|name| UserName { name: (*name).to_owned() }).collect()
            }),
        };
        for nobody in [None, Some(&[][..])] {
            let all = peer.ask(&request(nobody), 0).await;
            assert_eq!((all.error_code, all.results.len()), (0, 0));
        }
        let told = peer.ask(&request(Some(&["bob", "ann", "bob"])), 0).await;
        let told: Vec<(&str, i16, &str)> = told
            .results
            .iter()
            .map(|one| {
                let words = one.error_message.as_deref().unwrap_or_default();
                (&*one.user, one.error_code, words)
            })
            .collect();
        let (twice, none) = ("same user twice in a single request: bob", "not exist: ann");
        assert_eq!((told.len(), told[0].0, told[0].1, told[1].1), (2, "ann", 91, 92));
        assert!(told[0].2.ends_with(none) && told[1].2.ends_with(twice), "{told:?}");
    });
}
