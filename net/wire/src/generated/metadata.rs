//! What topics there are and who leads them.
//!
//! Generated from `net/wire/messages/metadata.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "Metadata", versions: Versions { min: 0, max: 13 }, flexible: 9 };
/// The API's number on the wire.
pub const KEY: i16 = 3;

/// What topics there are and who leads them.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    /// `Topics`, always there, may be null in 1-13.
    /// Null: all; in 0 empty.
    pub topics: Option<List<MetadataRequestTopic>>,
    /// `AllowAutoTopicCreation`, versions 4-13, default true.
    /// Before version 4 as if true.
    pub allow_auto_topic_creation: bool,
    /// `IncludeClusterAuthorizedOperations`, versions 8-10.
    pub include_cluster_authorized_operations: bool,
    /// `IncludeTopicAuthorizedOperations`, versions 8-13.
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Default::default(),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: Default::default(),
            include_topic_authorized_operations: Default::default(),
        }
    }
}

impl MetadataRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.topics = r.array_or_null(
            flex,
            v >= 1,
            MetadataRequestTopic::least_bytes(v),
            v,
            MetadataRequestTopic::read,
        )?;
        if v >= 4 {
            it.allow_auto_topic_creation = r.bool()?;
        }
        if (8..=10).contains(&v) {
            it.include_cluster_authorized_operations = r.bool()?;
        }
        if v >= 8 {
            it.include_topic_authorized_operations = r.bool()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.array_or_null(flex, v >= 1, self.topics.as_ref(), v, MetadataRequestTopic::write);
        if v >= 4 {
            w.bool(self.allow_auto_topic_creation);
        }
        if (8..=10).contains(&v) {
            w.bool(self.include_cluster_authorized_operations);
        }
        if v >= 8 {
            w.bool(self.include_topic_authorized_operations);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MetadataRequestTopic {
    /// `TopicId`, versions 10-13.
    pub topic_id: Uuid,
    /// `Name`, always there, may be null in 10-13.
    pub name: Option<String>,
}

impl MetadataRequestTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        if v >= 10 {
            it.topic_id = r.uuid()?;
        }
        it.name = r.string_or_null(flex, v >= 10)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.string_or_null(flex, v >= 10, self.name.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=9 => 2,
            _ => 18,
        }
    }
}

/// What topics there are and who leads them.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    /// `ThrottleTimeMs`, versions 3-13.
    pub throttle_time_ms: i32,
    /// `Brokers`, always there.
    pub brokers: List<MetadataResponseBroker>,
    /// `ClusterId`, versions 2-13, may be null.
    pub cluster_id: Option<String>,
    /// `ControllerId`, versions 1-13, default -1.
    pub controller_id: i32,
    /// `Topics`, always there.
    pub topics: List<MetadataResponseTopic>,
    /// `ClusterAuthorizedOperations`, versions 8-10, default -2147483648.
    pub cluster_authorized_operations: i32,
    /// `ErrorCode`, versions 13.
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            brokers: Default::default(),
            cluster_id: Default::default(),
            controller_id: -1,
            topics: Default::default(),
            cluster_authorized_operations: i32::MIN,
            error_code: Default::default(),
        }
    }
}

