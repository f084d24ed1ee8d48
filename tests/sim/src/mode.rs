//! The ways in which a life ends, and what each leaves on the disk.

use engine_rt::sim::{Crash, Disk};

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Power,
    Kill,
    /// Killed, and what was under way lands while the next life is there already.
    Late,
}

impl Mode {
    pub(crate) fn crash(self, disk: &Disk, choice: u64) -> Disk {
        match self {
            Mode::Power => disk.crash(choice, Crash::Power),
            Mode::Kill => disk.crash(choice, Crash::Kill),
            Mode::Late => disk.kill_late(choice),
        }
    }
}
