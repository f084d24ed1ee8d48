//! Read record batches. Names until 12, topic ids from 13.
//!
//! Generated from `net/wire/messages/fetch.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{FrameRange, List, Reader, Request, Tags, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "Fetch", versions: Versions { min: 4, max: 18 }, flexible: 12 };
/// The API's number on the wire.
pub const KEY: i16 = 1;

/// Read record batches. Names until 12, topic ids from 13.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// `ClusterId`, versions 12-18, may be null, tag 0.
    /// Only from other brokers.
    pub cluster_id: Option<String>,
    /// `ReplicaId`, versions 4-14, default -1.
    /// -1: a client.
    pub replica_id: i32,
    /// `ReplicaState`, versions 15-18, tag 1.
    pub replica_state: ReplicaState,
    /// `MaxWaitMs`, always there.
    pub max_wait_ms: i32,
    /// `MinBytes`, always there.
    /// Wait until there are as many.
    pub min_bytes: i32,
    /// `MaxBytes`, always there, default 2147483647.
    pub max_bytes: i32,
    /// `IsolationLevel`, always there.
    /// 0: read uncommitted; 1: read committed.
    pub isolation_level: i8,
    /// `SessionId`, versions 7-18.
    pub session_id: i32,
    /// `SessionEpoch`, versions 7-18, default -1.
    /// -1 and 0: a full fetch.
    pub session_epoch: i32,
    /// `Topics`, always there.
    pub topics: List<FetchTopic>,
    /// `ForgottenTopicsData`, versions 7-18.
    /// No longer part of the session.
    pub forgotten_topics_data: List<ForgottenTopic>,
    /// `RackId`, versions 11-18.
    pub rack_id: String,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: Default::default(),
            replica_id: -1,
            replica_state: Default::default(),
            max_wait_ms: Default::default(),
            min_bytes: Default::default(),
            max_bytes: i32::MAX,
            isolation_level: Default::default(),
            session_id: Default::default(),
            session_epoch: -1,
            topics: Default::default(),
            forgotten_topics_data: Default::default(),
            rack_id: Default::default(),
        }
    }
}

impl FetchRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        if v <= 14 {
            it.replica_id = r.int32()?;
        }
        it.max_wait_ms = r.int32()?;
        it.min_bytes = r.int32()?;
        it.max_bytes = r.int32()?;
        it.isolation_level = r.int8()?;
        if v >= 7 {
            it.session_id = r.int32()?;
            it.session_epoch = r.int32()?;
        }
        it.topics = r.array(flex, FetchTopic::least_bytes(v), v, FetchTopic::read)?;
        if v >= 7 {
            it.forgotten_topics_data =
                r.array(flex, ForgottenTopic::least_bytes(v), v, ForgottenTopic::read)?;
        }
        if v >= 11 {
            it.rack_id = r.string(flex)?;
        }
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 => it.cluster_id = r.string_or_null(true, true)?,
                    1 if v >= 15 => it.replica_state = ReplicaState::read(r, v)?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 14 {
            w.int32(self.replica_id);
        }
        w.int32(self.max_wait_ms);
        w.int32(self.min_bytes);
        w.int32(self.max_bytes);
        w.int8(self.isolation_level);
        if v >= 7 {
            w.int32(self.session_id);
            w.int32(self.session_epoch);
        }
        w.array(flex, &self.topics, v, FetchTopic::write);
        if v >= 7 {
            w.array(flex, &self.forgotten_topics_data, v, ForgottenTopic::write);
        }
        if v >= 11 {
            w.string(flex, &self.rack_id);
        }
        if flex {
            let mut tags = Tags::none();
            if self.cluster_id.is_some() {
                tags.field(0, |w| w.string_or_null(true, true, self.cluster_id.as_deref()));
            }
            if v >= 15 && self.replica_state != ReplicaState::default() {
                tags.field(1, |w| self.replica_state.write(w, v));
            }
            w.tags(tags);
        }
    }
}

/// In versions 15-18.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// `ReplicaId`, always there, default -1.
    pub replica_id: i32,
    /// `ReplicaEpoch`, always there, default -1.
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl ReplicaState {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.replica_id = r.int32()?;
        it.replica_epoch = r.int64()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.replica_id);
        w.int64(self.replica_epoch);
        w.no_tags();
    }
}

/// In versions 4-18.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchTopic {
    /// `Topic`, versions 4-12.
    pub topic: String,
    /// `TopicId`, versions 13-18.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<FetchPartition>,
}

impl FetchTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        if v <= 12 {
            it.topic = r.string(flex)?;
        }
        if v >= 13 {
            it.topic_id = r.uuid()?;
        }
        it.partitions = r.array(flex, FetchPartition::least_bytes(v), v, FetchPartition::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 12 {
            w.string(flex, &self.topic);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, FetchPartition::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=11 => 6,
            12 => 3,
            _ => 18,
        }
    }
}

