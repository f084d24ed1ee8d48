//! A small disk of its own: an image file with ext4, mounted through a loop device.
//!
//! Kept true: what was mounted is unmounted again, whatever the test came to.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// A mounted image. Dropped, it is unmounted.
#[derive(Debug)]
pub struct Mount {
    point: PathBuf,
}

impl Mount {
    /// A disk of so many bytes inside the folder; `None` where this process may not mount, with a
    /// line `skipped: why` on the terminal.
    ///
    /// # Errors
    /// When the image cannot be made, or not be mounted and BOBBIN_MUST_MOUNT=1.
    pub fn new(folder: &crate::Folder, bytes: u64) -> Result<Option<Mount>> {
        let (image, point) = (folder.path("disk.img"), folder.path("disk"));
        File::create(&image).and_then(|file| file.set_len(bytes)).context("the disk's image")?;
        std::fs::create_dir_all(&point).context("the mount point")?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        let mounted = run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&point));
        if let Err(error) = mounted {
            let must = std::env::var_os("BOBBIN_MUST_MOUNT").is_some_and(|value| value == "1");
            anyhow::ensure!(!must, "BOBBIN_MUST_MOUNT=1, and no disk of our own: {error:#}");
            // `cargo xtask` counts and repeats these lines.
            println!("skipped: a disk of our own cannot be mounted here: {error:#}");
            return Ok(None);
        }
        Ok(Some(Mount { point }))
    }

    /// Where the disk is.
    pub fn path(&self) -> &Path {
        &self.point
    }

    /// Takes so many bytes of the disk with a file of this name.
    ///
    /// # Errors
    /// When there are not as many.
    pub fn fill(&self, name: &str, bytes: u64) -> Result<()> {
        run(Command::new("fallocate").args(["-l", &bytes.to_string()]).arg(self.point.join(name)))
    }

    /// Gives them back.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn free(&self, name: &str) -> Result<()> {
        std::fs::remove_file(self.point.join(name)).context("giving space back")
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(error) = run(Command::new("umount").arg(&self.point)) {
            eprintln!("{error:#}");
        }
    }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {command:?}"))?;
    anyhow::ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
