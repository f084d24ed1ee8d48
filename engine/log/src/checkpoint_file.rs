//! Checkpoint files: written beside, flushed, renamed, the directory flushed; the last two are
//! kept.
//!
//! Kept true: a checkpoint counts only once its name is durable; no earlier one is removed before.
//! Each is written to a file of its own, which no other life has ever had open.

use std::path::Path;

use engine_base::{Fault, FaultKind, Uuid};
use engine_rt::{Core, Create, Open, Slice, Sync};

use crate::checkpoint::{Body, Checkpoint};
use crate::fields::as_u64;
use crate::names;

/// Files are read in pieces of this size, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// Why a checkpoint was not written.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// There is no space now: the earlier ones still count.
    Full,
    /// Final.
    Fault(Fault),
}

/// Writes a checkpoint, whose logs are in `body`, and makes it durable.
pub(crate) async fn write(
    core: &Core,
    dir: &Path,
    shard: Uuid,
    checkpoint: &Checkpoint,
    body: Body,
) -> Result<(), NotWritten> {
    let head = checkpoint.encode_head(shard, &body);
    let bytes = as_u64(head.len()) + body.bytes();
    let temporary = dir.join(names::CHECKPOINT_NEW);
    let place = temporary.display().to_string();
    let failed = |error: std::io::Error| {
        NotWritten::Fault(Fault::new(FaultKind::WriteFailed, &place, error.to_string()))
    };
    let or_full = |error: std::io::Error| {
        if crate::segment::is_full(&error) { NotWritten::Full } else { failed(error) }
    };
    new_file_next(core, &temporary).await.map_err(failed)?;
    let how = Open { write: true, create: Create::New, direct: false };
    let file = core.open(&temporary, how).await.map_err(or_full)?;
    // Space is found before a byte is written: no space is then no failed write.
    file.allocate(0, bytes).await.map_err(or_full)?;
    file.write_at(Slice::copy_of(core, &head), 0, Sync::No).await.map_err(failed)?;
    let mut at = as_u64(head.len());
    for piece in body.into_pieces() {
        let piece = Slice::of_vec(piece);
        let next = at + as_u64(piece.len());
        file.write_at(piece, at, Sync::No).await.map_err(failed)?;
        at = next;
    }
    assert_eq!(at, bytes, "the body is as long as its head says");
    file.sync_all().await.map_err(failed)?;
    let named = names::checkpoint(dir, checkpoint.number);
    core.rename(&temporary, &named).await.map_err(failed)?;
    core.sync_dir(dir).await.map_err(failed)?;
    Ok(())
}

/// Sees to it that a file made under this name is a new one: what a killed process still has under
/// way in the old one lands there and nowhere else.
///
/// # Errors
/// A failed removal.
pub(crate) async fn new_file_next(core: &Core, path: &Path) -> std::io::Result<()> {
    match core.remove_file(path).await {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Removes every checkpoint but `used`, for good: a life begins from it because those above cannot
/// be read. What it writes contradicts what they say of sidecars and segments, so none of them may
/// count again, should it be readable the next time. Those below go first: the ring was freed of
/// what they replay, and without the ones above they would pass for the older of two.
///
/// # Errors
/// A failed removal or flush: nothing may be written then.
pub(crate) async fn dismiss_but(core: &Core, dir: &Path, used: u64) -> std::io::Result<()> {
    remove_below(core, dir, used).await?;
    core.sync_dir(dir).await?;
    for entry in core.list_dir(dir).await? {
        if names::checkpoint_number(&entry.name).is_some_and(|number| number > used) {
            core.remove_file(&dir.join(&entry.name)).await?;
        }
    }
    core.sync_dir(dir).await
}

/// Removes every checkpoint below `oldest`.
pub(crate) async fn remove_below(core: &Core, dir: &Path, oldest: u64) -> std::io::Result<()> {
    for entry in core.list_dir(dir).await? {
        if names::checkpoint_number(&entry.name).is_some_and(|number| number < oldest) {
            core.remove_file(&dir.join(&entry.name)).await?;
        }
    }
    Ok(())
}

/// The two newest checkpoints of a directory by name, newest first, each read or found rotten. What
/// a power loss has brought back below them is none: it replays from blocks that may be gone, and
/// holds the wrong end of the ring.
pub(crate) async fn read_kept(
    core: &Core,
    dir: &Path,
    shard: Uuid,
) -> Result<Vec<(u64, Result<Checkpoint, Fault>)>, Fault> {
    let failed = |e: std::io::Error| {
        Fault::new(FaultKind::ReadFailed, dir.display().to_string(), e.to_string())
    };
    let listed = core.list_dir(dir).await.map_err(failed)?;
    let mut numbers: Vec<u64> =
        listed.iter().filter_map(|entry| names::checkpoint_number(&entry.name)).collect();
    numbers.sort_unstable();
    let mut found = Vec::new();
    for number in numbers.into_iter().rev().take(2) {
        let path = names::checkpoint(dir, number);
        let place = path.display().to_string();
        let checkpoint = match read_whole(core, &path).await {
            Ok(bytes) => Checkpoint::decode(shard, &bytes, &place).and_then(|checkpoint| {
                if checkpoint.number == number {
                    Ok(checkpoint)
                } else {
                    Err(Fault::new(FaultKind::Rot, place, "a checkpoint under another's name"))
                }
            }),
            Err(error) => Err(Fault::new(FaultKind::ReadFailed, place, error.to_string())),
        };
        found.push((number, checkpoint));
    }
    Ok(found)
}

/// A whole file's bytes, which take as much memory as the file is long.
pub(crate) async fn read_whole(core: &Core, path: &Path) -> std::io::Result<Vec<u8>> {
    let how = Open { write: false, create: Create::No, direct: false };
    let file = core.open(path, how).await?;
    let mut bytes = Vec::new();
    loop {
        let at = as_u64(bytes.len());
        let (read, buf) = file.read_at(core.buf(PIECE_BYTES), at, PIECE_BYTES).await;
        if read? == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(buf.filled());
    }
}
