//! The clocks of the real world, read through the vDSO.

use engine_base::{Mono, WallMs};

fn read(clock: libc::clockid_t) -> libc::timespec {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for a timespec, and the clocks asked for exist on every Linux.
    let failed = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(failed, 0, "the clocks of Linux can be read");
    time
}

fn nanos(time: libc::timespec) -> u64 {
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// The monotonic clock.
pub(super) fn now() -> Mono {
    Mono(nanos(read(libc::CLOCK_MONOTONIC)))
}

/// The monotonic clock to a tick of 1 to 4 ms; a third of the price of [`now`].
pub(super) fn coarse() -> Mono {
    Mono(nanos(read(libc::CLOCK_MONOTONIC_COARSE)))
}

/// The wall clock.
pub(crate) fn wall() -> WallMs {
    let time = read(libc::CLOCK_REALTIME);
    WallMs(time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
}
