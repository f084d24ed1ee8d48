//! One store per shard: its journal and its logs, as their owner sees them.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use engine_base::{Fault, LogId, Refusal, Uuid};
use engine_rt::{Class, Core, File};

use crate::entry::{APPEND_OVERHEAD_BYTES, Entry};
use crate::fields::as_u64;
use crate::journal::Level;
use crate::log_state::LogState;
use crate::options::LiveOptions;
use crate::shard::{LogCell, Shard};
use crate::{
    Log, LogOptions, Progress, Recovered, Seq, StoreOptions, StoreStats, calibration, compactor,
    destage, ending, housekeeping, keeper, recovery, ring_files, writer,
};

/// A shard's journal and logs. A handle: clones are the same store. It lives on one core.
#[derive(Clone)]
pub struct Store {
    shard: Rc<Shard>,
}

/// Makes an empty shard in `dir`, which must not hold one yet.
///
/// # Errors
/// A fault if the directory is taken or cannot be written.
pub async fn format(
    core: &Core,
    dir: &Path,
    shard: Uuid,
    options: &StoreOptions,
) -> Result<(), Fault> {
    recovery::format(core, dir, shard, options).await
}

/// What a fresh shard has still to do while it serves: zeros, then calibration.
async fn settle_in(shard: Rc<Shard>, files: Vec<File>) {
    ring_files::zero_rest(Rc::clone(&shard), files).await;
    calibration::run(shard).await;
}

impl Store {
    /// Takes the shard in `dir`, recovers it and starts its tasks on `core`. The journal's geometry
    /// is the one it was formatted with.
    ///
    /// # Errors
    /// [`engine_base::FaultKind::Refused`] if another process has it;
    /// [`engine_base::FaultKind::Rot`] if the journal or both checkpoints are rotten: then nothing
    /// was cut.
    pub async fn open(
        core: &Core,
        dir: &Path,
        options: StoreOptions,
    ) -> Result<(Store, Recovered), Fault> {
        let (shard, files, recovered) = recovery::recover(core, dir, options).await?;
        let mut tasks = vec![
            core.spawn(
                Class::Housekeeping,
                "journal zeros",
                settle_in(Rc::clone(&shard), files.clone()),
            ),
            core.spawn(Class::Produce, "journal", writer::run(Rc::clone(&shard), files)),
            core.spawn(Class::Housekeeping, "ring keeper", keeper::run(Rc::clone(&shard))),
            core.spawn(Class::Housekeeping, "memory", keeper::make_memory(Rc::clone(&shard))),
            core.spawn(Class::Housekeeping, "idle close", keeper::close_idle(Rc::clone(&shard))),
            core.spawn(Class::Housekeeping, "housekeeping", housekeeping::run(Rc::clone(&shard))),
        ];
        if shard.options.compaction {
            let compactor = compactor::run(Rc::clone(&shard));
            tasks.push(core.spawn(Class::Housekeeping, "compaction", compactor));
        }
        for _ in 0..shard.options.destage_depth {
            let worker = destage::worker(Rc::clone(&shard));
            tasks.push(core.spawn(Class::Housekeeping, "destage", worker));
        }
        shard.tasks.borrow_mut().extend(tasks);
        Ok((Store { shard }, recovered))
    }

    /// Creates a log. It exists at once; durable with the returned sequence.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] if the id is in use; [`Refusal::Overloaded`] if the journal has
    /// no room now; [`Refusal::StorageStopped`] after a fault.
    pub fn create_log(&self, id: LogId, options: LogOptions) -> Result<(Log, Seq), Refusal> {
        self.shard.check_running()?;
        if self.shard.log(id).is_some() {
            return Err(Refusal::InvalidRequest(format!("log {id} is there already")));
        }
        let create = Entry::Create { start: 0 };
        let sequence = self.shard.journal_entry(id, &create, Level::Control)?;
        let state = RefCell::new(LogState::new(id, 0, options));
        let cell = Rc::new(LogCell { id, state });
        self.shard.logs.borrow_mut().insert(id, Rc::clone(&cell));
        Ok((Log::new(&self.shard, cell), sequence))
    }

    /// Deletes a log. It is gone at once; its files are removed once the returned sequence is
    /// durable.
    ///
    /// # Errors
    /// As [`Store::create_log`]; [`Refusal::UnknownTopicOrPartition`] if there is no such log.
    pub fn delete_log(&self, id: LogId) -> Result<Seq, Refusal> {
        self.shard.check_running()?;
        let cell = self.shard.log(id).ok_or(Refusal::UnknownTopicOrPartition)?;
        let sequence = self.shard.journal_entry(id, &Entry::Delete, Level::Start)?;
        self.shard.logs.borrow_mut().remove(&id);
        let mut log = cell.state.borrow_mut();
        let dirty = log.dirty();
        self.shard.known_by(&mut log, LogState::delete);
        self.shard.settle(&mut log, dirty);
        drop(log);
        self.shard.remove_log(cell, sequence);
        self.shard.admitted.notify_all();
        Ok(sequence)
    }

