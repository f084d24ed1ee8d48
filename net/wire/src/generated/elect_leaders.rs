//! Elect leaders, preferred or unclean.
//!
//! Generated from `net/wire/messages/elect_leaders.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ElectLeaders",
    versions: Versions { min: 0, max: 2 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 43;

/// Elect leaders, preferred or unclean.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectLeadersRequest {
    /// `ElectionType`, versions 1-2.
    pub election_type: i8,
    /// `TopicPartitions`, always there, may be null.
    pub topic_partitions: Option<List<TopicPartitions>>,
    /// `TimeoutMs`, always there, default 60000.
    pub timeout_ms: i32,
}

impl Default for ElectLeadersRequest {
    fn default() -> Self {
        Self {
            election_type: Default::default(),
            topic_partitions: Default::default(),
            timeout_ms: 60000,
        }
    }
}

impl ElectLeadersRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        if v >= 1 {
            it.election_type = r.int8()?;
        }
        it.topic_partitions =
            r.array_or_null(flex, true, TopicPartitions::least_bytes(v), v, TopicPartitions::read)?;
        it.timeout_ms = r.int32()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        if v >= 1 {
            w.int8(self.election_type);
        }
        w.array_or_null(flex, true, self.topic_partitions.as_ref(), v, TopicPartitions::write);
        w.int32(self.timeout_ms);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartitions {
    /// `Topic`, always there.
    pub topic: String,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl TopicPartitions {
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

/// Elect leaders, preferred or unclean.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ElectLeadersResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, versions 1-2.
    pub error_code: i16,
    /// `ReplicaElectionResults`, always there.
    pub replica_election_results: List<ReplicaElectionResult>,
}

impl ElectLeadersResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        if v >= 1 {
            it.error_code = r.int16()?;
        }
        it.replica_election_results =
            r.array(flex, ReplicaElectionResult::least_bytes(v), v, ReplicaElectionResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        if v >= 1 {
            w.int16(self.error_code);
        }
        w.array(flex, &self.replica_election_results, v, ReplicaElectionResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReplicaElectionResult {
    /// `Topic`, always there.
    pub topic: String,
    /// `PartitionResult`, always there.
    pub partition_result: List<PartitionResult>,
}

impl ReplicaElectionResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.topic = r.string(flex)?;
        it.partition_result = r.array(flex, 8, v, PartitionResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.topic);
        w.array(flex, &self.partition_result, v, PartitionResult::write);
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
pub struct PartitionResult {
    /// `PartitionId`, always there.
    pub partition_id: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl PartitionResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.partition_id = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.partition_id);
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        if flex {
            w.no_tags();
        }
    }
}

message!(ElectLeadersRequest);
message!(ElectLeadersResponse);
impl Request for ElectLeadersRequest {
    type Response = ElectLeadersResponse;

    fn throttled(response: &mut ElectLeadersResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
