//! Quotas that match a filter.
//!
//! Generated from `net/wire/messages/describe_client_quotas.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeClientQuotas",
    versions: Versions { min: 0, max: 1 },
    flexible: 1,
};
/// The API's number on the wire.
pub const KEY: i16 = 48;

/// Quotas that match a filter.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeClientQuotasRequest {
    /// `Components`, always there.
    pub components: List<ComponentData>,
    /// `Strict`, always there.
    pub strict: bool,
}

impl DescribeClientQuotasRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.components = r.array(flex, ComponentData::least_bytes(v), v, ComponentData::read)?;
        it.strict = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.components, v, ComponentData::write);
        w.bool(self.strict);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ComponentData {
    /// `EntityType`, always there.
    pub entity_type: String,
    /// `MatchType`, always there.
    pub match_type: i8,
    /// `Match`, always there, may be null.
    pub r#match: Option<String>,
}

impl ComponentData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.entity_type = r.string(flex)?;
        it.match_type = r.int8()?;
        it.r#match = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.entity_type);
        w.int8(self.match_type);
        w.string_or_null(flex, true, self.r#match.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 5,
            _ => 4,
        }
    }
}

/// Quotas that match a filter.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeClientQuotasResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Entries`, always there, may be null.
    pub entries: Option<List<EntryData>>,
}

impl DescribeClientQuotasResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.entries = r.array_or_null(flex, true, EntryData::least_bytes(v), v, EntryData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.array_or_null(flex, true, self.entries.as_ref(), v, EntryData::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EntryData {
    /// `Entity`, always there.
    pub entity: List<EntityData>,
    /// `Values`, always there.
    pub values: List<ValueData>,
}

impl EntryData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.entity = r.array(flex, EntityData::least_bytes(v), v, EntityData::read)?;
        it.values = r.array(flex, 10, v, ValueData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.entity, v, EntityData::write);
        w.array(flex, &self.values, v, ValueData::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 8,
            _ => 3,
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EntityData {
    /// `EntityType`, always there.
    pub entity_type: String,
    /// `EntityName`, always there, may be null.
    pub entity_name: Option<String>,
}

impl EntityData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.entity_type = r.string(flex)?;
        it.entity_name = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.entity_type);
        w.string_or_null(flex, true, self.entity_name.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 4,
            _ => 3,
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ValueData {
    /// `Key`, always there.
    pub key: String,
    /// `Value`, always there.
    pub value: f64,
}

impl ValueData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.key = r.string(flex)?;
        it.value = r.float64()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.key);
        w.float64(self.value);
        if flex {
            w.no_tags();
        }
    }
}

message!(DescribeClientQuotasRequest);
message!(DescribeClientQuotasResponse);
impl Request for DescribeClientQuotasRequest {
    type Response = DescribeClientQuotasResponse;

    fn throttled(response: &mut DescribeClientQuotasResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
