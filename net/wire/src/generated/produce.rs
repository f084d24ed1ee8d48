//! Append record batches. 0 to 2 are advertised and refused, as Kafka does: see api.rs.
//!
//! Generated from `net/wire/messages/produce.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{FrameRange, List, Reader, Request, Tags, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "Produce", versions: Versions { min: 3, max: 13 }, flexible: 9 };
/// The API's number on the wire.
pub const KEY: i16 = 0;

/// Append record batches. 0 to 2 are advertised and refused, as Kafka does: see api.rs.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProduceRequest {
    /// `TransactionalId`, always there, may be null.
    pub transactional_id: Option<String>,
    /// `Acks`, always there.
    /// -1: all in sync; 0: nobody, and no answer; 1: the leader.
    pub acks: i16,
    /// `TimeoutMs`, always there.
    /// How long to wait for the acknowledgements.
    pub timeout_ms: i32,
    /// `TopicData`, always there.
    pub topic_data: List<TopicProduceData>,
}

impl ProduceRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.transactional_id = r.string_or_null(flex, true)?;
        it.acks = r.int16()?;
        it.timeout_ms = r.int32()?;
        it.topic_data =
            r.array(flex, TopicProduceData::least_bytes(v), v, TopicProduceData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.string_or_null(flex, true, self.transactional_id.as_deref());
        w.int16(self.acks);
        w.int32(self.timeout_ms);
        w.array(flex, &self.topic_data, v, TopicProduceData::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 3-13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicProduceData {
    /// `Name`, versions 3-12.
    pub name: String,
    /// `TopicId`, versions 13.
    pub topic_id: Uuid,
    /// `PartitionData`, always there.
    pub partition_data: List<PartitionProduceData>,
}

impl TopicProduceData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        if v <= 12 {
            it.name = r.string(flex)?;
        }
        if v >= 13 {
            it.topic_id = r.uuid()?;
        }
        it.partition_data =
            r.array(flex, PartitionProduceData::least_bytes(v), v, PartitionProduceData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v <= 12 {
            w.string(flex, &self.name);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partition_data, v, PartitionProduceData::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=8 => 6,
            9..=12 => 3,
            _ => 18,
        }
    }
}

/// In versions 3-13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PartitionProduceData {
    /// `Index`, always there.
    pub index: i32,
    /// `Records`, always there, may be null.
    /// Exactly one batch.
    pub records: Option<FrameRange>,
}

impl PartitionProduceData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.index = r.int32()?;
        it.records = r.records_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.int32(self.index);
        w.records_or_null(flex, true, self.records);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=8 => 8,
            _ => 6,
        }
    }
}

/// Append record batches. 0 to 2 are advertised and refused, as Kafka does: see api.rs.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ProduceResponse {
    /// `Responses`, always there.
    pub responses: List<TopicProduceResponse>,
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `NodeEndpoints`, versions 10-13, tag 0.
    /// Of the leaders named above.
    pub node_endpoints: List<NodeEndpoint>,
}

impl ProduceResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.responses =
            r.array(flex, TopicProduceResponse::least_bytes(v), v, TopicProduceResponse::read)?;
        it.throttle_time_ms = r.int32()?;
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 if v >= 10 => it.node_endpoints = r.array(true, 11, v, NodeEndpoint::read)?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.array(flex, &self.responses, v, TopicProduceResponse::write);
        w.int32(self.throttle_time_ms);
        if flex {
            let mut tags = Tags::none();
            if v >= 10 && !self.node_endpoints.is_empty() {
                tags.field(0, |w| w.array(true, &self.node_endpoints, v, NodeEndpoint::write));
            }
            w.tags(tags);
        }
    }
}

/// In versions 3-13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicProduceResponse {
    /// `Name`, versions 3-12.
    pub name: String,
    /// `TopicId`, versions 13.
    pub topic_id: Uuid,
    /// `PartitionResponses`, always there.
    pub partition_responses: List<PartitionProduceResponse>,
}

impl TopicProduceResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        if v <= 12 {
            it.name = r.string(flex)?;
        }
        if v >= 13 {
            it.topic_id = r.uuid()?;
        }
        it.partition_responses = r.array(
            flex,
            PartitionProduceResponse::least_bytes(v),
            v,
            PartitionProduceResponse::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v <= 12 {
            w.string(flex, &self.name);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partition_responses, v, PartitionProduceResponse::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=8 => 6,
            9..=12 => 3,
            _ => 18,
        }
    }
}

/// In versions 3-13.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    /// `Index`, always there.
    pub index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `BaseOffset`, always there.
    pub base_offset: i64,
    /// `LogAppendTimeMs`, always there, default -1.
    /// -1 where the topic keeps the time of creation.
    pub log_append_time_ms: i64,
    /// `LogStartOffset`, versions 5-13, default -1.
    pub log_start_offset: i64,
    /// `RecordErrors`, versions 8-13.
    /// Only who is to blame.
    pub record_errors: List<BatchIndexAndErrorMessage>,
    /// `ErrorMessage`, versions 8-13, may be null.
    pub error_message: Option<String>,
    /// `CurrentLeader`, versions 10-13, tag 0.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: Default::default(),
            error_code: Default::default(),
            base_offset: Default::default(),
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Default::default(),
            error_message: Default::default(),
            current_leader: Default::default(),
        }
    }
}

impl PartitionProduceResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.index = r.int32()?;
        it.error_code = r.int16()?;
        it.base_offset = r.int64()?;
        it.log_append_time_ms = r.int64()?;
        if v >= 5 {
            it.log_start_offset = r.int64()?;
        }
        if v >= 8 {
            it.record_errors = r.array(flex, 6, v, BatchIndexAndErrorMessage::read)?;
            it.error_message = r.string_or_null(flex, true)?;
        }
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 if v >= 10 => it.current_leader = LeaderIdAndEpoch::read(r, v)?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.int32(self.index);
        w.int16(self.error_code);
        w.int64(self.base_offset);
        w.int64(self.log_append_time_ms);
        if v >= 5 {
            w.int64(self.log_start_offset);
        }
        if v >= 8 {
            w.array(flex, &self.record_errors, v, BatchIndexAndErrorMessage::write);
            w.string_or_null(flex, true, self.error_message.as_deref());
        }
        if flex {
            let mut tags = Tags::none();
            if v >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                tags.field(0, |w| self.current_leader.write(w, v));
            }
            w.tags(tags);
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 22,
            5..=7 => 30,
            8 => 36,
            _ => 33,
        }
    }
}

/// In versions 8-13.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BatchIndexAndErrorMessage {
    /// `BatchIndex`, always there.
    pub batch_index: i32,
    /// `BatchIndexErrorMessage`, always there, may be null.
    pub batch_index_error_message: Option<String>,
}

impl BatchIndexAndErrorMessage {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 9;
        let mut it = Self::default();
        it.batch_index = r.int32()?;
        it.batch_index_error_message = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.int32(self.batch_index);
        w.string_or_null(flex, true, self.batch_index_error_message.as_deref());
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 10-13.
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

/// In versions 10-13.
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

message!(ProduceRequest);
message!(ProduceResponse);
impl Request for ProduceRequest {
    type Response = ProduceResponse;

    fn throttled(response: &mut ProduceResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
