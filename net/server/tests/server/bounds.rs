//! Requests that would take more memory or time than any client needs: closed, or done at once.

use std::time::Duration;

use net_server::{Closed, Notice, ServerOptions};
use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, OpData, RequestEntityData, RequestEntryData,
};
use net_wire::messages::consumer_group_describe::ConsumerGroupDescribeRequest;
use net_wire::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::delete_groups::DeleteGroupsRequest;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use net_wire::messages::list_groups::ListGroupsRequest;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use net_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic,
};
use net_wire::messages::produce::{PartitionProduceData, ProduceRequest};
use net_wire::{List, Request};

use crate::groups::{find, sync};
use crate::scene::{Scene, batch, play, play_slowly, play_with, produce_request};

/// Why the connection was closed that sent this; `None` if it was answered.
async fn closed<R: Request>(scene: &Scene, request: &R, version: i16) -> Option<String> {
    let mut peer = scene.peer().await;
    let bytes = peer.frame(request, version, &[]);
    peer.send(&bytes).await;
    if peer.receive().await.is_some() {
        return None;
    }
    // Told of once in a while only: the words of the last one hold for all.
    scene.told().into_iter().rev().find_map(|notice| match notice {
        Notice::Closed { why: Closed::Malformed { api, why }, .. } => Some(format!("{api}: {why}")),
        _ => None,
    })
}

fn little(options: &mut ServerOptions) {
    options.answers_bytes_max = 200_000;
    options.partitions_per_request_max = 500;
}

async fn is_large<R: Request>(scene: &Scene, request: &R, version: i16) {
    let why = closed(scene, request, version).await;
    assert!(why.as_ref().is_some_and(|why| why.contains("would take")), "{why:?}");
}

fn times(name: &str, count: usize) -> List<String> {
    (0..count).map(|_| name.to_owned()).collect()
}

/// Each group counted for so and so many bytes, whatever it had.
#[test]
fn a_group_that_is_named_often_is_counted_as_often() {
    play_with(1, little, |scene| async move {
        let mut peer = scene.peer().await;
        find(&mut peer, "g").await;
        let metadata = (&*vec![7; 20_000]).into();
        let join = JoinGroupRequest {
            group_id: "g".into(),
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 20_000,
            protocol_type: "consumer".into(),
            protocols: List::from([JoinGroupRequestProtocol { name: "range".into(), metadata }]),
            ..Default::default()
        };
        let joined = peer.ask(&join, 3).await;
        assert_eq!(peer.ask(&sync("g", &joined, 3), 3).await.error_code, 0);
        let describe =
            |count| DescribeGroupsRequest { groups: times("g", count), ..Default::default() };
        let answer = scene.peer().await.ask(&describe(3), 5).await;
        let told = answer.groups.iter().map(|group| group.members[0].member_metadata.len());
        assert_eq!(told.collect::<Vec<_>>(), [20_000; 3], "each time, as by Kafka");
        is_large(&scene, &describe(10), 5).await;
    });
}

#[test]
fn a_consumer_group_that_is_named_often_is_counted_as_often() {
    play_with(2, little, |scene| async move {
        let mut peer = scene.peer().await;
        find(&mut peer, "g").await;
        let topics = (0..100).map(|at| format!("{at:0100}")).collect();
        let join = ConsumerGroupHeartbeatRequest {
            group_id: "g".into(),
            member_id: "m".into(),
            member_epoch: 0,
            rebalance_timeout_ms: 30_000,
            subscribed_topic_names: Some(topics),
            topic_partitions: Some(List::new()),
            ..Default::default()
        };
        assert_eq!(peer.ask(&join, 1).await.error_code, 0);
        let describe = |count| ConsumerGroupDescribeRequest {
            group_ids: times("g", count),
            include_authorized_operations: false,
        };
        let answer = scene.peer().await.ask(&describe(3), 1).await;
        let told = answer.groups.iter().map(|g| g.members[0].subscribed_topic_names.len());
        assert_eq!(told.collect::<Vec<_>>(), [100; 3]);
        is_large(&scene, &describe(20), 1).await;
    });
}

