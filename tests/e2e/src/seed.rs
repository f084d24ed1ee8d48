//! Random moments from one number, so that a failure can be repeated as far as two processes can
//! be.

use std::time::{SystemTime, UNIX_EPOCH};

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// `BOBBIN_SEED`, or the clock; printed either way.
    pub fn from_environment(test: &str) -> Seed {
        let given = std::env::var("BOBBIN_SEED").ok().and_then(|text| text.parse().ok());
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let seed = given.unwrap_or(clock as u64);
        println!("{test}: seed {seed}; again: BOBBIN_SEED={seed} cargo xtask e2e {test}");
        Seed(seed)
    }

    /// A seed that is the number itself.
    pub fn of(seed: u64) -> Seed {
        Seed(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `range`.
    pub fn within(&mut self, range: std::ops::Range<u64>) -> u64 {
        assert!(range.start < range.end, "an empty range has no number");
        range.start + self.next_u64() % (range.end - range.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let (mut a, mut b) = (Seed::of(7), Seed::of(7));
        let ours: Vec<u64> = (0..9).map(|_| a.within(3..10)).collect();
        assert_eq!(ours, (0..9).map(|_| b.within(3..10)).collect::<Vec<u64>>());
        assert!(ours.iter().all(|n| (3..10).contains(n)));
        assert!(ours.iter().any(|n| *n != ours[0]));
    }
}
