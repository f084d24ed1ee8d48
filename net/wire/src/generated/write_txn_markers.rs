//! Write the markers that end a transaction; between brokers, and by the abort tool.
//!
//! Generated from `net/wire/messages/write_txn_markers.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "WriteTxnMarkers",
    versions: Versions { min: 1, max: 2 },
    flexible: 1,
};
/// The API's number on the wire.
pub const KEY: i16 = 27;

/// Write the markers that end a transaction; between brokers, and by the abort tool.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WriteTxnMarkersRequest {
    /// `Markers`, always there.
    pub markers: List<WritableTxnMarker>,
}

impl WriteTxnMarkersRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.markers =
            r.array(true, WritableTxnMarker::least_bytes(v), v, WritableTxnMarker::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.markers, v, WritableTxnMarker::write);
        w.no_tags();
    }
}

/// In versions 1-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WritableTxnMarker {
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `ProducerEpoch`, always there.
    pub producer_epoch: i16,
    /// `TransactionResult`, always there.
    pub transaction_result: bool,
    /// `Topics`, always there.
    pub topics: List<WritableTxnMarkerTopic>,
    /// `CoordinatorEpoch`, always there.
    pub coordinator_epoch: i32,
    /// `TransactionVersion`, versions 2.
    pub transaction_version: i8,
}

impl WritableTxnMarker {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.producer_id = r.int64()?;
        it.producer_epoch = r.int16()?;
        it.transaction_result = r.bool()?;
        it.topics = r.array(true, 3, v, WritableTxnMarkerTopic::read)?;
        it.coordinator_epoch = r.int32()?;
        if v >= 2 {
            it.transaction_version = r.int8()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int64(self.producer_id);
        w.int16(self.producer_epoch);
        w.bool(self.transaction_result);
        w.array(true, &self.topics, v, WritableTxnMarkerTopic::write);
        w.int32(self.coordinator_epoch);
        if v >= 2 {
            w.int8(self.transaction_version);
        }
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=1 => 17,
            _ => 18,
        }
    }
}

/// In versions 1-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WritableTxnMarkerTopic {
    /// `Name`, always there.
    pub name: String,
    /// `PartitionIndexes`, always there.
    pub partition_indexes: List<i32>,
}

impl WritableTxnMarkerTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partition_indexes = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partition_indexes, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

/// Write the markers that end a transaction; between brokers, and by the abort tool.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WriteTxnMarkersResponse {
    /// `Markers`, always there.
    pub markers: List<WritableTxnMarkerResult>,
}

impl WriteTxnMarkersResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.markers = r.array(true, 10, v, WritableTxnMarkerResult::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.markers, v, WritableTxnMarkerResult::write);
        w.no_tags();
    }
}

/// In versions 1-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WritableTxnMarkerResult {
    /// `ProducerId`, always there.
    pub producer_id: i64,
    /// `Topics`, always there.
    pub topics: List<WritableTxnMarkerTopicResult>,
}

impl WritableTxnMarkerResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.producer_id = r.int64()?;
        it.topics = r.array(true, 3, v, WritableTxnMarkerTopicResult::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int64(self.producer_id);
        w.array(true, &self.topics, v, WritableTxnMarkerTopicResult::write);
        w.no_tags();
    }
}

/// In versions 1-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WritableTxnMarkerTopicResult {
    /// `Name`, always there.
    pub name: String,
    /// `Partitions`, always there.
    pub partitions: List<WritableTxnMarkerPartitionResult>,
}

impl WritableTxnMarkerTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.partitions = r.array(true, 7, v, WritableTxnMarkerPartitionResult::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, WritableTxnMarkerPartitionResult::write);
        w.no_tags();
    }
}

/// In versions 1-2.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WritableTxnMarkerPartitionResult {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
}

impl WritableTxnMarkerPartitionResult {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.error_code = r.int16()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int32(self.partition_index);
        w.int16(self.error_code);
        w.no_tags();
    }
}

message!(WriteTxnMarkersRequest);
message!(WriteTxnMarkersResponse);
impl Request for WriteTxnMarkersRequest {
    type Response = WriteTxnMarkersResponse;
}
