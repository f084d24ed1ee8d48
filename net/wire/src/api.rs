//! The one list of APIs: which are described, and which versions of them this broker serves.
//!
//! Kept true: what is not built is not served (`None`), and nothing half made is: ApiVersions is
//! answered from this list alone. The ranges are those of one Kafka release, 4.3, because clients
//! infer the release from them (Fetch 17: 3.9; ListOffsets 10: 4.0; Produce 13: 4.1; ListOffsets
//! 11: 4.2). A low ceiling does no harm; a floor above Kafka's does.

use crate::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use crate::messages::{
    add_offsets_to_txn, add_partitions_to_txn, alter_client_quotas, alter_configs,
    alter_partition_reassignments, alter_user_scram_credentials, api_versions,
    consumer_group_describe, consumer_group_heartbeat, create_acls, create_partitions,
    create_topics, delete_acls, delete_groups, delete_records, delete_topics, describe_acls,
    describe_client_quotas, describe_cluster, describe_configs, describe_groups, describe_log_dirs,
    describe_producers, describe_quorum, describe_topic_partitions, describe_transactions,
    describe_user_scram_credentials, elect_leaders, end_txn, fetch, find_coordinator, heartbeat,
    incremental_alter_configs, init_producer_id, join_group, leave_group, list_config_resources,
    list_groups, list_offsets, list_partition_reassignments, list_transactions, metadata,
    offset_commit, offset_delete, offset_fetch, offset_for_leader_epoch, produce,
    sasl_authenticate, sasl_handshake, sync_group, txn_offset_commit, unregister_broker,
    update_features, write_txn_markers,
};

/// An inclusive range of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The lowest.
    pub min: i16,
    /// The highest.
    pub max: i16,
}

impl Versions {
    /// Whether `version` is one of them.
    pub const fn contains(&self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }
}

/// What the generated code knows of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// The API's number on the wire.
    pub key: i16,
    /// What Kafka calls it.
    pub name: &'static str,
    /// The versions that can be decoded and encoded.
    pub versions: Versions,
    /// The first version with compact lengths and tagged fields; `i16::MAX` where none has.
    pub flexible: i16,
}

impl Described {
    /// The version of the header before a request of `version`.
    pub const fn request_header(&self, version: i16) -> i16 {
        if version >= self.flexible { 2 } else { 1 }
    }

    /// The version of the header before a response of `version`. That of ApiVersions is always 0,
    /// because a client reads it before it knows what the broker speaks.
    pub const fn response_header(&self, version: i16) -> i16 {
        if version >= self.flexible && self.key != api_versions::KEY { 1 } else { 0 }
    }
}

/// An API of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    /// What is described.
    pub described: &'static Described,
    /// What ApiVersions offers. It may begin below what is described: those versions are refused.
    pub served: Option<Versions>,
}

impl Api {
    /// Whether a request of `version` is to be handled: it is served and can be decoded.
    pub fn handles(&self, version: i16) -> bool {
        self.served.is_some_and(|served| served.contains(version))
            && self.described.versions.contains(version)
    }
}

const fn served(described: &'static Described, min: i16, max: i16) -> Api {
    assert!(min <= max && max <= described.versions.max);
    Api { described, served: Some(Versions { min, max }) }
}

const fn not_served(described: &'static Described) -> Api {
    Api { described, served: None }
}

/// Every API described, in the order of the keys.
pub const APIS: &[Api] = &[
    // 0 to 2 are offered and refused, as Kafka does: without them older librdkafka takes the broker
    // for one that cannot compress, and says nothing.
    served(&produce::API, 0, 13),
    served(&fetch::API, 4, 18),
    served(&list_offsets::API, 1, 11),
    served(&metadata::API, 0, 13),
    served(&offset_commit::API, 2, 10),
    served(&offset_fetch::API, 1, 10),
    served(&find_coordinator::API, 0, 6),
    served(&join_group::API, 0, 9),
    served(&heartbeat::API, 0, 4),
    served(&leave_group::API, 0, 5),
    served(&sync_group::API, 0, 5),
    served(&describe_groups::API, 0, 6),
    served(&list_groups::API, 0, 5),
    not_served(&sasl_handshake::API),
    served(&api_versions::API, 0, 4),
    served(&create_topics::API, 2, 7),
    served(&delete_topics::API, 1, 6),
    served(&delete_records::API, 0, 2),
    served(&init_producer_id::API, 0, 5),
    served(&offset_for_leader_epoch::API, 2, 4),
    not_served(&add_partitions_to_txn::API),
    not_served(&add_offsets_to_txn::API),
    not_served(&end_txn::API),
    not_served(&write_txn_markers::API),
    not_served(&txn_offset_commit::API),
    not_served(&describe_acls::API),
    not_served(&create_acls::API),
    not_served(&delete_acls::API),
    served(&describe_configs::API, 1, 4),
    served(&alter_configs::API, 0, 2),
    served(&describe_log_dirs::API, 1, 5),
    not_served(&sasl_authenticate::API),
    served(&create_partitions::API, 0, 3),
    served(&delete_groups::API, 0, 2),
    served(&elect_leaders::API, 0, 2),
    served(&incremental_alter_configs::API, 0, 1),
    served(&alter_partition_reassignments::API, 0, 1),
    served(&list_partition_reassignments::API, 0, 0),
    served(&offset_delete::API, 0, 0),
    served(&describe_client_quotas::API, 0, 1),
    served(&alter_client_quotas::API, 0, 1),
    served(&describe_user_scram_credentials::API, 0, 0),
    not_served(&alter_user_scram_credentials::API),
    served(&describe_quorum::API, 0, 2),
    served(&update_features::API, 0, 2),
    served(&describe_cluster::API, 0, 2),
    served(&describe_producers::API, 0, 0),
    served(&unregister_broker::API, 0, 0),
    not_served(&describe_transactions::API),
    not_served(&list_transactions::API),
    served(&consumer_group_heartbeat::API, 0, 1),
    served(&consumer_group_describe::API, 0, 1),
    served(&list_config_resources::API, 0, 1),
    served(&describe_topic_partitions::API, 0, 0),
];

/// The API of `key`, if it is described.
pub fn find(key: i16) -> Option<&'static Api> {
    APIS.binary_search_by_key(&key, |api| api.described.key).ok().map(|index| &APIS[index])
}

/// The answer to ApiVersions: everything served.
pub fn versions_response() -> ApiVersionsResponse {
    let api_keys = APIS.iter().filter_map(offered).collect();
    ApiVersionsResponse { api_keys, ..Default::default() }
}

/// The answer to a version of ApiVersions that is not served: which are. It is encoded as version 0
/// and lets a client that came with too high a version choose again.
pub fn versions_refusal(error_code: i16) -> ApiVersionsResponse {
    let api_keys = find(api_versions::KEY).and_then(offered).into_iter().collect();
    ApiVersionsResponse { error_code, api_keys, ..Default::default() }
}

fn offered(api: &Api) -> Option<ApiVersion> {
    let Versions { min, max } = api.served?;
    Some(ApiVersion { api_key: api.described.key, min_version: min, max_version: max })
}

#[cfg(test)]
#[path = "api_test.rs"]
mod api_test;
