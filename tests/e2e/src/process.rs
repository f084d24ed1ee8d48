//! What a process took, as Linux counts it.
//!
//! Kept true: the peak is that since the last beginning, not of the process's whole life.

use std::time::Duration;

use anyhow::{Context, Result};

/// Linux counts processor time for programs in hundredths of a second, whatever the kernel does.
const TICK: Duration = Duration::from_millis(10);

/// A process, by its id.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

/// What a process had taken, or took since then: memory at its peak, and processor time.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// Resident bytes; since a beginning: beyond those that there were.
    pub bytes: u64,
    /// Processor time of all its threads.
    pub cpu: Duration,
}

impl Process {
    /// Counts from now on.
    ///
    /// # Errors
    /// When the process is gone, or not ours.
    pub fn begin(self) -> Result<Used> {
        let path = format!("/proc/{}/clear_refs", self.0);
        // 5: the peak of resident memory begins anew.
        std::fs::write(&path, "5").context(path)?;
        Ok(Used { bytes: self.status("VmRSS:")?, cpu: self.cpu()? })
    }

    /// What it took since a beginning.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn since(self, before: &Used) -> Result<Used> {
        let bytes = self.status("VmHWM:")?.saturating_sub(before.bytes);
        Ok(Used { bytes, cpu: self.cpu()?.saturating_sub(before.cpu) })
    }

    /// A line of its status, in bytes.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn status(self, name: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.0);
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("a size in kB")?;
        Ok(kib * 1024)
    }

    fn cpu(self) -> Result<Duration> {
        let path = format!("/proc/{}/stat", self.0);
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        // The name before may have spaces; user and system time are the 12th and 13th after it.
        let (_, fields) = text.rsplit_once(')').context("a process without a name")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        let ticks: u32 = ticks.sum::<Result<u32, _>>().context("processor time")?;
        Ok(TICK * ticks)
    }
}
