//! The loopback: connections between cores of a world, with seeded delays and split reads.
//!
//! Kept true: bytes of one direction arrive in order and complete, or the connection is reset; what
//! is under way in one direction is bounded by the window.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use super::port::{Shared, Waiter, What};
use crate::buf::Buf;
use crate::core::{Inner, add};
use crate::driver::{Handle, Thing};
use crate::net::{LENT_BYTES, lent_group};
use crate::op::{Outcome, Request, Value};

const FIRST_PORT: u16 = 20_000;

/// A simulated socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    Listener(SocketAddr),
    /// One end of a connection.
    End(usize),
}

#[derive(Default)]
pub(super) struct Net {
    listeners: BTreeMap<SocketAddr, Listening>,
    ends: Vec<End>,
    ports: u16,
}

#[derive(Default)]
struct Listening {
    waiting: VecDeque<usize>,
    accepts: VecDeque<Waiter>,
}

struct End {
    peer: usize,
    peer_addr: SocketAddr,
    inbox: VecDeque<u8>,
    /// Bytes on their way to this end.
    travelling: usize,
    /// Nothing arrives at this end before this time, so that bytes keep their order.
    last_arrival: u64,
    /// The peer sends no more.
    done: bool,
    reset: bool,
    /// This end was shut down or closed.
    shut: bool,
    recv: Option<Waiter>,
    send: Option<Waiter>,
}

pub(super) enum NetEvent {
    Connect(Waiter, SocketAddr),
    Arrive(usize, Vec<u8>),
    Done(usize),
    Reset(usize),
    Shut(usize),
    /// The handle was dropped; true: its process died.
    Close(Socket, bool),
    Cancel(Waiter),
}

fn error<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}

impl Net {
    pub(super) fn listen(&mut self, mut addr: SocketAddr) -> io::Result<SocketAddr> {
        if addr.port() == 0 {
            addr.set_port(self.new_port());
        }
        if self.listeners.contains_key(&addr) {
            return error(libc::EADDRINUSE);
        }
        self.listeners.insert(addr, Listening::default());
        Ok(addr)
    }

    fn new_port(&mut self) -> u16 {
        self.ports += 1;
        FIRST_PORT + self.ports
    }

    fn pair(&mut self, server: SocketAddr) -> (usize, usize) {
        let client = SocketAddr::new(server.ip(), self.new_port());
        let first = self.ends.len();
        for (peer, peer_addr) in [(first + 1, server), (first, client)] {
            self.ends.push(End {
                peer,
                peer_addr,
                inbox: VecDeque::new(),
                travelling: 0,
                last_arrival: 0,
                done: false,
                reset: false,
                shut: false,
                recv: None,
                send: None,
            });
        }
        (first, first + 1)
    }
}

fn finish(shared: &Shared, cores: &[Rc<Inner>], waiter: Waiter, outcome: Outcome) {
    shared.note(&[shared.time.get(), waiter.core as u64, u64::from(outcome.is_ok())]);
    cores[waiter.core].ops.finish(waiter.key, outcome);
}

/// The kernel takes a socket operation.
pub(super) fn begin(shared: &Rc<Shared>, cores: &[Rc<Inner>], waiter: Waiter) {
    enum Kind {
        Recv(usize),
        Send(usize),
        Accept(SocketAddr),
        Connect(SocketAddr),
    }
    let core = &cores[waiter.core];
    let kind = core.ops.with(waiter.key, |request| match request {
        Request::Recv { stream, .. } => Kind::Recv(end_of(&stream.handle)),
        Request::Send { stream, .. } => Kind::Send(end_of(&stream.handle)),
        Request::Accept { listener } => match listener.handle.thing() {
            Thing::SimSocket(Socket::Listener(addr)) => Kind::Accept(*addr),
            _ => unreachable!("a listener's handle is a listening socket"),
        },
        Request::Connect { addr, .. } => Kind::Connect(*addr),
        _ => unreachable!("only socket operations come here"),
    });
    match kind.expect("because the operation was just started") {
        Kind::Recv(end) => {
            let known = shared.net.borrow_mut().ends[end].recv.replace(waiter);
            assert_eq!(known, None, "one receive at a time");
            receive(shared, cores, end);
        }
        Kind::Send(end) => {
            let known = shared.net.borrow_mut().ends[end].send.replace(waiter);
            assert_eq!(known, None, "one send at a time");
            pump(shared, cores, end);
        }
        Kind::Accept(addr) => {
            let mut net = shared.net.borrow_mut();
            let listener = net.listeners.get_mut(&addr).expect("because its handle is alive");
            listener.accepts.push_back(waiter);
            drop(net);
            accept(shared, cores, addr);
        }
        Kind::Connect(addr) => {
            let at = shared.time.get() + shared.chance.delay(&shared.options.net_delay);
            shared.schedule(at, What::Net(NetEvent::Connect(waiter, addr)));
        }
    }
}

