//! What this kernel can do, found out once at start, and plain words for what it lacks.

use std::fs;
use std::io;

use io_uring::{IoUring, Probe, opcode};

/// How a ring was set up.
pub(super) struct Setup {
    pub(super) ring: IoUring,
    pub(super) flags: &'static str,
}

const DEFERRED: &str = "SINGLE_ISSUER|DEFER_TASKRUN";
const COOPERATIVE: &str = "COOP_TASKRUN|TASKRUN_FLAG";
const PLAIN: &str = "none";

/// A ring with the best flags that the kernel knows, and the operations that we need.
pub(super) fn set_up(entries: u32, plain: bool) -> io::Result<Setup> {
    let choices: &[&str] = if plain { &[PLAIN] } else { &[DEFERRED, COOPERATIVE, PLAIN] };
    let mut last = None;
    for &flags in choices {
        match build(entries, flags) {
            Ok(ring) => {
                check(&ring)?;
                return Ok(Setup { ring, flags });
            }
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => last = Some(error),
            Err(error) => return Err(explained(&error)),
        }
    }
    Err(explained(&last.expect("because there is at least one choice")))
}

fn build(entries: u32, flags: &str) -> io::Result<IoUring> {
    let mut builder = IoUring::builder();
    builder.dontfork().setup_submit_all().setup_clamp().setup_cqsize(entries.saturating_mul(4));
    match flags {
        DEFERRED => builder.setup_single_issuer().setup_defer_taskrun(),
        COOPERATIVE => builder.setup_coop_taskrun().setup_taskrun_flag(),
        _ => &mut builder,
    };
    builder.build(entries)
}

/// Every operation we need is there.
fn check(ring: &IoUring) -> io::Result<()> {
    let mut probe = Probe::new();
    ring.submitter().register_probe(&mut probe)?;
    let needed: [(&str, u8); 9] = [
        ("READ", opcode::Read::CODE),
        ("WRITE", opcode::Write::CODE),
        ("CLOSE", opcode::Close::CODE),
        ("RECV", opcode::Recv::CODE),
        ("SEND", opcode::Send::CODE),
        ("SENDMSG", opcode::SendMsg::CODE),
        ("ACCEPT", opcode::Accept::CODE),
        ("CONNECT", opcode::Connect::CODE),
        ("ASYNC_CANCEL", opcode::AsyncCancel::CODE),
    ];
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(_, code)| !probe.is_supported(*code))
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        return Err(unsupported(&format!(
            "this kernel's io_uring lacks {}: Linux 5.19 or later is needed, 6.1 recommended",
            missing.join(", ")
        )));
    }
    if !ring.params().is_feature_ext_arg() || !ring.params().is_feature_nodrop() {
        return Err(unsupported(
            "this kernel's io_uring is too old: Linux 5.19 or later is needed",
        ));
    }
    Ok(())
}

fn unsupported(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, words)
}

/// The same error with what to do about it.
fn explained(error: &io::Error) -> io::Error {
    let words = match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => denied(),
        Some(libc::ENOSYS) => String::from(
            "io_uring is not there: the kernel is older than 5.19 or built without it, or a \
             container's seccomp profile hides it",
        ),
        Some(libc::ENOMEM) => String::from(
            "no memory for the io_uring rings: raise the limit of locked memory (ulimit -l, \
             LimitMEMLOCK=) or the container's memory",
        ),
        Some(libc::EMFILE | libc::ENFILE) => {
            String::from("too many open files (ulimit -n, LimitNOFILE=)")
        }
        _ => format!("io_uring cannot be set up: {error}"),
    };
    io::Error::new(error.kind(), words)
}

fn denied() -> String {
    let setting = fs::read_to_string("/proc/sys/kernel/io_uring_disabled").unwrap_or_default();
    match setting.trim() {
        "1" => String::from(
            "io_uring is denied: sysctl kernel.io_uring_disabled is 1 (only for the group of \
             kernel.io_uring_group); set it to 0",
        ),
        "2" => {
            String::from("io_uring is denied: sysctl kernel.io_uring_disabled is 2; set it to 0")
        }
        _ => String::from(
            "io_uring is denied, and not by sysctl: a container's seccomp profile or a security \
             module refuses it (docker: --security-opt seccomp=...)",
        ),
    }
}

/// Kernel worker threads of this process: each is an operation that could not run at once, now or
/// lately.
pub(crate) fn kernel_workers() -> usize {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return 0 };
    let is_worker = |task: fs::DirEntry| {
        fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.starts_with("iou-wrk"))
    };
    tasks.flatten().map(is_worker).filter(|&is| is).count()
}
