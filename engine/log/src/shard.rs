//! What the handles and the tasks of one store share. One core, no lock: cells are borrowed for the
//! length of a plain function, never across an await.
//!
//! Kept true: after a fault nothing is acknowledged, appended or written any more; whoever waits is
//! told.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use engine_base::{Fault, LogId, Refusal, Uuid};
use engine_rt::sync::Notify;
use engine_rt::{Core, File, Task};

use crate::checkpointer::Checkpoints;
use crate::chunk::{ChunkSource, MemoryGauge};
use crate::entry::Entry;
use crate::fields::as_u64;
use crate::journal::{Journal, Level, Reserve};
use crate::log_state::LogState;
use crate::options::{FlushMethod, LiveOptions};
use crate::progress::{Progress, Seq};
use crate::remover::Removal;
use crate::report::FlushTimes;
use crate::segment::{SegmentKey, Segments};
use crate::space::Space;
use crate::{StoreOptions, StoreStats};

/// One log, shared by its handles and the tasks.
#[derive(Debug)]
pub(crate) struct LogCell {
    pub(crate) id: LogId,
    pub(crate) state: RefCell<LogState>,
}

/// Counters that no structure keeps by itself.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) appended_bytes: Cell<u64>,
    pub(crate) destaged_bytes: Cell<u64>,
    pub(crate) checkpoints: Cell<u64>,
    pub(crate) carried: Cell<u64>,
    pub(crate) read_bytes: Cell<u64>,
    pub(crate) compacting: Cell<u64>,
    pub(crate) compactions: Cell<u64>,
    pub(crate) compacted_bytes: Cell<u64>,
    pub(crate) compacted_to_bytes: Cell<u64>,
    pub(crate) compaction_faults: Cell<u64>,
}

pub(crate) fn add(counter: &Cell<u64>, n: u64) {
    counter.set(counter.get() + n);
}

/// A store's insides.
pub(crate) struct Shard {
    pub(crate) core: Core,
    pub(crate) dir: PathBuf,
    /// Open since before the first write of this life: a flush of the whole file system through it
    /// tells every error since then.
    pub(crate) witness: File,
    pub(crate) uuid: Uuid,
    pub(crate) options: StoreOptions,
    pub(crate) live: Cell<LiveOptions>,
    pub(crate) journal: RefCell<Journal>,
    pub(crate) logs: RefCell<BTreeMap<LogId, Rc<LogCell>>>,
    /// Memory of all tails.
    pub(crate) gauge: MemoryGauge,
    /// Bytes of all tails that are not in segments.
    pub(crate) dirty: Cell<u64>,
    /// Producers that all logs know.
    pub(crate) producers: Cell<usize>,
    /// Logs with such bytes, by the oldest journal sequence that holds one.
    pub(crate) ages: RefCell<BTreeSet<(u64, LogId)>>,
    /// Logs that are due to be destaged.
    pub(crate) due: RefCell<VecDeque<Rc<LogCell>>>,
    /// Logs with a chunk that may be evicted, in the order in which they came into files.
    pub(crate) evictable: RefCell<VecDeque<LogId>>,
    pub(crate) segments: Segments,
    pub(crate) space: Space,
    pub(crate) counters: Counters,
    pub(crate) checkpoints: RefCell<Checkpoints>,
    /// Segments whose files are to be removed: none of their names is used meanwhile.
    pub(crate) removing: RefCell<BTreeSet<SegmentKey>>,
    /// What is to be removed once a sequence is durable.
    pub(crate) removals: RefCell<VecDeque<Removal>>,
    /// Somebody found no room: the ring's keeper does what it can at once.
    pub(crate) pressed: Cell<bool>,
    /// The same for memory.
    pub(crate) memory_pressed: Cell<bool>,
    /// How the next journal block is flushed.
    pub(crate) flush: Cell<FlushMethod>,
    /// What was measured, once something was.
    pub(crate) flush_times: Cell<Option<FlushTimes>>,
    /// The last share that housekeeping was given.
    pub(crate) housekeeping_share: Cell<u32>,
    /// The journal has something to write.
    pub(crate) journal_work: Notify,
    /// Progress moved, or the store failed.
    pub(crate) moved: Notify,
    /// There may be room for an append.
    pub(crate) admitted: Notify,
    /// A log is due.
    pub(crate) due_work: Notify,
    /// A destage ended.
    pub(crate) destage_done: Notify,
    /// The ring's keeper should look.
    pub(crate) keeper_work: Notify,
    /// Memory is short, or soon will be.
    pub(crate) memory_work: Notify,
    /// A checkpoint became durable.
    pub(crate) checkpointed: Notify,
    /// Files went: there may be space.
    pub(crate) space_work: Notify,
    /// Whoever compacts should look.
    pub(crate) compaction_work: Notify,
    /// Nothing new begins.
    pub(crate) closing: Cell<bool>,
    /// Nothing is left to be written.
    pub(crate) ended: Cell<bool>,
    /// A checkpoint is being taken.
    pub(crate) checkpointing: Cell<bool>,
    pub(crate) tasks: RefCell<Vec<Task<()>>>,
    failed: RefCell<Option<Fault>>,
}