fn end_of(handle: &Handle) -> usize {
    match handle.thing() {
        Thing::SimSocket(Socket::End(end)) => *end,
        _ => unreachable!("a stream's handle is an end"),
    }
}

pub(super) fn deliver(shared: &Rc<Shared>, cores: &[Rc<Inner>], event: NetEvent) {
    match event {
        NetEvent::Connect(waiter, addr) => connect(shared, cores, waiter, addr),
        NetEvent::Arrive(end, bytes) => {
            shared.note(&[shared.time.get(), end as u64, bytes.len() as u64]);
            {
                let mut net = shared.net.borrow_mut();
                let end = &mut net.ends[end];
                end.travelling -= bytes.len();
                if !end.shut {
                    end.inbox.extend(bytes);
                }
            }
            receive(shared, cores, end);
        }
        NetEvent::Done(end) => {
            shared.net.borrow_mut().ends[end].done = true;
            receive(shared, cores, end);
        }
        NetEvent::Reset(end) => {
            shared.net.borrow_mut().ends[end].reset = true;
            receive(shared, cores, end);
            pump(shared, cores, end);
        }
        NetEvent::Shut(end) => shut(shared, cores, end, false),
        NetEvent::Close(Socket::End(end), died) => {
            let unread = !shared.net.borrow().ends[end].inbox.is_empty();
            shut(shared, cores, end, died || unread);
        }
        NetEvent::Close(Socket::Listener(addr), _) => {
            let gone = shared.net.borrow_mut().listeners.remove(&addr);
            for end in gone.into_iter().flat_map(|listener| listener.waiting) {
                shut(shared, cores, end, true);
            }
        }
        NetEvent::Cancel(waiter) => {
            {
                let mut net = shared.net.borrow_mut();
                for end in &mut net.ends {
                    end.recv.take_if(|known| *known == waiter);
                    end.send.take_if(|known| *known == waiter);
                }
                for listener in net.listeners.values_mut() {
                    listener.accepts.retain(|known| *known != waiter);
                }
            }
            finish(shared, cores, waiter, error(libc::ECANCELED));
        }
    }
}

fn connect(shared: &Rc<Shared>, cores: &[Rc<Inner>], waiter: Waiter, addr: SocketAddr) {
    let pair = {
        let mut net = shared.net.borrow_mut();
        net.listeners.contains_key(&addr).then(|| {
            let (client, server) = net.pair(addr);
            net.listeners.get_mut(&addr).expect("because it was there").waiting.push_back(server);
            client
        })
    };
    let Some(client) = pair else {
        finish(shared, cores, waiter, error(libc::ECONNREFUSED));
        return;
    };
    let handle = Handle::new(&cores[waiter.core], Thing::SimSocket(Socket::End(client)));
    finish(shared, cores, waiter, Ok(Value::Connection(handle, addr)));
    accept(shared, cores, addr);
}

fn accept(shared: &Rc<Shared>, cores: &[Rc<Inner>], addr: SocketAddr) {
    let matched = {
        let mut net = shared.net.borrow_mut();
        let Some(listener) = net.listeners.get_mut(&addr) else { return };
        if listener.waiting.is_empty() || listener.accepts.is_empty() {
            return;
        }
        let end = listener.waiting.pop_front().expect("because it is not empty");
        let waiter = listener.accepts.pop_front().expect("because it is not empty");
        (end, waiter, net.ends[end].peer_addr)
    };
    let (end, waiter, peer) = matched;
    let handle = Handle::new(&cores[waiter.core], Thing::SimSocket(Socket::End(end)));
    finish(shared, cores, waiter, Ok(Value::Connection(handle, peer)));
}

/// Gives a waiting receive what is there.
fn receive(shared: &Rc<Shared>, cores: &[Rc<Inner>], at: usize) {
    let (waiter, outcome, peer) = {
        let mut net = shared.net.borrow_mut();
        let end = &mut net.ends[at];
        let over = end.done || end.reset || end.shut;
        let Some(waiter) = end.recv.take_if(|_| !end.inbox.is_empty() || over) else { return };
        let core = &cores[waiter.core];
        let outcome = if end.reset && !end.shut {
            error(libc::ECONNRESET)
        } else {
            let taken = core.ops.with(waiter.key, |request| take(shared, core, end, request));
            add(&core.counts.received, taken.unwrap_or(0));
            Ok(Value::Count(taken.unwrap_or(0)))
        };
        (waiter, outcome, end.peer)
    };
    finish(shared, cores, waiter, outcome);
    pump(shared, cores, peer);
}

