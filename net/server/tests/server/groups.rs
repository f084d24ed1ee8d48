//! Consumer groups over the wire: every version of every API that members and operators use.

use std::time::Duration;

use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::delete_groups::DeleteGroupsRequest;
use net_wire::messages::describe_groups::DescribeGroupsRequest;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::heartbeat::HeartbeatRequest;
use net_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use net_wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use net_wire::messages::list_groups::ListGroupsRequest;
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use net_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use net_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    OffsetFetchResponse,
};
use net_wire::messages::sync_group::{
    SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};

use crate::peer::Peer;
use crate::scene::{Scene, play};

fn join(group: &str, member: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: group.into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 20_000,
        member_id: member.into(),
        protocol_type: "consumer".into(),
        protocols: List::from([JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: (&[0u8, 1, 0, 0, 0, 1, 0, 1, b't', 255, 255, 255, 255][..]).into(),
        }]),
        ..Default::default()
    }
}

pub(crate) fn sync(group: &str, joined: &JoinGroupResponse, version: i16) -> SyncGroupRequest {
    let named = |name: &str| (version >= 5).then(|| name.to_owned());
    SyncGroupRequest {
        group_id: group.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        protocol_type: named("consumer"),
        protocol_name: named("range"),
        assignments: joined
            .members
            .iter()
            .map(|member| SyncGroupRequestAssignment {
                member_id: member.member_id.clone(),
                assignment: member.member_id.as_bytes().into(),
            })
            .collect(),
        ..Default::default()
    }
}

/// Joins as a member without an id does: from version 4 on it is told one first.
async fn come(peer: &mut Peer, group: &str, version: i16) -> JoinGroupResponse {
    let joined = peer.ask(&join(group, ""), version).await;
    if version < 4 {
        return joined;
    }
    assert_eq!((joined.error_code, joined.generation_id), (79, -1), "{joined:?}");
    assert_eq!(joined.protocol_name.is_none(), version >= 7, "null where it may be: {joined:?}");
    assert!(!joined.member_id.is_empty());
    peer.ask(&join(group, &joined.member_id), version).await
}

/// A group of one member with its assignment.
async fn settle(scene: &Scene, group: &str) -> (Peer, JoinGroupResponse) {
    let mut peer = scene.peer().await;
    find(&mut peer, group).await;
    let joined = come(&mut peer, group, 9).await;
    assert_eq!(joined.error_code, 0, "{joined:?}");
    let synced = peer.ask(&sync(group, &joined, 5), 5).await;
    assert_eq!(synced.error_code, 0, "{synced:?}");
    (peer, joined)
}

pub(crate) async fn find(peer: &mut Peer, group: &str) {
    let request = FindCoordinatorRequest {
        coordinator_keys: List::from([group.to_owned()]),
        ..Default::default()
    };
    assert_eq!(peer.ask(&request, 4).await.coordinators[0].error_code, 0);
}

