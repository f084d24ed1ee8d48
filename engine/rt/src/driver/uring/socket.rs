//! Sockets: made, bound and told their options by plain calls, which are rare and do not block.

use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

use crate::core::Inner;
use crate::driver::{Handle, Thing};
use crate::net::Listen;

/// An address as the kernel reads it.
#[derive(Clone, Copy)]
pub(super) struct RawAddress {
    storage: libc::sockaddr_storage,
    pub(super) len: libc::socklen_t,
}

impl RawAddress {
    pub(super) fn empty() -> RawAddress {
        // SAFETY: all zeros are a valid sockaddr_storage (of no family).
        let storage = unsafe { mem::zeroed() };
        RawAddress { storage, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    pub(super) fn of(addr: SocketAddr) -> RawAddress {
        let mut raw = RawAddress::empty();
        let place = &raw mut raw.storage;
        match addr {
            SocketAddr::V4(addr) => {
                let v4 = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: addr.port().to_be(),
                    sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(addr.ip().octets()) },
                    sin_zero: [0; 8],
                };
                // SAFETY: a sockaddr_storage is large and aligned enough for every address.
                unsafe { place.cast::<libc::sockaddr_in>().write(v4) };
                raw.len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            }
            SocketAddr::V6(addr) => {
                let v6 = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: addr.port().to_be(),
                    sin6_flowinfo: addr.flowinfo(),
                    sin6_addr: libc::in6_addr { s6_addr: addr.ip().octets() },
                    sin6_scope_id: addr.scope_id(),
                };
                // SAFETY: as above.
                unsafe { place.cast::<libc::sockaddr_in6>().write(v6) };
                raw.len = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
            }
        }
        raw
    }

    pub(super) fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    fn read(&self) -> io::Result<SocketAddr> {
        let place = &raw const self.storage;
        match i32::from(self.storage.ss_family) {
            libc::AF_INET => {
                // SAFETY: the family says that the kernel wrote a sockaddr_in here.
                let v4 = unsafe { place.cast::<libc::sockaddr_in>().read() };
                let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
                Ok(SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(v4.sin_port))))
            }
            libc::AF_INET6 => {
                // SAFETY: the family says that the kernel wrote a sockaddr_in6 here.
                let v6 = unsafe { place.cast::<libc::sockaddr_in6>().read() };
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                let port = u16::from_be(v6.sin6_port);
                Ok(SocketAddr::V6(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id)))
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "an address of no known family")),
        }
    }
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A TCP socket for this kind of address.
pub(super) fn open(addr: SocketAddr) -> io::Result<OwnedFd> {
    let family = if addr.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: makes a new descriptor from constants.
    let fd = check(unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn set(fd: RawFd, level: libc::c_int, option: libc::c_int) -> io::Result<()> {
    let one: libc::c_int = 1;
    let len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: points to an int of the length told.
    check(unsafe { libc::setsockopt(fd, level, option, (&raw const one).cast(), len) }).map(drop)
}

/// No waiting for more to send: every broker and client of ours writes whole answers.
pub(super) fn no_delay(fd: RawFd) -> io::Result<()> {
    set(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY)
}

fn bind(addr: SocketAddr, shared: bool) -> io::Result<OwnedFd> {
    let socket = open(addr)?;
    let fd = socket.as_raw_fd();
    set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR)?;
    if shared {
        set(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT)?;
    }
    if addr.is_ipv6() {
        set(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY)?;
    }
    let raw = RawAddress::of(addr);
    // SAFETY: the address is valid for the length told.
    check(unsafe { libc::bind(fd, raw.pointer(), raw.len) })?;
    Ok(socket)
}

/// Listens at once. A second member of a `SO_REUSEPORT` group would bind beside a stranger of the same
/// user without an error: so whoever comes first binds without it.
pub(crate) fn listen(
    core: &Rc<Inner>,
    addr: SocketAddr,
    how: Listen,
) -> io::Result<(Handle, SocketAddr)> {
    let socket = bind(addr, how.shared)?;
    let fd = socket.as_raw_fd();
    let backlog = i32::try_from(how.backlog).unwrap_or(i32::MAX);
    // SAFETY: a plain call on our own descriptor.
    check(unsafe { libc::listen(fd, backlog) })?;
    let local = name_of(fd, libc::getsockname)?;
    Ok((Handle::new(core, Thing::Fd(socket.into_raw_fd())), local))
}

type NameCall =
    unsafe extern "C" fn(libc::c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> libc::c_int;

fn name_of(fd: RawFd, call: NameCall) -> io::Result<SocketAddr> {
    let mut raw = RawAddress::empty();
    // SAFETY: both calls write at most `len` bytes to the storage, which has as many.
    check(unsafe { call(fd, (&raw mut raw.storage).cast(), &raw mut raw.len) })?;
    raw.read()
}

/// Who is on the other side of a connection.
pub(super) fn peer(fd: RawFd) -> io::Result<SocketAddr> {
    name_of(fd, libc::getpeername)
}

/// Ends both directions; receives under way come back with 0.
pub(crate) fn shutdown(fd: RawFd) {
    // SAFETY: a plain call on our own descriptor. An unconnected socket says so; nothing is owed then.
    unsafe { libc::shutdown(fd, libc::SHUT_RDWR) };
}

/// Closes a descriptor that no operation uses.
pub(crate) fn close_now(fd: RawFd) {
    // SAFETY: a `Handle` owns its descriptor and is gone with this call.
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
}
