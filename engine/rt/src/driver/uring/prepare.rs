//! Requests to submission entries, one arm per operation.

use std::net::SocketAddr;
use std::os::fd::RawFd;

use io_uring::{opcode, squeue, types};

use super::frame::Frame;
use super::provided::group_id;
use crate::buf::Buf;
use crate::disk::Sync;
use crate::net::{LENT_BYTES, lent_group};
use crate::op::{Request, Sent};

/// Reads are cut into pieces of this many bytes: larger ones may wait for memory in the kernel.
const READ_BYTES_MAX: usize = 512 * 1024;
/// The kernel moves no more than this in one operation.
const PIECE_BYTES_MAX: usize = 0x7fff_f000;

const SEND_FLAGS: libc::c_int = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
/// IORING_RECVSEND_POLL_FIRST of `linux/io_uring.h`: do not try before the socket is readable.
const POLL_FIRST: u16 = 1;

fn len32(len: usize) -> u32 {
    u32::try_from(len.min(PIECE_BYTES_MAX)).expect("because the piece limit is below 2^31")
}

/// The entry for (what is left of) a request. Its memory is in the request and the frame: both must
/// stay as they are until the completion.
pub(super) fn entry(request: &mut Request, frame: &mut Frame, signals: RawFd) -> squeue::Entry {
    match request {
        Request::Read { file, buf, offset, len, done } => {
            let piece = (*len - *done).min(READ_BYTES_MAX);
            let at = *offset + *done as u64;
            let fd = types::Fd(file.handle.fd());
            opcode::Read::new(fd, buf.spare_pointer(), len32(piece)).offset(at).build()
        }
        Request::Write { file, data, offset, sync, done } => {
            let rest = &data[*done..];
            let at = *offset + *done as u64;
            let flags = match sync {
                Sync::No => 0,
                Sync::Dsync => libc::RWF_DSYNC,
            };
            let fd = types::Fd(file.handle.fd());
            opcode::Write::new(fd, rest.as_ptr(), len32(rest.len()))
                .offset(at)
                .rw_flags(flags)
                .build()
        }
        Request::Recv { stream, buf, want } => {
            let order = if stream.has_more.get() { 0 } else { POLL_FIRST };
            recv_entry(stream.handle.fd(), buf.as_mut(), *want, order)
        }
        Request::Send { stream, slices, sent } => {
            send_entry(stream.handle.fd(), slices, *sent, frame)
        }
        Request::Accept { listener } => {
            frame.addr = super::socket::RawAddr::new();
            let (addr, len) = (frame.addr.pointer_mut(), &raw mut frame.addr.len);
            opcode::Accept::new(types::Fd(listener.handle.fd()), addr, len)
                .flags(libc::SOCK_CLOEXEC)
                .build()
        }
        Request::Connect { addr, socket } => {
            let socket = socket.as_ref().expect("because the driver made it at the start");
            connect_entry(socket.fd(), addr, frame)
        }
        Request::Signal => eventfd_entry(signals, &raw mut frame.word),
        Request::Stdin { buf } => {
            let room = len32(buf.room().min(READ_BYTES_MAX));
            // An offset of -1 reads on from where the descriptor stands.
            let fd = types::Fd(libc::STDIN_FILENO);
            opcode::Read::new(fd, buf.spare_pointer(), room).offset(u64::MAX).build()
        }
        Request::StdoutClosed => {
            // Errors and hang-ups are told to whoever polls, for whatever.
            let errors = (libc::POLLERR | libc::POLLHUP).cast_unsigned();
            opcode::PollAdd::new(types::Fd(libc::STDOUT_FILENO), errors.into()).build()
        }
        Request::Open { .. }
        | Request::Flush { .. }
        | Request::FlushFileSystem { .. }
        | Request::Allocate { .. }
        | Request::SetLen { .. }
        | Request::Names(_) => unreachable!("calls that block go to the clerks"),
    }
}

/// Waits for an eventfd to ring.
pub(super) fn eventfd_entry(fd: RawFd, word: *mut u64) -> squeue::Entry {
    let bytes = u32::try_from(size_of::<u64>()).expect("because a word is small");
    opcode::Read::new(types::Fd(fd), word.cast(), bytes).build()
}

fn connect_entry(fd: RawFd, addr: &SocketAddr, frame: &mut Frame) -> squeue::Entry {
    frame.addr.set(addr);
    opcode::Connect::new(types::Fd(fd), frame.addr.pointer(), frame.addr.len).build()
}

fn recv_entry(fd: RawFd, buf: Option<&mut Buf>, want: usize, order: u16) -> squeue::Entry {
    let fd = types::Fd(fd);
    if let Some(buf) = buf {
        let room = len32(buf.room());
        return opcode::Recv::new(fd, buf.spare_pointer(), room).ioprio(order).build();
    }
    let group = lent_group(want);
    opcode::Recv::new(fd, std::ptr::null_mut(), len32(LENT_BYTES[group]))
        .ioprio(order)
        .buf_group(group_id(group))
        .build()
        .flags(squeue::Flags::BUFFER_SELECT)
}

fn send_entry(
    fd: RawFd,
    slices: &[crate::buf::Slice],
    sent: Sent,
    frame: &mut Frame,
) -> squeue::Entry {
    if let [only] = &slices[sent.slices..] {
        let rest = &only[sent.bytes..];
        return opcode::Send::new(types::Fd(fd), rest.as_ptr(), len32(rest.len()))
            .flags(SEND_FLAGS)
            .build();
    }
    let message = frame.message_of(slices, sent);
    let flags = SEND_FLAGS.cast_unsigned();
    opcode::SendMsg::new(types::Fd(fd), message).flags(flags).build()
}
