//! Classic groups and their members.
//!
//! Generated from `net/wire/messages/describe_groups.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Bytes, List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeGroups",
    versions: Versions { min: 0, max: 6 },
    flexible: 5,
};
/// The API's number on the wire.
pub const KEY: i16 = 15;

/// Classic groups and their members.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeGroupsRequest {
    /// `Groups`, always there.
    pub groups: List<String>,
    /// `IncludeAuthorizedOperations`, versions 3-6.
    pub include_authorized_operations: bool,
}

impl DescribeGroupsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.groups = r.array(flex, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 5))?;
        if v >= 3 {
            it.include_authorized_operations = r.bool()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.array(flex, &self.groups, v, |it, w, v| w.string(v >= 5, it));
        if v >= 3 {
            w.bool(self.include_authorized_operations);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// Classic groups and their members.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeGroupsResponse {
    /// `ThrottleTimeMs`, versions 1-6.
    pub throttle_time_ms: i32,
    /// `Groups`, always there.
    pub groups: List<DescribedGroup>,
}

impl DescribeGroupsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        it.groups = r.array(flex, DescribedGroup::least_bytes(v), v, DescribedGroup::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        if v >= 1 {
            w.int32(self.throttle_time_ms);
        }
        w.array(flex, &self.groups, v, DescribedGroup::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-6.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, versions 6, may be null.
    pub error_message: Option<String>,
    /// `GroupId`, always there.
    pub group_id: String,
    /// `GroupState`, always there.
    pub group_state: String,
    /// `ProtocolType`, always there.
    pub protocol_type: String,
    /// `ProtocolData`, always there.
    pub protocol_data: String,
    /// `Members`, always there.
    pub members: List<DescribedGroupMember>,
    /// `AuthorizedOperations`, versions 3-6, default -2147483648.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Default::default(),
            group_id: Default::default(),
            group_state: Default::default(),
            protocol_type: Default::default(),
            protocol_data: Default::default(),
            members: Default::default(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        if v >= 6 {
            it.error_message = r.string_or_null(flex, true)?;
        }
        it.group_id = r.string(flex)?;
        it.group_state = r.string(flex)?;
        it.protocol_type = r.string(flex)?;
        it.protocol_data = r.string(flex)?;
        it.members =
            r.array(flex, DescribedGroupMember::least_bytes(v), v, DescribedGroupMember::read)?;
        if v >= 3 {
            it.authorized_operations = r.int32()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.int16(self.error_code);
        if v >= 6 {
            w.string_or_null(flex, true, self.error_message.as_deref());
        }
        w.string(flex, &self.group_id);
        w.string(flex, &self.group_state);
        w.string(flex, &self.protocol_type);
        w.string(flex, &self.protocol_data);
        w.array(flex, &self.members, v, DescribedGroupMember::write);
        if v >= 3 {
            w.int32(self.authorized_operations);
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 14,
            3..=4 => 18,
            5 => 12,
            _ => 13,
        }
    }
}

/// In versions 0-6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribedGroupMember {
    /// `MemberId`, always there.
    pub member_id: String,
    /// `GroupInstanceId`, versions 4-6, may be null.
    pub group_instance_id: Option<String>,
    /// `ClientId`, always there.
    pub client_id: String,
    /// `ClientHost`, always there.
    pub client_host: String,
    /// `MemberMetadata`, always there.
    pub member_metadata: Bytes,
    /// `MemberAssignment`, always there.
    pub member_assignment: Bytes,
}

impl DescribedGroupMember {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.member_id = r.string(flex)?;
        if v >= 4 {
            it.group_instance_id = r.string_or_null(flex, true)?;
        }
        it.client_id = r.string(flex)?;
        it.client_host = r.string(flex)?;
        it.member_metadata = r.bytes(flex)?;
        it.member_assignment = r.bytes(flex)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.member_id);
        if v >= 4 {
            w.string_or_null(flex, true, self.group_instance_id.as_deref());
        }
        w.string(flex, &self.client_id);
        w.string(flex, &self.client_host);
        w.bytes(flex, &self.member_metadata);
        w.bytes(flex, &self.member_assignment);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 14,
            4 => 16,
            _ => 7,
        }
    }
}

message!(DescribeGroupsRequest);
message!(DescribeGroupsResponse);
impl Request for DescribeGroupsRequest {
    type Response = DescribeGroupsResponse;

    fn throttled(response: &mut DescribeGroupsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
