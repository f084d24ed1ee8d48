//! The disk takes an operation: numbers it, counts it, decides whether it will fail or freeze.

use std::path::Path;

use super::fault::DiskOp;
use super::{Action, Begun, Disk, Running, State, open_file};
use crate::disk::{Create, Sync};
use crate::op::{NameCall, Request};

/// Memory for direct I/O is aligned to this many bytes.
const MEMORY_ALIGNMENT: usize = 512;

impl Disk {
    pub(in super::super) fn begin(&self, request: &Request) -> Begun {
        let mut state = self.state.borrow_mut();
        let number = state.next_number();
        let action = state.action_of(request);
        let op = state.kind(&action);
        let misaligned = state.is_misaligned(request);
        let path = path_of(request);
        let fault = op.and_then(|op| state.fault_for(op, path));
        let refused = fault.and_then(|(error, at_once)| at_once.then_some(error));
        let error = misaligned.then_some(libc::EINVAL).or(fault.map(|(error, _)| error));
        let error = error.or_else(|| state.lost_for(request));
        let mut frozen = false;
        if op.is_some_and(DiskOp::is_write_like) {
            state.writes += 1;
            frozen = state.writes > state.freeze_after;
        }
        if let Action::Write { file, offset, data, .. } = &action {
            state.assert_alone(*file, *offset, data.len());
        }
        let fact = fact_of(&action);
        if refused.is_none() {
            let open = descriptor_of(request);
            state.running.insert(number, Running { action, error, open, is_late: false });
        } else {
            state.lose_flush(&action);
        }
        Begun { number, frozen, fact, refused }
    }
}

impl State {
    fn action_of(&self, request: &Request) -> Action {
        match request {
            Request::Read { file, .. } => Action::Read { file: open_file(&file.handle).file },
            Request::Write { file, data, offset, sync, .. } => Action::Write {
                file: open_file(&file.handle).file,
                offset: *offset,
                data: data.clone(),
                dsync: *sync == Sync::Dsync,
            },
            Request::Flush { file, .. } => {
                let (direct, file) = (file.direct, open_file(&file.handle).file);
                Action::Flush { file, mark: self.files[&file].unflushed.mark(), direct }
            }
            Request::Allocate { file, offset, len } => {
                Action::Allocate { file: open_file(&file.handle).file, offset: *offset, len: *len }
            }
            Request::SetLen { file, len } => {
                Action::SetLen { file: open_file(&file.handle).file, len: *len }
            }
            Request::Open { path, how } => Action::Open { path: path.clone(), how: *how },
            Request::Names(NameCall::SyncDir(dir)) => {
                Action::FlushDir { dir: dir.clone(), mark: self.unflushed_names.mark() }
            }
            Request::FlushFileSystem { .. } => Action::FlushAll {
                names: self.unflushed_names.mark(),
                files: self.files.iter().map(|(&file, c)| (file, c.unflushed.mark())).collect(),
            },
            Request::Names(call) => Action::Names { call: call.clone() },
            Request::Recv { .. }
            | Request::Send { .. }
            | Request::Accept { .. }
            | Request::Connect { .. }
            | Request::Signal
            | Request::Stdin { .. }
            | Request::StdoutClosed => unreachable!("only disk operations come here"),
        }
    }

    /// What it is, for rules and counts. `None`: only looks.
    fn kind(&self, action: &Action) -> Option<DiskOp> {
        Some(match action {
            Action::Read { .. } => DiskOp::Read,
            Action::Write { .. } => DiskOp::Write,
            Action::Flush { .. } => DiskOp::Flush,
            Action::Allocate { .. } => DiskOp::Allocate,
            Action::SetLen { .. } => DiskOp::SetLen,
            Action::Open { path, how } => {
                if how.create == Create::No || self.names.contains_key(path) {
                    DiskOp::Open
                } else {
                    DiskOp::Create
                }
            }
            Action::FlushDir { .. } | Action::FlushAll { .. } => DiskOp::FlushDir,
            Action::Names { call } => match call {
                NameCall::CreateDirAll(_) => DiskOp::CreateDir,
                NameCall::RemoveFile(_) | NameCall::RemoveDir(_) => DiskOp::Remove,
                NameCall::Rename(..) => DiskOp::Rename,
                NameCall::ListDir(_)
                | NameCall::Exists(_)
                | NameCall::DiskSpace(_)
                | NameCall::DirectAlignment(_)
                | NameCall::BootId
                | NameCall::SyncDir(_) => return None,
            },
        })
    }

