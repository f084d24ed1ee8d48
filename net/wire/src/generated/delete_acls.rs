//! Delete the access rules that match filters.
//!
//! Generated from `net/wire/messages/delete_acls.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "DeleteAcls", versions: Versions { min: 1, max: 3 }, flexible: 2 };
/// The API's number on the wire.
pub const KEY: i16 = 31;

/// Delete the access rules that match filters.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteAclsRequest {
    /// `Filters`, always there.
    pub filters: List<DeleteAclsFilter>,
}

impl DeleteAclsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.filters = r.array(flex, DeleteAclsFilter::least_bytes(v), v, DeleteAclsFilter::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.filters, v, DeleteAclsFilter::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-3.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilter {
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

impl Default for DeleteAclsFilter {
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

impl DeleteAclsFilter {
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

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 10,
            _ => 8,
        }
    }
}

/// Delete the access rules that match filters.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteAclsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `FilterResults`, always there.
    pub filter_results: List<DeleteAclsFilterResult>,
}

impl DeleteAclsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.filter_results =
            r.array(flex, DeleteAclsFilterResult::least_bytes(v), v, DeleteAclsFilterResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.filter_results, v, DeleteAclsFilterResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteAclsFilterResult {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `MatchingAcls`, always there.
    pub matching_acls: List<DeleteAclsMatchingAcl>,
}

impl DeleteAclsFilterResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.matching_acls =
            r.array(flex, DeleteAclsMatchingAcl::least_bytes(v), v, DeleteAclsMatchingAcl::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.array(flex, &self.matching_acls, v, DeleteAclsMatchingAcl::write);
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
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsMatchingAcl {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `ResourceType`, always there.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `PatternType`, always there, default 3.
    pub pattern_type: i8,
    /// `Principal`, always there.
    pub principal: String,
    /// `Host`, always there.
    pub host: String,
    /// `Operation`, always there.
    pub operation: i8,
    /// `PermissionType`, always there.
    pub permission_type: i8,
}

impl Default for DeleteAclsMatchingAcl {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Default::default(),
            resource_type: Default::default(),
            resource_name: Default::default(),
            pattern_type: 3,
            principal: Default::default(),
            host: Default::default(),
            operation: Default::default(),
            permission_type: Default::default(),
        }
    }
}

impl DeleteAclsMatchingAcl {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
        it.pattern_type = r.int8()?;
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
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.int8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.int8(self.pattern_type);
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
            ..=1 => 14,
            _ => 11,
        }
    }
}

message!(DeleteAclsRequest);
message!(DeleteAclsResponse);
impl Request for DeleteAclsRequest {
    type Response = DeleteAclsResponse;

    fn throttled(response: &mut DeleteAclsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
