//! Cores, disks, sockets, time: one executor per core over io_uring or a simulated world.
//!
//! Kept true: this is the only room that reads a clock, starts a thread, opens a file or a socket,
//! draws a random number or says `unsafe`. Everything above takes a [`Core`] handle; one thread may
//! run many cores in the simulated world ([`sim`], cargo feature `sim`), and two runs of one seed
//! are the same. An operation owns its buffers until the kernel is done with them, whoever stopped
//! waiting.

mod buf;
mod chance;
mod config;
mod core;
mod desk;
mod disk;
mod driver;
mod executor;
mod knocks;
mod net;
mod op;
mod pool;
mod resolve;
mod signal;
#[cfg(feature = "sim")]
pub mod sim;
mod stdin;
pub mod sync;
mod task;
mod threads;
mod time;
mod timer;
mod wake;

pub use crate::buf::{Buf, Slice};
pub use crate::config::{CoreConfig, CoreStats, OnStall, Stall};
pub use crate::core::{Core, run};
pub use crate::disk::{Create, DirEntry, DiskSpace, File, Open, Sync, Write};
pub use crate::net::{Listen, Listener, Share, Stream};
pub use crate::signal::{Signal, SignalWait};
pub use crate::stdin::Stdin;
pub use crate::task::{Class, Task};
pub use crate::time::{Elapsed, Sleep, Submitted, YieldNow};
