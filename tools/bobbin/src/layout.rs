//! The language of `-f`: how a record is laid out in bytes, in the words of kcat and rpk.
//! Kept true: a layout is understood whole before the first record is read, or refused by the place
//! that was not; laying out a record cannot fail.
//!
//! `%t` topic, `%p` partition, `%o` offset, `%k` key, `%K` its length (-1 for none), `%v` or `%s`
//! value, `%V` or `%S` its length, `%T` or `%d` timestamp in milliseconds, `%h` headers as
//! `a=1,b=2`, `%h{%k=%v }` a layout for each header, `%H` how many, `%e` leader epoch, `%i` records
//! so far, `%x` producer id, `%y` producer epoch, `%%`, `%{`, `%}`; `\n \r \t \\ \0 \xHH`.
//! Bytes may be followed by `{hex}`, `{base64}` or `{base64raw}`; numbers by `{hex64}` `{hex32}`
//! `{hex16}` `{hex8}`, `{big64}` `{big32}` `{big16}` `{big8}`, `{little64}` `{little32}`
//! `{little16}`; timestamps by `{rfc3339}`.

use net_client::Record;

use crate::moment;

/// A layout that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(Vec<u8>),
    Bytes(Bytes, BytesShape),
    Number(Number, NumberShape),
    HeaderList,
    EachHeader(Layout),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bytes {
    Topic,
    Key,
    Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Partition,
    Offset,
    Timestamp,
    KeyLength,
    ValueLength,
    HeaderCount,
    LeaderEpoch,
    Iteration,
    ProducerId,
    ProducerEpoch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BytesShape {
    Raw,
    Hex,
    Base64 { padded: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberShape {
    Decimal,
    Hex { digits: usize },
    Big { bytes: usize },
    Little { bytes: usize },
    Rfc3339,
}

/// What one record, or one header of it, offers to a layout.
struct Subject<'a> {
    record: &'a Record,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    iteration: u64,
}

impl Layout {
    /// Reads a layout; the error names the place that was not understood.
    pub(crate) fn parse(text: &str) -> Result<Layout, String> {
        let mut parser = Parser { text: text.as_bytes(), at: 0, in_header: false };
        parser.layout()
    }

    /// Its pieces, in order.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Appends `record` laid out; `iteration` counts records from 1.
    pub(crate) fn lay_out(&self, record: &Record, iteration: u64, out: &mut Vec<u8>) {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        self.write(&Subject { record, key, value, iteration }, out);
    }

    fn write(&self, subject: &Subject<'_>, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Literal(bytes) => out.extend_from_slice(bytes),
                Piece::Bytes(which, shape) => shape.write(subject.bytes(*which), out),
                Piece::Number(which, shape) => shape.write(subject.number(*which), out),
                Piece::HeaderList => write_header_list(subject.record, out),
                Piece::EachHeader(layout) => {
                    for (name, value) in &subject.record.headers {
                        let key = Some(name.as_bytes());
                        let header = Subject { key, value: value.as_deref(), ..*subject };
                        layout.write(&header, out);
                    }
                }
            }
        }
    }
}

fn write_header_list(record: &Record, out: &mut Vec<u8>) {
    for (i, (name, value)) in record.headers.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        out.extend_from_slice(value.as_deref().unwrap_or(b"NULL"));
    }
}

impl Subject<'_> {
    fn bytes(&self, which: Bytes) -> &[u8] {
        match which {
            Bytes::Topic => self.record.topic.as_bytes(),
            Bytes::Key => self.key.unwrap_or_default(),
            Bytes::Value => self.value.unwrap_or_default(),
        }
    }

    fn number(&self, which: Number) -> i64 {
        let length = |bytes: Option<&[u8]>| bytes.map_or(-1, |b| b.len() as i64);
        match which {
            Number::Partition => i64::from(self.record.partition),
            Number::Offset => self.record.offset,
            Number::Timestamp => self.record.timestamp,
            Number::KeyLength => length(self.key),
            Number::ValueLength => length(self.value),
            Number::HeaderCount => self.record.headers.len() as i64,
            Number::LeaderEpoch => i64::from(self.record.leader_epoch),
            Number::Iteration => self.iteration as i64,
            Number::ProducerId => self.record.producer_id,
            Number::ProducerEpoch => i64::from(self.record.producer_epoch),
        }
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl BytesShape {
    fn write(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            BytesShape::Raw => out.extend_from_slice(bytes),
            BytesShape::Hex => {
                bytes.iter().for_each(|b| out.extend_from_slice(format!("{b:02x}").as_bytes()));
            }
            BytesShape::Base64 { padded } => write_base64(bytes, padded, out),
        }
    }
}

