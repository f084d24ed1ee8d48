//! Segment files and their sidecars: opened on first use, a bounded number kept open.
//!
//! Kept true:
//! - A segment is open once, so its index has one copy; one that is created is a new file, whatever
//!   had its name or is still open under it.
//! - Nothing is written before the locks of both files are held: what a killed process still had in
//!   flight has landed by then, and what is written afterwards stays.
//! - Loading a sidecar checks every entry, and an entry that does not hold becomes a hole that is
//!   reported when it is read, never skipped in silence.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId, Offset};
use engine_rt::sync::Notify;
use engine_rt::{Core, Create, File, Open};

use crate::StoreOptions;
use crate::fields::{as_u64, round_up};
use crate::names::SegmentName;
use crate::sidecar::{SIDE_ENTRY_BYTES, SideIndex, SideKey, SideRecord};
use crate::{lock, names};

/// A segment among those of all logs.
pub(crate) type SegmentKey = (LogId, SegmentName);

/// An open segment file with its sidecar.
pub(crate) struct Segment {
    pub(crate) key: SegmentKey,
    pub(crate) log: File,
    pub(crate) side: File,
    pub(crate) index: RefCell<SideIndex>,
    /// Sidecar entries that do not hold, by their byte position.
    pub(crate) holes: RefCell<Vec<u64>>,
    /// Bytes of the segment file that surely have space on disk; 0 before it is writable.
    pub(crate) allocated: Cell<u64>,
    /// The same of the sidecar.
    pub(crate) side_allocated: Cell<u64>,
    /// Both files are locked, and the sidecar was cut to what counts.
    writable: Cell<bool>,
    used: Cell<u64>,
}

impl Segment {
    /// What checksums of this segment are bound to.
    pub(crate) fn side_key(&self) -> SideKey {
        SideKey::of(self.key)
    }

    /// Before the first write through these descriptors: waits until no write of an earlier life
    /// can land any more, and cuts the sidecar to the `side_bytes` that count. Entries behind them
    /// are of an earlier life: they must not come back. Nor does its space count behind `position`:
    /// after a power loss a file may be longer than what it has.
    ///
    /// # Errors
    /// [`FaultKind::Refused`] if an earlier process keeps a file for too long; a failed cut.
    pub(crate) async fn make_writable(
        &self,
        core: &Core,
        position: u64,
        side_bytes: u64,
    ) -> Result<(), Fault> {
        if self.writable.get() {
            return Ok(());
        }
        let give_up = core.now() + lock::LOCK_WAIT;
        for file in [&self.log, &self.side] {
            lock::take(core, file, give_up, STILL_WRITTEN).await?;
        }
        let failed = |e| OpenError::new(self.side.path(), e).writing();
        if self.side.len().await.map_err(failed)? > side_bytes {
            self.side.set_len(side_bytes).await.map_err(failed)?;
        }
        self.allocated.set(position);
        self.side_allocated.set(side_bytes);
        self.writable.set(true);
        Ok(())
    }
}

const STILL_WRITTEN: &str = "writes of an earlier process to this file are still under way";

enum Slot {
    Opening(Notify),
    Open(Rc<Segment>),
}

/// What a checkpoint has to flush.
#[derive(Default)]
pub(crate) struct Unflushed {
    /// Segments that were written, while they are few.
    pub(crate) segments: BTreeMap<SegmentKey, Rc<Segment>>,
    /// Logs whose directory changed.
    pub(crate) dirs: BTreeSet<LogId>,
    /// They were too many to be kept open: the whole file system is flushed.
    pub(crate) everything: bool,
}

/// More written segments than this are flushed with the whole file system.
const FLUSH_ONE_BY_ONE_MAX: usize = 16;

/// The open segments of a shard.
pub(crate) struct Segments {
    core: Core,
    dir: PathBuf,
    direct: bool,
    open_max: usize,
    slots: RefCell<BTreeMap<SegmentKey, Slot>>,
    clock: Cell<u64>,
    /// The clock when idle ones were looked for last.
    looked: Cell<u64>,
    /// What was written since the last checkpoint.
    unflushed: RefCell<Unflushed>,
}

impl Segments {
    pub(crate) fn new(core: &Core, dir: &Path, options: &StoreOptions) -> Segments {
        Segments {
            core: core.clone(),
            dir: dir.to_path_buf(),
            direct: options.direct,
            open_max: options.open_segments_max,
            slots: RefCell::new(BTreeMap::new()),
            clock: Cell::new(0),
            looked: Cell::new(0),
            unflushed: RefCell::new(Unflushed::default()),
        }
    }