fn take(shared: &Shared, core: &Inner, end: &mut End, request: &mut Request) -> usize {
    let Request::Recv { buf, want, .. } = request else { unreachable!("only receives wait here") };
    let lent = || Buf::of_pool(&core.pool, LENT_BYTES[lent_group(*want)]);
    let buf = buf.get_or_insert_with(lent);
    let mut bytes = buf.room().min(end.inbox.len());
    if bytes > 1 && shared.chance.one_in(1, 4) {
        bytes = 1 + usize::try_from(shared.chance.below(bytes as u64)).unwrap_or(0);
        bytes = bytes.min(end.inbox.len());
    }
    for (to, from) in buf.spare_mut().iter_mut().zip(end.inbox.drain(..bytes)) {
        *to = from;
    }
    buf.advance(bytes);
    bytes
}

/// Puts as much of a waiting send on its way as the window takes.
fn pump(shared: &Rc<Shared>, cores: &[Rc<Inner>], at: usize) {
    loop {
        let (waiter, outcome) = {
            let mut net = shared.net.borrow_mut();
            let Some(waiter) = net.ends[at].send else { return };
            let peer = net.ends[at].peer;
            if net.ends[at].shut || net.ends[at].reset || net.ends[peer].shut {
                net.ends[at].send = None;
                (waiter, error(libc::EPIPE))
            } else {
                let end = &mut net.ends[peer];
                let used = end.inbox.len() + end.travelling;
                let room = shared.options.net_window_bytes.saturating_sub(used);
                if room == 0 {
                    return;
                }
                let core = &cores[waiter.core];
                let piece = core.ops.with(waiter.key, |request| next_piece(shared, request, room));
                let piece = piece.unwrap_or_default();
                add(&core.counts.sent, piece.len());
                if piece.is_empty() {
                    net.ends[at].send = None;
                    (waiter, Ok(Value::Done))
                } else {
                    end.travelling += piece.len();
                    let arrival = arrival(shared, end);
                    shared.schedule(arrival, What::Net(NetEvent::Arrive(peer, piece)));
                    continue;
                }
            }
        };
        finish(shared, cores, waiter, outcome);
        return;
    }
}

fn arrival(shared: &Shared, end: &mut End) -> u64 {
    let soonest = shared.time.get() + shared.chance.delay(&shared.options.net_delay);
    end.last_arrival = soonest.max(end.last_arrival + 1);
    end.last_arrival
}

/// The next bytes of a send, at most `room`; empty when all are on their way.
fn next_piece(shared: &Shared, request: &mut Request, room: usize) -> Vec<u8> {
    let Request::Send { slices, sent, .. } = request else { unreachable!("only sends wait here") };
    let mut most = room.min(shared.options.net_piece_bytes_max).max(1);
    if shared.chance.one_in(1, 4) {
        most = 1 + usize::try_from(shared.chance.below(most as u64)).unwrap_or(0);
    }
    let mut piece = Vec::new();
    while let Some(slice) = slices.get(sent.slices) {
        let rest = &slice[sent.bytes..];
        let part = rest.len().min(most - piece.len());
        piece.extend_from_slice(&rest[..part]);
        sent.bytes += part;
        if sent.bytes < slice.len() {
            break;
        }
        *sent = crate::op::Sent { slices: sent.slices + 1, bytes: 0 };
    }
    piece
}

fn shut(shared: &Rc<Shared>, cores: &[Rc<Inner>], at: usize, hard: bool) {
    let news = {
        let mut net = shared.net.borrow_mut();
        if std::mem::replace(&mut net.ends[at].shut, true) {
            None
        } else {
            net.ends[at].inbox.clear();
            let peer = net.ends[at].peer;
            let when = arrival(shared, &mut net.ends[peer]);
            Some((when, if hard { NetEvent::Reset(peer) } else { NetEvent::Done(peer) }))
        }
    };
    let Some((when, event)) = news else { return };
    shared.schedule(when, What::Net(event));
    receive(shared, cores, at);
    pump(shared, cores, at);
    let peer = shared.net.borrow().ends[at].peer;
    pump(shared, cores, peer);
}
