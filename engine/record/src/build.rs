//! Batches built record by record: for the command line, the control machine and tests.

use crate::codec::Codec;
use crate::read::Header;
use engine_base::{Epoch, Offset};

/// A batch in the making.
#[derive(Clone, Debug, Default)]
pub struct BatchBuilder {
    records: Vec<u8>,
}

impl BatchBuilder {
    /// An empty batch at base offset 0, with leader epoch -1 and without a producer.
    pub fn new() -> BatchBuilder {
        BatchBuilder::default()
    }

    /// Sets where the batch stands.
    pub fn at(self, base_offset: Offset, leader_epoch: Epoch) -> BatchBuilder {
        let _ = (base_offset, leader_epoch);
        self
    }

    /// Sets the idempotent producer's id and epoch and the sequence number of the first record.
    pub fn producer(self, id: i64, epoch: i16, base_sequence: i32) -> BatchBuilder {
        let _ = (id, epoch, base_sequence);
        self
    }

    /// Marks the batch as part of a transaction.
    pub fn transactional(self) -> BatchBuilder {
        self
    }

    /// Marks the batch as one of markers.
    pub fn control(self) -> BatchBuilder {
        self
    }

    /// Adds a record; `timestamp` in ms since 1970, -1 for none.
    ///
    /// Panics when the records reach 1 GiB: callers send long before.
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        let _ = (timestamp, key, value, headers, &self.records);
        unreachable!("not built yet")
    }

    /// Number of records so far.
    pub fn count(&self) -> usize {
        0
    }

    /// Size of the batch so far, uncompressed, in bytes.
    pub fn bytes(&self) -> usize {
        self.records.len()
    }

    /// The batch, its records packed by `codec`.
    ///
    /// Panics without a record.
    pub fn finish(self, codec: Codec) -> Vec<u8> {
        let _ = codec;
        unreachable!("not built yet")
    }
}