/// In versions 4-18.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// `Partition`, always there.
    pub partition: i32,
    /// `CurrentLeaderEpoch`, versions 9-18, default -1.
    pub current_leader_epoch: i32,
    /// `FetchOffset`, always there.
    pub fetch_offset: i64,
    /// `LastFetchedEpoch`, versions 12-18, default -1.
    pub last_fetched_epoch: i32,
    /// `LogStartOffset`, versions 5-18, default -1.
    pub log_start_offset: i64,
    /// `PartitionMaxBytes`, always there.
    pub partition_max_bytes: i32,
    /// `ReplicaDirectoryId`, versions 17-18, tag 0.
    pub replica_directory_id: Uuid,
    /// `HighWatermark`, versions 18, tag 1, default 9223372036854775807.
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: -1,
            fetch_offset: Default::default(),
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: Default::default(),
            replica_directory_id: Default::default(),
            high_watermark: i64::MAX,
        }
    }
}

impl FetchPartition {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        it.partition = r.int32()?;
        if v >= 9 {
            it.current_leader_epoch = r.int32()?;
        }
        it.fetch_offset = r.int64()?;
        if v >= 12 {
            it.last_fetched_epoch = r.int32()?;
        }
        if v >= 5 {
            it.log_start_offset = r.int64()?;
        }
        it.partition_max_bytes = r.int32()?;
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 if v >= 17 => it.replica_directory_id = r.uuid()?,
                    1 if v >= 18 => it.high_watermark = r.int64()?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.int32(self.partition);
        if v >= 9 {
            w.int32(self.current_leader_epoch);
        }
        w.int64(self.fetch_offset);
        if v >= 12 {
            w.int32(self.last_fetched_epoch);
        }
        if v >= 5 {
            w.int64(self.log_start_offset);
        }
        w.int32(self.partition_max_bytes);
        if flex {
            let mut tags = Tags::none();
            if v >= 17 && !self.replica_directory_id.is_zero() {
                tags.field(0, |w| w.uuid(self.replica_directory_id));
            }
            if v >= 18 && self.high_watermark != i64::MAX {
                tags.field(1, |w| w.int64(self.high_watermark));
            }
            w.tags(tags);
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 16,
            5..=8 => 24,
            9..=11 => 28,
            _ => 33,
        }
    }
}

/// In versions 7-18.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ForgottenTopic {
    /// `Topic`, versions 7-12.
    pub topic: String,
    /// `TopicId`, versions 13-18.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl ForgottenTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        if v <= 12 {
            it.topic = r.string(flex)?;
        }
        if v >= 13 {
            it.topic_id = r.uuid()?;
        }
        it.partitions = r.array(flex, 4, v, |r, _| r.int32())?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 12 {
            w.string(flex, &self.topic);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, |it, w, _| w.int32(*it));
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=11 => 6,
            12 => 3,
            _ => 18,
        }
    }
}

/// Read record batches. Names until 12, topic ids from 13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, versions 7-18.
    pub error_code: i16,
    /// `SessionId`, versions 7-18.
    pub session_id: i32,
    /// `Responses`, always there.
    pub responses: List<FetchableTopicResponse>,
    /// `NodeEndpoints`, versions 16-18, tag 0.
    pub node_endpoints: List<NodeEndpoint>,
}

impl FetchResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        if v >= 7 {
            it.error_code = r.int16()?;
            it.session_id = r.int32()?;
        }
        it.responses =
            r.array(flex, FetchableTopicResponse::least_bytes(v), v, FetchableTopicResponse::read)?;
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 if v >= 16 => it.node_endpoints = r.array(true, 11, v, NodeEndpoint::read)?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.int32(self.throttle_time_ms);
        if v >= 7 {
            w.int16(self.error_code);
            w.int32(self.session_id);
        }
        w.array(flex, &self.responses, v, FetchableTopicResponse::write);
        if flex {
            let mut tags = Tags::none();
            if v >= 16 && !self.node_endpoints.is_empty() {
                tags.field(0, |w| w.array(true, &self.node_endpoints, v, NodeEndpoint::write));
            }
            w.tags(tags);
        }
    }
}

/// In versions 4-18.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FetchableTopicResponse {
    /// `Topic`, versions 4-12.
    pub topic: String,
    /// `TopicId`, versions 13-18.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<PartitionData>,
}

impl FetchableTopicResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        if v <= 12 {
            it.topic = r.string(flex)?;
        }
        if v >= 13 {
            it.topic_id = r.uuid()?;
        }
        it.partitions = r.array(flex, PartitionData::least_bytes(v), v, PartitionData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 12 {
            w.string(flex, &self.topic);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, PartitionData::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=11 => 6,
            12 => 3,
            _ => 18,
        }
    }
}

