//! The requests as bytes: Produce version 7, OffsetCommit version 2, FindCoordinator version 0 and
//! CreateTopics version 4, layouts without tagged fields (Kafka's protocol guide, request headers
//! 1).

/// What the client calls itself.
const CLIENT_ID: &[u8] = b"bench-load";
const PRODUCE: i16 = 0;
const PRODUCE_VERSION: i16 = 7;
const OFFSET_COMMIT: i16 = 8;
const OFFSET_COMMIT_VERSION: i16 = 2;
const FIND_COORDINATOR: i16 = 10;
const FIND_COORDINATOR_VERSION: i16 = 0;
const CREATE_TOPICS: i16 = 19;
const CREATE_TOPICS_VERSION: i16 = 4;
/// Milliseconds that the broker may take.
const TIMEOUT_MS: i32 = 30_000;
/// Where a frame has its correlation id.
const CORRELATION_AT: usize = 8;

/// A Produce request of one batch or a commit of one offset, complete but for correlation id and
/// partition.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    frame: Vec<u8>,
    partition_at: usize,
}

impl Template {
    /// A request that puts `batch` into a partition of `topic`.
    pub(crate) fn new(topic: &str, acks: i16, batch: &[u8]) -> Template {
        let mut frame = header(PRODUCE, PRODUCE_VERSION);
        frame.extend((-1_i16).to_be_bytes());
        frame.extend(acks.to_be_bytes());
        frame.extend(TIMEOUT_MS.to_be_bytes());
        frame.extend(1_i32.to_be_bytes());
        put_string(&mut frame, topic);
        frame.extend(1_i32.to_be_bytes());
        let partition_at = frame.len();
        frame.extend(0_i32.to_be_bytes());
        frame.extend(length(batch.len()));
        frame.extend(batch);
        Template { frame: sealed(frame), partition_at }
    }

    /// A request that commits offsets of so many partitions of `topic` for a group without members:
    /// of the one that is filled in, and of those from 1 on.
    pub(crate) fn commit(topic: &str, group: &str, partitions: usize) -> Template {
        let mut frame = header(OFFSET_COMMIT, OFFSET_COMMIT_VERSION);
        put_string(&mut frame, group);
        frame.extend((-1_i32).to_be_bytes());
        put_string(&mut frame, "");
        frame.extend((-1_i64).to_be_bytes());
        frame.extend(1_i32.to_be_bytes());
        put_string(&mut frame, topic);
        frame.extend(length(partitions));
        let partition_at = frame.len();
        for partition in 0..partitions {
            frame.extend(length(partition));
            frame.extend(12_345_i64.to_be_bytes());
            put_string(&mut frame, "");
        }
        Template { frame: sealed(frame), partition_at }
    }

    /// Appends the request to `out`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, correlation: u32, partition: u32) {
        let start = out.len();
        out.extend_from_slice(&self.frame);
        out[start + CORRELATION_AT..][..4].copy_from_slice(&correlation.to_be_bytes());
        out[start + self.partition_at..][..4].copy_from_slice(&partition.to_be_bytes());
    }

    /// Bytes on the wire.
    pub(crate) fn len(&self) -> usize {
        self.frame.len()
    }
}

/// The correlation id and error code of a Produce answer without its length, or of an OffsetCommit
/// answer, which is the same up to there; `None` when it is not one of a single partition.
pub(crate) fn produce_answer(answer: &[u8]) -> Option<(u32, i16)> {
    let correlation = u32::from_be_bytes(answer.get(..4)?.try_into().ok()?);
    let name = usize::from(u16::from_be_bytes(answer.get(8..10)?.try_into().ok()?));
    let error = answer.get(10 + name + 4 + 4..)?.get(..2)?;
    Some((correlation, i16::from_be_bytes(error.try_into().ok()?)))
}

