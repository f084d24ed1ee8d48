//! From a request to the ring's entry, and from its completion to an outcome.
//!
//! Kept true: every pointer in an entry points into the request's own slot or its `Extra`, neither of
//! which is touched by us until the completion is reaped. An operation that the kernel did in part is
//! queued again for the rest, so that callers only ever see all or an error.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

use io_uring::{cqueue, opcode, squeue, types};

use super::{signal, socket};
use crate::buf::Slice;
use crate::core::{Inner, add};
use crate::disk::Sync;
use crate::driver::{Handle, Thing};
use crate::op::{Outcome, Request, Sent, Value};

/// Larger reads are split, as 10-runtime.md measured.
const READ_BYTES_MAX: usize = 512 * 1024;
/// The kernel takes at most this much in one write, less a page.
const WRITE_BYTES_MAX: usize = 1 << 30;
/// Slices sent with one call.
const VECTORS_MAX: usize = 64;
/// `IORING_RECVSEND_POLL_FIRST`: nothing is expected to be there yet.
const POLL_FIRST: u16 = 1;

/// What the kernel reads beside the request: it does not move while an operation runs.
pub(super) struct Extra {
    message: libc::msghdr,
    vectors: [libc::iovec; VECTORS_MAX],
    address: socket::RawAddress,
}

impl Extra {
    fn new() -> Box<Extra> {
        // SAFETY: all zeros are a valid msghdr (nothing to send, nowhere).
        let message = unsafe { std::mem::zeroed() };
        let nothing = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };
        let address = socket::RawAddress::empty();
        Box::new(Extra { message, vectors: [nothing; VECTORS_MAX], address })
    }
}

/// What a completion means.
pub(super) enum Step {
    /// Done in part, or interrupted: queue it again.
    Again,
    Over(Outcome),
}

fn fd(fd: RawFd) -> types::Fd {
    types::Fd(fd)
}

fn u32_of(len: usize) -> u32 {
    u32::try_from(len).expect("because lengths of single calls are bounded below 2^32")
}

/// The entry of a request; an outcome if there is nothing for the kernel to do.
pub(super) fn build(
    request: &mut Request,
    extra: &mut Option<Box<Extra>>,
) -> Result<squeue::Entry, Outcome> {
    match request {
        Request::Read { file, buf, offset, len, done } => {
            let want = (*len - *done).min(READ_BYTES_MAX);
            if want == 0 {
                return Err(Ok(Value::Count(0)));
            }
            // SAFETY: `done + want <= len <= room`, so the place lies inside the buffer's memory.
            let at = unsafe { buf.spare_pointer().add(*done) };
            let entry = opcode::Read::new(fd(file.handle.fd()), at, u32_of(want));
            Ok(entry.offset(*offset + *done as u64).build())
        }
        Request::Write { file, data, offset, sync, done } => {
            let rest = &data[*done..];
            if rest.is_empty() {
                return Err(Ok(Value::Done));
            }
            let len = u32_of(rest.len().min(WRITE_BYTES_MAX));
            let flags = match sync {
                Sync::No => 0,
                Sync::Dsync => libc::RWF_DSYNC,
            };
            let entry = opcode::Write::new(fd(file.handle.fd()), rest.as_ptr(), len);
            Ok(entry.offset(*offset + *done as u64).rw_flags(flags).build())
        }
        Request::Recv { stream, buf } => {
            let room = u32_of(buf.room().min(WRITE_BYTES_MAX));
            let entry = opcode::Recv::new(fd(stream.handle.fd()), buf.spare_pointer(), room);
            let hint = if stream.has_more.get() { 0 } else { POLL_FIRST };
            Ok(entry.ioprio(hint).build())
        }
        Request::Send { stream, slices, sent } => send(stream.handle.fd(), slices, *sent, extra),
        Request::Accept { listener } => {
            let nowhere = std::ptr::null_mut();
            let entry =
                opcode::Accept::new(fd(listener.handle.fd()), nowhere, std::ptr::null_mut());
            Ok(entry.flags(libc::SOCK_CLOEXEC).build())
        }
        Request::Connect { addr, socket } => connect(*addr, socket.as_ref(), extra),
        Request::Signal => match signal::listen() {
            Ok(bell) => {
                let events = u32_of(libc::POLLIN as usize);
                Ok(opcode::PollAdd::new(fd(bell), events).build())
            }
            Err(error) => Err(Err(error)),
        },
        Request::Stdin { buf } => {
            let room = u32_of(buf.room().min(READ_BYTES_MAX));
            let entry = opcode::Read::new(fd(libc::STDIN_FILENO), buf.spare_pointer(), room);
            // An offset of -1 reads on from where the descriptor stands.
            Ok(entry.offset(u64::MAX).build())
        }
        Request::Names(_)
        | Request::Open { .. }
        | Request::Flush { .. }
        | Request::Allocate { .. }
        | Request::SetLen { .. } => unreachable!("the helper makes this call"),
    }
}

