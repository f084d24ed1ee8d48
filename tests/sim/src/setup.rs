//! Small shards: rings of 64 KiB scale, tiny chunks, disks that may be too small.

use std::path::PathBuf;

use engine_log::{FlushChoice, FlushMethod, StoreOptions};

use crate::chance::Chance;

/// Where the shard of this number is.
pub fn dir(shard: usize) -> PathBuf {
    PathBuf::from(format!("/data/shard{shard}"))
}

/// What one seed runs on.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the shard is.
    pub dir: PathBuf,
    /// The store's sizes.
    pub options: StoreOptions,
    /// The disk's sectors, in bytes.
    pub sector_bytes: usize,
    /// The disk's size, in bytes.
    pub disk_bytes: u64,
    /// Bytes of a segment.
    pub segment_bytes: u64,
    /// Logs have rules of their own about what they keep; otherwise they keep everything.
    pub retention: bool,
    /// The longest payload of a batch, in bytes.
    pub payload_max: u64,
}

impl Setup {
    /// The setup of a seed.
    pub fn of(chance: &mut Chance) -> Setup {
        let block = chance.pick(&[512usize, 512, 4096]);
        let file = if block == 512 { chance.pick(&[32u64, 48, 64]) } else { 128 } << 10;
        let files = chance.pick(&[4u32, 4, 5, 6]);
        let ring = u64::from(files) * file;
        let small_disk = chance.once_in(5);
        let options = StoreOptions {
            journal_files: files,
            journal_file_bytes: file,
            block_bytes_max: if block == 512 { 8 << 10 } else { 32 << 10 },
            blocks_in_flight: chance.pick(&[1, 2, 3]),
            device_block: block,
            chunk_bytes: if block == 512 { [512, 2048, 8192] } else { [4096, 8192, 32768] },
            destage_bytes: if block == 512 { 4096 } else { 16384 },
            destage_depth: chance.pick(&[1, 2, 4]),
            memory_bytes: ring + chance.pick(&[0, 128 << 10]),
            disk_reserve_bytes: if small_disk { ring + (64 << 10) } else { 0 },
            allocate_bytes: (8192, 32 << 10),
            flush: chance.pick(&[
                FlushChoice::Measured,
                FlushChoice::Always(FlushMethod::Dsync),
                FlushChoice::Always(FlushMethod::Fdatasync),
            ]),
            direct: true,
            idle_close_ms: 2,
            housekeeping_ms: 5,
            retention_check_ms: chance.pick(&[0, 0, 20]),
            open_segments_max: 4,
            // Clocks jump: nobody is forgotten, so that what is known can be compared.
            producer_expiration_ms: i64::MAX,
            producers_max: usize::MAX,
            compaction: false,
            compaction_pause_ms: 7,
            compaction_key_bytes: 1 << 20,
            compaction_bytes_per_second: u64::MAX,
            checkpoint_turn_logs: chance.pick(&[1, 1, 2, 256]),
        };
        let disk_bytes = if small_disk { 2 * ring + (400 << 10) } else { 64 << 20 };
        let sector_bytes = block;
        let segment_bytes = chance.pick(&[6_000u64, 20_000, 60_000]);
        let retention = !chance.once_in(4);
        let payload_max = chance.pick(&[200u64, 1500, 3000]);
        Setup {
            dir: dir(0),
            options,
            sector_bytes,
            disk_bytes,
            segment_bytes,
            payload_max,
            retention,
        }
    }
}
