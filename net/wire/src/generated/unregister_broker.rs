//! Forget a broker for good.
//!
//! Generated from `net/wire/messages/unregister_broker.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "UnregisterBroker",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 64;

/// Forget a broker for good.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UnregisterBrokerRequest {
    /// `BrokerId`, always there.
    pub broker_id: i32,
}

impl UnregisterBrokerRequest {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.broker_id = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.broker_id);
        w.no_tags();
    }
}

/// Forget a broker for good.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UnregisterBrokerResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl UnregisterBrokerResponse {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

message!(UnregisterBrokerRequest);
message!(UnregisterBrokerResponse);
impl Request for UnregisterBrokerRequest {
    type Response = UnregisterBrokerResponse;

    fn throttled(response: &mut UnregisterBrokerResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
