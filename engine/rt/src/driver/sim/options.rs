//! What a world is told, and how it says that it cannot go on.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use engine_base::WallMs;

/// Ranges that the seed draws from, and bounds.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// How long a disk operation takes.
    pub disk_delay: Range<Duration>,
    /// How long bytes travel between two cores.
    pub net_delay: Range<Duration>,
    /// The largest piece that arrives at once, in bytes: sends are split at random below it.
    pub net_piece_bytes_max: usize,
    /// Bytes that may be on their way, or wait to be received, in one direction of a connection.
    pub net_window_bytes: usize,
    /// The wall clock at the start.
    pub wall: WallMs,
    /// Steps of one `block_on` or `run_for` after which the world is given up.
    pub steps_max: u64,
    /// After [`super::Disk::freeze_after`]: further write-like operations accepted (never
    /// completed) before the world stops as frozen.
    pub frozen_operations_max: u64,
    /// Free memory each core keeps for reuse, in bytes.
    pub pool_bytes_max: usize,
}

impl Default for SimOptions {
    fn default() -> SimOptions {
        SimOptions {
            disk_delay: Duration::from_micros(20)..Duration::from_micros(300),
            net_delay: Duration::from_micros(10)..Duration::from_micros(100),
            net_piece_bytes_max: 64 << 10,
            net_window_bytes: 256 << 10,
            wall: WallMs(1_750_000_000_000),
            steps_max: 50_000_000,
            frozen_operations_max: 4,
            pool_bytes_max: 8 << 20,
        }
    }
}

/// Why a world stopped before its future was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// The disk was frozen and everything that could still happen without time has happened.
    Frozen,
    /// Nothing is ready, no operation is under way, no timer is set.
    Idle,
    /// More steps than `steps_max`.
    Endless,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stuck::Frozen => "the disk is frozen",
            Stuck::Idle => "everybody waits for nothing",
            Stuck::Endless => "no end in sight",
        })
    }
}

impl std::error::Error for Stuck {}
