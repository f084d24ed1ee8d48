//! Store a group's offsets as part of a transaction.
//!
//! Generated from `net/wire/messages/txn_offset_commit.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "TxnOffsetCommit",
    versions: Versions { min: 0, max: 5 },
    flexible: 3,
};
/// The API's number on the wire.
pub const KEY: i16 = 28;

/// Store a group's offsets as part of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequest {
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `GroupId`, always there.
    pub group_id: String,
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
    /// `GenerationId`, versions 3-5, default -1.
    pub generation_id: i32,
    /// `MemberId`, versions 3-5.
    pub member_id: String,
    /// `GroupInstanceId`, versions 3-5, may be null.
    pub group_instance_id: Option<String>,
    /// `Topics`, always there.
    pub topics: List<TxnOffsetCommitRequestTopic>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: Default::default(),
            group_id: Default::default(),
            producer_id: Default::default(),
            producer_epoch: Default::default(),
            generation_id: -1,
            member_id: Default::default(),
            group_instance_id: Default::default(),
            topics: Default::default(),
        }
    }
}

impl TxnOffsetCommitRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.transactional_id = r.string(flex)?;
        it.group_id = r.string(flex)?;
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        if v >= 3 {
            it.generation_id = r.int32()?;
            it.member_id = r.string(flex)?;
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
        it.topics = r.array(
            flex,
            TxnOffsetCommitRequestTopic::least_bytes(v),
            v,
            TxnOffsetCommitRequestTopic::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.transactional_id);
        w.string(flex, &self.group_id);
        w.int64(self.producer_id);
        w.int16(self.producer_epoch);
        if v >= 3 {
            w.int32(self.generation_id);
            w.string(flex, &self.member_id);
            w.string_or_null(flex, true, self.group_instance_id.as_deref());
        }
        w.array(flex, &self.topics, v, TxnOffsetCommitRequestTopic::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TxnOffsetCommitRequestTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<TxnOffsetCommitRequestPartition>,
}

impl TxnOffsetCommitRequestTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(
            flex,
            TxnOffsetCommitRequestPartition::least_bytes(v),
            v,
            TxnOffsetCommitRequestPartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, TxnOffsetCommitRequestPartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 3,
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequestPartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `CommittedOffset`, always there.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`, versions 2-5, default -1.
    pub committed_leader_epoch: i32,
    /// `CommittedMetadata`, always there, may be null.
    pub committed_metadata: Option<String>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            committed_metadata: Default::default(),
        }
    }
}

impl TxnOffsetCommitRequestPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.committed_offset = r.int64()?;
        if v >= 2 {
            it.committed_leader_epoch = r.int32()?;
        }
        it.committed_metadata = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.partition_index);
        w.int64(self.committed_offset);
        if v >= 2 {
            w.int32(self.committed_leader_epoch);
        }
        w.string_or_null(flex, true, self.committed_metadata.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 14,
            _ => 18,
        }
    }
}

/// Store a group's offsets as part of a transaction.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TxnOffsetCommitResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<TxnOffsetCommitResponseTopic>,
}

impl TxnOffsetCommitResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.topics = r.array(
            flex,
            TxnOffsetCommitResponseTopic::least_bytes(v),
            v,
            TxnOffsetCommitResponseTopic::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.topics, v, TxnOffsetCommitResponseTopic::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TxnOffsetCommitResponseTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<TxnOffsetCommitResponsePartition>,
}

impl TxnOffsetCommitResponseTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(
            flex,
            TxnOffsetCommitResponsePartition::least_bytes(v),
            v,
            TxnOffsetCommitResponsePartition::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, TxnOffsetCommitResponsePartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 3,
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TxnOffsetCommitResponsePartition {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl TxnOffsetCommitResponsePartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.partition_index);
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 7,
        }
    }
}

message!(TxnOffsetCommitRequest);
message!(TxnOffsetCommitResponse);
impl Request for TxnOffsetCommitRequest {
    type Response = TxnOffsetCommitResponse;

    fn throttled(response: &mut TxnOffsetCommitResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
