//! Resources that have a configuration.
//!
//! Generated from `net/wire/messages/list_config_resources.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ListConfigResources",
    versions: Versions { min: 0, max: 1 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 74;

/// Resources that have a configuration.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListConfigResourcesRequest {
    /// `ResourceTypes`, versions 1.
    pub resource_types: List<i8>,
}

impl ListConfigResourcesRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        if v >= 1 {
            it.resource_types = r.array(true, 1, v, |r, _| r.int8())?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        if v >= 1 {
            w.array(true, &self.resource_types, v, |it, w, _| w.int8(*it));
        }
        w.no_tags();
    }
}

/// Resources that have a configuration.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListConfigResourcesResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ConfigResources`, always there.
    pub config_resources: List<ConfigResource>,
}

impl ListConfigResourcesResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.config_resources =
            r.array(true, ConfigResource::least_bytes(v), v, ConfigResource::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.array(true, &self.config_resources, v, ConfigResource::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigResource {
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `ResourceType`, versions 1, default 16.
    pub resource_type: i8,
}

impl Default for ConfigResource {
    fn default() -> Self {
        Self { resource_name: Default::default(), resource_type: 16 }
    }
}

impl ConfigResource {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.resource_name = r.string(true)?;
        if v >= 1 {
            it.resource_type = r.int8()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.resource_name);
        if v >= 1 {
            w.int8(self.resource_type);
        }
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 2,
            _ => 3,
        }
    }
}

message!(ListConfigResourcesRequest);
message!(ListConfigResourcesResponse);
impl Request for ListConfigResourcesRequest {
    type Response = ListConfigResourcesResponse;

    fn throttled(response: &mut ListConfigResourcesResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