/// In versions 4-18.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `HighWatermark`, always there.
    pub high_watermark: i64,
    /// `LastStableOffset`, always there, default -1.
    pub last_stable_offset: i64,
    /// `LogStartOffset`, versions 5-18, default -1.
    pub log_start_offset: i64,
    /// `DivergingEpoch`, versions 12-18, tag 0.
    /// Where the log parted.
    pub diverging_epoch: EpochEndOffset,
    /// `CurrentLeader`, versions 12-18, tag 1.
    pub current_leader: LeaderIdAndEpoch,
    /// `SnapshotId`, versions 12-18, tag 2.
    pub snapshot_id: SnapshotId,
    /// `AbortedTransactions`, always there, may be null.
    /// Null for read uncommitted.
    pub aborted_transactions: Option<List<AbortedTransaction>>,
    /// `PreferredReadReplica`, versions 11-18, default -1.
    /// -1: none.
    pub preferred_read_replica: i32,
    /// `Records`, always there, may be null.
    pub records: Option<FrameRange>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            high_watermark: Default::default(),
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: Default::default(),
            current_leader: Default::default(),
            snapshot_id: Default::default(),
            aborted_transactions: Default::default(),
            preferred_read_replica: -1,
            records: Default::default(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        it.high_watermark = r.int64()?;
        it.last_stable_offset = r.int64()?;
        if v >= 5 {
            it.log_start_offset = r.int64()?;
        }
        it.aborted_transactions = r.array_or_null(
            flex,
            true,
            AbortedTransaction::least_bytes(v),
            v,
            AbortedTransaction::read,
        )?;
        if v >= 11 {
            it.preferred_read_replica = r.int32()?;
        }
        it.records = r.records_or_null(flex, true)?;
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 => it.diverging_epoch = EpochEndOffset::read(r, v)?,
                    1 => it.current_leader = LeaderIdAndEpoch::read(r, v)?,
                    2 => it.snapshot_id = SnapshotId::read(r, v)?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.int32(self.partition_index);
        w.int16(self.error_code);
        w.int64(self.high_watermark);
        w.int64(self.last_stable_offset);
        if v >= 5 {
            w.int64(self.log_start_offset);
        }
        w.array_or_null(
            flex,
            true,
            self.aborted_transactions.as_ref(),
            v,
            AbortedTransaction::write,
        );
        if v >= 11 {
            w.int32(self.preferred_read_replica);
        }
        w.records_or_null(flex, true, self.records);
        if flex {
            let mut tags = Tags::none();
            if self.diverging_epoch != EpochEndOffset::default() {
                tags.field(0, |w| self.diverging_epoch.write(w, v));
            }
            if self.current_leader != LeaderIdAndEpoch::default() {
                tags.field(1, |w| self.current_leader.write(w, v));
            }
            if self.snapshot_id != SnapshotId::default() {
                tags.field(2, |w| self.snapshot_id.write(w, v));
            }
            w.tags(tags);
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 30,
            5..=10 => 38,
            11 => 42,
            _ => 37,
        }
    }
}

/// In versions 12-18.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// `Epoch`, always there, default -1.
    pub epoch: i32,
    /// `EndOffset`, always there, default -1.
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl EpochEndOffset {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.epoch = r.int32()?;
        it.end_offset = r.int64()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.epoch);
        w.int64(self.end_offset);
        w.no_tags();
    }
}

/// In versions 12-18.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// `LeaderId`, always there, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`, always there, default -1.
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
}

impl LeaderIdAndEpoch {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.leader_id = r.int32()?;
        it.leader_epoch = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.leader_id);
        w.int32(self.leader_epoch);
        w.no_tags();
    }
}

/// In versions 12-18.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// `EndOffset`, always there, default -1.
    pub end_offset: i64,
    /// `Epoch`, always there, default -1.
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
}

impl SnapshotId {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.end_offset = r.int64()?;
        it.epoch = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int64(self.end_offset);
        w.int32(self.epoch);
        w.no_tags();
    }
}

/// In versions 4-18.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AbortedTransaction {
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `FirstOffset`, always there.
    pub first_offset: i64,
}

impl AbortedTransaction {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 12;
        let mut it = Self::default();
        it.producer_id = r.int64()?;
        it.first_offset = r.int64()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.int64(self.producer_id);
        w.int64(self.first_offset);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=11 => 16,
            _ => 17,
        }
    }
}

/// In versions 16-18.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct NodeEndpoint {
    /// `NodeId`, always there.
    pub node_id: i32,
    /// `Host`, always there.
    pub host: String,
    /// `Port`, always there.
    pub port: i32,
    /// `Rack`, always there, may be null.
    pub rack: Option<String>,
}

impl NodeEndpoint {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.node_id = r.int32()?;
        it.host = r.string(true)?;
        it.port = r.int32()?;
        it.rack = r.string_or_null(true, true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.node_id);
        w.string(true, &self.host);
        w.int32(self.port);
        w.string_or_null(true, true, self.rack.as_deref());
        w.no_tags();
    }
}

message!(FetchRequest);
message!(FetchResponse);
impl Request for FetchRequest {
    type Response = FetchResponse;

    fn throttled(response: &mut FetchResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
