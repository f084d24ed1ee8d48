//! Snapshots of a machine over its replica: taken now and then, so that a start replays little.
//!
//! Kept true: a snapshot stands for exactly the records that were applied when its first part was
//! taken, because nothing is applied before the last; it is taken some at a time, and written
//! beside the machine's work. Whatever is wrong with one, the log is replayed from its start.

use std::cell::Cell;

use engine_base::{Fault, FaultKind, Offset};
use engine_log::Snapshot;
use engine_rt::Class;
use replication_machine::{BadRecord, Driver, Machine};

use crate::host::{Host, WAITING_MAX};

/// A snapshot is written again after records of about this many times its bytes.
const LOG_PER_SNAPSHOT: u64 = 2;

/// What a record of a log is at least taken to be, in bytes.
const RECORD_BYTES: u64 = 64;

/// What a host remembers of its snapshots.
#[derive(Default)]
pub(crate) struct Snapshots {
    /// One past the last record of the last one that was taken or loaded.
    end: Cell<Offset>,
    /// Its size in bytes.
    bytes: Cell<u64>,
    /// One is being written.
    saving: Cell<bool>,
    /// One past the last record of the one that was loaded.
    #[cfg(test)]
    loaded: Cell<Offset>,
}

impl Snapshots {
    /// `between`: so many records may have to be replayed at a start; more, where the snapshot is
    /// larger than they are.
    fn is_due(&self, applied_end: Offset, between: Offset) -> bool {
        let records = self.bytes.get() / RECORD_BYTES * LOG_PER_SNAPSHOT;
        let between = between.max(Offset::try_from(records).unwrap_or(Offset::MAX));
        !self.saving.get() && applied_end - self.end.get() >= between
    }

    fn note(&self, end: Offset, parts: &[Vec<u8>]) {
        self.end.set(end);
        self.bytes.set(parts.iter().map(|part| part.len() as u64).sum());
    }
}

impl<M: Machine + 'static> Host<M> {
    /// One past the last record of the snapshot that it began with.
    #[cfg(test)]
    pub(crate) fn loaded_end(&self) -> Offset {
        self.0.snapshots.loaded.get()
    }

    /// Begins with the snapshot that an earlier life left, if there is one that can be used. Before
    /// [`Host::run`]; `fresh` makes a machine.
    pub(crate) async fn load(&self, fresh: impl Fn() -> M) {
        let home = &self.0.home;
        if home.log.end() == 0 {
            // Nobody waits for a look at a new log's.
            return;
        }
        let snapshot = match home.log.load_snapshot().await {
            Ok(Some(snapshot)) => snapshot,
            Ok(None) => return,
            Err(fault) => return home.shard.note(fault),
        };
        let mut driver = Driver::new(fresh(), WAITING_MAX);
        for part in &snapshot.parts {
            match driver.load(part) {
                Ok(()) => home.core.yield_now().await,
                Err(BadRecord::Newer(_)) => return,
                Err(BadRecord::Broken(why)) => {
                    let place = format!("snapshot of the {}, {}", home.name, home.log.id());
                    return home.shard.note(Fault::new(FaultKind::Rot, place, why));
                }
            }
        }
        driver.passed(snapshot.end);
        self.0.snapshots.note(snapshot.end, &snapshot.parts);
        #[cfg(test)]
        self.0.snapshots.loaded.set(snapshot.end);
        *self.0.driver.borrow_mut() = driver;
    }

    /// Takes a snapshot if one is due. Nothing is applied meanwhile; it is written beside.
    pub(crate) async fn take_snapshot(&self) {
        let end = self.0.driver.borrow().applied_end();
        let Some(between) = self.0.home.snapshot_records else { return };
        if !self.0.snapshots.is_due(end, between) {
            return;
        }
        let Some(parts) = self.parts().await else { return };
        self.0.snapshots.note(end, &parts);
        self.0.snapshots.saving.set(true);
        let host = self.clone();
        let task = async move {
            let home = &host.0.home;
            // False, the disk is full or the store ends: the next one is due as always.
            if let Err(fault) = home.log.save_snapshot(Snapshot { end, parts }).await {
                home.shard.note(fault);
            }
            host.0.snapshots.saving.set(false);
        };
        drop(self.0.home.core.spawn(Class::Housekeeping, "snapshot", task));
    }

    /// The machine's whole state; `None` if it takes no snapshots.
    async fn parts(&self) -> Option<Vec<Vec<u8>>> {
        let (mut parts, mut after) = (Vec::new(), None);
        loop {
            let part = self.0.driver.borrow().machine().snapshot(after.as_ref())?;
            parts.push(part.bytes);
            after = part.more_after;
            if after.is_none() {
                return Some(parts);
            }
            self.0.home.core.yield_now().await;
        }
    }
}
