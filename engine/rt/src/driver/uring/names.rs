//! Calls that block and are rare: names, directories, flushes and lengths, made by one helper thread.
//!
//! Kept true: the ring carries only what the kernel can do without a worker thread of its own; all else
//! goes through one bounded queue to the helper. A descriptor stays open until its call has answered,
//! because the operation's slot holds it.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::disk::{Create, DirEntry, DiskSpace, Open};
use crate::op::{Key, NameCall};
use crate::wake::Home;

/// Calls that wait for the helper; more are refused.
const QUEUE_MAX: usize = 4096;

/// What the helper is asked.
pub(super) enum Call {
    Names(NameCall),
    Open(std::path::PathBuf, Open),
    Flush(RawFd, bool),
    Allocate(RawFd, u64, u64),
    SetLen(RawFd, u64),
}

/// What it answers: values that may cross threads.
pub(super) enum Reply {
    Done,
    Flag(bool),
    Count(usize),
    Opened(OwnedFd),
    Entries(Vec<DirEntry>),
    Space(DiskSpace),
    Text(String),
}

type Answers = Arc<Mutex<Vec<(Key, io::Result<Reply>)>>>;

/// The thread and the two queues between it and the core.
pub(super) struct Helper {
    calls: Option<SyncSender<(Key, Call)>>,
    answers: Answers,
    thread: Option<JoinHandle<()>>,
}

impl Helper {
    /// Starts the thread; its answers knock at `home`.
    pub(super) fn start(home: &Arc<Home>) -> io::Result<Helper> {
        let (calls, queue) = sync_channel(QUEUE_MAX);
        let answers = Answers::default();
        let (sent, bell) = (Arc::clone(&answers), Arc::clone(home));
        let thread = std::thread::Builder::new()
            .name(String::from("rt-names"))
            .spawn(move || serve(&queue, &sent, &bell))?;
        Ok(Helper { calls: Some(calls), answers, thread: Some(thread) })
    }

    /// Hands a call over.
    pub(super) fn ask(&self, key: Key, call: Call) -> io::Result<()> {
        let calls = self.calls.as_ref().expect("because the queue is open until the core ends");
        calls.try_send((key, call)).map_err(|error| match error {
            TrySendError::Full(_) => io::Error::other("too many calls wait for the file system"),
            TrySendError::Disconnected(_) => io::Error::other("the helper thread has ended"),
        })
    }

    /// The answers that have come, into `into`.
    pub(super) fn take(&self, into: &mut Vec<(Key, io::Result<Reply>)>) {
        into.append(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // Closing the queue ends the thread after the calls that are in it.
        self.calls = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            // It panicked and said so; the core is ending anyway.
        }
    }
}

fn serve(queue: &Receiver<(Key, Call)>, answers: &Answers, home: &Arc<Home>) {
    while let Ok((key, call)) = queue.recv() {
        let answer = make(call);
        answers.lock().unwrap_or_else(PoisonError::into_inner).push((key, answer));
        home.knock();
    }
}

fn make(call: Call) -> io::Result<Reply> {
    match call {
        Call::Names(call) => name(call),
        Call::Open(path, how) => open(&path, how).map(Reply::Opened),
        Call::Flush(fd, data_only) => retry(|| {
            // SAFETY: a plain call on a descriptor that the waiting operation keeps open.
            unsafe { if data_only { libc::fdatasync(fd) } else { libc::fsync(fd) } }
        }),
        Call::Allocate(fd, offset, len) => {
            let (offset, len) = (signed(offset)?, signed(len)?);
            // SAFETY: as above.
            retry(|| unsafe { libc::fallocate(fd, 0, offset, len) })
        }
        Call::SetLen(fd, len) => {
            let len = signed(len)?;
            // SAFETY: as above.
            retry(|| unsafe { libc::ftruncate(fd, len) })
        }
    }
}

fn signed(bytes: u64) -> io::Result<i64> {
    i64::try_from(bytes).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))
}

