//! ListOffsets, OffsetForLeaderEpoch and DeleteRecords, with what a Kafka 4.3.1 node answered to
//! the same questions.

use engine_base::Refusal;
use engine_rt::sim::Crash;

use super::world_test::*;
use crate::{Isolation, ListOffsetAnswer, ListOffsetCommand, Node, Partition};

async fn list(node: &Node, partition: Partition, timestamp: i64) -> (i64, i64, i32) {
    let command = ListOffsetCommand {
        partition,
        current_leader_epoch: -1,
        timestamp,
        isolation: Isolation::ReadCommitted,
    };
    let ListOffsetAnswer { timestamp, offset, leader_epoch } =
        node.list_offset(command).await.expect("answered");
    (timestamp, offset, leader_epoch)
}

const NOTHING: (i64, i64, i32) = (-1, -1, -1);

#[test]
fn special_timestamps_are_answered_as_kafka_does() {
    let mut scene = Scene::new(20);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 2).await;
        let (empty, p) = (partition(&node, "t", 0), partition(&node, "t", 1));
        for (timestamp, expected) in
            [(-1, (-1, 0, 0)), (-2, (-1, 0, 0)), (-3, NOTHING), (-4, (-1, 0, 0)), (0, NOTHING)]
        {
            assert_eq!(list(&node, empty, timestamp).await, expected, "{timestamp}");
        }
        // Timestamps 1000, 1001, 1002; then 1000 again.
        produce(&node, p, &["a", "b", "c"]).await.expect("acknowledged");
        produce(&node, p, &["d"]).await.expect("acknowledged");
        for (timestamp, expected) in [
            (-1, (-1, 4, 0)),
            (-2, (-1, 0, 0)),
            (-3, (1002, 2, 0)),
            (-4, (-1, 0, 0)),
            (-5, NOTHING),
            (-6, NOTHING),
            (0, (1000, 0, 0)),
            (1001, (1001, 1, 0)),
            (1002, (1002, 2, 0)),
            (1003, NOTHING),
            (i64::MAX, NOTHING),
        ] {
            assert_eq!(list(&node, p, timestamp).await, expected, "{timestamp}");
        }
        let command = ListOffsetCommand {
            partition: p,
            current_leader_epoch: -1,
            timestamp: -7,
            isolation: Isolation::ReadUncommitted,
        };
        let refused = node.list_offset(command).await.expect_err("no such timestamp");
        assert!(matches!(refused, Refusal::UnsupportedVersion(_)), "{refused:?}");
    });
}

#[test]
fn records_are_deleted_up_to_the_high_watermark_and_stay_deleted() {
    let mut scene = Scene::new(21);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        create_with(&node, "compacted", 1, &[("cleanup.policy", "compact")]).await;
        let p = partition(&node, "t", 0);
        assert_eq!(node.delete_records(p, -1).await, Ok(0));
        produce(&node, p, &["a", "b", "c"]).await.expect("acknowledged");
        let out = Err(Refusal::OffsetOutOfRange { start: 0, end: 3 });
        for bad in [4, -2, -3, i64::MAX, i64::MIN] {
            assert_eq!(node.delete_records(p, bad).await, out, "{bad}");
        }
        assert_eq!(node.delete_records(p, 1).await, Ok(1));
        assert_eq!(node.delete_records(p, 0).await, Ok(1), "the start never moves back");
        let before = read_at(&node, p, 0).await.expect_err("below the start");
        assert_eq!(before, Refusal::OffsetOutOfRange { start: 1, end: 3 });
        assert_eq!(read_all(&node, p).await, ["b", "c"]);
        assert_eq!(list(&node, p, -2).await, (-1, 1, 0));
        assert_eq!(list(&node, p, 0).await, (1001, 1, 0));
        let compacted = partition(&node, "compacted", 0);
        let refused = node.delete_records(compacted, 0).await.expect_err("kept by its policy");
        assert!(matches!(refused, Refusal::PolicyViolation(_)), "{refused:?}");
    });
    scene.crash(Crash::Power);
    scene.with_node(options(), |_, node| async move {
        let p = partition(&node, "t", 0);
        assert_eq!(read_all(&node, p).await, ["b", "c"]);
        assert_eq!(node.delete_records(p, -1).await, Ok(3));
        assert_eq!(read_all(&node, p).await, Vec::<String>::new());
        let answer = produce(&node, p, &["d"]).await.expect("acknowledged");
        assert_eq!((answer.base_offset, answer.log_start), (3, 3));
        assert_eq!(list(&node, p, -2).await, (-1, 3, 1));
    });
}

#[test]
fn epochs_end_where_the_next_began() {
    let mut scene = Scene::new(22);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let p = partition(&node, "t", 0);
        assert_eq!(node.end_of_epoch(p, -1, 0), Ok((0, 0)), "it leads with it and has nothing");
        produce(&node, p, &["a", "b"]).await.expect("acknowledged");
        assert_eq!(node.end_of_epoch(p, 0, 0), Ok((0, 2)));
        assert_eq!(node.end_of_epoch(p, -1, 1), Ok((-1, -1)), "it never heard of it");
    });
    // Epoch 1 writes nothing.
    scene.with_node(options(), |_, _| async {});
    scene.with_node(options(), |_, node| async move {
        let p = partition(&node, "t", 0);
        produce(&node, p, &["c"]).await.expect("acknowledged");
        assert_eq!(node.end_of_epoch(p, 2, 0), Ok((0, 2)));
        assert_eq!(node.end_of_epoch(p, 2, 1), Ok((0, 2)), "the largest not above it");
        assert_eq!(node.end_of_epoch(p, 2, 2), Ok((2, 3)));
        assert_eq!(node.end_of_epoch(p, 1, 0), Err(Refusal::FencedLeaderEpoch));
        assert_eq!(node.end_of_epoch(p, 3, 0), Err(Refusal::UnknownLeaderEpoch { current: 2 }));
    });
}
