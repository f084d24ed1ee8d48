//! Small files that a command line reads before any core runs: configuration, and what the kernel
//! tells about the machine. Kept true: nothing here is part of a broker's data, which only
//! engine/log touches; nothing here is written.

use std::path::{Path, PathBuf};

use crate::failure::{Exit, Failure};

/// The text of a configuration file.
pub(crate) fn read_config(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::new(Exit::NotFound, format!("there is no file {}", path.display()))
        }
        _ => Failure::failed(format!("could not read {}: {error}", path.display())),
    })
}

/// The memory that this process may use, in bytes: the machine's, or less where a control group
/// says so.
pub(crate) fn memory_bytes() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kib * 1024)
    });
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    let machine = machine.unwrap_or(2 << 30);
    group.map_or(machine, |group| group.min(machine))
}

/// Where this user's programs keep their data: `$XDG_DATA_HOME`, or `~/.local/share`.
pub(crate) fn data_home() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))
}
