//! A member of a classic group is alive.
//!
//! Generated from `net/wire/messages/heartbeat.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "Heartbeat", versions: Versions { min: 0, max: 4 }, flexible: 4 };
/// The API's number on the wire.
pub const KEY: i16 = 12;

/// A member of a classic group is alive.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct HeartbeatRequest {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `GenerationId`, always there.
    pub generation_id: i32,
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, versions 3-4, may be null.
    pub group_instance_id: Option<String>,
}

impl HeartbeatRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        it.generation_id = r.int32()?;
        it.member_id = r.string(flex)?;
        if v >= 3 {
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
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
        if flex {
            w.no_tags();
        }
    }
}

/// A member of a classic group is alive.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct HeartbeatResponse {
    /// `ThrottleTimeMs`, versions 1-4.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl HeartbeatResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        it.error_code = r.int16()?;
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
        if flex {
            w.no_tags();
        }
    }
}

message!(HeartbeatRequest);
message!(HeartbeatResponse);
impl Request for HeartbeatRequest {
    type Response = HeartbeatResponse;

    fn throttled(response: &mut HeartbeatResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
