//! Every message that is described.
//!
//! Generated.

#![allow(clippy::field_reassign_with_default)]

mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod alter_client_quotas;
mod alter_configs;
mod alter_partition_reassignments;
mod alter_user_scram_credentials;
mod api_versions;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod create_acls;
mod create_partitions;
mod create_topics;
mod delete_acls;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_acls;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod describe_transactions;
mod describe_user_scram_credentials;
mod elect_leaders;
mod end_txn;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod list_transactions;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod sasl_authenticate;
mod sasl_handshake;
mod sync_group;
mod txn_offset_commit;
mod unregister_broker;
mod update_features;
mod write_txn_markers;

use net_wire::messages as m;

use crate::sample::Case;

/// Every message that is described.
pub(crate) const CASES: &[Case] = &[
    Case::of::<m::add_offsets_to_txn::AddOffsetsToTxnRequest>(false),
    Case::of::<m::add_offsets_to_txn::AddOffsetsToTxnResponse>(true),
    Case::of::<m::add_partitions_to_txn::AddPartitionsToTxnRequest>(false),
    Case::of::<m::add_partitions_to_txn::AddPartitionsToTxnResponse>(true),
    Case::of::<m::alter_client_quotas::AlterClientQuotasRequest>(false),
    Case::of::<m::alter_client_quotas::AlterClientQuotasResponse>(true),
    Case::of::<m::alter_configs::AlterConfigsRequest>(false),
    Case::of::<m::alter_configs::AlterConfigsResponse>(true),
    Case::of::<m::alter_partition_reassignments::AlterPartitionReassignmentsRequest>(false),
    Case::of::<m::alter_partition_reassignments::AlterPartitionReassignmentsResponse>(true),
    Case::of::<m::alter_user_scram_credentials::AlterUserScramCredentialsRequest>(false),
    Case::of::<m::alter_user_scram_credentials::AlterUserScramCredentialsResponse>(true),
    Case::of::<m::api_versions::ApiVersionsRequest>(false),
    Case::of::<m::api_versions::ApiVersionsResponse>(true),
    Case::of::<m::consumer_group_describe::ConsumerGroupDescribeRequest>(false),
    Case::of::<m::consumer_group_describe::ConsumerGroupDescribeResponse>(true),
    Case::of::<m::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest>(false),
    Case::of::<m::consumer_group_heartbeat::ConsumerGroupHeartbeatResponse>(true),
    Case::of::<m::create_acls::CreateAclsRequest>(false),
    Case::of::<m::create_acls::CreateAclsResponse>(true),
    Case::of::<m::create_partitions::CreatePartitionsRequest>(false),
    Case::of::<m::create_partitions::CreatePartitionsResponse>(true),
    Case::of::<m::create_topics::CreateTopicsRequest>(false),
    Case::of::<m::create_topics::CreateTopicsResponse>(true),
    Case::of::<m::delete_acls::DeleteAclsRequest>(false),
    Case::of::<m::delete_acls::DeleteAclsResponse>(true),
    Case::of::<m::delete_groups::DeleteGroupsRequest>(false),
    Case::of::<m::delete_groups::DeleteGroupsResponse>(true),
    Case::of::<m::delete_records::DeleteRecordsRequest>(false),
    Case::of::<m::delete_records::DeleteRecordsResponse>(true),
    Case::of::<m::delete_topics::DeleteTopicsRequest>(false),
    Case::of::<m::delete_topics::DeleteTopicsResponse>(true),
    Case::of::<m::describe_acls::DescribeAclsRequest>(false),
    Case::of::<m::describe_acls::DescribeAclsResponse>(true),
    Case::of::<m::describe_client_quotas::DescribeClientQuotasRequest>(false),
    Case::of::<m::describe_client_quotas::DescribeClientQuotasResponse>(true),
    Case::of::<m::describe_cluster::DescribeClusterRequest>(false),
    Case::of::<m::describe_cluster::DescribeClusterResponse>(true),
    Case::of::<m::describe_configs::DescribeConfigsRequest>(false),
    Case::of::<m::describe_configs::DescribeConfigsResponse>(true),
    Case::of::<m::describe_groups::DescribeGroupsRequest>(false),
    Case::of::<m::describe_groups::DescribeGroupsResponse>(true),
    Case::of::<m::describe_log_dirs::DescribeLogDirsRequest>(false),
    Case::of::<m::describe_log_dirs::DescribeLogDirsResponse>(true),
    Case::of::<m::describe_producers::DescribeProducersRequest>(false),
    Case::of::<m::describe_producers::DescribeProducersResponse>(true),
    Case::of::<m::describe_quorum::DescribeQuorumRequest>(false),
    Case::of::<m::describe_quorum::DescribeQuorumResponse>(true),
    Case::of::<m::describe_topic_partitions::DescribeTopicPartitionsRequest>(false),
    Case::of::<m::describe_topic_partitions::DescribeTopicPartitionsResponse>(true),
    Case::of::<m::describe_transactions::DescribeTransactionsRequest>(false),
    Case::of::<m::describe_transactions::DescribeTransactionsResponse>(true),
    Case::of::<m::describe_user_scram_credentials::DescribeUserScramCredentialsRequest>(false),
    Case::of::<m::describe_user_scram_credentials::DescribeUserScramCredentialsResponse>(true),
    Case::of::<m::elect_leaders::ElectLeadersRequest>(false),
    Case::of::<m::elect_leaders::ElectLeadersResponse>(true),
    Case::of::<m::end_txn::EndTxnRequest>(false),
    Case::of::<m::end_txn::EndTxnResponse>(true),
    Case::of::<m::fetch::FetchRequest>(false),
    Case::of::<m::fetch::FetchResponse>(true),
    Case::of::<m::find_coordinator::FindCoordinatorRequest>(false),
    Case::of::<m::find_coordinator::FindCoordinatorResponse>(true),
    Case::of::<m::heartbeat::HeartbeatRequest>(false),
    Case::of::<m::heartbeat::HeartbeatResponse>(true),
    Case::of::<m::incremental_alter_configs::IncrementalAlterConfigsRequest>(false),
    Case::of::<m::incremental_alter_configs::IncrementalAlterConfigsResponse>(true),
    Case::of::<m::init_producer_id::InitProducerIdRequest>(false),
    Case::of::<m::init_producer_id::InitProducerIdResponse>(true),
    Case::of::<m::join_group::JoinGroupRequest>(false),
    Case::of::<m::join_group::JoinGroupResponse>(true),
    Case::of::<m::leave_group::LeaveGroupRequest>(false),
    Case::of::<m::leave_group::LeaveGroupResponse>(true),
    Case::of::<m::list_config_resources::ListConfigResourcesRequest>(false),
    Case::of::<m::list_config_resources::ListConfigResourcesResponse>(true),
    Case::of::<m::list_groups::ListGroupsRequest>(false),
    Case::of::<m::list_groups::ListGroupsResponse>(true),
    Case::of::<m::list_offsets::ListOffsetsRequest>(false),
    Case::of::<m::list_offsets::ListOffsetsResponse>(true),
    Case::of::<m::list_partition_reassignments::ListPartitionReassignmentsRequest>(false),
    Case::of::<m::list_partition_reassignments::ListPartitionReassignmentsResponse>(true),
    Case::of::<m::list_transactions::ListTransactionsRequest>(false),
    Case::of::<m::list_transactions::ListTransactionsResponse>(true),
    Case::of::<m::metadata::MetadataRequest>(false),
    Case::of::<m::metadata::MetadataResponse>(true),
    Case::of::<m::offset_commit::OffsetCommitRequest>(false),
    Case::of::<m::offset_commit::OffsetCommitResponse>(true),
    Case::of::<m::offset_delete::OffsetDeleteRequest>(false),
    Case::of::<m::offset_delete::OffsetDeleteResponse>(true),
    Case::of::<m::offset_fetch::OffsetFetchRequest>(false),
    Case::of::<m::offset_fetch::OffsetFetchResponse>(true),
    Case::of::<m::offset_for_leader_epoch::OffsetForLeaderEpochRequest>(false),
    Case::of::<m::offset_for_leader_epoch::OffsetForLeaderEpochResponse>(true),
    Case::of::<m::produce::ProduceRequest>(false),
    Case::of::<m::produce::ProduceResponse>(true),
    Case::of::<m::sasl_authenticate::SaslAuthenticateRequest>(false),
    Case::of::<m::sasl_authenticate::SaslAuthenticateResponse>(true),
    Case::of::<m::sasl_handshake::SaslHandshakeRequest>(false),
    Case::of::<m::sasl_handshake::SaslHandshakeResponse>(true),
    Case::of::<m::sync_group::SyncGroupRequest>(false),
    Case::of::<m::sync_group::SyncGroupResponse>(true),
    Case::of::<m::txn_offset_commit::TxnOffsetCommitRequest>(false),
    Case::of::<m::txn_offset_commit::TxnOffsetCommitResponse>(true),
    Case::of::<m::unregister_broker::UnregisterBrokerRequest>(false),
    Case::of::<m::unregister_broker::UnregisterBrokerResponse>(true),
    Case::of::<m::update_features::UpdateFeaturesRequest>(false),
    Case::of::<m::update_features::UpdateFeaturesResponse>(true),
    Case::of::<m::write_txn_markers::WriteTxnMarkersRequest>(false),
    Case::of::<m::write_txn_markers::WriteTxnMarkersResponse>(true),
];
