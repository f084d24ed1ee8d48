//! Taking a shard: lock, flush, newest checkpoint, chain, a new generation, and a checkpoint that
//! carries every tail before the first append.
//!
//! Kept true:
//! - Nothing is read before the locks are held and the journal is flushed: what is found stays
//!   found.
//! - A new life takes a generation and sequences above everything seen anywhere, so that no block
//!   of an earlier life can ever join its chain.
//! - A life that begins from an older checkpoint, because a newer one cannot be read, removes the
//!   newer one before it changes anything: it would contradict what is written from then on.
//! - Files that no replayed log knows are left to the remover; a missing file is a fault of its log
//!   only.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId, Uuid};
use engine_rt::{Class, Core, Create, File, Open, Sync};

use crate::block::JournalKey;
use crate::checkpoint::{Body, Checkpoint, Place};
use crate::chunk::{ChunkSource, MemoryGauge};
use crate::identity::{IDENTITY_BYTES, Identity};
use crate::journal::{Beginning, Journal};
use crate::log_state::LogState;
use crate::replay::{Replayed, replay};
use crate::report::{Recovered, RecoveredLog, RecoveryReport};
use crate::ring::Ring;
use crate::ring_files::{RingReader, take, zero};
use crate::segment::is_full;
use crate::shard::{LogCell, Shard};
use crate::space::Space;
use crate::{
    FlushMethod, StoreOptions, calibration, checkpoint_file, checkpointer, destage, names, orphans,
    remover,
};

/// Bytes of the first journal file that are zeroed before a fresh shard serves.
const FIRST_ZEROS: u64 = 1 << 20;

/// Makes an empty shard; see [`crate::format`].
pub(crate) async fn format(
    core: &Core,
    dir: &Path,
    shard: Uuid,
    options: &StoreOptions,
) -> Result<(), Fault> {
    options.check()?;
    let failed = |path: &Path, e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    let identity = names::identity(dir);
    if core.exists(&identity).await.map_err(|e| failed(&identity, e))? {
        let why = "there is a shard in this directory already";
        return Err(Fault::new(FaultKind::Refused, dir.display().to_string(), why));
    }
    // Directories that are made above this one need their names flushed too.
    let mut parents = Vec::new();
    for made in dir.ancestors() {
        let Some(parent) = made.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
            break;
        };
        parents.push(parent.to_path_buf());
        if core.exists(parent).await.map_err(|e| failed(parent, e))? {
            break;
        }
    }
    for sub in [names::JOURNAL, names::LOGS] {
        let path = dir.join(sub);
        core.create_dir_all(&path).await.map_err(|e| failed(&path, e))?;
    }
    let first = names::journal_file(dir, 0);
    let how = Open { write: true, create: Create::Yes, direct: options.direct };
    let file = core.open(&first, how).await.map_err(|e| failed(&first, e))?;
    file.set_len(0).await.map_err(|e| failed(&first, e))?;
    let some = options.journal_file_bytes.min(FIRST_ZEROS);
    zero(core, &file, some).await.map_err(|e| failed(&first, e))?;
    let journal = dir.join(names::JOURNAL);
    core.sync_dir(&journal).await.map_err(|e| failed(&journal, e))?;
    let begin = Checkpoint {
        number: 1,
        generation: 0,
        began: 0,
        sequence: 0,
        replay: Place::default(),
        after: 0,
        previous_crc: 0,
        logs: Vec::new(),
    };
    match checkpoint_file::write(core, dir, shard, &begin, Body::default()).await {
        Ok(()) => {}
        Err(checkpoint_file::NotWritten::Fault(fault)) => return Err(fault),
        Err(checkpoint_file::NotWritten::Full) => {
            let place = dir.display().to_string();
            return Err(Fault::new(FaultKind::WriteFailed, place, "no space on the disk"));
        }
    }
    let key = core.secret().map_err(|e| failed(&identity, e))?;
    write_identity(core, dir, &Identity::new(shard, JournalKey(key), options)).await?;
    for parent in parents {
        core.sync_dir(&parent).await.map_err(|e| failed(&parent, e))?;
    }
    Ok(())
}

/// Names the directory a shard: it comes last, so a directory without an identity is none yet.
async fn write_identity(core: &Core, dir: &Path, identity: &Identity) -> Result<(), Fault> {
    let failed = |path: &Path, e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    let (temporary, named) = (dir.join(names::IDENTITY_NEW), names::identity(dir));
    checkpoint_file::new_file_next(core, &temporary).await.map_err(|e| failed(&temporary, e))?;
    let how = Open { write: true, create: Create::New, direct: false };
    let file = core.open(&temporary, how).await.map_err(|e| failed(&temporary, e))?;
    let mut buf = core.buf(IDENTITY_BYTES);
    let range = buf.append(&identity.encode());
    let written = file.write_at(buf.share(range), 0, Sync::No).await;
    written.map_err(|e| failed(&temporary, e))?;
    file.sync_all().await.map_err(|e| failed(&temporary, e))?;
    core.rename(&temporary, &named).await.map_err(|e| failed(&named, e))?;
    core.sync_dir(dir).await.map_err(|e| failed(dir, e))
}

