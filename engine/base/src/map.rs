//! Hash maps for integer keys with a fixed hash, so that two runs of one seed walk them alike.
//!
//! Keys here are our own numbers (log ids, slots, sequences), never a stranger's bytes: those go
//! into ordered maps, which no choice of keys can slow down.

#[expect(
    clippy::disallowed_types,
    reason = "this is the one place that gives it a fixed hash"
)]
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map from our own integers, iterated in an order that depends on its history alone.
#[expect(clippy::disallowed_types, reason = "with a fixed hash")]
pub type IntMap<K, V> = HashMap<K, V, BuildHasherDefault<IntHasher>>;

/// A set of our own integers, iterated in an order that depends on its history alone.
#[expect(clippy::disallowed_types, reason = "with a fixed hash")]
pub type IntSet<K> = HashSet<K, BuildHasherDefault<IntHasher>>;

/// Fibonacci hashing of at most a few integers (Knuth, TAOCP volume 3, 6.4).
#[derive(Clone, Copy, Debug, Default)]
pub struct IntHasher(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for IntHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0 ^ n).wrapping_mul(GOLDEN).rotate_left(29);
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_i32(&mut self, n: i32) {
        self.write_u64(u64::from(n.cast_unsigned()));
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}