impl Shard {
    #[expect(clippy::too_many_arguments, reason = "made in one place, from what recovery found")]
    pub(crate) fn new(
        core: &Core,
        dir: PathBuf,
        witness: File,
        uuid: Uuid,
        options: StoreOptions,
        journal: Journal,
        logs: BTreeMap<LogId, Rc<LogCell>>,
        gauge: MemoryGauge,
        space: Space,
    ) -> Shard {
        let segments = Segments::new(core, &dir, &options);
        Shard {
            core: core.clone(),
            dir,
            witness,
            uuid,
            live: Cell::new(LiveOptions::of(&options)),
            options,
            journal: RefCell::new(journal),
            logs: RefCell::new(logs),
            gauge,
            dirty: Cell::new(0),
            producers: Cell::new(0),
            ages: RefCell::new(BTreeSet::new()),
            due: RefCell::new(VecDeque::new()),
            evictable: RefCell::new(VecDeque::new()),
            segments,
            space,
            counters: Counters::default(),
            checkpoints: RefCell::new(Checkpoints::default()),
            removing: RefCell::new(BTreeSet::new()),
            removals: RefCell::new(VecDeque::new()),
            pressed: Cell::new(false),
            memory_pressed: Cell::new(false),
            flush: Cell::new(FlushMethod::Dsync),
            flush_times: Cell::new(None),
            housekeeping_share: Cell::new(0),
            journal_work: Notify::new(),
            moved: Notify::new(),
            admitted: Notify::new(),
            due_work: Notify::new(),
            destage_done: Notify::new(),
            keeper_work: Notify::new(),
            memory_work: Notify::new(),
            checkpointed: Notify::new(),
            space_work: Notify::new(),
            compaction_work: Notify::new(),
            closing: Cell::new(false),
            ended: Cell::new(false),
            checkpointing: Cell::new(false),
            tasks: RefCell::new(Vec::new()),
            failed: RefCell::new(None),
        }
    }

    /// The fault that stopped the store.
    pub(crate) fn failed(&self) -> Option<Fault> {
        self.failed.borrow().clone()
    }

    /// Stops the store for good and tells everybody who waits.
    pub(crate) fn fail(&self, fault: Fault) {
        self.failed.borrow_mut().get_or_insert(fault);
        self.wake_all();
    }

    /// Wakes every task and waiter: the store failed or is closing.
    pub(crate) fn wake_all(&self) {
        let all = [
            &self.journal_work,
            &self.moved,
            &self.admitted,
            &self.due_work,
            &self.destage_done,
            &self.keeper_work,
            &self.memory_work,
            &self.checkpointed,
            &self.space_work,
            &self.compaction_work,
        ];
        all.iter().for_each(|notify| notify.notify_all());
    }

    /// # Errors
    /// After a fault, and once the store is closing.
    pub(crate) fn check_running(&self) -> Result<(), Refusal> {
        if self.failed.borrow().is_some() {
            return Err(Refusal::StorageStopped);
        }
        if self.closing.get() { Err(Refusal::Stopping) } else { Ok(()) }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.borrow().is_some()
    }

    pub(crate) fn progress(&self) -> Progress {
        self.journal.borrow().progress()
    }

    pub(crate) fn log(&self, id: LogId) -> Option<Rc<LogCell>> {
        self.logs.borrow().get(&id).cloned()
    }

    /// All logs as they are now.
    pub(crate) fn all_logs(&self) -> Vec<Rc<LogCell>> {
        self.logs.borrow().values().cloned().collect()
    }

