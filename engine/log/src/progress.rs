//! How far the journal has come. Both marks only move forward, and `submitted >= durable`.

/// The sequence of a journal block. 0 is before every block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// How far the journal of a shard has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// This block and all before it were handed to the kernel: a killed process does not lose them.
    pub submitted: Seq,
    /// This block and all before it are flushed: a power loss does not lose them.
    pub durable: Seq,
}
