//! Chance: a small seeded generator. Not for secrets.

use std::cell::Cell;
#[cfg(feature = "sim")]
use std::ops::Range;
#[cfg(feature = "sim")]
use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub(crate) struct Chance(Cell<u64>);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(Cell::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(feature = "sim")]
impl Chance {
    /// A number below `bound`; 0 if the bound is 0.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).expect("because the upper half of a u128 fits")
    }

    /// True `parts` times out of `of`.
    pub(crate) fn one_in(&self, parts: u64, of: u64) -> bool {
        self.below(of) < parts
    }

    /// Nanoseconds within a range.
    pub(crate) fn delay(&self, range: &Range<Duration>) -> u64 {
        let nanos = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
        let (start, end) = (nanos(range.start), nanos(range.end));
        start + self.below(end.saturating_sub(start))
    }
}