/// What is known of a shard before its journal is read.
pub(crate) struct Taken {
    pub(crate) identity: Identity,
    pub(crate) options: StoreOptions,
    pub(crate) files: Vec<File>,
    pub(crate) checkpoint: Checkpoint,
    /// The one before it, if it is whole: should the newer rot, this one must still suffice.
    pub(crate) older: Option<Checkpoint>,
    /// The highest number that any checkpoint has, rotten ones included.
    pub(crate) newest_number: u64,
    pub(crate) faults: Vec<Fault>,
}

/// Reads who the shard is and takes its journal.
pub(crate) async fn take_shard(
    core: &Core,
    dir: &Path,
    mut options: StoreOptions,
) -> Result<Taken, Fault> {
    let identity = read_identity(core, dir).await?;
    options.journal_files = identity.journal_files;
    options.journal_file_bytes = identity.journal_file_bytes;
    options.device_block = identity.device_block as usize;
    options.check()?;
    let files = take(core, dir, identity.journal_files, options.direct).await?;
    flush_all(core, dir, &files).await?;
    let mut faults = Vec::new();
    let mut valid = Vec::new();
    let mut newest_number = 0;
    for (number, read) in checkpoint_file::read_kept(core, dir, identity.shard).await? {
        newest_number = newest_number.max(number);
        match read {
            Ok(checkpoint) => valid.push(checkpoint),
            Err(fault) => faults.push(fault),
        }
    }
    let mut valid = valid.into_iter();
    let Some(checkpoint) = valid.next() else {
        return Err(faults.into_iter().next().unwrap_or_else(|| {
            let place = dir.display().to_string();
            Fault::new(FaultKind::Missing, place, "the shard has no checkpoint")
        }));
    };
    let older = valid.next();
    Ok(Taken { identity, options, files, checkpoint, older, newest_number, faults })
}

/// Who the shard in `dir` is.
pub(crate) async fn read_identity(core: &Core, dir: &Path) -> Result<Identity, Fault> {
    let path = names::identity(dir);
    let place = path.display().to_string();
    let bytes = checkpoint_file::read_whole(core, &path).await;
    let bytes = bytes.map_err(|e| {
        let kind = match e.kind() {
            std::io::ErrorKind::NotFound => FaultKind::Missing,
            _ => FaultKind::ReadFailed,
        };
        Fault::new(kind, &place, e.to_string())
    })?;
    Identity::decode(&bytes, &place)
}

async fn flush_all(core: &Core, dir: &Path, files: &[File]) -> Result<(), Fault> {
    let failed =
        |place: String, e: std::io::Error| Fault::new(FaultKind::WriteFailed, place, e.to_string());
    let mut flushes = Vec::new();
    for file in files {
        let place = file.path().display().to_string();
        if file.len().await.map_err(|e| failed(place, e))? == 0 {
            // Just made: nothing was ever written to it.
            continue;
        }
        let file = file.clone();
        let flush = async move { (file.path().display().to_string(), file.sync_all().await) };
        flushes.push(core.spawn(Class::Control, "journal flush", flush));
    }
    for sub in ["", names::JOURNAL, names::LOGS] {
        let (core_of_flush, path) = (core.clone(), dir.join(sub));
        let flush =
            async move { (path.display().to_string(), core_of_flush.sync_dir(&path).await) };
        flushes.push(core.spawn(Class::Control, "directory flush", flush));
    }
    for flush in flushes {
        let (place, flushed) = flush.await;
        flushed.map_err(|e| failed(place, e))?;
    }
    Ok(())
}