/// A request that looks for a group's coordinator.
pub(crate) fn find_coordinator(group: &str) -> Vec<u8> {
    let mut frame = header(FIND_COORDINATOR, FIND_COORDINATOR_VERSION);
    put_string(&mut frame, group);
    sealed(frame)
}

/// The error code of a FindCoordinator answer, without its length.
pub(crate) fn find_coordinator_answer(answer: &[u8]) -> Option<i16> {
    Some(i16::from_be_bytes(answer.get(4..6)?.try_into().ok()?))
}

/// A request that creates a topic with a single copy of each partition.
pub(crate) fn create_topic(name: &str, partitions: u32, config: &[(String, String)]) -> Vec<u8> {
    let mut frame = header(CREATE_TOPICS, CREATE_TOPICS_VERSION);
    frame.extend(1_i32.to_be_bytes());
    put_string(&mut frame, name);
    frame.extend(partitions.to_be_bytes());
    frame.extend(1_i16.to_be_bytes());
    frame.extend(0_i32.to_be_bytes());
    frame.extend(length(config.len()));
    for (key, value) in config {
        put_string(&mut frame, key);
        put_string(&mut frame, value);
    }
    frame.extend(TIMEOUT_MS.to_be_bytes());
    frame.push(0);
    sealed(frame)
}

/// The error code of a CreateTopics answer about one topic, without its length.
pub(crate) fn create_topic_answer(answer: &[u8]) -> Option<i16> {
    let name = usize::from(u16::from_be_bytes(answer.get(12..14)?.try_into().ok()?));
    Some(i16::from_be_bytes(answer.get(14 + name..)?.get(..2)?.try_into().ok()?))
}

