//! Where a leader epoch ended: how a consumer finds that it was cut off.
//!
//! Generated from `net/wire/messages/offset_for_leader_epoch.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "OffsetForLeaderEpoch",
    versions: Versions { min: 2, max: 4 },
    flexible: 4,
};
/// The API's number on the wire.
pub const KEY: i16 = 23;

/// Where a leader epoch ended: how a consumer finds that it was cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderEpochRequest {
    /// `ReplicaId`, versions 3-4, default -2.
    /// -2: a client.
    pub replica_id: i32,
    /// `Topics`, always there.
    pub topics: List<OffsetForLeaderTopic>,
}

impl Default for OffsetForLeaderEpochRequest {
    fn default() -> Self {
        Self { replica_id: -2, topics: Default::default() }
    }
}

impl OffsetForLeaderEpochRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        if v >= 3 {
            it.replica_id = r.int32()?;
        }
        it.topics =
            r.array(flex, OffsetForLeaderTopic::least_bytes(v), v, OffsetForLeaderTopic::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        if v >= 3 {
            w.int32(self.replica_id);
        }
        w.array(flex, &self.topics, v, OffsetForLeaderTopic::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 2-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetForLeaderTopic {
    /// `Topic`, always there.
    pub topic: String,
    /// `Partitions`, always there.
    pub partitions: List<OffsetForLeaderPartition>,
}

impl OffsetForLeaderTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.topic = r.string(flex)?;
        it.partitions = r.array(
            flex,
            OffsetForLeaderPartition::least_bytes(v),
            v,
            OffsetForLeaderPartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.topic);
        w.array(flex, &self.partitions, v, OffsetForLeaderPartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 6,
            _ => 3,
        }
    }
}

/// In versions 2-4.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderPartition {
    /// `Partition`, always there.
    pub partition: i32,
    /// `CurrentLeaderEpoch`, always there, default -1.
    pub current_leader_epoch: i32,
    /// `LeaderEpoch`, always there.
    pub leader_epoch: i32,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: -1,
            leader_epoch: Default::default(),
        }
    }
}

impl OffsetForLeaderPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.partition = r.int32()?;
        it.current_leader_epoch = r.int32()?;
        it.leader_epoch = r.int32()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int32(self.partition);
        w.int32(self.current_leader_epoch);
        w.int32(self.leader_epoch);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 12,
            _ => 13,
        }
    }
}

/// Where a leader epoch ended: how a consumer finds that it was cut off.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetForLeaderEpochResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<OffsetForLeaderTopicResult>,
}

impl OffsetForLeaderEpochResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.topics = r.array(
            flex,
            OffsetForLeaderTopicResult::least_bytes(v),
            v,
            OffsetForLeaderTopicResult::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.topics, v, OffsetForLeaderTopicResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 2-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct OffsetForLeaderTopicResult {
    /// `Topic`, always there.
    pub topic: String,
    /// `Partitions`, always there.
    pub partitions: List<EpochEndOffset>,
}

impl OffsetForLeaderTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.topic = r.string(flex)?;
        it.partitions = r.array(flex, EpochEndOffset::least_bytes(v), v, EpochEndOffset::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.topic);
        w.array(flex, &self.partitions, v, EpochEndOffset::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 6,
            _ => 3,
        }
    }
}

/// In versions 2-4.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Partition`, always there.
    pub partition: i32,
    /// `LeaderEpoch`, always there, default -1.
    pub leader_epoch: i32,
    /// `EndOffset`, always there, default -1.
    /// One past the last of that epoch; -1: unknown.
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition: Default::default(),
            leader_epoch: -1,
            end_offset: -1,
        }
    }
}

impl EpochEndOffset {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.partition = r.int32()?;
        it.leader_epoch = r.int32()?;
        it.end_offset = r.int64()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int16(self.error_code);
        w.int32(self.partition);
        w.int32(self.leader_epoch);
        w.int64(self.end_offset);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 18,
            _ => 19,
        }
    }
}

message!(OffsetForLeaderEpochRequest);
message!(OffsetForLeaderEpochResponse);
impl Request for OffsetForLeaderEpochRequest {
    type Response = OffsetForLeaderEpochResponse;

    fn throttled(response: &mut OffsetForLeaderEpochResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
