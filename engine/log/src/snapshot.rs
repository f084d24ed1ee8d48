//! A snapshot: what the records of one log below an offset built, in its owner's own form, so that
//! a start need not read them again. `docs/formats/snapshot.md`.
//!
//! Kept true: it is a cache, and the log is right without it; one counts only whole, only for the
//! log that it was taken of, only while that log starts where it did and reaches as far; none is
//! named before everything that it stands for is durable. Each is written to a file of its own,
//! which no other life has ever had open.

use std::path::Path;
use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId, Offset, Uuid};
use engine_rt::{Core, Create, Open, Slice, Sync};

use crate::checkpoint_file::{new_file_next, read_whole};
use crate::fields::{Fields, as_u64, put};
use crate::names;
use crate::progress::Seq;
use crate::segment::is_full;
use crate::shard::{LogCell, Shard};

const HEADER_BYTES: usize = 64;
const MAGIC: [u8; 4] = *b"BBSN";
const VERSION: u16 = 1;

/// What the records below an offset built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// One past the last record that it stands for.
    pub end: Offset,
    /// Its parts in order, as they were given.
    pub parts: Vec<Vec<u8>>,
}

/// Whose snapshot a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owner {
    shard: Uuid,
    log: LogId,
    /// Where the log starts: a snapshot knows records that were deleted since.
    start: Offset,
}

fn encode_header(owner: Owner, snapshot: &Snapshot) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    put(&mut header, 0, MAGIC);
    put(&mut header, 8, VERSION.to_le_bytes());
    let parts = u32::try_from(snapshot.parts.len()).expect("because memory bounds their number");
    put(&mut header, 12, parts.to_le_bytes());
    put(&mut header, 16, owner.shard.0);
    put(&mut header, 32, owner.log.0.to_le_bytes());
    put(&mut header, 40, owner.start.to_le_bytes());
    put(&mut header, 48, snapshot.end.to_le_bytes());
    let body: usize = snapshot.parts.iter().map(|part| 4 + part.len()).sum();
    put(&mut header, 56, as_u64(body).to_le_bytes());
    let mut crc = crc32c::crc32c(&header[8..]);
    for part in &snapshot.parts {
        crc = crc32c::crc32c_append(crc, &part_length(part));
        crc = crc32c::crc32c_append(crc, part);
    }
    put(&mut header, 4, crc.to_le_bytes());
    header
}

fn part_length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).expect("because a part is a turn's worth").to_le_bytes()
}

/// Reads a whole file. `None`: it is sound, but of another version, another log, or records that
/// this one no longer has.
fn decode(owner: Owner, log_end: Offset, bytes: &[u8]) -> Result<Option<Snapshot>, &'static str> {
    let (header, body) = bytes.split_at_checked(HEADER_BYTES).ok_or("shorter than its header")?;
    let mut fields = Fields::new(header);
    if fields.array() != Some(MAGIC) {
        return Err("this is no snapshot of Bobbin");
    }
    let crc = fields.u32();
    let mut read = || {
        let version = fields.u16()?;
        fields.u16()?;
        let parts = fields.u32()?;
        let shard = Uuid(fields.array()?);
        let (log, start) = (LogId(fields.u64()?), fields.i64()?);
        Some((version, parts, Owner { shard, log, start }, fields.i64()?, fields.u64()?))
    };
    let (version, count, of, end, body_bytes) = read().expect("because a header has them all");
    if body_bytes != as_u64(body.len()) {
        return Err("not as long as its header says");
    }
    if crc != Some(crc32c::crc32c(&bytes[8..])) {
        return Err("the checksum does not hold");
    }
    if version != VERSION || of != owner || end < of.start || end > log_end {
        return Ok(None);
    }
    let mut rest = Fields::new(body);
    let mut parts = Vec::new();
    for _ in 0..count {
        let part = rest.u32().and_then(|length| rest.bytes(length as usize));
        parts.push(part.ok_or("a part goes beyond its end")?.to_vec());
    }
    if !rest.is_empty() {
        return Err("something follows its last part");
    }
    Ok(Some(Snapshot { end, parts }))
}

/// See [`crate::Log::save_snapshot`].
pub(crate) async fn save(shard: &Shard, cell: &LogCell, snapshot: Snapshot) -> Result<bool, Fault> {
    let owner = {
        let mut log = cell.state.borrow_mut();
        if log.deleted || log.saving {
            return Ok(false);
        }
        assert!(snapshot.end <= log.end(), "a snapshot stands for records of its log");
        log.saving = true;
        Owner { shard: shard.uuid, log: cell.id, start: log.start }
    };
    let saved = write(shard, cell, owner, snapshot).await;
    cell.state.borrow_mut().saving = false;
    saved
}

