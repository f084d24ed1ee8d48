//! What this kernel offers, asked once at the start, and said plainly where something is missing.

use std::io;

use io_uring::{IoUring, Probe, opcode};

/// The ring and the flags that it got.
pub(super) struct Made {
    pub(super) ring: IoUring,
    pub(super) flags: &'static str,
}

/// Makes a ring with the best flags that the kernel takes: 6.1, 5.19, anything older that has rings.
pub(super) fn make_ring(entries: u32, plain: bool) -> io::Result<Made> {
    let mut refused = None;
    for (flags, level) in
        [("SINGLE_ISSUER|DEFER_TASKRUN", 2), ("COOP_TASKRUN|TASKRUN_FLAG", 1), ("none", 0)]
    {
        if plain && level > 0 {
            continue;
        }
        let mut builder = IoUring::builder();
        builder.setup_clamp().setup_cqsize(entries * 4);
        match level {
            2 => {
                builder.setup_single_issuer().setup_defer_taskrun().setup_taskrun_flag();
                builder.setup_submit_all();
            }
            1 => {
                builder.setup_coop_taskrun().setup_taskrun_flag().setup_submit_all();
            }
            _ => {}
        }
        match builder.build(entries) {
            Ok(ring) => {
                check_operations(&ring)?;
                return Ok(Made { ring, flags });
            }
            // Unknown flags are invalid; every other answer would be the same without them.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => refused = Some(error),
            Err(error) => return Err(explain(&error)),
        }
    }
    Err(explain(&refused.unwrap_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))))
}

fn check_operations(ring: &IoUring) -> io::Result<()> {
    let mut probe = Probe::new();
    ring.submitter().register_probe(&mut probe)?;
    let needed = [
        (opcode::Read::CODE, "read"),
        (opcode::Write::CODE, "write"),
        (opcode::Recv::CODE, "recv"),
        (opcode::SendMsg::CODE, "sendmsg"),
        (opcode::Accept::CODE, "accept"),
        (opcode::Connect::CODE, "connect"),
        (opcode::PollAdd::CODE, "poll"),
        (opcode::AsyncCancel::CODE, "cancel"),
        (opcode::Close::CODE, "close"),
    ];
    match needed.iter().find(|(code, _)| !probe.is_supported(*code)) {
        None => Ok(()),
        Some((_, name)) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("this kernel's io_uring lacks {name}: Linux 5.19 is needed, 6.1 recommended"),
        )),
    }
}

/// Says why there is no ring, and what mends it.
fn explain(error: &io::Error) -> io::Error {
    let switch = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
    let disabled = switch.is_ok_and(|value| value.trim() != "0");
    let words = match error.raw_os_error() {
        Some(libc::ENOSYS) => {
            "this kernel has no io_uring, or seccomp hides it: run Linux 5.19 or \
                               newer, in a container with --security-opt seccomp=unconfined"
        }
        Some(libc::EPERM | libc::EACCES) if disabled => {
            "io_uring is switched off: sysctl -w kernel.io_uring_disabled=0"
        }
        Some(libc::EPERM | libc::EACCES) => {
            "io_uring is not allowed here: in a container run with --security-opt \
             seccomp=unconfined or a profile that allows io_uring_setup, _enter and _register"
        }
        Some(libc::ENOMEM) => "io_uring cannot lock its memory: raise the limit with ulimit -l",
        Some(libc::EMFILE | libc::ENFILE) => {
            "no file descriptor is left for io_uring: raise the limit with ulimit -n"
        }
        Some(libc::EINVAL) => "this kernel's io_uring is too old: Linux 5.19 is needed",
        _ => "io_uring could not be set up",
    };
    io::Error::new(error.kind(), format!("{words} ({error})"))
}

/// Kernel worker threads of this process: operations that could not run at once.
pub(crate) fn kernel_workers() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.starts_with("iou-wrk"))
        .count()
}
