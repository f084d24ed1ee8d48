//! Sockets, the same names over TCP and the simulated loopback.
//!
//! Kept true: what is sent goes out whole and in order or fails; a receive buffer and what is sent
//! stay owned by the operation; a receive that is lent its memory holds none until bytes have come.
//! Dropping a receive, accept or connect future cancels it: bytes that were on their way in may be
//! lost, so drop one only to give the connection up.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use engine_base::limits::{BLOCK_BYTES, CHUNK_BYTES_MAX};

use crate::buf::{Buf, Slice};
use crate::core::{Core, Inner};
use crate::driver::Handle;
use crate::op::{Op, Request, Sent, Value};

/// Sizes of lent receive buffers, in bytes: for small requests, for batches, for bulk.
pub(crate) const LENT_BYTES: [usize; 3] = [BLOCK_BYTES, 8 * BLOCK_BYTES, CHUNK_BYTES_MAX];

/// The smallest size of [`LENT_BYTES`] in which so many bytes fit, or the largest.
pub(crate) fn lent_group(want: usize) -> usize {
    LENT_BYTES.iter().position(|&bytes| bytes >= want).unwrap_or(LENT_BYTES.len() - 1)
}

/// How to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Connections that wait to be accepted.
    pub backlog: u32,
    /// Whether other cores of this process listen on the same address.
    pub share: Share,
}

/// Who else listens on an address. A second member of an `SO_REUSEPORT` group binds without an
/// error, so that a taken address is noticed only by who binds alone first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nobody.
    Alone,
    /// Others will join; the address must be free now.
    First,
    /// One more core, after the first.
    Joined,
}

impl Default for Listen {
    fn default() -> Listen {
        Listen { backlog: 1024, share: Share::Alone }
    }
}

/// Accepts connections. Dropping the last handle closes it.
#[derive(Clone)]
pub struct Listener {
    core: Rc<Inner>,
    inner: Rc<ListenerInner>,
}

pub(crate) struct ListenerInner {
    pub(crate) handle: Handle,
    local: SocketAddr,
}

impl Listener {
    /// The next connection and where it comes from.
    pub async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        let listener = Rc::clone(&self.inner);
        match Op::start(&self.core, Request::Accept { listener }).await.1? {
            Value::Connection(handle, peer) => Ok((Stream::new(&self.core, handle, peer), peer)),
            _ => unreachable!("an accept answers with a connection"),
        }
    }

    /// The address listened on, with the port that the system chose if 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.local
    }
}

/// A connection. A clone is another handle to the same; it closes after its last operation.
#[derive(Clone)]
pub struct Stream {
    core: Rc<Inner>,
    inner: Rc<StreamInner>,
}

pub(crate) struct StreamInner {
    pub(crate) handle: Handle,
    /// The kernel said that more bytes wait: a receive need not wait for readiness first.
    pub(crate) has_more: Cell<bool>,
    peer: SocketAddr,
}

impl Stream {
    fn new(core: &Rc<Inner>, handle: Handle, peer: SocketAddr) -> Stream {
        let inner = Rc::new(StreamInner { handle, has_more: Cell::new(true), peer });
        Stream { core: Rc::clone(core), inner }
    }

    /// Receives into the buffer's room; 0 means that the other side is done sending.
    ///
    /// Panics if there is no room.
    pub async fn recv(&self, buf: Buf) -> (io::Result<usize>, Buf) {
        assert!(buf.room() > 0, "a receive needs room");
        let (received, buf) = self.receive(Some(buf), 0).await;
        (received, buf.expect("because a receive's own buffer stays with it"))
    }

    /// Receives into memory that the core lends when bytes have come: while it waits, it holds
    /// none. `want` bytes fit, unless that is more than the core lends (128 KiB). `None` means that
    /// the other side is done sending.
    pub async fn recv_lent(&self, want: usize) -> io::Result<Option<Buf>> {
        match self.receive(None, want).await {
            (Ok(0), _) => Ok(None),
            (Ok(bytes), buf) => {
                let buf = buf.expect("because bytes were received into it");
                assert_eq!(buf.len(), bytes, "a lent buffer holds what was received");
                Ok(Some(buf))
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn receive(&self, buf: Option<Buf>, want: usize) -> (io::Result<usize>, Option<Buf>) {
        let stream = Rc::clone(&self.inner);
        match Op::start(&self.core, Request::Recv { stream, buf, want }).await {
            (Request::Recv { buf, .. }, outcome) => {
                let received = outcome.map(|value| match value {
                    Value::Count(bytes) => bytes,
                    _ => unreachable!("a receive counts bytes"),
                });
                (received, buf)
            }
            _ => unreachable!("an operation gives its own request back"),
        }
    }

    /// Sends all slices in order. One send at a time: two under way would mix their bytes.
    /// The vector comes back as it was, for reuse.
    pub async fn send(&self, slices: Vec<Slice>) -> (io::Result<()>, Vec<Slice>) {
        let stream = Rc::clone(&self.inner);
        let request = Request::Send { stream, slices, sent: Sent::default() };
        match Op::start(&self.core, request).await {
            (Request::Send { slices, .. }, outcome) => (outcome.map(|_| ()), slices),
            _ => unreachable!("an operation gives its own request back"),
        }
    }

    /// Ends both directions: pending receives come back with 0, the peer sees the end.
    pub fn shutdown(&self) {
        self.core.driver.shutdown(&self.inner.handle);
    }

    /// Who is on the other side.
    pub fn peer_addr(&self) -> SocketAddr {
        self.inner.peer
    }
}

impl Core {
    /// Listens. An address that somebody else has is an error, unless the core joins the first one.
    pub fn listen(&self, addr: SocketAddr, how: Listen) -> io::Result<Listener> {
        let (handle, local) = self.inner.driver.listen(&self.inner, addr, how)?;
        let inner = Rc::new(ListenerInner { handle, local });
        Ok(Listener { core: Rc::clone(&self.inner), inner })
    }

    /// Connects, with `TCP_NODELAY`.
    pub async fn connect(&self, addr: SocketAddr) -> io::Result<Stream> {
        let request = Request::Connect { addr, socket: None };
        match Op::start(&self.inner, request).await.1? {
            Value::Connection(handle, peer) => Ok(Stream::new(&self.inner, handle, peer)),
            _ => unreachable!("a connect answers with a connection"),
        }
    }
}
