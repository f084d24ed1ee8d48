//! Files and directories, the same names over a real disk and a simulated one.
//!
//! Kept true: a write begins at the call, in call order; a write is all bytes or an error; dropping a
//! future never stops the operation; a file closes after its last operation, not in somebody's `Drop`.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::buf::{Buf, Slice};
use crate::core::Core;

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
}

/// An open file. A clone is another handle to the same descriptor.
#[derive(Clone)]
pub struct File(PhantomData<Rc<()>>);

impl File {
    /// Reads `len` bytes from `offset` into the buffer's room. Fewer only at the end of the file.
    ///
    /// Panics if `len` exceeds the room. A direct read asks for whole blocks.
    pub async fn read_at(&self, buf: Buf, offset: u64, len: usize) -> (io::Result<usize>, Buf) {
        let _ = (offset, len);
        (Err(io::ErrorKind::Unsupported.into()), buf)
    }

    /// Writes all of `data` at `offset`. The operation starts now, whether or not the future is polled.
    pub fn write_at(&self, data: Slice, offset: u64, sync: Sync) -> Write {
        let _ = (data, offset, sync);
        unreachable!("not built yet")
    }

    /// Flushes what was written before, and what is needed to read it (`fdatasync`).
    pub async fn sync_data(&self) -> io::Result<()> {
        unreachable!("not built yet")
    }

    /// Flushes what was written before, with all metadata (`fsync`).
    pub async fn sync_all(&self) -> io::Result<()> {
        unreachable!("not built yet")
    }

    /// Reserves space, and grows the file to `offset + len` if it is shorter (`fallocate`, mode 0).
    pub async fn allocate(&self, offset: u64, len: u64) -> io::Result<()> {
        let _ = (offset, len);
        unreachable!("not built yet")
    }

    /// Cuts or grows the file.
    pub async fn set_len(&self, len: u64) -> io::Result<()> {
        let _ = len;
        unreachable!("not built yet")
    }

    /// The file's length in bytes.
    pub async fn len(&self) -> io::Result<u64> {
        unreachable!("not built yet")
    }

    /// Takes the file's lock for this descriptor, until its last operation is over. False: taken.
    pub fn try_lock(&self) -> io::Result<bool> {
        unreachable!("not built yet")
    }

    /// The path it was opened with.
    pub fn path(&self) -> &Path {
        unreachable!("not built yet")
    }
}

/// A write under way; see [`File::write_at`].
pub struct Write(PhantomData<Rc<()>>);

impl Future for Write {
    type Output = io::Result<()>;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        unreachable!("not built yet")
    }
}

impl Core {
    /// Opens a file.
    pub async fn open(&self, path: &Path, how: Open) -> io::Result<File> {
        let _ = (path, how);
        unreachable!("not built yet")
    }

    /// Makes a directory and those above it. Their own names are not flushed: see [`Core::sync_dir`].
    pub async fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        unreachable!("not built yet")
    }

    /// Removes a file's name.
    pub async fn remove_file(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        unreachable!("not built yet")
    }

    /// Removes an empty directory.
    pub async fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        unreachable!("not built yet")
    }

    /// Gives a file another name, replacing what has it.
    pub async fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let _ = (from, to);
        unreachable!("not built yet")
    }

    /// Flushes a directory: the names made, changed and removed in it.
    pub async fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let _ = dir;
        unreachable!("not built yet")
    }

    /// Flushes the whole file system that `dir` is on (`syncfs`), on the helper thread.
    pub async fn sync_file_system(&self, dir: &Path) -> io::Result<()> {
        let _ = dir;
        unreachable!("not built yet")
    }

    /// The names in a directory, sorted.
    pub async fn list_dir(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let _ = dir;
        unreachable!("not built yet")
    }

    /// Whether something has this name.
    pub async fn exists(&self, path: &Path) -> io::Result<bool> {
        let _ = path;
        unreachable!("not built yet")
    }

    /// Room on the file system of `dir`.
    pub async fn disk_space(&self, dir: &Path) -> io::Result<DiskSpace> {
        let _ = dir;
        unreachable!("not built yet")
    }

    /// The alignment that direct I/O in `dir` asks of offsets, lengths and memory, in bytes; an error if
    /// the file system has no direct I/O.
    pub async fn direct_io_works(&self, dir: &Path) -> io::Result<usize> {
        let _ = dir;
        unreachable!("not built yet")
    }

    /// Differs from boot to boot: what one boot wrote unflushed is gone after the next.
    pub async fn boot_id(&self) -> io::Result<String> {
        unreachable!("not built yet")
    }
}