/// A record batch of `records` equal-sized records, uncompressed, format version 2: without keys,
/// or with the numbers from `first_key` on.
pub(crate) fn batch(
    records: usize,
    record_bytes: usize,
    timestamp_ms: i64,
    first_key: Option<u64>,
) -> Vec<u8> {
    let mut body = Vec::new();
    for delta in 0..records {
        // Not one byte over and over: what a disk or a network compresses is no measure.
        let seed = (delta as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let value =
            (0..record_bytes).map(|at| (seed.rotate_left(at as u32 % 61) >> 7) as u8 ^ at as u8);
        let mut record = vec![0_u8];
        put_varint(&mut record, 0);
        put_varint(&mut record, delta as i64);
        match first_key {
            None => put_varint(&mut record, -1),
            Some(first) => {
                put_varint(&mut record, 8);
                record.extend((first + delta as u64).to_be_bytes());
            }
        }
        put_varint(&mut record, record_bytes as i64);
        record.extend(value);
        put_varint(&mut record, 0);
        put_varint(&mut body, record.len() as i64);
        body.extend(record);
    }
    let mut checked = Vec::with_capacity(body.len() + 40);
    checked.extend(0_i16.to_be_bytes());
    checked.extend((records as i32 - 1).to_be_bytes());
    checked.extend(timestamp_ms.to_be_bytes());
    checked.extend(timestamp_ms.to_be_bytes());
    checked.extend((-1_i64).to_be_bytes());
    checked.extend((-1_i16).to_be_bytes());
    checked.extend((-1_i32).to_be_bytes());
    checked.extend((records as i32).to_be_bytes());
    checked.extend(body);
    let mut batch = Vec::with_capacity(checked.len() + 21);
    batch.extend(0_i64.to_be_bytes());
    batch.extend(length(checked.len() + 9));
    batch.extend((-1_i32).to_be_bytes());
    batch.push(2);
    batch.extend(crc32c::crc32c(&checked).to_be_bytes());
    batch.extend(checked);
    batch
}

/// A request that is written field by field.
#[derive(Clone, Debug)]
pub(crate) struct Frame(Vec<u8>);

impl Frame {
    /// A request of this API's key and version.
    pub(crate) fn of((key, version): (i16, i16)) -> Frame {
        Frame(header(key, version))
    }

    pub(crate) fn int32(&mut self, value: i32) -> &mut Frame {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn int64(&mut self, value: i64) -> &mut Frame {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn string(&mut self, text: &str) -> &mut Frame {
        put_string(&mut self.0, text);
        self
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Frame {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The whole of it with its length in front.
    pub(crate) fn sealed(&self) -> Vec<u8> {
        sealed(self.0.clone())
    }
}

pub(crate) fn header(key: i16, version: i16) -> Vec<u8> {
    let mut frame = vec![0; 4];
    frame.extend(key.to_be_bytes());
    frame.extend(version.to_be_bytes());
    frame.extend(0_i32.to_be_bytes());
    frame.extend((CLIENT_ID.len() as i16).to_be_bytes());
    frame.extend(CLIENT_ID);
    frame
}

/// The frame with its length in front.
pub(crate) fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let bytes = length(frame.len() - 4);
    frame[..4].copy_from_slice(&bytes);
    frame
}

pub(crate) fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).expect("because the options bound every size").to_be_bytes()
}

pub(crate) fn put_string(frame: &mut Vec<u8>, text: &str) {
    let bytes = i16::try_from(text.len()).expect("because names are short");
    frame.extend(bytes.to_be_bytes());
    frame.extend(text.as_bytes());
}

/// Zigzag and base 128, as record fields are written.
fn put_varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_says_its_own_length_and_checksum() {
        let batch = batch(3, 100, 7, None);
        let says = i32::from_be_bytes(batch[8..12].try_into().unwrap());
        assert_eq!(says as usize, batch.len() - 12);
        assert_eq!(crc32c::crc32c(&batch[21..]).to_be_bytes(), batch[17..21]);
        assert_eq!(batch[57..61], 3_i32.to_be_bytes());
        // length 107 and its zigzag, attributes, two deltas, no key, 100 bytes of value, no header
        assert_eq!(batch[61..69], [0xd6, 1, 0, 0, 0, 1, 0xc8, 1]);
    }

    #[test]
    fn keys_are_numbers_one_after_the_other() {
        let batch = batch(2, 10, 7, Some(0x0102));
        // length 24 and its zigzag, attributes, two deltas, 8 bytes of key, 10 of value, no header
        assert_eq!(batch[61..74], [48, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(batch[86..99], [48, 0, 0, 2, 16, 0, 0, 0, 0, 0, 0, 1, 3]);
    }

    #[test]
    fn a_template_is_filled_in_where_the_protocol_has_it() {
        let template = Template::new("t", -1, b"batch");
        let mut out = Vec::new();
        template.write(&mut out, 0x0102_0304, 9);
        assert_eq!(out.len(), template.len());
        assert_eq!(out[..4], length(out.len() - 4));
        assert_eq!(out[8..12], [1, 2, 3, 4]);
        assert_eq!(out[out.len() - 13..][..4], [0, 0, 0, 9]);
    }

    #[test]
    fn a_commit_names_its_partition_before_its_offset() {
        let mut out = Vec::new();
        Template::commit("t", "g", 1).write(&mut out, 1, 9);
        let body = &out[out.len() - 14..];
        assert_eq!(body[..4], [0, 0, 0, 9]);
        assert_eq!(body[4..], [0, 0, 0, 0, 0, 0, 0x30, 0x39, 0, 0]);
        assert_eq!(out[4..8], [0, 8, 0, 2]);
        assert_eq!(find_coordinator_answer(&[0, 0, 0, 1, 0, 15, 0]), Some(15));
    }

    #[test]
    fn answers_are_read() {
        let answer =
            [&[0, 0, 0, 5, 0, 0, 0, 1, 0, 2, b'a', b'b'][..], &[0, 0, 0, 1, 0, 0, 0, 0, 0, 6]];
        assert_eq!(produce_answer(&answer.concat()), Some((5, 6)));
        assert_eq!(produce_answer(answer[0]), None);
        let answer = [0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, b'a', 0, 36];
        assert_eq!(create_topic_answer(&answer), Some(36));
    }
}