/// Repeats a call that a signal interrupted before it did anything.
fn retry(mut call: impl FnMut() -> libc::c_int) -> io::Result<Reply> {
    loop {
        if call() >= 0 {
            return Ok(Reply::Done);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn name(call: NameCall) -> io::Result<Reply> {
    match call {
        NameCall::CreateDirAll(path) => fs::create_dir_all(path).map(|()| Reply::Done),
        NameCall::RemoveFile(path) => fs::remove_file(path).map(|()| Reply::Done),
        NameCall::RemoveDir(path) => fs::remove_dir(path).map(|()| Reply::Done),
        NameCall::Rename(from, to) => fs::rename(from, to).map(|()| Reply::Done),
        NameCall::SyncDir(path) => fs::File::open(path)?.sync_all().map(|()| Reply::Done),
        NameCall::SyncFileSystem(path) => {
            let dir = fs::File::open(path)?;
            // SAFETY: a plain call on our own descriptor.
            retry(|| unsafe { libc::syncfs(dir.as_raw_fd()) })
        }
        NameCall::ListDir(path) => list(&path).map(Reply::Entries),
        NameCall::Exists(path) => fs::exists(path).map(Reply::Flag),
        NameCall::DiskSpace(path) => space(&path).map(Reply::Space),
        NameCall::DirectAlignment(path) => direct_alignment(&path).map(Reply::Count),
        NameCall::BootId => {
            let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
            Ok(Reply::Text(id.trim().to_owned()))
        }
    }
}

fn list(path: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let facts = match entry.metadata() {
            Ok(facts) => facts,
            // Removed between the listing and the question.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let len = if facts.is_dir() { 0 } else { facts.len() };
        let name = entry.file_name().to_string_lossy().into_owned();
        entries.push(DirEntry { name, is_dir: facts.is_dir(), len });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn space(path: &Path) -> io::Result<DiskSpace> {
    let path = c_path(path)?;
    // SAFETY: all zeros are a valid statvfs.
    let mut facts: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a zero byte and the place is valid.
    if unsafe { libc::statvfs(path.as_ptr(), &raw mut facts) } < 0 {
        return Err(io::Error::last_os_error());
    }
    let unit = facts.f_frsize;
    Ok(DiskSpace { total: facts.f_blocks * unit, free: facts.f_bavail * unit })
}

fn open(path: &Path, how: Open) -> io::Result<OwnedFd> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(how.write);
    match how.create {
        Create::No => {}
        Create::Yes => {
            options.create(true).truncate(false);
        }
        Create::New => {
            options.create_new(true);
        }
    }
    if how.direct {
        options.custom_flags(libc::O_DIRECT);
    }
    options.open(path).map(OwnedFd::from)
}

/// Opens a nameless file past the page cache and asks what alignment it wants.
fn direct_alignment(dir: &Path) -> io::Result<usize> {
    let flags = libc::O_TMPFILE | libc::O_RDWR | libc::O_DIRECT | libc::O_CLOEXEC;
    let path = c_path(dir)?;
    // SAFETY: the path ends with a zero byte; the mode goes with O_TMPFILE.
    let fd = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    let file = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: all zeros are a valid statx.
    let mut facts: libc::statx = unsafe { std::mem::zeroed() };
    // SAFETY: an empty path names the descriptor itself, and the place is valid.
    let failed = unsafe {
        libc::statx(
            file.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH,
            libc::STATX_DIOALIGN,
            &raw mut facts,
        )
    };
    if failed < 0 {
        return Err(io::Error::last_os_error());
    }
    if facts.stx_mask & libc::STATX_DIOALIGN == 0 {
        return Ok(engine_base::limits::BLOCK_BYTES);
    }
    let alignment = facts.stx_dio_offset_align.max(facts.stx_dio_mem_align) as usize;
    if alignment == 0 {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "no direct I/O on this file system",
        ));
    }
    Ok(alignment)
}

/// Takes a file's lock if nobody has it; it ends with the file's last operation, not with the process.
pub(crate) fn try_lock(fd: RawFd) -> io::Result<bool> {
    // SAFETY: a plain call on our own descriptor.
    if unsafe { libc::flock(fd, libc::LOCK_EX | libc::LOCK_NB) } == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    if error.kind() == io::ErrorKind::WouldBlock { Ok(false) } else { Err(error) }
}

/// A file's length in bytes.
pub(crate) fn file_len(fd: RawFd) -> io::Result<u64> {
    // SAFETY: the descriptor is open; the file is given back below, not closed.
    let file = unsafe { fs::File::from_raw_fd(fd) };
    let len = file.metadata().map(|facts| facts.len());
    let _ = file.into_raw_fd();
    len
}
