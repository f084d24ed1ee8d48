//! Describing a file of a shard thing by thing, for people: what a journal block, a checkpoint, a
//! sidecar or a segment holds. It reads only, and goes on behind what does not hold.

use std::path::Path;

use engine_base::limits::BLOCK_BYTES;
use engine_base::settings::TimestampType;
use engine_base::{Fault, FaultKind};
use engine_record::{BatchHeader, BatchView, RecordReader, Rope};
use engine_rt::Core;

use crate::block::{BLOCK_HEADER_BYTES, BlockHeader, JournalKey, padded};
use crate::checkpoint::{Checkpoint, LogImage};
use crate::checkpoint_file::read_whole;
use crate::entry::{Cut, Entries, Entry};
use crate::fields::as_u64;
use crate::finding::{Fact, Finding};
use crate::hard_state::HardState;
use crate::identity::Identity;
use crate::names::{self, SegmentName};
use crate::reader::follows;
use crate::sidecar::{SIDE_ENTRY_BYTES, SideKey, SideRecord};

/// What the records of one batch may unpack to when they are shown, in bytes.
const SHOWN_BYTES_MAX: usize = 1 << 30;

/// The smallest device block.
const SECTOR_BYTES: usize = 512;

/// Who hears what was found, and whether records are asked for.
struct Telling<'a> {
    tell: &'a mut dyn FnMut(Finding),
    records: bool,
}

