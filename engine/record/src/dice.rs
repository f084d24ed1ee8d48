//! Random batches for tests: from a seed, so that a failure comes again.

use crate::{BatchBuilder, Codec, Header};

/// Numbers that look random (xorshift64*, Vigna 2016).
pub(crate) struct Dice(u64);

/// A record that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() >> 1) as usize % end
    }

    fn bytes(&mut self, max: usize) -> Vec<u8> {
        let n = self.below(max + 1);
        // Few letters, so that codecs have something to do.
        (0..n).map(|_| b'a' + self.below(4) as u8).collect()
    }

    fn maybe(&mut self, max: usize) -> Option<Vec<u8>> {
        if self.below(5) == 0 { None } else { Some(self.bytes(max)) }
    }

    pub(crate) fn record(&mut self) -> Owned {
        let value_max = if self.below(20) == 0 { 100_000 } else { 200 };
        Owned {
            timestamp: 1_700_000_000_000 + self.below(100_000) as i64 - 50_000,
            key: self.maybe(20),
            value: self.maybe(value_max),
            headers: (0..self.below(4)).map(|_| (self.bytes(10), self.maybe(10))).collect(),
        }
    }

    pub(crate) fn records(&mut self) -> Vec<Owned> {
        (0..1 + self.below(30)).map(|_| self.record()).collect()
    }

    /// `bytes` in up to eight pieces, some of them empty.
    pub(crate) fn cut<'a>(&mut self, bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut ends: Vec<usize> =
            (0..self.below(8)).map(|_| self.below(bytes.len() + 1)).collect();
        // Often near the header, where fields may be cut.
        ends.extend((0..self.below(3)).map(|_| self.below(bytes.len().min(80) + 1)));
        ends.sort_unstable();
        ends.push(bytes.len());
        let mut from = 0;
        let mut pieces = Vec::new();
        for end in ends {
            pieces.push(&bytes[from..end]);
            from = end;
        }
        pieces
    }
}

/// A client's batch of these records.
pub(crate) fn batch(records: &[Owned], codec: Codec) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    append(&mut builder, records);
    builder.finish(codec)
}

pub(crate) fn append(builder: &mut BatchBuilder, records: &[Owned]) {
    for record in records {
        let headers: Vec<Header<'_>> = record
            .headers
            .iter()
            .map(|(key, value)| Header { key, value: value.as_deref() })
            .collect();
        builder.append(record.timestamp, record.key.as_deref(), record.value.as_deref(), &headers);
    }
}

/// A text of hexadecimal digits as bytes.
pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// Writes the right checksum into a batch that was changed by hand.
pub(crate) fn seal(batch: &mut [u8]) {
    let crc = crc32c::crc32c(&batch[crate::batch::CHECKED_FROM..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
}
