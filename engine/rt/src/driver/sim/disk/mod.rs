//! The memory disk: what readers see now, what surely survives power loss, and everything in
//! between.
//!
//! Kept true: an operation takes effect when it completes, in any order; it survives power loss for
//! sure only once a flush that began after its completion has completed (or it was a `Dsync` write
//! itself). Names are flushed by their directory alone, bytes and lengths by their file alone.

mod begin;
mod crash;
mod fault;
mod finish;
mod image;
mod late;
mod names;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub use crash::Crash;
pub use fault::{DiskOp, FailRule, Rot};
pub(super) use finish::Answer;
pub(super) use late::Late;

use self::image::{Change, Image, Page, zero_page};
use self::names::{NameChange, Node};
use crate::buf::Slice;
use crate::disk::Open;
use crate::op::NameCall;

/// A memory disk. A clone is another handle to the same disk; [`Disk::snapshot`] is another disk.
#[derive(Clone)]
pub struct Disk {
    state: Rc<RefCell<State>>,
}

#[derive(Clone)]
struct State {
    capacity_pages: u64,
    used_pages: u64,
    sector_bytes: usize,
    zero: Page,
    files: BTreeMap<u64, Content>,
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    /// Changes of names that have happened and are not flushed.
    unflushed_names: Unflushed<Vec<NameChange>>,
    running: BTreeMap<u64, Running>,
    /// A world has what the dead left under way.
    late_taken: bool,
    /// Numbers files, open files and operations.
    numbers: u64,
    writes: u64,
    freeze_after: u64,
    /// With whether they fail at once.
    rules: Vec<(FailRule, bool)>,
    /// The number at which a write that was handed over long ago was lost; 0 for never.
    lost_write_back: u64,
}

/// A file's bytes, now and flushed.
#[derive(Clone)]
struct Content {
    now: Image,
    durable: Image,
    unflushed: Unflushed<Change>,
    locked_by: Option<u64>,
    /// Whoever holds the lock is dead: it is free once its last operation has landed.
    lock_is_late: bool,
    open: u32,
    /// Without a name: its pages are not counted any more.
    removed: bool,
}

/// Changes that have happened, in that order, and are not known to be flushed.
#[derive(Clone)]
struct Unflushed<C> {
    changes: VecDeque<Landed<C>>,
    /// Changes that have left the front.
    gone: u64,
}

#[derive(Clone)]
struct Landed<C> {
    /// The operation's number: the order in which operations were handed over.
    number: u64,
    change: C,
    flushed: bool,
    /// A flush that was to cover it failed: no later one does.
    missed: bool,
}

impl<C> Unflushed<C> {
    fn new() -> Unflushed<C> {
        Unflushed { changes: VecDeque::new(), gone: 0 }
    }

    fn push(&mut self, number: u64, change: C, flushed: bool) {
        self.changes.push_back(Landed { number, change, flushed, missed: false });
    }

    /// A position behind all that has happened so far.
    fn mark(&self) -> u64 {
        self.gone + self.changes.len() as u64
    }

    fn flush_to(&mut self, mark: u64) {
        let count = usize::try_from(mark.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        let covered = self.changes.iter_mut().take(count).filter(|landed| !landed.missed);
        covered.for_each(|landed| landed.flushed = true);
    }

    /// A flush up to here failed: the kernel holds the pages for clean now, whatever became of
    /// them.
    fn miss_to(&mut self, mark: u64) {
        let count = usize::try_from(mark.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        let covered = self.changes.iter_mut().take(count).filter(|landed| !landed.flushed);
        covered.for_each(|landed| landed.missed = true);
    }

    /// Takes the oldest change if it is flushed.
    fn pop_flushed(&mut self) -> Option<C> {
        if !self.changes.front()?.flushed {
            return None;
        }
        self.gone += 1;
        self.changes.pop_front().map(|landed| landed.change)
    }
}

/// An operation under way.
#[derive(Clone)]
struct Running {
    action: Action,
    error: Option<i32>,
    /// Its descriptor.
    open: Option<u64>,
    /// Its process is dead: it lands in the next world.
    is_late: bool,
}

#[derive(Clone)]
enum Action {
    Read { file: u64 },
    Write { file: u64, offset: u64, data: Slice, dsync: bool },
    Flush { file: u64, mark: u64, direct: bool },
    Allocate { file: u64, offset: u64, len: u64 },
    SetLen { file: u64, len: u64 },
    Open { path: PathBuf, how: Open },
    Names { call: NameCall },
    FlushDir { dir: PathBuf, mark: u64 },
    FlushAll { names: u64, files: Vec<(u64, u64)> },
}

/// What an operation's beginning tells the world.
pub(super) struct Begun {
    pub(super) number: u64,
    /// It will never complete.
    pub(super) frozen: bool,
    /// For the trace.
    pub(super) fact: u64,
    /// The error that it fails with at once.
    pub(super) refused: Option<i32>,
}

/// An open file of this disk.
pub(crate) struct OpenFile {
    disk: Disk,
    file: u64,
    id: u64,
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenFile({})", self.file)
    }
}

fn errno<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}