fn commit(group: &str, joined: Option<&JoinGroupResponse>, offset: i64) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: joined.map_or(-1, |joined| joined.generation_id),
        member_id: joined.map_or(String::new(), |joined| joined.member_id.clone()),
        retention_time_ms: -1,
        topics: List::from([OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: [0, 9]
                .map(|partition_index| OffsetCommitRequestPartition {
                    partition_index,
                    committed_offset: offset,
                    committed_leader_epoch: 3,
                    committed_metadata: Some("words".into()),
                })
                .into(),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

fn fetch_alone(group: &str, partitions: &[i32]) -> OffsetFetchRequest {
    OffsetFetchRequest {
        group_id: group.into(),
        topics: Some(List::from([OffsetFetchRequestTopic {
            name: "t".into(),
            partition_indexes: partitions.into(),
        }])),
        ..Default::default()
    }
}

fn fetch_many(group: &str, topic_id: Uuid, partitions: &[i32]) -> OffsetFetchRequest {
    OffsetFetchRequest {
        groups: List::from([OffsetFetchRequestGroup {
            group_id: group.into(),
            member_epoch: -1,
            topics: Some(List::from([OffsetFetchRequestTopics {
                name: "t".into(),
                topic_id,
                partition_indexes: partitions.into(),
            }])),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

/// Offset, leader epoch, metadata and error of each partition.
fn fetched(answer: &OffsetFetchResponse) -> Vec<(i32, i64, i32, String, i16)> {
    let alone = answer.topics.iter().flat_map(|topic| topic.partitions.iter()).map(|p| {
        let metadata = p.metadata.clone().unwrap_or_default();
        (p.partition_index, p.committed_offset, p.committed_leader_epoch, metadata, p.error_code)
    });
    let topics = answer.groups.iter().flat_map(|group| group.topics.iter());
    let many = topics.flat_map(|topic| topic.partitions.iter()).map(|p| {
        let metadata = p.metadata.clone().unwrap_or_default();
        (p.partition_index, p.committed_offset, p.committed_leader_epoch, metadata, p.error_code)
    });
    alone.chain(many).collect()
}

#[test]
fn the_coordinator_of_a_group_is_this_node_and_its_topic_comes_into_being() {
    play(1, |scene| async move {
        let mut peer = scene.peer().await;
        assert!(scene.node.image().topic("__consumer_offsets").is_none());
        for version in 0..=3 {
            let request = FindCoordinatorRequest { key: "g".into(), ..Default::default() };
            let answer = peer.ask(&request, version).await;
            assert_eq!((answer.error_code, answer.node_id), (0, 0), "{answer:?}");
            assert_eq!((&*answer.host, answer.port), ("localhost", 9092));
        }
        for version in 4..=6 {
            let keys = List::from(["g".to_owned(), "h".to_owned()]);
            let request = FindCoordinatorRequest { coordinator_keys: keys, ..Default::default() };
            let answer = peer.ask(&request, version).await;
            let told = answer.coordinators.iter().map(|one| (&*one.key, one.node_id, one.port));
            assert_eq!(told.collect::<Vec<_>>(), [("g", 0, 9092), ("h", 0, 9092)]);
        }
        let image = scene.node.image();
        let topic = image.topic("__consumer_offsets").expect("was created");
        assert_eq!(topic.partitions.len(), 50);
        let config = |name: &str| topic.configs.get(name).map(String::as_str);
        assert_eq!(config("cleanup.policy"), Some("compact"));
        assert_eq!(config("compression.type"), Some("producer"));
        assert_eq!(config("segment.bytes"), Some("104857600"));
    });
}

#[test]
fn a_member_joins_reads_and_leaves_in_every_version() {
    play(2, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        for version in 0..=9 {
            let group = format!("g{version}");
            find(&mut peer, &group).await;
            let joined = come(&mut peer, &group, version).await;
            assert_eq!((joined.error_code, joined.generation_id), (0, 1), "{joined:?}");
            assert_eq!((&joined.leader, joined.members.len()), (&joined.member_id, 1));
            assert_eq!(joined.protocol_name.as_deref(), Some("range"));
            let at = version.min(5);
            let synced = peer.ask(&sync(&group, &joined, at), at).await;
            assert_eq!(synced.error_code, 0);
            assert_eq!(synced.assignment.to_vec(), joined.member_id.as_bytes());
            let beat = HeartbeatRequest {
                group_id: group.clone(),
                generation_id: 1,
                member_id: joined.member_id.clone(),
                ..Default::default()
            };
            let version = version.min(4);
            assert_eq!(peer.ask(&beat, version).await.error_code, 0);
            let stale = HeartbeatRequest { generation_id: 7, ..beat.clone() };
            assert_eq!(peer.ask(&stale, version).await.error_code, 22);
            let member =
                MemberIdentity { member_id: joined.member_id.clone(), ..Default::default() };
            let leave = LeaveGroupRequest {
                group_id: group.clone(),
                member_id: joined.member_id.clone(),
                members: List::from([member]),
            };
            let left = peer.ask(&leave, version).await;
            assert_eq!((left.error_code, left.members.len()), (0, usize::from(version >= 3)));
            assert_eq!(peer.ask(&beat, version).await.error_code, 25);
            let again = peer.ask(&leave, version).await;
            let codes = (again.error_code, again.members.iter().map(|m| m.error_code).sum::<i16>());
            assert_eq!(codes, if version >= 3 { (0, 25) } else { (25, 0) });
        }
    });
}

#[test]
fn offsets_are_committed_and_fetched_in_every_version() {
    play(3, |scene| async move {
        scene.create("t", 2, &[]).await;
        let topic_id = scene.node.image().topic("t").expect("was created").id;
        let (mut peer, joined) = settle(&scene, "g").await;
        for version in 2..=10 {
            let mut request = commit("g", Some(&joined), i64::from(version));
            request.topics[0].topic_id = topic_id;
            let answer = peer.ask(&request, version).await;
            let codes =
                answer.topics[0].partitions.iter().map(|p| (p.partition_index, p.error_code));
            assert_eq!(codes.collect::<Vec<_>>(), [(0, 0), (9, 3)], "version {version}");
            let epoch = if version >= 6 { 3 } else { -1 };
            let found = fetched(&peer.ask(&fetch_many("g", topic_id, &[0, 1]), 10).await);
            let (words, none) = ("words".to_owned(), String::new());
            assert_eq!(
                found,
                [(0, i64::from(version), epoch, words, 0), (1, -1, -1, none, 0)],
                "version {version}"
            );
        }
        for version in 1..=10 {
            let request = match version {
                ..=7 => fetch_alone("g", &[0, 1]),
                _ => fetch_many("g", topic_id, &[0, 1]),
            };
            let answer = peer.ask(&request, version).await;
            let found: Vec<_> = fetched(&answer).into_iter().map(|one| (one.0, one.1)).collect();
            assert_eq!((answer.error_code, found), (0, vec![(0, 10), (1, -1)]));
            if version >= 2 {
                let all = match version {
                    ..=7 => OffsetFetchRequest { topics: None, ..request },
                    _ => {
                        let mut all = request;
                        all.groups[0].topics = None;
                        all
                    }
                };
                let found: Vec<_> = fetched(&peer.ask(&all, version).await);
                assert_eq!(found.len(), 1, "version {version}");
            }
        }
        let unknown = Uuid([9; 16]);
        let mut request = commit("g", Some(&joined), 1);
        request.topics[0].topic_id = unknown;
        let codes: Vec<i16> = peer.ask(&request, 10).await.topics[0]
            .partitions
            .iter()
            .map(|p| p.error_code)
            .collect();
        assert_eq!(codes, [100, 100]);
        let found = fetched(&peer.ask(&fetch_many("g", unknown, &[0]), 10).await);
        assert_eq!(found[0].4, 100);
        let stranger = commit("g", None, 1);
        let answer = peer.ask(&stranger, 9).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 25, "a stranger in a live group");
    });
}

#[test]
fn two_members_wait_for_each_other_and_each_hears_its_share() {
    play(4, |scene| async move {
        let (mut one, mut two) = (scene.peer().await, scene.peer().await);
        find(&mut one, "g").await;
        let ids = [
            one.ask(&join("g", ""), 9).await.member_id,
            two.ask(&join("g", ""), 9).await.member_id,
        ];
        let begun = scene.core.now();
        for (peer, id) in [(&mut one, &ids[0]), (&mut two, &ids[1])] {
            let bytes = peer.frame(&join("g", id), 9, &[]);
            peer.send(&bytes).await;
        }
        let joined = [
            one.response::<JoinGroupRequest>(9).await.1,
            two.response::<JoinGroupRequest>(9).await.1,
        ];
        assert!(scene.core.now() - begun >= Duration::from_secs(3), "the initial delay");
        assert_eq!((joined[0].generation_id, joined[1].generation_id), (1, 1));
        assert_eq!(joined[0].leader, joined[1].leader);
        assert_eq!(joined[0].members.len() + joined[1].members.len(), 2, "only the leader sees");
        let leads = usize::from(joined[1].leader == joined[1].member_id);
        let (leader, follower) =
            if leads == 0 { (&mut one, &mut two) } else { (&mut two, &mut one) };
        let bytes = follower.frame(&sync("g", &joined[1 - leads], 5), 5, &[]);
        follower.send(&bytes).await;
        let synced = leader.ask(&sync("g", &joined[leads], 5), 5).await;
        assert_eq!(synced.assignment.to_vec(), joined[leads].member_id.as_bytes());
        let synced: SyncGroupResponse = follower.response::<SyncGroupRequest>(5).await.1;
        assert_eq!(synced.assignment.to_vec(), joined[1 - leads].member_id.as_bytes());
    });
}

#[test]
fn operators_list_describe_and_delete_groups() {
    play(5, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        assert_eq!(peer.ask(&ListGroupsRequest::default(), 5).await.groups.len(), 0);
        let (mut member, joined) = settle(&scene, "g").await;
        assert_eq!(member.ask(&commit("g", Some(&joined), 5), 9).await.topics.len(), 1);
        for version in 0..=5 {
            let answer = peer.ask(&ListGroupsRequest::default(), version).await;
            let group = &answer.groups[0];
            assert_eq!((&*group.group_id, &*group.protocol_type), ("g", "consumer"));
            assert_eq!(&*group.group_state, if version >= 4 { "Stable" } else { "" });
            assert_eq!(&*group.group_type, if version >= 5 { "classic" } else { "" });
        }
        for (states, types, found) in
            [(vec!["stable"], vec![], 1), (vec!["Empty"], vec![], 0), (vec![], vec!["consumer"], 0)]
        {
            let list = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
            let request =
                ListGroupsRequest { states_filter: list(states), types_filter: list(types) };
            assert_eq!(peer.ask(&request, 5).await.groups.len(), found);
        }
        for version in 0..=6 {
            let request = DescribeGroupsRequest {
                groups: List::from(["g".to_owned(), "none".to_owned()]),
                include_authorized_operations: version >= 3,
            };
            let answer = peer.ask(&request, version).await;
            let (group, none) = (&answer.groups[0], &answer.groups[1]);
            assert_eq!((group.error_code, &*group.group_state), (0, "Stable"));
            assert_eq!((&*group.protocol_type, &*group.protocol_data), ("consumer", "range"));
            let one = &group.members[0];
            assert_eq!((&one.member_id, &*one.client_id), (&joined.member_id, "a test"));
            assert_eq!(&*one.client_host, "/127.0.0.1");
            assert_eq!(one.member_assignment.to_vec(), joined.member_id.as_bytes());
            let owed = if version >= 6 { 69 } else { 0 };
            assert_eq!((none.error_code, &*none.group_state), (owed, "Dead"));
            assert_eq!(group.authorized_operations, if version >= 3 { 3400 } else { i32::MIN });
        }
        let delete =
            DeleteGroupsRequest { groups_names: List::from(["g".to_owned(), "none".to_owned()]) };
        let codes = |answer: net_wire::messages::delete_groups::DeleteGroupsResponse| {
            answer.results.iter().map(|one| one.error_code).collect::<Vec<_>>()
        };
        assert_eq!(codes(peer.ask(&delete, 2).await), [68, 69]);
        let forget = OffsetDeleteRequest {
            group_id: "g".into(),
            topics: List::from([OffsetDeleteRequestTopic {
                name: "t".into(),
                partitions: [0, 7]
                    .map(|partition_index| OffsetDeleteRequestPartition { partition_index })
                    .into(),
            }]),
        };
        let answer = peer.ask(&forget, 0).await;
        let told: Vec<i16> = answer.topics[0].partitions.iter().map(|p| p.error_code).collect();
        assert_eq!((answer.error_code, told), (0, vec![86, 3]), "its member reads it");
        let leave = LeaveGroupRequest {
            group_id: "g".into(),
            members: List::from([MemberIdentity {
                member_id: joined.member_id.clone(),
                ..Default::default()
            }]),
            ..Default::default()
        };
        assert_eq!(peer.ask(&leave, 5).await.error_code, 0);
        let answer = peer.ask(&forget, 0).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0);
        for version in 0..=2 {
            let owed = if version == 0 { [0, 69] } else { [69, 69] };
            assert_eq!(codes(peer.ask(&delete, version).await), owed);
        }
    });
}

#[test]
fn a_deleted_topic_takes_its_offsets_with_it() {
    play(6, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        find(&mut peer, "plain").await;
        let answer = peer.ask(&commit("plain", None, 5), 9).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0, "{answer:?}");
        assert_eq!(fetched(&peer.ask(&fetch_alone("plain", &[0]), 7).await)[0].1, 5);
        let topic = replication_shard::TopicRef::Name("t".into());
        assert!(scene.node.delete_topics(vec![topic]).await[0].is_ok());
        scene.core.sleep(Duration::from_secs(1)).await;
        assert_eq!(fetched(&peer.ask(&fetch_alone("plain", &[0]), 7).await)[0].1, -1);
    });
}

/// Before anybody looked for a coordinator there is none, as with Kafka: asking does not bring the
/// topic of offsets into being.
#[test]
fn only_looking_for_a_coordinator_makes_one() {
    play(7, |scene| async move {
        scene.create("t", 1, &[]).await;
        let mut peer = scene.peer().await;
        let answer = peer.ask(&fetch_alone("plain", &[0]), 7).await;
        assert_eq!(answer.error_code, 16, "{answer:?}");
        let groups = List::from(["plain".to_owned()]);
        let describe = DescribeGroupsRequest { groups, ..Default::default() };
        let answer = peer.ask(&describe, 5).await;
        assert_eq!(answer.groups[0].error_code, 16, "{answer:?}");
        let answer = peer.ask(&ListGroupsRequest::default(), 4).await;
        assert_eq!((answer.error_code, answer.groups.len()), (0, 0));
        assert_eq!(peer.ask(&join("plain", ""), 9).await.error_code, 16);
        assert_eq!(peer.ask(&join("", ""), 9).await.error_code, 24, "for that nobody is needed");
        let answer = peer.ask(&commit("plain", None, 5), 9).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 16, "{answer:?}");
        assert!(scene.node.image().topic("__consumer_offsets").is_none());
        find(&mut peer, "plain").await;
        assert!(scene.node.image().topic("__consumer_offsets").is_some());
        assert_eq!(fetched(&peer.ask(&fetch_alone("plain", &[0]), 7).await)[0].1, -1);
    });
}
