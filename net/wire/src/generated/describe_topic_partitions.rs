//! Topics with their partitions, page by page.
//!
//! Generated from `net/wire/messages/describe_topic_partitions.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeTopicPartitions",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 75;

/// Topics with their partitions, page by page.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsRequest {
    /// `Topics`, always there.
    pub topics: List<TopicRequest>,
    /// `ResponsePartitionLimit`, always there, default 2000.
    pub response_partition_limit: i32,
    /// `Cursor`, always there, may be null.
    pub cursor: Option<RequestCursor>,
}

impl Default for DescribeTopicPartitionsRequest {
    fn default() -> Self {
        Self {
            topics: Default::default(),
            response_partition_limit: 2000,
            cursor: Default::default(),
        }
    }
}

impl DescribeTopicPartitionsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topics = r.array(true, 2, v, TopicRequest::read)?;
        it.response_partition_limit = r.int32()?;
        it.cursor = r.struct_or_null(true, v, RequestCursor::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topics, v, TopicRequest::write);
        w.int32(self.response_partition_limit);
        w.struct_or_null(true, self.cursor.as_ref(), v, RequestCursor::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicRequest {
    /// `Name`, always there.
    pub name: String,
}

impl TopicRequest {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RequestCursor {
    /// `TopicName`, always there.
    pub topic_name: String,
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
}

impl RequestCursor {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_name = r.string(true)?;
        it.partition_index = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.topic_name);
        w.int32(self.partition_index);
        w.no_tags();
    }
}

/// Topics with their partitions, page by page.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeTopicPartitionsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<DescribeTopicPartitionsResponseTopic>,
    /// `NextCursor`, always there, may be null.
    pub next_cursor: Option<ResponseCursor>,
}

impl DescribeTopicPartitionsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.topics = r.array(true, 26, v, DescribeTopicPartitionsResponseTopic::read)?;
        it.next_cursor = r.struct_or_null(true, v, ResponseCursor::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.array(true, &self.topics, v, DescribeTopicPartitionsResponseTopic::write);
        w.struct_or_null(true, self.next_cursor.as_ref(), v, ResponseCursor::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponseTopic {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Name`, always there, may be null.
    pub name: Option<String>,
    /// `TopicId`, always there.
    pub topic_id: Uuid,
    /// `IsInternal`, always there.
    pub is_internal: bool,
    /// `Partitions`, always there.
    pub partitions: List<DescribeTopicPartitionsResponsePartition>,
    /// `TopicAuthorizedOperations`, always there, default -2147483648.
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic {
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

impl DescribeTopicPartitionsResponseTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.name = r.string_or_null(true, true)?;
        it.topic_id = r.uuid()?;
        it.is_internal = r.bool()?;
        it.partitions = r.array(true, 20, v, DescribeTopicPartitionsResponsePartition::read)?;
        it.topic_authorized_operations = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        w.string_or_null(true, true, self.name.as_deref());
        w.uuid(self.topic_id);
        w.bool(self.is_internal);
        w.array(true, &self.partitions, v, DescribeTopicPartitionsResponsePartition::write);
        w.int32(self.topic_authorized_operations);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponsePartition {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `LeaderId`, always there.
    pub leader_id: i32,
    /// `LeaderEpoch`, always there, default -1.
    pub leader_epoch: i32,
    /// `ReplicaNodes`, always there.
    pub replica_nodes: List<i32>,
    /// `IsrNodes`, always there.
    pub isr_nodes: List<i32>,
    /// `EligibleLeaderReplicas`, always there, may be null.
    pub eligible_leader_replicas: Option<List<i32>>,
    /// `LastKnownElr`, always there, may be null.
    pub last_known_elr: Option<List<i32>>,
    /// `OfflineReplicas`, always there.
    pub offline_replicas: List<i32>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: -1,
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            eligible_leader_replicas: Default::default(),
            last_known_elr: Default::default(),
            offline_replicas: Default::default(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.partition_index = r.int32()?;
        it.leader_id = r.int32()?;
        it.leader_epoch = r.int32()?;
        it.replica_nodes = r.array(true, 4, v, |r, _| r.int32())?;
        it.isr_nodes = r.array(true, 4, v, |r, _| r.int32())?;
        it.eligible_leader_replicas = r.array_or_null(true, true, 4, v, |r, _| r.int32())?;
        it.last_known_elr = r.array_or_null(true, true, 4, v, |r, _| r.int32())?;
        it.offline_replicas = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        w.int32(self.partition_index);
        w.int32(self.leader_id);
        w.int32(self.leader_epoch);
        w.array(true, &self.replica_nodes, v, |it, w, _| w.int32(*it));
        w.array(true, &self.isr_nodes, v, |it, w, _| w.int32(*it));
        w.array_or_null(true, true, self.eligible_leader_replicas.as_ref(), v, |it, w, _| {
            w.int32(*it)
        });
        w.array_or_null(true, true, self.last_known_elr.as_ref(), v, |it, w, _| w.int32(*it));
        w.array(true, &self.offline_replicas, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponseCursor {
    /// `TopicName`, always there.
    pub topic_name: String,
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
}

impl ResponseCursor {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_name = r.string(true)?;
        it.partition_index = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.topic_name);
        w.int32(self.partition_index);
        w.no_tags();
    }
}

message!(DescribeTopicPartitionsRequest);
message!(DescribeTopicPartitionsResponse);
impl Request for DescribeTopicPartitionsRequest {
    type Response = DescribeTopicPartitionsResponse;

    fn throttled(response: &mut DescribeTopicPartitionsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
