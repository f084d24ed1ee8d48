//! A producer id and epoch, for idempotent and transactional producers.
//!
//! Generated from `net/wire/messages/init_producer_id.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "InitProducerId",
    versions: Versions { min: 0, max: 5 },
    flexible: 2,
};
/// The API's number on the wire.
pub const KEY: i16 = 22;

/// A producer id and epoch, for idempotent and transactional producers.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    /// `TransactionalId`, always there, may be null.
    /// Null: an idempotent producer.
    pub transactional_id: Option<String>,
    /// `TransactionTimeoutMs`, always there.
    pub transaction_timeout_ms: i32,
    /// `ProducerId`, versions 3-5, default -1.
    pub producer_id: i64,
    /// `ProducerEpoch`, versions 3-5, default -1.
    pub producer_epoch: i16,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Default::default(),
            transaction_timeout_ms: Default::default(),
            producer_id: -1,
            producer_epoch: -1,
        }
    }
}

impl InitProducerIdRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.transactional_id = r.string_or_null(flex, true)?;
        it.transaction_timeout_ms = r.int32()?;
        if v >= 3 {
            it.producer_id = r.int64()?;
            it.producer_epoch = r.int16()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string_or_null(flex, true, self.transactional_id.as_deref());
        w.int32(self.transaction_timeout_ms);
        if v >= 3 {
            w.int64(self.producer_id);
            w.int16(self.producer_epoch);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// A producer id and epoch, for idempotent and transactional producers.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ProducerId`, always there, default -1.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            producer_id: -1,
            producer_epoch: Default::default(),
        }
    }
}

impl InitProducerIdResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.int64(self.producer_id);
        w.int16(self.producer_epoch);
        if flex {
            w.no_tags();
        }
    }
}

message!(InitProducerIdRequest);
message!(InitProducerIdResponse);
impl Request for InitProducerIdRequest {
    type Response = InitProducerIdResponse;

    fn throttled(response: &mut InitProducerIdResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
