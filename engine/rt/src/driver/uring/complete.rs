//! Completions to outcomes, one arm per operation; short ones go on where they stopped.

use std::io;
use std::rc::Rc;

use io_uring::cqueue;

use crate::buf::Buf;
use crate::core::{Inner, add};
use crate::net::StreamInner;
use crate::op::{Outcome, Request, Sent, Value};

/// Direct reads that end within a sector end at the end of the file.
const SECTOR_BYTES: usize = 512;

/// What follows from a completion.
pub(super) enum Next {
    Over(Outcome),
    /// Not all of it was done: the rest goes back to the ring.
    Again,
}

/// Looks at a completion's result and moves the request forward.
pub(super) fn next(core: &Rc<Inner>, request: &mut Request, result: i32, flags: u32) -> Next {
    if let Request::Recv { stream, buf, want } = request {
        if let Some(id) = cqueue::buffer_select(flags) {
            *buf = Some(core.driver.take_provided(&core.pool, *want, id));
        } else if buf.is_none() && result == -libc::ENOBUFS {
            // This turn's completions have used the group up; it is full again.
            stream.has_more.set(true);
            return Next::Again;
        }
    }
    let count = match usize::try_from(result) {
        Ok(count) => count,
        Err(_) if is_passing(-result) => return Next::Again,
        Err(_) => return Next::Over(Err(io::Error::from_raw_os_error(-result))),
    };
    match request {
        Request::Read { file, buf, len, done, .. } => {
            add(&core.counts.read, count);
            buf.advance(count);
            *done += count;
            let ends = count == 0 || (file.direct && !count.is_multiple_of(SECTOR_BYTES));
            if ends || *done == *len {
                return Next::Over(Ok(Value::Count(*done)));
            }
            Next::Again
        }
        Request::Write { data, done, .. } => {
            add(&core.counts.written, count);
            *done += count;
            if *done == data.len() {
                return Next::Over(Ok(Value::Done));
            }
            if count == 0 {
                return Next::Over(Err(io::ErrorKind::WriteZero.into()));
            }
            Next::Again
        }
        Request::Recv { stream, buf, .. } => received(core, stream, buf.as_mut(), count, flags),
        Request::Send { slices, sent, .. } => {
            add(&core.counts.sent, count);
            advance(slices, sent, count);
            if sent.slices == slices.len() {
                return Next::Over(Ok(Value::Done));
            }
            if count == 0 {
                return Next::Over(Err(io::ErrorKind::WriteZero.into()));
            }
            Next::Again
        }
        Request::Stdin { buf } => {
            buf.advance(count);
            Next::Over(Ok(Value::Count(count)))
        }
        Request::Connect { addr, socket } => {
            let handle = socket.take().expect("because the socket stays until it is connected");
            Next::Over(Ok(Value::Connection(handle, *addr)))
        }
        Request::Signal | Request::StdoutClosed => Next::Over(Ok(Value::Done)),
        Request::Accept { .. }
        | Request::Open { .. }
        | Request::Flush { .. }
        | Request::FlushFileSystem { .. }
        | Request::Allocate { .. }
        | Request::SetLen { .. }
        | Request::Names(_) => unreachable!("they are looked at elsewhere"),
    }
}

fn received(
    core: &Rc<Inner>,
    stream: &StreamInner,
    buf: Option<&mut Buf>,
    count: usize,
    flags: u32,
) -> Next {
    add(&core.counts.received, count);
    stream.has_more.set(cqueue::sock_nonempty(flags));
    match buf {
        Some(buf) => buf.advance(count),
        None => assert_eq!(count, 0, "bytes come with the memory that they are in"),
    }
    Next::Over(Ok(Value::Count(count)))
}

/// Errors that say "not now" and nothing about the operation.
fn is_passing(code: i32) -> bool {
    matches!(code, libc::EINTR | libc::EAGAIN)
}

/// The same for accepts: a connection that was gone before it was accepted makes room for the next.
pub(super) fn is_passing_accept(code: i32) -> bool {
    is_passing(code) || code == libc::ECONNABORTED
}

/// Moves a send past bytes that went out, and past empty slices.
pub(super) fn advance(slices: &[crate::buf::Slice], sent: &mut Sent, mut count: usize) {
    while let Some(slice) = slices.get(sent.slices) {
        let left = slice.len() - sent.bytes;
        if count < left {
            sent.bytes += count;
            return;
        }
        count -= left;
        *sent = Sent { slices: sent.slices + 1, bytes: 0 };
    }
    assert_eq!(count, 0, "no more is sent than there is");
}
