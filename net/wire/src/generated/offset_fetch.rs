//! Read the stored offsets of consumer groups.
//!
//! Generated from `net/wire/messages/offset_fetch.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "OffsetFetch",
    versions: Versions { min: 1, max: 10 },
    flexible: 6,
};
/// The API's number on the wire.
pub const KEY: i16 = 9;

/// Read the stored offsets of consumer groups.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchRequest {
    /// `GroupId`, versions 1-7.
    pub group_id: String,
    /// `Topics`, versions 1-7, may be null in 2-7.
    /// All where null.
    pub topics: Option<List<OffsetFetchRequestTopic>>,
    /// `Groups`, versions 8-10.
    pub groups: List<OffsetFetchRequestGroup>,
    /// `RequireStable`, versions 7-10.
    pub require_stable: bool,
}

impl OffsetFetchRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        if v <= 7 {
            it.group_id = r.string(flex)?;
            it.topics = r.array_or_null(
                flex,
                v >= 2,
                OffsetFetchRequestTopic::least_bytes(v),
                v,
                OffsetFetchRequestTopic::read,
            )?;
        }
        if v >= 8 {
            it.groups = r.array(
                flex,
                OffsetFetchRequestGroup::least_bytes(v),
                v,
                OffsetFetchRequestGroup::read,
            )?;
        }
        if v >= 7 {
            it.require_stable = r.bool()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v <= 7 {
            w.string(flex, &self.group_id);
            w.array_or_null(flex, v >= 2, self.topics.as_ref(), v, OffsetFetchRequestTopic::write);
        }
        if v >= 8 {
            w.array(flex, &self.groups, v, OffsetFetchRequestGroup::write);
        }
        if v >= 7 {
            w.bool(self.require_stable);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-7.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchRequestTopic {
    /// `Name`, always there.
    pub name: String,
    /// `PartitionIndexes`, always there.
    pub partition_indexes: List<i32>,
}

impl OffsetFetchRequestTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partition_indexes = r.array(flex, 4, v, |r, _| r.int32())?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partition_indexes, v, |it, w, _| w.int32(*it));
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=5 => 6,
            _ => 3,
        }
    }
}

/// In versions 8-10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `MemberId`, versions 9-10, may be null.
    pub member_id: Option<String>,
    /// `MemberEpoch`, versions 9-10, default -1.
    pub member_epoch: i32,
    /// `Topics`, always there, may be null.
    pub topics: Option<List<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            member_id: Default::default(),
            member_epoch: -1,
            topics: Default::default(),
        }
    }
}

impl OffsetFetchRequestGroup {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.group_id = r.string(true)?;
        if v >= 9 {
            it.member_id = r.string_or_null(true, true)?;
            it.member_epoch = r.int32()?;
        }
        it.topics = r.array_or_null(
            true,
            true,
            OffsetFetchRequestTopics::least_bytes(v),
            v,
            OffsetFetchRequestTopics::read,
        )?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        if v >= 9 {
            w.string_or_null(true, true, self.member_id.as_deref());
            w.int32(self.member_epoch);
        }
        w.array_or_null(true, true, self.topics.as_ref(), v, OffsetFetchRequestTopics::write);
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=8 => 3,
            _ => 8,
        }
    }
}

/// In versions 8-10.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchRequestTopics {
    /// `Name`, versions 8-9.
    pub name: String,
    /// `TopicId`, versions 10.
    pub topic_id: Uuid,
    /// `PartitionIndexes`, always there.
    pub partition_indexes: List<i32>,
}

impl OffsetFetchRequestTopics {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        if v <= 9 {
            it.name = r.string(true)?;
        }
        if v >= 10 {
            it.topic_id = r.uuid()?;
        }
        it.partition_indexes = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        if v <= 9 {
            w.string(true, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(true, &self.partition_indexes, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=9 => 3,
            _ => 18,
        }
    }
}

/// Read the stored offsets of consumer groups.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponse {
    /// `ThrottleTimeMs`, versions 3-10.
    pub throttle_time_ms: i32,
    /// `Topics`, versions 1-7.
    pub topics: List<OffsetFetchResponseTopic>,
    /// `ErrorCode`, versions 2-7.
    pub error_code: i16,
    /// `Groups`, versions 8-10.
    pub groups: List<OffsetFetchResponseGroup>,
}

