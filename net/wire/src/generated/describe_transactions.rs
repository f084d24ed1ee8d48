//! The state of transactions.
//!
//! Generated from `net/wire/messages/describe_transactions.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeTransactions",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 65;

/// The state of transactions.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeTransactionsRequest {
    /// `TransactionalIds`, always there.
    pub transactional_ids: List<String>,
}

impl DescribeTransactionsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.transactional_ids = r.array(true, 1, v, |r, _| r.string(true))?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.transactional_ids, v, |it, w, _| w.string(true, it));
        w.no_tags();
    }
}

/// The state of transactions.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeTransactionsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `TransactionStates`, always there.
    pub transaction_states: List<TransactionState>,
}

impl DescribeTransactionsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.transaction_states = r.array(true, 28, v, TransactionState::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.array(true, &self.transaction_states, v, TransactionState::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TransactionState {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `TransactionState`, always there.
    pub transaction_state: String,
    /// `TransactionTimeoutMs`, always there.
    pub transaction_timeout_ms: i32,
    /// `TransactionStartTimeMs`, always there.
    pub transaction_start_time_ms: i64,
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
    /// `Topics`, always there.
    pub topics: List<TopicData>,
}

impl TransactionState {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.transactional_id = r.string(true)?;
        it.transaction_state = r.string(true)?;
        it.transaction_timeout_ms = r.int32()?;
        it.transaction_start_time_ms = r.int64()?;
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        it.topics = r.array(true, 3, v, TopicData::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        w.string(true, &self.transactional_id);
        w.string(true, &self.transaction_state);
        w.int32(self.transaction_timeout_ms);
        w.int64(self.transaction_start_time_ms);
        w.int64(self.producer_id);
        w.int16(self.producer_epoch);
        w.array(true, &self.topics, v, TopicData::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicData {
    /// `Topic`, always there.
    pub topic: String,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl TopicData {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic = r.string(true)?;
        it.partitions = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.topic);
        w.array(true, &self.partitions, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

message!(DescribeTransactionsRequest);
message!(DescribeTransactionsResponse);
impl Request for DescribeTransactionsRequest {
    type Response = DescribeTransactionsResponse;

    fn throttled(response: &mut DescribeTransactionsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