/// Describes a journal, segment, sidecar or checkpoint file, or a shard's identity: each batch,
/// entry or part once, in the file's order, and each record if `records` says so. The file is taken
/// into memory whole.
///
/// # Errors
/// A fault if the file cannot be read or is none of ours.
pub async fn dump(
    core: &Core,
    path: &Path,
    records: bool,
    tell: &mut dyn FnMut(Finding),
) -> Result<(), Fault> {
    let mut telling = Telling { tell, records };
    let place = path.display().to_string();
    let bytes = read_whole(core, path).await;
    let bytes = bytes.map_err(|e| Fault::new(FaultKind::ReadFailed, &place, e.to_string()))?;
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let above = |n: usize| path.ancestors().nth(n).unwrap_or(Path::new("."));
    if name == names::IDENTITY {
        telling.identity(&Identity::decode(&bytes, &place)?);
        return Ok(());
    }
    if names::checkpoint_number(&name).is_some() {
        let shard = shard_of(core, above(1)).await?;
        telling.checkpoint(&Checkpoint::decode(shard.shard, &bytes, &place)?);
        return Ok(());
    }
    if let Some((segment, is_side)) = names::segment_of(&name) {
        let log = above(1).file_name().and_then(|n| names::log_of(&n.to_string_lossy()));
        match (is_side, log) {
            (true, Some(log)) => telling.sidecar(SideKey { log, name: segment }, &bytes),
            (true, None) => {
                return Err(Fault::new(FaultKind::Refused, place, "not in a log's directory"));
            }
            (false, _) => telling.batches(0, Some(segment), &bytes),
        }
        return Ok(());
    }
    if above(1).file_name().is_some_and(|dir| dir.to_string_lossy() == names::JOURNAL) {
        let identity = shard_of(core, above(2)).await?;
        telling.journal(identity.journal_key(), identity.device_block as usize, &bytes);
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

impl Telling<'_> {
    fn say(&mut self, finding: Finding) {
        (self.tell)(finding);
    }

    fn identity(&mut self, identity: &Identity) {
        self.say(
            Finding::new(0, "shard")
                .words("id", identity.shard.to_string())
                .number("journal_files", identity.journal_files)
                .number("journal_file_bytes", identity.journal_file_bytes)
                .number("device_block", identity.device_block),
        );
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        let Checkpoint { number, generation, began, sequence, replay, after, previous_crc, logs } =
            checkpoint;
        self.say(
            Finding::new(0, "checkpoint")
                .number("number", *number)
                .number("generation", *generation)
                .number("began", *began)
                .number("sequence", *sequence)
                .number("replay_file", replay.file)
                .number("replay_at", replay.offset)
                .number("after", *after)
                .checksum("previous_crc", *previous_crc)
                .size("logs", logs.len()),
        );
        logs.iter().for_each(|log| self.log_image(log));
    }

    fn log_image(&mut self, log: &LogImage) {
        let LogImage {
            id,
            start,
            as_of,
            hard_state,
            epochs,
            producers,
            cleaned,
            sealed,
            open,
            tail,
            ..
        } = log;
        let image = Finding::new(1, "log").words("log", id.to_string()).number("start", *start);
        let image = image.number("as_of", *as_of).size("tail_bytes", tail.len());
        let image = image.number("compacted_to", *cleaned);
        self.say(with_hard_state(image, hard_state));
        for (epoch, first) in epochs {
            self.say(Finding::new(2, "epoch").number("epoch", *epoch).number("first", *first));
        }
        for (id, producer) in producers.iter() {
            let finding = Finding::new(2, "producer").number("producer", id);
            let finding = finding.number("epoch", producer.epoch);
            let finding = finding.number("last_sequence", producer.last_sequence);
            self.say(finding.size("batches", producer.batches.len()));
        }
        for segment in sealed {
            self.say(
                Finding::new(2, "sealed")
                    .number("base", segment.base)
                    .number("end", segment.end)
                    .number("bytes", segment.bytes)
                    .number("side_bytes", segment.side_bytes)
                    .number("revision", segment.revision)
                    .moment("max_timestamp", segment.max_timestamp)
                    .moment("written", segment.wall_ms),
            );
        }
        let segment = Finding::new(2, "open")
            .number("base", open.base)
            .number("position", open.position)
            .number("side_bytes", open.side_bytes)
            .moment("max_timestamp", open.max_timestamp)
            .moment("written", if open.first_wall_ms == 0 { -1 } else { open.first_wall_ms });
        self.say(with_cut(segment, &open.cut));
    }

    fn journal(&mut self, key: JournalKey, block: usize, bytes: &[u8]) {
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
            let found = Finding::new(0, "block")
                .size("at", at)
                .number("sequence", header.sequence)
                .number("generation", header.generation)
                .number("durable", header.durable)
                .number("entries", header.entries)
                .number("bytes", header.length)
                .checksum("previous_crc", header.previous_crc)
                .checksum("crc", crc)
                .flag("crc_ok", held.is_some());
            let Some(held) = held else {
                self.say(found.words("trouble", "torn or rotten"));
                at += block;
                continue;
            };
            self.say(found);
            let entries = &held[BLOCK_HEADER_BYTES..header.length as usize];
            for entry in Entries::new(entries, header.entries) {
                match entry {
                    Ok((log, entry)) => self.entry(&log.to_string(), &entry),
                    Err(why) => {
                        self.say(Finding::new(1, "entry").words("trouble", why.to_string()));
                    }
                }
            }
            at += whole;
        }
    }

    fn entry(&mut self, log: &str, entry: &Entry<'_>) {
        let of = |what| Finding::new(1, what).words("log", log);
        match entry {
            Entry::Append { base, epoch, batch } => {
                let found = of("append").number("base", *base).number("stamped_epoch", *epoch);
                let found = found.size("entry_bytes", batch.len());
                self.say(found);
                self.batches(2, None, batch);
            }
            Entry::Remainder { cut, bytes } => {
                self.say(with_cut(of("remainder").size("bytes", bytes.len()), cut));
            }
            Entry::Truncate { to, carried: None } => self.say(of("truncate").number("to", *to)),
            Entry::Truncate { to, carried: Some(segment) } => {
                let found = of("truncate")
                    .number("to", *to)
                    .number("base", segment.base)
                    .number("position", segment.position)
                    .size("bytes", segment.bytes.len());
                self.say(with_cut(found, &segment.cut));
            }
            Entry::Start { to } => self.say(of("start").number("to", *to)),
            Entry::HardState(state) => self.say(with_hard_state(of("hard_state"), state)),
            Entry::Create { start } => self.say(of("create").number("start", *start)),
            Entry::Delete => self.say(of("delete")),
            Entry::Replace(by) => self.say(
                of("replace")
                    .number("base", by.base)
                    .number("end", by.end)
                    .number("bytes", by.bytes)
                    .number("revision", by.revision),
            ),
        }
    }

    fn sidecar(&mut self, key: SideKey, bytes: &[u8]) {
        for (i, entry) in bytes.chunks(SIDE_ENTRY_BYTES).enumerate() {
            let of = |what| Finding::new(0, what).size("index", i);
            match key.decode(as_u64(i), entry) {
                Some(SideRecord::Run(run)) => self.say(
                    of("run")
                        .number("position", run.position)
                        .number("bytes", run.length)
                        .known("first", run.first)
                        .number("next", run.next)
                        .number("first_position", run.first_position)
                        .moment("max_timestamp", run.max_timestamp)
                        .moment("written", run.wall_ms)
                        .checksum("checksum", run.checksum)
                        .flag("crc_ok", true),
                ),
                Some(SideRecord::Seal { bytes, end, max_timestamp, wall_ms }) => self.say(
                    of("seal")
                        .number("bytes", bytes)
                        .number("end", end)
                        .moment("max_timestamp", max_timestamp)
                        .moment("written", wall_ms)
                        .flag("crc_ok", true),
                ),
                None if entry.iter().all(|byte| *byte == 0) => {}
                None => self.say(of("entry").flag("crc_ok", false)),
            }
        }
    }

    /// The batches that stand one behind the other, those of `segment` if that is known: without a
    /// gap, unless compaction wrote it.
    fn batches(&mut self, depth: usize, segment: Option<SegmentName>, bytes: &[u8]) {
        let pieces = [bytes];
        let (mut at, mut next) = (0, segment.map(|segment| segment.base));
        let holes = segment.is_some_and(|segment| segment.revision > 0);
        while at < bytes.len() {
            let view = match BatchView::parse(Rope::new(&pieces), at) {
                Ok(view) => view,
                Err(why) => return self.say(rest(depth, at, &bytes[at..], &why.to_string())),
            };
            let header = *view.header();
            let holds = view.verify_crc().is_ok();
            if !holds && is_unfinished(bytes, at, header.total_bytes()) {
                return self.say(
                    batch(depth, at, &header)
                        .words("rest", "not in this file yet, but in the journal or a checkpoint"),
                );
            }
            let mut found = batch(depth, at, &header).flag("crc_ok", holds);
            if next.is_some_and(|next| !follows(&header, next, holes)) {
                found = found.words("trouble", "its offsets do not follow those before it");
            }
            self.say(found);
            if self.records {
                self.records_of(depth + 1, view);
            }
            at += header.total_bytes();
            next = segment.map(|_| header.last_offset() + 1);
        }
    }

    fn records_of(&mut self, depth: usize, batch: BatchView<'_>) {
        let trouble = |why: String| Finding::new(depth, "record").words("trouble", why);
        let mut reader = match RecordReader::new(batch, SHOWN_BYTES_MAX) {
            Ok(reader) => reader,
            Err(why) => return self.say(trouble(why.to_string())),
        };
        while let Some(record) = reader.next_record() {
            let found = match record {
                Ok(record) => {
                    let headers = record.headers();
                    let headers = headers.map(|h| (h.key.to_vec(), h.value.map(<[u8]>::to_vec)));
                    Finding::new(depth, "record")
                        .number("offset", record.offset)
                        .moment("timestamp", record.timestamp)
                        .fact("key", Fact::Bytes(record.key.map(<[u8]>::to_vec)))
                        .fact("value", Fact::Bytes(record.value.map(<[u8]>::to_vec)))
                        .fact("headers", Fact::Headers(headers.collect()))
                }
                Err(why) => trouble(why.to_string()),
            };
            self.say(found);
        }
    }
}

