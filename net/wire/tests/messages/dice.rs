//! Random values from a seed: the same seed gives the same messages on every machine.

use std::collections::{BTreeMap, VecDeque};

use engine_base::Uuid;

use crate::sample::Sample;

/// What values are mostly chosen from, so that messages have to do with each other. Where one of
/// these is empty, values of its kind are anything.
#[derive(Clone, Default)]
pub(crate) struct Words {
    pub(crate) strings: Vec<String>,
    pub(crate) ids: Vec<Uuid>,
    pub(crate) numbers: Vec<i64>,
    pub(crate) bytes: Vec<Vec<u8>>,
    /// Record bytes.
    pub(crate) batches: Vec<Vec<u8>>,
    /// By the name of the field, before those above.
    pub(crate) strings_of: BTreeMap<&'static str, Vec<String>>,
    pub(crate) numbers_of: BTreeMap<&'static str, Vec<i64>>,
}

/// A small generator (xorshift64*), good enough to vary tests.
pub(crate) struct Dice {
    state: u64,
    /// How deep in nested lists the value is that is being made.
    pub(crate) depth: u32,
    pub(crate) words: Words,
    /// Of which field a value is being made.
    field: &'static str,
    /// The record bytes of the message that is being made.
    pub(crate) records: VecDeque<Vec<u8>>,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let (words, records) = (Words::default(), VecDeque::new());
        Dice { state, depth: 0, words, field: "", records }
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((self.bits() >> 32) as usize * end) >> 32
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these words, but anything now and then, or where there are none.
    pub(crate) fn chosen<T: Clone>(&mut self, from: impl Fn(&Words) -> &Vec<T>) -> Option<T> {
        let count = from(&self.words).len();
        if count == 0 || self.one_in(12) {
            return None;
        }
        let at = self.below(count);
        Some(from(&self.words)[at].clone())
    }

    /// One of the words of the field, or of all.
    pub(crate) fn string(&mut self) -> Option<String> {
        let field = self.field;
        self.chosen(|words| words.strings_of.get(field).unwrap_or(&words.strings))
    }

    /// Numbers as they hurt: the ends, the middle, and anything.
    pub(crate) fn number(&mut self) -> i64 {
        let field = self.field;
        if let Some(number) =
            self.chosen(|words| words.numbers_of.get(field).unwrap_or(&words.numbers))
        {
            return number;
        }
        match self.below(8) {
            0 => 0,
            1 => -1,
            2 => i64::MAX,
            3 => i64::MIN,
            4 => i64::from(i32::MIN),
            5 => self.below(300) as i64 - 150,
            _ => self.bits().cast_signed(),
        }
    }

    /// A value for the field of this name.
    pub(crate) fn field<T: Sample>(&mut self, name: &'static str, version: i16) -> T {
        self.field = name;
        T::random(self, version)
    }

    /// The same, or null where `null`.
    pub(crate) fn nullable<T: Sample>(
        &mut self,
        name: &'static str,
        null: bool,
        version: i16,
    ) -> Option<T> {
        if null && self.one_in(4) { None } else { Some(self.field(name, version)) }
    }
}