async fn commit(scene: &Scene, group: &str, metadata: usize) {
    let partition = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: 7,
        committed_leader_epoch: -1,
        committed_metadata: Some("x".repeat(metadata)),
    };
    let topic = OffsetCommitRequestTopic {
        name: "t".into(),
        partitions: List::from([partition]),
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: List::from([topic]),
        ..Default::default()
    };
    let answer = scene.peer().await.ask(&request, 8).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 0, "{answer:?}");
}

#[test]
fn an_offset_that_is_asked_for_often_is_counted_as_often() {
    play_with(3, little, |scene| async move {
        scene.create("t", 1, &[]).await;
        find(&mut scene.peer().await, "g").await;
        commit(&scene, "g", 4000).await;
        let alone = |count| OffsetFetchRequest {
            group_id: "g".into(),
            topics: Some(List::from([OffsetFetchRequestTopic {
                name: "t".into(),
                partition_indexes: (0..count).map(|_| 0).collect(),
            }])),
            ..Default::default()
        };
        let all = |count| OffsetFetchRequest {
            groups: (0..count)
                .map(|_| OffsetFetchRequestGroup {
                    group_id: "g".into(),
                    topics: None,
                    member_epoch: -1,
                    ..Default::default()
                })
                .collect(),
            ..Default::default()
        };
        let mut peer = scene.peer().await;
        let answer = peer.ask(&alone(10), 7).await;
        let told = answer.topics[0].partitions.iter().map(|told| told.committed_offset);
        assert_eq!(told.collect::<Vec<_>>(), [7; 10]);
        assert_eq!(peer.ask(&all(10), 8).await.groups.len(), 10);
        is_large(&scene, &alone(40), 7).await;
        is_large(&scene, &all(40), 8).await;
    });
}

