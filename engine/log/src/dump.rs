//! Describing a file of a shard line by line, for people: what a journal block, a checkpoint, a
//! sidecar or a segment holds. It reads only, and goes on behind what does not hold.

use std::path::Path;

use engine_base::limits::BLOCK_BYTES;
use engine_base::{Fault, FaultKind, Offset};
use engine_record::{BatchView, Rope};
use engine_rt::Core;

use crate::block::{BLOCK_HEADER_BYTES, BlockHeader, JournalKey, padded};
use crate::checkpoint::Checkpoint;
use crate::checkpoint_file::read_whole;
use crate::entry::{Entries, Entry};
use crate::fields::as_u64;
use crate::identity::Identity;
use crate::names;
use crate::sidecar::{SIDE_ENTRY_BYTES, SideKey, SideRecord};

/// Describes a journal, segment, sidecar or checkpoint file line by line. The file is taken into
/// memory whole.
///
/// # Errors
/// A fault if the file cannot be read or is none of ours.
pub async fn dump(core: &Core, path: &Path, line: &mut dyn FnMut(&str)) -> Result<(), Fault> {
    let place = path.display().to_string();
    let bytes = read_whole(core, path).await;
    let bytes = bytes.map_err(|e| Fault::new(FaultKind::ReadFailed, &place, e.to_string()))?;
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let above = |n: usize| path.ancestors().nth(n).unwrap_or(Path::new("."));
    if name == names::IDENTITY {
        let identity = Identity::decode(&bytes, &place)?;
        line(&format!("{identity:?}"));
        return Ok(());
    }
    if names::checkpoint_number(&name).is_some() {
        let shard = shard_of(core, above(1)).await?;
        describe_checkpoint(&Checkpoint::decode(shard.shard, &bytes, &place)?, line);
        return Ok(());
    }
    if let Some((base, is_side)) = names::segment_of(&name) {
        let log = above(1).file_name().and_then(|n| names::log_of(&n.to_string_lossy()));
        match (is_side, log) {
            (true, Some(log)) => describe_sidecar(SideKey { log, base }, &bytes, line),
            (true, None) => {
                return Err(Fault::new(FaultKind::Refused, place, "not in a log's directory"));
            }
            (false, _) => describe_segment(base, &bytes, line),
        }
        return Ok(());
    }
    if above(1).file_name().is_some_and(|dir| dir.to_string_lossy() == names::JOURNAL) {
        let identity = shard_of(core, above(2)).await?;
        describe_journal(identity.journal_key(), identity.device_block as usize, &bytes, line);
        return Ok(());
    }
    Err(Fault::new(FaultKind::Refused, place, "this is no file of a shard"))
}

async fn shard_of(core: &Core, dir: &Path) -> Result<Identity, Fault> {
    let path = names::identity(dir);
    let place = path.display().to_string();
    let bytes = read_whole(core, &path).await;
    let bytes = bytes.map_err(|e| Fault::new(FaultKind::ReadFailed, &place, e.to_string()))?;
    Identity::decode(&bytes, &place)
}

fn describe_checkpoint(checkpoint: &Checkpoint, line: &mut dyn FnMut(&str)) {
    let Checkpoint { number, generation, began, sequence, replay, after, previous_crc, logs } =
        checkpoint;
    line(&format!(
        "checkpoint {number} generation {generation} begun at {began} reflects {sequence}; replay \
         from file {} byte {} behind {after} crc {previous_crc:08x}; {} logs",
        replay.file,
        replay.offset,
        logs.len()
    ));
    for log in logs {
        line(&format!(
            "log {} start {} as of {} {:?} epochs {:?} tail {} bytes",
            log.id,
            log.start,
            log.as_of,
            log.hard_state,
            log.epochs,
            log.tail.len()
        ));
        for sealed in &log.sealed {
            line(&format!("  {sealed:?}"));
        }
        line(&format!("  {:?}", log.open));
    }
}

fn describe_journal(key: JournalKey, block: usize, bytes: &[u8], line: &mut dyn FnMut(&str)) {
    let block = if block == 0 { BLOCK_BYTES } else { block };
    let mut at = 0;
    while at < bytes.len() {
        let here = &bytes[at..];
        let Some((header, crc)) = BlockHeader::peek(key, here) else {
            at += block;
            continue;
        };
        let whole = padded(header.length as usize, block);
        let held = here.get(..whole).filter(|bytes| BlockHeader::holds(crc, bytes));
        let Some(held) = held else {
            line(&format!("{at}: block {} does not hold: torn or rotten", header.sequence));
            at += block;
            continue;
        };
        line(&format!(
            "{at}: block {} generation {} durable {} crc {crc:08x} behind {:08x}, {} bytes",
            header.sequence, header.generation, header.durable, header.previous_crc, header.length
        ));
        let entries = &held[BLOCK_HEADER_BYTES..header.length as usize];
        for entry in Entries::new(entries, header.entries) {
            match entry {
                Ok((log, entry)) => line(&format!("  log {log} {}", in_words(&entry))),
                Err(why) => line(&format!("  {why}")),
            }
        }
        at += whole;
    }
}

fn in_words(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Append { base, epoch, batch } => {
            format!("append at {base} epoch {epoch}, {} bytes", batch.len())
        }
        Entry::Remainder { cut, bytes } => format!("remainder {cut:?}, {} bytes", bytes.len()),
        Entry::Truncate { to, carried: None } => format!("truncate to {to}"),
        Entry::Truncate { to, carried: Some(cut) } => format!(
            "truncate to {to} in segment {} from byte {} with {} bytes, {:?}",
            cut.base,
            cut.position,
            cut.bytes.len(),
            cut.cut
        ),
        Entry::Start { to } => format!("start {to}"),
        Entry::HardState(state) => format!("{state:?}"),
        Entry::Create { start } => format!("create at {start}"),
        Entry::Delete => "delete".into(),
    }
}

fn describe_sidecar(key: SideKey, bytes: &[u8], line: &mut dyn FnMut(&str)) {
    for (i, entry) in bytes.chunks(SIDE_ENTRY_BYTES).enumerate() {
        match key.decode(as_u64(i), entry) {
            Some(SideRecord::Run(run)) => line(&format!("{i}: {run:?}")),
            Some(seal) => line(&format!("{i}: {seal:?}")),
            None if entry.iter().all(|byte| *byte == 0) => {}
            None => line(&format!("{i}: an entry that does not hold")),
        }
    }
}

fn describe_segment(base: Offset, bytes: &[u8], line: &mut dyn FnMut(&str)) {
    let pieces = [bytes];
    let (mut at, mut next) = (0, base);
    while at < bytes.len() {
        let view = match BatchView::parse(Rope::new(&pieces), at) {
            Ok(view) => view,
            Err(why) => {
                let rest = bytes.len() - at;
                line(&format!("{at}: {rest} bytes that are no whole batch: {why}"));
                return;
            }
        };
        let header = view.header();
        let crc = if view.verify_crc().is_ok() { "" } else { " CRC DOES NOT HOLD" };
        let gap = if header.base_offset == next { "" } else { " NOT DENSE" };
        line(&format!(
            "{at}: offsets {}..={} epoch {} records {} bytes {} max timestamp {} producer {}/{} \
             sequence {} attributes {:04x}{crc}{gap}",
            header.base_offset,
            header.last_offset(),
            header.leader_epoch,
            header.record_count,
            header.total_bytes(),
            header.max_timestamp,
            header.producer_id,
            header.producer_epoch,
            header.base_sequence,
            header.attributes
        ));
        at += header.total_bytes();
        next = header.last_offset() + 1;
    }
}
