//! Calls about names and descriptors that simply block: what the clerk does, and what is quick
//! enough for the core.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::clerk::Told;
use super::socket::checked;
use crate::disk::{Create, DirEntry, DiskSpace, Open};
use crate::op::NameCall;

/// What direct I/O asks for where the kernel cannot say (before 6.1).
const ALIGNMENT_GUESS: usize = 4096;

pub(super) fn call(call: &NameCall) -> io::Result<Told> {
    match call {
        NameCall::CreateDirAll(path) => fs::create_dir_all(path).map(|()| Told::Done),
        NameCall::RemoveFile(path) => fs::remove_file(path).map(|()| Told::Done),
        NameCall::RemoveDir(path) => fs::remove_dir(path).map(|()| Told::Done),
        NameCall::Rename(from, to) => fs::rename(from, to).map(|()| Told::Done),
        NameCall::SyncDir(path) => fs::File::open(path)?.sync_all().map(|()| Told::Done),
        NameCall::ListDir(path) => entries(path).map(Told::Entries),
        NameCall::Exists(path) => match fs::symlink_metadata(path) {
            Ok(_) => Ok(Told::Flag(true)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Told::Flag(false)),
            Err(error) => Err(error),
        },
        NameCall::DiskSpace(path) => disk_space(path).map(Told::Space),
        NameCall::DirectAlignment(path) => direct_alignment(path).map(Told::Count),
        NameCall::BootId => fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|id| Told::Text(id.trim().to_owned())),
    }
}

fn entries(dir: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        // It may have gone since: then it is not there.
        let Ok(metadata) = entry.metadata() else { continue };
        let is_dir = metadata.is_dir();
        let len = if is_dir { 0 } else { metadata.len() };
        let name = entry.file_name().to_string_lossy().into_owned();
        entries.push(DirEntry { name, is_dir, len });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a path holds no zero byte"))
}

fn disk_space(dir: &Path) -> io::Result<DiskSpace> {
    let path = c_path(dir)?;
    // SAFETY: all zeros is a valid struct of counters, to be overwritten.
    let mut found: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: reads a path that ends with zero and writes one struct, both ours.
    checked(unsafe { libc::statfs(path.as_ptr(), &raw mut found) })?;
    let unit = u64::try_from(found.f_frsize).unwrap_or(0);
    let kind = found.f_type.cast_unsigned() & 0xffff_ffff;
    Ok(DiskSpace {
        total: found.f_blocks * unit,
        free: found.f_bavail * unit,
        copy_on_write: COPY_ON_WRITE.iter().find(|(magic, _)| *magic == kind).map(|(_, n)| *n),
    })
}

/// File systems that never write in place, by their numbers (statfs(2); bcachefs and ZFS name
/// theirs in their sources).
const COPY_ON_WRITE: [(u64, &str); 3] =
    [(0x9123_683e, "btrfs"), (0xca45_1a4e, "bcachefs"), (0x2fc1_2fc1, "zfs")];

/// Tries it on a file of its own: only regular files tell, and only by trying.
fn direct_alignment(dir: &Path) -> io::Result<usize> {
    let path = dir.join(format!(".direct-io-{}", std::process::id()));
    let mut how = fs::OpenOptions::new();
    how.write(true).create(true).truncate(true).custom_flags(libc::O_DIRECT);
    let opened = how.open(&path);
    let alignment = opened.and_then(|file| told_alignment(file.as_raw_fd()));
    match (alignment, fs::remove_file(&path)) {
        (Ok(alignment), Ok(())) => Ok(alignment),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn told_alignment(fd: RawFd) -> io::Result<usize> {
    // SAFETY: all zeros is a valid struct of numbers, to be overwritten.
    let mut found: libc::statx = unsafe { std::mem::zeroed() };
    let (flags, mask) = (libc::AT_EMPTY_PATH, libc::STATX_DIOALIGN);
    // SAFETY: reads an empty path and writes one struct of ours.
    checked(unsafe { libc::statx(fd, c"".as_ptr(), flags, mask, &raw mut found) })?;
    if found.stx_mask & libc::STATX_DIOALIGN == 0 {
        return Ok(ALIGNMENT_GUESS);
    }
    if found.stx_dio_offset_align == 0 {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this file system has no direct I/O",
        ));
    }
    Ok(found.stx_dio_offset_align.max(found.stx_dio_mem_align).max(512) as usize)
}

pub(super) fn open(path: &Path, how: Open) -> io::Result<OwnedFd> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(how.write).mode(0o640);
    match how.create {
        Create::No => {}
        Create::Yes => drop(options.create(true)),
        Create::New => drop(options.create_new(true)),
    }
    if how.direct {
        options.custom_flags(libc::O_DIRECT);
    }
    options.open(path).map(OwnedFd::from)
}

pub(super) fn flush(fd: RawFd, data_only: bool) -> io::Result<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { if data_only { libc::fdatasync(fd) } else { libc::fsync(fd) } }).map(drop)
}

pub(super) fn flush_file_system(fd: RawFd) -> io::Result<()> {
    // SAFETY: no memory is involved.
    checked(unsafe { libc::syncfs(fd) }).map(drop)
}

pub(super) fn allocate(fd: RawFd, offset: u64, len: u64) -> io::Result<()> {
    let (offset, len) = (signed(offset)?, signed(len)?);
    loop {
        // SAFETY: no memory is involved.
        match checked(unsafe { libc::fallocate(fd, 0, offset, len) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map(drop),
        }
    }
}

fn signed(bytes: u64) -> io::Result<libc::off_t> {
    libc::off_t::try_from(bytes).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))
}

pub(super) fn set_len(fd: RawFd, len: u64) -> io::Result<()> {
    let len = signed(len)?;
    // SAFETY: no memory is involved.
    checked(unsafe { libc::ftruncate(fd, len) }).map(drop)
}

/// From the kernel's generator for secrets.
pub(crate) fn secret() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    io::Read::read_exact(&mut fs::File::open("/dev/urandom")?, &mut bytes)?;
    Ok(bytes)
}

pub(crate) fn try_lock(fd: RawFd) -> io::Result<bool> {
    // SAFETY: no memory is involved.
    match checked(unsafe { libc::flock(fd, libc::LOCK_EX | libc::LOCK_NB) }) {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EWOULDBLOCK) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(crate) fn file_len(fd: RawFd) -> io::Result<u64> {
    // SAFETY: all zeros is a valid struct of numbers, to be overwritten.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: writes one struct of ours.
    checked(unsafe { libc::fstat(fd, &raw mut found) })?;
    u64::try_from(found.st_size).map_err(|_| io::Error::other("a negative file length"))
}
