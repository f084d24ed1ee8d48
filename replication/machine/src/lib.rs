//! The contract of deterministic state fed by a log: decide, records, apply.
//!
//! Kept true: no clock, no chance, no I/O and nothing async; who keeps the contract is replayed to
//! the same state on every node, and [`harness`] is how a machine's tests show that it does.

pub mod contract;
pub mod driver;
pub mod harness;
pub mod hash;

pub use contract::{BadRecord, Decision, Machine, Now, Record, RecordView, SnapshotPart, Ticket};
pub use driver::{Driver, Outcome, Proposal, ProposalId};
pub use harness::Harness;
pub use hash::StateHash;

#[cfg(test)]
#[path = "driver_test.rs"]
mod driver_test;
