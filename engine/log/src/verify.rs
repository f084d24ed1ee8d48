//! The offline check: reads everything, changes nothing.
//!
//! Kept true: it replays the journal as a start would, in memory only; every run of every segment
//! is held against its sidecar, every batch against its own CRC, offsets against density, epochs
//! against the log's table; it goes on behind what is wrong, so one look finds all of it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use engine_base::{Fault, FaultKind, LogId, Offset};
use engine_rt::{Core, File, Open};

use crate::checkpoint::Checkpoint;
use crate::checkpoint_file;
use crate::chunk::ChunkSource;
use crate::fields::{as_u64, as_usize};
use crate::log_state::LogState;
use crate::names::{self, SegmentName};
use crate::recovery::read_identity;
use crate::replay::replay;
use crate::report::VerifyReport;
use crate::ring_files::{RingReader, look};
use crate::segment::{load_index, read_side};
use crate::sidecar::{SideEntry, SideKey};
use crate::stream::BatchStream;

/// Checks a shard's directory that no process has open: every checksum, epoch and offset.
///
/// # Errors
/// A fault if the directory cannot be read at all; what is wrong inside is in the report.
pub async fn verify(core: &Core, dir: &Path) -> Result<VerifyReport, Fault> {
    let identity = read_identity(core, dir).await?;
    let files = look(core, dir, identity.journal_files).await?;
    let mut report = VerifyReport::default();
    let mut newest: Option<Checkpoint> = None;
    for (_, read) in checkpoint_file::read_kept(core, dir, identity.shard).await? {
        match read {
            Ok(checkpoint) => newest = newest.or(Some(checkpoint)),
            Err(fault) => report.faults.push(fault),
        }
    }
    let Some(checkpoint) = newest else {
        let place = dir.display().to_string();
        report.faults.push(Fault::new(FaultKind::Missing, place, "no checkpoint holds"));
        return Ok(report);
    };
    let gauge = Rc::new(Cell::new(0));
    let bytes = [4 << 10, 16 << 10, 128 << 10];
    let source = ChunkSource { core, gauge: &gauge, bytes, bytes_max: usize::MAX };
    let block = identity.device_block as usize;
    let mut reader = RingReader::new(
        core,
        dir,
        identity.journal_key(),
        files,
        identity.journal_file_bytes,
        block,
    );
    let geometry = (identity.journal_files, identity.journal_file_bytes, block);
    let mut is_whole = true;
    let logs = match replay(&mut reader, &checkpoint, source, geometry).await {
        Ok(replayed) => {
            report.bytes += replayed.bytes;
            replayed.logs
        }
        Err(fault) => {
            report.faults.push(fault);
            is_whole = false;
            // What the checkpoint says of segments can still be checked.
            images(&checkpoint, &source)
        }
    };
    for (_, mut log) in logs {
        if is_whole {
            log.rebase_if_dead(&source);
            log.take_dead_segments();
        }
        report.logs += 1;
        verify_log(core, dir, &log, is_whole, &mut report).await;
    }
    Ok(report)
}

fn images(checkpoint: &Checkpoint, source: &ChunkSource<'_>) -> BTreeMap<LogId, LogState> {
    let logs = checkpoint.logs.iter();
    logs.filter_map(|image| Some((image.id, LogState::of_image(image, source).ok()?))).collect()
}

/// One segment as the log knows it.
struct Known {
    name: SegmentName,
    end: Offset,
    /// Bytes that must be in the file.
    bytes: u64,
    side_bytes: u64,
    sealed: bool,
}

/// `is_whole`: the journal was replayed, so the tail is there.
async fn verify_log(
    core: &Core,
    dir: &Path,
    log: &LogState,
    is_whole: bool,
    report: &mut VerifyReport,
) {
    let sealed = log.sealed.iter().map(|sealed| Known {
        name: sealed.name(),
        end: sealed.end,
        bytes: sealed.bytes,
        side_bytes: sealed.side_bytes,
        sealed: true,
    });
    let open = log.open();
    let tail = Known {
        name: open.name(),
        end: open.end,
        bytes: open.destaged,
        side_bytes: open.side_bytes,
        sealed: false,
    };
    let mut next = log.sealed.front().map_or(open.base, |sealed| sealed.base);
    for known in sealed.chain([tail]) {
        let place = names::segment(dir, log.id, known.name).display().to_string();
        let base = known.name.base;
        if base != next {
            let why = format!("the segment begins at {base}, {next} was due");
            report.faults.push(Fault::new(FaultKind::Rot, &place, why));
        }
        next = known.end;
        report.segments += 1;
        let mut stream = BatchStream::new(&place, known.name, &log.epochs);
        if known.bytes > 0 {
            verify_file(core, dir, log.id, &known, &mut stream, report).await;
        }
        if !known.sealed {
            open.copy_out(open.destaged.max(open.memory_start()), open.len, |bytes| {
                stream.feed(bytes);
            });
        }
        if known.sealed || is_whole {
            stream.end(known.end);
        }
        report.batches += stream.batches;
        report.faults.append(&mut stream.faults);
    }
    if log.start > log.end() {
        let place = names::log_dir(dir, log.id).display().to_string();
        let why = format!("the log starts at {} and ends at {}", log.start, log.end());
        report.faults.push(Fault::new(FaultKind::Rot, place, why));
    }
}

