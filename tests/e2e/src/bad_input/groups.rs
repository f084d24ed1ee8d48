//! Members that are none, commits of others, groups that are still in use.

use anyhow::{Result, ensure};
use net_wire::List;
use net_wire::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use net_wire::messages::delete_groups::DeleteGroupsRequest;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;
use net_wire::messages::heartbeat::HeartbeatRequest;
use net_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use net_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use net_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use net_wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};

use super::{Case, Scene, case};
use crate::peer::Peer;

/// Members that a group of the broker under test may have (`group.max.size`).
pub const MEMBERS_MAX: usize = 3;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = joins();
    cases.extend(commits());
    cases
}

/// Members that cannot be.
fn joins() -> Vec<Case> {
    vec![
        case(27, "joins that say what cannot be", |scene| {
            let mut peer = coordinator(scene)?;
            let mut refused = |owed: i16, what: &str, change: &dyn Fn(&mut JoinGroupRequest)| {
                let mut request = join(scene, "nobody");
                change(&mut request);
                let joined = peer.ask(&request, 9)?;
                ensure!(joined.error_code == owed, "{what}: {}", joined.error_code);
                Ok(joined)
            };
            refused(24, "no group id", &|join| join.group_id.clear())?;
            refused(26, "a short session", &|join| join.session_timeout_ms = 5_999)?;
            refused(26, "a long session", &|join| join.session_timeout_ms = 1_800_001)?;
            refused(25, "an unknown member", &|join| join.member_id = "stranger".into())?;
            refused(23, "no protocols", &|join| join.protocols = List::new())?;
            refused(23, "no type", &|join| join.protocol_type.clear())?;
            let told = refused(79, "no member id", &|_| ())?;
            ensure!(!told.member_id.is_empty(), "it is told its id");
            Ok(())
        }),
        case(27, "a member of another generation, another protocol, or one too many", |scene| {
            let (mut peer, joined) = settled(scene, "full")?;
            let request =
                JoinGroupRequest { protocol_type: "connect".into(), ..join(scene, "full") };
            let code = coordinator(scene)?.ask(&request, 3)?.error_code;
            ensure!(code == 23, "another type: {code}");
            for (generation, member, owed) in [
                (joined.generation_id - 1, &*joined.member_id, 22),
                (joined.generation_id + 1, &*joined.member_id, 22),
                (joined.generation_id, "stranger", 25),
            ] {
                let beat = HeartbeatRequest {
                    group_id: "full".into(),
                    generation_id: generation,
                    member_id: member.into(),
                    ..Default::default()
                };
                let code = peer.ask(&beat, 4)?.error_code;
                ensure!(code == owed, "generation {generation} of {member}: {code}");
            }
            // They wait for the first one, who does not come.
            let mut waiting = Vec::new();
            for _ in 1..MEMBERS_MAX {
                let mut peer = scene.peer()?;
                let bytes = peer.frame(&join(scene, "full"), 3, &[])?;
                peer.send(&bytes)?;
                waiting.push(peer);
            }
            // A connection of its own is answered whenever: until both have come there is room.
            for _ in 0..8 {
                let mut late = scene.peer()?;
                let bytes = late.frame(&join(scene, "full"), 3, &[])?;
                late.send(&bytes)?;
                if late.answers_within(std::time::Duration::from_millis(500))? {
                    let code = late.response::<JoinGroupRequest>(3)?.error_code;
                    ensure!(code == 81, "one member too many: {code}");
                    return Ok(());
                }
                waiting.push(late);
            }
            anyhow::bail!("everybody was let in")
        }),
    ]
}