    /// The segment, opened for reading and writing with the first `side_bytes` of its sidecar. With
    /// `create` it is a new, empty file: whoever still has the one of that name open keeps that.
    ///
    /// # Errors
    /// [`FaultKind::Missing`] without the file, [`FaultKind::ReadFailed`].
    pub(crate) async fn open(
        &self,
        key: SegmentKey,
        side_bytes: u64,
        create: bool,
    ) -> Result<Rc<Segment>, OpenError> {
        loop {
            let wait = match self.slots.borrow().get(&key) {
                Some(Slot::Open(segment)) if !create => {
                    self.touch(segment);
                    return Ok(Rc::clone(segment));
                }
                // Somebody may be opening a file that has lost its name by now.
                Some(Slot::Opening(done)) => done.notified(),
                Some(Slot::Open(_)) | None => break,
            };
            wait.await;
        }
        if create {
            self.forget(key);
        }
        let done = Notify::new();
        self.slots.borrow_mut().insert(key, Slot::Opening(done.clone()));
        let guard = Opening { segments: self, key, done };
        let segment = self.open_files(key, side_bytes, create).await?;
        let segment = Rc::new(segment);
        self.touch(&segment);
        self.slots.borrow_mut().insert(key, Slot::Open(Rc::clone(&segment)));
        drop(guard);
        self.close_unused();
        Ok(segment)
    }

    async fn open_files(
        &self,
        key: SegmentKey,
        side_bytes: u64,
        create: bool,
    ) -> Result<Segment, OpenError> {
        let (log_path, side_path) =
            (names::segment(&self.dir, key.0, key.1), names::sidecar(&self.dir, key.0, key.1));
        let log = self.open_file(&log_path, create, self.direct).await?;
        let side = self.open_file(&side_path, create, false).await?;
        let side_key = SideKey::of(key);
        let bytes = read_side(&self.core, &side, side_bytes).await;
        let bytes = bytes.map_err(|e| OpenError::new(&side_path, e))?;
        let loaded = load_index(side_key, &bytes, side_bytes);
        Ok(Segment {
            key,
            log,
            side,
            index: RefCell::new(loaded.index),
            holes: RefCell::new(loaded.holes),
            allocated: Cell::new(0),
            side_allocated: Cell::new(0),
            writable: Cell::new(false),
            used: Cell::new(0),
        })
    }

    /// Opens a file; with `create` it is a new one.
    async fn open_file(&self, path: &Path, create: bool, direct: bool) -> Result<File, OpenError> {
        let failed = |e| OpenError::new(path, e);
        let how = Open { write: true, create: Create::No, direct };
        if !create {
            return self.core.open(path, how).await.map_err(failed);
        }
        let how = Open { create: Create::New, ..how };
        match self.core.open(path, how).await {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                // Cut to nothing. Readers, perhaps a write of an earlier life, have the old one.
                self.core.remove_file(path).await.map_err(failed)?;
                self.core.open(path, how).await.map_err(failed)
            }
            opened => opened.map_err(failed),
        }
    }

    fn touch(&self, segment: &Segment) {
        self.clock.set(self.clock.get() + 1);
        segment.used.set(self.clock.get());
    }

    /// Closes the longest unused segments that nobody holds, beyond the bound.
    fn close_unused(&self) {
        let mut slots = self.slots.borrow_mut();
        if slots.len() <= self.open_max {
            return;
        }
        let mut idle: Vec<(u64, SegmentKey)> = slots
            .iter()
            .filter_map(|(key, slot)| match slot {
                Slot::Open(segment) if Rc::strong_count(segment) == 1 => {
                    Some((segment.used.get(), *key))
                }
                Slot::Open(_) | Slot::Opening(_) => None,
            })
            .collect();
        idle.sort_unstable();
        // A few more than needed, so that the walk is paid for rarely.
        let excess = slots.len() - self.open_max + self.open_max / 8;
        for (_, key) in idle.into_iter().take(excess) {
            slots.remove(&key);
        }
    }

    /// Closes what nobody holds and nobody opened since the last call.
    pub(crate) fn close_idle(&self) {
        let before = self.looked.replace(self.clock.get());
        self.slots.borrow_mut().retain(|_, slot| match slot {
            Slot::Open(segment) => Rc::strong_count(segment) > 1 || segment.used.get() > before,
            Slot::Opening(_) => true,
        });
    }

    /// Segments that are open.
    #[cfg(test)]
    pub(crate) fn open_count(&self) -> usize {
        self.slots.borrow().len()
    }

    /// Forgets a segment whose file goes or changes its meaning.
    pub(crate) fn forget(&self, key: SegmentKey) {
        let mut slots = self.slots.borrow_mut();
        if matches!(slots.get(&key), Some(Slot::Open(_))) {
            slots.remove(&key);
        }
        self.unflushed.borrow_mut().segments.remove(&key);
    }

    /// Closes the files of a store that has ended, so that another life may write to them.
    pub(crate) fn release(&self) {
        self.slots.take();
        self.unflushed.take();
    }

    /// Takes note that a segment was written.
    pub(crate) fn note_written(&self, segment: &Rc<Segment>) {
        let mut unflushed = self.unflushed.borrow_mut();
        if unflushed.everything {
            return;
        }
        unflushed.segments.insert(segment.key, Rc::clone(segment));
        if unflushed.segments.len() > FLUSH_ONE_BY_ONE_MAX {
            // Files are not kept open for it.
            unflushed.segments.clear();
            unflushed.everything = true;
        }
    }

    /// Takes note that names in a log's directory came or went.
    pub(crate) fn note_dir(&self, log: LogId) {
        self.unflushed.borrow_mut().dirs.insert(log);
    }

    /// What is to be flushed, taken by a checkpoint.
    pub(crate) fn take_unflushed(&self) -> Unflushed {
        self.unflushed.take()
    }
}

