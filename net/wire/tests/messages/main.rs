//! Every message in every version: against Kafka's own classes, and against broken bytes.

// Only the counting allocator needs it.
#![allow(unsafe_code)]

mod bounds;
mod counting;
mod dice;
mod generated;
mod oracle;
mod sample;
