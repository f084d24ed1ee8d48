//! Topics that are given more partitions.

use net_wire::List;
use net_wire::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use crate::scene::{Scene, fetch_request, play};

fn more(name: &str, count: i32) -> CreatePartitionsTopic {
    CreatePartitionsTopic { name: name.to_owned(), count, assignments: None }
}

fn request(topics: &[CreatePartitionsTopic]) -> CreatePartitionsRequest {
    let topics = topics.iter().cloned().collect();
    CreatePartitionsRequest { topics, timeout_ms: 5000, validate_only: false }
}

async fn grow(scene: &Scene, request: &CreatePartitionsRequest, version: i16) -> Vec<i16> {
    let answer = scene.peer().await.ask(request, version).await;
    answer.results.iter().map(|result| result.error_code).collect()
}

async fn partitions(scene: &Scene, name: &str) -> Vec<(i32, i16, i32)> {
    let topic = MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
    let topics = Some(List::from([topic]));
    let request = MetadataRequest { topics, ..Default::default() };
    let answer = scene.peer().await.ask(&request, 9).await;
    let partitions = answer.topics[0].partitions.iter();
    partitions.map(|p| (p.partition_index, p.error_code, p.leader_id)).collect()
}

#[test]
fn every_version_adds_partitions_that_can_be_used_at_once_and_outlive_a_restart() {
    play(1, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["before"]).await;
        for version in 0..=3 {
            let count = 2 + i32::from(version);
            assert_eq!(grow(&scene, &request(&[more("t", count)]), version).await, [0]);
            assert_eq!(scene.produce("t", count - 1, &["at once"]).await, 0);
        }
        let scene = scene.again().await;
        let all: Vec<(i32, i16, i32)> = (0..5).map(|index| (index, 0, 0)).collect();
        assert_eq!(partitions(&scene, "t").await, all);
        for index in 0..5 {
            let answer = scene.peer().await.ask(&fetch_request("t", index, 0), 12).await;
            let found = &answer.responses[0].partitions[0];
            assert_eq!((found.error_code, found.high_watermark), (0, 1), "partition {index}");
            assert_eq!(scene.produce("t", index, &["after"]).await, 1);
        }
    });
}

#[test]
fn refusals_are_for_one_topic_and_a_topic_named_twice_is_answered_once() {
    play(2, |scene| async move {
        scene.create("t", 2, &[]).await;
        scene.create("u", 2, &[]).await;
        let by_hand = |name: &str, count, nodes: &[&[i32]]| CreatePartitionsTopic {
            assignments: Some(
                nodes
                    .iter()
                    .map(|ids| CreatePartitionsAssignment {
                        broker_ids: ids.iter().copied().collect(),
                    })
                    .collect(),
            ),
            ..more(name, count)
        };
        let asked =
            [more("t", 2), more("x", 2), by_hand("u", 3, &[&[9]]), more("v", 3), more("v", 3)];
        let codes = grow(&scene, &request(&asked), 3).await;
        assert_eq!(codes, [37, 3, 39, 42]);
        let empty = by_hand("t", 3, &[]);
        assert_eq!(grow(&scene, &request(&[empty]), 3).await, [39], "none is not null");
        assert_eq!(grow(&scene, &request(&[]), 3).await, [0i16; 0]);
        let mut late = request(&[more("t", 3)]);
        late.timeout_ms = 0;
        assert_eq!(grow(&scene, &late, 3).await, [7]);
        let mut only = request(&[more("t", 3)]);
        only.validate_only = true;
        assert_eq!(grow(&scene, &only, 3).await, [0]);
        assert_eq!(partitions(&scene, "t").await.len(), 2, "nothing came of any of these");
        assert_eq!(grow(&scene, &request(&[by_hand("t", 3, &[&[0]])]), 3).await, [0]);
        assert_eq!(partitions(&scene, "t").await.len(), 3);
    });
}

/// Groups are spread over the partitions that `__consumer_offsets` began with: more of them take
/// nobody's offsets away. With Kafka they do, from its next start on.
#[test]
fn groups_stay_where_they_are_when_their_topic_grows() {
    use net_wire::messages::offset_commit::{
        OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    };
    use net_wire::messages::offset_fetch::{
        OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
    };
    play(3, |scene| async move {
        scene.create("t", 1, &[]).await;
        let groups: Vec<String> = (0..20).map(|at| format!("group-{at}")).collect();
        let mut peer = scene.peer().await;
        let find = FindCoordinatorRequest { key: groups[0].clone(), ..Default::default() };
        assert_eq!(peer.ask(&find, 3).await.error_code, 0);
        for group in &groups {
            let partition =
                OffsetCommitRequestPartition { committed_offset: 7, ..Default::default() };
            let topic = OffsetCommitRequestTopic {
                name: "t".into(),
                partitions: List::from([partition]),
                ..Default::default()
            };
            let request = OffsetCommitRequest {
                group_id: group.clone(),
                generation_id_or_member_epoch: -1,
                topics: List::from([topic]),
                ..Default::default()
            };
            // Its coordinator may still read its log.
            let committed = loop {
                let answer = peer.ask(&request, 8).await;
                match answer.topics[0].partitions[0].error_code {
                    14 => scene.core.sleep(std::time::Duration::from_millis(10)).await,
                    code => break code,
                }
            };
            assert_eq!(committed, 0);
        }
        let to = request(&[more("__consumer_offsets", 57)]);
        assert_eq!(grow(&scene, &to, 3).await, [0]);
        assert_eq!(partitions(&scene, "__consumer_offsets").await.len(), 57);
        let scene = scene.again().await;
        let mut peer = scene.peer().await;
        for group in groups {
            let topic = OffsetFetchRequestTopics {
                name: "t".into(),
                partition_indexes: List::from([0]),
                ..Default::default()
            };
            let asked = OffsetFetchRequestGroup {
                group_id: group.clone(),
                topics: Some(List::from([topic])),
                ..Default::default()
            };
            let request = OffsetFetchRequest { groups: List::from([asked]), ..Default::default() };
            let offset = loop {
                let answer = peer.ask(&request, 8).await;
                match answer.groups[0].error_code {
                    14 => scene.core.sleep(std::time::Duration::from_millis(10)).await,
                    0 => break answer.groups[0].topics[0].partitions[0].committed_offset,
                    code => panic!("{code}"),
                }
            };
            assert_eq!(offset, 7, "{group}");
        }
    });
}
