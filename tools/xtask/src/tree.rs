//! Where the tree is.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The root of the workspace: the nearest folder upwards that holds `tools/xtask`.
pub(crate) fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("there is no current folder")?;
    for folder in here.ancestors() {
        if folder.join("tools/xtask/Cargo.toml").is_file() {
            return Ok(folder.to_path_buf());
        }
    }
    bail!("{} is not inside Bobbin's tree", here.display())
}
