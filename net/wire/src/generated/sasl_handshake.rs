//! Choose a SASL mechanism.
//!
//! Generated from `net/wire/messages/sasl_handshake.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "SaslHandshake",
    versions: Versions { min: 0, max: 1 },
    flexible: i16::MAX,
};
/// The API's number on the wire.
pub const KEY: i16 = 17;

/// Choose a SASL mechanism.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SaslHandshakeRequest {
    /// `Mechanism`, always there.
    pub mechanism: String,
}

impl SaslHandshakeRequest {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.mechanism = r.string(false)?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.mechanism);
    }
}

/// Choose a SASL mechanism.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SaslHandshakeResponse {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `Mechanisms`, always there.
    pub mechanisms: List<String>,
}

impl SaslHandshakeResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.mechanisms = r.array(false, 2, v, |r, _| r.string(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        w.array(false, &self.mechanisms, v, |it, w, _| w.string(false, it));
    }
}

message!(SaslHandshakeRequest);
message!(SaslHandshakeResponse);
impl Request for SaslHandshakeRequest {
    type Response = SaslHandshakeResponse;
}