/// Base64 of RFC 4648, section 4.
pub(crate) fn write_base64(bytes: &[u8], padded: bool, out: &mut Vec<u8>) {
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, b| word << 8 | u32::from(*b));
        let word = word << (8 * (3 - chunk.len()));
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(BASE64[(word >> (18 - 6 * i) & 0x3f) as usize]);
            } else if padded {
                out.push(b'=');
            }
        }
    }
}

/// Reads base64, with its padding or without; none if it is none.
pub(crate) fn read_base64(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1);
    if text.len() - end > 2 {
        return None;
    }
    let mut bytes = Vec::new();
    for chunk in text[..end].chunks(4) {
        let mut word = 0u32;
        for letter in chunk {
            let six = BASE64.iter().position(|known| known == letter)?;
            word = word << 6 | u32::try_from(six).ok()?;
        }
        let word = (word << (6 * (4 - chunk.len()))).to_be_bytes();
        match chunk.len() {
            1 => return None,
            length => bytes.extend(&word[1..length]),
        }
    }
    Some(bytes)
}

impl NumberShape {
    fn write(self, number: i64, out: &mut Vec<u8>) {
        match self {
            NumberShape::Decimal => out.extend_from_slice(number.to_string().as_bytes()),
            NumberShape::Hex { digits } => {
                let text = format!("{number:016x}");
                out.extend_from_slice(&text.as_bytes()[16 - digits..]);
            }
            NumberShape::Big { bytes } => {
                out.extend_from_slice(&number.to_be_bytes()[8 - bytes..]);
            }
            NumberShape::Little { bytes } => {
                out.extend_from_slice(&number.to_le_bytes()[..bytes]);
            }
            NumberShape::Rfc3339 => out.extend_from_slice(moment::show(number).as_bytes()),
        }
    }
}

/// A text with escapes as bytes: for delimiters.
pub(crate) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut parser = Parser { text: text.as_bytes(), at: 0, in_header: false };
    let mut bytes = Vec::new();
    while let Some(&byte) = parser.text.get(parser.at) {
        parser.at += 1;
        bytes.push(if byte == b'\\' { parser.escape()? } else { byte });
    }
    Ok(bytes)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    in_header: bool,
}

