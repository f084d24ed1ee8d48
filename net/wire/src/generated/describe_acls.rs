//! Access rules that match a filter.
//!
//! Generated from `net/wire/messages/describe_acls.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeAcls",
    versions: Versions { min: 1, max: 3 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 29;

/// Access rules that match a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeAclsRequest {
    /// `ResourceTypeFilter`, always there.
    pub resource_type_filter: i8,
    /// `ResourceNameFilter`, always there, may be null.
    pub resource_name_filter: Option<String>,
    /// `PatternTypeFilter`, always there, default 3.
    pub pattern_type_filter: i8,
    /// `PrincipalFilter`, always there, may be null.
    pub principal_filter: Option<String>,
    /// `HostFilter`, always there, may be null.
    pub host_filter: Option<String>,
    /// `Operation`, always there.
    pub operation: i8,
    /// `PermissionType`, always there.
    pub permission_type: i8,
}

impl Default for DescribeAclsRequest {
    fn default() -> Self {
        Self {
            resource_type_filter: Default::default(),
            resource_name_filter: Default::default(),
            pattern_type_filter: 3,
            principal_filter: Default::default(),
            host_filter: Default::default(),
            operation: Default::default(),
            permission_type: Default::default(),
        }
    }
}

impl DescribeAclsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.resource_type_filter = r.int8()?;
        it.resource_name_filter = r.string_or_null(flex, true)?;
        it.pattern_type_filter = r.int8()?;
        it.principal_filter = r.string_or_null(flex, true)?;
        it.host_filter = r.string_or_null(flex, true)?;
        it.operation = r.int8()?;
        it.permission_type = r.int8()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int8(self.resource_type_filter);
        w.string_or_null(flex, true, self.resource_name_filter.as_deref());
        w.int8(self.pattern_type_filter);
        w.string_or_null(flex, true, self.principal_filter.as_deref());
        w.string_or_null(flex, true, self.host_filter.as_deref());
        w.int8(self.operation);
        w.int8(self.permission_type);
        if flex {
            w.no_tags();
        }
    }
}

/// Access rules that match a filter.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeAclsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Resources`, always there.
    pub resources: List<DescribeAclsResource>,
}

impl DescribeAclsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.resources =
            r.array(flex, DescribeAclsResource::least_bytes(v), v, DescribeAclsResource::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.array(flex, &self.resources, v, DescribeAclsResource::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-3.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeAclsResource {
    /// `ResourceType`, always there.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `PatternType`, always there, default 3.
    pub pattern_type: i8,
    /// `Acls`, always there.
    pub acls: List<AclDescription>,
}

impl Default for DescribeAclsResource {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            pattern_type: 3,
            acls: Default::default(),
        }
    }
}

impl DescribeAclsResource {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
        it.pattern_type = r.int8()?;
        it.acls = r.array(flex, AclDescription::least_bytes(v), v, AclDescription::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.int8(self.pattern_type);
        w.array(flex, &self.acls, v, AclDescription::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 8,
            _ => 5,
        }
    }
}

/// In versions 1-3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AclDescription {
    /// `Principal`, always there.
    pub principal: String,
    /// `Host`, always there.
    pub host: String,
    /// `Operation`, always there.
    pub operation: i8,
    /// `PermissionType`, always there.
    pub permission_type: i8,
}

impl AclDescription {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.principal = r.string(flex)?;
        it.host = r.string(flex)?;
        it.operation = r.int8()?;
        it.permission_type = r.int8()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.principal);
        w.string(flex, &self.host);
        w.int8(self.operation);
        w.int8(self.permission_type);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 6,
            _ => 5,
        }
    }
}

message!(DescribeAclsRequest);
message!(DescribeAclsResponse);
impl Request for DescribeAclsRequest {
    type Response = DescribeAclsResponse;

    fn throttled(response: &mut DescribeAclsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
