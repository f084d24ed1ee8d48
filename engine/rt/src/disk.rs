//! Files and directories, the same names over a real disk and a simulated one.
//!
//! Kept true: a write begins at the call, in call order; a write is all bytes or an error; dropping
//! a future never stops the operation; a file closes after its last operation, not in somebody's
//! `Drop`.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::buf::{Buf, Slice};
use crate::core::{Core, Inner};
use crate::driver::Handle;
use crate::op::{NameCall, Op, Request, Value};

/// How to open a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// For reading and writing; otherwise only for reading.
    pub write: bool,
    /// What if it does not exist.
    pub create: Create,
    /// Past the page cache: memory, offsets and lengths are whole blocks (`Core::direct_io_works`).
    pub direct: bool,
}

/// What opening does about a missing or an existing file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Create {
    /// It must exist.
    #[default]
    No,
    /// It is made if it does not exist.
    Yes,
    /// It is made and must not exist.
    New,
}

/// Whether a write comes back flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// The device has it, perhaps in its cache.
    No,
    /// The bytes and what is needed to read them survive power loss (`RWF_DSYNC`).
    Dsync,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The last part of its path.
    pub name: String,
    /// Whether it is a directory itself.
    pub is_dir: bool,
    /// Length in bytes; 0 for a directory.
    pub len: u64,
}

/// Room on a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Of the whole file system.
    pub total: u64,
    /// Left for us.
    pub free: u64,
    /// The file system's name, if it writes in place nowhere: a write into an allocated file may
    /// find the disk full there, and a flushed one costs several.
    pub copy_on_write: Option<&'static str>,
}

/// An open file. A clone is another handle to the same descriptor.
#[derive(Clone)]
pub struct File {
    core: Rc<Inner>,
    inner: Rc<FileInner>,
}

/// A descriptor; it lives as long as somebody or an operation under way has it.
pub(crate) struct FileInner {
    pub(crate) handle: Handle,
    pub(crate) path: PathBuf,
    pub(crate) direct: bool,
}

impl File {
    /// Reads `len` bytes from `offset` into the buffer's room. Fewer only at the end of the file.
    ///
    /// Panics if `len` exceeds the room. A direct read asks for whole blocks, into a whole block.
    pub async fn read_at(&self, buf: Buf, offset: u64, len: usize) -> (io::Result<usize>, Buf) {
        assert!(len <= buf.room(), "a read fits into the buffer");
        let file = Rc::clone(&self.inner);
        let op = Op::start(&self.core, Request::Read { file, buf, offset, len, done: 0 });
        match op.await {
            (Request::Read { buf, .. }, outcome) => (outcome.map(count), buf),
            _ => unreachable!("an operation gives its own request back"),
        }
    }

    /// Writes all of `data` at `offset`. The operation starts now, whether or not the future is
    /// polled.
    pub fn write_at(&self, data: Slice, offset: u64, sync: Sync) -> Write {
        let file = Rc::clone(&self.inner);
        Write(Op::start(&self.core, Request::Write { file, data, offset, sync, done: 0 }))
    }

    /// Flushes what was written before, and what is needed to read it (`fdatasync`).
    pub async fn sync_data(&self) -> io::Result<()> {
        self.plain(Request::Flush { file: Rc::clone(&self.inner), data_only: true }).await
    }

    /// Flushes what was written before, with all metadata (`fsync`).
    pub async fn sync_all(&self) -> io::Result<()> {
        self.plain(Request::Flush { file: Rc::clone(&self.inner), data_only: false }).await
    }

    /// Flushes the whole file system that this file is on (`syncfs`). Told are the write errors
    /// since **this descriptor** was opened: one that is opened for the flush never hears of
    /// those that came before.
    pub async fn sync_file_system(&self) -> io::Result<()> {
        self.plain(Request::FlushFileSystem { file: Rc::clone(&self.inner) }).await
    }

    /// Reserves space, and grows the file to `offset + len` if it is shorter (`fallocate`, mode 0).
    pub async fn allocate(&self, offset: u64, len: u64) -> io::Result<()> {
        self.plain(Request::Allocate { file: Rc::clone(&self.inner), offset, len }).await
    }