/// Takes and recovers the shard in `dir`; of its tasks only the remover is started yet.
pub(crate) async fn recover(
    core: &Core,
    dir: &Path,
    options: StoreOptions,
) -> Result<(Rc<Shard>, Vec<File>, Recovered), Fault> {
    let began = core.now();
    let witness = core.open(&names::identity(dir), Open::default()).await;
    let taken = take_shard(core, dir, options).await?;
    let options = taken.options.clone();
    let gauge: MemoryGauge = Rc::new(Cell::new(0));
    let geometry = (options.journal_files, options.journal_file_bytes, options.device_block);
    let mut reader = RingReader::new(
        core,
        dir,
        taken.identity.journal_key(),
        taken.files.iter().cloned().map(Some).collect(),
        options.journal_file_bytes,
        options.device_block,
    );
    let source =
        ChunkSource { core, gauge: &gauge, bytes: options.chunk_bytes, bytes_max: usize::MAX };
    let mut replayed = replay(&mut reader, &taken.checkpoint, source, geometry).await?;
    dismiss_newer(core, dir, &taken).await?;
    let mut faults = taken.faults.clone();
    let logs = &mut replayed.logs;
    let orphans =
        orphans::settle_files(core, dir, taken.identity.shard, &source, logs, &mut faults).await?;

    let wall = core.wall().0;
    replayed.logs.values_mut().for_each(|log| log.settle_walls(wall));
    let read_failed = |e: std::io::Error| {
        Fault::new(FaultKind::ReadFailed, dir.display().to_string(), e.to_string())
    };
    let witness = witness.map_err(read_failed)?;
    let journal = begin_journal(core, &taken, &replayed, &options).await?;
    let space = core.disk_space(dir).await;
    let space = Space::new(space.map_err(read_failed)?.free, options.disk_reserve_bytes);
    let logs = cells(replayed.logs);
    let (uuid, generation) = (taken.identity.shard, journal.generation());
    let (flush, flush_times) = calibration::known(core, dir, options.flush).await;
    let shard =
        Shard::new(core, dir.to_path_buf(), witness, uuid, options, journal, logs, gauge, space);
    let shard = Rc::new(shard);
    shard.flush.set(flush);
    shard.flush_times.set(flush_times);
    for cell in shard.all_logs() {
        shard.take_stock(&mut cell.state.borrow_mut());
    }
    let report = RecoveryReport {
        blocks: replayed.chain.len() as u64,
        bytes: replayed.bytes,
        torn: replayed.torn,
        generation,
        faults,
        took: core.now().since(began),
        dsync: flush == FlushMethod::Dsync,
        flush_times,
    };
    orphans.remove(&shard);
    let remover = core.spawn(Class::Housekeeping, "remover", remover::run(Rc::clone(&shard)));
    shard.tasks.borrow_mut().push(remover);
    if let Err(fault) = settle(&shard, &taken).await {
        // Ends the remover.
        shard.fail(fault.clone());
        return Err(fault);
    }
    let report = RecoveryReport { took: core.now().since(began), ..report };
    let logs = shard.all_logs().iter().map(|cell| recovered_log(&cell.state.borrow())).collect();
    Ok((shard, taken.files, Recovered { shard: uuid, logs, report }))
}

/// Checkpoints above the one that this life begins from were not readable: they go, for good, and
/// so do those below it.
async fn dismiss_newer(core: &Core, dir: &Path, taken: &Taken) -> Result<(), Fault> {
    let used = taken.checkpoint.number;
    if taken.newest_number == used {
        return Ok(());
    }
    let dismissed = checkpoint_file::dismiss_but(core, dir, used).await;
    dismissed
        .map_err(|e| Fault::new(FaultKind::WriteFailed, dir.display().to_string(), e.to_string()))
}

/// Gets what was found out of the journal of earlier lives.
async fn settle(shard: &Rc<Shard>, taken: &Taken) -> Result<(), Fault> {
    destage::all(shard).await?;
    checkpointer::at_start(shard, taken).await
}

/// The journal of a new life: generation and sequences above everything seen.
async fn begin_journal(
    core: &Core,
    taken: &Taken,
    replayed: &Replayed,
    options: &StoreOptions,
) -> Result<Journal, Fault> {
    let mut zeroed = Vec::new();
    for file in &taken.files {
        let len = file.len().await.map_err(|e| {
            let place = file.path().display().to_string();
            Fault::new(FaultKind::ReadFailed, place, e.to_string())
        })?;
        let whole = len / options.device_block as u64 * options.device_block as u64;
        zeroed.push(whole.min(options.journal_file_bytes));
    }
    // Until the checkpoint of this start is durable, which a full disk may put off, the two that
    // are there must both suffice.
    let hold = taken.older.as_ref().unwrap_or(&taken.checkpoint).replay.file;
    let (head_file, file_bytes) = (replayed.head.file as usize, options.journal_file_bytes);
    if zeroed[head_file] < replayed.head.offset + 2 * options.device_block as u64 {
        let to = file_bytes.min(replayed.head.offset + FIRST_ZEROS);
        let file = &taken.files[head_file];
        match zero(core, file, to).await {
            Ok(to) => zeroed[head_file] = to,
            // The background goes on with it once there is space; until then nothing is admitted.
            Err(e) if is_full(&e) => {}
            Err(e) => {
                let place = file.path().display().to_string();
                return Err(Fault::new(FaultKind::WriteFailed, place, e.to_string()));
            }
        }
    }
    let mut ring = Ring::new(zeroed, file_bytes, options.device_block, replayed.head, hold);
    replayed.chain.iter().for_each(|mark| ring.remember(*mark));
    let beginning = Beginning {
        key: taken.identity.journal_key(),
        generation: replayed.generation + 1,
        next: replayed.top + 1,
        last: replayed.last,
        last_crc: replayed.last_crc,
    };
    Ok(Journal::new(
        &beginning,
        ring,
        options.device_block,
        options.block_bytes_max,
        options.entry_bytes_max(),
    ))
}

fn cells(logs: BTreeMap<LogId, LogState>) -> BTreeMap<LogId, Rc<LogCell>> {
    let cell = |(id, log)| (id, Rc::new(LogCell { id, state: RefCell::new(log) }));
    logs.into_iter().map(cell).collect()
}

fn recovered_log(log: &LogState) -> RecoveredLog {
    RecoveredLog {
        id: log.id,
        hard_state: log.hard_state.clone(),
        start: log.start,
        end: log.end(),
    }
}
