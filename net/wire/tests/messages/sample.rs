//! Random values of every type, and their JSON as Kafka's converters write it.

use engine_base::Uuid;
use net_wire::api::Versions;
use net_wire::{Bytes, FrameRange, List, Message, Reader, WireError, Writer};
use serde_json::{Value, json};

use crate::dice::Dice;

/// What can be made at random and shown as JSON, in a version.
pub(crate) trait Sample {
    fn random(dice: &mut Dice, version: i16) -> Self;
    fn json(&self, version: i16) -> Value;
    /// Where its record bytes lie, in the order in which they are encoded.
    fn records(&self, _found: &mut Vec<FrameRange>) {}
}

/// A message's bytes and its JSON.
pub(crate) type Told = (Vec<u8>, Value);

/// A message with what the tests do to it.
pub(crate) struct Case {
    pub(crate) key: i16,
    pub(crate) name: &'static str,
    pub(crate) response: bool,
    pub(crate) versions: Versions,
    /// Makes one: its bytes and its JSON.
    pub(crate) make: fn(&mut Dice, i16) -> Told,
    /// Decodes one and encodes it again: its bytes and its JSON.
    pub(crate) again: fn(&[&[u8]], i16) -> Result<Told, WireError>,
    /// Decodes one and drops it: how many bytes were left.
    pub(crate) decode: fn(&[&[u8]], i16) -> Result<usize, WireError>,
}

impl Case {
    pub(crate) const fn of<M: Message + Sample>(response: bool) -> Case {
        Case {
            key: M::API.key,
            name: M::API.name,
            response,
            versions: M::API.versions,
            make: make::<M>,
            again: again::<M>,
            decode: decode::<M>,
        }
    }

    pub(crate) fn all_versions(&self) -> std::ops::RangeInclusive<i16> {
        self.versions.min..=self.versions.max
    }
}

fn make<M: Message + Sample>(dice: &mut Dice, version: i16) -> Told {
    dice.records.clear();
    let message = M::random(dice, version);
    let mut writer = Writer::new();
    message.encode(&mut writer, version);
    let encoded = writer.finish().expect("because samples are small");
    let mut records: Vec<Vec<u8>> = Vec::new();
    for piece in encoded.pieces() {
        if let net_wire::Piece::Gap { len } = piece {
            let chosen = dice.records.pop_front().unwrap_or_default();
            assert_eq!(chosen.len(), len, "gaps are encoded in the order in which they were made");
            records.push(chosen);
        }
    }
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    (encoded.join(&records), message.json(version))
}

fn again<M: Message + Sample>(frame: &[&[u8]], version: i16) -> Result<Told, WireError> {
    let mut reader = Reader::new(frame);
    let message = M::decode(&mut reader, version)?;
    assert_eq!(reader.remaining(), 0, "all of it is read");
    let mut writer = Writer::new();
    message.encode(&mut writer, version);
    let encoded = writer.finish()?;
    let whole = frame.concat();
    let mut places = Vec::new();
    message.records(&mut places);
    let records: Vec<&[u8]> = places.iter().map(|place| &whole[place.start..place.end()]).collect();
    Ok((encoded.join(&records), message.json(version)))
}

fn decode<M: Message + Sample>(frame: &[&[u8]], version: i16) -> Result<usize, WireError> {
    let mut reader = Reader::new(frame);
    let message = M::decode(&mut reader, version)?;
    drop(message);
    Ok(reader.remaining())
}

macro_rules! integer {
    ($($kind:ty)*) => { $(
        impl Sample for $kind {
            fn random(dice: &mut Dice, _version: i16) -> Self {
                dice.number() as $kind
            }

            fn json(&self, _version: i16) -> Value {
                json!(self)
            }
        }
    )* };
}

integer!(i8 i16 u16 i32 i64);

impl Sample for bool {
    fn random(dice: &mut Dice, _version: i16) -> Self {
        dice.one_in(2)
    }

    fn json(&self, _version: i16) -> Value {
        json!(self)
    }
}

impl Sample for f64 {
    // Quarters: their shortest decimal form is the same in every language.
    fn random(dice: &mut Dice, _version: i16) -> Self {
        f64::from(dice.bits() as i32) / 4.0
    }

    fn json(&self, _version: i16) -> Value {
        json!(self)
    }
}

impl Sample for Uuid {
    fn random(dice: &mut Dice, _version: i16) -> Self {
        if let Some(id) = dice.chosen(|words| &words.ids) {
            return id;
        }
        if dice.one_in(4) {
            return Uuid::ZERO;
        }
        Uuid((u128::from(dice.bits()) << 64 | u128::from(dice.bits())).to_be_bytes())
    }

    fn json(&self, _version: i16) -> Value {
        json!(self.to_string())
    }
}

impl Sample for String {
    fn random(dice: &mut Dice, _version: i16) -> Self {
        if let Some(word) = dice.string() {
            return word;
        }
        let letters: Vec<char> =
            "abcdefghijklmnopqrstuvwxyz.-_0123456789 \"\\\n\u{e4}€😀".chars().collect();
        let most = if dice.one_in(20) { 400 } else { 12 };
        (0..dice.below(most)).map(|_| letters[dice.below(letters.len())]).collect()
    }

    fn json(&self, _version: i16) -> Value {
        json!(self)
    }
}

impl Sample for Bytes {
    fn random(dice: &mut Dice, _version: i16) -> Self {
        if let Some(bytes) = dice.chosen(|words| &words.bytes) {
            return bytes.into();
        }
        let most = if dice.one_in(20) { 20_000 } else { 20 };
        (0..dice.below(most)).map(|_| dice.bits() as u8).collect()
    }

    fn json(&self, _version: i16) -> Value {
        json!(base64(&self.to_vec()))
    }
}

impl Sample for FrameRange {
    fn random(dice: &mut Dice, _version: i16) -> Self {
        let bytes = dice.chosen(|words| &words.batches).unwrap_or_else(|| {
            let most = if dice.one_in(20) { 20_000 } else { 20 };
            (0..dice.below(most)).map(|_| dice.bits() as u8).collect()
        });
        let gap = FrameRange::gap(bytes.len());
        // Nothing is no gap.
        if !bytes.is_empty() {
            dice.records.push_back(bytes);
        }
        gap
    }

    fn json(&self, _version: i16) -> Value {
        json!(self.len)
    }

    fn records(&self, found: &mut Vec<FrameRange>) {
        found.push(*self);
    }
}

impl<T: Sample> Sample for List<T> {
    fn random(dice: &mut Dice, version: i16) -> Self {
        let most = if dice.depth == 0 && dice.one_in(20) { 300 } else { 4 };
        dice.depth += 1;
        let list = (0..dice.below(most)).map(|_| T::random(dice, version)).collect();
        dice.depth -= 1;
        list
    }

    fn json(&self, version: i16) -> Value {
        self.iter().map(|it| it.json(version)).collect()
    }

    fn records(&self, found: &mut Vec<FrameRange>) {
        self.iter().for_each(|it| it.records(found));
    }
}

impl<T: Sample> Sample for Option<T> {
    fn random(dice: &mut Dice, version: i16) -> Self {
        if dice.one_in(4) { None } else { Some(T::random(dice, version)) }
    }

    fn json(&self, version: i16) -> Value {
        self.as_ref().map_or(Value::Null, |it| it.json(version))
    }

    fn records(&self, found: &mut Vec<FrameRange>) {
        self.iter().for_each(|it| it.records(found));
    }
}

/// As Java's JSON writes bytes.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
