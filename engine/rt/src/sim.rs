//! The simulated world: seeded time, a memory disk with faults, a loopback. See [`World`].
//!
//! Kept true: two runs of one seed do the same, byte for byte ([`World::trace_hash`]).

use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine_base::WallMs;

use crate::core::Core;

/// Ranges that the seed draws from.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// How long a disk operation takes.
    pub disk_delay: Range<Duration>,
    /// How long bytes travel between two cores.
    pub net_delay: Range<Duration>,
    /// The largest piece that arrives at once, in bytes: sends are split at random below it.
    pub net_piece_bytes_max: usize,
    /// Bytes that may be on their way in one direction of a connection.
    pub net_window_bytes: usize,
    /// The wall clock at the start.
    pub wall: WallMs,
    /// Turns after which a world that makes no progress is given up.
    pub turns_max: u64,
    /// After [`Disk::freeze_after`]: further write-like operations accepted (never completed) before
    /// the world stops as frozen.
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
            turns_max: 50_000_000,
            frozen_operations_max: 4,
            pool_bytes_max: 8 << 20,
        }
    }
}

/// Why a world stopped before its future was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// The disk was frozen and everything that could still happen has happened.
    Frozen,
    /// Nothing is ready, no operation is under way, no timer is set.
    Idle,
    /// More turns than `turns_max`.
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

/// A seeded world of cores with virtual time.
#[derive(Clone)]
pub struct World {}

impl World {
    /// A world in which the seed decides every order and every delay.
    pub fn new(seed: u64, options: SimOptions) -> World {
        let _ = (seed, options);
        unreachable!("not built yet")
    }

    /// A core of this world that sees `disk`.
    pub fn core(&self, disk: &Disk) -> Core {
        let _ = disk;
        unreachable!("not built yet")
    }

    /// Runs the world until `future`, a task of `core`, is done.
    pub fn block_on<T: 'static>(
        &self,
        core: &Core,
        future: impl Future<Output = T> + 'static,
    ) -> Result<T, Stuck> {
        let _ = (core, future);
        unreachable!("not built yet")
    }

    /// Runs the world for some virtual time, or until it is stuck.
    pub fn run_for(&self, time: Duration) -> Result<(), Stuck> {
        let _ = time;
        unreachable!("not built yet")
    }

    /// Ends a core as kill -9 would: its tasks are gone, its connections reset; what it handed to the
    /// disk goes on.
    pub fn kill(&self, core: &Core) {
        let _ = core;
        unreachable!("not built yet")
    }

    /// Moves the wall clock of all cores.
    pub fn set_wall(&self, wall: WallMs) {
        let _ = wall;
        unreachable!("not built yet")
    }

    /// Sends every core of the world SIGTERM.
    pub fn terminate(&self) {
        unreachable!("not built yet")
    }

    /// A hash of everything that happened so far.
    pub fn trace_hash(&self) -> u64 {
        unreachable!("not built yet")
    }
}

/// What a crash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Power loss: whatever was not flushed is kept or lost, sector by sector, name by name.
    Power,
    /// Death of the process: everything handed to the kernel lands.
    Kill,
}

/// How bytes rot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rot {
    /// One bit (0 to 7) of the byte is flipped.
    Flip(u8),
    /// This many bytes become zero.
    Zero(usize),
    /// This many bytes change places with those at another offset.
    Swap(u64, usize),
}

/// Kinds of disk operations, for rules about faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskOp {
    /// Opening, with or without creating.
    Open,
    /// Reading bytes.
    Read,
    /// Writing bytes.
    Write,
    /// Flushing a file.
    Flush,
    /// Reserving space.
    Allocate,
    /// Cutting or growing.
    SetLen,
    /// Removing a name.
    Remove,
    /// Renaming.
    Rename,
    /// Making a directory.
    CreateDir,
    /// Flushing a directory or the file system.
    FlushDir,
}

/// A declared disk error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailRule {
    /// Which operations; `None`: all kinds.
    pub op: Option<DiskOp>,
    /// Only paths that contain this text; empty: all.
    pub path_contains: String,
    /// How many matching operations still succeed.
    pub skip: u64,
    /// How many fail then.
    pub times: u64,
    /// The error, as `errno`.
    pub errno: i32,
}

/// A memory disk. A clone is another handle to the same disk; [`Disk::snapshot`] is another disk.
#[derive(Clone)]
pub struct Disk {}

impl Disk {
    /// An empty disk of this many bytes, whose sectors of `sector_bytes` (512 or 4096) are written
    /// whole or not at all.
    pub fn new(capacity_bytes: u64, sector_bytes: usize) -> Disk {
        let _ = (capacity_bytes, sector_bytes);
        unreachable!("not built yet")
    }

    /// A copy that shares its pages until they are written.
    pub fn snapshot(&self) -> Disk {
        unreachable!("not built yet")
    }

    /// Write-like operations handed to this disk so far.
    pub fn writes(&self) -> u64 {
        unreachable!("not built yet")
    }

    /// Write-like operations after the first `n` never complete.
    pub fn freeze_after(&self, n: u64) {
        let _ = n;
        unreachable!("not built yet")
    }

    /// The disk that a restart finds. This one stays as it is.
    pub fn crash(&self, seed: u64, crash: Crash) -> Disk {
        let _ = (seed, crash);
        unreachable!("not built yet")
    }

    /// Damages a file under everybody's feet. False if there is no such byte.
    pub fn rot(&self, path: &Path, offset: u64, rot: Rot) -> bool {
        let _ = (path, offset, rot);
        unreachable!("not built yet")
    }

    /// Adds a rule; rules are tried in order.
    pub fn fail(&self, rule: FailRule) {
        let _ = rule;
        unreachable!("not built yet")
    }

    /// Forgets all rules.
    pub fn heal(&self) {
        unreachable!("not built yet")
    }

    /// Changes the capacity.
    pub fn set_capacity(&self, bytes: u64) {
        let _ = bytes;
        unreachable!("not built yet")
    }

    /// All files with their lengths, sorted by path.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        unreachable!("not built yet")
    }

    /// A file's bytes as a reader sees them now.
    pub fn contents(&self, path: &Path) -> io::Result<Vec<u8>> {
        let _ = path;
        unreachable!("not built yet")
    }

    /// Puts a file there, flushed.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let _ = (path, bytes);
        unreachable!("not built yet")
    }

    /// Removes a file, flushed.
    pub fn remove(&self, path: &Path) {
        let _ = path;
        unreachable!("not built yet")
    }
}
