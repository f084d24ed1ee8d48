//! How metadata records are written: a head of four bytes, then tagged fields
//! (docs/formats/metadata.md).
//!
//! Kept true: a reader passes over fields and records that it does not know, unless the writer said
//! that it must not; nothing is allocated that the remaining bytes could not fill; one value has
//! one encoding, so equal facts are equal bytes.

use replication_machine::BadRecord;

/// The first byte of every metadata record.
pub(crate) const MAGIC: u8 = 0xb0;

/// A field's value is a zigzag varint.
const FORM_NUMBER: u64 = 0;
/// A field's value is a varint length and that many bytes.
const FORM_BYTES: u64 = 1;

/// What stands before a record's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Which record it is.
    pub(crate) kind: u8,
    /// The version of its layout that the writer had.
    pub(crate) version: u8,
    /// The lowest version that a reader must know to understand it; 0 may be passed over.
    pub(crate) reader_min: u8,
}

/// Writes one record, or the fields of one nested value. Fields come in the order of their tags.
#[derive(Default)]
pub(crate) struct Fields {
    bytes: Vec<u8>,
    last_tag: u64,
}

impl Fields {
    /// A record with this head.
    pub(crate) fn record(head: Head) -> Fields {
        assert!(head.reader_min <= head.version, "a reader of this version can read it");
        Fields { bytes: vec![MAGIC, head.kind, head.version, head.reader_min], last_tag: 0 }
    }

    /// A number, also a negative one.
    pub(crate) fn number(&mut self, tag: u64, value: i64) -> &mut Fields {
        self.tag(tag, FORM_NUMBER);
        self.varint(((value << 1) ^ (value >> 63)).cast_unsigned());
        self
    }

    /// Bytes, text or a nested value.
    pub(crate) fn bytes(&mut self, tag: u64, value: &[u8]) -> &mut Fields {
        self.tag(tag, FORM_BYTES);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
        self
    }

    /// A nested value.
    pub(crate) fn nested(&mut self, tag: u64, value: &Fields) -> &mut Fields {
        self.bytes(tag, &value.bytes)
    }

    /// What was written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn tag(&mut self, tag: u64, form: u64) {
        assert!(tag > 0 && tag >= self.last_tag, "fields come in the order of their tags");
        self.last_tag = tag;
        self.varint(tag << 1 | form);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// One field as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A number.
    Number(i64),
    /// Bytes, text or a nested value.
    Bytes(&'a [u8]),
}

/// Reads fields one by one.
pub(crate) struct FieldReader<'a> {
    rest: &'a [u8],
    last_tag: u64,
}

fn broken(why: &str) -> BadRecord {
    BadRecord::Broken(why.into())
}

/// Splits a record into its head and its fields.
pub(crate) fn open(record: &[u8]) -> Result<(Head, FieldReader<'_>), BadRecord> {
    let Some((&[magic, kind, version, reader_min], rest)) = record.split_first_chunk::<4>() else {
        return Err(broken("shorter than a head"));
    };
    if magic != MAGIC {
        return Err(broken("not a metadata record"));
    }
    if reader_min > version {
        return Err(broken("its writer could not have read it"));
    }
    Ok((Head { kind, version, reader_min }, FieldReader::new(rest)))
}

impl<'a> FieldReader<'a> {
    /// Reads the fields of a nested value.
    pub(crate) fn new(bytes: &'a [u8]) -> FieldReader<'a> {
        FieldReader { rest: bytes, last_tag: 0 }
    }

    /// The next field: its tag and value; `None` at the end.
    pub(crate) fn next_field(&mut self) -> Result<Option<(u64, Value<'a>)>, BadRecord> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let head = self.varint()?;
        let (tag, form) = (head >> 1, head & 1);
        if tag == 0 || tag < self.last_tag {
            return Err(broken("fields out of order"));
        }
        self.last_tag = tag;
        let number = self.varint()?;
        if form == FORM_NUMBER {
            let value = (number >> 1).cast_signed() ^ -((number & 1).cast_signed());
            return Ok(Some((tag, Value::Number(value))));
        }
        let length = usize::try_from(number).map_err(|_| broken("a length beyond the record"))?;
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| broken("a length beyond the record"))?;
        self.rest = rest;
        Ok(Some((tag, Value::Bytes(bytes))))
    }

    fn varint(&mut self) -> Result<u64, BadRecord> {
        let mut value = 0u64;
        for (i, &byte) in self.rest.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                if (i > 0 && byte == 0) || (i == 9 && byte > 1) {
                    return Err(broken("a padded or too long number"));
                }
                self.rest = &self.rest[i + 1..];
                return Ok(value);
            }
        }
        Err(broken("a number without an end"))
    }
}

impl<'a> Value<'a> {
    /// The number of this range.
    pub(crate) fn number<N: TryFrom<i64>>(self) -> Result<N, BadRecord> {
        match self {
            Value::Number(n) => N::try_from(n).map_err(|_| broken("a number out of its range")),
            Value::Bytes(_) => Err(broken("bytes where a number is due")),
        }
    }

    /// The bytes.
    pub(crate) fn bytes(self) -> Result<&'a [u8], BadRecord> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            Value::Number(_) => Err(broken("a number where bytes are due")),
        }
    }

    /// The text.
    pub(crate) fn text(self) -> Result<String, BadRecord> {
        match std::str::from_utf8(self.bytes()?) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(broken("text that is not UTF-8")),
        }
    }

    /// The id.
    pub(crate) fn id(self) -> Result<engine_base::Uuid, BadRecord> {
        match <[u8; 16]>::try_from(self.bytes()?) {
            Ok(bytes) => Ok(engine_base::Uuid(bytes)),
            Err(_) => Err(broken("an id that is not 16 bytes")),
        }
    }
}