/// Commits that are refused, and deletions.
fn commits() -> Vec<Case> {
    vec![
        case(28, "commits of who may not", |scene| {
            let (mut peer, joined) = settled(scene, "commits")?;
            let good = commit(scene, &joined);
            let mut refused = |owed: i16, what: &str, change: &dyn Fn(&mut OffsetCommitRequest)| {
                let mut request = good.clone();
                change(&mut request);
                let answer = peer.ask(&request, 9)?;
                let code = answer.topics[0].partitions[0].error_code;
                ensure!(code == owed, "{what}: {code} where {owed} is due");
                Ok(())
            };
            refused(0, "a good one", &|_| ())?;
            refused(22, "an old generation", &|it| it.generation_id_or_member_epoch -= 1)?;
            refused(22, "a generation to come", &|it| it.generation_id_or_member_epoch += 1)?;
            refused(25, "an unknown member", &|it| it.member_id = "stranger".into())?;
            refused(25, "nobody", &|it| {
                it.member_id.clear();
                it.generation_id_or_member_epoch = -1;
            })?;
            refused(12, "many words", &|it| {
                it.topics[0].partitions[0].committed_metadata = Some("x".repeat(4097));
            })?;
            refused(42, "an offset of -5", &|it| it.topics[0].partitions[0].committed_offset = -5)?;
            refused(3, "a partition that is not there", &|it| {
                it.topics[0].partitions[0].partition_index = 9;
            })
        }),
        case(28, "a commit in the name of an instance that is somebody else's", |scene| {
            let mut peer = coordinator(scene)?;
            let instance = Some("instance".to_owned());
            let request =
                JoinGroupRequest { group_instance_id: instance.clone(), ..join(scene, "static") };
            let joined = peer.ask(&request, 9)?;
            ensure!(joined.error_code == 0, "a static member joins at once: {joined:?}");
            let foreign = OffsetCommitRequest {
                group_id: "static".into(),
                member_id: "stranger".into(),
                group_instance_id: instance,
                ..commit(scene, &joined)
            };
            let code = peer.ask(&foreign, 9)?.topics[0].partitions[0].error_code;
            ensure!(code == 82, "{code}");
            Ok(())
        }),
        case(28, "a commit of a consumer group's member under another epoch", |scene| {
            let mut peer = coordinator(scene)?;
            let joining = ConsumerGroupHeartbeatRequest {
                group_id: "epochs".into(),
                member_id: "m".into(),
                rebalance_timeout_ms: 30_000,
                subscribed_topic_names: Some(List::from([scene.topic.clone()])),
                topic_partitions: Some(List::new()),
                ..Default::default()
            };
            let joined = peer.ask(&joining, 1)?;
            ensure!(joined.error_code == 0, "{joined:?}");
            for (epoch, owed) in [(joined.member_epoch, 0), (joined.member_epoch + 7, 113)] {
                let request = OffsetCommitRequest {
                    group_id: "epochs".into(),
                    member_id: "m".into(),
                    generation_id_or_member_epoch: epoch,
                    ..commit(scene, &JoinGroupResponse::default())
                };
                let code = peer.ask(&request, 9)?.topics[0].partitions[0].error_code;
                ensure!(code == owed, "epoch {epoch}: {code}");
            }
            let beat = ConsumerGroupHeartbeatRequest {
                member_epoch: joined.member_epoch + 7,
                ..joining.clone()
            };
            let code = peer.ask(&beat, 1)?.error_code;
            ensure!(code == 110, "a heartbeat of an epoch to come: {code}");
            let leave = ConsumerGroupHeartbeatRequest { member_epoch: -1, ..joining };
            ensure!(peer.ask(&leave, 1)?.error_code == 0, "it leaves");
            Ok(())
        }),
        case(29, "a group that is in use is neither deleted nor are its offsets", |scene| {
            let (mut peer, joined) = settled(scene, "in-use")?;
            let request =
                OffsetCommitRequest { group_id: "in-use".into(), ..commit(scene, &joined) };
            let code = peer.ask(&request, 9)?.topics[0].partitions[0].error_code;
            ensure!(code == 0, "{code}");
            let delete = DeleteGroupsRequest { groups_names: List::from(["in-use".to_owned()]) };
            let code = peer.ask(&delete, 2)?.results[0].error_code;
            ensure!(code == 68, "the group: {code}");
            let delete = OffsetDeleteRequest {
                group_id: "in-use".into(),
                topics: List::from([OffsetDeleteRequestTopic {
                    name: scene.topic.clone(),
                    partitions: List::from([OffsetDeleteRequestPartition { partition_index: 0 }]),
                }]),
            };
            let answer = peer.ask(&delete, 0)?;
            let code = answer.topics[0].partitions[0].error_code;
            ensure!((answer.error_code, code) == (0, 86), "its offsets: {answer:?}");
            Ok(())
        }),
    ]
}

/// A connection to the coordinator, which has loaded.
fn coordinator(scene: &Scene) -> Result<Peer> {
    let mut peer = scene.peer()?;
    let coordinator_keys = List::from(["any".to_owned()]);
    let find = FindCoordinatorRequest { coordinator_keys, ..Default::default() };
    let found = peer.ask(&find, 4)?.coordinators[0].error_code;
    ensure!(found == 0, "the coordinator: {found}");
    Ok(peer)
}

fn join(scene: &Scene, group: &str) -> JoinGroupRequest {
    let topic = scene.topic.as_bytes();
    let mut subscription = vec![0, 1, 0, 0, 0, 1];
    subscription.extend(u16::try_from(topic.len()).unwrap_or(0).to_be_bytes());
    subscription.extend(topic);
    subscription.extend([255; 4]);
    JoinGroupRequest {
        group_id: group.into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: List::from([JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: (&subscription[..]).into(),
        }]),
        ..Default::default()
    }
}

/// A group with one member that has its assignment, and who may commit.
fn settled(scene: &Scene, group: &str) -> Result<(Peer, JoinGroupResponse)> {
    let mut peer = coordinator(scene)?;
    let joined = peer.ask(&join(scene, group), 3)?;
    ensure!(joined.error_code == 0, "the first member of {group}: {joined:?}");
    let sync = SyncGroupRequest {
        group_id: group.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        assignments: List::from([SyncGroupRequestAssignment {
            member_id: joined.member_id.clone(),
            assignment: (&b"all"[..]).into(),
        }]),
        ..Default::default()
    };
    let code = peer.ask(&sync, 3)?.error_code;
    ensure!(code == 0, "its share: {code}");
    Ok((peer, joined))
}

/// A commit of this member into the group `commits`.
fn commit(scene: &Scene, joined: &JoinGroupResponse) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: "commits".into(),
        generation_id_or_member_epoch: joined.generation_id,
        member_id: joined.member_id.clone(),
        retention_time_ms: -1,
        topics: List::from([OffsetCommitRequestTopic {
            name: scene.topic.clone(),
            partitions: List::from([OffsetCommitRequestPartition {
                committed_offset: 1,
                ..Default::default()
            }]),
            ..Default::default()
        }]),
        ..Default::default()
    }
}
