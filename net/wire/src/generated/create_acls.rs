//! Create access rules.
//!
//! Generated from `net/wire/messages/create_acls.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "CreateAcls", versions: Versions { min: 1, max: 3 }, flexible: 2 };
/// The API's number on the wire.
pub const KEY: i16 = 30;

/// Create access rules.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreateAclsRequest {
    /// `Creations`, always there.
    pub creations: List<AclCreation>,
}

impl CreateAclsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.creations = r.array(flex, AclCreation::least_bytes(v), v, AclCreation::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.creations, v, AclCreation::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-3.
#[derive(Clone, Debug, PartialEq)]
pub struct AclCreation {
    /// `ResourceType`, always there.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `ResourcePatternType`, always there, default 3.
    pub resource_pattern_type: i8,
    /// `Principal`, always there.
    pub principal: String,
    /// `Host`, always there.
    pub host: String,
    /// `Operation`, always there.
    pub operation: i8,
    /// `PermissionType`, always there.
    pub permission_type: i8,
}

impl Default for AclCreation {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            resource_pattern_type: 3,
            principal: Default::default(),
            host: Default::default(),
            operation: Default::default(),
            permission_type: Default::default(),
        }
    }
}

impl AclCreation {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
        it.resource_pattern_type = r.int8()?;
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
        w.int8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.int8(self.resource_pattern_type);
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
            ..=1 => 10,
            _ => 8,
        }
    }
}

/// Create access rules.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreateAclsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Results`, always there.
    pub results: List<AclCreationResult>,
}

impl CreateAclsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.results = r.array(flex, 4, v, AclCreationResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.results, v, AclCreationResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-3.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AclCreationResult {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl AclCreationResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        if flex {
            w.no_tags();
        }
    }
}

message!(CreateAclsRequest);
message!(CreateAclsResponse);
impl Request for CreateAclsRequest {
    type Response = CreateAclsResponse;

    fn throttled(response: &mut CreateAclsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
