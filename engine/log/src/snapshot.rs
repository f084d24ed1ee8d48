//! A snapshot: what the records of one log below an offset built, in its owner's own form, so that
//! a start need not read them again. `docs/formats/snapshot.md`.
//!
//! Kept true: it is a cache, and the log is right without it; one counts only whole, only for the
//! log that it was taken of, only while that log starts where it did and reaches as far; none is
//! named before everything that it stands for is durable. Each is written to a file of its own,
//! which no other life has ever had open.
//!
//! A start goes on from a snapshot's end: it would never hear of a deletion whose tombstone stood
//! behind that end and is gone. So while a snapshot may be found by a start, compaction takes no
//! tombstone at or behind its end; and none is saved behind whose end one was taken in this life.

use std::path::Path;
use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId, Offset, Uuid};
use engine_rt::{Core, Create, Open, Slice, Sync};

use crate::checkpoint_file::{new_file_next, read_whole};
use crate::fields::{Fields, as_u64, put};
use crate::log_state::LogState;
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

/// A snapshot that a start may find: where its log started, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Findable {
    pub(crate) start: Offset,
    pub(crate) end: Offset,
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

/// What a file's first bytes say.
struct Header {
    crc: u32,
    version: u16,
    parts: u32,
    of: Owner,
    end: Offset,
    body_bytes: u64,
}

/// `None`: it is no snapshot's. The checksum covers the body too and is not looked at.
fn decode_header(header: &[u8]) -> Option<Header> {
    let mut fields = Fields::new(header);
    if fields.array() != Some(MAGIC) {
        return None;
    }
    let (crc, version) = (fields.u32()?, fields.u16()?);
    fields.u16()?;
    let parts = fields.u32()?;
    let shard = Uuid(fields.array()?);
    let (log, start) = (LogId(fields.u64()?), fields.i64()?);
    let of = Owner { shard, log, start };
    Some(Header { crc, version, parts, of, end: fields.i64()?, body_bytes: fields.u64()? })
}

/// Reads a whole file. `None`: it is sound, but of another version, another log, or records that
/// this one no longer has.
fn decode(owner: Owner, log_end: Offset, bytes: &[u8]) -> Result<Option<Snapshot>, &'static str> {
    let (header, body) = bytes.split_at_checked(HEADER_BYTES).ok_or("shorter than its header")?;
    let Some(Header { crc, version, parts: count, of, end, body_bytes }) = decode_header(header)
    else {
        return Err("this is no snapshot of Bobbin");
    };
    if body_bytes != as_u64(body.len()) {
        return Err("not as long as its header says");
    }
    if crc != crc32c::crc32c(&bytes[8..]) {
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
    let (owner, new) = {
        let mut log = cell.state.borrow_mut();
        if log.deleted || log.saving || snapshot.end < log.tombstones_taken_upto {
            return Ok(false);
        }
        assert!(snapshot.end <= log.end(), "a snapshot stands for records of its log");
        log.saving = true;
        let new = Findable { start: log.start, end: snapshot.end };
        log.snapshots.push(new);
        (Owner { shard: shard.uuid, log: cell.id, start: log.start }, new)
    };
    let saved = write(shard, cell, owner, snapshot).await;
    let mut log = cell.state.borrow_mut();
    log.saving = false;
    match saved {
        Ok(true) => log.snapshots = vec![new],
        Ok(false) => drop(log.snapshots.pop()),
        // It may have its name or not: both are heeded, if not one for both.
        Err(_) => {
            let covers = |old: &Findable| old.start == new.start && old.end <= new.end;
            let others = log.snapshots.len() - 1;
            if log.snapshots[..others].iter().any(covers) {
                log.snapshots.pop();
            }
        }
    }
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
    for entry in entries.into_iter().filter(|entry| !entry.is_dir) {
        match names::log_of(&entry.name) {
            Some(id) => logs.push(id),
            None if entry.name.ends_with(names::NEW) => {
                new_file_next(core, &all.join(&entry.name)).await?;
            }
            // Nobody here gave it its name.
            None => {}
        }
    }
    Ok(logs)
}

/// What a start may go on from, of a log that has a file: what its first bytes say, if they are
/// this log's; everything, if they cannot be read now.
pub(crate) async fn findable(
    core: &Core,
    dir: &Path,
    shard: Uuid,
    log: &LogState,
) -> Option<Findable> {
    let how = Open { write: false, create: Create::No, direct: false };
    let read = match core.open(&names::snapshot(dir, log.id), how).await {
        Ok(file) => {
            let (read, buf) = file.read_at(core.buf(HEADER_BYTES), 0, HEADER_BYTES).await;
            read.map(|_| buf)
        }
        Err(error) => Err(error),
    };
    let Ok(buf) = read else { return Some(Findable { start: log.start, end: Offset::MIN }) };
    let Header { of, end, .. } = decode_header(buf.filled())?;
    (of.shard == shard && of.log == log.id).then_some(Findable { start: of.start, end })
}

#[cfg(test)]
#[path = "snapshot_test.rs"]
mod snapshot_test;
