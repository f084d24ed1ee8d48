//! A data directory taken for a look, without a node on it.
//!
//! Kept true: as long as it is held no node starts on it, and nothing of it is changed from here.

use std::path::{Path, PathBuf};

use engine_base::{Fault, FaultKind};
use engine_rt::Core;

use crate::directory::{Directory, Found, look};
use crate::options::Format;

/// A formatted data directory that nobody else has.
pub struct Inspection {
    directory: Directory,
}

impl Inspection {
    /// Takes a data directory. One that is missing, not ours, or in use by a node is
    /// [`FaultKind::Refused`].
    pub async fn take(core: &Core, path: &Path) -> Result<Inspection, Fault> {
        match look(core, path, Format::Never).await? {
            (Found::Formatted(meta), lock) => {
                Ok(Inspection { directory: Directory { path: path.to_path_buf(), meta, lock } })
            }
            (Found::Unfinished(_) | Found::Fresh, _) => {
                let why = "its formatting was never finished: nothing was ever kept in it";
                Err(Fault::new(FaultKind::Refused, path.display().to_string(), why))
            }
        }
    }

    /// The directories of the shards that must be in it.
    pub fn shards(&self) -> Vec<PathBuf> {
        let shards = self.directory.meta.shards.iter();
        shards.map(|(index, _)| self.directory.shard(*index)).collect()
    }

    /// Lets others in again.
    pub fn release(self) {
        self.directory.release();
    }
}
