//! Every size of a store is a parameter, so that tests run rings of 64 KiB; relations between sizes
//! are checked when a store is formatted or opened.

use engine_base::limits::{CHUNK_BYTES_MAX, UNPACKED_BYTES_MIN};
use engine_base::{Fault, FaultKind};

/// How a journal block is made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushMethod {
    /// One write with `RWF_DSYNC`.
    Dsync,
    /// A write, then an fdatasync.
    Fdatasync,
}

/// Who says which [`FlushMethod`] is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushChoice {
    /// What was measured in this shard's directory; if nothing was, it is measured now.
    Measured,
    /// It is measured now, whatever was.
    Measure,
    /// The operator.
    Always(FlushMethod),
}

/// Sizes and cadences of one shard's store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Files of the journal ring, at least 4. Fixed when the shard is formatted.
    pub journal_files: u32,
    /// Bytes of one journal file, a multiple of `device_block`. Fixed when the shard is formatted.
    pub journal_file_bytes: u64,
    /// Bytes that a journal block is filled to before the next is begun. A single larger entry gets
    /// a block of its own.
    pub block_bytes_max: usize,
    /// Journal blocks written at the same time, at least 1.
    pub blocks_in_flight: usize,
    /// The unit of device writes in bytes: max(4096, physical block). A power of two.
    pub device_block: usize,
    /// Sizes of a tail's chunks as it grows, ascending, multiples of `device_block`.
    pub chunk_bytes: [usize; 3],
    /// Undestaged bytes of a log that make it due to be written to its segment.
    pub destage_bytes: u64,
    /// Logs destaged at the same time.
    pub destage_depth: usize,
    /// What the tails of all logs of this shard may hold in memory, in bytes. At least the ring's
    /// size, so that whatever a replay finds fits.
    pub memory_bytes: u64,
    /// Free space of the disk below which produce is refused, in bytes. A start needs some of it
    /// for its checkpoint: as much as the ring at worst.
    pub disk_reserve_bytes: u64,
    /// Least and largest step in which a segment file is allocated, in bytes.
    pub allocate_bytes: (u64, u64),
    /// How journal blocks are flushed.
    pub flush: FlushChoice,
    /// Journal and segments are read and written past the page cache.
    pub direct: bool,
    /// Milliseconds without an append after which the journal closes with an empty block.
    pub idle_close_ms: u64,
    /// Milliseconds between two looks at segment age, free space and idle memory.
    pub housekeeping_ms: u64,
    /// Milliseconds between two looks at what retention lets go
    /// (`log.retention.check.interval.ms`); those at the rest come at least in between.
    pub retention_check_ms: u64,
    /// Segment files kept open at the same time.
    pub open_segments_max: usize,
    /// Logs that a checkpoint takes in one turn of the core, at least 1.
    pub checkpoint_turn_logs: usize,
    /// A producer that was silent for so long is forgotten, in ms
    /// (`producer.id.expiration.ms`).
    pub producer_expiration_ms: i64,
    /// Producers that are remembered of all logs together, about 400 bytes each.
    pub producers_max: usize,
    /// Compacted logs are compacted (`log.cleaner.enable`).
    pub compaction: bool,
    /// Milliseconds between two looks for logs to compact (`log.cleaner.backoff.ms`).
    pub compaction_pause_ms: u64,
    /// Memory for the keys of one round of compaction, in bytes
    /// (`log.cleaner.dedupe.buffer.size`). A round stops at the record for which there is no more.
    pub compaction_key_bytes: u64,
    /// What compaction reads and writes in a second at most, in bytes
    /// (`log.cleaner.io.max.bytes.per.second`).
    pub compaction_bytes_per_second: u64,
}

/// What of a store's options may change while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    /// [`StoreOptions::producer_expiration_ms`].
    pub producer_expiration_ms: i64,
    /// [`StoreOptions::compaction_pause_ms`]; a change ends the pause.
    pub compaction_pause_ms: u64,
    /// [`StoreOptions::compaction_key_bytes`]; holds from the next round on.
    pub compaction_key_bytes: u64,
    /// [`StoreOptions::compaction_bytes_per_second`].
    pub compaction_bytes_per_second: u64,
}

impl LiveOptions {
    /// As they are when the store is opened.
    pub(crate) fn of(options: &StoreOptions) -> LiveOptions {
        LiveOptions {
            producer_expiration_ms: options.producer_expiration_ms,
            compaction_pause_ms: options.compaction_pause_ms,
            compaction_key_bytes: options.compaction_key_bytes,
            compaction_bytes_per_second: options.compaction_bytes_per_second,
        }
    }
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            journal_files: 8,
            journal_file_bytes: 32 << 20,
            block_bytes_max: 1 << 20,
            blocks_in_flight: 3,
            device_block: 4096,
            chunk_bytes: [4 << 10, 16 << 10, 128 << 10],
            destage_bytes: 128 << 10,
            destage_depth: 4,
            memory_bytes: 256 << 20,
            disk_reserve_bytes: 1 << 30,
            allocate_bytes: (128 << 10, 32 << 20),
            flush: FlushChoice::Always(FlushMethod::Dsync),
            direct: true,
            idle_close_ms: 50,
            housekeeping_ms: 1000,
            retention_check_ms: 300_000,
            open_segments_max: 256,
            checkpoint_turn_logs: 256,
            producer_expiration_ms: 24 * 3_600_000,
            producers_max: 50_000,
            compaction: true,
            compaction_pause_ms: 15_000,
            compaction_key_bytes: 128 << 20,
            compaction_bytes_per_second: u64::MAX,
        }
    }
}

