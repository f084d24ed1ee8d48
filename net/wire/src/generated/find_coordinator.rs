//! Which node coordinates a group or a transactional id.
//!
//! Generated from `net/wire/messages/find_coordinator.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "FindCoordinator",
    versions: Versions { min: 0, max: 6 },
    flexible: 3,
};
/// The API's number on the wire.
pub const KEY: i16 = 10;

/// Which node coordinates a group or a transactional id.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FindCoordinatorRequest {
    /// `Key`, versions 0-3.
    pub key: String,
    /// `KeyType`, versions 1-6.
    /// 0: group; 1: transaction; 2: share group.
    pub key_type: i8,
    /// `CoordinatorKeys`, versions 4-6.
    pub coordinator_keys: List<String>,
}

impl FindCoordinatorRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        if v <= 3 {
            it.key = r.string(flex)?;
        }
        if v >= 1 {
            it.key_type = r.int8()?;
        }
        if v >= 4 {
            it.coordinator_keys =
                r.array(flex, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 3))?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v <= 3 {
            w.string(flex, &self.key);
        }
        if v >= 1 {
            w.int8(self.key_type);
        }
        if v >= 4 {
            w.array(flex, &self.coordinator_keys, v, |it, w, v| w.string(v >= 3, it));
        }
        if flex {
            w.no_tags();
        }
    }
}

/// Which node coordinates a group or a transactional id.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FindCoordinatorResponse {
    /// `ThrottleTimeMs`, versions 1-6.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, versions 0-3.
    pub error_code: i16,
    /// `ErrorMessage`, versions 1-3, may be null.
    pub error_message: Option<String>,
    /// `NodeId`, versions 0-3.
    pub node_id: i32,
    /// `Host`, versions 0-3.
    pub host: String,
    /// `Port`, versions 0-3.
    pub port: i32,
    /// `Coordinators`, versions 4-6.
    pub coordinators: List<Coordinator>,
}

impl FindCoordinatorResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        if v <= 3 {
            it.error_code = r.int16()?;
        }
        if (1..=3).contains(&v) {
            it.error_message = r.string_or_null(flex, true)?;
        }
        if v <= 3 {
            it.node_id = r.int32()?;
            it.host = r.string(flex)?;
            it.port = r.int32()?;
        }
        if v >= 4 {
            it.coordinators = r.array(flex, 14, v, Coordinator::read)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 1 {
            w.int32(self.throttle_time_ms);
        }
        if v <= 3 {
            w.int16(self.error_code);
        }
        if (1..=3).contains(&v) {
            w.string_or_null(flex, true, self.error_message.as_deref());
        }
        if v <= 3 {
            w.int32(self.node_id);
            w.string(flex, &self.host);
            w.int32(self.port);
        }
        if v >= 4 {
            w.array(flex, &self.coordinators, v, Coordinator::write);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 4-6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Coordinator {
    /// `Key`, always there.
    pub key: String,
    /// `NodeId`, always there.
    pub node_id: i32,
    /// `Host`, always there.
    pub host: String,
    /// `Port`, always there.
    pub port: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl Coordinator {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.key = r.string(true)?;
        it.node_id = r.int32()?;
        it.host = r.string(true)?;
        it.port = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.key);
        w.int32(self.node_id);
        w.string(true, &self.host);
        w.int32(self.port);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

message!(FindCoordinatorRequest);
message!(FindCoordinatorResponse);
impl Request for FindCoordinatorRequest {
    type Response = FindCoordinatorResponse;

    fn throttled(response: &mut FindCoordinatorResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
