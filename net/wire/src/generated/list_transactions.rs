//! All transactions this node coordinates.
//!
//! Generated from `net/wire/messages/list_transactions.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ListTransactions",
    versions: Versions { min: 0, max: 2 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 66;

/// All transactions this node coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsRequest {
    /// `StateFilters`, always there.
    pub state_filters: List<String>,
    /// `ProducerIdFilters`, always there.
    pub producer_id_filters: List<i64>,
    /// `DurationFilter`, versions 1-2, default -1.
    pub duration_filter: i64,
    /// `TransactionalIdPattern`, versions 2, may be null.
    pub transactional_id_pattern: Option<String>,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Default::default(),
            producer_id_filters: Default::default(),
            duration_filter: -1,
            transactional_id_pattern: Default::default(),
        }
    }
}

impl ListTransactionsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.state_filters = r.array(true, 1, v, |r, _| r.string(true))?;
        it.producer_id_filters = r.array(true, 8, v, |r, _| r.int64())?;
        if v >= 1 {
            it.duration_filter = r.int64()?;
        }
        if v >= 2 {
            it.transactional_id_pattern = r.string_or_null(true, true)?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.state_filters, v, |it, w, _| w.string(true, it));
        w.array(true, &self.producer_id_filters, v, |it, w, _| w.int64(*it));
        if v >= 1 {
            w.int64(self.duration_filter);
        }
        if v >= 2 {
            w.string_or_null(true, true, self.transactional_id_pattern.as_deref());
        }
        w.no_tags();
    }
}

/// All transactions this node coordinates.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ListTransactionsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `UnknownStateFilters`, always there.
    pub unknown_state_filters: List<String>,
    /// `TransactionStates`, always there.
    pub transaction_states: List<TransactionState>,
}

impl ListTransactionsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.unknown_state_filters = r.array(true, 1, v, |r, _| r.string(true))?;
        it.transaction_states = r.array(true, 11, v, TransactionState::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.array(true, &self.unknown_state_filters, v, |it, w, _| w.string(true, it));
        w.array(true, &self.transaction_states, v, TransactionState::write);
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TransactionState {
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `TransactionState`, always there.
    pub transaction_state: String,
}

impl TransactionState {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.transactional_id = r.string(true)?;
        it.producer_id = r.int64()?;
        it.transaction_state = r.string(true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.transactional_id);
        w.int64(self.producer_id);
        w.string(true, &self.transaction_state);
        w.no_tags();
    }
}

message!(ListTransactionsRequest);
message!(ListTransactionsResponse);
impl Request for ListTransactionsRequest {
    type Response = ListTransactionsResponse;

    fn throttled(response: &mut ListTransactionsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
