//! Set and remove quotas.
//!
//! Generated from `net/wire/messages/alter_client_quotas.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "AlterClientQuotas",
    versions: Versions { min: 0, max: 1 },
    flexible: 1,
};
/// The API's number on the wire.
pub const KEY: i16 = 49;

/// Set and remove quotas.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterClientQuotasRequest {
    /// `Entries`, always there.
    pub entries: List<RequestEntryData>,
    /// `ValidateOnly`, always there.
    pub validate_only: bool,
}

impl AlterClientQuotasRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.entries = r.array(flex, RequestEntryData::least_bytes(v), v, RequestEntryData::read)?;
        it.validate_only = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.entries, v, RequestEntryData::write);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RequestEntryData {
    /// `Entity`, always there.
    pub entity: List<RequestEntityData>,
    /// `Ops`, always there.
    pub ops: List<OpData>,
}

impl RequestEntryData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.entity = r.array(flex, RequestEntityData::least_bytes(v), v, RequestEntityData::read)?;
        it.ops = r.array(flex, 11, v, OpData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.entity, v, RequestEntityData::write);
        w.array(flex, &self.ops, v, OpData::write);
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
pub struct RequestEntityData {
    /// `EntityType`, always there.
    pub entity_type: String,
    /// `EntityName`, always there, may be null.
    pub entity_name: Option<String>,
}

impl RequestEntityData {
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
pub struct OpData {
    /// `Key`, always there.
    pub key: String,
    /// `Value`, always there.
    pub value: f64,
    /// `Remove`, always there.
    pub remove: bool,
}

impl OpData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.key = r.string(flex)?;
        it.value = r.float64()?;
        it.remove = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.key);
        w.float64(self.value);
        w.bool(self.remove);
        if flex {
            w.no_tags();
        }
    }
}

/// Set and remove quotas.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterClientQuotasResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Entries`, always there.
    pub entries: List<ResponseEntryData>,
}

impl AlterClientQuotasResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.entries =
            r.array(flex, ResponseEntryData::least_bytes(v), v, ResponseEntryData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.entries, v, ResponseEntryData::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponseEntryData {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Entity`, always there.
    pub entity: List<ResponseEntityData>,
}

impl ResponseEntryData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 1;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.entity =
            r.array(flex, ResponseEntityData::least_bytes(v), v, ResponseEntityData::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.array(flex, &self.entity, v, ResponseEntityData::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 8,
            _ => 5,
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResponseEntityData {
    /// `EntityType`, always there.
    pub entity_type: String,
    /// `EntityName`, always there, may be null.
    pub entity_name: Option<String>,
}

impl ResponseEntityData {
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

message!(AlterClientQuotasRequest);
message!(AlterClientQuotasResponse);
impl Request for AlterClientQuotasRequest {
    type Response = AlterClientQuotasResponse;

    fn throttled(response: &mut AlterClientQuotasResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
