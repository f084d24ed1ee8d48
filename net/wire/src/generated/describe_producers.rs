//! Producers with state in partitions.
//!
//! Generated from `net/wire/messages/describe_producers.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeProducers",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 61;

/// Producers with state in partitions.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeProducersRequest {
    /// `Topics`, always there.
    pub topics: List<TopicRequest>,
}

impl DescribeProducersRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topics = r.array(true, 3, v, TopicRequest::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topics, v, TopicRequest::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicRequest {
    /// `Name`, always there.
    pub name: String,
    /// `PartitionIndexes`, always there.
    pub partition_indexes: List<i32>,
}

impl TopicRequest {
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

/// Producers with state in partitions.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeProducersResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<TopicResponse>,
}

impl DescribeProducersResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.topics = r.array(true, 3, v, TopicResponse::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.array(true, &self.topics, v, TopicResponse::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicResponse {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<PartitionResponse>,
}

impl TopicResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partitions = r.array(true, 9, v, PartitionResponse::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, PartitionResponse::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionResponse {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `ActiveProducers`, always there.
    pub active_producers: List<ProducerState>,
}

impl PartitionResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.active_producers = r.array(true, 37, v, ProducerState::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.partition_index);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.array(true, &self.active_producers, v, ProducerState::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerState {
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i32,
    /// `LastSequence`, always there, default -1.
    pub last_sequence: i32,
    /// `LastTimestamp`, always there, default -1.
    pub last_timestamp: i64,
    /// `CoordinatorEpoch`, always there.
    pub coordinator_epoch: i32,
    /// `CurrentTxnStartOffset`, always there, default -1.
    pub current_txn_start_offset: i64,
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            producer_id: Default::default(),
            producer_epoch: Default::default(),
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: Default::default(),
            current_txn_start_offset: -1,
        }
    }
}

impl ProducerState {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int32()?;
        it.last_sequence = r.int32()?;
        it.last_timestamp = r.int64()?;
        it.coordinator_epoch = r.int32()?;
        it.current_txn_start_offset = r.int64()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int64(self.producer_id);
        w.int32(self.producer_epoch);
        w.int32(self.last_sequence);
        w.int64(self.last_timestamp);
        w.int32(self.coordinator_epoch);
        w.int64(self.current_txn_start_offset);
        w.no_tags();
    }
}

message!(DescribeProducersRequest);
message!(DescribeProducersResponse);
impl Request for DescribeProducersRequest {
    type Response = DescribeProducersResponse;

    fn throttled(response: &mut DescribeProducersResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