/// Takes the mark away if opening did not come to its end.
struct Opening<'a> {
    segments: &'a Segments,
    key: SegmentKey,
    done: Notify,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        let mut slots = self.segments.slots.borrow_mut();
        if matches!(slots.get(&self.key), Some(Slot::Opening(_))) {
            slots.remove(&self.key);
        }
        drop(slots);
        self.done.notify_all();
    }
}

/// Why a segment could not be opened.
#[derive(Debug)]
pub(crate) struct OpenError {
    pub(crate) path: String,
    pub(crate) error: io::Error,
}

impl OpenError {
    fn new(path: &Path, error: io::Error) -> OpenError {
        OpenError { path: path.display().to_string(), error }
    }

    pub(crate) fn is_full(&self) -> bool {
        is_full(&self.error)
    }

    /// For a reader: the file must be there.
    pub(crate) fn reading(self) -> Fault {
        let kind = match self.error.kind() {
            io::ErrorKind::NotFound => FaultKind::Missing,
            _ => FaultKind::ReadFailed,
        };
        Fault::new(kind, self.path, self.error.to_string())
    }

    /// For a writer: the directory stops.
    pub(crate) fn writing(self) -> Fault {
        Fault::new(FaultKind::WriteFailed, self.path, self.error.to_string())
    }
}

/// Whether there was no space: a state that ends by itself, not a fault.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The first `side_bytes` of a sidecar, fewer if it is shorter.
pub(crate) async fn read_side(core: &Core, side: &File, side_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while as_u64(bytes.len()) < side_bytes {
        let want = usize::try_from(side_bytes - as_u64(bytes.len())).unwrap_or(usize::MAX);
        let want = want.min(128 << 10);
        let (read, buf) = side.read_at(core.buf(want), as_u64(bytes.len()), want).await;
        if read? == 0 {
            break;
        }
        bytes.extend_from_slice(buf.filled());
    }
    Ok(bytes)
}

/// A sidecar as it was loaded.
#[derive(Debug, Default)]
pub(crate) struct LoadedIndex {
    pub(crate) index: SideIndex,
    /// Byte positions of entries that do not hold.
    pub(crate) holes: Vec<u64>,
    /// The seal, if it is the last entry: the segment's bytes and end offset.
    pub(crate) seal: Option<(u64, Offset)>,
}

/// Reads the entries of a sidecar's first `side_bytes`; what `bytes` lacks of them are holes.
pub(crate) fn load_index(key: SideKey, bytes: &[u8], side_bytes: u64) -> LoadedIndex {
    let mut loaded = LoadedIndex::default();
    for i in 0..side_bytes / as_u64(SIDE_ENTRY_BYTES) {
        let at = i * as_u64(SIDE_ENTRY_BYTES);
        let entry = usize::try_from(at).ok().and_then(|at| bytes.get(at..));
        loaded.seal = None;
        match entry.and_then(|entry| key.decode(i, entry)) {
            Some(SideRecord::Run(run)) => {
                if loaded.index.push(run, !loaded.holes.is_empty()).is_err() {
                    loaded.holes.push(at);
                }
            }
            Some(SideRecord::Seal { bytes, end, .. }) => loaded.seal = Some((bytes, end)),
            None => loaded.holes.push(at),
        }
    }
    loaded
}

/// How much a file that needs `need` bytes and has `allocated` is allocated to, in steps that grow
/// with it.
pub(crate) fn allocation(allocated: u64, need: u64, steps: (u64, u64), device_block: u64) -> u64 {
    let step = allocated.clamp(steps.0, steps.1);
    round_up(need.max(allocated + step), device_block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_allocated_in_steps_that_grow_with_it() {
        let steps = (128 << 10, 32 << 20);
        assert_eq!(allocation(0, 4096, steps, 4096), 128 << 10);
        assert_eq!(allocation(128 << 10, 132 << 10, steps, 4096), 256 << 10);
        assert_eq!(allocation(100 << 20, 101 << 20, steps, 4096), 132 << 20);
        assert_eq!(allocation(0, 1 << 20, steps, 4096), 1 << 20);
    }
}
