//! The language of `-f` the other way round: records out of bytes that are laid out in its words.
//! Kept true: every byte of the input belongs to exactly one record or separates two; what does not
//! fit is refused with the number of its record and what was expected.
//!
//! A text (`%k`, `%v`, `%h`) reaches to the literal bytes behind it, or has the length that came
//! before it (`%K{big32}%k`). Numbers in decimal reach to the first byte that is no digit, others
//! have their size. What a producer cannot say (`%o`, `%e`, `%i`, ...) is read over, so that what
//! `consume -f` wrote can be read with the same format.

use crate::input::find;
use crate::layout::{Bytes, BytesShape, Layout, Number, NumberShape, Piece};
use crate::moment;

/// Names and values, in order.
pub(crate) type Headers = Vec<(String, Option<Vec<u8>>)>;

/// A record as the input has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Headers,
    pub(crate) partition: Option<i32>,
    pub(crate) timestamp: Option<i64>,
    key_length: Option<i64>,
    value_length: Option<i64>,
    header_count: Option<i64>,
}

/// What became of an attempt to read one record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A record, and how many bytes it took.
    Record(Box<Read>, usize),
    /// It is not there whole yet.
    More,
    /// It does not fit.
    Misfit(String),
}

/// Why a piece could not be read.
enum Stop {
    More,
    Misfit(String),
}

/// Reads records that are laid out in one way.
pub(crate) struct Reading(Vec<Piece>);

impl Reading {
    /// From a layout; refused if it would read no bytes at all, or cannot tell where a text ends.
    pub(crate) fn of(layout: &Layout) -> Result<Reading, String> {
        let pieces = layout.pieces().to_vec();
        check(&pieces, false)?;
        Ok(Reading(pieces))
    }

    /// Reads the record at the beginning of `bytes`; `ended` if no more will come.
    pub(crate) fn take(&self, bytes: &[u8], ended: bool) -> Outcome {
        let mut read = Read::default();
        let mut at = 0;
        for (i, piece) in self.0.iter().enumerate() {
            let next = self.0.get(i + 1);
            match take_piece(&mut read, piece, next, bytes, at, ended) {
                Ok(after) => at = after,
                // The last line needs no end.
                Err(Stop::More) if ended && i + 1 == self.0.len() && at == bytes.len() && i > 0 => {
                }
                Err(Stop::More) => return Outcome::More,
                Err(Stop::Misfit(why)) => return Outcome::Misfit(why),
            }
        }
        Outcome::Record(Box::new(read), at)
    }
}

fn check(pieces: &[Piece], in_header: bool) -> Result<(), String> {
    if !in_header && !pieces.iter().any(|p| matches!(p, Piece::Bytes(..) | Piece::Number(..))) {
        return Err("the format reads nothing: it needs %v, %k or another verb".into());
    }
    for (i, piece) in pieces.iter().enumerate() {
        let measured = |length: Number| {
            pieces[..i].iter().any(|p| matches!(p, Piece::Number(which, _) if *which == length))
        };
        let ends = |what: &str| match pieces.get(i + 1) {
            None | Some(Piece::Literal(_)) => Ok(()),
            Some(_) => Err(format!(
                "where {what} ends cannot be told: put its length before it or text behind it"
            )),
        };
        match piece {
            Piece::Bytes(Bytes::Key, _) if measured(Number::KeyLength) => {}
            Piece::Bytes(Bytes::Value, _) if measured(Number::ValueLength) => {}
            Piece::Bytes(Bytes::Key, _) => ends("%k")?,
            Piece::Bytes(Bytes::Value, _) => ends("%v")?,
            Piece::Bytes(Bytes::Topic, _) => ends("%t")?,
            Piece::HeaderList => ends("%h")?,
            Piece::EachHeader(_) if in_header => return Err("a header has no headers".into()),
            Piece::EachHeader(layout) => {
                if !measured(Number::HeaderCount) {
                    ends("%h{...}")?;
                }
                let inner = layout.pieces();
                let closed = matches!(inner.last(), Some(Piece::Literal(_)));
                let sized =
                    inner.iter().any(|p| matches!(p, Piece::Number(Number::ValueLength, _)));
                if !closed && !sized {
                    return Err("%h{...}: each header must end in text, as in %h{%k=%v;}".into());
                }
                check(inner, true)?;
            }
            Piece::Literal(_) | Piece::Number(..) => {}
        }
    }
    Ok(())
}

