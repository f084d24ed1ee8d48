//! The simulated world: many cores on one thread, seeded time and order, memory disks, a loopback.
//!
//! Kept true: every order and delay comes from the seed, nothing from addresses, clocks or hash
//! maps, so that two runs of one seed are the same. An operation is handed over at the end of the
//! turn that started it, in the order of starts, as the ring's are.

pub(crate) mod disk;
mod net;
mod options;
mod port;
mod world;

pub use disk::{Crash, Disk, DiskOp, FailRule, Rot};
pub(crate) use disk::{OpenFile, file_len, try_lock};
pub(crate) use net::Socket;
pub use options::{SimOptions, Stuck};
pub(crate) use port::Port;
pub use world::World;

#[cfg(test)]
#[path = "disk_test.rs"]
mod disk_test;
#[cfg(test)]
#[path = "late_test.rs"]
mod late_test;
#[cfg(test)]
#[path = "world_test.rs"]
mod world_test;
