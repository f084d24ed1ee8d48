//! A group whose offsets a transaction is about to store.
//!
//! Generated from `net/wire/messages/add_offsets_to_txn.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "AddOffsetsToTxn",
    versions: Versions { min: 0, max: 4 },
    flexible: 3,
};
/// The API's number on the wire.
pub const KEY: i16 = 25;

/// A group whose offsets a transaction is about to store.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddOffsetsToTxnRequest {
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
    /// `GroupId`, always there.
    pub group_id: String,
}

impl AddOffsetsToTxnRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.transactional_id = r.string(flex)?;
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        it.group_id = r.string(flex)?;
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
        w.string(flex, &self.group_id);
        if flex {
            w.no_tags();
        }
    }
}

/// A group whose offsets a transaction is about to store.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddOffsetsToTxnResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl AddOffsetsToTxnResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

message!(AddOffsetsToTxnRequest);
message!(AddOffsetsToTxnResponse);
impl Request for AddOffsetsToTxnRequest {
    type Response = AddOffsetsToTxnResponse;

    fn throttled(response: &mut AddOffsetsToTxnResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
