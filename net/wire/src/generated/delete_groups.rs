//! Delete groups that have no members.
//!
//! Generated from `net/wire/messages/delete_groups.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DeleteGroups",
    versions: Versions { min: 0, max: 2 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 42;

/// Delete groups that have no members.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteGroupsRequest {
    /// `GroupsNames`, always there.
    pub groups_names: List<String>,
}

impl DeleteGroupsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.groups_names = r.array(flex, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 2))?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.groups_names, v, |it, w, v| w.string(v >= 2, it));
        if flex {
            w.no_tags();
        }
    }
}

/// Delete groups that have no members.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteGroupsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Results`, always there.
    pub results: List<DeletableGroupResult>,
}

impl DeleteGroupsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.results = r.array(flex, 4, v, DeletableGroupResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.results, v, DeletableGroupResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeletableGroupResult {
    /// `GroupId`, always there.
    pub group_id: String,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl DeletableGroupResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.group_id = r.string(flex)?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.group_id);
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

message!(DeleteGroupsRequest);
message!(DeleteGroupsResponse);
impl Request for DeleteGroupsRequest {
    type Response = DeleteGroupsResponse;

    fn throttled(response: &mut DeleteGroupsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
