//! Delete stored offsets of a group.
//!
//! Generated from `net/wire/messages/offset_delete.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "OffsetDelete",
    versions: Versions { min: 0, max: 0 },
    flexible: i16::MAX,
};
/// The API's number on the wire.
pub const KEY: i16 = 47;

/// Delete stored offsets of a group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetDeleteRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `Topics`, always there.
    pub topics: List<OffsetDeleteRequestTopic>,
}

impl OffsetDeleteRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.group_id = r.string(false)?;
        it.topics = r.array(false, 6, v, OffsetDeleteRequestTopic::read)?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.group_id);
        w.array(false, &self.topics, v, OffsetDeleteRequestTopic::write);
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetDeleteRequestTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<OffsetDeleteRequestPartition>,
}

impl OffsetDeleteRequestTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(false)?;
        it.partitions = r.array(false, 4, v, OffsetDeleteRequestPartition::read)?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.name);
        w.array(false, &self.partitions, v, OffsetDeleteRequestPartition::write);
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetDeleteRequestPartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
}

impl OffsetDeleteRequestPartition {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.partition_index);
    }
}

/// Delete stored offsets of a group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetDeleteResponse {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<OffsetDeleteResponseTopic>,
}

impl OffsetDeleteResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.throttle_time_ms = r.int32()?;
        it.topics = r.array(false, 6, v, OffsetDeleteResponseTopic::read)?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        w.int32(self.throttle_time_ms);
        w.array(false, &self.topics, v, OffsetDeleteResponseTopic::write);
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetDeleteResponseTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<OffsetDeleteResponsePartition>,
}

impl OffsetDeleteResponseTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(false)?;
        it.partitions = r.array(false, 6, v, OffsetDeleteResponsePartition::read)?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.name);
        w.array(false, &self.partitions, v, OffsetDeleteResponsePartition::write);
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetDeleteResponsePartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl OffsetDeleteResponsePartition {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.partition_index);
        w.int16(self.error_code);
    }
}

message!(OffsetDeleteRequest);
message!(OffsetDeleteResponse);
impl Request for OffsetDeleteRequest {
    type Response = OffsetDeleteResponse;

    fn throttled(response: &mut OffsetDeleteResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
