//! Moves of partitions that are under way.
//!
//! Generated from `net/wire/messages/list_partition_reassignments.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ListPartitionReassignments",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 46;

/// Moves of partitions that are under way.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPartitionReassignmentsRequest {
    /// `TimeoutMs`, always there, default 60000.
    pub timeout_ms: i32,
    /// `Topics`, always there, may be null.
    pub topics: Option<List<ListPartitionReassignmentsTopics>>,
}

impl Default for ListPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, topics: Default::default() }
    }
}

impl ListPartitionReassignmentsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.timeout_ms = r.int32()?;
        it.topics = r.array_or_null(true, true, 3, v, ListPartitionReassignmentsTopics::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.timeout_ms);
        w.array_or_null(
            true,
            true,
            self.topics.as_ref(),
            v,
            ListPartitionReassignmentsTopics::write,
        );
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListPartitionReassignmentsTopics {
    /// `Name`, always there.
    pub name: String,
    /// `PartitionIndexes`, always there.
    pub partition_indexes: List<i32>,
}

impl ListPartitionReassignmentsTopics {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partition_indexes = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partition_indexes, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

/// Moves of partitions that are under way.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListPartitionReassignmentsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Topics`, always there.
    pub topics: List<OngoingTopicReassignment>,
}

impl ListPartitionReassignmentsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.topics = r.array(true, 3, v, OngoingTopicReassignment::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.array(true, &self.topics, v, OngoingTopicReassignment::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OngoingTopicReassignment {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<OngoingPartitionReassignment>,
}

impl OngoingTopicReassignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partitions = r.array(true, 8, v, OngoingPartitionReassignment::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, OngoingPartitionReassignment::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OngoingPartitionReassignment {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `Replicas`, always there.
    pub replicas: List<i32>,
    /// `AddingReplicas`, always there.
    pub adding_replicas: List<i32>,
    /// `RemovingReplicas`, always there.
    pub removing_replicas: List<i32>,
}

impl OngoingPartitionReassignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.replicas = r.array(true, 4, v, |r, _| r.int32())?;
        it.adding_replicas = r.array(true, 4, v, |r, _| r.int32())?;
        it.removing_replicas = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.partition_index);
        w.array(true, &self.replicas, v, |it, w, _| w.int32(*it));
        w.array(true, &self.adding_replicas, v, |it, w, _| w.int32(*it));
        w.array(true, &self.removing_replicas, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

message!(ListPartitionReassignmentsRequest);
message!(ListPartitionReassignmentsResponse);
impl Request for ListPartitionReassignmentsRequest {
    type Response = ListPartitionReassignmentsResponse;

    fn throttled(response: &mut ListPartitionReassignmentsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
