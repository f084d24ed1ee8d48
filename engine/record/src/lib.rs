//! What a record batch is: Kafka's message format version 2, checked and built.
//!
//! Bytes come as a [`Rope`], a list of slices, and are never copied whole: a header is 61 bytes
//! copied out, a checksum is fed piece by piece, records are walked where they lie.
//!
//! Kept true: nothing here allocates what a length inside a batch says; what a stranger sends is
//! refused in words, never by a panic; no clock, no file, no async.

pub mod batch;
pub mod build;
pub mod codec;
pub mod read;
pub mod retain;
pub mod rope;
mod unpack;
pub mod validate;
mod walk;

#[cfg(test)]
mod dice;

pub use batch::{BadBatch, BatchHeader, BatchView, HEADER_BYTES, stamp, stamp_log_append_time};
pub use build::BatchBuilder;
pub use codec::Codec;
pub use engine_base::settings::{Depth, TimestampType};
pub use read::{BadRecords, Glance, Header, Record, RecordReader};
pub use retain::{Horizon, Judging, Left, Rebuilding, empty_batch};
pub use rope::{Cursor, Rope};
pub use validate::{Rules, Validated, Validation, unpacked_bytes_max, validate};
