//! Offsets by time, and the special times from -1 (latest) to -6.
//!
//! Generated from `net/wire/messages/list_offsets.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ListOffsets",
    versions: Versions { min: 1, max: 11 },
    flexible: 6,
};
/// The API's number on the wire.
pub const KEY: i16 = 2;

/// Offsets by time, and the special times from -1 (latest) to -6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListOffsetsRequest {
    /// `ReplicaId`, always there.
    /// -1: a client.
    pub replica_id: i32,
    /// `IsolationLevel`, versions 2-11.
    /// 0: read uncommitted; 1: read committed.
    pub isolation_level: i8,
    /// `Topics`, always there.
    pub topics: List<ListOffsetsTopic>,
    /// `TimeoutMs`, versions 10-11.
    pub timeout_ms: i32,
}

impl ListOffsetsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.replica_id = r.int32()?;
        if v >= 2 {
            it.isolation_level = r.int8()?;
        }
        it.topics = r.array(flex, ListOffsetsTopic::least_bytes(v), v, ListOffsetsTopic::read)?;
        if v >= 10 {
            it.timeout_ms = r.int32()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.int32(self.replica_id);
        if v >= 2 {
            w.int8(self.isolation_level);
        }
        w.array(flex, &self.topics, v, ListOffsetsTopic::write);
        if v >= 10 {
            w.int32(self.timeout_ms);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-11.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListOffsetsTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<ListOffsetsPartition>,
}

impl ListOffsetsTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions =
            r.array(flex, ListOffsetsPartition::least_bytes(v), v, ListOffsetsPartition::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, ListOffsetsPartition::write);
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

/// In versions 1-11.
#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `CurrentLeaderEpoch`, versions 4-11, default -1.
    pub current_leader_epoch: i32,
    /// `Timestamp`, always there.
    /// Milliseconds, or -1 (latest) to -6.
    pub timestamp: i64,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            current_leader_epoch: -1,
            timestamp: Default::default(),
        }
    }
}

impl ListOffsetsPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        if v >= 4 {
            it.current_leader_epoch = r.int32()?;
        }
        it.timestamp = r.int64()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.int32(self.partition_index);
        if v >= 4 {
            w.int32(self.current_leader_epoch);
        }
        w.int64(self.timestamp);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 12,
            4..=5 => 16,
            _ => 17,
        }
    }
}

/// Offsets by time, and the special times from -1 (latest) to -6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListOffsetsResponse {
    /// `ThrottleTimeMs`, versions 2-11.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<ListOffsetsTopicResponse>,
}

impl ListOffsetsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        if v >= 2 {
            it.throttle_time_ms = r.int32()?;
        }
        it.topics = r.array(
            flex,
            ListOffsetsTopicResponse::least_bytes(v),
            v,
            ListOffsetsTopicResponse::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v >= 2 {
            w.int32(self.throttle_time_ms);
        }
        w.array(flex, &self.topics, v, ListOffsetsTopicResponse::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-11.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListOffsetsTopicResponse {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<ListOffsetsPartitionResponse>,
}

impl ListOffsetsTopicResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(
            flex,
            ListOffsetsPartitionResponse::least_bytes(v),
            v,
            ListOffsetsPartitionResponse::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, ListOffsetsPartitionResponse::write);
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

/// In versions 1-11.
#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartitionResponse {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Timestamp`, always there, default -1.
    /// -1: unknown.
    pub timestamp: i64,
    /// `Offset`, always there, default -1.
    /// -1: none is as late.
    pub offset: i64,
    /// `LeaderEpoch`, versions 4-11, default -1.
    pub leader_epoch: i32,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            timestamp: -1,
            offset: -1,
            leader_epoch: -1,
        }
    }
}

impl ListOffsetsPartitionResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        it.timestamp = r.int64()?;
        it.offset = r.int64()?;
        if v >= 4 {
            it.leader_epoch = r.int32()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.int32(self.partition_index);
        w.int16(self.error_code);
        w.int64(self.timestamp);
        w.int64(self.offset);
        if v >= 4 {
            w.int32(self.leader_epoch);
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 22,
            4..=5 => 26,
            _ => 27,
        }
    }
}

message!(ListOffsetsRequest);
message!(ListOffsetsResponse);
impl Request for ListOffsetsRequest {
    type Response = ListOffsetsResponse;

    fn throttled(response: &mut ListOffsetsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
