//! Signals: a handler that rings an eventfd, whatever thread it runs on.

use std::io;
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

/// Where the handler rings; -1 until it is installed. It stays open as long as the process lives.
static BELL: AtomicI32 = AtomicI32::new(-1);
static INSTALLED: OnceLock<Result<(), i32>> = OnceLock::new();

/// An eventfd that rings with every SIGTERM and SIGINT of this process.
pub(super) fn eventfd() -> io::Result<RawFd> {
    INSTALLED
        .get_or_init(|| install().map_err(|error| error.raw_os_error().unwrap_or(libc::EIO)))
        .map_err(io::Error::from_raw_os_error)?;
    Ok(BELL.load(Ordering::SeqCst))
}

fn install() -> io::Result<()> {
    // SAFETY: no memory is involved.
    let fd = super::socket::checked(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) })?;
    BELL.store(fd, Ordering::SeqCst);
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: all zeros is a valid action (default, empty mask), completed below.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(libc::c_int) = ring;
        action.sa_sigaction = handler as usize;
        // A second Ctrl-C ends a process that does not come to its end.
        let once = if signal == libc::SIGINT { libc::SA_RESETHAND } else { 0 };
        action.sa_flags = libc::SA_RESTART | once;
        // SAFETY: the handler only does what is allowed in a handler (an atomic load and a write),
        // and the action is ours.
        super::socket::checked(unsafe {
            libc::sigaction(signal, &raw const action, std::ptr::null_mut())
        })?;
    }
    Ok(())
}

extern "C" fn ring(_signal: libc::c_int) {
    let one = 1u64.to_ne_bytes();
    // SAFETY: reads 8 bytes of ours. `write` may be called in a handler, and errno is put back as
    // it was.
    unsafe {
        let errno = libc::__errno_location();
        let before = *errno;
        libc::write(BELL.load(Ordering::SeqCst), one.as_ptr().cast(), one.len());
        *errno = before;
    }
}
