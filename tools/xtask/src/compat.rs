//! docs/COMPAT.md, printed by the code that it describes.
//!
//! Kept true: what is committed is what the program prints, or `--check` fails.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

const PAGE: &str = "docs/COMPAT.md";

/// Writes the page, or with `check` fails where it is stale.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let printed = Command::new("cargo")
        .args(["run", "--quiet", "--package", "net-wire", "--example", "compat"])
        .current_dir(root)
        .output()?;
    let said = String::from_utf8_lossy(&printed.stderr);
    ensure!(printed.status.success(), "the page could not be printed: {said}");
    let page = root.join(PAGE);
    if check {
        let known = std::fs::read(&page).unwrap_or_default();
        ensure!(known == printed.stdout, "{PAGE} is stale: run cargo xtask codegen");
    } else {
        std::fs::write(&page, printed.stdout)?;
    }
    Ok(())
}