fn take_piece(
    read: &mut Read,
    piece: &Piece,
    next: Option<&Piece>,
    bytes: &[u8],
    at: usize,
    ended: bool,
) -> Result<usize, Stop> {
    let rest = &bytes[at..];
    match piece {
        Piece::Literal(text) => match rest {
            rest if rest.starts_with(text) => Ok(at + text.len()),
            rest if rest.len() < text.len() && text.starts_with(rest) => Err(Stop::More),
            _ => Err(misfit(&format!("{:?}", String::from_utf8_lossy(text)), rest)),
        },
        Piece::Number(which, shape) => {
            let (number, length) = take_number(*shape, next, rest, ended)?;
            read.note(*which, number)?;
            Ok(at + length)
        }
        Piece::Bytes(which, shape) => {
            let length = match which {
                Bytes::Key => read.key_length,
                Bytes::Value => read.value_length,
                Bytes::Topic => None,
            };
            let Some((text, length)) = take_text(length, next, rest, ended)? else {
                // A length of -1: there is none.
                return Ok(at);
            };
            let decoded = decode(*shape, text)?;
            match which {
                Bytes::Key => read.key = Some(decoded),
                Bytes::Value => read.value = Some(decoded),
                Bytes::Topic => {}
            }
            Ok(at + length)
        }
        Piece::HeaderList => {
            let list = take_text(None, next, rest, ended)?;
            let (text, length) = list.expect("because nothing said that there is none");
            read.headers = header_list(text)?;
            Ok(at + length)
        }
        Piece::EachHeader(layout) => take_headers(read, layout, next, bytes, at, ended),
    }
}

/// Headers one by one: as many as were announced, or until what stands behind them.
fn take_headers(
    read: &mut Read,
    layout: &Layout,
    next: Option<&Piece>,
    bytes: &[u8],
    mut at: usize,
    ended: bool,
) -> Result<usize, Stop> {
    let announced = read.header_count;
    loop {
        let done = match (announced, next) {
            (Some(count), _) => read.headers.len() as i64 >= count,
            (None, Some(Piece::Literal(text))) => {
                let rest = &bytes[at..];
                if rest.len() < text.len() && text.starts_with(rest) && !ended {
                    return Err(Stop::More);
                }
                rest.starts_with(text)
            }
            (None, _) => at == bytes.len(),
        };
        if done || announced.is_none() && ended && at == bytes.len() {
            return Ok(at);
        }
        let mut header = Read::default();
        let pieces = layout.pieces();
        for (i, piece) in pieces.iter().enumerate() {
            at = take_piece(&mut header, piece, pieces.get(i + 1), bytes, at, ended)?;
        }
        let name = String::from_utf8(header.key.unwrap_or_default());
        let name = name.map_err(|_| Stop::Misfit("a header's name is no UTF-8".into()))?;
        read.headers.push((name, header.value));
    }
}

/// `a=1,b=2`, as `%h` writes it; `NULL` is null.
fn header_list(text: &[u8]) -> Result<Headers, Stop> {
    let text = std::str::from_utf8(text)
        .map_err(|_| Stop::Misfit("headers that are no UTF-8: use %h{%k=%v{hex};}".into()))?;
    let each = text.split(',').filter(|pair| !pair.is_empty());
    each.map(|pair| match pair.split_once('=') {
        Some((name, "NULL")) => Ok((name.to_string(), None)),
        Some((name, value)) => Ok((name.to_string(), Some(value.as_bytes().to_vec()))),
        None => Err(Stop::Misfit(format!("header {pair:?} has no \"=\""))),
    })
    .collect()
}

impl Read {
    fn note(&mut self, which: Number, number: i64) -> Result<(), Stop> {
        let length = || match number {
            -1.. => Ok(number),
            _ => Err(Stop::Misfit(format!("{number} is no length"))),
        };
        match which {
            Number::KeyLength => self.key_length = Some(length()?),
            Number::ValueLength => self.value_length = Some(length()?),
            Number::HeaderCount => self.header_count = Some(length()?),
            Number::Timestamp => self.timestamp = Some(number).filter(|ms| *ms >= 0),
            Number::Partition => {
                let partition = i32::try_from(number).ok().filter(|p| *p >= 0);
                let why = || Stop::Misfit(format!("{number} is no partition"));
                self.partition = Some(partition.ok_or_else(why)?);
            }
            Number::Offset
            | Number::LeaderEpoch
            | Number::Iteration
            | Number::ProducerId
            | Number::ProducerEpoch => {}
        }
        Ok(())
    }
}