/// Waits until everything below `end` is durable. False: it never will be.
async fn is_durable(shard: &Shard, cell: &LogCell, end: Offset) -> bool {
    loop {
        let moved = shard.moved.notified();
        if shard.check_running().is_err() || cell.state.borrow().deleted {
            return false;
        }
        // What is no more in the tail is durable.
        let due = cell.state.borrow().append_seq_of(end - 1).map(Seq);
        if due.is_none_or(|due| due <= shard.progress().durable) {
            return true;
        }
        moved.await;
    }
}

async fn write(
    shard: &Shard,
    cell: &LogCell,
    owner: Owner,
    snapshot: Snapshot,
) -> Result<bool, Fault> {
    if !is_durable(shard, cell, snapshot.end).await || shard.space.is_full() {
        return Ok(false);
    }
    let core = &shard.core;
    let dir = shard.dir.join(names::SNAPSHOTS);
    let failed = |path: &Path, e: std::io::Error| {
        Fault::new(FaultKind::WriteFailed, path.display().to_string(), e.to_string())
    };
    if !core.exists(&dir).await.map_err(|e| failed(&dir, e))? {
        core.create_dir_all(&dir).await.map_err(|e| failed(&dir, e))?;
        core.sync_dir(&shard.dir).await.map_err(|e| failed(&dir, e))?;
    }
    let generation = shard.journal.borrow().generation();
    let temporary = names::snapshot_new(&shard.dir, cell.id, generation);
    let named = names::snapshot(&shard.dir, cell.id);
    match write_file(core, &temporary, owner, snapshot).await {
        Ok(()) => {}
        Err(e) if is_full(&e) => {
            let removed = new_file_next(core, &temporary).await;
            return removed.map(|()| false).map_err(|e| failed(&temporary, e));
        }
        Err(e) => return Err(failed(&temporary, e)),
    }
    core.rename(&temporary, &named).await.map_err(|e| failed(&named, e))?;
    core.sync_dir(&dir).await.map_err(|e| failed(&dir, e))?;
    if cell.state.borrow().deleted {
        // Whoever removed the log's files may have been here before.
        remove(core, &shard.dir, cell.id).await.map_err(|e| failed(&named, e))?;
        return Ok(false);
    }
    Ok(true)
}

async fn write_file(
    core: &Core,
    path: &Path,
    owner: Owner,
    snapshot: Snapshot,
) -> std::io::Result<()> {
    new_file_next(core, path).await?;
    let how = Open { write: true, create: Create::New, direct: false };
    let file = core.open(path, how).await?;
    let header = encode_header(owner, &snapshot);
    let body: usize = snapshot.parts.iter().map(|part| 4 + part.len()).sum();
    file.allocate(0, as_u64(HEADER_BYTES + body)).await?;
    let mut at = 0;
    let mut piece = header.to_vec();
    for part in snapshot.parts {
        piece.extend_from_slice(&part_length(&part));
        piece.extend_from_slice(&part);
        let bytes = as_u64(piece.len());
        file.write_at(Slice::of_vec(std::mem::take(&mut piece)), at, Sync::No).await?;
        at += bytes;
    }
    if !piece.is_empty() {
        file.write_at(Slice::of_vec(piece), at, Sync::No).await?;
    }
    file.sync_all().await
}

/// See [`crate::Log::load_snapshot`].
pub(crate) async fn load(shard: &Rc<Shard>, cell: &LogCell) -> Result<Option<Snapshot>, Fault> {
    let path = names::snapshot(&shard.dir, cell.id);
    let wrong = |kind, why: String| Fault::new(kind, path.display().to_string(), why);
    let bytes = match read_whole(&shard.core, &path).await {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(wrong(FaultKind::ReadFailed, e.to_string())),
    };
    let (owner, end) = {
        let log = cell.state.borrow();
        (Owner { shard: shard.uuid, log: cell.id, start: log.start }, log.end())
    };
    decode(owner, end, &bytes).map_err(|why| wrong(FaultKind::Rot, why.into()))
}

/// Removes a log's snapshot, if there is one.
pub(crate) async fn remove(core: &Core, dir: &Path, id: LogId) -> std::io::Result<()> {
    new_file_next(core, &names::snapshot(dir, id)).await
}

/// Removes what was never finished, and lists the logs that have a snapshot.
pub(crate) async fn listed(core: &Core, dir: &Path) -> std::io::Result<Vec<LogId>> {
    let all = dir.join(names::SNAPSHOTS);
    let entries = match core.list_dir(&all).await {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut logs = Vec::new();
    for entry in entries {
        match names::log_of(&entry.name) {
            Some(id) => logs.push(id),
            None => new_file_next(core, &all.join(&entry.name)).await?,
        }
    }
    Ok(logs)
}

#[cfg(test)]
#[path = "snapshot_test.rs"]
mod snapshot_test;
