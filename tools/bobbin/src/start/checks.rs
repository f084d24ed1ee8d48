//! What is looked at before a broker touches anything: the data directory and what its device can
//! do. Kept true: a directory that is not ours stays untouched, and every refusal is one sentence
//! with what mends it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use engine_base::{Fault, FaultKind};
use engine_rt::Core;

use super::plan::Plan;
use crate::failure::{Exit, Failure};

/// What the devices can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Devices {
    /// Files are read and written past the page cache.
    pub(crate) direct: bool,
    /// The unit of device writes, in bytes.
    pub(crate) block_bytes: usize,
}

/// Looks at every data directory; creates those that are missing.
pub(crate) async fn devices(core: &Core, plan: &Plan) -> Result<Devices, Failure> {
    let mut devices = Devices { direct: true, block_bytes: engine_base::limits::BLOCK_BYTES };
    for dir in &plan.data_dirs {
        // Before anything is written into it: whose it is.
        replication_shard::is_formatted(core, dir).await.map_err(|fault| foreign(&fault))?;
        core.create_dir_all(dir).await.map_err(|error| not_usable(dir, &error))?;
        let space = core.disk_space(dir).await.map_err(|error| not_usable(dir, &error))?;
        if let Some(name) = space.copy_on_write {
            copy_on_write(dir, name, plan.dev)?;
            devices.direct = false;
        }
        match core.direct_io_works(dir).await {
            Ok(block_bytes) => devices.block_bytes = devices.block_bytes.max(block_bytes),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(not_usable(dir, &error));
            }
            Err(error) if plan.dev => {
                tracing::warn!(
                    "{}: no direct I/O here ({error}); writing through the page cache and flushing",
                    dir.display()
                );
                devices.direct = false;
            }
            Err(error) => {
                let what = format!(
                    "{} is on a file system without direct I/O (O_DIRECT): {error}",
                    dir.display()
                );
                return Err(Failure::failed(what)
                    .next("name a directory on ext4 or xfs with --data DIR, or use --dev"));
            }
        }
    }
    Ok(devices)
}

fn foreign(fault: &Fault) -> Failure {
    let what = format!("{} {}", fault.place, fault.detail);
    match fault.detail.starts_with("cannot be used") {
        true if fault.detail.contains("ermission") => {
            Failure::failed(what).next("name a directory that this user may write to: --data DIR")
        }
        true if fault.detail.contains("Not a directory") => {
            Failure::new(Exit::Usage, what).next("name a directory, not a file: --data DIR")
        }
        true => Failure::failed(what).next("mend that, or name another directory: --data DIR"),
        false => Failure::new(Exit::Usage, what).next("name an empty directory: --data DIR"),
    }
}

/// Such a file system may find the disk full inside an allocated file: not for production.
fn copy_on_write(dir: &Path, name: &str, dev: bool) -> Result<(), Failure> {
    let what = format!("{} is on {name}, a copy-on-write file system", dir.display());
    if dev {
        tracing::warn!("{what}: writing through the page cache and flushing");
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{what}, where a flushed write costs several and may find it full"
    ))
    .next("name a directory on ext4 or xfs: --data DIR, or use --dev"))
}

fn not_usable(dir: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::failed(format!("{} cannot be used: {error}", dir.display()));
    match error.kind() {
        ErrorKind::PermissionDenied => {
            failure.next("name a directory that this user may write to: --data DIR")
        }
        _ => failure.next("name another directory: --data DIR"),
    }
}

/// Why a listener cannot be had, and what mends it.
pub(crate) fn not_listening(at: SocketAddr, error: &std::io::Error) -> Failure {
    let port = at.port();
    let failure = Failure::failed(format!("could not listen on {at}: {error}"));
    match error.kind() {
        ErrorKind::AddrInUse => {
            let what = format!("could not listen on {at}: another process listens there");
            let other = port.saturating_add(1000).max(1024);
            Failure::failed(what).next(format!(
                "find it with ss -ltnp 'sport = :{port}', or choose another port: \
                 --listen 127.0.0.1:{other}"
            ))
        }
        ErrorKind::AddrNotAvailable => failure.next("name an address that this machine has"),
        ErrorKind::PermissionDenied => failure.next("choose a port from 1024 up"),
        _ => failure,
    }
}

/// Why a data directory cannot be started from, and what mends it.
pub(crate) fn not_started(fault: &Fault, dirs: &[PathBuf]) -> Failure {
    let failure = Failure::failed(fault.to_string());
    let first = dirs.first().map_or(String::new(), |dir| dir.display().to_string());
    match fault.kind {
        // A directory formatted when there was more memory.
        FaultKind::Refused if fault.detail.contains("memory_bytes") => {
            failure.next("its journal was made for more memory: raise --memory")
        }
        FaultKind::Refused => refused_directory(fault, "name another directory: --data DIR"),
        FaultKind::Rot | FaultKind::Missing => {
            failure.next(format!("look closer with bobbin debug verify {first}"))
        }
        FaultKind::ReadFailed | FaultKind::WriteFailed => {
            failure.next("look at the device: dmesg, smartctl")
        }
    }
}

/// Why a directory was not taken: somebody has it, which passes, or it is not what was meant, which
/// `else_next` mends.
pub(crate) fn refused_directory(fault: &Fault, else_next: &str) -> Failure {
    let goes_on = ["is ", "has ", "holds ", "belongs "].iter().any(|w| fault.detail.starts_with(w));
    let between = if goes_on { " " } else { ": " };
    let what = format!("{}{between}{}", fault.place, fault.detail);
    if fault.detail.contains("another process") {
        return Failure::failed(what).next(format!("stop that process, or {else_next}"));
    }
    if fault.detail.contains("still under way") {
        return Failure::failed(what)
            .next("see whether the device answers (dmesg), then try again");
    }
    Failure::new(Exit::Usage, what).next(else_next)
}

/// Why no core could be run. The words are engine/rt's, which looked at what denies it, and say
/// what mends it.
pub(crate) fn no_core(error: &std::io::Error) -> Failure {
    Failure::failed(format!("could not start a core: {error}"))
}
