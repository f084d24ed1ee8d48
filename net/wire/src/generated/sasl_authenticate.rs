//! One step of a SASL exchange.
//!
//! Generated from `net/wire/messages/sasl_authenticate.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Bytes, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "SaslAuthenticate",
    versions: Versions { min: 0, max: 2 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 36;

/// One step of a SASL exchange.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SaslAuthenticateRequest {
    /// `AuthBytes`, always there.
    pub auth_bytes: Bytes,
}

impl SaslAuthenticateRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.auth_bytes = r.bytes(flex)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.bytes(flex, &self.auth_bytes);
        if flex {
            w.no_tags();
        }
    }
}

/// One step of a SASL exchange.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SaslAuthenticateResponse {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `AuthBytes`, always there.
    pub auth_bytes: Bytes,
    /// `SessionLifetimeMs`, versions 1-2.
    pub session_lifetime_ms: i64,
}

impl SaslAuthenticateResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        it.auth_bytes = r.bytes(flex)?;
        if v >= 1 {
            it.session_lifetime_ms = r.int64()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        w.bytes(flex, &self.auth_bytes);
        if v >= 1 {
            w.int64(self.session_lifetime_ms);
        }
        if flex {
            w.no_tags();
        }
    }
}

message!(SaslAuthenticateRequest);
message!(SaslAuthenticateResponse);
impl Request for SaslAuthenticateRequest {
    type Response = SaslAuthenticateResponse;
}
