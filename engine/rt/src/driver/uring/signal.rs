//! SIGTERM and SIGINT as bytes in an eventfd: the handler does nothing else, as it must.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// The eventfd that the handler writes to; -1 until somebody asked for signals.
static BELL: AtomicI32 = AtomicI32::new(-1);

extern "C" fn on_signal(_: libc::c_int) {
    ring(BELL.load(Ordering::SeqCst));
}

fn ring(fd: RawFd) {
    let one = 1u64.to_ne_bytes();
    // SAFETY: write is async-signal-safe, and the eight bytes are readable.
    unsafe { libc::write(fd, one.as_ptr().cast(), one.len()) };
}

/// A new eventfd that does not block.
pub(super) fn event() -> io::Result<OwnedFd> {
    // SAFETY: makes a new descriptor, which is nobody else's.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: as above.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Takes what is in an eventfd.
pub(super) fn drain(fd: RawFd) {
    let mut count = [0u8; 8];
    // SAFETY: reads at most the eight bytes that there is room for; an empty one refuses.
    unsafe { libc::read(fd, count.as_mut_ptr().cast(), count.len()) };
}

/// The descriptor that becomes readable at a signal. The handlers are installed the first time; the
/// eventfd lives as long as the process, since a handler may run at any moment of it.
pub(super) fn listen() -> io::Result<RawFd> {
    let known = BELL.load(Ordering::SeqCst);
    if known >= 0 {
        return Ok(known);
    }
    let fd = std::os::fd::IntoRawFd::into_raw_fd(event()?);
    if BELL.compare_exchange(-1, fd, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        super::socket::close_now(fd);
        return Ok(BELL.load(Ordering::SeqCst));
    }
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: all zeros are a valid sigaction: no flags, an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_RESTART;
        // SAFETY: installs a handler that only does what a handler may do.
        if unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(fd)
}
