//! The consumer group protocol over the wire (KIP-848): members are told their share by heartbeats,
//! commit under their epoch, and meet members of the classic protocol in one group.

use std::time::Duration;

use net_wire::List;
use net_wire::messages::consumer_group_describe::{ConsumerGroupDescribeRequest, DescribedGroup};
use net_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, RequestTopicPartitions,
};
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::list_groups::ListGroupsRequest;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use net_wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup};

use crate::peer::Peer;
use crate::scene::{Scene, play};

type Beat = ConsumerGroupHeartbeatRequest;
type Heard = ConsumerGroupHeartbeatResponse;

/// A member that joins and reads `t`.
fn join(member: &str) -> Beat {
    Beat {
        group_id: "g".into(),
        member_id: member.into(),
        member_epoch: 0,
        rebalance_timeout_ms: 30_000,
        subscribed_topic_names: Some(List::from(["t".to_owned()])),
        topic_partitions: Some(List::new()),
        ..Default::default()
    }
}

/// A member that stays; it owns what it was told.
fn stay(heard: &Heard, owned: &[i32], scene: &Scene) -> Beat {
    let topic_id = scene.node.image().topic("t").expect("was created").id;
    let partitions = List::from(owned);
    Beat {
        group_id: "g".into(),
        member_id: heard.member_id.clone().expect("was told"),
        member_epoch: heard.member_epoch,
        topic_partitions: Some(List::from([RequestTopicPartitions { topic_id, partitions }])),
        ..Default::default()
    }
}

fn told(heard: &Heard) -> Option<Vec<i32>> {
    let topics = &heard.assignment.as_ref()?.topic_partitions;
    Some(topics.iter().flat_map(|topic| topic.partitions.iter().copied()).collect())
}

/// Beats until the member was told so many partitions, and owns them.
async fn settle(
    scene: &Scene,
    peer: &mut Peer,
    mut heard: Heard,
    mut owned: Vec<i32>,
    wanted: usize,
) -> (Heard, Vec<i32>) {
    for _ in 0..600 {
        if let Some(partitions) = told(&heard) {
            owned = partitions;
        }
        let beat = stay(&heard, &owned, scene);
        heard = peer.ask(&beat, 1).await;
        assert_eq!(heard.error_code, 0, "{heard:?}");
        if owned.len() == wanted && told(&heard).is_none() {
            return (heard, owned);
        }
        scene.core.sleep(Duration::from_millis(100)).await;
    }
    panic!("{wanted} partitions were due, {owned:?} are owned, {heard:?}");
}

async fn scene_of(scene: &Scene) -> Peer {
    scene.create("t", 4, &[]).await;
    let mut peer = scene.peer().await;
    let coordinator_keys = List::from(["g".to_owned()]);
    let find = FindCoordinatorRequest { coordinator_keys, ..Default::default() };
    assert_eq!(peer.ask(&find, 4).await.coordinators[0].error_code, 0);
    peer
}

async fn describe(peer: &mut Peer, group: &str, version: i16) -> DescribedGroup {
    let group_ids = List::from([group.to_owned()]);
    let request = ConsumerGroupDescribeRequest { group_ids, ..Default::default() };
    peer.ask(&request, version).await.groups[0].clone()
}

