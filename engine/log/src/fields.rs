//! Fixed-width little-endian fields, the alphabet of every layout of ours (batches are Kafka's and
//! big-endian). Reading never goes past the end and never allocates what a length says.

/// Reads fields one after the other. `None` once the bytes are used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }

    pub(crate) fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|b| b[0])
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// A count of things of at least `each` bytes that must still fit into what is left.
    pub(crate) fn count(&mut self, each: usize) -> Option<usize> {
        let n = self.u32()? as usize;
        (n.checked_mul(each)? <= self.rest.len()).then_some(n)
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Writes `field` at `at` of a header that is laid out by position.
pub(crate) fn put<const N: usize>(bytes: &mut [u8], at: usize, field: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&field);
}

/// Rounds up to a multiple of `unit`, a power of two.
pub(crate) fn round_up(n: u64, unit: u64) -> u64 {
    debug_assert!(unit.is_power_of_two());
    (n + unit - 1) & !(unit - 1)
}

/// Rounds down to a multiple of `unit`, a power of two.
pub(crate) fn round_down(n: u64, unit: u64) -> u64 {
    debug_assert!(unit.is_power_of_two());
    n & !(unit - 1)
}

/// A length of bytes that lie in memory, as a position in a file.
pub(crate) fn as_u64(n: usize) -> u64 {
    n as u64
}

/// A distance between two positions of which both ends lie in memory.
pub(crate) fn as_usize(n: u64) -> usize {
    usize::try_from(n).expect("bytes in memory are counted by a usize")
}
