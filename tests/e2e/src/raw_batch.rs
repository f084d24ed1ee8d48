//! Record batches with every field at hand, so that one of them can be wrong.

/// A batch in the making: Kafka's message format version 2, uncompressed.
#[derive(Clone, Debug)]
pub struct RawBatch {
    /// The offset of the first record.
    pub base_offset: i64,
    /// Told instead of the true length.
    pub length: Option<i32>,
    /// The format.
    pub magic: i8,
    /// Xored into the checksum.
    pub crc_flip: u32,
    /// Codec and flags.
    pub attributes: i16,
    /// Told instead of the number of records less one.
    pub last_offset_delta: Option<i32>,
    /// Milliseconds since 1970, of all records.
    pub timestamp: i64,
    /// An idempotent producer.
    pub producer: (i64, i16, i32),
    /// Told instead of the number of records.
    pub count: Option<i32>,
    /// Key and value of each record.
    pub records: Vec<(Option<Vec<u8>>, Vec<u8>)>,
}

impl RawBatch {
    /// A good batch of these values, without keys.
    pub fn of(values: &[&str]) -> RawBatch {
        RawBatch {
            base_offset: 0,
            length: None,
            magic: 2,
            crc_flip: 0,
            attributes: 0,
            last_offset_delta: None,
            timestamp: 1_700_000_000_000,
            producer: (-1, -1, -1),
            count: None,
            records: values.iter().map(|value| (None, value.as_bytes().to_vec())).collect(),
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let count = i32::try_from(self.records.len()).unwrap_or(i32::MAX);
        let mut checked = Vec::new();
        checked.extend(self.attributes.to_be_bytes());
        checked.extend(self.last_offset_delta.unwrap_or(count - 1).to_be_bytes());
        checked.extend(self.timestamp.to_be_bytes());
        checked.extend(self.timestamp.to_be_bytes());
        checked.extend(self.producer.0.to_be_bytes());
        checked.extend(self.producer.1.to_be_bytes());
        checked.extend(self.producer.2.to_be_bytes());
        checked.extend(self.count.unwrap_or(count).to_be_bytes());
        for (index, (key, value)) in (0..).zip(&self.records) {
            checked.extend(record(index, key.as_deref(), value));
        }
        let crc = crc32c::crc32c(&checked) ^ self.crc_flip;
        let length = 9 + i32::try_from(checked.len()).unwrap_or(i32::MAX);
        let mut bytes = Vec::new();
        bytes.extend(self.base_offset.to_be_bytes());
        bytes.extend(self.length.unwrap_or(length).to_be_bytes());
        bytes.extend((-1i32).to_be_bytes());
        bytes.extend(self.magic.to_be_bytes());
        bytes.extend(crc.to_be_bytes());
        bytes.extend(checked);
        bytes
    }
}

fn record(index: i64, key: Option<&[u8]>, value: &[u8]) -> Vec<u8> {
    let mut body = vec![0];
    varint(&mut body, 0);
    varint(&mut body, index);
    match key {
        None => varint(&mut body, -1),
        Some(key) => {
            varint(&mut body, i64::try_from(key.len()).unwrap_or(i64::MAX));
            body.extend(key);
        }
    }
    varint(&mut body, i64::try_from(value.len()).unwrap_or(i64::MAX));
    body.extend(value);
    varint(&mut body, 0);
    let mut bytes = Vec::new();
    varint(&mut bytes, i64::try_from(body.len()).unwrap_or(i64::MAX));
    bytes.extend(body);
    bytes
}

/// A signed number, zigzag, in seven-bit groups.
fn varint(into: &mut Vec<u8>, value: i64) {
    let mut bits = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while bits >= 0x80 {
        into.push((bits & 0x7f) as u8 | 0x80);
        bits >>= 7;
    }
    into.push(bits as u8);
}