fn commit(member: &str, epoch: i32, offset: i64) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: epoch,
        member_id: member.into(),
        retention_time_ms: -1,
        topics: List::from([OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: List::from([OffsetCommitRequestPartition {
                committed_offset: offset,
                ..Default::default()
            }]),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

#[test]
fn two_members_share_a_topic_and_one_takes_all_when_the_other_leaves() {
    play(1, |scene| async move {
        let mut peer = scene_of(&scene).await;
        // Version 0 gives the member its id, version 1 takes the member's own.
        let first = peer.ask(&join(""), 0).await;
        assert!(first.member_id.as_ref().is_some_and(|id| !id.is_empty()), "{first:?}");
        assert!(first.heartbeat_interval_ms > 0);
        let (first, owned) = settle(&scene, &mut peer, first, Vec::new(), 4).await;
        assert_eq!(owned, [0, 1, 2, 3]);
        assert_ne!(peer.ask(&join(""), 1).await.error_code, 0, "an id of its own is due");
        let second = peer.ask(&join("second"), 1).await;
        assert_eq!((second.error_code, second.member_id.as_deref()), (0, Some("second")));
        // Nobody has a partition twice: the first one gives up before the second is told.
        assert_eq!(told(&second).unwrap_or_default(), Vec::<i32>::new());
        let (first, kept) = settle(&scene, &mut peer, first, owned, 2).await;
        let (second, taken) = settle(&scene, &mut peer, second, Vec::new(), 2).await;
        let mut all = [kept.clone(), taken].concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
        let leave = Beat { member_epoch: -1, ..stay(&second, &[], &scene) };
        assert_eq!(peer.ask(&leave, 1).await.member_epoch, -1);
        let (_, owned) = settle(&scene, &mut peer, first, kept, 4).await;
        assert_eq!(owned, [0, 1, 2, 3]);
    });
}

#[test]
fn a_member_is_described_and_commits_under_its_epoch() {
    play(2, |scene| async move {
        let mut peer = scene_of(&scene).await;
        let member = peer.ask(&join("m"), 1).await;
        let (member, _) = settle(&scene, &mut peer, member, Vec::new(), 4).await;
        for version in 0..=1 {
            let group = describe(&mut peer, "g", version).await;
            assert_eq!((group.error_code, &*group.group_state), (0, "Stable"), "{group:?}");
            assert_eq!(group.group_epoch, member.member_epoch);
            assert_eq!(
                (group.assignment_epoch, &*group.assignor_name),
                (group.group_epoch, "uniform")
            );
            let found = &group.members[0];
            assert_eq!(&*found.member_id, "m");
            assert_eq!(found.assignment.topic_partitions[0].partitions, List::from([0, 1, 2, 3]));
            assert_eq!(found.assignment, found.target_assignment);
            assert_eq!(found.member_type, if version == 0 { -1 } else { 1 });
        }
        assert_eq!(describe(&mut peer, "nobody", 1).await.error_code, 69);
        assert_eq!(describe(&mut peer, "", 1).await.error_code, 24);
        let groups = List::from(["g".to_owned()]);
        let request = DescribeGroupsRequest { groups, ..Default::default() };
        let group = &peer.ask(&request, 6).await.groups[0];
        assert_eq!((group.error_code, &*group.group_state), (69, "Dead"));
        let of = |kind: &str| ListGroupsRequest {
            types_filter: List::from([kind.to_owned()]),
            ..Default::default()
        };
        assert_eq!(peer.ask(&of("classic"), 5).await.groups.len(), 0);
        let listed = peer.ask(&of("consumer"), 5).await.groups[0].clone();
        assert_eq!((&*listed.group_state, &*listed.group_type), ("Stable", "consumer"));
        assert_eq!(&*listed.protocol_type, "consumer");

        let epoch = member.member_epoch;
        for (epoch, version, owed) in
            [(epoch, 9, 0), (epoch + 1, 9, 113), (epoch, 8, 35), (epoch, 10, 100)]
        {
            let answer = peer.ask(&commit("m", epoch, 7), version).await;
            let code = answer.topics[0].partitions[0].error_code;
            assert_eq!(code, owed, "epoch {epoch}, version {version}");
        }
        assert_eq!(
            peer.ask(&commit("x", epoch, 7), 9).await.topics[0].partitions[0].error_code,
            25
        );
        for (member, epoch, owed) in [
            (Some("m"), epoch, 0),
            (Some("m"), epoch + 1, 113),
            (Some("x"), epoch, 25),
            (None, -1, 0),
        ] {
            let asked = OffsetFetchRequestGroup {
                group_id: "g".into(),
                member_id: member.map(str::to_owned),
                member_epoch: epoch,
                topics: None,
            };
            let request = OffsetFetchRequest { groups: List::from([asked]), ..Default::default() };
            let group = peer.ask(&request, 9).await.groups[0].clone();
            assert_eq!(group.error_code, owed, "{member:?} {epoch}");
            if owed == 0 {
                assert_eq!(group.topics[0].partitions[0].committed_offset, 7);
            }
        }
    });
}

/// A stable group goes on after a restart: members keep epochs and partitions.
#[test]
fn a_consumer_group_outlives_a_restart() {
    play(3, |scene| async move {
        let mut peer = scene_of(&scene).await;
        let member = peer.ask(&join("m"), 1).await;
        let (member, owned) = settle(&scene, &mut peer, member, Vec::new(), 4).await;
        let scene = scene.again().await;
        let mut peer = scene.peer().await;
        let beat = stay(&member, &owned, &scene);
        let heard = loop {
            let heard = peer.ask(&beat, 1).await;
            if heard.error_code != 14 {
                break heard;
            }
            scene.core.sleep(Duration::from_millis(10)).await;
        };
        assert_eq!((heard.error_code, heard.member_epoch), (0, member.member_epoch), "{heard:?}");
        assert_eq!(told(&heard), None, "its assignment is as it was");
        let group = describe(&mut peer, "g", 1).await;
        assert_eq!((&*group.group_state, group.members.len()), ("Stable", 1));
    });
}
