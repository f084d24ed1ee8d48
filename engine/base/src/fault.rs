//! A fault is I/O or corruption with its place. It is final: it poisons the data directory or keeps
//! the rotten bytes from being served; it is never retried and never guessed at.

use std::fmt;

/// What kind of fault, by what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A write or a flush failed: the data directory stops and comes back only through recovery.
    WriteFailed,
    /// A read failed: the bytes cannot be had from this device now.
    ReadFailed,
    /// Bytes are not what was written: reported, kept from being served, never cut away.
    Rot,
    /// A file that must be there is not.
    Missing,
    /// The directory is of another format, another owner, or another process has it.
    Refused,
}

/// A fault and where it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What follows from it.
    pub kind: FaultKind,
    /// The file or directory, as its owner names it.
    pub place: String,
    /// Byte position in the file, where one is known.
    pub position: Option<u64>,
    /// What was found, in words.
    pub detail: String,
}

impl Fault {
    /// A fault of a whole file or directory.
    pub fn new(kind: FaultKind, place: impl Into<String>, detail: impl Into<String>) -> Fault {
        Fault { kind, place: place.into(), position: None, detail: detail.into() }
    }

    /// A fault at a byte position of a file.
    pub fn at(
        kind: FaultKind,
        place: impl Into<String>,
        position: u64,
        detail: impl Into<String>,
    ) -> Fault {
        Fault { kind, place: place.into(), position: Some(position), detail: detail.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            FaultKind::WriteFailed => "write failed",
            FaultKind::ReadFailed => "read failed",
            FaultKind::Rot => "rot",
            FaultKind::Missing => "missing",
            FaultKind::Refused => "refused",
        };
        match self.position {
            Some(position) => {
                write!(f, "{kind}: {} at byte {position}: {}", self.place, self.detail)
            }
            None => write!(f, "{kind}: {}: {}", self.place, self.detail),
        }
    }
}

impl std::error::Error for Fault {}