impl MetadataResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        if v >= 3 {
            it.throttle_time_ms = r.int32()?;
        }
        it.brokers =
            r.array(flex, MetadataResponseBroker::least_bytes(v), v, MetadataResponseBroker::read)?;
        if v >= 2 {
            it.cluster_id = r.string_or_null(flex, true)?;
        }
        if v >= 1 {
            it.controller_id = r.int32()?;
        }
        it.topics =
            r.array(flex, MetadataResponseTopic::least_bytes(v), v, MetadataResponseTopic::read)?;
        if (8..=10).contains(&v) {
            it.cluster_authorized_operations = r.int32()?;
        }
        if v >= 13 {
            it.error_code = r.int16()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v >= 3 {
            w.int32(self.throttle_time_ms);
        }
        w.array(flex, &self.brokers, v, MetadataResponseBroker::write);
        if v >= 2 {
            w.string_or_null(flex, true, self.cluster_id.as_deref());
        }
        if v >= 1 {
            w.int32(self.controller_id);
        }
        w.array(flex, &self.topics, v, MetadataResponseTopic::write);
        if (8..=10).contains(&v) {
            w.int32(self.cluster_authorized_operations);
        }
        if v >= 13 {
            w.int16(self.error_code);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MetadataResponseBroker {
    /// `NodeId`, always there.
    pub node_id: i32,
    /// `Host`, always there.
    pub host: String,
    /// `Port`, always there.
    pub port: i32,
    /// `Rack`, versions 1-13, may be null.
    pub rack: Option<String>,
}

impl MetadataResponseBroker {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.node_id = r.int32()?;
        it.host = r.string(flex)?;
        it.port = r.int32()?;
        if v >= 1 {
            it.rack = r.string_or_null(flex, true)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.int32(self.node_id);
        w.string(flex, &self.host);
        w.int32(self.port);
        if v >= 1 {
            w.string_or_null(flex, true, self.rack.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 10,
            1..=8 => 12,
            _ => 11,
        }
    }
}

/// In versions 0-13.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Name`, always there, may be null in 12-13.
    /// Null where an id is asked that no topic has.
    pub name: Option<String>,
    /// `TopicId`, versions 10-13.
    pub topic_id: Uuid,
    /// `IsInternal`, versions 1-13.
    pub is_internal: bool,
    /// `Partitions`, always there.
    pub partitions: List<MetadataResponsePartition>,
    /// `TopicAuthorizedOperations`, versions 8-13, default -2147483648.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            name: Default::default(),
            topic_id: Default::default(),
            is_internal: Default::default(),
            partitions: Default::default(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl MetadataResponseTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.name = r.string_or_null(flex, v >= 12)?;
        if v >= 10 {
            it.topic_id = r.uuid()?;
        }
        if v >= 1 {
            it.is_internal = r.bool()?;
        }
        it.partitions = r.array(
            flex,
            MetadataResponsePartition::least_bytes(v),
            v,
            MetadataResponsePartition::read,
        )?;
        if v >= 8 {
            it.topic_authorized_operations = r.int32()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.int16(self.error_code);
        w.string_or_null(flex, v >= 12, self.name.as_deref());
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        if v >= 1 {
            w.bool(self.is_internal);
        }
        w.array(flex, &self.partitions, v, MetadataResponsePartition::write);
        if v >= 8 {
            w.int32(self.topic_authorized_operations);
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 8,
            1..=7 => 9,
            8 => 13,
            9 => 10,
            _ => 26,
        }
    }
}

/// In versions 0-13.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `LeaderId`, always there.
    pub leader_id: i32,
    /// `LeaderEpoch`, versions 7-13, default -1.
    pub leader_epoch: i32,
    /// `ReplicaNodes`, always there.
    pub replica_nodes: List<i32>,
    /// `IsrNodes`, always there.
    pub isr_nodes: List<i32>,
    /// `OfflineReplicas`, versions 5-13.
    pub offline_replicas: List<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: -1,
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            offline_replicas: Default::default(),
        }
    }
}

impl MetadataResponsePartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.partition_index = r.int32()?;
        it.leader_id = r.int32()?;
        if v >= 7 {
            it.leader_epoch = r.int32()?;
        }
        it.replica_nodes = r.array(flex, 4, v, |r, _| r.int32())?;
        it.isr_nodes = r.array(flex, 4, v, |r, _| r.int32())?;
        if v >= 5 {
            it.offline_replicas = r.array(flex, 4, v, |r, _| r.int32())?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.int16(self.error_code);
        w.int32(self.partition_index);
        w.int32(self.leader_id);
        if v >= 7 {
            w.int32(self.leader_epoch);
        }
        w.array(flex, &self.replica_nodes, v, |it, w, _| w.int32(*it));
        w.array(flex, &self.isr_nodes, v, |it, w, _| w.int32(*it));
        if v >= 5 {
            w.array(flex, &self.offline_replicas, v, |it, w, _| w.int32(*it));
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 18,
            5..=6 => 22,
            7..=8 => 26,
            _ => 18,
        }
    }
}

message!(MetadataRequest);
message!(MetadataResponse);
impl Request for MetadataRequest {
    type Response = MetadataResponse;

    fn throttled(response: &mut MetadataResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