    /// A flush of everything tells what was lost since its own descriptor was opened.
    fn lost_for(&self, request: &Request) -> Option<i32> {
        let Request::FlushFileSystem { file } = request else { return None };
        (open_file(&file.handle).id < self.lost_write_back).then_some(libc::EIO)
    }

    fn is_misaligned(&self, request: &Request) -> bool {
        let sector = self.sector_bytes as u64;
        let off = |offset: u64, len: usize, memory: usize| {
            !offset.is_multiple_of(sector)
                || !(len as u64).is_multiple_of(sector)
                || !memory.is_multiple_of(MEMORY_ALIGNMENT)
        };
        match request {
            Request::Read { file, buf, offset, len, .. } if file.direct => {
                let memory = buf.filled().as_ptr().addr() + buf.len();
                off(*offset, *len, memory)
            }
            Request::Write { file, data, offset, .. } if file.direct => {
                off(*offset, data.len(), data.as_ptr().addr())
            }
            _ => false,
        }
    }

    /// A caller that has two writes to the same bytes under way cannot know what it will find.
    fn assert_alone(&self, file: u64, offset: u64, len: usize) {
        let end = offset + len as u64;
        for running in self.running.values() {
            if let Action::Write { file: other, offset: start, data, .. } = &running.action {
                let apart = running.is_late
                    || *other != file
                    || end <= *start
                    || start + data.len() as u64 <= offset;
                assert!(apart, "two writes under way overlap at byte {offset} of one file");
            }
        }
    }
}

/// The open file that an operation works on.
fn descriptor_of(request: &Request) -> Option<u64> {
    match request {
        Request::Read { file, .. }
        | Request::Write { file, .. }
        | Request::Flush { file, .. }
        | Request::Allocate { file, .. }
        | Request::SetLen { file, .. } => Some(open_file(&file.handle).id),
        Request::Open { .. }
        | Request::FlushFileSystem { .. }
        | Request::StdoutClosed
        | Request::Names(_)
        | Request::Recv { .. }
        | Request::Send { .. }
        | Request::Accept { .. }
        | Request::Connect { .. }
        | Request::Signal
        | Request::Stdin { .. } => None,
    }
}

fn path_of(request: &Request) -> &Path {
    match request {
        Request::Read { file, .. }
        | Request::Write { file, .. }
        | Request::Flush { file, .. }
        | Request::FlushFileSystem { file }
        | Request::Allocate { file, .. }
        | Request::SetLen { file, .. } => &file.path,
        Request::Open { path, .. } => path,
        Request::Names(call) => match call {
            NameCall::CreateDirAll(path)
            | NameCall::RemoveFile(path)
            | NameCall::RemoveDir(path)
            | NameCall::Rename(path, _)
            | NameCall::SyncDir(path)
            | NameCall::ListDir(path)
            | NameCall::Exists(path)
            | NameCall::DiskSpace(path)
            | NameCall::DirectAlignment(path) => path,
            NameCall::BootId => Path::new(""),
        },
        Request::Recv { .. }
        | Request::Send { .. }
        | Request::Accept { .. }
        | Request::Connect { .. }
        | Request::Signal
        | Request::Stdin { .. }
        | Request::StdoutClosed => Path::new(""),
    }
}

/// The operation in one number, for the trace.
fn fact_of(action: &Action) -> u64 {
    match action {
        Action::Write { file, offset, data, .. } => {
            let edge = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |b| u64::from_le_bytes(*b));
            let edges = edge(data.first_chunk()) ^ edge(data.last_chunk()).rotate_left(17);
            (file << 40) ^ offset ^ (data.len() as u64).rotate_left(24) ^ edges
        }
        Action::SetLen { file, len } => (file << 40) ^ len,
        Action::Allocate { file, offset, len } => (file << 40) ^ offset ^ len.rotate_left(24),
        Action::Read { file } | Action::Flush { file, .. } => *file,
        Action::Open { .. } => 1,
        Action::Names { .. } => 2,
        Action::FlushDir { mark, .. } => *mark,
        Action::FlushAll { names, .. } => *names,
    }
}
