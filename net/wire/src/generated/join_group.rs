//! Join a classic consumer group.
//!
//! Generated from `net/wire/messages/join_group.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Bytes, List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "JoinGroup", versions: Versions { min: 0, max: 9 }, flexible: 6 };
/// The API's number on the wire.
pub const KEY: i16 = 11;

/// Join a classic consumer group.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `SessionTimeoutMs`, always there.
    pub session_timeout_ms: i32,
    /// `RebalanceTimeoutMs`, versions 1-9, default -1.
    pub rebalance_timeout_ms: i32,
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, versions 5-9, may be null.
    /// Of a static member.
    pub group_instance_id: Option<String>,
    /// `ProtocolType`, always there.
    pub protocol_type: String,
    /// `Protocols`, always there.
    pub protocols: List<JoinGroupRequestProtocol>,
    /// `Reason`, versions 8-9, may be null.
    pub reason: Option<String>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            session_timeout_ms: Default::default(),
            rebalance_timeout_ms: -1,
            member_id: Default::default(),
            group_instance_id: Default::default(),
            protocol_type: Default::default(),
            protocols: Default::default(),
            reason: Default::default(),
        }
    }
}

impl JoinGroupRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        it.session_timeout_ms = r.int32()?;
        if v >= 1 {
            it.rebalance_timeout_ms = r.int32()?;
        }
        it.member_id = r.string(flex)?;
        if v >= 5 {
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
        it.protocol_type = r.string(flex)?;
        it.protocols = r.array(
            flex,
            JoinGroupRequestProtocol::least_bytes(v),
            v,
            JoinGroupRequestProtocol::read,
        )?;
        if v >= 8 {
            it.reason = r.string_or_null(flex, true)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.group_id);
        w.int32(self.session_timeout_ms);
        if v >= 1 {
            w.int32(self.rebalance_timeout_ms);
        }
        w.string(flex, &self.member_id);
        if v >= 5 {
            w.string_or_null(flex, true, self.group_instance_id.as_deref());
        }
        w.string(flex, &self.protocol_type);
        w.array(flex, &self.protocols, v, JoinGroupRequestProtocol::write);
        if v >= 8 {
            w.string_or_null(flex, true, self.reason.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-9.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct JoinGroupRequestProtocol {
    /// `Name`, always there.
    pub name: String,
    /// `Metadata`, always there.
    pub metadata: Bytes,
}

impl JoinGroupRequestProtocol {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.metadata = r.bytes(flex)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.bytes(flex, &self.metadata);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=5 => 6,
            _ => 3,
        }
    }
}

/// Join a classic consumer group.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    /// `ThrottleTimeMs`, versions 2-9.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `GenerationId`, always there, default -1.
    pub generation_id: i32,
    /// `ProtocolType`, versions 7-9, may be null.
    pub protocol_type: Option<String>,
    /// `ProtocolName`, always there, may be null in 7-9.
    pub protocol_name: Option<String>,
    /// `Leader`, always there.
    pub leader: String,
    /// `SkipAssignment`, versions 9.
    pub skip_assignment: bool,
    /// `MemberId`, always there.
    pub member_id: String,
    /// `Members`, always there.
    pub members: List<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            generation_id: -1,
            protocol_type: Default::default(),
            protocol_name: Default::default(),
            leader: Default::default(),
            skip_assignment: Default::default(),
            member_id: Default::default(),
            members: Default::default(),
        }
    }
}

impl JoinGroupResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        if v >= 2 {
            it.throttle_time_ms = r.int32()?;
        }
        it.error_code = r.int16()?;
        it.generation_id = r.int32()?;
        if v >= 7 {
            it.protocol_type = r.string_or_null(flex, true)?;
        }
        it.protocol_name = r.string_or_null(flex, v >= 7)?;
        it.leader = r.string(flex)?;
        if v >= 9 {
            it.skip_assignment = r.bool()?;
        }
        it.member_id = r.string(flex)?;
        it.members = r.array(
            flex,
            JoinGroupResponseMember::least_bytes(v),
            v,
            JoinGroupResponseMember::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v >= 2 {
            w.int32(self.throttle_time_ms);
        }
        w.int16(self.error_code);
        w.int32(self.generation_id);
        if v >= 7 {
            w.string_or_null(flex, true, self.protocol_type.as_deref());
        }
        w.string_or_null(flex, v >= 7, self.protocol_name.as_deref());
        w.string(flex, &self.leader);
        if v >= 9 {
            w.bool(self.skip_assignment);
        }
        w.string(flex, &self.member_id);
        w.array(flex, &self.members, v, JoinGroupResponseMember::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-9.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct JoinGroupResponseMember {
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, versions 5-9, may be null.
    pub group_instance_id: Option<String>,
    /// `Metadata`, always there.
    pub metadata: Bytes,
}

impl JoinGroupResponseMember {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 6;
        let mut it = Self::default();
        it.member_id = r.string(flex)?;
        if v >= 5 {
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
        it.metadata = r.bytes(flex)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.member_id);
        if v >= 5 {
            w.string_or_null(flex, true, self.group_instance_id.as_deref());
        }
        w.bytes(flex, &self.metadata);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 6,
            5 => 8,
            _ => 4,
        }
    }
}

message!(JoinGroupRequest);
message!(JoinGroupResponse);
impl Request for JoinGroupRequest {
    type Response = JoinGroupResponse;

    fn throttled(response: &mut JoinGroupResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
