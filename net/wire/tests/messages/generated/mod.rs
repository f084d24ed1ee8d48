//! Every message that is described.
//!
//! Generated.

#![allow(clippy::field_reassign_with_default)]

mod api_versions;
mod create_topics;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod fetch;
mod find_coordinator;
mod init_producer_id;
mod list_offsets;
mod metadata;
mod offset_for_leader_epoch;
mod produce;

use net_wire::messages as m;

use crate::sample::Case;

/// Every message that is described.
pub(crate) const CASES: &[Case] = &[
    Case::of::<m::api_versions::ApiVersionsRequest>(false),
    Case::of::<m::api_versions::ApiVersionsResponse>(true),
    Case::of::<m::create_topics::CreateTopicsRequest>(false),
    Case::of::<m::create_topics::CreateTopicsResponse>(true),
    Case::of::<m::delete_records::DeleteRecordsRequest>(false),
    Case::of::<m::delete_records::DeleteRecordsResponse>(true),
    Case::of::<m::delete_topics::DeleteTopicsRequest>(false),
    Case::of::<m::delete_topics::DeleteTopicsResponse>(true),
    Case::of::<m::describe_cluster::DescribeClusterRequest>(false),
    Case::of::<m::describe_cluster::DescribeClusterResponse>(true),
    Case::of::<m::describe_configs::DescribeConfigsRequest>(false),
    Case::of::<m::describe_configs::DescribeConfigsResponse>(true),
    Case::of::<m::fetch::FetchRequest>(false),
    Case::of::<m::fetch::FetchResponse>(true),
    Case::of::<m::find_coordinator::FindCoordinatorRequest>(false),
    Case::of::<m::find_coordinator::FindCoordinatorResponse>(true),
    Case::of::<m::init_producer_id::InitProducerIdRequest>(false),
    Case::of::<m::init_producer_id::InitProducerIdResponse>(true),
    Case::of::<m::list_offsets::ListOffsetsRequest>(false),
    Case::of::<m::list_offsets::ListOffsetsResponse>(true),
    Case::of::<m::metadata::MetadataRequest>(false),
    Case::of::<m::metadata::MetadataResponse>(true),
    Case::of::<m::offset_for_leader_epoch::OffsetForLeaderEpochRequest>(false),
    Case::of::<m::offset_for_leader_epoch::OffsetForLeaderEpochResponse>(true),
    Case::of::<m::produce::ProduceRequest>(false),
    Case::of::<m::produce::ProduceResponse>(true),
];
