//! Log directories, their sizes and what lies in them.
//!
//! Generated from `net/wire/messages/describe_log_dirs.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeLogDirs",
    versions: Versions { min: 1, max: 5 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 35;

/// Log directories, their sizes and what lies in them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeLogDirsRequest {
    /// `Topics`, always there, may be null.
    pub topics: Option<List<DescribableLogDirTopic>>,
}

impl DescribeLogDirsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.topics = r.array_or_null(
            flex,
            true,
            DescribableLogDirTopic::least_bytes(v),
            v,
            DescribableLogDirTopic::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array_or_null(flex, true, self.topics.as_ref(), v, DescribableLogDirTopic::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribableLogDirTopic {
    /// `Topic`, always there.
    pub topic: String,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl DescribableLogDirTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.topic = r.string(flex)?;
        it.partitions = r.array(flex, 4, v, |r, _| r.int32())?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.topic);
        w.array(flex, &self.partitions, v, |it, w, _| w.int32(*it));
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

/// Log directories, their sizes and what lies in them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeLogDirsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, versions 3-5.
    pub error_code: i16,
    /// `Results`, always there.
    pub results: List<DescribeLogDirsResult>,
}

impl DescribeLogDirsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        if v >= 3 {
            it.error_code = r.int16()?;
        }
        it.results =
            r.array(flex, DescribeLogDirsResult::least_bytes(v), v, DescribeLogDirsResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        if v >= 3 {
            w.int16(self.error_code);
        }
        w.array(flex, &self.results, v, DescribeLogDirsResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-5.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeLogDirsResult {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `LogDir`, always there.
    pub log_dir: String,
    /// `Topics`, always there.
    pub topics: List<DescribeLogDirsTopic>,
    /// `TotalBytes`, versions 4-5, default -1.
    pub total_bytes: i64,
    /// `UsableBytes`, versions 4-5, default -1.
    pub usable_bytes: i64,
    /// `IsCordoned`, versions 5.
    pub is_cordoned: bool,
}

impl Default for DescribeLogDirsResult {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            log_dir: Default::default(),
            topics: Default::default(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: Default::default(),
        }
    }
}

impl DescribeLogDirsResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.log_dir = r.string(flex)?;
        it.topics =
            r.array(flex, DescribeLogDirsTopic::least_bytes(v), v, DescribeLogDirsTopic::read)?;
        if v >= 4 {
            it.total_bytes = r.int64()?;
            it.usable_bytes = r.int64()?;
        }
        if v >= 5 {
            it.is_cordoned = r.bool()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int16(self.error_code);
        w.string(flex, &self.log_dir);
        w.array(flex, &self.topics, v, DescribeLogDirsTopic::write);
        if v >= 4 {
            w.int64(self.total_bytes);
            w.int64(self.usable_bytes);
        }
        if v >= 5 {
            w.bool(self.is_cordoned);
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 8,
            2..=3 => 5,
            4 => 21,
            _ => 22,
        }
    }
}

/// In versions 1-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeLogDirsTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<DescribeLogDirsPartition>,
}

impl DescribeLogDirsTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(
            flex,
            DescribeLogDirsPartition::least_bytes(v),
            v,
            DescribeLogDirsPartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, DescribeLogDirsPartition::write);
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

/// In versions 1-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeLogDirsPartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `PartitionSize`, always there.
    pub partition_size: i64,
    /// `OffsetLag`, always there.
    pub offset_lag: i64,
    /// `IsFutureKey`, always there.
    pub is_future_key: bool,
}

impl DescribeLogDirsPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.partition_size = r.int64()?;
        it.offset_lag = r.int64()?;
        it.is_future_key = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.partition_index);
        w.int64(self.partition_size);
        w.int64(self.offset_lag);
        w.bool(self.is_future_key);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 21,
            _ => 22,
        }
    }
}

message!(DescribeLogDirsRequest);
message!(DescribeLogDirsResponse);
impl Request for DescribeLogDirsRequest {
    type Response = DescribeLogDirsResponse;

    fn throttled(response: &mut DescribeLogDirsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
