//! What a core is told at its start, and what it tells about itself.

use std::rc::Rc;
use std::time::Duration;

/// What hears of stalls.
pub type OnStall = Rc<dyn Fn(&Stall)>;

/// How one core runs. Every size is a parameter.
#[derive(Clone)]
pub struct CoreConfig {
    /// Shown in stalls and statistics.
    pub name: String,
    /// The CPU to pin the calling thread to, if any.
    pub cpu: Option<usize>,
    /// Entries of the submission ring: operations handed over with one system call.
    pub ring_entries: u32,
    /// How long an idle core polls (through the ring) before it sleeps. Default: not at all.
    pub idle_poll: Duration,
    /// Free memory kept for reuse, in bytes.
    pub pool_bytes_max: usize,
    /// Task polls in one turn before the ring is entered again.
    pub polls_per_turn_max: u32,
    /// A task that holds the core longer is a stall.
    pub stall_limit: Duration,
    /// Called with each stall, on the core.
    pub on_stall: Option<OnStall>,
    /// Tries the most modest ring flags only, as an old kernel would have them (for tests).
    pub plain_ring: bool,
}

impl Default for CoreConfig {
    fn default() -> CoreConfig {
        CoreConfig {
            name: String::from("core"),
            cpu: None,
            ring_entries: 1024,
            idle_poll: Duration::ZERO,
            pool_bytes_max: 64 << 20,
            polls_per_turn_max: 512,
            stall_limit: Duration::from_millis(10),
            on_stall: None,
            plain_ring: false,
        }
    }
}

/// A task that held the core too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The task's name, as given to `spawn`.
    pub task: &'static str,
    /// How long it held the core, give or take one tick of the coarse clock (1 to 4 ms).
    pub held: Duration,
}

/// Counters of one core since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreStats {
    /// Rounds of the loop.
    pub turns: u64,
    /// Task polls.
    pub polls: u64,
    /// Tasks alive now.
    pub tasks: usize,
    /// Polls that held the core longer than the limit.
    pub stalls: u64,
    /// The worst of them.
    pub stall_worst: Option<Stall>,
    /// Operations started.
    pub operations: u64,
    /// Operations under way now.
    pub operations_running: usize,
    /// Calls into the kernel that handed operations over or waited for them.
    pub submits: u64,
    /// Bytes read from files.
    pub read_bytes: u64,
    /// Bytes written to files.
    pub written_bytes: u64,
    /// Bytes received from sockets.
    pub received_bytes: u64,
    /// Bytes sent to sockets.
    pub sent_bytes: u64,
    /// Kernel worker threads (`iou-wrk`) of this process now: operations that could not run at
    /// once.
    pub kernel_workers: usize,
    /// Bytes of pooled memory in use.
    pub pool_lent_bytes: usize,
    /// Bytes of pooled memory kept for reuse.
    pub pool_free_bytes: usize,
}