async fn verify_file(
    core: &Core,
    dir: &Path,
    id: LogId,
    known: &Known,
    stream: &mut BatchStream<'_>,
    report: &mut VerifyReport,
) {
    let key = SideKey { log: id, name: known.name };
    let side_path = names::sidecar(dir, id, known.name);
    let log_path = names::segment(dir, id, known.name);
    let opened = (open(core, &side_path).await, open(core, &log_path).await);
    let (side, file) = match opened {
        (Ok(side), Ok(file)) => (side, file),
        (side, file) => {
            report.faults.extend(side.err());
            report.faults.extend(file.err());
            stream.lose();
            return;
        }
    };
    let side_name = side_path.display().to_string();
    let loaded = match read_side(core, &side, known.side_bytes).await {
        Ok(bytes) => load_index(key, &bytes, known.side_bytes),
        Err(error) => {
            report.faults.push(Fault::new(FaultKind::ReadFailed, side_name, error.to_string()));
            stream.lose();
            return;
        }
    };
    for hole in &loaded.holes {
        let why = "an entry does not hold";
        report.faults.push(Fault::at(FaultKind::Rot, &side_name, *hole, why));
    }
    if known.sealed && loaded.seal != Some((known.bytes, known.end)) && loaded.holes.is_empty() {
        let why = format!("the seal says {:?}, the checkpoint {:?}", loaded.seal, known.bytes);
        report.faults.push(Fault::new(FaultKind::Rot, &side_name, why));
    }
    let mut at = 0;
    for run in loaded.index.runs().iter().filter(|run| run.end() <= known.bytes) {
        if run.position != at {
            stream.lose();
        }
        at = run.end();
        verify_run(core, key, &file, &log_path, run, stream, report).await;
    }
    if at != known.bytes {
        if loaded.holes.is_empty() {
            let why = format!("covers {at} of {} bytes", known.bytes);
            report.faults.push(Fault::new(FaultKind::Rot, side_name, why));
        }
        stream.lose();
    }
}

async fn verify_run(
    core: &Core,
    key: SideKey,
    file: &File,
    path: &Path,
    run: &SideEntry,
    stream: &mut BatchStream<'_>,
    report: &mut VerifyReport,
) {
    let len = as_usize(u64::from(run.length));
    let (read, buf) = file.read_at(core.buf(len), run.position, len).await;
    let place = || path.display().to_string();
    let wrong = match read {
        Err(error) => {
            Some(Fault::at(FaultKind::ReadFailed, place(), run.position, error.to_string()))
        }
        Ok(n) if n < len => {
            let why = "the file is shorter than its sidecar says";
            Some(Fault::at(FaultKind::Rot, place(), run.position, why))
        }
        Ok(_) if key.checksum(run.position, [buf.filled()]) != run.checksum => {
            let why = "the bytes are not those that were written";
            Some(Fault::at(FaultKind::Rot, place(), run.position, why))
        }
        Ok(_) => None,
    };
    match wrong {
        None => {
            report.bytes += as_u64(len);
            stream.feed_run(run, buf.filled());
        }
        Some(fault) => {
            report.faults.push(fault);
            stream.lose();
        }
    }
}

async fn open(core: &Core, path: &Path) -> Result<File, Fault> {
    core.open(path, Open::default()).await.map_err(|e| {
        let kind = match e.kind() {
            std::io::ErrorKind::NotFound => FaultKind::Missing,
            _ => FaultKind::ReadFailed,
        };
        Fault::new(kind, path.display().to_string(), e.to_string())
    })
}