    /// Cuts or grows the file.
    pub async fn set_len(&self, len: u64) -> io::Result<()> {
        self.plain(Request::SetLen { file: Rc::clone(&self.inner), len }).await
    }

    /// The file's length in bytes.
    #[expect(clippy::unused_async, reason = "may become an operation")]
    pub async fn len(&self) -> io::Result<u64> {
        self.core.driver.file_len(&self.inner.handle)
    }

    /// Takes the file's lock for this descriptor, until its last operation is over. False: taken.
    pub fn try_lock(&self) -> io::Result<bool> {
        self.core.driver.try_lock(&self.inner.handle)
    }

    /// The path it was opened with.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    async fn plain(&self, request: Request) -> io::Result<()> {
        Op::start(&self.core, request).await.1.map(done)
    }
}

/// A write under way; see [`File::write_at`].
pub struct Write(Op);

impl Future for Write {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll(cx).map(|(_, outcome)| outcome.map(done))
    }
}

fn done(value: Value) {
    assert!(matches!(value, Value::Done), "nothing but success was asked for");
}

fn count(value: Value) -> usize {
    match value {
        Value::Count(bytes) => bytes,
        _ => unreachable!("a count was asked for"),
    }
}

fn flag(value: Value) -> bool {
    match value {
        Value::Flag(flag) => flag,
        _ => unreachable!("a yes or no was asked for"),
    }
}

impl Core {
    /// Opens a file.
    pub async fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        let op = Op::start(&self.inner, Request::Open { path: path.to_owned(), how });
        let (request, outcome) = op.await;
        match (request, outcome?) {
            (Request::Open { path, how }, Value::Handle(handle)) => Ok(File {
                core: Rc::clone(&self.inner),
                inner: Rc::new(FileInner { handle, path, direct: how.direct }),
            }),
            _ => unreachable!("an open answers with a handle"),
        }
    }

    async fn names(&self, call: NameCall) -> io::Result<Value> {
        Op::start(&self.inner, Request::Names(call)).await.1
    }

    /// Makes a directory and those above it. Their own names are not flushed: see
    /// [`Core::sync_dir`].
    pub async fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.names(NameCall::CreateDirAll(path.to_owned())).await.map(done)
    }

    /// Removes a file's name.
    pub async fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.names(NameCall::RemoveFile(path.to_owned())).await.map(done)
    }

    /// Removes an empty directory.
    pub async fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.names(NameCall::RemoveDir(path.to_owned())).await.map(done)
    }

    /// Gives a file another name, replacing what has it.
    pub async fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.names(NameCall::Rename(from.to_owned(), to.to_owned())).await.map(done)
    }

    /// Flushes a directory: the names made, changed and removed in it.
    pub async fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.names(NameCall::SyncDir(dir.to_owned())).await.map(done)
    }

    /// The names in a directory, sorted.
    pub async fn list_dir(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        match self.names(NameCall::ListDir(dir.to_owned())).await? {
            Value::Entries(entries) => Ok(entries),
            _ => unreachable!("entries were asked for"),
        }
    }

    /// Whether something has this name.
    pub async fn exists(&self, path: &Path) -> io::Result<bool> {
        self.names(NameCall::Exists(path.to_owned())).await.map(flag)
    }

    /// Room on the file system of `dir`.
    pub async fn disk_space(&self, dir: &Path) -> io::Result<DiskSpace> {
        match self.names(NameCall::DiskSpace(dir.to_owned())).await? {
            Value::Space(space) => Ok(space),
            _ => unreachable!("space was asked for"),
        }
    }

    /// The alignment that direct I/O in `dir` asks of offsets, lengths and memory, in bytes; an
    /// error if the file system has no direct I/O.
    pub async fn direct_io_works(&self, dir: &Path) -> io::Result<usize> {
        self.names(NameCall::DirectAlignment(dir.to_owned())).await.map(count)
    }

    /// Differs from boot to boot: what one boot wrote unflushed is gone after the next.
    pub async fn boot_id(&self) -> io::Result<String> {
        match self.names(NameCall::BootId).await? {
            Value::Text(text) => Ok(text),
            _ => unreachable!("text was asked for"),
        }
    }
}
