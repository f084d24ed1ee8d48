//! Random values from a seed: the same seed gives the same messages on every machine.

use crate::sample::Sample;

/// A small generator (xorshift64*), good enough to vary tests.
pub(crate) struct Dice {
    state: u64,
    /// How deep in nested lists the value is that is being made.
    pub(crate) depth: u32,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, depth: 0 }
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

    /// Numbers as they hurt: the ends, the middle, and anything.
    pub(crate) fn number(&mut self) -> i64 {
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

    /// A value, or null where `null`.
    pub(crate) fn nullable<T: Sample>(&mut self, null: bool, version: i16) -> Option<T> {
        if null && self.one_in(4) { None } else { Some(T::random(self, version)) }
    }
}
