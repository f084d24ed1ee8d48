//! Waiting for one another on one core: no atomics, no locks, nothing is `Send`.
//!
//! Kept true: a waiter is woken by every event that came after its future was made, polled or not;
//! a dropped future leaves nothing behind. No future here allocates per wait in steady state.

mod gate;
mod notify;
mod oneshot;
mod queue;
mod race;
mod waiters;
mod watch;

pub use gate::{Gate, GateClose, Pass};
pub use notify::{Notified, Notify};
pub use oneshot::{Closed, OneReceiver, OneSender, oneshot};
pub use queue::{Pop, Push, Queue};
pub use race::{Either, race};
pub use watch::{Changed, Watch};

#[cfg(all(test, feature = "sim"))]
#[path = "sync_test.rs"]
mod sync_test;
