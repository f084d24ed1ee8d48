//! The hash that compares states: FNV-1a, 64 bits, over a canonical walk of the state.
//!
//! Kept true: it depends on nothing but the bytes fed to it, so that two nodes and two versions
//! agree.

/// Feed it the state in one fixed order; lengths before contents.
#[derive(Clone, Copy, Debug)]
pub struct StateHash(u64);

impl Default for StateHash {
    fn default() -> StateHash {
        StateHash(0xcbf2_9ce4_8422_2325)
    }
}

impl StateHash {
    /// A number.
    pub fn number(&mut self, n: u64) -> &mut StateHash {
        for byte in n.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    /// Bytes, with their length before them.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut StateHash {
        self.number(bytes.len() as u64);
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    /// The hash of everything fed so far.
    pub fn finish(&self) -> u64 {
        self.0
    }
}
