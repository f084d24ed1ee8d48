//! The state of the metadata quorum.
//!
//! Generated from `net/wire/messages/describe_quorum.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeQuorum",
    versions: Versions { min: 0, max: 2 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 55;

/// The state of the metadata quorum.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeQuorumRequest {
    /// `Topics`, always there.
    pub topics: List<RequestTopicData>,
}

impl DescribeQuorumRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topics = r.array(true, 3, v, RequestTopicData::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topics, v, RequestTopicData::write);
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RequestTopicData {
    /// `TopicName`, always there.
    pub topic_name: String,
    /// `Partitions`, always there.
    pub partitions: List<RequestPartitionData>,
}

impl RequestTopicData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_name = r.string(true)?;
        it.partitions = r.array(true, 5, v, RequestPartitionData::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.topic_name);
        w.array(true, &self.partitions, v, RequestPartitionData::write);
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RequestPartitionData {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
}

impl RequestPartitionData {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.partition_index);
        w.no_tags();
    }
}

/// The state of the metadata quorum.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeQuorumResponse {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, versions 2, may be null.
    pub error_message: Option<String>,
    /// `Topics`, always there.
    pub topics: List<ResponseTopicData>,
    /// `Nodes`, versions 2.
    pub nodes: List<Node>,
}

impl DescribeQuorumResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        if v >= 2 {
            it.error_message = r.string_or_null(true, true)?;
        }
        it.topics = r.array(true, 3, v, ResponseTopicData::read)?;
        if v >= 2 {
            it.nodes = r.array(true, 6, v, Node::read)?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        if v >= 2 {
            w.string_or_null(true, true, self.error_message.as_deref());
        }
        w.array(true, &self.topics, v, ResponseTopicData::write);
        if v >= 2 {
            w.array(true, &self.nodes, v, Node::write);
        }
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponseTopicData {
    /// `TopicName`, always there.
    pub topic_name: String,
    /// `Partitions`, always there.
    pub partitions: List<ResponsePartitionData>,
}

impl ResponseTopicData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_name = r.string(true)?;
        it.partitions =
            r.array(true, ResponsePartitionData::least_bytes(v), v, ResponsePartitionData::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.topic_name);
        w.array(true, &self.partitions, v, ResponsePartitionData::write);
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponsePartitionData {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, versions 2, may be null.
    pub error_message: Option<String>,
    /// `LeaderId`, always there.
    pub leader_id: i32,
    /// `LeaderEpoch`, always there.
    pub leader_epoch: i32,
    /// `HighWatermark`, always there.
    pub high_watermark: i64,
    /// `CurrentVoters`, always there.
    pub current_voters: List<ReplicaState>,
    /// `Observers`, always there.
    pub observers: List<ReplicaState>,
}

impl ResponsePartitionData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        if v >= 2 {
            it.error_message = r.string_or_null(true, true)?;
        }
        it.leader_id = r.int32()?;
        it.leader_epoch = r.int32()?;
        it.high_watermark = r.int64()?;
        it.current_voters = r.array(true, ReplicaState::least_bytes(v), v, ReplicaState::read)?;
        it.observers = r.array(true, ReplicaState::least_bytes(v), v, ReplicaState::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.partition_index);
        w.int16(self.error_code);
        if v >= 2 {
            w.string_or_null(true, true, self.error_message.as_deref());
        }
        w.int32(self.leader_id);
        w.int32(self.leader_epoch);
        w.int64(self.high_watermark);
        w.array(true, &self.current_voters, v, ReplicaState::write);
        w.array(true, &self.observers, v, ReplicaState::write);
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 25,
            _ => 26,
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// `ReplicaId`, always there.
    pub replica_id: i32,
    /// `ReplicaDirectoryId`, versions 2.
    pub replica_directory_id: Uuid,
    /// `LogEndOffset`, always there.
    pub log_end_offset: i64,
    /// `LastFetchTimestamp`, versions 1-2, default -1.
    pub last_fetch_timestamp: i64,
    /// `LastCaughtUpTimestamp`, versions 1-2, default -1.
    pub last_caught_up_timestamp: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: Default::default(),
            replica_directory_id: Default::default(),
            log_end_offset: Default::default(),
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
        }
    }
}

impl ReplicaState {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.replica_id = r.int32()?;
        if v >= 2 {
            it.replica_directory_id = r.uuid()?;
        }
        it.log_end_offset = r.int64()?;
        if v >= 1 {
            it.last_fetch_timestamp = r.int64()?;
            it.last_caught_up_timestamp = r.int64()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.replica_id);
        if v >= 2 {
            w.uuid(self.replica_directory_id);
        }
        w.int64(self.log_end_offset);
        if v >= 1 {
            w.int64(self.last_fetch_timestamp);
            w.int64(self.last_caught_up_timestamp);
        }
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 13,
            1 => 29,
            _ => 45,
        }
    }
}

/// In versions 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Node {
    /// `NodeId`, always there.
    pub node_id: i32,
    /// `Listeners`, always there.
    pub listeners: List<Listener>,
}

impl Node {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.node_id = r.int32()?;
        it.listeners = r.array(true, 5, v, Listener::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.node_id);
        w.array(true, &self.listeners, v, Listener::write);
        w.no_tags();
    }
}

/// In versions 2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Listener {
    /// `Name`, always there.
    pub name: String,
    /// `Host`, always there.
    pub host: String,
    /// `Port`, always there.
    pub port: u16,
}

impl Listener {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.host = r.string(true)?;
        it.port = r.uint16()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.string(true, &self.host);
        w.uint16(self.port);
        w.no_tags();
    }
}

message!(DescribeQuorumRequest);
message!(DescribeQuorumResponse);
impl Request for DescribeQuorumRequest {
    type Response = DescribeQuorumResponse;
}
