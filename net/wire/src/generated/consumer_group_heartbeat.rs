//! Join, stay in and leave a group of the new protocol.
//!
//! Generated from `net/wire/messages/consumer_group_heartbeat.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ConsumerGroupHeartbeat",
    versions: Versions { min: 0, max: 1 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 68;

/// Join, stay in and leave a group of the new protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupHeartbeatRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `MemberId`, always there.
    pub member_id: String,
    /// `MemberEpoch`, always there.
    pub member_epoch: i32,
    /// `InstanceId`, always there, may be null.
    pub instance_id: Option<String>,
    /// `RackId`, always there, may be null.
    pub rack_id: Option<String>,
    /// `RebalanceTimeoutMs`, always there, default -1.
    pub rebalance_timeout_ms: i32,
    /// `SubscribedTopicNames`, always there, may be null.
    pub subscribed_topic_names: Option<List<String>>,
    /// `SubscribedTopicRegex`, versions 1, may be null.
    pub subscribed_topic_regex: Option<String>,
    /// `ServerAssignor`, always there, may be null.
    pub server_assignor: Option<String>,
    /// `TopicPartitions`, always there, may be null.
    pub topic_partitions: Option<List<RequestTopicPartitions>>,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            member_id: Default::default(),
            member_epoch: Default::default(),
            instance_id: Default::default(),
            rack_id: Default::default(),
            rebalance_timeout_ms: -1,
            subscribed_topic_names: Default::default(),
            subscribed_topic_regex: Default::default(),
            server_assignor: Default::default(),
            topic_partitions: Default::default(),
        }
    }
}

impl ConsumerGroupHeartbeatRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.group_id = r.string(true)?;
        it.member_id = r.string(true)?;
        it.member_epoch = r.int32()?;
        it.instance_id = r.string_or_null(true, true)?;
        it.rack_id = r.string_or_null(true, true)?;
        it.rebalance_timeout_ms = r.int32()?;
        it.subscribed_topic_names = r.array_or_null(true, true, 1, v, |r, _| r.string(true))?;
        if v >= 1 {
            it.subscribed_topic_regex = r.string_or_null(true, true)?;
        }
        it.server_assignor = r.string_or_null(true, true)?;
        it.topic_partitions = r.array_or_null(true, true, 18, v, RequestTopicPartitions::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.string(true, &self.member_id);
        w.int32(self.member_epoch);
        w.string_or_null(true, true, self.instance_id.as_deref());
        w.string_or_null(true, true, self.rack_id.as_deref());
        w.int32(self.rebalance_timeout_ms);
        w.array_or_null(true, true, self.subscribed_topic_names.as_ref(), v, |it, w, _| {
            w.string(true, it)
        });
        if v >= 1 {
            w.string_or_null(true, true, self.subscribed_topic_regex.as_deref());
        }
        w.string_or_null(true, true, self.server_assignor.as_deref());
        w.array_or_null(
            true,
            true,
            self.topic_partitions.as_ref(),
            v,
            RequestTopicPartitions::write,
        );
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RequestTopicPartitions {
    /// `TopicId`, always there.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl RequestTopicPartitions {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_id = r.uuid()?;
        it.partitions = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

/// Join, stay in and leave a group of the new protocol.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupHeartbeatResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `MemberId`, always there, may be null.
    pub member_id: Option<String>,
    /// `MemberEpoch`, always there.
    pub member_epoch: i32,
    /// `HeartbeatIntervalMs`, always there.
    pub heartbeat_interval_ms: i32,
    /// `Assignment`, always there, may be null.
    pub assignment: Option<Assignment>,
}

impl ConsumerGroupHeartbeatResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.member_id = r.string_or_null(true, true)?;
        it.member_epoch = r.int32()?;
        it.heartbeat_interval_ms = r.int32()?;
        it.assignment = r.struct_or_null(true, v, Assignment::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.string_or_null(true, true, self.member_id.as_deref());
        w.int32(self.member_epoch);
        w.int32(self.heartbeat_interval_ms);
        w.struct_or_null(true, self.assignment.as_ref(), v, Assignment::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Assignment {
    /// `TopicPartitions`, always there.
    pub topic_partitions: List<ResponseTopicPartitions>,
}

impl Assignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_partitions = r.array(true, 18, v, ResponseTopicPartitions::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topic_partitions, v, ResponseTopicPartitions::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponseTopicPartitions {
    /// `TopicId`, always there.
    pub topic_id: Uuid,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl ResponseTopicPartitions {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_id = r.uuid()?;
        it.partitions = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

message!(ConsumerGroupHeartbeatRequest);
message!(ConsumerGroupHeartbeatResponse);
impl Request for ConsumerGroupHeartbeatRequest {
    type Response = ConsumerGroupHeartbeatResponse;

    fn throttled(response: &mut ConsumerGroupHeartbeatResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