impl Parser<'_> {
    fn layout(&mut self) -> Result<Layout, String> {
        let mut pieces = Vec::new();
        let mut literal = Vec::new();
        while let Some(&byte) = self.text.get(self.at) {
            if self.in_header && byte == b'}' {
                break;
            }
            self.at += 1;
            match byte {
                b'\\' => literal.push(self.escape()?),
                b'%' => match self.percent()? {
                    Piece::Literal(bytes) => literal.extend_from_slice(&bytes),
                    piece => {
                        if !literal.is_empty() {
                            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                        }
                        pieces.push(piece);
                    }
                },
                byte => literal.push(byte),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Layout(pieces))
    }

    fn escape(&mut self) -> Result<u8, String> {
        let at = self.at - 1;
        let letter = self.text.get(self.at).copied();
        self.at += 1;
        match letter {
            Some(b'n') => Ok(b'\n'),
            Some(b'r') => Ok(b'\r'),
            Some(b't') => Ok(b'\t'),
            Some(b'0') => Ok(0),
            Some(b'\\') => Ok(b'\\'),
            Some(b'x') => {
                let digits = self.text.get(self.at..self.at + 2);
                self.at += 2;
                digits
                    .and_then(|d| std::str::from_utf8(d).ok())
                    .and_then(|d| u8::from_str_radix(d, 16).ok())
                    .ok_or_else(|| format!("\\x at byte {at} needs two hexadecimal digits"))
            }
            Some(other) => Err(format!(
                "\\{} at byte {at} is no escape: there are \\n \\r \\t \\0 \\\\ \\xHH",
                char::from(other)
            )),
            None => Err(format!("\\ at byte {at} ends the format: write \\\\ for a backslash")),
        }
    }

    fn percent(&mut self) -> Result<Piece, String> {
        let at = self.at - 1;
        let letter = self.text.get(self.at).copied();
        self.at += 1;
        let number = match letter {
            Some(c @ (b'%' | b'{' | b'}')) => return Ok(Piece::Literal(vec![c])),
            Some(b'k') => return self.bytes(Bytes::Key),
            Some(b'v' | b's') => return self.bytes(Bytes::Value),
            Some(b't') if !self.in_header => return self.bytes(Bytes::Topic),
            Some(b'h') if !self.in_header => return self.headers(),
            Some(b'K') => Number::KeyLength,
            Some(b'V' | b'S') => Number::ValueLength,
            Some(_) if self.in_header => {
                return Err(format!("at byte {at}: a header has %k, %K, %v and %V"));
            }
            Some(b'p') => Number::Partition,
            Some(b'o') => Number::Offset,
            Some(b'T' | b'd') => Number::Timestamp,
            Some(b'H') => Number::HeaderCount,
            Some(b'e') => Number::LeaderEpoch,
            Some(b'i') => Number::Iteration,
            Some(b'x') => Number::ProducerId,
            Some(b'y') => Number::ProducerEpoch,
            Some(other) => {
                return Err(format!(
                    "%{} at byte {at} is unknown: there are %t %p %o %k %K %v %s %V %S %T %d %h %H \
                     %e %i %x %y %%",
                    char::from(other)
                ));
            }
            None => return Err(format!("% at byte {at} ends the format: write %% for a percent")),
        };
        self.number(number)
    }

    /// A word in braces behind a verb, if there is one.
    fn modifier(&mut self) -> Result<Option<String>, String> {
        if self.text.get(self.at) != Some(&b'{') {
            return Ok(None);
        }
        let rest = &self.text[self.at + 1..];
        let end = rest
            .iter()
            .position(|b| *b == b'}')
            .ok_or_else(|| format!("{{ at byte {} is not closed", self.at))?;
        self.at += end + 2;
        Ok(Some(String::from_utf8_lossy(&rest[..end]).into_owned()))
    }

    fn bytes(&mut self, which: Bytes) -> Result<Piece, String> {
        let shape = match self.modifier()?.as_deref() {
            None => BytesShape::Raw,
            Some("hex") => BytesShape::Hex,
            Some("base64") => BytesShape::Base64 { padded: true },
            Some("base64raw") => BytesShape::Base64 { padded: false },
            Some(other) => {
                return Err(format!(
                    "{{{other}}} is no way to show bytes: there are {{hex}}, {{base64}} and \
                     {{base64raw}}"
                ));
            }
        };
        Ok(Piece::Bytes(which, shape))
    }

    fn number(&mut self, which: Number) -> Result<Piece, String> {
        let shape = match self.modifier()?.as_deref() {
            None | Some("ascii") => NumberShape::Decimal,
            Some("hex64") => NumberShape::Hex { digits: 16 },
            Some("hex32") => NumberShape::Hex { digits: 8 },
            Some("hex16") => NumberShape::Hex { digits: 4 },
            Some("hex8") => NumberShape::Hex { digits: 2 },
            Some("big64") => NumberShape::Big { bytes: 8 },
            Some("big32") => NumberShape::Big { bytes: 4 },
            Some("big16") => NumberShape::Big { bytes: 2 },
            Some("big8" | "byte") => NumberShape::Big { bytes: 1 },
            Some("little64") => NumberShape::Little { bytes: 8 },
            Some("little32") => NumberShape::Little { bytes: 4 },
            Some("little16") => NumberShape::Little { bytes: 2 },
            Some("rfc3339") if which == Number::Timestamp => NumberShape::Rfc3339,
            Some(other) => {
                return Err(format!(
                    "{{{other}}} is no way to show this number: there are {{ascii}}, {{hex64}}, \
                     {{big64}}, {{little64}} and smaller ones; {{rfc3339}} for timestamps"
                ));
            }
        };
        Ok(Piece::Number(which, shape))
    }

    fn headers(&mut self) -> Result<Piece, String> {
        if self.text.get(self.at) != Some(&b'{') {
            return Ok(Piece::HeaderList);
        }
        let open = self.at;
        self.at += 1;
        self.in_header = true;
        let layout = self.layout()?;
        self.in_header = false;
        if self.text.get(self.at) != Some(&b'}') {
            return Err(format!("{{ at byte {open} is not closed"));
        }
        self.at += 1;
        Ok(Piece::EachHeader(layout))
    }
}

#[cfg(test)]
#[path = "layout_test.rs"]
mod layout_test;
