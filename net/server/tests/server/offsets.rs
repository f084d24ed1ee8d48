//! Offsets by moment, starts that move, ends of epochs.

use net_wire::List;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use crate::scene::{Scene, play};

async fn list(scene: &Scene, version: i16, timestamp: i64) -> ListOffsetsPartitionResponse {
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: List::from([ListOffsetsTopic {
            name: "t".to_owned(),
            partitions: List::from([ListOffsetsPartition {
                partition_index: 0,
                current_leader_epoch: -1,
                timestamp,
            }]),
        }]),
        ..Default::default()
    };
    scene.peer().await.ask(&request, version).await.topics[0].partitions[0].clone()
}

async fn delete(scene: &Scene, offset: i64) -> (i16, i64) {
    let partition = DeleteRecordsPartition { partition_index: 0, offset };
    let topic = DeleteRecordsTopic { name: "t".to_owned(), partitions: List::from([partition]) };
    let request = DeleteRecordsRequest { topics: List::from([topic]), timeout_ms: 1000 };
    let answer = scene.peer().await.ask(&request, 2).await;
    let partition = &answer.topics[0].partitions[0];
    (partition.error_code, partition.low_watermark)
}

#[test]
fn latest_and_earliest_follow_the_log() {
    play(1, |scene| async move {
        scene.create("t", 1, &[]).await;
        for version in 1..=11 {
            let latest = list(&scene, version, -1).await;
            assert_eq!((latest.error_code, latest.offset, latest.timestamp), (0, 0, -1));
        }
        scene.produce("t", 0, &["a", "b", "c"]).await;
        assert_eq!(list(&scene, 7, -1).await.offset, 3);
        assert_eq!(list(&scene, 7, -2).await.offset, 0);
        assert_eq!(delete(&scene, 2).await, (0, 2));
        assert_eq!(list(&scene, 7, -2).await.offset, 2);
        assert_eq!(list(&scene, 8, -4).await.offset, 2);
        assert_eq!(delete(&scene, 1).await, (0, 2), "never back");
        assert_eq!(delete(&scene, 4).await, (1, -1), "not beyond the high watermark");
        assert_eq!(delete(&scene, -1).await, (0, 3), "all of it");
    });
}

#[test]
fn special_moments_are_known_from_their_versions_on() {
    play(2, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["a"]).await;
        for (timestamp, from) in [(-4, 8), (-5, 9), (-6, 11)] {
            assert_eq!(list(&scene, from - 1, timestamp).await.error_code, 35);
            assert_eq!(list(&scene, from, timestamp).await.error_code, 0);
        }
        assert_eq!(list(&scene, 6, -3).await.error_code, 35);
        assert_eq!(list(&scene, 11, -7).await.error_code, 35);
        assert_eq!(list(&scene, 11, i64::MIN).await.error_code, 35);
    });
}

#[test]
fn an_epoch_ends_where_the_next_begins() {
    play(3, |scene| async move {
        scene.create("t", 1, &[]).await;
        scene.produce("t", 0, &["a", "b"]).await;
        let partition = |partition, leader_epoch| OffsetForLeaderPartition {
            partition,
            current_leader_epoch: -1,
            leader_epoch,
        };
        let request = OffsetForLeaderEpochRequest {
            replica_id: -1,
            topics: List::from([OffsetForLeaderTopic {
                topic: "t".to_owned(),
                partitions: List::from([partition(0, 0), partition(0, 5), partition(9, 0)]),
            }]),
        };
        let answer = scene.peer().await.ask(&request, 4).await;
        let ends = answer.topics[0].partitions.iter();
        let ends = ends.map(|end| (end.error_code, end.leader_epoch, end.end_offset));
        assert_eq!(ends.collect::<Vec<_>>(), [(0, 0, 2), (0, -1, -1), (3, -1, -1)]);
    });
}
