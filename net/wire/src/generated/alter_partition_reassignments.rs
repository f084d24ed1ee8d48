//! Move partitions to other brokers, or cancel such moves.
//!
//! Generated from `net/wire/messages/alter_partition_reassignments.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "AlterPartitionReassignments",
    versions: Versions { min: 0, max: 1 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 45;

/// Move partitions to other brokers, or cancel such moves.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionReassignmentsRequest {
    /// `TimeoutMs`, always there, default 60000.
    pub timeout_ms: i32,
    /// `AllowReplicationFactorChange`, versions 1, default true.
    pub allow_replication_factor_change: bool,
    /// `Topics`, always there.
    pub topics: List<ReassignableTopic>,
}

impl Default for AlterPartitionReassignmentsRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            allow_replication_factor_change: true,
            topics: Default::default(),
        }
    }
}

impl AlterPartitionReassignmentsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.timeout_ms = r.int32()?;
        if v >= 1 {
            it.allow_replication_factor_change = r.bool()?;
        }
        it.topics = r.array(true, 3, v, ReassignableTopic::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.timeout_ms);
        if v >= 1 {
            w.bool(self.allow_replication_factor_change);
        }
        w.array(true, &self.topics, v, ReassignableTopic::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReassignableTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<ReassignablePartition>,
}

impl ReassignableTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partitions = r.array(true, 6, v, ReassignablePartition::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, ReassignablePartition::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReassignablePartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `Replicas`, always there, may be null.
    pub replicas: Option<List<i32>>,
}

impl ReassignablePartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.replicas = r.array_or_null(true, true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.partition_index);
        w.array_or_null(true, true, self.replicas.as_ref(), v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

/// Move partitions to other brokers, or cancel such moves.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionReassignmentsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `AllowReplicationFactorChange`, versions 1, default true.
    pub allow_replication_factor_change: bool,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Responses`, always there.
    pub responses: List<ReassignableTopicResponse>,
}

impl Default for AlterPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            allow_replication_factor_change: true,
            error_code: Default::default(),
            error_message: Default::default(),
            responses: Default::default(),
        }
    }
}

impl AlterPartitionReassignmentsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        if v >= 1 {
            it.allow_replication_factor_change = r.bool()?;
        }
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.responses = r.array(true, 3, v, ReassignableTopicResponse::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        if v >= 1 {
            w.bool(self.allow_replication_factor_change);
        }
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.array(true, &self.responses, v, ReassignableTopicResponse::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReassignableTopicResponse {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<ReassignablePartitionResponse>,
}

impl ReassignableTopicResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partitions = r.array(true, 8, v, ReassignablePartitionResponse::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, ReassignablePartitionResponse::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReassignablePartitionResponse {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl ReassignablePartitionResponse {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.partition_index);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

message!(AlterPartitionReassignmentsRequest);
message!(AlterPartitionReassignmentsResponse);
impl Request for AlterPartitionReassignmentsRequest {
    type Response = AlterPartitionReassignmentsResponse;

    fn throttled(response: &mut AlterPartitionReassignmentsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
