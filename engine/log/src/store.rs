//! One store per shard: its journal and its logs.

use std::path::Path;

use engine_base::{Fault, LogId, Refusal, Uuid};
use engine_rt::Core;

use crate::{Log, LogOptions, Progress, Recovered, Seq, StoreOptions, StoreStats};

/// A shard's journal and logs. A handle: clones are the same store. It lives on one core.
#[derive(Clone, Debug)]
pub struct Store {}

/// Makes an empty shard in `dir`, which must not hold one yet.
///
/// # Errors
/// A fault if the directory is taken or cannot be written.
pub async fn format(
    _core: &Core,
    _dir: &Path,
    _shard: Uuid,
    _options: &StoreOptions,
) -> Result<(), Fault> {
    unreachable!("not built yet")
}

impl Store {
    /// Takes the shard in `dir`, recovers it and starts its tasks on `core`. The journal's geometry is
    /// the one it was formatted with.
    ///
    /// # Errors
    /// [`engine_base::FaultKind::Refused`] if another process has it; [`engine_base::FaultKind::Rot`] if
    /// the journal or both checkpoints are rotten: then nothing was cut.
    pub async fn open(
        _core: &Core,
        _dir: &Path,
        _options: StoreOptions,
    ) -> Result<(Store, Recovered), Fault> {
        unreachable!("not built yet")
    }

    /// Creates a log. It exists at once; durable with the returned sequence.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] if the id is or was in use; [`Refusal::Overloaded`] if the journal
    /// has no room now; [`Refusal::StorageStopped`] after a fault.
    pub fn create_log(&self, _id: LogId, _options: LogOptions) -> Result<(Log, Seq), Refusal> {
        unreachable!("not built yet")
    }

    /// Deletes a log. It is gone at once; its files are removed once the returned sequence is durable.
    ///
    /// # Errors
    /// As [`Store::create_log`]; [`Refusal::UnknownTopicOrPartition`] if there is no such log.
    pub fn delete_log(&self, _id: LogId) -> Result<Seq, Refusal> {
        unreachable!("not built yet")
    }

    /// Puts a log that the metadata does not know aside: its files move to `aside/` and it is no more.
    ///
    /// # Errors
    /// A fault of the disk.
    pub async fn set_aside(&self, _id: LogId) -> Result<(), Fault> {
        unreachable!("not built yet")
    }

    /// The log of this id.
    pub fn log(&self, _id: LogId) -> Option<Log> {
        unreachable!("not built yet")
    }

    /// The ids of all logs, ascending.
    pub fn log_ids(&self) -> Vec<LogId> {
        unreachable!("not built yet")
    }

    /// How far the journal has come. Write-cached appends are acknowledged at `submitted`, the others
    /// at `durable`.
    pub fn progress(&self) -> Progress {
        unreachable!("not built yet")
    }

    /// Waits until the progress differs from `seen`.
    ///
    /// # Errors
    /// The fault that stopped the store, once and for ever.
    pub async fn progressed(&self, _seen: Progress) -> Result<Progress, Fault> {
        unreachable!("not built yet")
    }

    /// Backpressure: waits until an append of `bytes` is admitted by memory, journal and disk.
    ///
    /// # Errors
    /// [`Refusal::StorageFull`] below the disk reserve, [`Refusal::StorageStopped`] after a fault,
    /// [`Refusal::MessageTooLarge`] if no journal could hold it.
    pub async fn room(&self, _bytes: usize) -> Result<(), Refusal> {
        unreachable!("not built yet")
    }

    /// The fault that stopped the store.
    pub fn failed(&self) -> Option<Fault> {
        unreachable!("not built yet")
    }

    /// Flushes, closes the journal with an empty block, writes a checkpoint and ends the tasks. No
    /// append may follow.
    ///
    /// # Errors
    /// The fault that stopped the store.
    pub async fn close(&self) -> Result<(), Fault> {
        unreachable!("not built yet")
    }

    /// Counters and gauges.
    pub fn stats(&self) -> StoreStats {
        unreachable!("not built yet")
    }
}
