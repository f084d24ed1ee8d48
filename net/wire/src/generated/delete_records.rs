//! Move the start of partitions forward.
//!
//! Generated from `net/wire/messages/delete_records.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DeleteRecords",
    versions: Versions { min: 0, max: 2 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 21;

/// Move the start of partitions forward.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteRecordsRequest {
    /// `Topics`, always there.
    pub topics: List<DeleteRecordsTopic>,
    /// `TimeoutMs`, always there.
    pub timeout_ms: i32,
}

impl DeleteRecordsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.topics =
            r.array(flex, DeleteRecordsTopic::least_bytes(v), v, DeleteRecordsTopic::read)?;
        it.timeout_ms = r.int32()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.topics, v, DeleteRecordsTopic::write);
        w.int32(self.timeout_ms);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteRecordsTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<DeleteRecordsPartition>,
}

impl DeleteRecordsTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions =
            r.array(flex, DeleteRecordsPartition::least_bytes(v), v, DeleteRecordsPartition::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, DeleteRecordsPartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 6,
            _ => 3,
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteRecordsPartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `Offset`, always there.
    /// The first that stays; -1: the high watermark.
    pub offset: i64,
}

impl DeleteRecordsPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.offset = r.int64()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.partition_index);
        w.int64(self.offset);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 12,
            _ => 13,
        }
    }
}

/// Move the start of partitions forward.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteRecordsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<DeleteRecordsTopicResult>,
}

impl DeleteRecordsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.topics = r.array(
            flex,
            DeleteRecordsTopicResult::least_bytes(v),
            v,
            DeleteRecordsTopicResult::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.topics, v, DeleteRecordsTopicResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteRecordsTopicResult {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<DeleteRecordsPartitionResult>,
}

impl DeleteRecordsTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(
            flex,
            DeleteRecordsPartitionResult::least_bytes(v),
            v,
            DeleteRecordsPartitionResult::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, DeleteRecordsPartitionResult::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 6,
            _ => 3,
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteRecordsPartitionResult {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `LowWatermark`, always there.
    /// The log's start afterwards.
    pub low_watermark: i64,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl DeleteRecordsPartitionResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.low_watermark = r.int64()?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.partition_index);
        w.int64(self.low_watermark);
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 14,
            _ => 15,
        }
    }
}

message!(DeleteRecordsRequest);
message!(DeleteRecordsResponse);
impl Request for DeleteRecordsRequest {
    type Response = DeleteRecordsResponse;

    fn throttled(response: &mut DeleteRecordsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
