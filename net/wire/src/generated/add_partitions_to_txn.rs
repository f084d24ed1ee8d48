//! Partitions that a transaction is about to write. From 4 on between brokers only.
//!
//! Generated from `net/wire/messages/add_partitions_to_txn.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "AddPartitionsToTxn",
    versions: Versions { min: 0, max: 5 },
    flexible: 3,
};
/// The API's number on the wire.
pub const KEY: i16 = 24;

/// Partitions that a transaction is about to write. From 4 on between brokers only.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnRequest {
    /// `Transactions`, versions 4-5.
    pub transactions: List<AddPartitionsToTxnTransaction>,
    /// `V3AndBelowTransactionalId`, versions 0-3.
    pub v3_and_below_transactional_id: String,
    /// `V3AndBelowProducerId`, versions 0-3.
    pub v3_and_below_producer_id: i64,
    /// `V3AndBelowProducerEpoch`, versions 0-3.
    pub v3_and_below_producer_epoch: i16,
    /// `V3AndBelowTopics`, versions 0-3.
    pub v3_and_below_topics: List<AddPartitionsToTxnTopic>,
}

impl AddPartitionsToTxnRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        if v >= 4 {
            it.transactions = r.array(flex, 14, v, AddPartitionsToTxnTransaction::read)?;
        }
        if v <= 3 {
            it.v3_and_below_transactional_id = r.string(flex)?;
            it.v3_and_below_producer_id = r.int64()?;
            it.v3_and_below_producer_epoch = r.int16()?;
            it.v3_and_below_topics = r.array(
                flex,
                AddPartitionsToTxnTopic::least_bytes(v),
                v,
                AddPartitionsToTxnTopic::read,
            )?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 4 {
            w.array(flex, &self.transactions, v, AddPartitionsToTxnTransaction::write);
        }
        if v <= 3 {
            w.string(flex, &self.v3_and_below_transactional_id);
            w.int64(self.v3_and_below_producer_id);
            w.int16(self.v3_and_below_producer_epoch);
            w.array(flex, &self.v3_and_below_topics, v, AddPartitionsToTxnTopic::write);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 4-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnTransaction {
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
    /// `VerifyOnly`, always there.
    pub verify_only: bool,
    /// `Topics`, always there.
    pub topics: List<AddPartitionsToTxnTopic>,
}

impl AddPartitionsToTxnTransaction {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.transactional_id = r.string(true)?;
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        it.verify_only = r.bool()?;
        it.topics = r.array(
            true,
            AddPartitionsToTxnTopic::least_bytes(v),
            v,
            AddPartitionsToTxnTopic::read,
        )?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.transactional_id);
        w.int64(self.producer_id);
        w.int16(self.producer_epoch);
        w.bool(self.verify_only);
        w.array(true, &self.topics, v, AddPartitionsToTxnTopic::write);
        w.no_tags();
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnTopic {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl AddPartitionsToTxnTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.partitions = r.array(flex, 4, v, |r, _| r.int32())?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, |it, w, _| w.int32(*it));
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 3,
        }
    }
}

/// Partitions that a transaction is about to write. From 4 on between brokers only.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, versions 4-5.
    pub error_code: i16,
    /// `ResultsByTransaction`, versions 4-5.
    pub results_by_transaction: List<AddPartitionsToTxnResult>,
    /// `ResultsByTopicV3AndBelow`, versions 0-3.
    pub results_by_topic_v3_and_below: List<AddPartitionsToTxnTopicResult>,
}

impl AddPartitionsToTxnResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        if v >= 4 {
            it.error_code = r.int16()?;
            it.results_by_transaction = r.array(flex, 3, v, AddPartitionsToTxnResult::read)?;
        }
        if v <= 3 {
            it.results_by_topic_v3_and_below = r.array(
                flex,
                AddPartitionsToTxnTopicResult::least_bytes(v),
                v,
                AddPartitionsToTxnTopicResult::read,
            )?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.throttle_time_ms);
        if v >= 4 {
            w.int16(self.error_code);
            w.array(flex, &self.results_by_transaction, v, AddPartitionsToTxnResult::write);
        }
        if v <= 3 {
            w.array(
                flex,
                &self.results_by_topic_v3_and_below,
                v,
                AddPartitionsToTxnTopicResult::write,
            );
        }
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 4-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnResult {
    /// `TransactionalId`, always there.
    pub transactional_id: String,
    /// `TopicResults`, always there.
    pub topic_results: List<AddPartitionsToTxnTopicResult>,
}

impl AddPartitionsToTxnResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.transactional_id = r.string(true)?;
        it.topic_results = r.array(
            true,
            AddPartitionsToTxnTopicResult::least_bytes(v),
            v,
            AddPartitionsToTxnTopicResult::read,
        )?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.transactional_id);
        w.array(true, &self.topic_results, v, AddPartitionsToTxnTopicResult::write);
        w.no_tags();
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnTopicResult {
    /// `Name`, always there.
    pub name: String,
    /// `ResultsByPartition`, always there.
    pub results_by_partition: List<AddPartitionsToTxnPartitionResult>,
}

impl AddPartitionsToTxnTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.results_by_partition = r.array(
            flex,
            AddPartitionsToTxnPartitionResult::least_bytes(v),
            v,
            AddPartitionsToTxnPartitionResult::read,
        )?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.results_by_partition, v, AddPartitionsToTxnPartitionResult::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 3,
        }
    }
}

/// In versions 0-5.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AddPartitionsToTxnPartitionResult {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `PartitionErrorCode`, always there.
    pub partition_error_code: i16,
}

impl AddPartitionsToTxnPartitionResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.partition_error_code = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int32(self.partition_index);
        w.int16(self.partition_error_code);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 7,
        }
    }
}

message!(AddPartitionsToTxnRequest);
message!(AddPartitionsToTxnResponse);
impl Request for AddPartitionsToTxnRequest {
    type Response = AddPartitionsToTxnResponse;

    fn throttled(response: &mut AddPartitionsToTxnResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
