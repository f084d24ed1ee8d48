//! Sockets where no operation of the ring serves: making, binding, ending.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::RawFd;
use std::rc::Rc;

use crate::core::Inner;
use crate::driver::{Handle, Thing};
use crate::net::{Listen, Share};

/// The error that a C call left behind, if it failed.
pub(super) fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Closes a descriptor that no operation uses.
pub(crate) fn close_now(fd: RawFd) {
    // SAFETY: the descriptor is ours and nobody uses it after its handle is dropped. There is
    // nothing to do about an error: Linux has closed it all the same.
    unsafe { libc::close(fd) };
}

fn set(fd: RawFd, level: libc::c_int, name: libc::c_int) -> io::Result<()> {
    let one: libc::c_int = 1;
    let len = u32::try_from(size_of_val(&one)).expect("because an int is small");
    // SAFETY: reads one int of ours.
    checked(unsafe { libc::setsockopt(fd, level, name, (&raw const one).cast(), len) }).map(drop)
}

fn stream_socket(core: &Rc<Inner>, addr: &SocketAddr) -> io::Result<Handle> {
    let family = if addr.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: no memory is involved.
    let fd = checked(unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) })?;
    Ok(Handle::new(core, Thing::Fd(fd)))
}

/// A socket that is about to be connected.
pub(super) fn for_connecting(core: &Rc<Inner>, addr: &SocketAddr) -> io::Result<Handle> {
    let handle = stream_socket(core, addr)?;
    set(handle.fd(), libc::IPPROTO_TCP, libc::TCP_NODELAY)?;
    Ok(handle)
}

pub(crate) fn listen(
    core: &Rc<Inner>,
    addr: SocketAddr,
    how: Listen,
) -> io::Result<(Handle, SocketAddr)> {
    let (handle, local) = match how.share {
        Share::Alone => bound(core, addr, false)?,
        Share::First => {
            let (alone, local) = bound(core, addr, false)?;
            // Closed at once, not by the ring: the group needs the address now.
            alone.close_now();
            bound(core, local, true)?
        }
        Share::Joined => bound(core, addr, true)?,
    };
    let backlog = libc::c_int::try_from(how.backlog).unwrap_or(libc::c_int::MAX);
    // SAFETY: no memory is involved.
    checked(unsafe { libc::listen(handle.fd(), backlog) })?;
    Ok((handle, local))
}

fn bound(core: &Rc<Inner>, addr: SocketAddr, shared: bool) -> io::Result<(Handle, SocketAddr)> {
    let handle = stream_socket(core, &addr)?;
    let fd = handle.fd();
    // Connections of an earlier life in TIME_WAIT do not keep the address.
    set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR)?;
    if shared {
        set(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT)?;
    }
    // Accepted connections inherit it.
    set(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY)?;
    if addr.is_ipv6() {
        set(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY)?;
    }
    let mut raw = RawAddr::new();
    raw.set(&addr);
    // SAFETY: reads `len` bytes of an address of ours.
    checked(unsafe { libc::bind(fd, raw.pointer(), raw.len) })?;
    let local = local_addr(fd)?;
    Ok((handle, local))
}

fn local_addr(fd: RawFd) -> io::Result<SocketAddr> {
    let mut raw = RawAddr::new();
    // SAFETY: writes at most `len` bytes into an address of ours.
    checked(unsafe { libc::getsockname(fd, raw.pointer_mut(), &raw mut raw.len) })?;
    raw.get().ok_or_else(|| io::Error::other("the socket has no internet address"))
}

pub(crate) fn shutdown(fd: RawFd) {
    // SAFETY: no memory is involved. A socket that is not connected any more is as good as shut
    // down.
    unsafe { libc::shutdown(fd, libc::SHUT_RDWR) };
}

/// An address as the kernel wants it.
#[repr(C)]
pub(super) struct RawAddr {
    storage: libc::sockaddr_storage,
    pub(super) len: libc::socklen_t,
}

impl RawAddr {
    pub(super) fn new() -> RawAddr {
        // SAFETY: all zeros is a valid storage: family unspecified.
        let storage: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
        let len = u32::try_from(size_of_val(&storage)).expect("because an address is small");
        RawAddr { storage, len }
    }

    pub(super) fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub(super) fn pointer_mut(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    pub(super) fn set(&mut self, addr: &SocketAddr) {
        *self = RawAddr::new();
        let family = |family: libc::c_int| {
            libc::sa_family_t::try_from(family).expect("because families are small")
        };
        match addr {
            SocketAddr::V4(v4) => {
                let raw = libc::sockaddr_in {
                    sin_family: family(libc::AF_INET),
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(v4.ip().octets()) },
                    sin_zero: [0; 8],
                };
                // SAFETY: the storage is as large and as aligned as any address.
                unsafe { (&raw mut self.storage).cast::<libc::sockaddr_in>().write(raw) };
                self.len = u32::try_from(size_of_val(&raw)).expect("because an address is small");
            }
            SocketAddr::V6(v6) => {
                let raw = libc::sockaddr_in6 {
                    sin6_family: family(libc::AF_INET6),
                    sin6_port: v6.port().to_be(),
                    sin6_flowinfo: v6.flowinfo(),
                    sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                    sin6_scope_id: v6.scope_id(),
                };
                // SAFETY: the storage is as large and as aligned as any address.
                unsafe { (&raw mut self.storage).cast::<libc::sockaddr_in6>().write(raw) };
                self.len = u32::try_from(size_of_val(&raw)).expect("because an address is small");
            }
        }
    }

    pub(super) fn get(&self) -> Option<SocketAddr> {
        match libc::c_int::from(self.storage.ss_family) {
            libc::AF_INET => {
                // SAFETY: the family says what the bytes are, and every byte is initialised.
                let raw = unsafe { (&raw const self.storage).cast::<libc::sockaddr_in>().read() };
                let ip = Ipv4Addr::from(raw.sin_addr.s_addr.to_ne_bytes());
                Some(SocketAddr::from((ip, u16::from_be(raw.sin_port))))
            }
            libc::AF_INET6 => {
                // SAFETY: the family says what the bytes are, and every byte is initialised.
                let raw = unsafe { (&raw const self.storage).cast::<libc::sockaddr_in6>().read() };
                let ip = Ipv6Addr::from(raw.sin6_addr.s6_addr);
                Some(SocketAddr::from((ip, u16::from_be(raw.sin6_port))))
            }
            _ => None,
        }
    }
}
