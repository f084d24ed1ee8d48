//! Following the journal's chain from a checkpoint, and what its blocks do to the logs.
//!
//! Kept true:
//! - A block belongs to the chain only if it names the CRC of its predecessor and its sequence is
//!   higher.
//! - A log's entries up to its as-of sequence are passed over; what the checkpoint says stands for
//!   them.
//! - The chain's end is a torn end only if nothing says that more was durable; else it is rot, and
//!   nothing is cut.

use std::collections::BTreeMap;

use engine_base::{Fault, FaultKind, LogId, Offset};

use crate::LogOptions;
use crate::block::padded;
use crate::checkpoint::{Checkpoint, Place};
use crate::chunk::ChunkSource;
use crate::entry::{Entries, Entry};
use crate::fields::as_u64;
use crate::log_state::{Contradiction, LogState};
use crate::ring::BlockMark;
use crate::ring_files::{FoundBlock, RingReader};

/// What a replay found.
#[derive(Debug)]
pub(crate) struct Replayed {
    pub(crate) logs: BTreeMap<LogId, LogState>,
    /// The blocks of the chain.
    pub(crate) chain: Vec<BlockMark>,
    /// The chain's end.
    pub(crate) last: u64,
    pub(crate) last_crc: u32,
    /// Where the next block goes.
    pub(crate) head: Place,
    /// The highest sequence and generation seen anywhere.
    pub(crate) top: u64,
    pub(crate) generation: u64,
    /// A torn block was cut.
    pub(crate) torn: bool,
    pub(crate) bytes: u64,
}

/// The logs as they grow during a replay.
struct Replay<'a> {
    checkpoint: &'a Checkpoint,
    source: ChunkSource<'a>,
    as_of: BTreeMap<LogId, u64>,
    logs: BTreeMap<LogId, LogState>,
}

/// Replays the chain behind `checkpoint`.
///
/// # Errors
/// [`FaultKind::Rot`] with the place, if the chain breaks where it must not, or a block whose
/// checksum holds contradicts what came before.
pub(crate) async fn replay(
    reader: &mut RingReader,
    checkpoint: &Checkpoint,
    source: ChunkSource<'_>,
    geometry: (u32, u64, usize),
) -> Result<Replayed, Fault> {
    let (files, file_bytes, device_block) = geometry;
    let mut replay = Replay::begin(checkpoint, source)?;
    let mut place = checkpoint.replay;
    let (mut last, mut last_crc) = (checkpoint.after, checkpoint.previous_crc);
    let mut chain: Vec<BlockMark> = Vec::new();
    // Where each block of the chain begins, and where it ends.
    let mut ends = BTreeMap::new();
    let (mut bytes, mut visited, mut generation) = (0, 0u64, checkpoint.generation);
    // A chain is never longer than the ring, whatever the bytes say.
    while visited <= u64::from(files) * file_bytes {
        let Some((at, block)) = follow(reader, place, files, file_bytes, (last, last_crc)).await?
        else {
            break;
        };
        replay.apply_block(&block).map_err(|why| {
            let name = format!("journal/{:08}", at.file);
            Fault::at(FaultKind::Rot, name, at.offset, why)
        })?;
        let whole = as_u64(padded(block.header.length as usize, device_block));
        ends.insert((at.file, at.offset), at.offset + whole);
        chain.push(BlockMark {
            sequence: block.header.sequence,
            place: at,
            previous_crc: last_crc,
            after: last,
        });
        (last, last_crc) = (block.header.sequence, block.crc);
        generation = generation.max(block.header.generation);
        place = Place { file: at.file, offset: at.offset + whole };
        bytes += whole;
        visited += whole;
    }
    let search = search(reader, files, device_block, (&ends, last)).await?;
    let broken = || format!("journal/{:08}", place.file);
    if let Some(witness) = search.witness {
        let why = format!(
            "the chain breaks after sequence {last}, but block {} says that {} was durable",
            witness.0, witness.1
        );
        return Err(Fault::at(FaultKind::Rot, broken(), place.offset, why));
    }
    if checkpoint.sequence > last {
        let why = format!(
            "the chain ends at sequence {last}, but the checkpoint reflects {}",
            checkpoint.sequence
        );
        return Err(Fault::at(FaultKind::Rot, broken(), place.offset, why));
    }
    let rest = place.offset < file_bytes && reader.is_written(place).await?;
    let logs = replay.finish(&broken(), place)?;
    Ok(Replayed {
        logs,
        chain,
        last,
        last_crc,
        head: place,
        top: search.top.max(last).max(checkpoint.sequence),
        generation: search.generation.max(generation),
        torn: search.later || rest,
        bytes,
    })
}

/// The block that follows `end`: at `place`, or at the begin of the next file.
async fn follow(
    reader: &mut RingReader,
    place: Place,
    files: u32,
    file_bytes: u64,
    end: (u64, u32),
) -> Result<Option<(Place, FoundBlock)>, Fault> {
    let fits =
        |block: &FoundBlock| block.header.previous_crc == end.1 && block.header.sequence > end.0;
    if place.offset < file_bytes
        && let Some(block) = reader.block_at(place).await?
        && fits(&block)
    {
        return Ok(Some((place, block)));
    }
    if place.offset == 0 {
        return Ok(None);
    }
    let next = Place { file: (place.file + 1) % files, offset: 0 };
    let block = reader.block_at(next).await?.filter(fits);
    Ok(block.map(|block| (next, block)))
}

