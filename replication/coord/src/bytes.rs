//! Kafka's primitive forms, as its records of groups use them: plain before a kind's first flexible
//! version, compact from there on.
//!
//! Kept true: reading allocates nothing that the bytes at hand do not hold; what is cut short, too
//! long or not UTF-8 is a broken record.

use engine_base::Uuid;
use replication_machine::BadRecord;

/// Reads a key or a value from its begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Lengths are compact and structs end in tagged fields.
    pub(crate) flexible: bool,
}

fn broken(what: &str) -> BadRecord {
    BadRecord::Broken(what.into())
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, flexible: false }
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], BadRecord> {
        let taken = self.rest.split_at_checked(bytes).ok_or_else(|| broken("cut short"))?;
        self.rest = taken.1;
        Ok(taken.0)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadRecord> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("because as many bytes were taken"))
    }

    pub(crate) fn i8(&mut self) -> Result<i8, BadRecord> {
        self.array().map(i8::from_be_bytes)
    }

    pub(crate) fn i16(&mut self) -> Result<i16, BadRecord> {
        self.array().map(i16::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32, BadRecord> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, BadRecord> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn uuid(&mut self) -> Result<Uuid, BadRecord> {
        self.array().map(Uuid)
    }

    fn varint(&mut self) -> Result<u32, BadRecord> {
        let mut value = 0_u32;
        for shift in (0..35).step_by(7) {
            let [byte] = self.array()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(broken("a varint beyond 32 bits"))
    }

    /// A length, or none for null.
    fn length(&mut self, short: bool) -> Result<Option<usize>, BadRecord> {
        let length = match (self.flexible, short) {
            (true, _) => i64::from(self.varint()?) - 1,
            (false, true) => i64::from(self.i16()?),
            (false, false) => i64::from(self.i32()?),
        };
        match length {
            -1 => Ok(None),
            _ => usize::try_from(length).map(Some).map_err(|_| broken("a negative length")),
        }
    }

    pub(crate) fn nullable_text(&mut self) -> Result<Option<&'a str>, BadRecord> {
        let Some(length) = self.length(true)? else { return Ok(None) };
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map(Some).map_err(|_| broken("text that is not UTF-8"))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, BadRecord> {
        self.nullable_text()?.ok_or_else(|| broken("text that is null"))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], BadRecord> {
        self.nullable_bytes()?.ok_or_else(|| broken("bytes that are null"))
    }

    pub(crate) fn nullable_bytes(&mut self) -> Result<Option<&'a [u8]>, BadRecord> {
        let length = self.length(false)?;
        length.map(|length| self.take(length)).transpose()
    }

    /// The length of a list. Every element takes at least one byte.
    pub(crate) fn list(&mut self) -> Result<usize, BadRecord> {
        self.nullable_list()?.ok_or_else(|| broken("a list that is null"))
    }

    pub(crate) fn nullable_list(&mut self) -> Result<Option<usize>, BadRecord> {
        let length = self.length(false)?;
        if length.is_some_and(|length| length > self.rest.len()) {
            return Err(broken("a list beyond the record's end"));
        }
        Ok(length)
    }

    /// The tagged fields at a flexible struct's end, each given to `take` with its bytes.
    pub(crate) fn tags(
        &mut self,
        mut take: impl FnMut(u32, &'a [u8]) -> Result<(), BadRecord>,
    ) -> Result<(), BadRecord> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()? as usize;
            take(tag, self.take(length)?)?;
        }
        Ok(())
    }
}

/// Writes a key or a value, in the plain form.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    /// A key or a value of this kind or version.
    pub(crate) fn new(version: i16) -> Writer {
        Writer(version.to_be_bytes().to_vec())
    }

    pub(crate) fn i32(&mut self, value: i32) -> &mut Writer {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(crate) fn i64(&mut self, value: i64) -> &mut Writer {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(crate) fn i8(&mut self, value: i8) -> &mut Writer {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(crate) fn uuid(&mut self, id: Uuid) -> &mut Writer {
        self.0.extend_from_slice(&id.0);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Writer {
        let length = i16::try_from(text.len()).expect("because the wire bounds every string");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn varint(&mut self, mut value: usize) -> &mut Writer {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    /// The length of a list in the compact form.
    pub(crate) fn compact_list(&mut self, length: usize) -> &mut Writer {
        self.varint(length + 1)
    }

    /// Bytes in the compact form.
    pub(crate) fn compact_bytes(&mut self, bytes: &[u8]) -> &mut Writer {
        self.varint(bytes.len() + 1);
        self.0.extend_from_slice(bytes);
        self
    }

    /// Text in the compact form.
    pub(crate) fn compact_text(&mut self, text: &str) -> &mut Writer {
        self.compact_bytes(text.as_bytes())
    }

    /// Text or null in the compact form.
    pub(crate) fn compact_nullable_text(&mut self, text: Option<&str>) -> &mut Writer {
        match text {
            Some(text) => self.compact_text(text),
            None => self.varint(0),
        }
    }

    /// A flexible struct's end: at most one tagged field, of tag 0.
    pub(crate) fn tag(&mut self, field: Option<&[u8]>) -> &mut Writer {
        let Some(field) = field else { return self.varint(0) };
        self.varint(1).varint(0).varint(field.len());
        self.0.extend_from_slice(field);
        self
    }

    pub(crate) fn nullable_text(&mut self, text: Option<&str>) -> &mut Writer {
        match text {
            Some(text) => self.text(text),
            None => {
                self.0.extend_from_slice(&(-1_i16).to_be_bytes());
                self
            }
        }
    }

    /// The length of a list.
    pub(crate) fn list(&mut self, length: usize) -> &mut Writer {
        self.i32(i32::try_from(length).expect("because memory bounds every list"))
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Writer {
        let length = i32::try_from(bytes.len()).expect("because a frame bounds all bytes");
        self.i32(length);
        self.0.extend_from_slice(bytes);
        self
    }
}
