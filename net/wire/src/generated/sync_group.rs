//! The leader hands out, and every member takes, the assignment of a classic group.
//!
//! Generated from `net/wire/messages/sync_group.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Bytes, List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "SyncGroup", versions: Versions { min: 0, max: 5 }, flexible: 4 };
/// The API's number on the wire.
pub const KEY: i16 = 14;

/// The leader hands out, and every member takes, the assignment of a classic group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncGroupRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `GenerationId`, always there.
    pub generation_id: i32,
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, versions 3-5, may be null.
    pub group_instance_id: Option<String>,
    /// `ProtocolType`, versions 5, may be null.
    pub protocol_type: Option<String>,
    /// `ProtocolName`, versions 5, may be null.
    pub protocol_name: Option<String>,
    /// `Assignments`, always there.
    pub assignments: List<SyncGroupRequestAssignment>,
}

impl SyncGroupRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        it.generation_id = r.int32()?;
        it.member_id = r.string(flex)?;
        if v >= 3 {
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
        if v >= 5 {
            it.protocol_type = r.string_or_null(flex, true)?;
            it.protocol_name = r.string_or_null(flex, true)?;
        }
        it.assignments = r.array(
            flex,
            SyncGroupRequestAssignment::least_bytes(v),
            v,
            SyncGroupRequestAssignment::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.group_id);
        w.int32(self.generation_id);
        w.string(flex, &self.member_id);
        if v >= 3 {
            w.string_or_null(flex, true, self.group_instance_id.as_deref());
        }
        if v >= 5 {
            w.string_or_null(flex, true, self.protocol_type.as_deref());
            w.string_or_null(flex, true, self.protocol_name.as_deref());
        }
        w.array(flex, &self.assignments, v, SyncGroupRequestAssignment::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncGroupRequestAssignment {
    /// `MemberId`, always there.
    pub member_id: String,
    /// `Assignment`, always there.
    pub assignment: Bytes,
}

impl SyncGroupRequestAssignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.member_id = r.string(flex)?;
        it.assignment = r.bytes(flex)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.member_id);
        w.bytes(flex, &self.assignment);
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

/// The leader hands out, and every member takes, the assignment of a classic group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncGroupResponse {
    /// `ThrottleTimeMs`, versions 1-5.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ProtocolType`, versions 5, may be null.
    pub protocol_type: Option<String>,
    /// `ProtocolName`, versions 5, may be null.
    pub protocol_name: Option<String>,
    /// `Assignment`, always there.
    pub assignment: Bytes,
}

impl SyncGroupResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        it.error_code = r.int16()?;
        if v >= 5 {
            it.protocol_type = r.string_or_null(flex, true)?;
            it.protocol_name = r.string_or_null(flex, true)?;
        }
        it.assignment = r.bytes(flex)?;
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
        if v >= 5 {
            w.string_or_null(flex, true, self.protocol_type.as_deref());
            w.string_or_null(flex, true, self.protocol_name.as_deref());
        }
        w.bytes(flex, &self.assignment);
        if flex {
            w.no_tags();
        }
    }
}

message!(SyncGroupRequest);
message!(SyncGroupResponse);
impl Request for SyncGroupRequest {
    type Response = SyncGroupResponse;

    fn throttled(response: &mut SyncGroupResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