    /// Puts a log that the metadata does not know aside: its files move to `aside/` and it is no
    /// more. False: the disk has no space for that now; the log stays as it is.
    ///
    /// # Errors
    /// A fault of the disk, which stops the store.
    pub async fn set_aside(&self, id: LogId) -> Result<bool, Fault> {
        let set_aside = ending::set_aside(&self.shard, id).await;
        if let Err(fault) = &set_aside {
            // What was not flushed once is never flushed again.
            self.shard.fail(fault.clone());
        }
        set_aside
    }

    /// The log of this id.
    pub fn log(&self, id: LogId) -> Option<Log> {
        self.shard.log(id).map(|cell| Log::new(&self.shard, cell))
    }

    /// The ids of all logs, ascending.
    pub fn log_ids(&self) -> Vec<LogId> {
        self.shard.logs.borrow().keys().copied().collect()
    }

    /// How far the journal has come. Write-cached appends are acknowledged at `submitted`, the
    /// others at `durable`.
    pub fn progress(&self) -> Progress {
        self.shard.progress()
    }

    /// Waits until the progress differs from `seen`.
    ///
    /// # Errors
    /// The fault that stopped the store, once and for ever.
    pub async fn progressed(&self, seen: Progress) -> Result<Progress, Fault> {
        loop {
            let moved = self.shard.moved.notified();
            let now = self.shard.progress();
            if now != seen {
                return Ok(now);
            }
            if let Some(fault) = self.shard.failed() {
                return Err(fault);
            }
            moved.await;
        }
    }

    /// Backpressure: waits until an append of `bytes` is admitted by memory, journal and disk.
    ///
    /// # Errors
    /// [`Refusal::StorageFull`] below the disk reserve, [`Refusal::StorageStopped`] after a fault,
    /// [`Refusal::MessageTooLarge`] if no journal could hold it.
    pub async fn room(&self, bytes: usize) -> Result<(), Refusal> {
        let shard = &self.shard;
        if bytes > shard.options.batch_bytes_max() {
            return Err(Refusal::MessageTooLarge);
        }
        loop {
            let admitted = shard.admitted.notified();
            shard.check_running()?;
            let entry = bytes + APPEND_OVERHEAD_BYTES;
            let reserve = shard.reserve();
            let in_journal = shard.journal.borrow().admits(entry, Level::Client, reserve);
            if !in_journal && shard.journal.borrow().is_ring_short(entry, reserve) {
                // Without space too: what goes on below the reserve waits for the ring as well.
                shard.pressed.set(true);
                shard.keeper_work.notify_all();
            }
            if !shard.space.admits(shard.dirty.get(), as_u64(bytes)) {
                return Err(Refusal::StorageFull);
            }
            let most = as_u64(bytes + shard.options.chunk_bytes[2]);
            let in_memory = shard.make_memory(most, None);
            if in_memory && in_journal {
                return Ok(());
            }
            if !in_memory {
                shard.press_memory();
            }
            shard.keeper_work.notify_all();
            admitted.await;
        }
    }

    /// The fault that stopped the store.
    pub fn failed(&self) -> Option<Fault> {
        self.shard.failed()
    }

    /// Flushes, closes the journal with an empty block, writes a checkpoint and ends the tasks. No
    /// append may follow.
    ///
    /// # Errors
    /// The fault that stopped the store.
    pub async fn close(&self) -> Result<(), Fault> {
        ending::close(&self.shard).await
    }

    /// What of its options holds now.
    pub fn live_options(&self) -> LiveOptions {
        self.shard.live.get()
    }

    /// Changes what of its options may change.
    pub fn set_live_options(&self, live: LiveOptions) {
        if self.shard.live.replace(live) != live {
            self.shard.compaction_work.notify_all();
        }
    }

    /// Counters and gauges.
    pub fn stats(&self) -> StoreStats {
        self.shard.stats()
    }
}

#[cfg(test)]
#[path = "store_checkpoint_test.rs"]
mod store_checkpoint_test;
#[cfg(test)]
#[path = "store_kill_test.rs"]
mod store_kill_test;
#[cfg(test)]
#[path = "store_lives_test.rs"]
mod store_lives_test;
#[cfg(test)]
#[path = "store_more_test.rs"]
mod store_more_test;
#[cfg(test)]
#[path = "store_order_test.rs"]
mod store_order_test;
#[cfg(test)]
#[path = "store_remains_test.rs"]
mod store_remains_test;
#[cfg(test)]
#[path = "store_space_test.rs"]
mod store_space_test;
#[cfg(test)]
#[path = "store_test.rs"]
pub(crate) mod store_test;
