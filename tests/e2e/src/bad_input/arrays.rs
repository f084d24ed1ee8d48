//! Every API that is offered, in every version, with nothing in it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use net_wire::messages::api_versions::ApiVersionsRequest;
use net_wire::messages::{
    alter_client_quotas, alter_configs, alter_partition_reassignments, api_versions,
    consumer_group_describe, consumer_group_heartbeat, create_partitions, create_topics,
    delete_groups, delete_records, delete_topics, describe_client_quotas, describe_cluster,
    describe_configs, describe_groups, describe_log_dirs, describe_producers, describe_quorum,
    describe_topic_partitions, describe_user_scram_credentials, elect_leaders, fetch,
    find_coordinator, heartbeat, incremental_alter_configs, init_producer_id, join_group,
    leave_group, list_config_resources, list_groups, list_offsets, list_partition_reassignments,
    metadata, offset_commit, offset_delete, offset_fetch, offset_for_leader_epoch, produce,
    sync_group, unregister_broker, update_features,
};
use net_wire::{Request, api};

use super::{Case, Scene, case};
use crate::peer::Reaction;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(32, "every API in every version, with nothing in it", |scene| {
            let mut asked = BTreeSet::new();
            ask_all(scene, &mut asked)?;
            let offered = offered(scene)?;
            let left: Vec<i16> =
                offered.iter().map(|at| at.0).filter(|key| !asked.contains(key)).collect();
            ensure!(left.is_empty(), "the list above has no request of {left:?}");
            Ok(())
        }),
        case(32, "every API in every version, of one byte again and again", |scene| {
            for (key, min, max) in offered(scene)? {
                for version in min..=max {
                    // Empty and null arrays, of old and of flexible versions; the rest is what it
                    // is, and what is too much is passed over.
                    for byte in [0, 1, 0xff] {
                        of_bytes(scene, key, version, byte)
                            .with_context(|| format!("API {key} version {version}, {byte}"))?;
                    }
                }
                scene.check_alive().with_context(|| format!("after API {key}"))?;
            }
            Ok(())
        }),
    ]
}

/// What the broker says it serves.
fn offered(scene: &Scene) -> Result<Vec<(i16, i16, i16)>> {
    let answer = scene.peer()?.ask(&ApiVersionsRequest::default(), 0)?;
    ensure!(answer.api_keys.len() > 30, "{} APIs", answer.api_keys.len());
    Ok(answer.api_keys.iter().map(|at| (at.api_key, at.min_version, at.max_version)).collect())
}

/// A body of one byte: answered, or the connection is closed.
fn of_bytes(scene: &Scene, key: i16, version: i16, byte: u8) -> Result<()> {
    let described = api::find(key).context("it is described")?.described;
    let mut frame = Vec::new();
    frame.extend(key.to_be_bytes());
    frame.extend(version.to_be_bytes());
    frame.extend(7i32.to_be_bytes());
    frame.extend((-1i16).to_be_bytes());
    if described.request_header(version) >= 2 {
        frame.push(0);
    }
    frame.extend([byte; 300]);
    let mut bytes = u32::try_from(frame.len())?.to_be_bytes().to_vec();
    bytes.extend(frame);
    let mut peer = scene.peer()?;
    peer.send(&bytes)?;
    let is_silent = key == produce::KEY && byte == 0;
    let patience = Duration::from_secs(if is_silent { 1 } else { 20 });
    match peer.reaction(patience)? {
        Reaction::Silence => ensure!(is_silent, "neither answered nor closed"),
        Reaction::Bytes | Reaction::Closed(_) => {}
    }
    Ok(())
}

/// Asks with the request of every field's default, in every version that is served and described:
/// arrays are empty, and null where they may be.
fn ask_each<R: Request + Default>(
    scene: &Scene,
    asked: &mut BTreeSet<i16>,
    change: impl FnOnce(&mut R),
) -> Result<()> {
    asked.insert(R::API.key);
    let Some((_, min, max)) = offered(scene)?.into_iter().find(|at| at.0 == R::API.key) else {
        return Ok(());
    };
    let mut request = R::default();
    change(&mut request);
    for version in min.max(R::API.versions.min)..=max {
        scene.peer()?.ask(&request, version)?;
    }
    scene.check_alive().with_context(|| format!("after {}", R::API.name))
}

macro_rules! each {
    ($scene:ident, $asked:ident: $($module:ident :: $request:ident),* $(,)?) => {
        $(ask_each::<$module::$request>($scene, $asked, |_| ())?;)*
    };
}

fn ask_all(scene: &Scene, asked: &mut BTreeSet<i16>) -> Result<()> {
    // To acks=0 nobody answers.
    ask_each::<produce::ProduceRequest>(scene, asked, |request| request.acks = -1)?;
    each!(scene, asked:
        fetch::FetchRequest, list_offsets::ListOffsetsRequest, metadata::MetadataRequest,
        offset_commit::OffsetCommitRequest, offset_fetch::OffsetFetchRequest,
        find_coordinator::FindCoordinatorRequest, join_group::JoinGroupRequest,
        heartbeat::HeartbeatRequest, leave_group::LeaveGroupRequest, sync_group::SyncGroupRequest,
        describe_groups::DescribeGroupsRequest, list_groups::ListGroupsRequest,
        api_versions::ApiVersionsRequest, create_topics::CreateTopicsRequest,
        delete_topics::DeleteTopicsRequest, delete_records::DeleteRecordsRequest,
        init_producer_id::InitProducerIdRequest,
        offset_for_leader_epoch::OffsetForLeaderEpochRequest,
        describe_configs::DescribeConfigsRequest, alter_configs::AlterConfigsRequest,
        describe_log_dirs::DescribeLogDirsRequest, create_partitions::CreatePartitionsRequest,
        delete_groups::DeleteGroupsRequest, elect_leaders::ElectLeadersRequest,
        incremental_alter_configs::IncrementalAlterConfigsRequest,
        alter_partition_reassignments::AlterPartitionReassignmentsRequest,
        list_partition_reassignments::ListPartitionReassignmentsRequest,
        offset_delete::OffsetDeleteRequest, describe_client_quotas::DescribeClientQuotasRequest,
        alter_client_quotas::AlterClientQuotasRequest, describe_quorum::DescribeQuorumRequest,
        update_features::UpdateFeaturesRequest, describe_cluster::DescribeClusterRequest,
        describe_producers::DescribeProducersRequest,
        describe_user_scram_credentials::DescribeUserScramCredentialsRequest,
        consumer_group_heartbeat::ConsumerGroupHeartbeatRequest,
        consumer_group_describe::ConsumerGroupDescribeRequest,
        list_config_resources::ListConfigResourcesRequest,
        describe_topic_partitions::DescribeTopicPartitionsRequest,
    );
    // Number 0 is the node itself, which stays.
    ask_each::<unregister_broker::UnregisterBrokerRequest>(scene, asked, |_| ())
}