fn send(
    socket: RawFd,
    slices: &[Slice],
    sent: Sent,
    extra: &mut Option<Box<Extra>>,
) -> Result<squeue::Entry, Outcome> {
    let flags = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
    let rest = &slices[sent.slices..];
    let [first, others @ ..] = rest else { return Err(Ok(Value::Done)) };
    let first = &first[sent.bytes..];
    if others.is_empty() {
        if first.is_empty() {
            return Err(Ok(Value::Done));
        }
        let len = u32_of(first.len().min(WRITE_BYTES_MAX));
        return Ok(opcode::Send::new(fd(socket), first.as_ptr(), len).flags(flags).build());
    }
    let extra = extra.get_or_insert_with(Extra::new);
    let pieces = std::iter::once(first).chain(others.iter().map(|slice| &slice[..]));
    let (mut count, mut bytes) = (0, 0);
    for (vector, piece) in extra.vectors.iter_mut().zip(pieces) {
        vector.iov_base = piece.as_ptr().cast_mut().cast();
        vector.iov_len = piece.len();
        count += 1;
        bytes += piece.len();
    }
    if bytes == 0 && count == rest.len() {
        return Err(Ok(Value::Done));
    }
    extra.message.msg_iov = extra.vectors.as_mut_ptr();
    extra.message.msg_iovlen = count;
    let entry = opcode::SendMsg::new(fd(socket), &raw const extra.message);
    Ok(entry.flags(u32::try_from(flags).expect("because flags are positive")).build())
}

fn connect(
    addr: std::net::SocketAddr,
    socket: Option<&Handle>,
    extra: &mut Option<Box<Extra>>,
) -> Result<squeue::Entry, Outcome> {
    let Some(socket) = socket else {
        return Err(Err(io::Error::other("the socket was not made")));
    };
    let extra = extra.get_or_insert_with(Extra::new);
    extra.address = socket::RawAddress::of(addr);
    let (address, len) = (extra.address.pointer(), extra.address.len);
    Ok(opcode::Connect::new(fd(socket.fd()), address, len).build())
}

/// Gives a connect its socket, before the entry is built.
pub(super) fn prepare(core: &Rc<Inner>, request: &mut Request) -> io::Result<()> {
    if let Request::Connect { addr, socket } = request
        && socket.is_none()
    {
        let made = socket::open(*addr)?;
        socket::no_delay(made.as_raw_fd())?;
        *socket = Some(Handle::new(core, Thing::Fd(made.into_raw_fd())));
    }
    Ok(())
}

/// Takes in a completion.
pub(super) fn complete(core: &Rc<Inner>, request: &mut Request, result: i32, flags: u32) -> Step {
    if result < 0 {
        return failed(request, -result);
    }
    let n = usize::try_from(result).expect("because it is not negative");
    match request {
        Request::Read { file, buf, len, done, .. } => {
            *done += n;
            add(&core.counts.read, n);
            // A direct read that ends inside a block has met the end of the file.
            let ended = n == 0 || (file.direct && !n.is_multiple_of(512));
            if ended || done == len {
                buf.advance(*done);
                return Step::Over(Ok(Value::Count(*done)));
            }
            Step::Again
        }
        Request::Write { data, done, .. } => {
            if n == 0 {
                return Step::Over(Err(io::ErrorKind::WriteZero.into()));
            }
            *done += n;
            add(&core.counts.written, n);
            if *done == data.len() { Step::Over(Ok(Value::Done)) } else { Step::Again }
        }
        Request::Recv { stream, buf } => {
            stream.has_more.set(cqueue::sock_nonempty(flags));
            buf.advance(n);
            add(&core.counts.received, n);
            Step::Over(Ok(Value::Count(n)))
        }
        Request::Send { slices, sent, .. } => {
            add(&core.counts.sent, n);
            advance(slices, sent, n);
            if sent.slices == slices.len() { Step::Over(Ok(Value::Done)) } else { Step::Again }
        }
        Request::Accept { .. } => accepted(core, result),
        Request::Connect { addr, socket } => {
            let socket = socket.take().expect("because a connect has its socket until it is done");
            Step::Over(Ok(Value::Connection(socket, *addr)))
        }
        Request::Signal => {
            if let Ok(bell) = signal::listen() {
                signal::drain(bell);
            }
            Step::Over(Ok(Value::Done))
        }
        Request::Stdin { buf } => {
            buf.advance(n);
            Step::Over(Ok(Value::Count(n)))
        }
        Request::Names(_)
        | Request::Open { .. }
        | Request::Flush { .. }
        | Request::Allocate { .. }
        | Request::SetLen { .. } => unreachable!("the helper makes this call"),
    }
}

fn failed(request: &Request, code: i32) -> Step {
    let repeat = match request {
        Request::Accept { .. } => {
            matches!(code, libc::EINTR | libc::EAGAIN | libc::ECONNABORTED | libc::EPROTO)
        }
        // A connect that was interrupted goes on by itself and may not be asked again.
        Request::Connect { .. } => false,
        _ => matches!(code, libc::EINTR | libc::EAGAIN),
    };
    if repeat { Step::Again } else { Step::Over(Err(io::Error::from_raw_os_error(code))) }
}

fn accepted(core: &Rc<Inner>, result: i32) -> Step {
    // SAFETY: the kernel just gave us this descriptor; nobody else has it.
    let socket = unsafe { OwnedFd::from_raw_fd(result) };
    match socket::no_delay(socket.as_raw_fd()).and_then(|()| socket::peer(socket.as_raw_fd())) {
        Ok(peer) => {
            let handle = Handle::new(core, Thing::Fd(socket.into_raw_fd()));
            Step::Over(Ok(Value::Connection(handle, peer)))
        }
        // The other side was gone before we looked: as if it had never come.
        Err(_) => Step::Again,
    }
}

fn advance(slices: &[Slice], sent: &mut Sent, mut n: usize) {
    while let Some(slice) = slices.get(sent.slices) {
        let rest = slice.len() - sent.bytes;
        if n < rest {
            sent.bytes += n;
            return;
        }
        n -= rest;
        *sent = Sent { slices: sent.slices + 1, bytes: 0 };
    }
    assert_eq!(n, 0, "the kernel sends no more than it was given");
}