impl State {
    fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn content(&mut self, file: u64) -> &mut Content {
        self.files.get_mut(&file).expect("because open and named files are kept")
    }

    fn new_content(&mut self) -> u64 {
        let number = self.next_number();
        self.files.insert(
            number,
            Content {
                now: Image::default(),
                durable: Image::default(),
                unflushed: Unflushed::new(),
                locked_by: None,
                lock_is_late: false,
                open: 0,
                removed: false,
            },
        );
        number
    }

    /// Moves what is flushed from the front of the unflushed changes into the durable image.
    fn settle(&mut self, file: u64) {
        let content = self.content(file);
        while let Some(change) = content.unflushed.pop_flushed() {
            content.durable.apply(&change);
        }
    }

    fn settle_names(&mut self) {
        while let Some(changes) = self.unflushed_names.pop_flushed() {
            names::apply(&mut self.durable_names, &changes);
        }
    }

    /// Forgets files that nobody can reach any more, not even after a crash.
    fn sweep(&mut self) {
        let pending = self.unflushed_names.changes.iter().flat_map(|landed| &landed.change);
        let mut reached: Vec<u64> = self
            .names
            .values()
            .chain(self.durable_names.values())
            .chain(pending.filter_map(|change| change.node.as_ref()))
            .filter_map(|node| match node {
                Node::File(file) => Some(*file),
                Node::Dir => None,
            })
            .collect();
        reached.sort_unstable();
        let running: Vec<u64> = self.running.values().filter_map(|r| r.action.file()).collect();
        self.files.retain(|file, content| {
            content.open > 0 || reached.binary_search(file).is_ok() || running.contains(file)
        });
    }
}

impl Action {
    fn file(&self) -> Option<u64> {
        match self {
            Action::Read { file }
            | Action::Write { file, .. }
            | Action::Flush { file, .. }
            | Action::Allocate { file, .. }
            | Action::SetLen { file, .. } => Some(*file),
            Action::Open { .. }
            | Action::Names { .. }
            | Action::FlushDir { .. }
            | Action::FlushAll { .. } => None,
        }
    }
}

impl Disk {
    /// An empty disk of this many bytes, whose sectors of `sector_bytes` (512 or 4096) are written
    /// whole or not at all. Direct I/O is in whole sectors.
    pub fn new(capacity_bytes: u64, sector_bytes: usize) -> Disk {
        assert!(sector_bytes == 512 || sector_bytes == 4096, "sectors of 512 or 4096 bytes");
        let root = BTreeMap::from([(PathBuf::from("/"), Node::Dir)]);
        let state = State {
            capacity_pages: capacity_bytes / image::PAGE as u64,
            used_pages: 0,
            sector_bytes,
            zero: zero_page(),
            files: BTreeMap::new(),
            names: root.clone(),
            durable_names: root,
            unflushed_names: Unflushed::new(),
            running: BTreeMap::new(),
            late_taken: false,
            numbers: 0,
            writes: 0,
            freeze_after: u64::MAX,
            rules: Vec::new(),
            lost_write_back: 0,
        };
        Disk { state: Rc::new(RefCell::new(state)) }
    }

