//! Other people's clients against the real binary. Here is what the tests of `tests/` stand on: a
//! broker process, a folder to run in, the clients, and randomness from one printed seed.
//!
//! Kept true: only processes that were started here are ended, each by its own id; everything
//! listens on the loopback; what a failed test leaves behind stays to be looked at, what a passed
//! one leaves is removed.

pub mod answered;
pub mod bad_input;
pub mod broker;
pub mod client_trial;
pub mod clients;
pub mod folder;
pub mod killing;
pub mod members;
pub mod mount;
pub mod peer;
pub mod process;
pub mod program;
pub mod raw_batch;
pub mod seed;
pub mod transcript;
pub mod written;

pub use broker::Broker;
pub use folder::Folder;
pub use seed::Seed;
