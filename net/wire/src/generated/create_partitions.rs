//! Add partitions to topics.
//!
//! Generated from `net/wire/messages/create_partitions.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "CreatePartitions",
    versions: Versions { min: 0, max: 3 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 37;

/// Add partitions to topics.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsRequest {
    /// `Topics`, always there.
    pub topics: List<CreatePartitionsTopic>,
    /// `TimeoutMs`, always there.
    pub timeout_ms: i32,
    /// `ValidateOnly`, always there.
    pub validate_only: bool,
}

impl CreatePartitionsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.topics =
            r.array(flex, CreatePartitionsTopic::least_bytes(v), v, CreatePartitionsTopic::read)?;
        it.timeout_ms = r.int32()?;
        it.validate_only = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.topics, v, CreatePartitionsTopic::write);
        w.int32(self.timeout_ms);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Count`, always there.
    pub count: i32,
    /// `Assignments`, always there, may be null.
    pub assignments: Option<List<CreatePartitionsAssignment>>,
}

impl CreatePartitionsTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.count = r.int32()?;
        it.assignments = r.array_or_null(
            flex,
            true,
            CreatePartitionsAssignment::least_bytes(v),
            v,
            CreatePartitionsAssignment::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.int32(self.count);
        w.array_or_null(
            flex,
            true,
            self.assignments.as_ref(),
            v,
            CreatePartitionsAssignment::write,
        );
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 10,
            _ => 7,
        }
    }
}

/// In versions 0-3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsAssignment {
    /// `BrokerIds`, always there.
    pub broker_ids: List<i32>,
}

impl CreatePartitionsAssignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.broker_ids = r.array(flex, 4, v, |r, _| r.int32())?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.broker_ids, v, |it, w, _| w.int32(*it));
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 4,
            _ => 2,
        }
    }
}

/// Add partitions to topics.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Results`, always there.
    pub results: List<CreatePartitionsTopicResult>,
}

impl CreatePartitionsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.results = r.array(
            flex,
            CreatePartitionsTopicResult::least_bytes(v),
            v,
            CreatePartitionsTopicResult::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.results, v, CreatePartitionsTopicResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatePartitionsTopicResult {
    /// `Name`, always there.
    pub name: String,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl CreatePartitionsTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 6,
            _ => 5,
        }
    }
}

message!(CreatePartitionsRequest);
message!(CreatePartitionsResponse);
impl Request for CreatePartitionsRequest {
    type Response = CreatePartitionsResponse;

    fn throttled(response: &mut CreatePartitionsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
