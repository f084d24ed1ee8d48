//! Declared faults: operations that fail, and bytes that rot.

use std::path::Path;
use std::rc::Rc;

use super::Disk;
use super::State;
use super::names::Node;

/// How bytes rot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rot {
    /// One bit (0 to 7) of the byte is flipped.
    Flip(u8),
    /// This many bytes become zero.
    Zero(usize),
    /// This many bytes change places with those at another offset of the file.
    Swap(u64, usize),
}

/// Kinds of disk operations, for rules about faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskOp {
    /// Opening what exists (or failing to).
    Open,
    /// Opening and making a file.
    Create,
    /// Reading bytes.
    Read,
    /// Writing bytes.
    Write,
    /// Flushing a file.
    Flush,
    /// Reserving space.
    Allocate,
    /// Cutting or growing.
    SetLen,
    /// Removing a name.
    Remove,
    /// Renaming.
    Rename,
    /// Making a directory.
    CreateDir,
    /// Flushing a directory or the file system.
    FlushDir,
}

impl DiskOp {
    /// Whether it changes the disk, or makes a change lasting.
    pub(super) fn is_write_like(self) -> bool {
        match self {
            DiskOp::Open | DiskOp::Read => false,
            DiskOp::Create
            | DiskOp::Write
            | DiskOp::Flush
            | DiskOp::Allocate
            | DiskOp::SetLen
            | DiskOp::Remove
            | DiskOp::Rename
            | DiskOp::CreateDir
            | DiskOp::FlushDir => true,
        }
    }
}

/// A declared disk error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailRule {
    /// Which operations; `None`: all kinds.
    pub op: Option<DiskOp>,
    /// Only paths that contain this text; empty: all.
    pub path_contains: String,
    /// How many matching operations still succeed.
    pub skip: u64,
    /// How many fail then.
    pub times: u64,
    /// The error, as `errno`. A failed write (but for EINVAL and ENOSPC) may have written any
    /// sector.
    pub errno: i32,
}

impl State {
    /// The error that a rule has for this operation, and whether it comes at once.
    pub(super) fn fault_for(&mut self, op: DiskOp, path: &Path) -> Option<(i32, bool)> {
        for (rule, at_once) in &mut self.rules {
            let is_kind = rule.op.is_none_or(|kind| kind == op);
            if !is_kind || !path.to_string_lossy().contains(&rule.path_contains) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.times > 0 {
                rule.times -= 1;
                return Some((rule.errno, *at_once));
            }
        }
        None
    }
}

impl Disk {
    /// Adds a rule; rules are tried in order.
    pub fn fail(&self, rule: FailRule) {
        self.state.borrow_mut().rules.push((rule, false));
    }

    /// The same, but these operations fail when they are handed over: nothing of them is done, and
    /// the answer is there in the same turn.
    pub fn fail_at_once(&self, rule: FailRule) {
        self.state.borrow_mut().rules.push((rule, true));
    }

    /// The device lost something that was written and not flushed: whoever flushes the whole file
    /// system through a descriptor that is open by now is told so, others never are.
    pub fn lose_write_back(&self) {
        let mut state = self.state.borrow_mut();
        state.lost_write_back = state.next_number();
    }

    /// Forgets all rules.
    pub fn heal(&self) {
        self.state.borrow_mut().rules.clear();
    }

    /// Damages a file under everybody's feet, now and after any crash. False if the file has no
    /// such bytes.
    pub fn rot(&self, path: &Path, offset: u64, rot: Rot) -> bool {
        let mut state = self.state.borrow_mut();
        let Some(&Node::File(file)) = state.names.get(path) else { return false };
        let zero = Rc::clone(&state.zero);
        let content = state.content(file);
        let len = content.now.len();
        let covers = |start: u64, bytes: usize| start + bytes as u64 <= len && bytes > 0;
        for image in [&mut content.now, &mut content.durable] {
            let read = |start: u64, bytes: usize| {
                let mut old = vec![0; bytes];
                image.read(start, &mut old);
                old
            };
            let patches = match rot {
                Rot::Flip(bit) if covers(offset, 1) => {
                    vec![(offset, vec![read(offset, 1)[0] ^ (1 << (bit % 8))])]
                }
                Rot::Zero(bytes) if covers(offset, bytes) => vec![(offset, vec![0; bytes])],
                Rot::Swap(other, bytes) if covers(offset, bytes) && covers(other, bytes) => {
                    vec![(offset, read(other, bytes)), (other, read(offset, bytes))]
                }
                Rot::Flip(_) | Rot::Zero(_) | Rot::Swap(..) => return false,
            };
            let durable_len = image.len();
            for (at, bytes) in patches {
                image.write(at, &bytes, &zero);
            }
            image.set_len(durable_len);
        }
        true
    }
}
