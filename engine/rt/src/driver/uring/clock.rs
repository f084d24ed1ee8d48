//! The clocks, through the vDSO: no system call.

use engine_base::{Mono, WallMs};

fn read(clock: libc::clockid_t) -> libc::timespec {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec of ours.
    let failed = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(failed, 0, "this clock exists on every kernel we run on");
    time
}

fn nanos(time: libc::timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).expect("because the clock started at 0");
    let nanos = u64::try_from(time.tv_nsec).expect("because it is below a second");
    seconds * 1_000_000_000 + nanos
}

/// Nanoseconds since the start of the machine.
pub(crate) fn mono() -> Mono {
    Mono(nanos(read(libc::CLOCK_MONOTONIC)))
}

/// The same in steps of a timer tick (1 to 4 ms), at a fifth of the price.
pub(super) fn coarse() -> Mono {
    Mono(nanos(read(libc::CLOCK_MONOTONIC_COARSE)))
}

pub(crate) fn wall() -> WallMs {
    let time = read(libc::CLOCK_REALTIME);
    WallMs(time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
}

/// A seed that differs from start to start.
pub(super) fn seed() -> u64 {
    let mut bytes = [0; 8];
    // SAFETY: writes at most 8 bytes of ours.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if got == 8 { u64::from_ne_bytes(bytes) } else { mono().0 }
}