impl StoreOptions {
    /// Bytes of the whole journal ring.
    pub fn ring_bytes(&self) -> u64 {
        u64::from(self.journal_files) * self.journal_file_bytes
    }

    /// The largest batch that can be appended: an entry must fit into half of a journal file.
    pub fn batch_bytes_max(&self) -> usize {
        self.entry_bytes_max().saturating_sub(crate::entry::APPEND_OVERHEAD_BYTES)
    }

    /// The largest journal entry.
    pub(crate) fn entry_bytes_max(&self) -> usize {
        let half = usize::try_from(self.journal_file_bytes / 2).unwrap_or(usize::MAX);
        half.saturating_sub(2 * self.device_block)
    }

    /// Checks the relations between the sizes.
    ///
    /// # Errors
    /// [`FaultKind::Refused`] that says which relation does not hold.
    pub fn check(&self) -> Result<(), Fault> {
        let block = self.device_block;
        let whole = |bytes: u64| bytes > 0 && bytes.is_multiple_of(block as u64);
        let rules = [
            (self.journal_files >= 4, "journal_files is below 4"),
            (block.is_power_of_two() && block >= 512, "device_block is no power of two"),
            (whole(self.journal_file_bytes), "journal_file_bytes is no multiple of device_block"),
            (whole(self.block_bytes_max as u64), "block_bytes_max is no multiple of device_block"),
            (
                self.block_bytes_max as u64 <= self.journal_file_bytes / 2,
                "block_bytes_max exceeds half of a journal file",
            ),
            (self.blocks_in_flight >= 1, "blocks_in_flight is 0"),
            (self.chunk_bytes.iter().all(|c| whole(*c as u64)), "a chunk is no whole block"),
            (self.chunk_bytes.is_sorted(), "chunk_bytes are not ascending"),
            (self.chunk_bytes[2] <= CHUNK_BYTES_MAX, "a chunk exceeds 128 KiB"),
            (self.destage_bytes >= block as u64, "destage_bytes is below device_block"),
            (self.destage_depth >= 1, "destage_depth is 0"),
            (self.memory_bytes >= self.ring_bytes(), "memory_bytes is below the journal ring"),
            (self.allocate_bytes.0 >= block as u64, "allocate_bytes is below device_block"),
            (self.allocate_bytes.0 <= self.allocate_bytes.1, "allocate_bytes are not ascending"),
            (self.open_segments_max >= 4, "open_segments_max is below 4"),
            (self.checkpoint_turn_logs >= 1, "checkpoint_turn_logs is 0"),
            (self.compaction_bytes_per_second >= 1, "compaction_bytes_per_second is 0"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, why)) => Err(Fault::new(FaultKind::Refused, "store options", *why)),
        }
    }
}

/// What a topic's configuration says about one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// A segment is rolled before it would exceed this size, in bytes.
    pub segment_bytes: u64,
    /// A segment is rolled this long after its first append, in milliseconds.
    pub segment_ms: i64,
    /// Segments whose newest record is older go, in milliseconds; -1 keeps them for ever.
    pub retention_ms: i64,
    /// Oldest segments go while the log without them is at least this large, in bytes; -1 keeps
    /// them.
    pub retention_bytes: i64,
    /// Whole segments are removed by retention (`cleanup.policy` has `delete`).
    pub delete: bool,
    /// Of each key the last record is kept (`cleanup.policy` has `compact`).
    pub compact: bool,
    /// A tombstone stays so long after it was compacted first, in milliseconds.
    pub delete_retention_ms: i64,
    /// Segments with records younger than this are left alone, in milliseconds.
    pub min_compaction_lag_ms: i64,
    /// A segment is compacted, whatever the ratio, once its first record is older, in milliseconds.
    pub max_compaction_lag_ms: i64,
    /// What share of its bytes must be new before a log is compacted again, in millionths.
    pub min_dirty_millionths: u32,
    /// What the records of one batch may unpack to where they are looked into, in bytes; more is
    /// passed over. Nobody may have looked into them before.
    pub unpacked_bytes_max: usize,
    /// Appends are acknowledged when submitted, not when durable. The store treats both alike.
    pub write_caching: bool,
    /// Appends are admitted below the disk reserve too: the metadata, whose deletions make room.
    pub below_reserve: bool,
}

impl Default for LogOptions {
    fn default() -> LogOptions {
        LogOptions {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * 3_600_000,
            retention_ms: 7 * 24 * 3_600_000,
            retention_bytes: -1,
            delete: true,
            compact: false,
            delete_retention_ms: 24 * 3_600_000,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            min_dirty_millionths: 500_000,
            unpacked_bytes_max: UNPACKED_BYTES_MIN,
            write_caching: false,
            below_reserve: false,
        }
    }
}

impl LogOptions {
    /// What holds from recovery until the owner says what its topic keeps: everything.
    pub(crate) fn not_told_yet() -> LogOptions {
        LogOptions { segment_ms: i64::MAX, delete: false, ..LogOptions::default() }
    }

    /// The age at which a segment is rolled, in milliseconds: one that is open cannot be compacted.
    pub(crate) fn roll_ms(&self) -> i64 {
        if self.compact { self.segment_ms.min(self.max_compaction_lag_ms) } else { self.segment_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hold_their_own_relations() {
        assert_eq!(StoreOptions::default().check(), Ok(()));
        let small = StoreOptions { memory_bytes: 1 << 20, ..StoreOptions::default() };
        assert!(small.check().is_err_and(|f| f.detail.contains("memory_bytes")));
    }
}
