//! Configuration of topics and brokers.
//!
//! Generated from `net/wire/messages/describe_configs.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeConfigs",
    versions: Versions { min: 1, max: 4 },
    flexible: 4,
};
/// The API's number on the wire.
pub const KEY: i16 = 32;

/// Configuration of topics and brokers.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsRequest {
    /// `Resources`, always there.
    pub resources: List<DescribeConfigsResource>,
    /// `IncludeSynonyms`, always there.
    pub include_synonyms: bool,
    /// `IncludeDocumentation`, versions 3-4.
    pub include_documentation: bool,
}

impl DescribeConfigsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.resources = r.array(
            flex,
            DescribeConfigsResource::least_bytes(v),
            v,
            DescribeConfigsResource::read,
        )?;
        it.include_synonyms = r.bool()?;
        if v >= 3 {
            it.include_documentation = r.bool()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.array(flex, &self.resources, v, DescribeConfigsResource::write);
        w.bool(self.include_synonyms);
        if v >= 3 {
            w.bool(self.include_documentation);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsResource {
    /// `ResourceType`, always there.
    /// 2: topic; 4: broker; 8: broker logger.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `ConfigurationKeys`, always there, may be null.
    /// All where null.
    pub configuration_keys: Option<List<String>>,
}

impl DescribeConfigsResource {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
        it.configuration_keys =
            r.array_or_null(flex, true, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 4))?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.array_or_null(flex, true, self.configuration_keys.as_ref(), v, |it, w, v| {
            w.string(v >= 4, it)
        });
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 7,
            _ => 4,
        }
    }
}

/// Configuration of topics and brokers.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Results`, always there.
    pub results: List<DescribeConfigsResult>,
}

impl DescribeConfigsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.results =
            r.array(flex, DescribeConfigsResult::least_bytes(v), v, DescribeConfigsResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.results, v, DescribeConfigsResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsResult {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `ResourceType`, always there.
    pub resource_type: i8,
    /// `ResourceName`, always there.
    pub resource_name: String,
    /// `Configs`, always there.
    pub configs: List<DescribeConfigsResourceResult>,
}

impl DescribeConfigsResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.resource_type = r.int8()?;
        it.resource_name = r.string(flex)?;
        it.configs = r.array(
            flex,
            DescribeConfigsResourceResult::least_bytes(v),
            v,
            DescribeConfigsResourceResult::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.int8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.array(flex, &self.configs, v, DescribeConfigsResourceResult::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 11,
            _ => 7,
        }
    }
}

/// In versions 1-4.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResourceResult {
    /// `Name`, always there.
    pub name: String,
    /// `Value`, always there, may be null.
    pub value: Option<String>,
    /// `ReadOnly`, always there.
    pub read_only: bool,
    /// `ConfigSource`, always there, default -1.
    pub config_source: i8,
    /// `IsSensitive`, always there.
    pub is_sensitive: bool,
    /// `Synonyms`, always there.
    pub synonyms: List<DescribeConfigsSynonym>,
    /// `ConfigType`, versions 3-4.
    pub config_type: i8,
    /// `Documentation`, versions 3-4, may be null.
    pub documentation: Option<String>,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Default::default(),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
            synonyms: Default::default(),
            config_type: Default::default(),
            documentation: Default::default(),
        }
    }
}

impl DescribeConfigsResourceResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.value = r.string_or_null(flex, true)?;
        it.read_only = r.bool()?;
        it.config_source = r.int8()?;
        it.is_sensitive = r.bool()?;
        it.synonyms =
            r.array(flex, DescribeConfigsSynonym::least_bytes(v), v, DescribeConfigsSynonym::read)?;
        if v >= 3 {
            it.config_type = r.int8()?;
            it.documentation = r.string_or_null(flex, true)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.name);
        w.string_or_null(flex, true, self.value.as_deref());
        w.bool(self.read_only);
        w.int8(self.config_source);
        w.bool(self.is_sensitive);
        w.array(flex, &self.synonyms, v, DescribeConfigsSynonym::write);
        if v >= 3 {
            w.int8(self.config_type);
            w.string_or_null(flex, true, self.documentation.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 11,
            3 => 14,
            _ => 9,
        }
    }
}

/// In versions 1-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeConfigsSynonym {
    /// `Name`, always there.
    pub name: String,
    /// `Value`, always there, may be null.
    pub value: Option<String>,
    /// `Source`, always there.
    pub source: i8,
}

impl DescribeConfigsSynonym {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.value = r.string_or_null(flex, true)?;
        it.source = r.int8()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.name);
        w.string_or_null(flex, true, self.value.as_deref());
        w.int8(self.source);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=3 => 5,
            _ => 4,
        }
    }
}

message!(DescribeConfigsRequest);
message!(DescribeConfigsResponse);
impl Request for DescribeConfigsRequest {
    type Response = DescribeConfigsResponse;

    fn throttled(response: &mut DescribeConfigsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
