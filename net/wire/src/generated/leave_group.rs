//! Leave a classic group.
//!
//! Generated from `net/wire/messages/leave_group.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "LeaveGroup", versions: Versions { min: 0, max: 5 }, flexible: 4 };
/// The API's number on the wire.
pub const KEY: i16 = 13;

/// Leave a classic group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaveGroupRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `MemberId`, versions 0-2.
    pub member_id: String,
    /// `Members`, versions 3-5.
    pub members: List<MemberIdentity>,
}

impl LeaveGroupRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        if v <= 2 {
            it.member_id = r.string(flex)?;
        }
        if v >= 3 {
            it.members = r.array(flex, MemberIdentity::least_bytes(v), v, MemberIdentity::read)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.group_id);
        if v <= 2 {
            w.string(flex, &self.member_id);
        }
        if v >= 3 {
            w.array(flex, &self.members, v, MemberIdentity::write);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 3-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MemberIdentity {
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, always there, may be null.
    pub group_instance_id: Option<String>,
    /// `Reason`, versions 5, may be null.
    pub reason: Option<String>,
}

impl MemberIdentity {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.member_id = r.string(flex)?;
        it.group_instance_id = r.string_or_null(flex, true)?;
        if v >= 5 {
            it.reason = r.string_or_null(flex, true)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.member_id);
        w.string_or_null(flex, true, self.group_instance_id.as_deref());
        if v >= 5 {
            w.string_or_null(flex, true, self.reason.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 4,
            4 => 3,
            _ => 4,
        }
    }
}

/// Leave a classic group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeaveGroupResponse {
    /// `ThrottleTimeMs`, versions 1-5.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Members`, versions 3-5.
    pub members: List<MemberResponse>,
}

impl LeaveGroupResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        it.error_code = r.int16()?;
        if v >= 3 {
            it.members = r.array(flex, MemberResponse::least_bytes(v), v, MemberResponse::read)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        if v >= 1 {
            w.int32(self.throttle_time_ms);
        }
        w.int16(self.error_code);
        if v >= 3 {
            w.array(flex, &self.members, v, MemberResponse::write);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 3-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MemberResponse {
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, always there, may be null.
    pub group_instance_id: Option<String>,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl MemberResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.member_id = r.string(flex)?;
        it.group_instance_id = r.string_or_null(flex, true)?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.member_id);
        w.string_or_null(flex, true, self.group_instance_id.as_deref());
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 6,
            _ => 5,
        }
    }
}

message!(LeaveGroupRequest);
message!(LeaveGroupResponse);
impl Request for LeaveGroupRequest {
    type Response = LeaveGroupResponse;

    fn throttled(response: &mut LeaveGroupResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