    /// How tails take memory now.
    pub(crate) fn chunks(&self) -> ChunkSource<'_> {
        let free = self.options.memory_bytes.saturating_sub(self.gauge.get());
        let bytes_max = usize::try_from(free / 32).unwrap_or(usize::MAX);
        ChunkSource {
            core: &self.core,
            gauge: &self.gauge,
            bytes: self.options.chunk_bytes,
            bytes_max,
        }
    }

    /// What the ring keeps for a carry-forward, for a start, and for what goes on without space: an
    /// entry that nobody shares a block with costs a whole one.
    pub(crate) fn reserve(&self) -> Reserve {
        let block = as_u64(self.options.device_block);
        // One more of each: what asks may be the first of its log.
        let tails = as_u64(self.ages.borrow().len()) + 1;
        let logs = as_u64(self.logs.borrow().len()) + 1;
        Reserve {
            carry: tails * (block + 128) + 2 * block,
            start: logs * 96 + 4 * block,
            control: (self.options.ring_bytes() / 32).max(6 * block),
        }
    }

    /// Puts a rare entry into the journal.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] if the ring has no room now.
    pub(crate) fn journal_entry(
        &self,
        id: LogId,
        entry: &Entry<'_>,
        level: Level,
    ) -> Result<Seq, Refusal> {
        let mut bytes = Vec::new();
        entry.encode(id, &mut bytes);
        let reserve = self.reserve();
        let mut journal = self.journal.borrow_mut();
        journal.begin(&self.core, bytes.len(), level, reserve)?;
        journal.put(&bytes);
        let sequence = journal.finish();
        drop(journal);
        self.journal_work.notify_all();
        Ok(Seq(sequence))
    }

    /// Takes note that a log's oldest byte outside of segments may lie elsewhere now, and of its
    /// dirty bytes having been `dirty_before`.
    pub(crate) fn settle(&self, log: &mut LogState, dirty_before: u64) {
        let dirty = self.dirty.get() + log.dirty();
        self.dirty.set(dirty - dirty_before);
        let oldest = if log.deleted { None } else { log.oldest_sequence() };
        if oldest != log.age {
            let mut ages = self.ages.borrow_mut();
            if let Some(age) = log.age {
                ages.remove(&(age, log.id));
            }
            if let Some(oldest) = oldest {
                ages.insert((oldest, log.id));
            }
            log.age = oldest;
        }
    }

    /// Counts what a recovered log has.
    pub(crate) fn take_stock(&self, log: &mut LogState) {
        self.settle(log, 0);
        self.bound_producers(log, 0);
    }

    /// Does something that changes the producers of a log, see [`Shard::bound_producers`].
    pub(crate) fn known_by<T>(
        &self,
        log: &mut LogState,
        act: impl FnOnce(&mut LogState) -> T,
    ) -> T {
        let known = log.producers.len();
        let done = act(log);
        self.bound_producers(log, known);
        done
    }

    /// Takes note of how many producers a log knows, `known` before. Once all logs know too many, a
    /// log that comes to know another one forgets the one that was silent for longest, but its
    /// newest.
    pub(crate) fn bound_producers(&self, log: &mut LogState, known: usize) {
        let others = self.producers.get() - known;
        let full = others + log.producers.len() > self.options.producers_max;
        if full && log.producers.len() > known.max(1) {
            log.producers.forget_most_silent();
        }
        self.producers.set(others + log.producers.len());
    }

    /// Puts an append's entry of `bytes`, given in pieces, into the block that fills; says which
    /// sequence holds it.
    pub(crate) fn journal_append<'a>(
        &self,
        bytes: usize,
        level: Level,
        pieces: impl Iterator<Item = &'a [u8]>,
    ) -> Result<u64, Refusal> {
        let reserve = self.reserve();
        let mut journal = self.journal.borrow_mut();
        journal.begin(&self.core, bytes, level, reserve)?;
        pieces.for_each(|piece| journal.put(piece));
        Ok(journal.finish())
    }

    /// Queues a log to be destaged.
    pub(crate) fn make_due(&self, cell: &Rc<LogCell>, log: &mut LogState) {
        if !log.queued && !log.deleted {
            log.queued = true;
            self.due.borrow_mut().push_back(Rc::clone(cell));
            self.due_work.notify_all();
        }
    }

    /// Frees memory that only caches, until `wanted` more bytes fit; says whether they do.
    pub(crate) fn make_memory(&self, wanted: u64, mut busy: Option<&mut LogState>) -> bool {
        let fits = || self.gauge.get() + wanted <= self.options.memory_bytes;
        let mut tries = self.evictable.borrow().len();
        while !fits() && tries > 0 {
            tries -= 1;
            let Some(id) = self.evictable.borrow_mut().pop_front() else { break };
            match &mut busy {
                Some(log) if log.id == id => log.evict(),
                _ => {
                    if let Some(cell) = self.log(id) {
                        cell.state.borrow_mut().evict();
                    }
                }
            }
        }
        fits()
    }

    /// Asks for memory to be made evictable, if there is little left that is.
    pub(crate) fn look_at_memory(&self) {
        let much = self.options.memory_bytes / 8 * 5;
        let spare = as_u64(self.evictable.borrow().len()) * as_u64(self.options.device_block);
        if self.gauge.get() > much && spare < self.options.memory_bytes / 16 {
            self.press_memory();
        }
    }

    /// Somebody needs memory that is not there.
    pub(crate) fn press_memory(&self) {
        if !self.memory_pressed.replace(true) {
            self.memory_work.notify_all();
        }
    }

    pub(crate) fn stats(&self) -> StoreStats {
        let journal = self.journal.borrow();
        StoreStats {
            logs: as_u64(self.logs.borrow().len()),
            blocks: journal.blocks,
            journal_bytes: journal.written_bytes,
            appended_bytes: self.counters.appended_bytes.get(),
            destaged_bytes: self.counters.destaged_bytes.get(),
            dirty_bytes: self.dirty.get(),
            memory_bytes: self.gauge.get(),
            checkpoints: self.counters.checkpoints.get(),
            carried: self.counters.carried.get(),
            read_bytes: self.counters.read_bytes.get(),
            compacting: self.counters.compacting.get(),
            compactions: self.counters.compactions.get(),
            compacted_bytes: self.counters.compacted_bytes.get(),
            compacted_to_bytes: self.counters.compacted_to_bytes.get(),
            compaction_faults: self.counters.compaction_faults.get(),
            storage_full: self.space.is_full(),
            dsync: self.flush.get() == FlushMethod::Dsync,
            flush_times: self.flush_times.get(),
        }
    }
}