/// What the whole ring says about what lies behind the chain's end.
struct Search {
    top: u64,
    generation: u64,
    /// A valid block behind the end.
    later: bool,
    /// One that says more was durable than the chain has: its sequence and its `durable`.
    witness: Option<(u64, u64)>,
}

/// Looks at every place of the ring but the chain's own blocks, which are known.
async fn search(
    reader: &mut RingReader,
    files: u32,
    device_block: usize,
    (chain, last): (&BTreeMap<(u32, u64), u64>, u64),
) -> Result<Search, Fault> {
    let mut found = Search { top: 0, generation: 0, later: false, witness: None };
    for file in 0..files {
        let mut offset = 0;
        while offset < reader.len(file).await? {
            if let Some(end) = chain.get(&(file, offset)) {
                offset = *end;
                continue;
            }
            let Some(block) = reader.block_at(Place { file, offset }).await? else {
                offset += as_u64(device_block);
                continue;
            };
            let header = block.header;
            found.top = found.top.max(header.sequence);
            found.generation = found.generation.max(header.generation);
            found.later |= header.sequence > last;
            if header.sequence > last && header.durable > last {
                found.witness = Some((header.sequence, header.durable));
            }
            offset += as_u64(padded(header.length as usize, device_block));
        }
    }
    Ok(found)
}

impl<'a> Replay<'a> {
    fn begin(checkpoint: &'a Checkpoint, source: ChunkSource<'a>) -> Result<Replay<'a>, Fault> {
        let mut replay =
            Replay { checkpoint, source, as_of: BTreeMap::new(), logs: BTreeMap::new() };
        for image in &checkpoint.logs {
            let mut log = LogState::of_image(image, &source).map_err(|why| {
                let name = format!("checkpoint-{:016x}", checkpoint.number);
                Fault::new(FaultKind::Rot, name, why)
            })?;
            log.note_imaged(checkpoint.number);
            replay.as_of.insert(image.id, image.as_of);
            replay.logs.insert(image.id, log);
        }
        Ok(replay)
    }

    fn apply_block(&mut self, block: &FoundBlock) -> Result<(), Contradiction> {
        for entry in Entries::new(block.entries(), block.header.entries) {
            let (id, entry) = entry?;
            // A log that the checkpoint does not know was deleted before the checkpoint had all
            // logs, or created after it took the first.
            let as_of = self.as_of.get(&id).copied().unwrap_or(self.checkpoint.began);
            if block.header.sequence > as_of {
                self.apply(id, &entry, block.header.sequence)?;
            }
        }
        Ok(())
    }

    fn apply(&mut self, id: LogId, entry: &Entry<'_>, sequence: u64) -> Result<(), Contradiction> {
        if let Entry::Create { start } = entry {
            if self.as_of.contains_key(&id) && self.logs.contains_key(&id) {
                // Its first bytes lie in the very block that created it.
                return Ok(());
            }
            let log = LogState::new(id, *start, LogOptions::not_told_yet());
            return match self.logs.insert(id, log) {
                None => Ok(()),
                Some(_) => Err(format!("log {id} is created twice")),
            };
        }
        let source = self.source;
        let Some(log) = self.logs.get_mut(&id) else {
            // Deleted while the checkpoint was taken, before its turn came.
            let gone = sequence <= self.checkpoint.sequence && !self.as_of.contains_key(&id);
            return if gone { Ok(()) } else { Err(format!("log {id} is not there")) };
        };
        match entry {
            Entry::Append { base, epoch, batch } => {
                log.replay_append(&source, *base, *epoch, batch, sequence)?;
            }
            Entry::Remainder { cut, bytes } => {
                log.replay_carried(&source, cut, bytes, sequence)?;
            }
            Entry::Truncate { to, carried } => {
                log.apply_truncate(&source, *to, carried.as_ref(), sequence)?;
            }
            Entry::Start { to } => log.apply_start(*to),
            Entry::Replace(by) => log.replay_replace(by)?,
            Entry::HardState(state) => log.hard_state = state.clone(),
            Entry::Delete => {
                self.logs.remove(&id);
            }
            Entry::Create { .. } => unreachable!("handled above"),
        }
        Ok(())
    }

    fn finish(self, name: &str, end: Place) -> Result<BTreeMap<LogId, LogState>, Fault> {
        for log in self.logs.values() {
            let rot = |why: String| Fault::at(FaultKind::Rot, name, end.offset, why);
            if let Some(pending) = log.open().pending() {
                let first = pending.first;
                return Err(rot(format!("log {}: batch {first} has no end", log.id)));
            }
            let bounds: (Offset, Offset) = (log.start, log.end());
            if bounds.0 > bounds.1 {
                let why = format!("log {} starts at {} and ends at {}", log.id, bounds.0, bounds.1);
                return Err(rot(why));
            }
            if log.producers.upto() != log.end() {
                let (upto, end) = (log.producers.upto(), log.end());
                return Err(rot(format!("log {} ends at {end}, its producers at {upto}", log.id)));
            }
            log.open().check();
        }
        Ok(self.logs)
    }
}