#[test]
fn a_list_of_groups_is_counted_by_what_they_are_called() {
    play_with(4, little, |scene| async move {
        scene.create("t", 1, &[]).await;
        find(&mut scene.peer().await, "g").await;
        let list = |states: &[&str], types: &[&str]| ListGroupsRequest {
            states_filter: states.iter().map(|state| (*state).to_owned()).collect(),
            types_filter: types.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        for at in 0..5 {
            assert_eq!(closed(&scene, &list(&[], &[]), 5).await, None, "{at} groups");
            commit(&scene, &format!("{at:020000}"), 1).await;
        }
        is_large(&scene, &list(&[], &[]), 5).await;
        let count = async |states: &[&str], types: &[&str]| {
            scene.peer().await.ask(&list(states, types), 5).await.groups.len()
        };
        assert_eq!(count(&["stable"], &[]).await, 0, "those are not told");
        assert_eq!(count(&["Empty"], &["consumer"]).await, 0);
        is_large(&scene, &list(&["stable", "EMPTY"], &["Classic"]), 5).await;
        let many = list(&["a"; 501], &[]);
        let why = closed(&scene, &many, 5).await;
        assert!(why.is_some(), "so many filters");
    });
}

/// A Produce was not bounded at all.
#[test]
fn a_produce_names_no_more_partitions_than_any_request() {
    play_with(5, little, |scene| async move {
        let produce = |count| {
            let mut request: ProduceRequest = produce_request("unknown", 0, 0);
            request.topic_data[0].partition_data =
                (0..count).map(|index| PartitionProduceData { index, records: None }).collect();
            request
        };
        assert_eq!(closed(&scene, &produce(500), 9).await, None);
        let why = closed(&scene, &produce(501), 9).await.expect("closed");
        assert_eq!(why, "Produce: more topics or partitions than 500");
    });
}

#[test]
fn quotas_are_counted_by_all_that_they_name() {
    play_with(6, little, |scene| async move {
        let alter = |parts: usize, ops: usize| {
            let part = |at| RequestEntityData {
                entity_type: format!("kind {at}"),
                entity_name: Some("x".into()),
            };
            let op = OpData { key: "k".into(), value: 1.0, remove: false };
            let entry = RequestEntryData {
                entity: (0..parts).map(part).collect(),
                ops: (0..ops).map(|_| op.clone()).collect(),
            };
            AlterClientQuotasRequest { entries: List::from([entry]), validate_only: true }
        };
        assert_eq!(closed(&scene, &alter(250, 249), 1).await, None);
        assert!(closed(&scene, &alter(500, 0), 1).await.is_some());
        assert!(closed(&scene, &alter(1, 499), 1).await.is_some());
    });
}

/// One flush followed the other.
#[test]
fn what_one_request_deletes_is_flushed_together() {
    let minute = Duration::from_secs(60);
    play_slowly(7, |scene| async move {
        let topic = CreatableTopic {
            name: "t".into(),
            num_partitions: 20,
            replication_factor: 1,
            ..Default::default()
        };
        let topics = List::from([topic]);
        let create = CreateTopicsRequest { topics, timeout_ms: 300_000, validate_only: false };
        assert_eq!(scene.peer().await.ask(&create, 7).await.topics[0].error_code, 0);
        let bytes = batch(&["a"]);
        let mut produce = produce_request("t", 0, bytes.len());
        produce.timeout_ms = 300_000;
        let records = produce.topic_data[0].partition_data[0].records;
        produce.topic_data[0].partition_data =
            (0..20).map(|index| PartitionProduceData { index, records }).collect();
        let produced = scene.peer().await.ask_with(&produce, 9, &[&bytes[..]; 20]).await;
        assert!(produced.responses[0].partition_responses.iter().all(|told| told.error_code == 0));
        let partitions =
            (0..20).map(|partition_index| DeleteRecordsPartition { partition_index, offset: 1 });
        let topic = DeleteRecordsTopic { name: "t".into(), partitions: partitions.collect() };
        let request = DeleteRecordsRequest { topics: List::from([topic]), timeout_ms: 300_000 };
        let start = scene.core.now();
        let answer = scene.peer().await.ask(&request, 2).await;
        let told = answer.topics[0].partitions.iter();
        let told = told.map(|told| (told.partition_index, told.error_code, told.low_watermark));
        assert_eq!(told.collect::<Vec<_>>(), (0..20).map(|at| (at, 0, 1)).collect::<Vec<_>>());
        let took = scene.core.now().since(start);
        assert!(took < minute / 2, "{took:?}");

        find(&mut scene.peer().await, "g").await;
        let names: List<String> = (0..20).map(|at| format!("g{at:02}")).collect();
        for name in &names {
            commit(&scene, name, 1).await;
        }
        let start = scene.core.now();
        let request = DeleteGroupsRequest { groups_names: names.clone() };
        let answer = scene.peer().await.ask(&request, 2).await;
        let told = answer.results.iter().map(|told| (told.group_id.clone(), told.error_code));
        assert_eq!(
            told.collect::<Vec<_>>(),
            names.iter().map(|n| (n.clone(), 0)).collect::<Vec<_>>()
        );
        let took = scene.core.now().since(start);
        assert!(took < minute / 2, "{took:?}");
    });
}

/// More than are done at once.
#[test]
fn all_of_a_thousand_partitions_are_answered_in_their_order() {
    play(8, |scene| async move {
        scene.create("t", 3, &[]).await;
        scene.produce("t", 2, &["a"]).await;
        let partitions =
            (0..1200).map(|partition_index| DeleteRecordsPartition { partition_index, offset: -1 });
        let topic = DeleteRecordsTopic { name: "t".into(), partitions: partitions.collect() };
        let request = DeleteRecordsRequest { topics: List::from([topic]), timeout_ms: 5000 };
        let answer = scene.peer().await.ask(&request, 2).await;
        let told = &answer.topics[0].partitions;
        assert!(told.iter().map(|told| told.partition_index).eq(0..1200));
        let codes: Vec<i16> = told.iter().map(|told| told.error_code).take(4).collect();
        assert_eq!((codes, told[2].low_watermark), (vec![0, 0, 0, 3], 1));
    });
}
