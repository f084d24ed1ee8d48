//! Batches built record by record: for the command line, the control machine and tests.

use crate::batch::{
    BatchHeader, CHECKED_FROM, CONTROL_BIT, HEADER_BYTES, LENGTH_BYTES, MAGIC, TRANSACTIONAL_BIT,
};
use crate::codec::Codec;
use crate::read::Header;
use crate::walk::put_varlong;
use engine_base::{Epoch, Offset};

/// The largest batch that is built, before it is packed.
const RECORDS_BYTES_MAX: usize = 1 << 30;

/// A batch in the making.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    header: BatchHeader,
    records: Vec<u8>,
    /// One record's body, kept for its memory.
    body: Vec<u8>,
}

impl Default for BatchBuilder {
    fn default() -> BatchBuilder {
        let header = BatchHeader {
            base_offset: 0,
            batch_length: 0,
            leader_epoch: -1,
            magic: MAGIC,
            crc: 0,
            attributes: 0,
            last_offset_delta: -1,
            base_timestamp: -1,
            max_timestamp: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            record_count: 0,
        };
        BatchBuilder { header, records: Vec::new(), body: Vec::new() }
    }
}

impl BatchBuilder {
    /// An empty batch at base offset 0, with leader epoch -1 and without a producer: what a
    /// client sends.
    pub fn new() -> BatchBuilder {
        BatchBuilder::default()
    }

    /// Sets where the batch stands.
    pub fn at(mut self, base_offset: Offset, leader_epoch: Epoch) -> BatchBuilder {
        self.header.base_offset = base_offset;
        self.header.leader_epoch = leader_epoch;
        self
    }

    /// Sets the idempotent producer's id and epoch and the sequence number of the first record.
    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> BatchBuilder {
        self.header.producer_id = id;
        self.header.producer_epoch = epoch;
        self.header.base_sequence = base_sequence;
        self
    }

    /// Marks the batch as part of a transaction.
    pub fn transactional(mut self) -> BatchBuilder {
        self.header.attributes |= TRANSACTIONAL_BIT;
        self
    }

    /// Marks the batch as one of markers.
    pub fn control(mut self) -> BatchBuilder {
        self.header.attributes |= CONTROL_BIT;
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
        let header = &mut self.header;
        if header.record_count == 0 {
            header.base_timestamp = timestamp;
            header.max_timestamp = timestamp;
        }
        header.max_timestamp = header.max_timestamp.max(timestamp);
        header.last_offset_delta += 1;
        header.record_count += 1;

        let body = &mut self.body;
        begin_record(timestamp.wrapping_sub(header.base_timestamp), header.last_offset_delta, body);
        put_span(key, body);
        put_span(value, body);
        put_length(headers.len(), body);
        for Header { key, value } in headers {
            put_span(Some(key), body);
            put_span(*value, body);
        }
        put_length(self.body.len(), &mut self.records);
        self.records.extend_from_slice(&self.body);
        assert!(self.records.len() <= RECORDS_BYTES_MAX, "a batch of at most 1 GiB");
    }

    /// Number of records so far.
    pub fn count(&self) -> usize {
        usize::try_from(self.header.record_count).expect("records are counted up from 0")
    }

    /// Size of the batch so far, uncompressed, in bytes.
    pub fn bytes(&self) -> usize {
        HEADER_BYTES + self.records.len()
    }

    /// The batch, its records packed by `codec`.
    ///
    /// Panics without a record: such a batch has no offset of its own.
    pub fn finish(mut self, codec: Codec) -> Vec<u8> {
        assert!(self.header.record_count > 0, "a batch has a record");
        self.header.attributes |= i16::from(codec as u8);
        pack(self.header, &self.records, codec)
    }
}

/// The batch of these records, packed by `codec`, which the header's attributes name; its length
/// and checksum are made here.
pub(crate) fn pack(header: BatchHeader, records: &[u8], codec: Codec) -> Vec<u8> {
    let plain = if codec == Codec::None { records.len() } else { 0 };
    let mut batch = Vec::with_capacity(HEADER_BYTES + plain);
    batch.resize(HEADER_BYTES, 0);
    codec.pack(records, &mut batch);
    seal(header, batch)
}

/// Puts a header in the place that was left for it before packed records.
pub(crate) fn seal(mut header: BatchHeader, mut batch: Vec<u8>) -> Vec<u8> {
    let length = i32::try_from(batch.len() - LENGTH_BYTES);
    header.batch_length = length.expect("1 GiB stays below 2 GiB, packed or not");
    batch[..HEADER_BYTES].copy_from_slice(&header.write());
    header.crc = crc32c::crc32c(&batch[CHECKED_FROM..]);
    batch[..HEADER_BYTES].copy_from_slice(&header.write());
    batch
}

/// Begins a record's body in `body`, which is emptied: what stands before the key.
pub(crate) fn begin_record(timestamp_delta: i64, offset_delta: i32, body: &mut Vec<u8>) {
    body.clear();
    body.push(0);
    put_varlong(timestamp_delta, body);
    put_varlong(i64::from(offset_delta), body);
}

pub(crate) fn put_length(length: usize, out: &mut Vec<u8>) {
    put_varlong(i64::try_from(length).expect("what is in memory is below 8 EiB"), out);
}

pub(crate) fn put_span(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    match bytes {
        None => put_varlong(-1, out),
        Some(bytes) => {
            put_length(bytes.len(), out);
            out.extend_from_slice(bytes);
        }
    }
}