fn misfit(expected: &str, rest: &[u8]) -> Stop {
    let shown = String::from_utf8_lossy(&rest[..rest.len().min(40)]).into_owned();
    Stop::Misfit(format!("expected {expected} at {shown:?}"))
}

/// A text and the bytes it takes: of a known length (none at all for -1), or up to what follows.
fn take_text<'a>(
    length: Option<i64>,
    next: Option<&Piece>,
    rest: &'a [u8],
    ended: bool,
) -> Result<Option<(&'a [u8], usize)>, Stop> {
    match (length, next) {
        (Some(-1), _) => Ok(None),
        (Some(length), _) => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            rest.get(..length).map(|text| Some((text, length))).ok_or(Stop::More)
        }
        (None, Some(Piece::Literal(end))) => match find(rest, end) {
            Some(at) => Ok(Some((&rest[..at], at))),
            None if ended && !rest.is_empty() => Ok(Some((rest, rest.len()))),
            None => Err(Stop::More),
        },
        (None, _) if ended && !rest.is_empty() => Ok(Some((rest, rest.len()))),
        (None, _) => Err(Stop::More),
    }
}

fn take_number(
    shape: NumberShape,
    next: Option<&Piece>,
    rest: &[u8],
    ended: bool,
) -> Result<(i64, usize), Stop> {
    let fixed = |length: usize| rest.get(..length).ok_or(Stop::More);
    match shape {
        NumberShape::Decimal => {
            let sign = usize::from(rest.first() == Some(&b'-'));
            let digits = rest[sign..].iter().take_while(|b| b.is_ascii_digit()).count();
            if sign + digits == rest.len() && !ended {
                return Err(Stop::More);
            }
            let text = std::str::from_utf8(&rest[..sign + digits]).unwrap_or_default();
            let number = text.parse().map_err(|_| misfit("a number", rest))?;
            Ok((number, sign + digits))
        }
        NumberShape::Hex { digits } => {
            let text = std::str::from_utf8(fixed(digits)?).unwrap_or_default();
            let number = u64::from_str_radix(text, 16);
            let number = number.map_err(|_| misfit("hexadecimal digits", rest))?;
            Ok((signed(number, digits * 4), digits))
        }
        NumberShape::Big { bytes } => {
            let number = fixed(bytes)?.iter().fold(0, |n, b| n << 8 | u64::from(*b));
            Ok((signed(number, bytes * 8), bytes))
        }
        NumberShape::Little { bytes } => {
            let number = fixed(bytes)?.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
            Ok((signed(number, bytes * 8), bytes))
        }
        NumberShape::Rfc3339 => {
            let taken = take_text(None, next, rest, ended)?;
            let (text, length) = taken.expect("because nothing said that there is none");
            let moment = std::str::from_utf8(text).ok().and_then(|text| moment::parse(text, 0));
            Ok((moment.ok_or_else(|| misfit("a time", rest))?, length))
        }
    }
}

/// The number whose lowest `bits` these are; lengths of -1 are written that way.
fn signed(number: u64, bits: usize) -> i64 {
    let shift = 64 - bits.min(64);
    ((number << shift) as i64) >> shift
}

fn decode(shape: BytesShape, text: &[u8]) -> Result<Vec<u8>, Stop> {
    match shape {
        BytesShape::Raw => Ok(text.to_vec()),
        BytesShape::Hex => {
            let digit = |b: u8| char::from(b).to_digit(16);
            let pair = |pair: &[u8]| match pair {
                [high, low] => Some((digit(*high)? * 16 + digit(*low)?) as u8),
                _ => None,
            };
            let bytes: Option<Vec<u8>> = text.chunks(2).map(pair).collect();
            bytes.ok_or_else(|| misfit("hexadecimal digits", text))
        }
        BytesShape::Base64 { .. } => {
            crate::layout::read_base64(text).ok_or_else(|| misfit("base64", text))
        }
    }
}

#[cfg(test)]
#[path = "reading_test.rs"]
mod reading_test;