/// What stands behind the last whole batch.
fn rest(depth: usize, at: usize, bytes: &[u8], why: &str) -> Finding {
    let rest = |what| Finding::new(depth, what).size("at", at).size("bytes", bytes.len());
    match bytes.iter().all(|byte| *byte == 0) {
        true => rest("room"),
        false => rest("rest").words("trouble", format!("no whole batch: {why}")),
    }
}

/// Whether the end of the batch was never written: a segment is written in whole device blocks, and
/// its file reaches beyond them where room was allocated ahead.
fn is_unfinished(bytes: &[u8], at: usize, length: usize) -> bool {
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    written.next_multiple_of(SECTOR_BYTES) < at + length
}

fn batch(depth: usize, at: usize, header: &BatchHeader) -> Finding {
    let codec = header.codec().map_or("unknown", |codec| codec.name());
    let timestamps = match header.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    };
    let found = Finding::new(depth, "batch")
        .size("at", at)
        .number("first", header.base_offset)
        .number("last", header.last_offset())
        .number("epoch", header.leader_epoch)
        .number("records", header.record_count)
        .words("codec", codec)
        .size("bytes", header.total_bytes())
        .moment("base_timestamp", header.base_timestamp)
        .moment("max_timestamp", header.max_timestamp)
        .words("timestamp_type", timestamps)
        .known("producer_id", header.producer_id)
        .known("producer_epoch", header.producer_epoch)
        .known("sequence", header.base_sequence);
    found.flag("transactional", header.is_transactional()).flag("control", header.is_control())
}

fn with_cut(found: Finding, cut: &Cut) -> Finding {
    let found = found.number("cut_first", cut.first);
    if cut.skip == 0 {
        return found;
    }
    found.number("cut_last", cut.last).number("cut_length", cut.length).number("skip", cut.skip)
}

fn with_hard_state(found: Finding, state: &HardState) -> Finding {
    let members = state.members.iter().map(|node| i128::from(node.0)).collect();
    found
        .known("term", state.term)
        .known("vote", state.vote.0)
        .known("log_term", state.log_term)
        .fact("members", Fact::Numbers(members))
        .number("config_version", state.config_version)
        .known("config_term", state.config_term)
}

#[cfg(test)]
#[path = "dump_test.rs"]
mod dump_test;
