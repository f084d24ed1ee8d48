//! What must stand beside a figure so that it can be judged: the machine, the kernel, the file
//! system, the commit, and what the device was made to do.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::process::{output, program};

/// Facts that do not change during a run.
pub(crate) fn facts(root: &Path) -> Result<Value> {
    let commit = output(&mut program(root, "git", &["rev-parse", "HEAD"]))?;
    let changed = output(&mut program(root, "git", &["status", "--porcelain"]))?;
    let kernel =
        fs::read_to_string("/proc/sys/kernel/osrelease").context("the kernel's release")?;
    let cpu = fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let mount = mount_of(root)?;
    Ok(json!({
        "commit": commit.trim(),
        "uncommitted_changes": !changed.trim().is_empty(),
        "kernel": kernel.trim(),
        "cpu": model.map(|model| model.trim_start_matches(['\t', ' ', ':'])),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "file_system": mount.kind,
        "mount_options": mount.options,
        "broker": "core 0, started with --dev",
        "generator": "core 1",
    }))
}

/// Writes and flushes that the device below `path` has completed since it was there.
pub(crate) fn device(path: &Path) -> Result<Option<Device>> {
    let mount = mount_of(path)?;
    let text = fs::read_to_string("/proc/diskstats").context("/proc/diskstats")?;
    Ok(text.lines().find_map(|line| Device::parse(line, &mount.device)))
}

/// Counters of a block device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) writes: u64,
    pub(crate) flushes: u64,
}

impl Device {
    /// Reads a line of /proc/diskstats (Documentation/admin-guide/iostats.rst) if it is the
    /// device's.
    fn parse(line: &str, device: &str) -> Option<Device> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (major, minor) = device.split_once(':')?;
        if fields.first() != Some(&major) || fields.get(1) != Some(&minor) {
            return None;
        }
        let field = |index: usize| fields.get(index)?.parse().ok();
        Some(Device { writes: field(7)?, flushes: field(18)? })
    }
}

struct Mount {
    device: String,
    kind: String,
    options: String,
}

/// The mount that holds `path`: the longest mount point that it begins with.
fn mount_of(path: &Path) -> Result<Mount> {
    let path = path.canonicalize().with_context(|| path.display().to_string())?;
    let text = fs::read_to_string("/proc/self/mountinfo").context("/proc/self/mountinfo")?;
    let mut best: Option<(usize, Mount)> = None;
    for line in text.lines() {
        let Some((front, back)) = line.split_once(" - ") else { continue };
        let (front, back): (Vec<&str>, Vec<&str>) =
            (front.split(' ').collect(), back.split(' ').collect());
        let (Some(device), Some(point), Some(kind)) = (front.get(2), front.get(4), back.first())
        else {
            continue;
        };
        let longer = best.as_ref().is_none_or(|(length, _)| point.len() >= *length);
        if path.starts_with(point) && longer {
            let options = front.get(5).copied().unwrap_or_default().to_owned();
            let mount = Mount { device: (*device).to_owned(), kind: (*kind).to_owned(), options };
            best = Some((point.len(), mount));
        }
    }
    Ok(best.context("no mount holds the path")?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_read_from_its_own_line() {
        let line = " 254 0 vda 1 2 3 4 50 6 7 8 9 10 11 12 13 14 15 99 17";
        assert_eq!(Device::parse(line, "254:0"), Some(Device { writes: 50, flushes: 99 }));
        assert_eq!(Device::parse(line, "254:1"), None);
    }

    #[test]
    fn a_mount_is_found_for_every_path() {
        assert!(!mount_of(Path::new("/proc")).unwrap().kind.is_empty());
    }
}
