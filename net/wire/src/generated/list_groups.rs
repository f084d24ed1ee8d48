//! All groups this node coordinates.
//!
//! Generated from `net/wire/messages/list_groups.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "ListGroups", versions: Versions { min: 0, max: 5 }, flexible: 3 };
/// The API's number on the wire.
pub const KEY: i16 = 16;

/// All groups this node coordinates.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListGroupsRequest {
    /// `StatesFilter`, versions 4-5.
    pub states_filter: List<String>,
    /// `TypesFilter`, versions 5.
    pub types_filter: List<String>,
}

impl ListGroupsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        if v >= 4 {
            it.states_filter =
                r.array(flex, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 3))?;
        }
        if v >= 5 {
            it.types_filter =
                r.array(flex, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 3))?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 4 {
            w.array(flex, &self.states_filter, v, |it, w, v| w.string(v >= 3, it));
        }
        if v >= 5 {
            w.array(flex, &self.types_filter, v, |it, w, v| w.string(v >= 3, it));
        }
        if flex {
            w.no_tags();
        }
    }
}

/// All groups this node coordinates.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListGroupsResponse {
    /// `ThrottleTimeMs`, versions 1-5.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Groups`, always there.
    pub groups: List<ListedGroup>,
}

impl ListGroupsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        it.error_code = r.int16()?;
        it.groups = r.array(flex, ListedGroup::least_bytes(v), v, ListedGroup::read)?;
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
        w.int16(self.error_code);
        w.array(flex, &self.groups, v, ListedGroup::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListedGroup {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `ProtocolType`, always there.
    pub protocol_type: String,
    /// `GroupState`, versions 4-5.
    pub group_state: String,
    /// `GroupType`, versions 5.
    pub group_type: String,
}

impl ListedGroup {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        it.protocol_type = r.string(flex)?;
        if v >= 4 {
            it.group_state = r.string(flex)?;
        }
        if v >= 5 {
            it.group_type = r.string(flex)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.group_id);
        w.string(flex, &self.protocol_type);
        if v >= 4 {
            w.string(flex, &self.group_state);
        }
        if v >= 5 {
            w.string(flex, &self.group_type);
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 4,
            3 => 3,
            4 => 4,
            _ => 5,
        }
    }
}

message!(ListGroupsRequest);
message!(ListGroupsResponse);
impl Request for ListGroupsRequest {
    type Response = ListGroupsResponse;

    fn throttled(response: &mut ListGroupsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
