//! Sockets, the same names over TCP and the simulated loopback.
//!
//! Kept true: what is sent goes out whole and in order or fails; a receive buffer and what is sent stay
//! owned by the operation. Dropping a receive, accept or connect future cancels it: bytes that were on
//! their way in may be lost, so drop one only to give the connection up.

use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::rc::Rc;

use crate::buf::{Buf, Slice};
use crate::core::Core;

/// How to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Connections that wait to be accepted.
    pub backlog: u32,
    /// Other cores of this process listen on the same address (`SO_REUSEPORT`). The first of them must
    /// say `false` once, so that an address taken by somebody else is noticed.
    pub shared: bool,
}

impl Default for Listen {
    fn default() -> Listen {
        Listen { backlog: 1024, shared: false }
    }
}

/// Accepts connections. Dropping the last handle closes it.
#[derive(Clone)]
pub struct Listener(PhantomData<Rc<()>>);

impl Listener {
    /// The next connection and where it comes from.
    pub async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        unreachable!("not built yet")
    }

    /// The address listened on, with the port that the system chose if 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        unreachable!("not built yet")
    }
}

/// A connection. A clone is another handle to the same; it closes after its last operation.
#[derive(Clone)]
pub struct Stream(PhantomData<Rc<()>>);

impl Stream {
    /// Receives into the buffer's room; 0 means that the other side is done sending.
    ///
    /// Panics if there is no room.
    pub async fn recv(&self, buf: Buf) -> (io::Result<usize>, Buf) {
        (Err(io::ErrorKind::Unsupported.into()), buf)
    }

    /// Sends all slices in order. One send at a time: a second one waits for its turn at the caller.
    /// The vector comes back empty or not, for reuse.
    pub async fn send(&self, slices: Vec<Slice>) -> (io::Result<()>, Vec<Slice>) {
        (Err(io::ErrorKind::Unsupported.into()), slices)
    }

    /// Ends both directions: pending receives come back with 0, the peer sees the end.
    pub fn shutdown(&self) {
        unreachable!("not built yet")
    }

    /// Who is on the other side.
    pub fn peer_addr(&self) -> SocketAddr {
        unreachable!("not built yet")
    }
}

impl Core {
    /// Listens. Binds without `SO_REUSEPORT` first, so that a taken address is an error.
    pub fn listen(&self, addr: SocketAddr, how: Listen) -> io::Result<Listener> {
        let _ = (addr, how);
        unreachable!("not built yet")
    }

    /// Connects, with `TCP_NODELAY`.
    pub async fn connect(&self, addr: SocketAddr) -> io::Result<Stream> {
        let _ = addr;
        unreachable!("not built yet")
    }
}
