//! The journal's files: taken with a lock, zeroed once, read whole blocks at a time.
//!
//! Kept true: nothing is read before every file's lock is held, so no write of an earlier process
//! can land any more; a file's length is how far zeros were written.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use engine_base::limits::BLOCK_BYTES;
use engine_base::{Fault, FaultKind};
use engine_rt::{Buf, Core, Create, File, Open, Slice, Sync};

use crate::block::{BLOCK_HEADER_BYTES, BlockHeader, JournalKey, padded};
use crate::checkpoint::Place;
use crate::fields::{as_u64, as_usize, round_up};
use crate::shard::Shard;
use crate::{lock, names};

/// Zeros are written in pieces of this size, in bytes.
const PIECE_BYTES: usize = 1 << 20;
/// The ring is read in pieces of this size, in bytes: the kernel has several parts in flight then.
const WINDOW_BYTES: usize = 4 << 20;

/// Opens the files of the ring that are there, for reading only, and takes their locks.
///
/// # Errors
/// [`FaultKind::Refused`] if another process has one.
pub(crate) async fn look(core: &Core, dir: &Path, count: u32) -> Result<Vec<Option<File>>, Fault> {
    let mut files = Vec::new();
    for index in 0..count {
        let path = names::journal_file(dir, index);
        let place = path.display().to_string();
        match core.open(&path, Open::default()).await {
            Ok(file) => {
                if !file.try_lock().unwrap_or(false) {
                    let why = "another process has this shard's journal";
                    return Err(Fault::new(FaultKind::Refused, place, why));
                }
                files.push(Some(file));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => files.push(None),
            Err(e) => return Err(Fault::new(FaultKind::ReadFailed, place, e.to_string())),
        }
    }
    Ok(files)
}

/// Opens every file of the ring and takes its lock.
///
/// # Errors
/// [`FaultKind::Refused`] if another process has one.
pub(crate) async fn take(
    core: &Core,
    dir: &Path,
    count: u32,
    direct: bool,
) -> Result<Vec<File>, Fault> {
    let mut files = Vec::new();
    let give_up = core.now() + lock::LOCK_WAIT;
    for index in 0..count {
        let path = names::journal_file(dir, index);
        let place = path.display().to_string();
        let how = Open { write: true, create: Create::Yes, direct };
        let file = core.open(&path, how).await;
        let file = file.map_err(|e| Fault::new(FaultKind::ReadFailed, &place, e.to_string()))?;
        lock::take(core, &file, give_up, "another process has this shard's journal").await?;
        files.push(file);
    }
    Ok(files)
}

/// Reads the journal block by block.
pub(crate) struct RingReader {
    core: Core,
    key: JournalKey,
    /// A file that is not there reads as one without blocks.
    files: Vec<Option<File>>,
    names: Vec<String>,
    /// How long each file is, once somebody asked.
    lens: Vec<Option<u64>>,
    file_bytes: u64,
    device_block: usize,
    /// What was read last: which file, from where, the bytes.
    window: Option<(u32, u64, Slice)>,
}

/// A valid block of the ring.
#[derive(Debug)]
pub(crate) struct FoundBlock {
    pub(crate) header: BlockHeader,
    pub(crate) crc: u32,
    /// Header, entries and padding.
    pub(crate) bytes: Slice,
}

impl FoundBlock {
    /// The bytes of its entries.
    pub(crate) fn entries(&self) -> &[u8] {
        &self.bytes[BLOCK_HEADER_BYTES..self.header.length as usize]
    }
}

impl RingReader {
    pub(crate) fn new(
        core: &Core,
        dir: &Path,
        key: JournalKey,
        files: Vec<Option<File>>,
        file_bytes: u64,
        device_block: usize,
    ) -> RingReader {
        let count = u32::try_from(files.len()).expect("a ring's files are counted by a u32");
        RingReader {
            core: core.clone(),
            key,
            lens: vec![None; files.len()],
            files,
            names: (0..count).map(|i| names::journal_file(dir, i).display().to_string()).collect(),
            file_bytes,
            device_block,
            window: None,
        }
    }

    /// The valid block at `place`, if there is one.
    ///
    /// # Errors
    /// A failed read.
    pub(crate) async fn block_at(&mut self, place: Place) -> Result<Option<FoundBlock>, Fault> {
        let head = self.bytes(place, self.device_block.max(BLOCK_HEADER_BYTES)).await?;
        let Some((header, crc)) = BlockHeader::peek(self.key, &head) else { return Ok(None) };
        let whole = padded(header.length as usize, self.device_block);
        if as_u64(whole) > self.file_bytes - place.offset {
            return Ok(None);
        }
        let bytes = self.bytes(place, whole).await?;
        if bytes.len() != whole || !BlockHeader::holds(crc, &bytes) {
            return Ok(None);
        }
        Ok(Some(FoundBlock { header, crc, bytes }))
    }

    /// Whether any byte at `place` is not zero, within a device block.
    pub(crate) async fn is_written(&mut self, place: Place) -> Result<bool, Fault> {
        let bytes = self.bytes(place, self.device_block).await?;
        Ok(bytes.iter().any(|byte| *byte != 0))
    }

    /// `len` bytes at `place`, fewer at the file's end.
    async fn bytes(&mut self, place: Place, len: usize) -> Result<Slice, Fault> {
        if let Some((file, from, bytes)) = &self.window
            && *file == place.file
            && *from <= place.offset
            && place.offset + as_u64(len) <= from + as_u64(bytes.len())
        {
            let start = as_usize(place.offset - from);
            return Ok(bytes.slice(start..start + len));
        }
        let rest = self.len(place.file).await?.saturating_sub(place.offset);
        if rest == 0 {
            return Ok(Slice::empty());
        }
        let most = round_up(rest, as_u64(BLOCK_BYTES)).min(1 << 30);
        let want = len.max(WINDOW_BYTES).next_multiple_of(BLOCK_BYTES).min(as_usize(most));
        let window = self.read(place, want).await?;
        let part = window.slice(0..len.min(window.len()));
        self.window = Some((place.file, place.offset, window));
        Ok(part)
    }

    /// How many bytes of a file may hold blocks.
    pub(crate) async fn len(&mut self, file: u32) -> Result<u64, Fault> {
        let index = file as usize;
        if let Some(len) = self.lens[index] {
            return Ok(len);
        }
        let len = match &self.files[index] {
            None => 0,
            Some(file) => file.len().await.map_err(|e| {
                Fault::new(FaultKind::ReadFailed, &self.names[index], e.to_string())
            })?,
        };
        self.lens[index] = Some(len.min(self.file_bytes));
        Ok(len.min(self.file_bytes))
    }

    async fn read(&self, place: Place, want: usize) -> Result<Slice, Fault> {
        let index = place.file as usize;
        let Some(file) = &self.files[index] else { return Ok(Slice::empty()) };
        let (read, mut buf): (_, Buf) = file.read_at(self.core.buf(want), place.offset, want).await;
        if let Err(error) = read {
            let kind = FaultKind::ReadFailed;
            return Err(Fault::at(kind, &self.names[index], place.offset, error.to_string()));
        }
        let len = buf.len();
        Ok(buf.share(0..len))
    }
}

/// Writes zeros to `file` from its end on, up to `to`. A file's length says how far it is zeroed.
///
/// # Errors
/// The failed write.
pub(crate) async fn zero(core: &Core, file: &File, to: u64) -> std::io::Result<u64> {
    let from = round_up(file.len().await?, as_u64(BLOCK_BYTES)).min(to);
    let mut at = from;
    let mut buf = core.buf(PIECE_BYTES);
    buf.fill_zeros(PIECE_BYTES);
    let zeros = buf.share(0..PIECE_BYTES);
    while at < to {
        let piece = as_usize((to - at).min(as_u64(PIECE_BYTES)));
        file.write_at(zeros.slice(0..piece), at, Sync::No).await?;
        at += as_u64(piece);
    }
    if from < to {
        file.sync_all().await?;
    }
    Ok(to)
}

/// Zeroes what is left of the ring in the background, from the head on.
pub(crate) async fn zero_rest(shard: Rc<Shard>, files: Vec<File>) {
    loop {
        let next = shard.journal.borrow().ring.to_zero();
        let Some(place) = next else { return };
        if shard.has_failed() || shard.closing.get() {
            return;
        }
        let to = shard.options.journal_file_bytes.min(place.offset + (4 << 20));
        match zero(&shard.core, &files[place.file as usize], to).await {
            Ok(to) => {
                shard.journal.borrow_mut().ring.set_zeroed(place.file, to);
                shard.admitted.notify_all();
                shard.keeper_work.notify_all();
            }
            // No space: the ring stays as large as it is until there is some.
            Err(error) if crate::segment::is_full(&error) => {
                shard.core.sleep(Duration::from_millis(100)).await;
            }
            Err(error) => {
                let path = names::journal_file(&shard.dir, place.file).display().to_string();
                shard.fail(Fault::at(FaultKind::WriteFailed, path, to, error.to_string()));
                return;
            }
        }
        shard.core.yield_now().await;
    }
}
