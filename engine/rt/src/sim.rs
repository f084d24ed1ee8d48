//! The simulated world: seeded time, a memory disk with faults, a loopback. See [`World`].
//!
//! Kept true: two runs of one seed do the same, byte for byte ([`World::trace_hash`]).

pub use crate::driver::sim::{Crash, Disk, DiskOp, FailRule, Rot, SimOptions, Stuck, World};
