//! Replace the whole configuration of a resource (the old way).
//!
//! Generated from `net/wire/messages/alter_configs.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "AlterConfigs",
    versions: Versions { min: 0, max: 2 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 33;

/// Replace the whole configuration of a resource (the old way).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterConfigsRequest {
    /// `Resources`, always there.
    pub resources: List<AlterConfigsResource>,
    /// `ValidateOnly`, always there.
    pub validate_only: bool,
}

impl AlterConfigsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.resources =
            r.array(flex, AlterConfigsResource::least_bytes(v), v, AlterConfigsResource::read)?;
        it.validate_only = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.resources, v, AlterConfigsResource::write);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterConfigsResource {
    /// `ResourceType`, always there.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `Configs`, always there.
    pub configs: List<AlterableConfig>,
}

impl AlterConfigsResource {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
        it.configs = r.array(flex, AlterableConfig::least_bytes(v), v, AlterableConfig::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.array(flex, &self.configs, v, AlterableConfig::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 7,
            _ => 4,
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterableConfig {
    /// `Name`, always there.
    pub name: String,
    /// `Value`, always there, may be null.
    pub value: Option<String>,
}

impl AlterableConfig {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.value = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.string_or_null(flex, true, self.value.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 4,
            _ => 3,
        }
    }
}

/// Replace the whole configuration of a resource (the old way).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterConfigsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Responses`, always there.
    pub responses: List<AlterConfigsResourceResponse>,
}

impl AlterConfigsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.responses = r.array(
            flex,
            AlterConfigsResourceResponse::least_bytes(v),
            v,
            AlterConfigsResourceResponse::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.responses, v, AlterConfigsResourceResponse::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterConfigsResourceResponse {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `ResourceType`, always there.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
}

impl AlterConfigsResourceResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
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
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 7,
            _ => 6,
        }
    }
}

message!(AlterConfigsRequest);
message!(AlterConfigsResponse);
impl Request for AlterConfigsRequest {
    type Response = AlterConfigsResponse;

    fn throttled(response: &mut AlterConfigsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