    /// A copy that shares its pages until they are written. What is under way has not happened in
    /// it, nothing is open or locked, and no rule and no freeze holds; what a dead process left
    /// behind ([`Disk::kill_late`]) is still to land in it.
    pub fn snapshot(&self) -> Disk {
        let mut state = self.state.borrow().clone();
        state.release_all();
        Disk { state: Rc::new(RefCell::new(state)) }
    }

    /// Write-like operations handed to this disk so far: writes, flushes, reservations, cuts, and
    /// whatever changes or flushes names.
    pub fn writes(&self) -> u64 {
        self.state.borrow().writes
    }

    /// Write-like operations after the first `n` (in the count of [`Disk::writes`]) never complete.
    pub fn freeze_after(&self, n: u64) {
        self.state.borrow_mut().freeze_after = n;
    }

    /// Changes the capacity.
    pub fn set_capacity(&self, bytes: u64) {
        self.state.borrow_mut().capacity_pages = bytes / image::PAGE as u64;
    }

    /// Bytes that files take up now, holes not counted.
    pub fn used(&self) -> u64 {
        self.state.borrow().used_pages * image::PAGE as u64
    }

    /// All files with their lengths, sorted by path.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let state = self.state.borrow();
        let lengths = state.names.iter().filter_map(|(path, node)| match node {
            Node::File(file) => Some((path.clone(), state.files[file].now.len())),
            Node::Dir => None,
        });
        lengths.collect()
    }

    /// A file's bytes as a reader sees them now.
    pub fn contents(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.state.borrow();
        let Some(Node::File(file)) = state.names.get(path) else { return errno(libc::ENOENT) };
        let image = &state.files[file].now;
        let len = usize::try_from(image.len()).expect("because a memory disk fits into memory");
        let mut bytes = vec![0; len];
        image.read(0, &mut bytes);
        Ok(bytes)
    }

    /// Puts a file there, with the directories above it, all flushed.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        self.remove(path);
        if let Some(parent) = path.parent() {
            self.make_dir(parent);
        }
        let mut state = self.state.borrow_mut();
        let file = state.new_content();
        let zero = state.zero.clone();
        let content = state.content(file);
        let grown = content.now.write(0, bytes, &zero);
        content.durable = content.now.clone();
        state.used_pages += grown;
        state.names.insert(path.to_owned(), Node::File(file));
        state.durable_names.insert(path.to_owned(), Node::File(file));
    }

    /// Makes a directory and those above it, all flushed.
    pub fn make_dir(&self, path: &Path) {
        let mut state = self.state.borrow_mut();
        for dir in path.ancestors().filter(|dir| !dir.as_os_str().is_empty()) {
            state.names.insert(dir.to_owned(), Node::Dir);
            state.durable_names.insert(dir.to_owned(), Node::Dir);
        }
    }

    /// Removes a file, flushed.
    pub fn remove(&self, path: &Path) {
        let mut state = self.state.borrow_mut();
        if let Some(Node::File(file)) = state.names.remove(path) {
            state.drop_pages(file);
        }
        state.durable_names.remove(path);
    }
}

/// Takes the lock of an open file, for as long as it is open.
pub(crate) fn try_lock(handle: &crate::driver::Handle) -> io::Result<bool> {
    let open = open_file(handle);
    let mut state = open.disk.state.borrow_mut();
    let content = state.content(open.file);
    let holder = *content.locked_by.get_or_insert(open.id);
    Ok(holder == open.id)
}

/// The length of an open file.
pub(crate) fn file_len(handle: &crate::driver::Handle) -> io::Result<u64> {
    let open = open_file(handle);
    let mut state = open.disk.state.borrow_mut();
    Ok(state.content(open.file).now.len())
}

fn open_file(handle: &crate::driver::Handle) -> &OpenFile {
    match handle.thing() {
        crate::driver::Thing::SimFile(file) => file,
        _ => unreachable!("a file's handle is an open file"),
    }
}

/// The last handle of an open file is gone.
pub(super) fn close_file(open: &OpenFile) {
    let mut state = open.disk.state.borrow_mut();
    let content = state.content(open.file);
    content.locked_by.take_if(|holder| *holder == open.id);
    content.open -= 1;
}
