//! A shard's journal and its partitions' segments: the durable log.
//!
//! Kept true:
//! - An append is durable when its journal block **and all before it** are flushed; nothing else is
//!   ever waited for before an acknowledgement.
//! - Entries reach the journal in the order of the calls, so sequences never decrease from call to
//!   call.
//! - A segment file is a plain concatenation of record batches, written in whole device blocks, in
//!   order.
//! - A failed write or flush stops the store for good: it comes back only through recovery.
//! - Recovery cuts the journal only at a torn end. Rot is reported with its place; no log is cut
//!   for it.
//! - Only this crate knows the names and layouts of a shard's files (`docs/formats`).

pub mod options;
pub mod progress;
pub mod report;

// What stands on disk, byte for byte.
mod block;
mod checkpoint;
mod entry;
mod fields;
mod identity;
mod names;
mod sealed;
mod sidecar;
mod snapshot;

// How it lives.
mod calibration;
mod carried;
mod destage;
mod ending;
mod hard_state;
mod housekeeping;
mod journal;
mod keeper;
mod lock;
mod log;
mod log_cut;
mod log_image;
mod log_start;
mod log_state;
mod producers;
mod reader;
mod remover;
mod replaced;
mod rest;
mod ring;
mod segment;
mod shard;
mod space;
mod store;
mod tail;
mod times;
mod truncate;
mod writer;

// How it is compacted.
mod cleanable;
mod compaction;
mod compactor;
mod key_table;
mod pace;
mod segment_walk;
mod segment_writer;

// How it comes back.
mod checkpoint_file;
mod checkpointer;
mod chunk;
mod dump;
mod finding;
mod orphans;
mod recovery;
mod replay;
mod ring_files;
mod stream;
mod verify;

pub use dump::dump;
pub use finding::{Fact, Finding};
pub use hard_state::HardState;
pub use log::{Log, ReadError, SegmentInfo, TimedOffset};
pub use options::{FlushChoice, FlushMethod, LiveOptions, LogOptions, StoreOptions};
pub use producers::{BATCHES_KEPT, NumberedBatch, PRODUCERS_MAX, Producer, sequence_after};
pub use progress::{Progress, Seq};
pub use report::{FlushTimes, Recovered, RecoveredLog, RecoveryReport, StoreStats, VerifyReport};
pub use snapshot::Snapshot;
pub use store::{Store, format};
pub use verify::verify;