impl OffsetFetchResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        if v >= 3 {
            it.throttle_time_ms = r.int32()?;
        }
        if v <= 7 {
            it.topics = r.array(
                flex,
                OffsetFetchResponseTopic::least_bytes(v),
                v,
                OffsetFetchResponseTopic::read,
            )?;
        }
        if (2..=7).contains(&v) {
            it.error_code = r.int16()?;
        }
        if v >= 8 {
            it.groups = r.array(flex, 5, v, OffsetFetchResponseGroup::read)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v >= 3 {
            w.int32(self.throttle_time_ms);
        }
        if v <= 7 {
            w.array(flex, &self.topics, v, OffsetFetchResponseTopic::write);
        }
        if (2..=7).contains(&v) {
            w.int16(self.error_code);
        }
        if v >= 8 {
            w.array(flex, &self.groups, v, OffsetFetchResponseGroup::write);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-7.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponseTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<OffsetFetchResponsePartition>,
}

impl OffsetFetchResponseTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(
            flex,
            OffsetFetchResponsePartition::least_bytes(v),
            v,
            OffsetFetchResponsePartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, OffsetFetchResponsePartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=5 => 6,
            _ => 3,
        }
    }
}

/// In versions 1-7.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `CommittedOffset`, always there.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, versions 5-7, default -1.
    pub committed_leader_epoch: i32,
    /// `Metadata`, always there, may be null.
    pub metadata: Option<String>,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            metadata: Default::default(),
            error_code: Default::default(),
        }
    }
}

impl OffsetFetchResponsePartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.committed_offset = r.int64()?;
        if v >= 5 {
            it.committed_leader_epoch = r.int32()?;
        }
        it.metadata = r.string_or_null(flex, true)?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.int32(self.partition_index);
        w.int64(self.committed_offset);
        if v >= 5 {
            w.int32(self.committed_leader_epoch);
        }
        w.string_or_null(flex, true, self.metadata.as_deref());
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 16,
            _ => 20,
        }
    }
}

/// In versions 8-10.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponseGroup {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `Topics`, always there.
    pub topics: List<OffsetFetchResponseTopics>,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl OffsetFetchResponseGroup {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.group_id = r.string(true)?;
        it.topics = r.array(
            true,
            OffsetFetchResponseTopics::least_bytes(v),
            v,
            OffsetFetchResponseTopics::read,
        )?;
        it.error_code = r.int16()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.array(true, &self.topics, v, OffsetFetchResponseTopics::write);
        w.int16(self.error_code);
        w.no_tags();
    }
}

/// In versions 8-10.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetFetchResponseTopics {
    /// `Name`, versions 8-9.
    pub name: String,
    /// `TopicId`, versions 10.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<OffsetFetchResponsePartitions>,
}

impl OffsetFetchResponseTopics {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        if v <= 9 {
            it.name = r.string(true)?;
        }
        if v >= 10 {
            it.topic_id = r.uuid()?;
        }
        it.partitions = r.array(true, 20, v, OffsetFetchResponsePartitions::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        if v <= 9 {
            w.string(true, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(true, &self.partitions, v, OffsetFetchResponsePartitions::write);
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=9 => 3,
            _ => 18,
        }
    }
}

/// In versions 8-10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `CommittedOffset`, always there.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, always there, default -1.
    pub committed_leader_epoch: i32,
    /// `Metadata`, always there, may be null.
    pub metadata: Option<String>,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            metadata: Default::default(),
            error_code: Default::default(),
        }
    }
}

impl OffsetFetchResponsePartitions {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.committed_offset = r.int64()?;
        it.committed_leader_epoch = r.int32()?;
        it.metadata = r.string_or_null(true, true)?;
        it.error_code = r.int16()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.partition_index);
        w.int64(self.committed_offset);
        w.int32(self.committed_leader_epoch);
        w.string_or_null(true, true, self.metadata.as_deref());
        w.int16(self.error_code);
        w.no_tags();
    }
}

message!(OffsetFetchRequest);
message!(OffsetFetchResponse);
impl Request for OffsetFetchRequest {
    type Response = OffsetFetchResponse;

    fn throttled(response: &mut OffsetFetchResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
