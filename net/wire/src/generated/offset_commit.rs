//! Store offsets of a consumer group.
//!
//! Generated from `net/wire/messages/offset_commit.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "OffsetCommit",
    versions: Versions { min: 2, max: 10 },
    flexible: 8,
};
/// The API's number on the wire.
pub const KEY: i16 = 8;

/// Store offsets of a consumer group.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `GenerationIdOrMemberEpoch`, always there, default -1.
    pub generation_id_or_member_epoch: i32,
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, versions 7-10, may be null.
    pub group_instance_id: Option<String>,
    /// `RetentionTimeMs`, versions 2-4, default -1.
    pub retention_time_ms: i64,
    /// `Topics`, always there.
    pub topics: List<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            generation_id_or_member_epoch: -1,
            member_id: Default::default(),
            group_instance_id: Default::default(),
            retention_time_ms: -1,
            topics: Default::default(),
        }
    }
}

impl OffsetCommitRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 8;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        it.generation_id_or_member_epoch = r.int32()?;
        it.member_id = r.string(flex)?;
        if v >= 7 {
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
        if v <= 4 {
            it.retention_time_ms = r.int64()?;
        }
        it.topics = r.array(
            flex,
            OffsetCommitRequestTopic::least_bytes(v),
            v,
            OffsetCommitRequestTopic::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        w.string(flex, &self.group_id);
        w.int32(self.generation_id_or_member_epoch);
        w.string(flex, &self.member_id);
        if v >= 7 {
            w.string_or_null(flex, true, self.group_instance_id.as_deref());
        }
        if v <= 4 {
            w.int64(self.retention_time_ms);
        }
        w.array(flex, &self.topics, v, OffsetCommitRequestTopic::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 2-10.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetCommitRequestTopic {
    /// `Name`, versions 2-9.
    pub name: String,
    /// `TopicId`, versions 10.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<OffsetCommitRequestPartition>,
}

impl OffsetCommitRequestTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 8;
        let mut it = Self::default();
        if v <= 9 {
            it.name = r.string(flex)?;
        }
        if v >= 10 {
            it.topic_id = r.uuid()?;
        }
        it.partitions = r.array(
            flex,
            OffsetCommitRequestPartition::least_bytes(v),
            v,
            OffsetCommitRequestPartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        if v <= 9 {
            w.string(flex, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, OffsetCommitRequestPartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=7 => 6,
            8..=9 => 3,
            _ => 18,
        }
    }
}

/// In versions 2-10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestPartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `CommittedOffset`, always there.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, versions 6-10, default -1.
    pub committed_leader_epoch: i32,
    /// `CommittedMetadata`, always there, may be null.
    pub committed_metadata: Option<String>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            committed_metadata: Default::default(),
        }
    }
}

impl OffsetCommitRequestPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 8;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.committed_offset = r.int64()?;
        if v >= 6 {
            it.committed_leader_epoch = r.int32()?;
        }
        it.committed_metadata = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        w.int32(self.partition_index);
        w.int64(self.committed_offset);
        if v >= 6 {
            w.int32(self.committed_leader_epoch);
        }
        w.string_or_null(flex, true, self.committed_metadata.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=5 => 14,
            _ => 18,
        }
    }
}

/// Store offsets of a consumer group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetCommitResponse {
    /// `ThrottleTimeMs`, versions 3-10.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<OffsetCommitResponseTopic>,
}

impl OffsetCommitResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 8;
        let mut it = Self::default();
        if v >= 3 {
            it.throttle_time_ms = r.int32()?;
        }
        it.topics = r.array(
            flex,
            OffsetCommitResponseTopic::least_bytes(v),
            v,
            OffsetCommitResponseTopic::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        if v >= 3 {
            w.int32(self.throttle_time_ms);
        }
        w.array(flex, &self.topics, v, OffsetCommitResponseTopic::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 2-10.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetCommitResponseTopic {
    /// `Name`, versions 2-9.
    pub name: String,
    /// `TopicId`, versions 10.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<OffsetCommitResponsePartition>,
}

impl OffsetCommitResponseTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 8;
        let mut it = Self::default();
        if v <= 9 {
            it.name = r.string(flex)?;
        }
        if v >= 10 {
            it.topic_id = r.uuid()?;
        }
        it.partitions = r.array(
            flex,
            OffsetCommitResponsePartition::least_bytes(v),
            v,
            OffsetCommitResponsePartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        if v <= 9 {
            w.string(flex, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, OffsetCommitResponsePartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=7 => 6,
            8..=9 => 3,
            _ => 18,
        }
    }
}

/// In versions 2-10.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetCommitResponsePartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl OffsetCommitResponsePartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 8;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        w.int32(self.partition_index);
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=7 => 6,
            _ => 7,
        }
    }
}

message!(OffsetCommitRequest);
message!(OffsetCommitResponse);
impl Request for OffsetCommitRequest {
    type Response = OffsetCommitResponse;

    fn throttled(response: &mut OffsetCommitResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
