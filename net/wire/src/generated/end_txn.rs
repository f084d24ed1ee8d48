//! Commit or abort a transaction.
//!
//! Generated from `net/wire/messages/end_txn.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "EndTxn", versions: Versions { min: 0, max: 5 }, flexible: 3 };
/// The API's number on the wire.
pub const KEY: i16 = 26;

/// Commit or abort a transaction.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EndTxnRequest {
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
    /// `Committed`, always there.
    pub committed: bool,
}

impl EndTxnRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.transactional_id = r.string(flex)?;
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        it.committed = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.transactional_id);
        w.int64(self.producer_id);
        w.int16(self.producer_epoch);
        w.bool(self.committed);
        if flex {
            w.no_tags();
        }
    }
}

/// Commit or abort a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct EndTxnResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ProducerId`, versions 5, default -1.
    pub producer_id: i64,
    /// `ProducerEpoch`, versions 5, default -1.
    pub producer_epoch: i16,
}

impl Default for EndTxnResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            producer_id: -1,
            producer_epoch: -1,
        }
    }
}

impl EndTxnResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        if v >= 5 {
            it.producer_id = r.int64()?;
            it.producer_epoch = r.int16()?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        if v >= 5 {
            w.int64(self.producer_id);
            w.int16(self.producer_epoch);
        }
        if flex {
            w.no_tags();
        }
    }
}

message!(EndTxnRequest);
message!(EndTxnResponse);
impl Request for EndTxnRequest {
    type Response = EndTxnResponse;

    fn throttled(response: &mut EndTxnResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
